/* Coefficients of a block by their order, and the algebra of small matrices of nodes. */
#include <string.h>

#include "forms/symbol.h"

/* ---- which integrals ---- */
bool gkt_same_names(const gkt_integral *a, const gkt_integral *b) {
  if (a->num_names != b->num_names) return false;
  for (int i = 0; i < a->num_names; i++)
    if (strcmp(a->names[i], b->names[i])) return false;
  return true;
}

/* nodes [rows][1+dim][cols][1+dim] */
static bool has_order(const gkt_form *block, const gkt_integral *integral, gkt_order order) {
  int slots = 1 + block->scope->dim, cols = gkt_form_components(block, 1) * slots;
  for (int k = 0; k < integral->num_nodes; k++) {
    int derivatives = (k / cols % slots > 0) + (k % slots > 0);
    if (integral->nodes[k] != GKT_ZERO && (order == GKT_ORDER_ANY || derivatives == (order == GKT_ORDER_TWO ? 2 : 0))) return true;
  }
  return false;
}

static bool belongs(const gkt_symbol_part *part, const gkt_integral *integral) { return integral->measure == GKT_MEASURE_DX && has_order(part->form, integral, part->order); }

gkt_symbol_part gkt_symbol_part_of(const gkt_form *block, gkt_order order) {
  gkt_symbol_part part = {.form = block, .order = order};
  for (int i = 0; i < block->num_integrals; i++) {
    bool here = belongs(&part, &block->integrals[i]);
    part.present = part.present || here;
    part.everywhere = part.everywhere || (here && block->integrals[i].num_names == 0);
  }
  return part;
}

bool gkt_symbol_counts(const gkt_symbol_part *part, const gkt_integral *integral, const gkt_integral *place) {
  return belongs(part, integral) && (part->everywhere ? integral->num_names == 0 : place && gkt_same_names(integral, place));
}

/* ---- coefficients ---- */
static void add_to(gkt_graph *g, gkt_small *m, int row, int col, gkt_node node) { m->at[row * m->cols + col] = gkt_add(g, m->at[row * m->cols + col], node); }

static void add_entry(gkt_graph *g, gkt_symbol *s, int row, int a, int col, int b, gkt_node node) {
  if (node == GKT_ZERO) return;
  if (!a && !b) add_to(g, &s->zeroth, row, col, node);
  else if (!a) add_to(g, &s->first[b - 1], row, col, node);
  else if (!b) add_to(g, &s->first[a - 1], row, col, gkt_neg(g, node)), s->weak = true;
  else if (a == b) add_to(g, &s->second[a - 1], row, col, node), s->mixed = true;
  else s->mixed = true;
}

void gkt_symbol_of(const gkt_symbol_part *part, const gkt_integral *place, gkt_symbol *out) {
  const gkt_form *f = part->form;
  gkt_graph *g = f->scope->graph;
  int slots = 1 + f->scope->dim, rows = gkt_form_components(f, 0), cols = gkt_form_components(f, 1);
  const gkt_small zero = {.rows = rows, .cols = cols};
  *out = (gkt_symbol){.zeroth = zero, .first = {zero, zero, zero}, .second = {zero, zero, zero}};
  for (int i = 0; i < f->num_integrals; i++)
    for (int k = 0; gkt_symbol_counts(part, &f->integrals[i], place) && k < f->integrals[i].num_nodes; k++)
      add_entry(g, out, k / (cols * slots) / slots, k / (cols * slots) % slots, k % (cols * slots) / slots, k % slots, f->integrals[i].nodes[k]);
}

/* ---- small matrices ---- */
bool gkt_small_is_zero(const gkt_small *m) {
  for (int k = 0; k < m->rows * m->cols; k++)
    if (m->at[k] != GKT_ZERO) return false;
  return true;
}

gkt_small gkt_small_transpose(const gkt_small *m) {
  gkt_small t = {.rows = m->cols, .cols = m->rows};
  for (int i = 0; i < m->rows; i++)
    for (int j = 0; j < m->cols; j++) t.at[j * t.cols + i] = m->at[i * m->cols + j];
  return t;
}

void gkt_make_symmetric(gkt_graph *g, int n, gkt_node *nodes) {
  for (int k = 0; k < n * n; k++) {
    int mirror = k % n * n + k / n;
    if (k % n > k / n && nodes[k] != nodes[mirror]) nodes[k] = nodes[mirror] = gkt_mul(g, gkt_graph_constant(g, 0.5), gkt_add(g, nodes[k], nodes[mirror]));
  }
}

void gkt_negate(gkt_graph *g, int count, gkt_node *nodes) {
  for (int k = 0; k < count; k++) nodes[k] = gkt_neg(g, nodes[k]);
}

gkt_small gkt_small_product(gkt_graph *g, const gkt_small *a, const gkt_small *b) {
  gkt_small c = {.rows = a->rows, .cols = b->cols};
  for (int i = 0; i < c.rows; i++)
    for (int j = 0; j < c.cols; j++)
      for (int k = 0; k < a->cols; k++) add_to(g, &c, i, j, gkt_mul(g, a->at[i * a->cols + k], b->at[k * b->cols + j]));
  return c;
}

/* row i -= factor row k */
static void subtract_row(gkt_graph *g, gkt_small *m, int i, int k, gkt_node factor) {
  for (int j = 0; j < m->cols; j++) m->at[i * m->cols + j] = gkt_sub(g, m->at[i * m->cols + j], gkt_mul(g, factor, m->at[k * m->cols + j]));
}

bool gkt_small_solve(gkt_graph *g, const gkt_small *A, const gkt_small *B, gkt_small *X) {
  gkt_small a = *A;
  int n = A->rows;
  *X = *B;
  for (int k = 0; k < n; k++) {
    if (a.at[k * n + k] == GKT_ZERO) return false;
    for (int i = k + 1; i < n; i++) {
      if (a.at[i * n + k] == GKT_ZERO) continue;
      gkt_node factor = gkt_div(g, a.at[i * n + k], a.at[k * n + k]);
      subtract_row(g, X, i, k, factor);
      subtract_row(g, &a, i, k, factor);
    }
  }
  for (int k = n - 1; k >= 0; k--) {
    for (int i = k + 1; i < n; i++) subtract_row(g, X, k, i, a.at[k * n + i]);
    for (int j = 0; j < X->cols; j++) X->at[k * X->cols + j] = gkt_div(g, X->at[k * X->cols + j], a.at[k * n + k]);
  }
  return true;
}

gkt_small gkt_small_mean(gkt_graph *g, int count, const gkt_small *list) {
  gkt_small mean = list[0];
  for (int k = 0; k < mean.rows * mean.cols; k++) {
    bool equal = true;
    gkt_node sum = GKT_ZERO;
    for (int i = 0; i < count; i++) sum = gkt_add(g, sum, list[i].at[k]), equal = equal && list[i].at[k] == list[0].at[k];
    if (!equal) mean.at[k] = gkt_mul(g, gkt_graph_constant(g, 1.0 / count), sum);
  }
  return mean;
}
