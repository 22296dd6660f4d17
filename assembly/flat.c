/* Cells with one Jacobian, and what forms take for granted of them. */
#include "assembly/points.h"

bool gkt_block_is_affine(const gkt_cell_block *block) { return block->order == 1 && gkt_cell_is_simplex(block->cell); }

/* A second derivative taken as zero has left no trace in the form or expression, so its scope is asked. */
gkt_status gkt_flat_check(const gkt_scope *scope, const gkt_mesh *mesh) {
  bool affine = true;
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) affine = affine && gkt_block_is_affine(gkt_mesh_block(mesh, b));
  for (int i = 0; i < gkt_scope_num_functions(scope) && !affine; i++)
    if (scope->functions[i].taken_flat)
      return gkt_fail(scope->ctx, GKT_UNAVAILABLE,
                      "second derivatives of '%s' (P1) are zero on straight lines, triangles and tetrahedra only; on these cells they are not available yet",
                      scope->functions[i].name);
  return GKT_OK;
}
