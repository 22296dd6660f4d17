/* Pictures of a grid: samples of cells (picture_pattern.c) -> surface (picture_facets.c, picture_surface.c, picture_edges.c), cut (picture_clip.c, picture_section.c) -> view
 * (picture_project.c) -> pixels (picture_raster.c, picture_colors.c) -> page (picture_draw.c, picture_lines.c, picture_scale.c); or a graph (picture_trace.c, picture_graph.c). */
#ifndef GKT_PLOT_PICTURE_H
#define GKT_PLOT_PICTURE_H
#include "core/core.h"
#include "galerkit/plot.h"
#include "meshes/lagrange.h"

/* What is drawn: values at nodes of a grid, moved by factor * displacement. */
typedef struct {
  const gkt_vtu_grid *grid;
  const gkt_scalar *values;       /* [num_nodes] */
  const gkt_scalar *displacement; /* [num_nodes][dim]; NULL: none */
  double factor;
} gkt_drawing;

/* ---- cells cut into `pieces` along each edge, and what lies at the corners of the pieces ---- */
typedef struct {
  double rest[3], at[3]; /* undeformed; as drawn. What the grid's dimension lacks is 0 */
  double value;
} gkt_sample;
typedef struct {
  gkt_cell_type cell;
  int degree, pieces, dim, size; /* size: nodes of the cell */
  int num_samples, num_simplices;
  int (*at)[3];        /* [num_samples]: reference coordinates times pieces */
  uint8_t *on;         /* [num_samples]: bit f: lies on facet f of the cell */
  int (*simplices)[4]; /* [num_simplices]: dim + 1 samples each */
  double *phi;         /* [num_samples][size] */
} gkt_pattern;
enum { GKT_MAX_PIECES = 16 };
typedef struct { /* patterns made so far, all with the same pieces */
  gkt_context *ctx;
  int pieces;
  gkt_pattern *of[GKT_NUM_CELL_TYPES][GKT_MAX_DEGREE + 1];
} gkt_patterns;
gkt_status gkt_pattern_get(gkt_patterns *, gkt_cell_type, int degree, const gkt_pattern **out) GKT_MUST_CHECK;
void gkt_patterns_destroy(gkt_patterns *);
void gkt_pattern_sample(const gkt_pattern *, const gkt_drawing *, const gkt_idx *nodes, gkt_sample *out); /* nodes [size]; out [num_samples] */
/* Pieces that let the cells of one dimension look smooth, or fewer: count * pieces^2 <= limit. */
int gkt_pieces_for(const gkt_drawing *, int dim, gkt_size count, gkt_size limit);

/* ---- what can be seen: of solids the facets that no second cell shares, of flat cells all. Nodes at one place count as one: discontinuous fields repeat them. ---- */
typedef struct {
  int block;
  gkt_idx cell; /* within the block */
  int facet;    /* -1: the cell itself */
} gkt_patch;
typedef struct {
  int dim;       /* the highest of a cell; those are looked at */
  gkt_idx *same; /* [num_nodes of the grid]: of corners of cells, one number for all nodes at one place */
  gkt_idx num_patches;
  gkt_patch *patches; /* in the order of the cells */
} gkt_patches;
gkt_status gkt_patches_find(gkt_context *, const gkt_vtu_grid *, gkt_patches **out) GKT_MUST_CHECK;
void gkt_patches_destroy(gkt_patches **);
/* Kind of a patch, and its nodes in the order of a cell of that kind, [25] at most. */
gkt_cell_type gkt_patch_nodes(const gkt_vtu_grid *, const gkt_patch *, gkt_idx *nodes);

