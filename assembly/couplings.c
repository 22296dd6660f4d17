/* Couplings of the fields of a form: which there are, what they consist of, which are the transpose of others. */
#include <string.h>

#include "assembly/map.h"
#include "forms/pointwise.h"

int gkt_form_num_fields(const gkt_form *form, int which) { return which < form->arity ? form->arguments[which].count : 1; }

static int components_of(const gkt_form *form, int which, int field) {
  return which < form->arity ? gkt_function_components(form->scope, form->arguments[which].functions[field]) : 1;
}

static int first_of(const gkt_form *form, int which, int field) {
  int n = 0;
  for (int k = 0; k < field; k++) n += components_of(form, which, k);
  return n;
}

/* ---- nodes of an integral: [rows][slots of a row][columns][slots of a column] ---- */
typedef struct {
  int first[2], count[2]; /* components of the two fields */
  int columns;            /* of the form */
  int slots[2];
} range;

static range range_of(const gkt_form *form, int i, int j) {
  const int fields[2] = {i, j};
  range r = {.columns = first_of(form, 1, gkt_form_num_fields(form, 1))};
  for (int w = 0; w < 2; w++) {
    r.first[w] = first_of(form, w, fields[w]), r.count[w] = components_of(form, w, fields[w]);
    r.slots[w] = w < form->arity ? 1 + form->scope->dim : 1;
  }
  return r;
}

static gkt_node node_at(const gkt_integral *in, const range *r, int row, int row_slot, int col, int col_slot) {
  return in->nodes[(((r->first[0] + row) * r->slots[0] + row_slot) * r->columns + r->first[1] + col) * r->slots[1] + col_slot];
}

bool gkt_form_couples(const gkt_form *form, int i, int j) {
  const range r = range_of(form, i, j);
  const int rows = r.count[0] * r.slots[0], cols = r.count[1] * r.slots[1];
  for (int k = 0; k < form->num_integrals; k++)
    for (int n = 0; n < rows * cols; n++)
      if (node_at(&form->integrals[k], &r, n / cols / r.slots[0], n / cols % r.slots[0], n % cols / r.slots[1], n % cols % r.slots[1]) != GKT_ZERO) return true;
  return false;
}

bool gkt_form_couples_symmetrically(const gkt_form *form, int i, int j) {
  if (form->arity != 2 || !gkt_functions_are_equal(&form->arguments[0], &form->arguments[1])) return false;
  const range here = range_of(form, i, j), there = range_of(form, j, i);
  const int rows = here.count[0] * here.slots[0], cols = here.count[1] * here.slots[1];
  for (int k = 0; k < form->num_integrals; k++)
    for (int n = 0; n < rows * cols; n++) {
      int row = n / cols / here.slots[0], s = n / cols % here.slots[0], col = n % cols / here.slots[1], t = n % cols % here.slots[1];
      if (node_at(&form->integrals[k], &here, row, s, col, t) != node_at(&form->integrals[k], &there, col, t, row, s)) return false;
    }
  return true;
}

/* ---- arguments ---- */
gkt_status gkt_argument_of(const gkt_form *form, int which, int field, gkt_mesh *mesh, int block, const gkt_space *const *spaces, gkt_argument *out) {
  const gkt_cell_block *cells = gkt_mesh_block(mesh, block);
  if (which >= form->arity) {
    *out = (gkt_argument){.function = -1, .components = 1, .num_nodes = 1, .num_all = 1};
    return GKT_OK;
  }
  int function = form->arguments[which].functions[field];
  if (function == GKT_COORDINATES) {
    *out = (gkt_argument){.function = function, .components = gkt_mesh_dim(mesh), .num_nodes = cells->nodes_per_cell, .nodes = cells->nodes};
    out->num_all = gkt_mesh_num_nodes(mesh), out->basis = gkt_geometry_basis(cells);
    return GKT_OK;
  }
  const gkt_space *s = spaces[function];
  if (!s) return gkt_fail(form->scope->ctx, GKT_BAD_ARGUMENT, "assembler: no space is given for '%s'", gkt_scope_function_name(form->scope, function));
  if (gkt_space_is_at_points(s))
    return gkt_fail(form->scope->ctx, GKT_BAD_ARGUMENT, "assembler: '%s' has values at quadrature points; expected a coefficient, no unknown and no derivative by it",
                    gkt_scope_function_name(form->scope, function));
  *out = (gkt_argument){.function = function, .space = s, .components = s->block_size, .num_nodes = s->bases[block].size, .first = first_of(form, which, field)};
  out->nodes = s->cell_nodes[block], out->num_all = s->num_nodes, out->basis = s->bases[block];
  return GKT_OK;
}

