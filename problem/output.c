/* VTU and picture. Fields of degree up to k are written on a grid of nodes of degree k, or of the geometry's order where that is higher; other expressions as DP(k-1), k that of
 * the fields they hold, cell data for k = 1, or averaged at the nodes of the grid. What holds histories is written as means of cells. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "forms/build.h"
#include "meshes/lagrange.h"
#include "plot/picture.h"
#include "problem/not_finite.h"

/* The nodes of a space as VTK's cells. *blocks is the caller's. */
static gkt_status make_grid(const gkt_problem *p, const gkt_space *space, gkt_vtu_block **blocks, gkt_vtu_grid *out) {
  const int n = gkt_mesh_num_blocks(p->mesh);
  GKT_TRY(gkt_calloc(p->ctx, n, sizeof **blocks, blocks));
  for (int b = 0; b < n; b++) {
    const gkt_cell_block *block = gkt_mesh_block(p->mesh, b);
    (*blocks)[b] = (gkt_vtu_block){block->cell, gkt_space_element(space).degree, gkt_space_nodes_per_cell(space, b), block->num_cells, gkt_space_cell_nodes(space, b)};
  }
  *out = (gkt_vtu_grid){p->dim, gkt_space_num_nodes(space), gkt_space_coords(space), n, *blocks};
  return GKT_OK;
}

/* Of the highest degree of a field, and no less than that of the geometry: a linear field on a curved body is shown curved. */
static int degree_of_grid(const gkt_problem *p) {
  int degree = gkt_problem_field_element(p, NULL).degree;
  for (int b = 0; b < gkt_mesh_num_blocks(p->mesh); b++)
    if (gkt_mesh_block(p->mesh, b)->order > degree) degree = gkt_mesh_block(p->mesh, b)->order;
  return degree;
}

/* The settings of the field that the text is; NULL: it is an expression. */
static const gkt_field_settings *find_field(const gkt_problem *p, const char *text) {
  for (int i = 0; i < p->settings->num_fields; i++)
    if (!strcmp(p->settings->fields[i].name.text, text)) return &p->settings->fields[i];
  return NULL;
}

static gkt_status interpolate_into(gkt_problem *p, const gkt_expression *e, const gkt_space *space, gkt_scalar **out) {
  GKT_TRY(gkt_alloc(p->ctx, gkt_space_num_dofs(space), sizeof **out, out));
  return gkt_interpolate(e, space, &p->inputs, *out);
}

/* What is written, where it came from, and what becomes of values that are not finite. */
typedef struct {
  const gkt_source *source; /* NULL: the field itself, which is finite */
  const gkt_expression *expression;
  const char *consequence;
} written;

static gkt_status warn_of(gkt_problem *p, const written *w, const gkt_space *space, const gkt_scalar *values) {
  return w->source ? gkt_problem_warn_nodes(p, w->source, w->expression, space, values, gkt_space_num_nodes(space), NULL, w->consequence) : GKT_OK;
}

/* Made once for all outputs: numbering nodes takes longer than filling them. */
static gkt_status find_space(gkt_problem *p, gkt_element element, gkt_shape shape, const gkt_space **out) {
  gkt_output_spaces *o = &p->output_spaces;
  for (int i = 0; i < o->count; i++) {
    const gkt_element e = gkt_space_element(o->list[i]);
    if (e.kind != element.kind || e.degree != element.degree || !gkt_shapes_are_equal(gkt_space_shape(o->list[i]), shape)) continue;
    *out = o->list[i];
    return GKT_OK;
  }
  GKT_TRY(gkt_realloc(p->ctx, o->count + 1, sizeof *o->list, &o->list));
  GKT_TRY(gkt_space_create(p->mesh, element, shape, &o->list[o->count]));
  *out = o->list[o->count++];
  return GKT_OK;
}

void gkt_problem_forget_spaces(gkt_problem *p) {
  for (int i = 0; i < p->output_spaces.count; i++) gkt_space_destroy(&p->output_spaces.list[i]);
  gkt_free(&p->output_spaces.list);
  p->output_spaces.count = 0;
}

