/* gkt_picture_from_vtu: one array of a file, as a scalar at nodes. */
#include <math.h>
#include <string.h>

#include "plot/picture.h"
#include "plot/vtu.h"

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
  gkt_idx *nodes;
  gkt_vtu_block *blocks;
} copies;

/* A vector along a line has a sign; others have their norm. */
static bool is_signed(const gkt_vtu_array *a, int dim) { return a->num_components == 1 || (dim == 1 && a->num_components == 3); }

static double scalar_of(const gkt_vtu_array *a, int dim, gkt_size tuple) {
  const double *v = a->values + tuple * a->num_components;
  double sum = 0;
  for (int k = 0; k < a->num_components; k++) sum = hypot(sum, v[k]);
  return is_signed(a, dim) ? v[0] : sum;
}

/* blocks with nodes 0, 1, 2, ..; from: the node that each copies, in one list */
static gkt_status repeat_nodes(gkt_context *ctx, const gkt_vtu_grid *grid, copies *c, gkt_idx **from) {
  gkt_size count = 0, n = 0;
  for (int b = 0; b < grid->num_blocks; b++) count += (gkt_size)grid->blocks[b].num_cells * grid->blocks[b].nodes_per_cell;
  GKT_TRY(gkt_narrow(ctx, count, "nodes of the picture", &c->grid.num_nodes));
  GKT_TRY(gkt_calloc(ctx, count, sizeof *c->nodes, &c->nodes));
  GKT_TRY(gkt_calloc(ctx, count, sizeof **from, from));
  GKT_TRY(gkt_calloc(ctx, grid->num_blocks, sizeof *c->blocks, &c->blocks));
  for (int b = 0; b < grid->num_blocks; b++) {
    c->blocks[b] = grid->blocks[b];
    c->blocks[b].nodes = c->nodes + n;
    for (gkt_size i = 0; i < (gkt_size)grid->blocks[b].num_cells * grid->blocks[b].nodes_per_cell; i++, n++) c->nodes[n] = (gkt_idx)n, (*from)[n] = grid->blocks[b].nodes[i];
  }
  c->grid.blocks = c->blocks;
  return GKT_OK;
}

static void fill_values(const gkt_vtu_grid *grid, const gkt_vtu_array *a, copies *c) {
  gkt_size cell = 0, n = 0;
  for (gkt_size i = 0; i < grid->num_nodes && !a->on_cells; i++) c->values[i] = scalar_of(a, grid->dim, i);
  for (int b = 0; b < grid->num_blocks && a->on_cells; b++)
    for (gkt_idx i = 0; i < grid->blocks[b].num_cells; i++, cell++)
      for (int k = 0; k < grid->blocks[b].nodes_per_cell; k++) c->values[n++] = scalar_of(a, grid->dim, cell);
}

static gkt_status fill(gkt_context *ctx, const gkt_vtu_grid *grid, const gkt_vtu_array *a, const gkt_vtu_array *warp, copies *c) {
  const gkt_size dim = grid->dim;
  gkt_idx *from = NULL;
  gkt_status status;
  c->grid = *grid;
  if (a->on_cells) GKT_GO(repeat_nodes(ctx, grid, c, &from));
  const gkt_size count = c->grid.num_nodes;
  GKT_GO(gkt_calloc(ctx, count, sizeof *c->values, &c->values));
  GKT_GO(gkt_calloc(ctx, count * dim, sizeof *c->coords, &c->coords));
  if (warp) GKT_GO(gkt_calloc(ctx, count * dim, sizeof *c->displacement, &c->displacement));
  for (gkt_size i = 0; i < count; i++) {
    const gkt_size node = from ? from[i] : i;
    memcpy(c->coords + i * dim, grid->coords + node * dim, (size_t)dim * sizeof *c->coords);
    if (warp) memcpy(c->displacement + i * dim, warp->values + 3 * node, (size_t)dim * sizeof *c->displacement);
  }
  fill_values(grid, a, c);
  c->grid.coords = c->coords;
done:
  gkt_free(&from);
  return status;
}

static gkt_status draw(gkt_context *ctx, const char *vtu_path, const char *field, const gkt_vtu_file *file, const char *png_path, gkt_picture_options options) {
  const gkt_vtu_array *array = NULL, *warp = NULL;
  copies d = {.coords = NULL};
  char label[256];
  gkt_status status;
  GKT_GO(find_array(ctx, vtu_path, field, file, &array));
  if (options.warp != 0) GKT_GO(find_displacement(ctx, vtu_path, file, array, &warp));
  GKT_GO(fill(ctx, &file->grid, array, warp, &d));
  snprintf(label, sizeof label, is_signed(array, file->grid.dim) ? "%s" : "|%s|", array->name);
  if (!options.label) options.label = label;
  GKT_GO(gkt_picture_write(ctx, png_path, &d.grid, d.values, d.displacement, &options));
done:
  gkt_free(&d.blocks);
  gkt_free(&d.nodes);
  gkt_free(&d.coords);
  gkt_free(&d.values);
  gkt_free(&d.displacement);
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
