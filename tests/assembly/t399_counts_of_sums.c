/* Claim: what the model counts of a fused assembly - bytes of memory and of the second-level cache, wavefronts, operations, instructions - is nowhere more, and together less,
   where the pairs of two rows of a patch are summed once, on every kind of cell, for scalars and blocks, stored and formed by pairs: so symmetric tensors are always summed so.
   Pairs that are not summed are those of two rows of a patch below the diagonal. Straight simplices of degree 1 with constants keep the measure of a cell in a record in place of
   all their outputs; what belongs to the second node of a pair is read where that is another one. */
#include "tests/patch_counts.h"
#include "tests/patch_plans.h"

#include "meshes/mesh.h"

static const char scalar[] = "inner(grad(u), grad(v))*dx == 0", vector[] = "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + 0.3*div(u)*div(v)*dx == 0";

typedef struct {
  gkt_device_cost cost;
  gkt_patch_waves waves;
  gkt_idx summed, mirrored; /* pairs */
  gkt_record record;
} counted;

static void count_slots(const gkt_row_patches *p, counted *out) {
  for (gkt_idx k = 0; k < p->num_patches; k++)
    for (gkt_idx slot = 0; slot < (p->first_group[k + 1] - p->first_group[k]) * GKT_PATCH_GROUP; slot++) {
      gkt_idx places[2];
      find_places(p, k, slot, places);
      out->summed += places[0] >= 0, out->mirrored += places[1] >= 0;
    }
}

static counted count(const posed *p, bool once) {
  gkt_patch_shares shares = shares_of(p);
  counted out = {0};
  assert_true(shares.once);
  shares.once = once;
  gkt_row_patches *patches = count_patches(&shares, &out.cost);
  if (!patches) fail_msg("no patch has room for one row");
  out.waves = gkt_row_patches_count_waves(patches), out.record = shares.kinds[0].record;
  count_slots(patches, &out);
  assert_int_equal(out.summed + out.mirrored, patches->totals.pairs);
  gkt_row_patches_destroy(&patches);
  gkt_patch_shares_clear(&shares);
  return out;
}

static void compare(gkt_mesh *mesh, int degree, int components, const char *what) {
  posed p;
  pose(mesh, degree, components, false, 2, components > 1 ? vector : scalar, &p);
  const counted twice = count(&p, false), once = count(&p, true);
  const gkt_device_cost *x = &once.cost, *y = &twice.cost;
  assert_int_equal(twice.mirrored, 0);
  assert_true(once.mirrored > 0);
  if (x->dram_bytes > y->dram_bytes || x->l2_bytes > y->l2_bytes || x->wavefronts > y->wavefronts || x->fp64 > y->fp64 || x->instructions > y->instructions)
    fail_msg("%s, degree %d, %d components: once and twice: bytes %g %g, L2 %g %g, wavefronts %g %g, operations %g %g, instructions %g %g", what, degree, components, x->dram_bytes,
             y->dram_bytes, x->l2_bytes, y->l2_bytes, x->wavefronts, y->wavefronts, x->fp64, y->fp64, x->instructions, y->instructions);
  assert_true(x->wavefronts < y->wavefronts && x->fp64 < y->fp64);
  if (getenv("SAY"))
    printf("%-14s P%d %d: bytes %.3f, wavefronts %.3f, operations %.3f, instructions %.3f\n", what, degree, components, x->dram_bytes / y->dram_bytes,
           x->wavefronts / y->wavefronts, x->fp64 / y->fp64, x->instructions / y->instructions);
  drop(&p);
}

static void once_costs_less(void **state) {
  static const int sides[NUM_MESH_KINDS][2] = {
      [LINES] = {400, 200}, [TRIANGLES] = {16, 8}, [QUADRILATERALS] = {16, 8}, [MIXED_PLANE] = {16, 8}, [TETRAHEDRA] = {7, 4}, [HEXAHEDRA] = {7, 3}};
  (void)state;
  use_context((gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .reduce = GKT_REDUCE_SEGMENTED});
  for (int m = LINES; m <= HEXAHEDRA; m++)
    for (int degree = 1; degree <= 2; degree++)
      for (int dim = mesh_kinds[m].dim, components = 1; components <= dim; components += dim > 1 ? dim - 1 : 1)
        if (m != HEXAHEDRA || degree == 1 || components == 1) /* of these no patch has room for one row */
          compare(unit_mesh((mesh_kind)m, sides[m][degree - 1]), degree, components, mesh_kinds[m].name);
}

static void records_of_elasticity(void **state) {
  posed p;
  (void)state;
  use_context((gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .reduce = GKT_REDUCE_SEGMENTED});
  pose(unit_mesh(TETRAHEDRA, 6), 1, 3, false, 2, vector, &p);
  const counted c = count(&p, true);
  assert_int_equal(c.record.size, 4 * 3 + 1); /* gradients of the nodes, and the measure */
  assert_int_equal(c.record.loads, 2 * 3 + 1);
  assert_true(c.record.common > 1);
  assert_true((double)c.waves.second_waves < 0.8 * (double)c.waves.sum_waves);
  drop(&p);
  pose(unit_mesh(TETRAHEDRA, 6), 1, 3, false, 2, "inner(sym(grad(u)), 2*c*sym(grad(v)))*dx + c^2*div(u)*div(v)*dx == 0", &p);
  assert_int_equal(count(&p, true).record.common, 0); /* not the same in all cells */
  drop(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(once_costs_less), cmocka_unit_test(records_of_elasticity)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
