/* Cells with one Jacobian, and what forms take for granted of them. */
#include "spaces/points.h"

bool gkt_block_is_affine(const gkt_cell_block *block) { return block->order == 1 && gkt_cell_is_simplex(block->cell); }

/* A second derivative taken as zero has left no trace in the form or expression, so its scope is asked. */
gkt_status gkt_flat_check(const gkt_scope *scope, const gkt_mesh *mesh) {
  for (int b = 0; scope->flat && b < gkt_mesh_num_blocks(mesh); b++) {
    const gkt_cell_block *block = gkt_mesh_block(mesh, b);
    if (gkt_block_is_affine(block)) continue;
    return gkt_fail(scope->ctx, GKT_UNAVAILABLE, "%s are not available yet on %s%s; expected straight lines, triangles and tetrahedra, where they are zero", scope->flat,
                    block->order > 1 ? "curved " : "", gkt_cell_topologies[block->cell].plural);
  }
  return GKT_OK;
}