/* ---- the surface, as linear triangles ---- */
typedef struct {
  gkt_idx nodes[3]; /* of the surface */
  int sides;        /* bit i: the side from node i to node i+1 belongs to the mesh, not to the cutting into pieces */
} gkt_triangle;
typedef struct {
  gkt_idx nodes[2];
  bool feature; /* on the rim of the surface, or between triangles that meet at more than 30 degrees */
  bool mesh;    /* side of a cell */
} gkt_outline;
typedef struct {
  gkt_context *ctx;
  gkt_idx num_nodes, num_triangles, num_outlines, node_room, triangle_room, outline_room;
  gkt_sample *nodes;
  gkt_idx *same; /* [num_nodes that came from patches]: one number for all nodes at one place */
  gkt_triangle *triangles;
  double (*normals)[3][3]; /* [num_triangles][corner][xyz], unit, smooth across what is no feature; NULL: flat */
  gkt_outline *outlines;
} gkt_surface;
gkt_status gkt_surface_create(gkt_context *, const gkt_drawing *, const gkt_patches *, gkt_surface **out) GKT_MUST_CHECK; /* nodes, triangles */
gkt_status gkt_surface_add_outlines(gkt_surface *) GKT_MUST_CHECK;
gkt_status gkt_surface_add_normals(gkt_surface *) GKT_MUST_CHECK;
void gkt_surface_normal(const gkt_surface *, gkt_idx triangle, double normal[3]); /* unit, as drawn */
void gkt_surface_destroy(gkt_surface **);
/* Room for so many more. */
gkt_status gkt_surface_reserve(gkt_surface *, gkt_size nodes, gkt_size triangles, gkt_size outlines) GKT_MUST_CHECK;

/* ---- sections ---- */
typedef struct {
  int axis;     /* 0 to 2 */
  double value; /* coordinate of the plane or line */
  double sign;  /* what is kept: sign * (x[axis] - value) <= 0, undeformed */
  double slack; /* how far from the plane counts as on it: facets of cells that lie in it must not be cut by rounding */
} gkt_section;
bool gkt_section_read(const char *text, gkt_section *out); /* "x=0.5", sign 1; false: something else */
/* The same with a message; refuses also one that does not meet the nodes' box, coords [num_nodes][dim]. */
gkt_status gkt_section_check(gkt_context *, const char *text, int dim, gkt_size num_nodes, const double *coords, gkt_section *out) GKT_MUST_CHECK;
gkt_sample gkt_section_between(const gkt_section *, const gkt_sample *, const gkt_sample *, double *part); /* where it cuts; *part: from the first to the second, may be NULL */
double gkt_section_distance(const gkt_section *, const gkt_sample *);                                      /* sign * (x[axis] - value); 0 within the slack */
bool gkt_section_may_cut(const gkt_section *, const gkt_vtu_grid *, const gkt_vtu_block *, gkt_size cell);
gkt_status gkt_surface_clip(gkt_surface *, const gkt_section *) GKT_MUST_CHECK;                                                  /* behind outlines and normals */
gkt_status gkt_surface_add_section(gkt_surface *, const gkt_drawing *, const gkt_patches *, const gkt_section *) GKT_MUST_CHECK; /* of solids */

/* ---- graphs ---- */
typedef struct {
  double x[2], y[2];
  bool end[2]; /* of a cell */
  int curve;   /* which of several */
} gkt_trace;
typedef struct {
  gkt_size num_traces, room;
  gkt_trace *traces;
} gkt_traces;
gkt_status gkt_traces_add(gkt_context *, gkt_traces *, gkt_trace) GKT_MUST_CHECK;
gkt_status gkt_traces_of_lines(gkt_context *, const gkt_drawing *, gkt_traces *) GKT_MUST_CHECK;                        /* values over x */
gkt_status gkt_traces_of_section(gkt_context *, const gkt_drawing *, const gkt_section *, gkt_traces *) GKT_MUST_CHECK; /* of flat cells, over the other coordinate */