/* Interpolates into an element of its own shape. */
static gkt_status interpolate(gkt_problem *p, const written *w, gkt_element element, gkt_scalar **out) {
  const gkt_space *space;
  GKT_TRY(find_space(p, element, gkt_expression_shape(w->expression), &space));
  GKT_TRY(interpolate_into(p, w->expression, space, out));
  return warn_of(p, w, space, *out);
}

/* ---- from a space to the nodes of the grid ---- */
typedef struct {
  const gkt_space *from, *to;
  int num_components;
  const gkt_scalar *values; /* of from */
  gkt_scalar *out;          /* [num_nodes of to][num_components] */
} transfer;

static void transfer_block(const transfer *t, int b) {
  const gkt_cell_block *block = gkt_mesh_block(gkt_space_mesh(t->to), b);
  const int n = gkt_space_nodes_per_cell(t->to, b), m = gkt_space_nodes_per_cell(t->from, b), dim = gkt_cell_topologies[block->cell].dim, nc = t->num_components;
  const gkt_idx *to = gkt_space_cell_nodes(t->to, b), *from = gkt_space_cell_nodes(t->from, b);
  double xi[3 * GKT_MAX_BASIS], phi[GKT_MAX_BASIS];
  gkt_lagrange_nodes(block->cell, gkt_space_element(t->to).degree, xi);
  for (int i = 0; i < n; i++) {
    gkt_lagrange_values(block->cell, gkt_space_element(t->from).degree, xi + i * dim, phi);
    for (gkt_size c = 0; c < block->num_cells; c++)
      for (int k = 0; k < nc; k++) {
        gkt_scalar sum = 0;
        for (int j = 0; j < m; j++) sum += phi[j] * t->values[(gkt_size)from[c * m + j] * nc + k];
        t->out[(gkt_size)to[c * n + i] * nc + k] = sum;
      }
  }
}

/* The function in an element of its own, evaluated at the nodes of the grid. */
static gkt_status interpolate_onto(gkt_problem *p, const written *w, gkt_element element, const gkt_space *grid, gkt_scalar **out) {
  const gkt_expression *e = w->expression;
  const gkt_space *space;
  gkt_scalar *values = NULL;
  const int nc = gkt_shape_size(gkt_expression_shape(e));
  gkt_status status;
  GKT_GO(find_space(p, element, gkt_expression_shape(e), &space));
  GKT_GO(interpolate_into(p, e, space, &values));
  GKT_GO(warn_of(p, w, space, values));
  GKT_GO(gkt_alloc(p->ctx, (gkt_size)gkt_space_num_nodes(grid) * nc, sizeof **out, out));
  for (int b = 0; b < gkt_mesh_num_blocks(p->mesh); b++) transfer_block(&(transfer){space, grid, nc, values, *out}, b);
done:
  gkt_free(&values);
  return status;
}

/* ---- arrays ---- */
/* Does the entry hold a history? Two rules in one are refused when values are made. */
static bool is_at_points(const gkt_problem *p, int i) {
  gkt_points_found found;
  const gkt_expression *e = p->outputs[i];
  return gkt_points_find(p->scope, gkt_shape_size(e->value.shape), e->value.nodes, &found) == GKT_OK && found.degree >= 0;
}

/* The element in which an entry of output.fields is written. */
static gkt_element own_element(const gkt_problem *p, int i, gkt_element grid) {
  const gkt_field_settings *field = find_field(p, p->settings->output.fields[i].source.text);
  const int degree = gkt_problem_field_element(p, p->outputs[i]).degree;
  if (field) return (gkt_element){degree < 1 ? GKT_DISCONTINUOUS_LAGRANGE : grid.kind, degree};
  if (p->settings->output.average) return (gkt_element){GKT_LAGRANGE, grid.degree};
  return (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, degree < 1 || is_at_points(p, i) ? 0 : degree - 1};
}

