/* The fields of a system, and the units of each. */
#include <math.h>
#include <string.h>

#include "solvers/linear.h"

const gkt_block_facts *gkt_facts_blocks(const gkt_system_facts *f, gkt_idx num_rows, gkt_block_facts *one, int *count) {
  *count = f->blocks ? f->num_blocks : 1;
  if (f->blocks) return f->blocks;
  *one = (gkt_block_facts){.name = "",
                           .count = num_rows,
                           .block_size = f->block_size,
                           .symmetric = f->symmetric,
                           .positive = f->positive,
                           .elliptic = f->elliptic,
                           .near_null = f->near_null,
                           .coords = f->coords,
                           .frames = f->frames,
                           .num_inner = f->num_inner};
  return one;
}

static gkt_status check_inner(gkt_context *ctx, gkt_idx num_inner, gkt_idx count, int block_size) {
  if (num_inner >= 0 && num_inner < count && num_inner % block_size == 0) return GKT_OK;
  return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%d inner rows of %d in nodes of %d; expected whole nodes, and others", num_inner, count, block_size);
}

static gkt_status check_block(gkt_context *ctx, const gkt_system_facts *f, int b, gkt_idx first) {
  const gkt_block_facts *block = &f->blocks[b];
  if (!block->name || !*block->name) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "block %d of the system has no name", b);
  for (int c = 0; c < b; c++)
    if (!strcmp(block->name, f->blocks[c].name)) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "blocks %d and %d of the system are both called '%s'", c, b, block->name);
  if (block->first != first) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "block '%s' begins at row %d; expected %d, where the block before it ends", block->name, block->first, first);
  if (block->count < 1 || block->block_size < 1 || block->count % block->block_size)
    return gkt_fail(ctx, GKT_BAD_ARGUMENT, "block '%s': block size %d does not divide %d rows", block->name, block->block_size, block->count);
  GKT_TRY(check_inner(ctx, block->num_inner, block->count, block->block_size));
  if (block->schur && (block->schur->num_rows != block->count || block->schur->num_cols != block->count))
    return gkt_fail(ctx, GKT_BAD_ARGUMENT, "block '%s': the approximation of its Schur complement is %d x %d; expected %d x %d", block->name, block->schur->num_rows,
                    block->schur->num_cols, block->count, block->count);
  return GKT_OK;
}

gkt_status gkt_facts_check(gkt_context *ctx, const gkt_system_facts *f, gkt_idx num_rows) {
  gkt_idx first = 0;
  if (f->block_size < 1 || num_rows % f->block_size) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "block size %d does not divide %d rows", f->block_size, num_rows);
  if (f->dim < 0 || f->dim > 3) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "coordinates of dimension %d", f->dim);
  if (!f->blocks) return f->num_inner ? check_inner(ctx, f->num_inner, num_rows, f->block_size) : GKT_OK;
  if (f->num_blocks < 1) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a table of %d blocks; expected at least 1", f->num_blocks);
  for (int b = 0; b < f->num_blocks; b++) {
    GKT_TRY(check_block(ctx, f, b, first));
    first += f->blocks[b].count;
  }
  if (first != num_rows) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "the blocks have %d rows, the matrix has %d", first, num_rows);
  return GKT_OK;
}

/* ---- units ---- */
/* The mean over free rows of log2 of a scale. */
static double mean_exponent(const gkt_block_facts *b, const bool *constrained, const double *scales) {
  double sum = 0;
  gkt_idx count = 0;
  for (gkt_idx i = b->first; i < b->first + b->count; i++)
    if (!constrained || !constrained[i]) sum += log2(scales[i]), count++;
  return count ? sum / count : 0;
}

static void fit(const gkt_block_facts *blocks, int count, const bool *constrained, const double *scales, int *out) {
  double first = mean_exponent(&blocks[0], constrained, scales);
  for (int b = 0; b < count; b++) out[b] = (int)lrint(mean_exponent(&blocks[b], constrained, scales) - first);
}

void gkt_units_fit(const gkt_system_facts *f, gkt_idx num_rows, const gkt_scales *scales, gkt_units *units) {
  gkt_block_facts one;
  int count;
  const gkt_block_facts *blocks = gkt_facts_blocks(f, num_rows, &one, &count);
  fit(blocks, count, f->constrained, scales->rows, units->left);
  fit(blocks, count, f->constrained, scales->cols, units->right);
}

gkt_status gkt_units_create(gkt_context *ctx, const gkt_system_facts *f, gkt_idx num_rows, const gkt_scales *scales, gkt_units *out) {
  int count = f->blocks ? f->num_blocks : 1;
  gkt_units units = {0};
  gkt_status status;
  GKT_GO(gkt_alloc(ctx, count, sizeof *units.left, &units.left));
  GKT_GO(gkt_alloc(ctx, count, sizeof *units.right, &units.right));
  gkt_units_fit(f, num_rows, scales, &units);
  *out = units;
  return GKT_OK;
done:
  gkt_units_destroy(&units);
  return status;
}

void gkt_units_destroy(gkt_units *units) {
  gkt_free(&units->left);
  gkt_free(&units->right);
}

void gkt_units_scale(const gkt_system_facts *f, const int *exponents, int sign, gkt_scalar *v) {
  for (int b = 0; f->blocks && b < f->num_blocks; b++)
    for (gkt_idx i = f->blocks[b].first; exponents[b] && i < f->blocks[b].first + f->blocks[b].count; i++) v[i] = scalbn(v[i], sign * exponents[b]);
}
