/* Text of the sums over the basis: nonzero entries only; for matrices first over the trial index (T), then over the test index. */
#include "assembly/map_emit.h"

/* z[slot] of the function of the basis at `node`. */
void gkt_emit_basis(const gkt_emitter *e, int basis, const char *node, int slot) {
  if (slot) gkt_emit_gradient(e, basis, node, slot - 1);
  else gkt_text_printf(e->text, "p%d[%s]", basis, node);
}

/* Outputs times weight and measure, and T; in a batch they are kept at all points, and lanes are implied. */
static void emit_output(const gkt_emitter *e, int k) { gkt_text_printf(e->text, e->sets ? "H[q][%d]" : "H[%d][l]", k); }
static void emit_trial_sum(const gkt_emitter *e, int k) { gkt_text_printf(e->text, e->sets ? "T[q][%d]" : e->parts ? "*(const gkt_part *)&T[%d][h]" : "T[%d][l]", k); }

/* Entries are sorted: those of one (row, row_slot, col), which share a T, follow each other. */
static bool same_sum(const gkt_entry *x, const gkt_entry *y) { return x->row == y->row && x->row_slot == y->row_slot && x->col == y->col; }

int gkt_emit_num_trial_sums(const gkt_coupling *c) {
  int count = 0;
  for (int k = 0; k < c->num_entries; k++) count += k == 0 || !same_sum(&c->entries[k - 1], &c->entries[k]);
  return count;
}

void gkt_emit_trial_sums(const gkt_emitter *e) {
  const gkt_coupling *m = e->on;
  int sums = 0;
  for (int k = 0; k < m->num_entries; k++) {
    bool first = k == 0 || !same_sum(&m->entries[k - 1], &m->entries[k]), last = k + 1 == m->num_entries || !same_sum(&m->entries[k], &m->entries[k + 1]);
    if (m->entries[k].sum < sums) continue; /* stands there already */
    gkt_text_printf(e->text, first ? "          " : " + ");
    if (first) emit_trial_sum(e, m->entries[k].sum), gkt_text_printf(e->text, " = ");
    emit_output(e, m->entries[k].output);
    gkt_text_printf(e->text, " * ");
    gkt_emit_basis(e, m->arguments[1].table, "b", m->entries[k].col_slot);
    if (last) gkt_text_printf(e->text, ";\n"), sums++;
  }
}

/* A product of the sum: of a matrix z(test) T, of a vector z(test) H, of a number H. */
static void emit_product(const gkt_emitter *e, const gkt_entry *entry) {
  int arity = e->map->form->arity;
  if (arity > 0) gkt_emit_basis(e, e->on->arguments[0].table, "a", entry->row_slot), gkt_text_printf(e->text, " * ");
  if (arity == 2) emit_trial_sum(e, entry->sum);
  else emit_output(e, entry->output);
}

/* What several entries share comes first, so that a compiler finds it. */
void gkt_emit_entry(const gkt_emitter *e, int row, int col) {
  const gkt_coupling *m = e->on;
  bool any = false;
  for (int shared = 1; shared >= 0; shared--)
    for (int k = 0; k < m->num_entries; k++) {
      const gkt_entry *entry = &m->entries[k];
      if (e->map->form->arity == 2 && k > 0 && same_sum(&m->entries[k - 1], entry)) continue;
      if (entry->row != row || entry->col != col || entry->shared != shared) continue;
      gkt_text_printf(e->text, any ? " + " : "");
      emit_product(e, entry);
      any = true;
    }
  if (!any) gkt_text_printf(e->text, e->sets ? "(gkt_lanes){0}" : e->parts ? "GKT_NO_PART" : "0");
}

static const char *assign(const gkt_emitter *e) { return e->map->rule.first[1] > 1 ? "+=" : gkt_emit_store(e); }

static void emit_number(const gkt_emitter *e) {
  gkt_text_printf(e->text, "      GKT_FOR_LANES(l) { A[0][l] %s ", assign(e));
  gkt_emit_entry(e, 0, 0);
  gkt_text_printf(e->text, "; }\n");
}