/* A field in its own element is its values. */
static gkt_status copy_field(gkt_problem *p, int i, gkt_element own, gkt_scalar **out) {
  const gkt_field_settings *field = find_field(p, p->settings->output.fields[i].source.text);
  const gkt_space *space = NULL;
  gkt_scalar *values = NULL;
  if (!field || field->element.kind != own.kind || field->element.degree != own.degree) return GKT_OK;
  GKT_TRY(gkt_problem_values(p, field->name.text, &space, &values));
  GKT_TRY(gkt_alloc(p->ctx, gkt_space_num_dofs(space), sizeof **out, out));
  memcpy(*out, values, (size_t)gkt_space_num_dofs(space) * sizeof **out);
  return GKT_OK;
}

static gkt_status make_array(gkt_problem *p, int i, const gkt_space *grid, gkt_vtu_array *a, gkt_scalar **values) {
  const gkt_element element = gkt_space_element(grid), own = own_element(p, i, element);
  const gkt_shape shape = gkt_expression_shape(p->outputs[i]);
  const written w = {&p->settings->output.fields[i].source, p->outputs[i], "the file holds it as it is"};
  *a = (gkt_vtu_array){.name = p->settings->output.fields[i].name.text, .rank = shape.rank, .num_components = gkt_shape_size(shape), .on_cells = own.degree < 1};
  const bool fits = own.degree < 1 || (own.degree == element.degree && own.kind == element.kind);
  if (fits) GKT_TRY(copy_field(p, i, own, values));
  if (fits && !*values) GKT_TRY(interpolate(p, &w, own, values));
  if (!fits) GKT_TRY(interpolate_onto(p, &w, own, grid, values));
  a->values = *values;
  return GKT_OK;
}

/* What jumps between cells needs nodes of its own in each cell. */
static bool jumps(const gkt_problem *p, int i) {
  const gkt_field_settings *field = find_field(p, p->settings->output.fields[i].source.text);
  const int degree = gkt_problem_field_element(p, p->outputs[i]).degree;
  return field ? field->element.kind == GKT_DISCONTINUOUS_LAGRANGE && degree > 0 : !p->settings->output.average && degree > 1 && !is_at_points(p, i);
}

static gkt_element grid_element(const gkt_problem *p) {
  bool apart = false;
  for (int i = 0; i < p->settings->output.num_fields; i++) apart = apart || jumps(p, i);
  return (gkt_element){apart ? GKT_DISCONTINUOUS_LAGRANGE : GKT_LAGRANGE, degree_of_grid(p)};
}

gkt_status gkt_problem_show(gkt_problem *p, gkt_shown *s) {
  const int n = p->settings->output.num_fields;
  *s = (gkt_shown){.num_arrays = n};
  GKT_TRY(gkt_calloc(p->ctx, n, sizeof *s->arrays, &s->arrays));
  GKT_TRY(gkt_calloc(p->ctx, n, sizeof *s->values, &s->values));
  GKT_TRY(find_space(p, grid_element(p), gkt_shape_scalar(), &s->space));
  for (int i = 0; i < n; i++) GKT_TRY(make_array(p, i, s->space, &s->arrays[i], &s->values[i]));
  return make_grid(p, s->space, &s->blocks, &s->grid);
}

void gkt_shown_clear(gkt_shown *s) {
  for (int i = 0; s->values && i < s->num_arrays; i++) gkt_free(&s->values[i]);
  gkt_free(&s->values);
  gkt_free(&s->arrays);
  gkt_free(&s->blocks);
}

gkt_status gkt_problem_write_vtu(gkt_problem *p, const char *name) {
  gkt_shown shown;
  char *path = NULL;
  gkt_status status;
  GKT_GO(gkt_problem_show(p, &shown));
  GKT_GO(gkt_problem_out_path(p, name, &path));
  GKT_GO(gkt_vtu_write(p->ctx, path, &shown.grid, shown.num_arrays, shown.arrays));
done:
  gkt_shown_clear(&shown);
  gkt_free(&path);
  return status;
}

