/* VTU and picture. Fields of degree k are written in their own space; other expressions as DP(k-1), cell data for k = 1. */
#include <math.h>
#include <string.h>

#include "meshes/cell.h"
#include "problem/problem.h"

static gkt_vtu_grid grid_of(const gkt_problem *p, const gkt_space *space) {
  const gkt_cell_block *block = gkt_mesh_block(p->mesh, 0);
  return (gkt_vtu_grid){
      p->dim, gkt_space_num_nodes(space), block->num_cells, gkt_space_nodes_per_cell(space, 0), block->cell, gkt_space_coords(space), gkt_space_cell_nodes(space, 0)};
}

static bool is_field(const gkt_problem *p, const char *text) { return gkt_scope_find_function(p->scope, text) == p->field; }

/* Interpolates into an element of its own shape. */
static gkt_status interpolate(gkt_problem *p, const gkt_expression *e, gkt_element element, gkt_scalar **out) {
  gkt_space *space = NULL;
  gkt_status status;
  GKT_GO(gkt_space_create(p->mesh, element, gkt_expression_shape(e), &space));
  GKT_GO(gkt_alloc(p->ctx, gkt_space_num_dofs(space), sizeof **out, out));
  GKT_GO(gkt_interpolate(e, space, &p->inputs, *out));
done:
  gkt_space_destroy(&space);
  return status;
}

/* DP1 values on the nodes of DP2: the midpoint of an edge has the mean of its ends. */
static gkt_status raise_degree(gkt_problem *p, int num_components, gkt_scalar **values) {
  const gkt_cell_block *block = gkt_mesh_block(p->mesh, 0);
  const gkt_cell_topology *t = &gkt_cell_topologies[block->cell];
  int nv = t->num_vertices, n = nv + t->num_edges, nc = num_components;
  gkt_scalar *fine = NULL;
  GKT_TRY(gkt_alloc(p->ctx, (gkt_size)block->num_cells * n * nc, sizeof *fine, &fine));
  for (gkt_size c = 0; c < block->num_cells; c++)
    for (int k = 0; k < nc; k++) {
      const gkt_scalar *from = *values + c * nv * nc + k;
      gkt_scalar *to = fine + c * n * nc + k;
      for (int v = 0; v < nv; v++) to[v * nc] = from[v * nc];
      for (int e = 0; e < t->num_edges; e++) to[(nv + e) * nc] = 0.5 * (from[t->edges[e][0] * nc] + from[t->edges[e][1] * nc]);
    }
  gkt_free(values);
  *values = fine;
  return GKT_OK;
}

static gkt_status make_array(gkt_problem *p, int i, gkt_element grid, gkt_vtu_array *a, gkt_scalar **values) {
  const gkt_named_source *f = &p->settings->output.fields[i];
  int degree = gkt_space_element(p->spaces[p->field]).degree, own = is_field(p, f->source.text) ? degree : degree - 1;
  gkt_shape shape = gkt_expression_shape(p->outputs[i]);
  *a = (gkt_vtu_array){.name = f->name.text, .rank = shape.rank, .num_components = gkt_shape_size(shape), .on_cells = own < 1};
  gkt_element element = own < 1 ? (gkt_element){true, 0} : own == grid.degree ? grid : (gkt_element){true, own};
  GKT_TRY(interpolate(p, p->outputs[i], element, values));
  if (own == 1 && grid.degree == 2) GKT_TRY(raise_degree(p, a->num_components, values));
  a->values = *values;
  return GKT_OK;
}

/* Expressions that jump between cells need nodes of their own in each cell. */
static gkt_element grid_element(const gkt_problem *p) {
  gkt_element e = gkt_space_element(p->spaces[p->field]);
  for (int i = 0; i < p->settings->output.num_fields; i++) e.discontinuous |= e.degree > 1 && !is_field(p, p->settings->output.fields[i].source.text);
  if (e.degree < 1) return (gkt_element){false, 1};
  return e;
}