/* ---- view: orthographic. x to the right, y up, z towards the viewer. ---- */
typedef struct {
  double axes[3][3];      /* right, up, towards the viewer; unit */
  double scale, shift[2]; /* pixels: x = scale * (right . p) + shift[0], y (downwards) = shift[1] - scale * (up . p), depth = scale * (towards . p) */
} gkt_view;
gkt_status gkt_view_find(gkt_context *, const char *name, int dim, gkt_view *out) GKT_MUST_CHECK; /* axes; scale 1 */
void gkt_view_extend(const gkt_view *, const double point[3], double box[4]);                     /* box: least right and up, greatest right and up; grows */
void gkt_view_fit(gkt_view *, const double box[4], const double rectangle[4]);                    /* into left, top, width, height in pixels */
void gkt_view_project(const gkt_view *, const double point[3], double out[3]);

/* ---- colours ---- */
typedef struct {
  double low, high;
  bool empty;    /* no finite value */
  bool constant; /* high - low is rounding */
  bool partial;  /* some values are not finite */
} gkt_range;
gkt_range gkt_range_of(gkt_size count, const double *values);      /* of the finite ones */
void gkt_color_at(const gkt_range *, double value, double rgb[3]); /* viridis; grey where value is not finite */

/* ---- pixels, GKT_PICTURE_SAMPLES times finer than the picture in each direction ---- */
enum { GKT_PICTURE_SAMPLES = 2 };
typedef struct {
  int width, height; /* in samples */
  float *depth;      /* -infinity: nothing there */
  uint32_t *colors;  /* 0xRRGGBB */
} gkt_raster;
gkt_status gkt_raster_create(gkt_context *, int width, int height, gkt_raster *out) GKT_MUST_CHECK; /* in pixels */
void gkt_raster_destroy(gkt_raster *);
typedef struct {
  double at[3]; /* in pixels, depth */
  double value;
  double light; /* 0 .. 1 */
} gkt_corner;
void gkt_raster_triangle(gkt_raster *, const gkt_range *, const gkt_corner[3]); /* the nearer of two points wins; values are interpolated, then coloured */
uint32_t gkt_raster_pixel(const gkt_raster *, int x, int y);                    /* 0xAARRGGBB, premultiplied: the mean of the samples */
bool gkt_raster_sees(const gkt_raster *, const double at[3]);                   /* whether a line there is in front of, or on, what was drawn */

/* ---- scale of the colour bar ---- */
enum { GKT_MAX_TICKS = 8 };
typedef struct {
  int count;
  double values[GKT_MAX_TICKS];
  char labels[GKT_MAX_TICKS][32]; /* of value / 10^exponent */
  int exponent;                   /* a multiple of 3; 0: none is shown */
} gkt_ticks;
gkt_ticks gkt_ticks_choose(const gkt_range *);

/* ---- page ---- */
typedef struct { /* where a page goes */
  const char *path;
  gkt_film *film; /* NULL: a file of its own */
} gkt_canvas;
/* Refuses sizes and words that no picture has; fills in what is 0. */
gkt_status gkt_picture_complete_options(gkt_context *, const char *path, gkt_picture_options *) GKT_MUST_CHECK;
gkt_status gkt_picture_write_on(gkt_context *, const gkt_canvas *, const gkt_vtu_grid *, const gkt_scalar *values, const gkt_scalar *displacement,
                                const gkt_picture_options *) GKT_MUST_CHECK;
typedef struct {
  int dim; /* of the grid */
  const gkt_surface *surface;
  bool moved;                  /* rest and at differ */
  gkt_range range, seen;       /* of the colours; of the values */
  gkt_picture_options options; /* sizes and view filled in */
} gkt_picture;
gkt_status gkt_picture_draw(gkt_context *, const gkt_canvas *, const gkt_picture *) GKT_MUST_CHECK;
typedef struct {
  const gkt_traces *traces;
  const char *along; /* below the graph */
  gkt_picture_options options;
  int num_curves; /* with a legend; 0: one, whose name is the options' label */
  const gkt_graph_curve *curves;
} gkt_trace_graph;
gkt_status gkt_trace_graph_draw(gkt_context *, const gkt_canvas *, const gkt_trace_graph *) GKT_MUST_CHECK;
enum { GKT_MOST_ISOLINES = 100 };
double gkt_isoline_level(const gkt_range *, int i, int count); /* i from 0 */
#endif
