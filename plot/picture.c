/* gkt_picture_write: from a grid and its values to what the page draws. */
#include <math.h>

#include "plot/picture.h"
#include "plot/vtu.h"

enum { LEAST_PIXELS = 64, MOST_PIXELS = 8192 };

static gkt_status check_grid(gkt_context *ctx, const char *path, const gkt_vtu_grid *grid) {
  GKT_TRY(gkt_vtu_check_grid(ctx, path, "a picture", grid));
  if (gkt_vtu_num_cells(grid) < 1 || grid->num_nodes < 1) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%s: a picture of no cells", path);
  for (gkt_size i = 0; i < (gkt_size)grid->num_nodes * grid->dim; i++)
    if (!isfinite(grid->coords[i])) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%s: a coordinate of a picture is not a finite number", path);
  return GKT_OK;
}

gkt_status gkt_picture_complete_options(gkt_context *ctx, const char *path, gkt_picture_options *o) {
  gkt_view view;
  if (o->width == 0) o->width = 1200;
  if (o->height == 0) o->height = 900;
  if (o->width < LEAST_PIXELS || o->height < LEAST_PIXELS || o->width > MOST_PIXELS || o->height > MOST_PIXELS)
    return gkt_fail(ctx, GKT_BAD_INPUT, "%s: a picture of %d x %d pixels: %d to %d were expected", path, o->width, o->height, LEAST_PIXELS, MOST_PIXELS);
  if (o->limits && !(isfinite(o->limits[0]) && isfinite(o->limits[1]) && o->limits[0] < o->limits[1]))
    return gkt_fail(ctx, GKT_BAD_INPUT, "%s: colours from %g to %g: a lower and a higher number were expected", path, o->limits[0], o->limits[1]);
  if (o->isolines < 0 || o->isolines > GKT_MOST_ISOLINES) return gkt_fail(ctx, GKT_BAD_INPUT, "%s: %d isolines: 0 to %d were expected", path, o->isolines, GKT_MOST_ISOLINES);
  return gkt_view_find(ctx, o->view, 3, &view); /* refuses an unknown name early */
}

static gkt_status check_displacement(gkt_context *ctx, const char *path, const gkt_drawing *drawing) {
  for (gkt_size i = 0; drawing->displacement && i < (gkt_size)drawing->grid->num_nodes * drawing->grid->dim; i++)
    if (!isfinite(drawing->grid->coords[i] + drawing->factor * drawing->displacement[i]))
      return gkt_fail(ctx, GKT_BAD_INPUT, "%s: the displacement that warps the picture is not finite everywhere", path);
  return GKT_OK;
}

/* ---- sections ---- */
static gkt_status read_section(gkt_context *ctx, const gkt_vtu_grid *grid, const char *text, gkt_section *out) {
  return gkt_section_check(ctx, text, grid->dim, grid->num_nodes, grid->coords, out);
}

/* The half towards the viewer is what is cut away. */
static gkt_status face_viewer(gkt_context *ctx, const char *name, gkt_section *section) {
  gkt_view view;
  GKT_TRY(gkt_view_find(ctx, name, 3, &view));
  if (view.axes[2][section->axis] < 0) section->sign = -1;
  return GKT_OK;
}

static gkt_status cut_surface(gkt_context *ctx, const gkt_drawing *drawing, const gkt_patches *patches, const gkt_picture_options *o, gkt_surface *surface) {
  gkt_section section;
  GKT_TRY(read_section(ctx, drawing->grid, o->section, &section));
  GKT_TRY(face_viewer(ctx, o->view, &section));
  GKT_TRY(gkt_surface_clip(surface, &section));
  return patches->dim == 3 ? gkt_surface_add_section(surface, drawing, patches, &section) : GKT_OK;
}

/* ---- surfaces and graphs ---- */
static gkt_range range_of(const gkt_drawing *drawing, const gkt_picture_options *o) {
  gkt_range r = gkt_range_of(drawing->grid->num_nodes, drawing->values);
  if (o->limits) r.low = o->limits[0], r.high = o->limits[1], r.empty = r.constant = false;
  return r;
}