static gkt_status write_vtu(gkt_problem *p, const char *name) {
  int n = p->settings->output.num_fields;
  gkt_element element = grid_element(p);
  gkt_space *space = NULL;
  gkt_vtu_array *arrays = NULL;
  gkt_scalar **values = NULL;
  char *path = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(p->ctx, n, sizeof *arrays, &arrays));
  GKT_GO(gkt_calloc(p->ctx, n, sizeof *values, &values));
  GKT_GO(gkt_space_create(p->mesh, element, gkt_shape_scalar(), &space));
  for (int i = 0; i < n; i++) GKT_GO(make_array(p, i, element, &arrays[i], &values[i]));
  gkt_vtu_grid grid = grid_of(p, space);
  GKT_GO(gkt_problem_out_path(p, name, &path));
  GKT_GO(gkt_vtu_write(p->ctx, path, &grid, n, arrays));
done:
  for (int i = 0; values && i < n; i++) gkt_free(&values[i]);
  gkt_free(&values);
  gkt_free(&arrays);
  gkt_free(&path);
  gkt_space_destroy(&space);
  return status;
}

/* One colour per node: the value, or the norm of a vector. */
static void norms(gkt_scalar *values, gkt_idx num_nodes, int num_components) {
  for (gkt_idx i = 0; num_components > 1 && i < num_nodes; i++) {
    double sum = 0;
    for (int k = 0; k < num_components; k++) sum += values[(gkt_size)i * num_components + k] * values[(gkt_size)i * num_components + k];
    values[i] = sqrt(sum);
  }
}

static gkt_status parse_field(gkt_problem *p, gkt_expression **out) {
  return gkt_expression_parse(p->scope, &(gkt_source){.text = gkt_scope_function_name(p->scope, p->field), .key = "output.picture"}, out);
}

static gkt_status write_picture(gkt_problem *p, const char *name) {
  const gkt_output_settings *o = &p->settings->output;
  int degree = gkt_space_element(p->spaces[p->field]).degree;
  gkt_element element = {false, degree > 1 ? degree : 1};
  gkt_expression *field = NULL;
  gkt_space *space = NULL;
  gkt_scalar *color = NULL, *warp = NULL;
  char *path = NULL;
  gkt_status status;
  GKT_GO(parse_field(p, &field));
  const gkt_expression *c = p->color ? p->color : field, *w = p->warp ? p->warp : field;
  gkt_shape shape = gkt_expression_shape(w);
  bool warped = p->warp || (o->warp_scale != 0 && shape.rank == 1 && shape.dims[0] == p->dim);
  GKT_GO(gkt_space_create(p->mesh, element, gkt_shape_scalar(), &space));
  GKT_GO(interpolate(p, c, element, &color));
  norms(color, gkt_space_num_nodes(space), gkt_shape_size(gkt_expression_shape(c)));
  if (warped) GKT_GO(interpolate(p, w, element, &warp));
  gkt_vtu_grid grid = grid_of(p, space);
  gkt_picture_options options = {.title = o->title ? o->title : p->settings->title,
                                 .label = o->color.text ? o->color.text : gkt_scope_function_name(p->scope, p->field),
                                 .view = o->view,
                                 .edges = o->edges,
                                 .warp = o->warp_scale != 0 ? o->warp_scale : 1};
  GKT_GO(gkt_problem_out_path(p, name, &path));
  GKT_GO(gkt_picture_write(p->ctx, path, &grid, color, warp, &options));
done:
  gkt_expression_destroy(&field);
  gkt_free(&color);
  gkt_free(&warp);
  gkt_free(&path);
  gkt_space_destroy(&space);
  return status;
}

gkt_status gkt_problem_output(gkt_problem *p) {
  const gkt_output_settings *o = &p->settings->output;
  double start = gkt_seconds();
  gkt_problem_stage(p, "output");
  if (o->file) GKT_TRY(write_vtu(p, o->file));
  if (o->picture_file) GKT_TRY(write_picture(p, o->picture_file));
  p->timings[GKT_TIME_OUTPUT] += gkt_seconds() - start;
  return GKT_OK;
}
