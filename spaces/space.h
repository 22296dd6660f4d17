/* Inside of a space, for the element loops. */
#ifndef GKT_SPACES_SPACE_H
#define GKT_SPACES_SPACE_H
#include "galerkit/space.h"
#include "spaces/basis.h"
#include "spaces/reference.h"

struct gkt_space {
  gkt_context *ctx;
  gkt_mesh *mesh;
  gkt_element element;
  gkt_shape shape;
  int block_size;
  gkt_idx num_nodes; /* owned; ghosts would follow */
  int num_blocks;
  gkt_basis *bases;           /* [num_blocks] */
  const gkt_idx **cell_nodes; /* [num_blocks][num_cells][size of the basis] */
  gkt_idx **own_nodes;        /* [num_blocks]: the same, NULL where they are those of the mesh */
  double *coords;             /* [num_nodes][dim] */
  gkt_refs refs;
};
gkt_space *gkt_space_retain(const gkt_space *); /* and gkt_space_destroy lets go */
/* [count], some NULL: a copy that holds them; freed by gkt_spaces_release. spaces NULL: as if all were. */
gkt_status gkt_spaces_retain(gkt_context *, int count, const gkt_space *const *spaces, const gkt_space ***out) GKT_MUST_CHECK;
void gkt_spaces_release(int count, const gkt_space ***);
bool gkt_space_has_nodes_of_mesh(const gkt_space *); /* P1 on cells of order 1: every node of the mesh is a vertex of a cell */
/* numbering.c: fill own_nodes. */
gkt_status gkt_space_number(gkt_space *, gkt_size *num_nodes) GKT_MUST_CHECK;
static inline bool gkt_space_is_at_points(const gkt_space *s) { return s->element.kind == GKT_QUADRATURE_POINTS; }
static inline bool gkt_space_is_continuous(const gkt_space *s) {
  return s->element.kind != GKT_REAL && gkt_basis_is_shared(s->bases);
} /* with nodes on facets, of all cells there */
static inline bool gkt_space_is_real(const gkt_space *s) { return s->element.kind == GKT_REAL; } /* one node, of all cells */
/* How many of the nodes, the last ones, stand inside of a cell, one in each, and couple to that cell's nodes alone. */
gkt_idx gkt_space_num_bubbles(const gkt_space *);
/* The nodes of a cell of the block in reference coordinates, [size][dim], freed with gkt_free. */
gkt_status gkt_space_reference_nodes(const gkt_space *, int block, double **xi) GKT_MUST_CHECK;
/* The nodes' coordinates with the mesh as it is now; coords [num_nodes][dim], '='. Cells that share a node agree to rounding; the last one's place is taken. */
gkt_status gkt_space_place_nodes(const gkt_space *, double *coords) GKT_MUST_CHECK;
/* Is the space of this mesh, and of the shape and element that the scope declares for the function? */
gkt_status gkt_space_check(const gkt_space *, const gkt_scope *, int function, const gkt_mesh *) GKT_MUST_CHECK;
#endif