/* ---- picture ---- */
/* One colour per node: the value, or the norm of a vector. */
static void norms(gkt_scalar *values, gkt_idx num_nodes, int num_components) {
  for (gkt_idx i = 0; num_components > 1 && i < num_nodes; i++) {
    double sum = 0;
    for (int k = 0; k < num_components; k++) sum += values[(gkt_size)i * num_components + k] * values[(gkt_size)i * num_components + k];
    values[i] = sqrt(sum);
  }
}

/* The field that is shown where nothing is said: the first that has values by place. */
static int shown_field(const gkt_problem *p) {
  int i = 0;
  while (i + 1 < p->settings->num_fields && p->settings->fields[i].element.kind == GKT_REAL) i++;
  return i;
}

/* The field that a number magnifies: the first vector of the mesh's dimension; else the first. */
static int warping_field(const gkt_problem *p) {
  for (int i = 0; i < p->settings->num_fields; i++) {
    const gkt_shape shape = gkt_scope_function_shape(p->scope, p->fields[i]);
    if (shape.rank == 1 && shape.dims[0] == p->dim) return i;
  }
  return 0;
}

static gkt_status make_field(gkt_problem *p, int i, gkt_expression **out) {
  gkt_build build = {.scope = p->scope, .source = &(gkt_source){.text = p->settings->fields[i].name.text, .key = "output.picture"}};
  return gkt_build_expression(&build, gkt_build_function(&build, p->fields[i]), out);
}

/* Of a vector or a matrix its length is shown. */
static const char *find_label(gkt_problem *p) {
  const gkt_output_settings *o = &p->settings->output;
  const int field = shown_field(p);
  const gkt_shape shape = p->color ? gkt_expression_shape(p->color) : gkt_scope_function_shape(p->scope, p->fields[field]);
  const char *name = o->color.text ? o->color.text : p->settings->fields[field].name.text;
  if (shape.rank == 0) return name;
  snprintf(p->color_label, sizeof p->color_label, "|%s|", name);
  return p->color_label;
}

gkt_picture_options gkt_problem_picture_options(gkt_problem *p) {
  const gkt_output_settings *o = &p->settings->output;
  return (gkt_picture_options){.title = o->title ? o->title : p->settings->title,
                               .label = find_label(p),
                               .view = o->view,
                               .section = o->section.text,
                               .isolines = o->isolines,
                               .edges = o->edges,
                               .warp = o->warp_scale != 0 ? o->warp_scale : 1,
                               .limits = o->range[0] < o->range[1] ? o->range : NULL};
}

static gkt_status find_warp(gkt_problem *p, const gkt_expression *field, gkt_element element, gkt_view_of_problem *v) {
  const written w = {p->warp ? &p->settings->output.warp : NULL, p->warp ? p->warp : field, "the picture shows these nodes where they were"};
  const gkt_shape shape = gkt_expression_shape(w.expression);
  if (!p->warp && !(p->settings->output.warp_scale != 0 && shape.rank == 1 && shape.dims[0] == p->dim)) return GKT_OK;
  GKT_TRY(interpolate(p, &w, element, &v->warp));
  for (gkt_size i = 0; i < (gkt_size)v->grid.num_nodes * p->dim; i++)
    if (!isfinite(v->warp[i])) v->warp[i] = 0;
  return GKT_OK;
}

gkt_status gkt_problem_view(gkt_problem *p, gkt_view_of_problem *v) {
  const gkt_element element = {false, degree_of_grid(p)};
  gkt_expression *shown = NULL, *warping = NULL;
  gkt_status status;
  *v = (gkt_view_of_problem){.space = NULL};
  GKT_GO(make_field(p, shown_field(p), &shown));
  GKT_GO(make_field(p, warping_field(p), &warping));
  const written c = {p->color ? &p->settings->output.color : NULL, p->color ? p->color : shown, "the picture shows no value there"};
  GKT_GO(gkt_space_create(p->mesh, element, gkt_shape_scalar(), &v->space));
  GKT_GO(make_grid(p, v->space, &v->blocks, &v->grid));
  GKT_GO(interpolate(p, &c, element, &v->color));
  norms(v->color, v->grid.num_nodes, gkt_shape_size(gkt_expression_shape(c.expression)));
  GKT_GO(find_warp(p, warping, element, v));
done:
  gkt_expression_destroy(&shown);
  gkt_expression_destroy(&warping);
  return status;
}

