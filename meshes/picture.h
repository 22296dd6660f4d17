/* Pictures of a grid: surface (picture_surface.c, picture_edges.c) -> view (picture_project.c) -> pixels (picture_raster.c, picture_colors.c) -> page (picture_draw.c,
 * picture_scale.c). */
#ifndef GKT_MESHES_PICTURE_H
#define GKT_MESHES_PICTURE_H
#include "core/core.h"
#include "galerkit/mesh.h"

/* ---- the surface, as linear triangles: the outer facets of tetrahedra, or the triangles of the grid; a quadratic facet gives four ---- */
typedef struct {
  gkt_idx nodes[3]; /* of the grid */
  int sides;        /* bit i: the side from node i to node i+1 belongs to the mesh, not to the cutting into four */
} gkt_triangle;
typedef struct {
  gkt_idx nodes[2];
  bool feature; /* on the rim of the surface, or between triangles that meet at more than 30 degrees */
  bool mesh;    /* side of a cell */
} gkt_outline;
typedef struct {
  gkt_idx *same; /* [num_nodes]: one number for all nodes at one place: discontinuous fields repeat nodes */
  gkt_idx num_triangles, num_outlines;
  gkt_triangle *triangles;
  gkt_outline *outlines;
  double (*normals)[3][3]; /* [num_triangles][corner][xyz], unit, smooth across what is no feature */
} gkt_surface;
gkt_status gkt_surface_create(gkt_context *, const gkt_vtu_grid *, gkt_surface **out) GKT_MUST_CHECK;   /* triangles */
gkt_status gkt_surface_add_outlines(gkt_context *, gkt_surface *, const double *points) GKT_MUST_CHECK; /* points [num_nodes][3] */
gkt_status gkt_surface_add_normals(gkt_context *, gkt_surface *, gkt_idx num_nodes, const double *points) GKT_MUST_CHECK;
void gkt_surface_destroy(gkt_surface **);

/* ---- view: orthographic. x to the right, y up, z towards the viewer. ---- */
typedef struct {
  double axes[3][3];      /* right, up, towards the viewer; unit */
  double scale, shift[2]; /* pixels: x = scale * (right . p) + shift[0], y (downwards) = shift[1] - scale * (up . p), depth = scale * (towards . p) */
} gkt_view;
gkt_status gkt_view_find(gkt_context *, const char *name, int dim, gkt_view *out) GKT_MUST_CHECK; /* axes; scale 1 */
void gkt_view_extend(const gkt_view *, gkt_size num_points, const double *points, double box[4]); /* box: least right and up, greatest right and up; grows */
void gkt_view_fit(gkt_view *, const double box[4], const double rectangle[4]);                    /* into left, top, width, height in pixels */
void gkt_view_project(const gkt_view *, const double point[3], double out[3]);

/* ---- colours ---- */
typedef struct {
  double low, high;
  bool empty;    /* no finite value */
  bool constant; /* high - low is rounding */
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
typedef struct {
  const gkt_vtu_grid *grid;
  const gkt_surface *surface;
  const double *points, *rest; /* [num_nodes][3]: as drawn; undeformed, NULL: the same */
  const gkt_scalar *values;    /* [num_nodes] */
  gkt_range range;
  gkt_picture_options options; /* sizes and view filled in */
} gkt_picture;
gkt_status gkt_picture_draw(gkt_context *, const char *path, const gkt_picture *) GKT_MUST_CHECK;
#endif