/* ---- entries and the pointwise function ---- */
typedef struct {
  gkt_map *map;
  int num_outputs;
  gkt_node *outputs; /* [nodes of the integral] each once */
} plan;

static int output_of(plan *p, gkt_node node) {
  for (int k = 0; k < p->num_outputs; k++)
    if (p->outputs[k] == node) return k;
  p->outputs[p->num_outputs] = node;
  return p->num_outputs++;
}

/* Derivatives of piecewise constants vanish. */
static bool vanishes(const gkt_argument *a, int slot) { return slot > 0 && a->function != -1 && gkt_basis_is_lagrange(&a->basis, 0); }

static gkt_status plan_entries(plan *p, gkt_coupling *c, const range *r) {
  GKT_TRY(gkt_alloc(p->map->ctx, (gkt_size)r->count[0] * r->slots[0] * r->count[1] * r->slots[1], sizeof *c->entries, &c->entries));
  for (int i = 0; i < r->count[0]; i++)
    for (int s = 0; s < r->slots[0]; s++)
      for (int j = 0; j < r->count[1]; j++)
        for (int t = 0; t < r->slots[1]; t++) {
          gkt_node node = node_at(p->map->integral, r, i, s, j, t);
          if (node != GKT_ZERO && !vanishes(&c->arguments[0], s) && !vanishes(&c->arguments[1], t))
            c->entries[c->num_entries++] = (gkt_entry){.row = i, .row_slot = s, .col = j, .col_slot = t, .output = output_of(p, node)};
        }
  return GKT_OK;
}

/* Entries are sorted: those of one sum over the trial index follow each other. */
static bool is_of_sum(const gkt_entry *x, const gkt_entry *y) { return x->row == y->row && x->row_slot == y->row_slot && x->col == y->col; }

static int length_of_sum(const gkt_coupling *c, int first) {
  int n = 1;
  while (first + n < c->num_entries && is_of_sum(&c->entries[first], &c->entries[first + n])) n++;
  return n;
}

static bool are_equal_sums(const gkt_coupling *c, int x, int y, int length) {
  if (length_of_sum(c, x) != length) return false;
  for (int k = 0; k < length; k++)
    if (c->entries[x + k].output != c->entries[y + k].output || c->entries[x + k].col_slot != c->entries[y + k].col_slot) return false;
  return true;
}

static void number_sums(gkt_coupling *c) {
  for (int k = 0, n; k < c->num_entries; k += n) {
    int sum = c->num_sums, first = -1;
    bool shared = false;
    n = length_of_sum(c, k);
    for (int j = 0; j < k; j += length_of_sum(c, j)) {
      if (!are_equal_sums(c, j, k, n)) continue;
      sum = c->entries[j].sum, first = j;
      if (c->entries[j].row_slot != c->entries[k].row_slot) continue;
      shared = true;
      for (int i = 0; i < n; i++) c->entries[j + i].shared = true;
    }
    if (first < 0) c->num_sums++;
    for (int i = 0; i < n; i++) c->entries[k + i].sum = sum, c->entries[k + i].shared = shared;
  }
}

/* The number in the map of the coupling of these fields; -1: it has none. */
static int find(const gkt_map *m, int target) {
  for (int k = 0; k < m->num_couplings; k++)
    if (m->couplings[k].target == target) return k;
  return -1;
}

/* Those below the diagonal that are the transpose of one above it have no entries: they are copied. */
static gkt_status plan_coupling(plan *p, int i, int j) {
  gkt_map *m = p->map;
  const int columns = gkt_form_num_fields(m->form, 1), fields[2] = {i, j};
  const range r = range_of(m->form, i, j);
  const bool symmetric = gkt_form_couples_symmetrically(m->form, i, j);
  gkt_coupling *c = &m->couplings[m->num_couplings];
  *c =
      (gkt_coupling){.target = i * columns + j, .mirror = symmetric && i == j, .transposed_of = symmetric && i > j ? find(m, j * columns + i) : -1, .tensor_first = m->tensor_size};
  for (int w = 0; w < 2; w++) GKT_TRY(gkt_argument_of(m->form, w, fields[w], m->mesh, m->block, m->spaces, &c->arguments[w]));
  if (symmetric && i > j && c->transposed_of < 0) return GKT_OK;
  if (c->transposed_of < 0) GKT_TRY(plan_entries(p, c, &r));
  number_sums(c);
  if (c->transposed_of < 0 && !c->num_entries) {
    gkt_free(&c->entries);
    return GKT_OK;
  }
  c->tensor_size = c->arguments[0].num_nodes * c->arguments[1].num_nodes * c->arguments[0].components * c->arguments[1].components;
  m->tensor_size += c->tensor_size;
  m->num_couplings++;
  return GKT_OK;
}

