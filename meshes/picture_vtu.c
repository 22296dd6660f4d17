/* gkt_picture_from_vtu: one array of a file, as a scalar at nodes. */
#include <math.h>
#include <string.h>

#include "meshes/picture.h"
#include "meshes/vtu.h"

static gkt_status unknown(gkt_context *ctx, const char *path, const char *field, const gkt_vtu_file *file) {
  gkt_text names = {.ctx = ctx};
  for (int i = 0; i < file->num_arrays; i++) gkt_text_printf(&names, "%s%s", i ? ", " : "", file->arrays[i].name);
  gkt_status status = names.status;
  if (status == GKT_OK) status = gkt_fail(ctx, GKT_BAD_INPUT, "%s holds no array named '%s'; it holds %s", path, field, file->num_arrays ? names.data : "none");
  gkt_text_free(&names);
  return status;
}

static gkt_status find_array(gkt_context *ctx, const char *path, const char *field, const gkt_vtu_file *file, const gkt_vtu_array **out) {
  if (!field && !file->num_arrays) return gkt_fail(ctx, GKT_BAD_INPUT, "%s holds no arrays to draw", path);
  for (int i = 0; i < file->num_arrays; i++)
    if (!field || !strcmp(file->arrays[i].name, field)) return *out = file->arrays + i, GKT_OK;
  return unknown(ctx, path, field, file);
}

/* What moves the nodes: the drawn array if it is a displacement, otherwise the first of point data that could be one. */
static gkt_status find_displacement(gkt_context *ctx, const char *path, const gkt_vtu_file *file, const gkt_vtu_array *drawn, const gkt_vtu_array **out) {
  if (!drawn->on_cells && drawn->num_components == 3) return *out = drawn, GKT_OK;
  for (int i = 0; i < file->num_arrays; i++)
    if (!file->arrays[i].on_cells && file->arrays[i].num_components == 3) return *out = file->arrays + i, GKT_OK;
  return gkt_fail(ctx, GKT_BAD_INPUT, "%s holds no vectors of point data by which the picture could be warped", path);
}

/* Values of cells need nodes of their own: each cell gets copies of its nodes. */
typedef struct {
  gkt_vtu_grid grid;
  double *coords, *values, *displacement;
  gkt_idx *cells;
} drawing;

static double scalar_of(const gkt_vtu_array *a, gkt_size tuple) {
  const double *v = a->values + tuple * a->num_components;
  double sum = 0;
  for (int k = 0; k < a->num_components; k++) sum = hypot(sum, v[k]);
  return a->num_components == 1 ? v[0] : sum;
}

static gkt_status fill(gkt_context *ctx, const gkt_vtu_grid *from, const gkt_vtu_array *a, const gkt_vtu_array *warp, drawing *d) {
  const gkt_size per_cell = from->nodes_per_cell, dim = from->dim, count = a->on_cells ? from->num_cells * per_cell : from->num_nodes;
  gkt_idx num_nodes;
  GKT_TRY(gkt_narrow(ctx, count, "nodes of the picture", &num_nodes));
  GKT_TRY(gkt_calloc(ctx, count, sizeof *d->values, &d->values));
  GKT_TRY(gkt_calloc(ctx, count * dim, sizeof *d->coords, &d->coords));
  if (warp) GKT_TRY(gkt_calloc(ctx, count * dim, sizeof *d->displacement, &d->displacement));
  if (a->on_cells) GKT_TRY(gkt_calloc(ctx, count, sizeof *d->cells, &d->cells));
  for (gkt_size i = 0; i < count; i++) {
    const gkt_size node = a->on_cells ? from->cells[i] : i;
    d->values[i] = scalar_of(a, a->on_cells ? i / per_cell : i);
    memcpy(d->coords + i * dim, from->coords + node * dim, (size_t)dim * sizeof *d->coords);
    if (warp) memcpy(d->displacement + i * dim, warp->values + 3 * node, (size_t)dim * sizeof *d->displacement);
    if (a->on_cells) d->cells[i] = (gkt_idx)i;
  }
  d->grid = *from;
  d->grid.num_nodes = num_nodes, d->grid.coords = d->coords, d->grid.cells = a->on_cells ? d->cells : from->cells;
  return GKT_OK;
}

static gkt_status draw(gkt_context *ctx, const char *vtu_path, const char *field, const gkt_vtu_file *file, const char *png_path, gkt_picture_options options) {
  const gkt_vtu_array *array = NULL, *warp = NULL;
  drawing d = {.coords = NULL};
  char label[256];
  gkt_status status;
  GKT_GO(find_array(ctx, vtu_path, field, file, &array));
  if (options.warp != 0) GKT_GO(find_displacement(ctx, vtu_path, file, array, &warp));
  GKT_GO(fill(ctx, &file->grid, array, warp, &d));
  snprintf(label, sizeof label, array->num_components == 1 ? "%s" : "|%s|", array->name);
  if (!options.label) options.label = label;
  GKT_GO(gkt_picture_write(ctx, png_path, &d.grid, d.values, d.displacement, &options));
done:
  gkt_free(&d.coords);
  gkt_free(&d.values);
  gkt_free(&d.displacement);
  gkt_free(&d.cells);
  return status;
}

gkt_status gkt_picture_from_vtu(gkt_context *ctx, const char *vtu_path, const char *field, const char *png_path, const gkt_picture_options *options) {
  char *data = NULL;
  size_t length;
  gkt_vtu_file *file = NULL;
  gkt_status status;
  GKT_GO(gkt_file_read(ctx, vtu_path, &data, &length));
  GKT_GO(gkt_vtu_parse(ctx, vtu_path, data, length, &file));
  gkt_free(&data);
  GKT_GO(draw(ctx, vtu_path, field, file, png_path, options ? *options : (gkt_picture_options){0}));
done:
  gkt_free(&data);
  gkt_vtu_destroy(&file);
  return status;
}
