/* The strategy `spmm`: values = R e, where e holds the scalars of all element tensors and R is one where a scalar is added to a value. */
#include "assembly/reduce_strategy.h"

/* Row i of the blocks of a row of nodes: its columns are scalars of contributions, in the order of the cells. */
static void fill_row(const gkt_reduce *r, gkt_idx row, int i, gkt_idx *value, gkt_csr *R) {
  const gkt_pattern *p = &r->pattern;
  int cols = p->block_size[1];
  for (gkt_idx pair = p->offsets[row]; pair < p->offsets[row + 1]; pair++)
    for (int j = 0; j < cols; j++, (*value)++) {
      gkt_idx at = R->row_offsets[*value];
      for (gkt_idx k = r->segments.offsets[pair]; k < r->segments.offsets[pair + 1]; k++, at++) {
        R->cols[at] = r->segments.order[k] * r->block + i * cols + j;
        R->vals[at] = 1;
      }
      R->row_offsets[*value + 1] = at;
    }
}

gkt_status gkt_spmm_route(const gkt_reduce *r, gkt_csr **out) {
  gkt_idx rows, cols, value = 0;
  gkt_csr *R;
  GKT_TRY(gkt_narrow(r->ctx, gkt_reduce_num_values(r), "values", &rows));
  GKT_TRY(gkt_narrow(r->ctx, r->num_contributions * r->block, "scalars of element tensors (reduce spmm)", &cols));
  GKT_TRY(gkt_csr_create(r->ctx, rows, cols, cols, 1, &R));
  for (gkt_idx row = 0; row < r->pattern.num_nodes[0]; row++)
    for (int i = 0; i < r->pattern.block_size[0]; i++) fill_row(r, row, i, &value, R);
  *out = R;
  return GKT_OK;
}

gkt_status gkt_spmm_plan(gkt_reduce *r, gkt_routing *routing) {
  GKT_TRY(gkt_segments_make(r, routing, &r->segments));
  GKT_TRY(gkt_spmm_route(r, &r->R));
  gkt_segments_clear(&r->segments);
  return gkt_elements_make(r);
}

void gkt_spmm_clear(gkt_reduce *r) {
  gkt_segments_clear(&r->segments);
  gkt_csr_destroy(&r->R);
}

static gkt_scalar row_times(const gkt_csr *R, gkt_idx row, const gkt_scalar *x) {
  gkt_scalar total = 0;
  for (gkt_idx k = R->row_offsets[row], end; k < R->row_offsets[row + 1]; k = end) {
    gkt_scalar sum = 0;
    end = R->row_offsets[row + 1] - k < GKT_RUN ? R->row_offsets[row + 1] : k + GKT_RUN;
    for (gkt_idx e = k; e < end; e++) sum += R->vals[e] * x[R->cols[e]];
    total += sum;
  }
  return total;
}

/* The scalars of a row of nodes: they follow each other in R, and stand at their place in the values. */
static void sum_row(const gkt_reduce *r, gkt_idx row, gkt_scalar *values) {
  const gkt_pattern *p = &r->pattern;
  gkt_idx first = p->offsets[row], width = (p->offsets[row + 1] - first) * p->block_size[1], at = first * r->block, stride;
  gkt_scalar *to = values + gkt_reduce_place(r, row, first, &stride);
  for (int i = 0; i < p->block_size[0]; i++, to += stride)
    for (gkt_idx k = 0; k < width; k++) to[k] = row_times(r->R, at++, r->kept);
}

void gkt_spmm_join(const gkt_reduce *r, gkt_scalar *values) {
  int threads = gkt_threads(r->ctx);
  if (threads == 1) { /* OpenMP allocates for a team of one */
    for (gkt_idx row = 0; row < r->pattern.num_nodes[0]; row++) sum_row(r, row, values);
    return;
  }
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_idx row = 0; row < r->pattern.num_nodes[0]; row++) sum_row(r, row, values);
}

gkt_size gkt_spmm_bytes(const gkt_reduce *r) {
  gkt_size entry = (gkt_size)(sizeof(gkt_idx) + sizeof(gkt_scalar)), row = (gkt_size)(sizeof(gkt_idx) + GKT_WRITTEN * sizeof(gkt_scalar));
  return gkt_elements_bytes(r) + r->num_contributions * r->block * entry + gkt_reduce_num_values(r) * row;
}
