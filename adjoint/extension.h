/* Inside of an extension. Not installed. */
#ifndef GKT_ADJOINT_EXTENSION_H
#define GKT_ADJOINT_EXTENSION_H
#include "adjoint/boundary_filter.h"
#include "galerkit/extension.h"

enum { GKT_FREE, GKT_MOVED, GKT_HELD }; /* kinds of coordinates */
enum { GKT_NUM_BODIES = 2 };            /* boundary held, boundary free */
typedef struct {
  gkt_csr *matrix;
  bool *held; /* [n] */
  gkt_system_facts facts;
  gkt_linear_solver *solver;
} gkt_held_body;

struct gkt_extension {
  gkt_context *ctx;
  gkt_mesh *mesh;
  gkt_space *space; /* nodes are the mesh's */
  int dim;
  gkt_size n, size;
  double *start; /* [n] X0 */
  int8_t *kinds; /* [n] */
  gkt_idx *places;
  char *measure; /* "ds('wing', 'flap')" */
  double *areas; /* [size] */
  gkt_csr *K;
  gkt_held_body bodies[GKT_NUM_BODIES];
  gkt_boundary_filter filter;
  gkt_scalar *b, *y; /* [n] work */
};

/* extension_filter.c */
gkt_status gkt_extension_measure(gkt_extension *, int num_moves, const char *const *moves) GKT_MUST_CHECK; /* areas */
#endif