/* used: [steps]. */
static void note_steps(const gkt_map *m, gkt_coupling *c, bool *used) {
  const gkt_pointwise *p = m->pointwise;
  const gkt_coupling *from = c->transposed_of < 0 ? c : &m->couplings[c->transposed_of];
  memset(used, 0, (size_t)p->num_steps * sizeof *used);
  for (int k = 0; k < from->num_entries; k++) {
    bool *step = &used[p->outputs[from->entries[k].output]];
    c->num_steps += !*step, *step = true;
  }
  for (int k = p->num_steps - 1; k >= 0; k--) {
    if (!used[k] || p->steps[k].op == GKT_OP_TERMINAL || p->steps[k].op == GKT_OP_CONSTANT) continue;
    c->num_steps++;
    for (int i = 0; i < gkt_op_arity(p->steps[k].op); i++) used[p->steps[k].operands[i]] = true;
  }
}

static gkt_status count_steps(gkt_map *m) {
  bool *used;
  GKT_TRY(gkt_alloc(m->ctx, m->pointwise->num_steps, sizeof *used, &used));
  for (int k = 0; k < m->num_couplings; k++) note_steps(m, &m->couplings[k], used);
  gkt_free(&used);
  return GKT_OK;
}

gkt_status gkt_couplings_create(gkt_map *m) {
  const int rows = gkt_form_num_fields(m->form, 0), columns = gkt_form_num_fields(m->form, 1);
  const range all = range_of(m->form, 0, 0);
  plan p = {.map = m};
  gkt_status status;
  if (m->integral->num_nodes != first_of(m->form, 0, rows) * all.slots[0] * all.columns * all.slots[1])
    return gkt_fail(m->ctx, GKT_INTERNAL, "an integral of %d nodes does not fit its arguments", m->integral->num_nodes);
  GKT_GO(gkt_calloc(m->ctx, (gkt_size)rows * columns, sizeof *m->couplings, &m->couplings));
  GKT_GO(gkt_alloc(m->ctx, m->integral->num_nodes, sizeof *p.outputs, &p.outputs));
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++) GKT_GO(plan_coupling(&p, i, j));
  GKT_GO(gkt_pointwise_create(m->form->scope->graph, p.num_outputs, p.outputs, &m->pointwise));
  GKT_GO(count_steps(m));
done:
  gkt_free(&p.outputs);
  return status;
}

/* ---- maps that share tensors: several integrals over all cells of a block, as terms of different degrees are. One tensor then goes into the sums. ---- */
static bool runs_over_all(const gkt_map *m) { return m->num_groups == 1 && m->groups[0].facet < 0 && !m->groups[0].cells && !m->groups[0].has_own_row && m->num_couplings > 0; }

/* A part of base's tensor that base itself has no entries for. */
static void append(gkt_map *base, const gkt_coupling *c) {
  gkt_coupling *own = &base->couplings[base->num_couplings++];
  *own = (gkt_coupling){.target = c->target, .arguments = {c->arguments[0], c->arguments[1]}, .mirror = c->mirror, .transposed_of = -1, .tensor_first = base->tensor_size};
  own->tensor_size = c->tensor_size;
  base->tensor_size += c->tensor_size;
}

bool gkt_map_add_into(gkt_map *m, gkt_map *base) {
  if (m == base || m->block != base->block || !runs_over_all(m) || !runs_over_all(base)) return false;
  m->into = base->number;
  for (int c = 0; c < m->num_couplings; c++)
    if (find(base, m->couplings[c].target) < 0) append(base, &m->couplings[c]);
  return true;
}

void gkt_map_take_places(gkt_map *m, const gkt_map *base) {
  for (int c = 0; c < m->num_couplings; c++) m->couplings[c].tensor_first = base->couplings[find(base, m->couplings[c].target)].tensor_first;
  m->tensor_size = base->tensor_size;
}

int gkt_coupling_num_slots(const gkt_coupling *c) {
  int na = c->arguments[0].num_nodes, nb = c->arguments[1].num_nodes;
  return c->half ? na * (na + 1) / 2 : na * nb;
}
