/* The pieces that a system falls into: connected parts of the graph of its matrix over free dofs. Bodies, components of a vector that nothing couples, cells of a discontinuous
 * space. */
#include "solvers/linear.h"

static gkt_idx root_of(gkt_idx *parent, gkt_idx i) {
  for (; parent[i] != i; i = parent[i]) parent[i] = parent[parent[i]];
  return i;
}

/* a is a root. Returns the root of both. */
static gkt_idx join(gkt_idx *parent, gkt_idx a, gkt_idx b) {
  if (parent[b] == a) return a;
  b = root_of(parent, b);
  if (a < b) parent[b] = a; /* the first dof stands for all, whatever the order of joining */
  else parent[a] = b;
  return a < b ? a : b;
}

static void join_rows(const gkt_csr *A, const bool *fixed, gkt_idx *parent) {
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    if (fixed && fixed[i]) continue;
    gkt_idx root = root_of(parent, i);
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) {
      const gkt_idx j = A->cols[k];
      if (A->vals[k] != 0 && !(fixed && fixed[j])) root = join(parent, root, j);
    }
  }
}

/* of: roots become numbers, in the order of first dofs; -1 on constrained dofs. */
static gkt_idx number_roots(gkt_idx n, const bool *fixed, gkt_idx *of) {
  gkt_idx count = 0;
  for (gkt_idx i = 0; i < n; i++) of[i] = fixed && fixed[i] ? -1 : of[i] == i ? count++ : of[of[i]];
  return count;
}

/* Counting sort: dofs of each piece, ascending. */
static void list_dofs(gkt_idx n, gkt_pieces *p) {
  for (gkt_idx i = 0; i < n; i++)
    if (p->of[i] >= 0) p->offsets[p->of[i] + 1]++;
  for (gkt_idx c = 0; c < p->count; c++) p->offsets[c + 1] += p->offsets[c];
  for (gkt_idx i = 0; i < n; i++)
    if (p->of[i] >= 0) p->dofs[p->offsets[p->of[i]]++] = i; /* offsets become ends */
  for (gkt_idx c = p->count; c > 0; c--) p->offsets[c] = p->offsets[c - 1];
  p->offsets[0] = 0;
}

gkt_status gkt_pieces_of_roots(gkt_context *ctx, gkt_idx n, const bool *fixed, gkt_idx *roots, gkt_pieces *out) {
  gkt_pieces p = {.of = roots};
  gkt_status status;
  GKT_GO(gkt_alloc(ctx, n, sizeof *p.dofs, &p.dofs));
  p.count = number_roots(n, fixed, p.of);
  GKT_GO(gkt_calloc(ctx, (gkt_size)p.count + 1, sizeof *p.offsets, &p.offsets));
  list_dofs(n, &p);
  *out = p;
  return GKT_OK;
done:
  gkt_pieces_destroy(&p);
  return status;
}

gkt_status gkt_pieces_create(gkt_context *ctx, const gkt_csr *A, const bool *fixed, gkt_pieces *out) {
  const gkt_idx n = A->num_rows;
  gkt_idx *roots;
  GKT_TRY(gkt_alloc(ctx, n, sizeof *roots, &roots));
  for (gkt_idx i = 0; i < n; i++) roots[i] = i;
  join_rows(A, fixed, roots);
  for (gkt_idx i = 0; i < n; i++) roots[i] = root_of(roots, i);
  return gkt_pieces_of_roots(ctx, n, fixed, roots, out);
}

void gkt_pieces_destroy(gkt_pieces *p) {
  gkt_free(&p->of);
  gkt_free(&p->dofs);
  gkt_free(&p->offsets);
}
