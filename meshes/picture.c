/* gkt_picture_write: from a grid and its values to what the page draws. */
#include <math.h>

#include "meshes/picture.h"
#include "meshes/vtu.h"

enum { LEAST_PIXELS = 64, MOST_PIXELS = 8192 };

static gkt_status check_grid(gkt_context *ctx, const char *path, const gkt_vtu_grid *grid) {
  if (!gkt_vtu_cell_number(grid->cell, grid->nodes_per_cell) || grid->dim < 2 || grid->dim > 3 || (grid->cell == GKT_TETRAHEDRON && grid->dim == 2))
    return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%s: a picture of cells with %d nodes in %d dimensions; triangles and tetrahedra of order 1 and 2 are drawn", path, grid->nodes_per_cell,
                    grid->dim);
  if (grid->num_cells < 1 || grid->num_nodes < 1) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%s: a picture of no cells", path);
  for (gkt_size i = 0; i < (gkt_size)grid->num_cells * grid->nodes_per_cell; i++)
    if (grid->cells[i] < 0 || grid->cells[i] >= grid->num_nodes)
      return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%s: a cell names node %d of %d", path, (int)grid->cells[i], (int)grid->num_nodes);
  for (gkt_size i = 0; i < (gkt_size)grid->num_nodes * grid->dim; i++)
    if (!isfinite(grid->coords[i])) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%s: a coordinate of a picture is not a finite number", path);
  return GKT_OK;
}

static gkt_status complete_options(gkt_context *ctx, const char *path, gkt_picture_options *o) {
  gkt_view view;
  if (o->width == 0) o->width = 1200;
  if (o->height == 0) o->height = 900;
  if (o->width < LEAST_PIXELS || o->height < LEAST_PIXELS || o->width > MOST_PIXELS || o->height > MOST_PIXELS)
    return gkt_fail(ctx, GKT_BAD_INPUT, "%s: a picture of %d x %d pixels: %d to %d were expected", path, o->width, o->height, LEAST_PIXELS, MOST_PIXELS);
  return gkt_view_find(ctx, o->view, 3, &view); /* refuses an unknown name early */
}

/* coords + factor * displacement, with a third coordinate of 0 in the plane. */
static gkt_status place_points(gkt_context *ctx, const char *path, const gkt_vtu_grid *grid, double factor, const gkt_scalar *displacement, double **out) {
  double *points;
  GKT_TRY(gkt_calloc(ctx, 3 * (gkt_size)grid->num_nodes, sizeof *points, &points));
  for (gkt_size i = 0; i < grid->num_nodes; i++)
    for (int k = 0; k < grid->dim; k++) {
      const gkt_size at = i * grid->dim + k;
      points[3 * i + k] = grid->coords[at] + (displacement ? factor * displacement[at] : 0);
      if (isfinite(points[3 * i + k])) continue;
      gkt_free(&points);
      return gkt_fail(ctx, GKT_BAD_INPUT, "%s: the displacement that warps the picture is not finite everywhere", path);
    }
  *out = points;
  return GKT_OK;
}

gkt_status gkt_picture_write(gkt_context *ctx, const char *path, const gkt_vtu_grid *grid, const gkt_scalar *values, const gkt_scalar *displacement,
                             const gkt_picture_options *options) {
  gkt_picture p = {.grid = grid, .values = values, .options = options ? *options : (gkt_picture_options){0}};
  double *rest = NULL, *points = NULL;
  gkt_surface *surface = NULL;
  const bool warped = displacement && p.options.warp != 0;
  gkt_status status;
  GKT_GO(check_grid(ctx, path, grid));
  GKT_GO(complete_options(ctx, path, &p.options));
  GKT_GO(place_points(ctx, path, grid, 0, NULL, &rest));
  GKT_GO(gkt_surface_create(ctx, grid, &surface));
  GKT_GO(gkt_surface_add_outlines(ctx, surface, rest));
  if (warped) GKT_GO(place_points(ctx, path, grid, p.options.warp, displacement, &points));
  p.points = warped ? points : rest, p.rest = warped ? rest : NULL, p.surface = surface;
  if (grid->dim == 3) GKT_GO(gkt_surface_add_normals(ctx, surface, grid->num_nodes, p.points));
  p.range = gkt_range_of(grid->num_nodes, values);
  GKT_GO(gkt_picture_draw(ctx, path, &p));
done:
  gkt_surface_destroy(&surface);
  gkt_free(&rest);
  gkt_free(&points);
  return status;
}
