/* Output: VTU files and pictures of values on a mesh. */
#ifndef GALERKIT_PLOT_H
#define GALERKIT_PLOT_H
#include "galerkit/mesh.h"
#ifdef __cplusplus
extern "C" {
#endif

/* One array of a VTU file. Either point data on the nodes written or cell data. 3-D vectors are what ParaView
   expects: in dimension 1 and 2 vectors of dim components are padded to 3, tensors of dim x dim to 3x3. */
typedef struct {
  const char *name;
  int rank;           /* 0 scalar, 1 vector, 2 tensor */
  int num_components; /* 1, dim, dim*dim or n */
  bool on_cells;
  const gkt_scalar *values; /* [num_nodes of the output or cells of all its blocks][num_components] */
} gkt_vtu_array;
/* Cells of one kind and degree. Nodes in the order of Lagrange spaces: vertices; on each edge, from its first
 * to its second vertex; inside each facet; inside the cell. */
typedef struct {
  gkt_cell_type cell;
  int degree;         /* 1 to 4; prisms and pyramids 1 and 2 */
  int nodes_per_cell; /* all nodes of that degree */
  gkt_idx num_cells;
  const gkt_idx *nodes; /* [num_cells][nodes_per_cell] */
} gkt_vtu_block;
/* A mesh as VTK sees it: nodes may be repeated (discontinuous output); cells are numbered through the blocks.
 */
typedef struct {
  int dim; /* 1 to 3 */
  gkt_idx num_nodes;
  const double *coords; /* [num_nodes][dim] */
  int num_blocks;
  const gkt_vtu_block *blocks;
} gkt_vtu_grid;
/* Appended raw binary, in VTK's own order of nodes. Degree 1 and 2 become VTK's linear and full quadratic
   cells (types 3 5 9 10 12 13 14, 21 22 24 28 29 32), degrees 3 and 4 its Lagrange cells (68 to 72; with 72
   the file has version 2.1). VTK has no pyramid of 14 nodes: that of 13 (27) is written, without the middle
   of the base. */
GKT_API gkt_status gkt_vtu_write(gkt_context *, const char *path, const gkt_vtu_grid *, int num_arrays,
                                 const gkt_vtu_array *) GKT_MUST_CHECK;

typedef struct {
  const char *title;   /* NULL: none */
  const char *label;   /* beside the colour bar; of a graph, its height */
  const char *view;    /* "iso", "xy", "xz", "yz"; NULL: iso in 3-D, xy in 2-D */
  const char *section; /* "x=0.5": in 3-D the half towards the viewer is cut away; in 2-D a graph of the
                          values along the line; NULL: none */
  int width, height;   /* pixels; 0: 1200 x 900 */
  int isolines;        /* how many, evenly between the least and the greatest value; 0: none, at most 100 */
  bool edges;          /* draw the mesh */
  double warp;         /* factor on `displacement` */
  const char *note;    /* below on the left, such as the time of what is seen; NULL: none */
  /* For pictures that compare. [2]: the values of the first and the last colour, of a graph the height that
     it has at least; beyond them colours are those of the ends. NULL: the least and the greatest value.
     [2][3]: lower and upper corner of a box that is to be seen; NULL: what is drawn */
  const double *limits, *room;
} gkt_picture_options;
/* PNG of the surface, or, of a mesh of lines, of a graph over x. One scalar per node [num_nodes], an optional
   displacement [num_nodes][dim]. Cells of degree above 1 are drawn curved. Cells of the highest dimension are
   drawn. Hidden surfaces removed, colour bar, title. A section is given, and cuts, before the displacement.
 */
GKT_API gkt_status gkt_picture_write(gkt_context *, const char *path, const gkt_vtu_grid *,
                                     const gkt_scalar *values, const gkt_scalar *displacement,
                                     const gkt_picture_options *) GKT_MUST_CHECK;
/* Curves over what they have in common, such as numbers over time. Values that are not finite leave a gap.
   GKT_BAD_ARGUMENT: no curve, or more than GKT_MOST_CURVES. Of the options title, label (below, along x),
   note, limits and sizes serve. */
enum { GKT_MOST_CURVES = 8 };
typedef struct {
  const char *name;         /* in the legend */
  const gkt_scalar *values; /* [num_points] */
} gkt_graph_curve;
GKT_API gkt_status gkt_graph_write(gkt_context *, const char *path, gkt_size num_points, const gkt_scalar *x,
                                   int num_curves, const gkt_graph_curve *,
                                   const gkt_picture_options *) GKT_MUST_CHECK;

/* A film that browsers play: an animated PNG (PNG Specification, third edition, W3C 2025), of which others
   show the first picture. Of later pictures the part is stored that changed. The file appears as a whole. */
typedef struct gkt_film gkt_film;
/* seconds: of each picture. GKT_IO: the file cannot be written. */
GKT_API gkt_status gkt_film_create(gkt_context *, const char *path, double seconds,
                                   gkt_film **out) GKT_MUST_CHECK;
/* As gkt_picture_write, of the same size each time; options.limits and room keep pictures comparable. */
GKT_API gkt_status gkt_film_add(gkt_film *, const gkt_vtu_grid *, const gkt_scalar *values,
                                const gkt_scalar *displacement, const gkt_picture_options *) GKT_MUST_CHECK;
/* Done: the film is closed, whatever the status. GKT_BAD_ARGUMENT: without a picture. */
GKT_API gkt_status gkt_film_finish(gkt_film **) GKT_MUST_CHECK;
GKT_API void gkt_film_destroy(gkt_film **); /* what is not finished leaves no file */
/* Reads a VTU file (written by gkt_vtu_write, or any uncompressed UnstructuredGrid of the cells named there)
   and draws one of its arrays; field NULL: the first of point data. Vectors and tensors show their norm,
   vectors on a mesh of lines their component. `warp` moves the nodes by the array if it is a vector at nodes,
   else by the first such one in the file. */
GKT_API gkt_status gkt_picture_from_vtu(gkt_context *, const char *vtu_path, const char *field,
                                        const char *png_path, const gkt_picture_options *) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
