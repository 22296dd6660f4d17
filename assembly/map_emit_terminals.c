/* Text that gathers dofs and fills the inputs of the pointwise function. */
#include "assembly/map_emit.h"

static bool is_at_point(const gkt_emitter *e, const gkt_terminal *t) { return !e->map->functions[t->function]; }
static int basis_of(const gkt_emitter *e, const gkt_terminal *t) { return gkt_map_basis_of(e->map, t->function); }
static int size_of(const gkt_emitter *e, const gkt_terminal *t) { return e->map->rule.bases[basis_of(e, t)].size; }
static bool is_constant(const gkt_emitter *e, const gkt_terminal *t) { return !is_at_point(e, t) && gkt_basis_is_lagrange(&e->map->rule.bases[basis_of(e, t)], 0); }

bool gkt_emit_is_per_cell(const gkt_emitter *e, const gkt_terminal *t) {
  switch ((gkt_term_kind)t->kind) {
  case GKT_TERM_VALUE: return is_constant(e, t);
  case GKT_TERM_GRAD: return is_constant(e, t) || gkt_emit_is_linear(e, basis_of(e, t));
  case GKT_TERM_X: return false;
  case GKT_TERM_NORMAL: return e->affine;
  case GKT_TERM_CONSTANT:
  case GKT_TERM_H:
  case GKT_TERM_H_DIRECTION:
  case GKT_TERM_TIME: break;
  }
  return true;
}

static bool reads(const gkt_terminal *t, int function, int component) { return gkt_is_of_function(t) && t->function == function && (component < 0 || t->component == component); }

static bool is_read(const gkt_emitter *e, int function, int component) {
  for (int i = 0; i < gkt_pointwise_num_inputs(e->map->pointwise); i++)
    if (reads(gkt_pointwise_input(e->map->pointwise, i), function, component)) return true;
  return false;
}

static void gather(const gkt_emitter *e, int f) {
  const gkt_space *s = e->map->spaces[f];
  int size = s->bases[e->map->block].size;
  gkt_text_printf(e->text,
                  "    gkt_scalar u%d[%d][%d][GKT_LANES];\n"
                  "    GKT_UNROLL_NODES for (int a = 0; a < %d; a++) {\n"
                  "      GKT_FOR_LANES(l) {\n"
                  "        const gkt_scalar *u = d->values[%d] + (gkt_offset)",
                  f, size, s->block_size, size, f);
  if (e->vertices && gkt_space_has_nodes_of_mesh(s)) gkt_text_printf(e->text, "GKT_VERTEX(d, a)");
  else gkt_text_printf(e->text, "d->nodes[%d][(gkt_offset)cell[%c] * %d + a]", f, gkt_emit_cell_lane(e), size);
  gkt_text_printf(e->text, " * %d", s->block_size);
  if (e->sets) gkt_text_printf(e->text, " + set[l] * d->strides[%d]", f);
  gkt_text_printf(e->text, ";\n");
  for (int c = 0; c < s->block_size; c++)
    if (is_read(e, f, c)) gkt_text_printf(e->text, "        u%d[a][%d][l] = u[%d];\n", f, c, c);
  gkt_text_printf(e->text, "      }\n    }\n");
}

void gkt_emit_dofs(const gkt_emitter *e) {
  const int num_functions = gkt_form_num_functions(e->map->form);
  for (int f = 0; f < num_functions; f++)
    if (is_read(e, f, -1) && !gkt_space_is_at_points(e->map->spaces[f])) gather(e, f);
}

/* The share of one node, given as text. */
static void emit_product(const gkt_emitter *e, const gkt_terminal *t, const char *node) {
  if (t->kind == GKT_TERM_VALUE) gkt_text_printf(e->text, "p%d[%s]", basis_of(e, t), node);
  else gkt_emit_gradient(e, basis_of(e, t), node, t->direction);
  gkt_text_printf(e->text, " * u%d[%s][%d][l]", t->function, node, t->component);
}

