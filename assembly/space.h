/* Inside of a space, for the element loops. */
#ifndef GKT_ASSEMBLY_SPACE_H
#define GKT_ASSEMBLY_SPACE_H
#include "assembly/reference.h"

struct gkt_space {
  gkt_context *ctx;
  gkt_mesh *mesh;
  gkt_element element;
  gkt_shape shape;
  int block_size;
  gkt_idx num_nodes; /* owned; ghosts would follow */
  int num_blocks;
  int *nodes_per_cell;  /* [num_blocks] */
  gkt_idx **cell_nodes; /* [num_blocks][num_cells][nodes_per_cell] */
  double *coords;       /* [num_nodes][dim] */
};
#endif
