/* Claim: by the model of costs for a GPU blocks of constants in space take less time from records than from tensors, beside facets too, and vectors of degree 2 in the plane, whose
   tensors stay in registers, more: so these are summed as tensors. What facets add is counted: more bytes, wavefronts, operations and instructions than without them. */
#include "tests/patch_counts.h"

/* Of the first block of a matrix, as on a mesh whose patches keep the whole device busy. */
typedef struct {
  gkt_device_cost cost;
  double rows; /* of a patch; 0: it fits into none */
} counted;

static counted count(const posed *p, bool pairs) {
  gkt_patch_shares shares = shares_of(p);
  counted out = {0};
  if (pairs) assert_true(shares.pairs);
  else {
    shares.pairs = false;
    for (int b = 0; b < GKT_NUM_CELL_TYPES; b++) shares.kinds[b] = (gkt_patch_kind){.link = -1};
  }
  gkt_row_patches *patches = count_patches(&shares, &out.cost);
  if (patches) out.rows = (double)patches->num_rows / patches->num_patches;
  out.cost.blocks = 0, out.cost.launches = 0;
  gkt_row_patches_destroy(&patches);
  gkt_patch_shares_clear(&shares);
  return out;
}

/* without: the equation without facets, or NULL. */
static void compare(gkt_mesh *mesh, int degree, int components, bool two, const char *without, const char *equation) {
  const gkt_device_rates h200 = gkt_device_rates_of(90, 0);
  posed p;
  pose(gkt_mesh_retain(mesh), degree, components, two, 2, equation, &p);
  const counted pairs = count(&p, true), tensors = count(&p, false);
  const double time = gkt_device_predict(&pairs.cost, &h200).worst, other = gkt_device_predict(&tensors.cost, &h200).worst;
  drop(&p);
  assert_true(pairs.rows > 0 && pairs.rows >= tensors.rows);
  if (getenv("SAY"))
    printf("%s\n  rows %.0f %.0f, ns %.2f %.2f, wavefronts %.0f %.0f, instructions %.0f %.0f\n", equation, pairs.rows, tensors.rows, 1e9 * time / (double)pairs.cost.cells,
           tensors.rows > 0 ? 1e9 * other / (double)pairs.cost.cells : 0, pairs.cost.wavefronts / (double)pairs.cost.cells, tensors.cost.wavefronts / (double)pairs.cost.cells,
           pairs.cost.instructions / (double)pairs.cost.cells, tensors.cost.instructions / (double)pairs.cost.cells);
  if (tensors.rows > 0 && time > other) fail_msg("%s: %g s by pairs, %g s by tensors", equation, time, other);
  if (without) {
    pose(gkt_mesh_retain(mesh), degree, components, two, 2, without, &p);
    const gkt_device_cost x = count(&p, true).cost, *y = &pairs.cost;
    assert_true(x.dram_bytes < y->dram_bytes && x.wavefronts < y->wavefronts && x.fp64 < y->fp64 && x.instructions < y->instructions);
    drop(&p);
  }
  gkt_mesh_destroy(&mesh);
}

static const char elasticity[] = "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + 0.3*div(u)*div(v)*dx == 0";
static const char foundation[] = "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + 0.3*div(u)*div(v)*dx + k*dot(u, v)*ds == 0";

static const char fields[] = "inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx + c*p*q*dx == 0";
static const char fields_beside[] = "inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx + c*p*q*dx + k*dot(u, v)*ds(left) == 0";

static void pairs_cost_less(void **state) {
  (void)state;
  use_context((gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .reduce = GKT_REDUCE_SEGMENTED});
  compare(unit_mesh(TETRAHEDRA, 8), 1, 3, false, elasticity, foundation);
  compare(unit_mesh(TETRAHEDRA, 4), 2, 3, false, elasticity, foundation);
  compare(unit_mesh(TETRAHEDRA, 4), 2, 3, true, fields, fields_beside);
}

static void tensors_in_registers(void **state) {
  (void)state;
  use_context((gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .reduce = GKT_REDUCE_SEGMENTED});
  for (int k = 0; k < 2; k++) {
    posed p;
    pose(unit_mesh(TRIANGLES, 8), 2, 2, false, 2, k ? foundation : elasticity, &p);
    gkt_patch_shares shares = shares_of(&p);
    assert_false(shares.pairs);
    gkt_patch_shares_clear(&shares);
    drop(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(pairs_cost_less), cmocka_unit_test(tensors_in_registers)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