static void emit_vector(const gkt_emitter *e) {
  const gkt_coupling *m = e->on;
  int rows = m->arguments[0].components;
  gkt_text_printf(e->text, "      GKT_UNROLL_NODES for (int a = 0; a < %d; a++) {\n        GKT_FOR_LANES(l) {\n", m->arguments[0].num_nodes);
  for (int i = 0; i < rows; i++) {
    gkt_text_printf(e->text, "          A[a * %d + %d][l] %s ", rows, i, assign(e));
    gkt_emit_entry(e, i, 0);
    gkt_text_printf(e->text, ";\n");
  }
  gkt_text_printf(e->text, "        }\n      }\n");
}

static void emit_matrix(const gkt_emitter *e) {
  const gkt_coupling *m = e->on;
  int rows = m->arguments[0].components, cols = m->arguments[1].components, block = rows * cols, nb = m->arguments[1].num_nodes;
  gkt_text_printf(e->text, "      GKT_UNROLL_NODES for (int b = 0; b < %d; b++) {\n        gkt_scalar T[%d][GKT_LANES] GKT_ALIGNED;\n        GKT_FOR_LANES(l) {\n", nb,
                  m->num_sums);
  gkt_emit_trial_sums(e);
  gkt_text_printf(e->text, "        }\n");
  if (m->mirror) gkt_text_printf(e->text, "        GKT_UNROLL_NODES for (int a = 0; a <= b; a++) {\n");
  else gkt_text_printf(e->text, "        GKT_UNROLL_NODES for (int a = 0; a < %d; a++) {\n", m->arguments[0].num_nodes);
  gkt_text_printf(e->text, "          gkt_scalar (*GKT_RESTRICT E)[GKT_LANES] = A + (a * %d + b) * %d;\n          GKT_FOR_LANES(l) {\n", nb, block);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < cols; j++) {
      gkt_text_printf(e->text, "            E[%d][l] %s ", i * cols + j, assign(e));
      gkt_emit_entry(e, i, j);
      gkt_text_printf(e->text, ";\n");
    }
  gkt_text_printf(e->text, "          }\n        }\n      }\n");
}

void gkt_emit_contraction(const gkt_emitter *e) {
  if (e->map->form->arity == 0) emit_number(e);
  else if (e->map->form->arity == 1) emit_vector(e);
  else emit_matrix(e);
}

void gkt_emit_mirror(const gkt_emitter *e) {
  int n = e->on->arguments[0].num_nodes, c = e->on->arguments[0].components;
  if (e->on->half && c == 1) return;
  gkt_text_printf(
      e->text,
      "    GKT_UNROLL_NODES for (int b = 0; b < %d; b++) {\n      GKT_UNROLL_NODES for (int a = %s; a <= b; a++) {\n        GKT_UNROLL_NODES for (int i = 0; i < %d; i++) {\n"
      "          GKT_UNROLL_NODES for (int j = a == b ? i + 1 : 0; j < %d; j++) {\n"
      "            GKT_FOR_LANES(l) { A[((b * %d + a) * %d + j) * %d + i][l] = A[((a * %d + b) * %d + i) * %d + j][l]; }\n"
      "          }\n        }\n      }\n    }\n",
      n, e->on->half ? "b" : "0", c, c, n, c, c, n, c, c);
}

void gkt_emit_transpose(const gkt_emitter *e) {
  int na = e->on->arguments[0].num_nodes, nb = e->on->arguments[1].num_nodes, nr = e->on->arguments[0].components, nc = e->on->arguments[1].components;
  gkt_text_printf(e->text,
                  "    GKT_UNROLL_NODES for (int a = 0; a < %d; a++) {\n      GKT_UNROLL_NODES for (int b = 0; b < %d; b++) {\n        GKT_UNROLL_NODES for (int i = 0; i < %d; "
                  "i++) {\n          GKT_UNROLL_NODES for (int j = 0; j < %d; j++) {\n"
                  "            GKT_FOR_LANES(l) { A[((a * %d + b) * %d + i) * %d + j][l] = all[%d + ((b * %d + a) * %d + j) * %d + i][l]; }\n"
                  "          }\n        }\n      }\n    }\n",
                  na, nb, nr, nc, nb, nr, nc, e->map->couplings[e->on->transposed_of].tensor_first, na, nc, nr);
}