static void emit_sum(const gkt_emitter *e, const gkt_terminal *t) {
  bool constant = is_constant(e, t);
  if (constant) gkt_text_printf(e->text, t->kind == GKT_TERM_VALUE ? "u%d[0][%d][l]" : "0", t->function, t->component);
  for (int a = 0; !constant && a < size_of(e, t); a++) {
    char node[12];
    snprintf(node, sizeof node, "%d", a);
    gkt_text_printf(e->text, a ? " + " : "");
    emit_product(e, t, node);
  }
}

/* Read where it stands: no basis, and no room for all points of a cell. */
static void emit_at_point(const gkt_emitter *e, const gkt_terminal *t) {
  const gkt_space *s = e->map->spaces[t->function];
  gkt_text_printf(e->text, "d->values[%d][", t->function);
  if (e->sets) gkt_text_printf(e->text, "set[l] * d->strides[%d] + ", t->function);
  gkt_text_printf(e->text, "(gkt_offset)d->nodes[%d][(gkt_offset)cell[%c] * %d + q] * %d + %d]", t->function, gkt_emit_cell_lane(e), s->bases[e->map->block].size, s->block_size,
                  t->component);
}

static void emit_position(const gkt_emitter *e, int component) {
  for (int i = 0; i < e->cells->nodes_per_cell; i++) gkt_text_printf(e->text, "%sp0[%d] * X[%d][%d][%c]", i ? " + " : "", i, i, component, gkt_emit_cell_lane(e));
}

static void emit_input(const gkt_emitter *e, const gkt_terminal *t) {
  switch ((gkt_term_kind)t->kind) {
  case GKT_TERM_VALUE:
  case GKT_TERM_GRAD:
    if (is_at_point(e, t)) emit_at_point(e, t);
    else emit_sum(e, t);
    break;
  case GKT_TERM_CONSTANT: gkt_text_printf(e->text, e->sets ? "d->constants[set[l] * d->constants_stride + %d]" : "d->constants[%d]", t->function); break;
  case GKT_TERM_X: emit_position(e, t->component); break;
  case GKT_TERM_NORMAL: gkt_text_printf(e->text, "n[%d][%c]", t->component, gkt_emit_cell_lane(e)); break;
  case GKT_TERM_H: gkt_text_printf(e->text, "h[%c]", gkt_emit_cell_lane(e)); break;
  case GKT_TERM_H_DIRECTION: gkt_text_printf(e->text, "hd[%d][%c]", t->component, gkt_emit_cell_lane(e)); break;
  case GKT_TERM_TIME: gkt_text_printf(e->text, "d->time"); break;
  }
}

/* Long sums are loops: compilers take long over long expressions. */
enum { LONGEST_SUM = 30 };
static bool is_long(const gkt_emitter *e, const gkt_terminal *t) { return gkt_is_of_function(t) && !is_at_point(e, t) && size_of(e, t) > LONGEST_SUM; }

static void emit_loop(const gkt_emitter *e, const gkt_terminal *t, int input) {
  gkt_text_printf(e->text, "      GKT_FOR_LANES(l) { in[%d][l] = 0; }\n      GKT_UNROLL_NODES for (int a = 0; a < %d; a++) {\n        GKT_FOR_LANES(l) { in[%d][l] += ", input,
                  size_of(e, t), input);
  emit_product(e, t, "a");
  gkt_text_printf(e->text, "; }\n      }\n");
}

void gkt_emit_inputs(const gkt_emitter *e, bool per_cell) {
  for (int i = 0, n = gkt_pointwise_num_inputs(e->map->pointwise); i < n; i++) {
    const gkt_terminal *t = gkt_pointwise_input(e->map->pointwise, i);
    if (gkt_emit_is_per_cell(e, t) != per_cell) continue;
    if (is_long(e, t)) {
      emit_loop(e, t, i);
      continue;
    }
    gkt_text_printf(e->text, "      GKT_FOR_LANES(l) { in[%d][l] = ", i);
    emit_input(e, t);
    gkt_text_printf(e->text, "; }\n");
  }
}