static gkt_status draw_surface(gkt_context *ctx, const gkt_canvas *canvas, const gkt_drawing *drawing, const gkt_patches *patches, const gkt_picture_options *o) {
  gkt_surface *surface = NULL;
  gkt_status status;
  GKT_GO(gkt_surface_create(ctx, drawing, patches, &surface));
  GKT_GO(gkt_surface_add_outlines(surface));
  if (drawing->grid->dim == 3) GKT_GO(gkt_surface_add_normals(surface));
  if (o->section) GKT_GO(cut_surface(ctx, drawing, patches, o, surface));
  const gkt_picture picture = {drawing->grid->dim, surface, drawing->displacement != NULL, range_of(drawing, o), gkt_range_of(drawing->grid->num_nodes, drawing->values), *o};
  GKT_GO(gkt_picture_draw(ctx, canvas, &picture));
done:
  gkt_surface_destroy(&surface);
  return status;
}

static gkt_status draw_graph(gkt_context *ctx, const gkt_canvas *canvas, const gkt_drawing *drawing, const gkt_picture_options *o) {
  gkt_traces traces = {.traces = NULL};
  gkt_section section;
  char along[64] = "x";
  gkt_status status;
  if (o->section) {
    GKT_GO(read_section(ctx, drawing->grid, o->section, &section));
    snprintf(along, sizeof along, "%c, at %c = %.6g", section.axis ? 'x' : 'y', section.axis ? 'y' : 'x', section.value);
    GKT_GO(gkt_traces_of_section(ctx, drawing, &section, &traces));
  } else GKT_GO(gkt_traces_of_lines(ctx, drawing, &traces));
  GKT_GO(gkt_trace_graph_draw(ctx, canvas, &(gkt_trace_graph){.traces = &traces, .along = along, .options = *o}));
done:
  gkt_free(&traces.traces);
  return status;
}

static gkt_status draw(gkt_context *ctx, const gkt_canvas *canvas, const gkt_drawing *drawing, const gkt_patches *patches, const gkt_picture_options *o) {
  if (patches->dim > 1) return drawing->grid->dim == 2 && o->section ? draw_graph(ctx, canvas, drawing, o) : draw_surface(ctx, canvas, drawing, patches, o);
  if (drawing->grid->dim > 1)
    return gkt_fail(ctx, GKT_UNAVAILABLE, "%s: pictures of lines in %d dimensions are not available; those along x are drawn as a graph", canvas->path, drawing->grid->dim);
  return draw_graph(ctx, canvas, drawing, o);
}

gkt_status gkt_picture_write_on(gkt_context *ctx, const gkt_canvas *canvas, const gkt_vtu_grid *grid, const gkt_scalar *values, const gkt_scalar *displacement,
                                const gkt_picture_options *options) {
  gkt_picture_options o = options ? *options : (gkt_picture_options){0};
  const gkt_drawing drawing = {grid, values, o.warp != 0 ? displacement : NULL, o.warp};
  gkt_patches *patches = NULL;
  gkt_status status;
  GKT_GO(check_grid(ctx, canvas->path, grid));
  GKT_GO(gkt_picture_complete_options(ctx, canvas->path, &o));
  GKT_GO(check_displacement(ctx, canvas->path, &drawing));
  GKT_GO(gkt_patches_find(ctx, grid, &patches));
  GKT_GO(draw(ctx, canvas, &drawing, patches, &o));
done:
  gkt_patches_destroy(&patches);
  return status;
}

gkt_status gkt_picture_write(gkt_context *ctx, const char *path, const gkt_vtu_grid *grid, const gkt_scalar *values, const gkt_scalar *displacement,
                             const gkt_picture_options *options) {
  return gkt_picture_write_on(ctx, &(gkt_canvas){.path = path}, grid, values, displacement, options);
}