void gkt_problem_view_clear(gkt_view_of_problem *v) {
  gkt_free(&v->color);
  gkt_free(&v->warp);
  gkt_free(&v->blocks);
  gkt_space_destroy(&v->space);
}

static gkt_status write_picture(gkt_problem *p, const char *name) {
  gkt_picture_options options = gkt_problem_picture_options(p);
  gkt_view_of_problem view;
  char *path = NULL, note[64];
  gkt_status status;
  if (p->settings->time.at) options.note = gkt_problem_note(p, p->inputs.time, note);
  GKT_GO(gkt_problem_view(p, &view));
  GKT_GO(gkt_problem_out_path(p, name, &path));
  GKT_GO(gkt_picture_write(p->ctx, path, &view.grid, view.color, view.warp, &options));
done:
  gkt_problem_view_clear(&view);
  gkt_free(&path);
  return status;
}

gkt_status gkt_problem_check_output(gkt_problem *p) {
  const gkt_word *section = &p->settings->output.section;
  gkt_section s;
  GKT_TRY(gkt_problem_check_graph(p));
  GKT_TRY(gkt_xdmf_check(p, degree_of_grid(p)));
  if (!section->text) return GKT_OK;
  return gkt_problem_place(p, gkt_section_check(p->ctx, section->text, p->dim, gkt_mesh_num_nodes(p->mesh), gkt_mesh_coords(p->mesh), &s), section);
}

/* What is done with the output of that name, by its path. */
static gkt_status use_path(gkt_problem *p, const char *name, gkt_status (*use)(gkt_problem *, const char *path)) {
  char *path = NULL;
  gkt_status status;
  GKT_GO(gkt_problem_out_path(p, name, &path));
  GKT_GO(use(p, path));
done:
  gkt_free(&path);
  return status;
}

static gkt_status try_path(gkt_problem *p, const char *path) { return gkt_output_try(p->ctx, path); }
static gkt_status write_mesh(gkt_problem *p, const char *path) { return gkt_mesh_write(p->mesh, path); }

/* A folder that this alone made goes again: the run may still be refused. */
gkt_status gkt_problem_try_outputs(gkt_problem *p) {
  const gkt_output_settings *o = &p->settings->output;
  const bool is_there = !p->out_dir || access(p->out_dir, F_OK) == 0;
  gkt_status status = o->file ? use_path(p, o->file, try_path) : GKT_OK;
  const char *const others[] = {
      o->mesh_file, o->numbers_file, o->picture_file, o->film.file, o->graph.file, p->settings->time.checkpoint, p->settings->sample.file, p->settings->optimize.checkpoint};
  for (int i = 0; i < 8; i++)
    if (status == GKT_OK && others[i]) status = use_path(p, others[i], try_path);
  if (!is_there) rmdir(p->out_dir);
  return status;
}

gkt_status gkt_problem_output(gkt_problem *p) {
  const gkt_output_settings *o = &p->settings->output;
  double start = gkt_seconds();
  GKT_TRY(gkt_problem_stage(p, "output"));
  if (o->file && !p->settings->time.at) GKT_TRY(o->numbers_file ? gkt_problem_write_steady_xdmf(p) : gkt_problem_write_vtu(p, o->file));
  if (o->mesh_file) GKT_TRY(use_path(p, o->mesh_file, write_mesh));
  if (o->picture_file) GKT_TRY(write_picture(p, o->picture_file));
  if (p->settings->time.at || p->design) GKT_TRY(gkt_problem_finish_frames(p));
  if (o->graph.file) GKT_TRY(gkt_problem_write_graph(p));
  p->timings[GKT_TIME_OUTPUT] += gkt_seconds() - start;
  return GKT_OK;
}
