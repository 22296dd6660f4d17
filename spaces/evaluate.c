/* Expressions at points, by the interpreter, LANES points at a time; threads take tiles of points and write to their own part of the result. */
#include "spaces/evaluate.h"

#include <omp.h>
#include <string.h>

#include "meshes/mesh.h"

typedef struct { /* of one thread: tables for LANES points, refilled, and the interpreter's arrays */
  gkt_table *geometry, **functions;
  gkt_scalar *in, *workspace, *out;
} bench;
struct gkt_evaluator {
  gkt_context *ctx;
  gkt_mesh *mesh;
  const gkt_inputs *inputs;
  const gkt_scope *scope;
  int num_functions; /* of the scope, when this was made */
  gkt_pointwise *pointwise;
  const gkt_space *at; /* whose nodes the points are; NULL: any points */
  bool *used;          /* [num_functions] those that need a table */
  int num_benches;
  bench *benches;
};

static gkt_needs needs_of(gkt_term_kind kind) {
  switch (kind) {
  case GKT_TERM_X:
  case GKT_TERM_CONSTANT:
  case GKT_TERM_TIME: return GKT_NEEDS_POINT;
  case GKT_TERM_VALUE:
  case GKT_TERM_GRAD:
  case GKT_TERM_H:
  case GKT_TERM_H_DIRECTION: return GKT_NEEDS_CELL;
  case GKT_TERM_NORMAL: break;
  }
  return GKT_NEEDS_FACET;
}

gkt_needs gkt_pointwise_needs(const gkt_pointwise *f) {
  gkt_needs most = GKT_NEEDS_POINT;
  for (int i = 0; i < gkt_pointwise_num_inputs(f); i++) {
    gkt_needs needs = needs_of((gkt_term_kind)gkt_pointwise_input(f, i)->kind);
    if (needs > most) most = needs;
  }
  return most;
}
gkt_needs gkt_evaluator_needs(const gkt_evaluator *e) { return gkt_pointwise_needs(e->pointwise); }

static gkt_status check_points(const gkt_evaluator *e, const gkt_space *space, const char *name) {
  if (e->at && e->at->element.kind == GKT_QUADRATURE_POINTS && e->at->element.degree == space->element.degree) return GKT_OK;
  return gkt_fail(e->ctx, GKT_BAD_INPUT, "'%s' has values at the points of dx(degree=%d) only; expected to be interpolated onto a space at those points", name,
                  space->element.degree);
}

/* Marks the functions that the expression contains and checks that the caller brought them; constants too. */
static gkt_status find_functions(gkt_evaluator *e) {
  GKT_TRY(gkt_calloc(e->ctx, e->num_functions, sizeof *e->used, &e->used));
  for (int i = 0; i < gkt_pointwise_num_inputs(e->pointwise); i++) {
    const gkt_terminal *t = gkt_pointwise_input(e->pointwise, i);
    if (t->kind == GKT_TERM_CONSTANT && !e->inputs->constants) return gkt_fail(e->ctx, GKT_BAD_ARGUMENT, "the expression contains constants: none were given");
    if (!gkt_is_of_function(t)) continue;
    const char *name = e->scope->functions[t->function].name;
    if (!e->mesh) return gkt_fail(e->ctx, GKT_BAD_INPUT, "'%s' has values in cells only: expected an expression in x, constants and t", name);
    const gkt_space *space = e->inputs->spaces ? e->inputs->spaces[t->function] : NULL;
    if (!space || !e->inputs->values || !e->inputs->values[t->function]) return gkt_fail(e->ctx, GKT_BAD_ARGUMENT, "the expression contains '%s': no values were given", name);
    GKT_TRY(gkt_space_check(space, e->scope, t->function, e->mesh));
    if (gkt_space_is_at_points(space)) GKT_TRY(check_points(e, space, name));
    else e->used[t->function] = true;
  }
  if (!e->mesh && gkt_evaluator_needs(e) != GKT_NEEDS_POINT)
    return gkt_fail(e->ctx, GKT_BAD_INPUT, "'%s' has no value at a point without a cell: expected an expression in x, constants and t",
                    gkt_evaluator_needs(e) == GKT_NEEDS_FACET ? "n" : "h");
  return GKT_OK;
}

static gkt_status allocate_bench(gkt_evaluator *e, bench *w) {
  GKT_TRY(gkt_calloc(e->ctx, e->num_functions, sizeof *w->functions, &w->functions));
  GKT_TRY(gkt_alloc(e->ctx, (gkt_size)gkt_pointwise_num_inputs(e->pointwise) * GKT_LANES, sizeof *w->in, &w->in));
  GKT_TRY(gkt_alloc(e->ctx, gkt_pointwise_workspace(e->pointwise), sizeof *w->workspace, &w->workspace));
  return gkt_alloc(e->ctx, (gkt_size)gkt_pointwise_num_outputs(e->pointwise) * GKT_LANES, sizeof *w->out, &w->out);
}

static void free_tables(const gkt_evaluator *e, bench *w) {
  gkt_table_destroy(&w->geometry);
  for (int f = 0; w->functions && f < e->num_functions; f++) gkt_table_destroy(&w->functions[f]);
}

static gkt_status create(const gkt_expression *expression, gkt_mesh *mesh, const gkt_space *at, const gkt_inputs *inputs, gkt_evaluator **out) {
  static const gkt_inputs none; /* t = 0 */
  gkt_context *ctx = expression->scope->ctx;
  gkt_evaluator *e = NULL;
  gkt_status status;
  if (mesh) GKT_TRY(gkt_flat_check(expression->scope, mesh));
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *e, &e));
  e->ctx = ctx, e->mesh = mesh, e->at = at, e->inputs = inputs ? inputs : &none, e->scope = expression->scope, e->num_functions = expression->scope->num_functions;
  GKT_GO(gkt_pointwise_create(expression->scope->graph, gkt_shape_size(expression->value.shape), expression->value.nodes, &e->pointwise));
  GKT_GO(find_functions(e));
  e->num_benches = gkt_threads(ctx);
  GKT_GO(gkt_calloc(ctx, e->num_benches, sizeof *e->benches, &e->benches));
  for (int i = 0; i < e->num_benches; i++) GKT_GO(allocate_bench(e, &e->benches[i]));
  *out = e;
  return GKT_OK;
done:
  gkt_evaluator_destroy(&e);
  return status;
}

gkt_status gkt_evaluator_create(const gkt_expression *expression, gkt_mesh *mesh, const gkt_inputs *inputs, gkt_evaluator **out) {
  return create(expression, mesh, NULL, inputs, out);
}

gkt_status gkt_evaluator_create_on(const gkt_expression *expression, const gkt_space *space, const gkt_inputs *inputs, gkt_evaluator **out) {
  return create(expression, space->mesh, space, inputs, out);
}

void gkt_evaluator_destroy(gkt_evaluator **evaluator) {
  gkt_evaluator *e = *evaluator;
  if (!e) return;
  for (int i = 0; e->benches && i < e->num_benches; i++) {
    free_tables(e, &e->benches[i]);
    gkt_free(&e->benches[i].functions);
    gkt_free(&e->benches[i].in);
    gkt_free(&e->benches[i].workspace);
    gkt_free(&e->benches[i].out);
  }
  gkt_free(&e->benches);
  gkt_free(&e->used);
  gkt_pointwise_destroy(&e->pointwise);
  gkt_free(evaluator);
}

static gkt_status allocate_tables(gkt_evaluator *e, int b, bench *w) {
  const gkt_basis geometry = gkt_geometry_basis(gkt_mesh_block(e->mesh, b));
  GKT_TRY(gkt_table_allocate(e->ctx, &geometry, GKT_LANES, &w->geometry));
  for (int f = 0; f < e->num_functions; f++)
    if (e->used[f]) GKT_TRY(gkt_table_allocate(e->ctx, &e->inputs->spaces[f]->bases[b], GKT_LANES, &w->functions[f]));
  return GKT_OK;
}

/* out [points][components] from the bench's [components][lane] */
static void scatter(const gkt_evaluator *e, const bench *w, int count, const gkt_size *points, gkt_scalar *out) {
  int n = gkt_pointwise_num_outputs(e->pointwise);
  for (int l = 0; l < count; l++)
    for (int c = 0; c < n; c++) out[points[l] * n + c] = w->out[c * GKT_LANES + l];
}

typedef struct {
  const gkt_idx *cells;
  const double *xi;
  const int8_t *facets;
} places;

/* The points [first, last) that lie in the block; at most LANES of them. */
static void run_tile(const gkt_evaluator *e, bench *w, int b, gkt_size first, gkt_size last, const places *at, gkt_scalar *out) {
  const gkt_cell_block *block = gkt_mesh_block(e->mesh, b);
  const gkt_basis geometry_basis = gkt_geometry_basis(block);
  int count = 0, dim = e->mesh->dim;
  gkt_size points[GKT_LANES];
  double xi[3 * GKT_LANES];
  gkt_lanes lanes;
  gkt_geometry geometry;
  for (gkt_size p = first; p < last; p++)
    if (at->cells[p] >= block->first_cell && at->cells[p] - block->first_cell < block->num_cells) points[count++] = p;
  if (!count) return;
  for (int l = 0; l < GKT_LANES; l++) {
    gkt_size p = points[l < count ? l : 0];
    lanes.cell[l] = at->cells[p] - block->first_cell;
    lanes.facet[l] = at->facets ? at->facets[p] : -1;
    lanes.row[l] = l;
    lanes.point[l] = e->at ? (int)(p % e->at->bases[b].size) : 0;
    memcpy(xi + l * dim, at->xi + p * dim, (size_t)dim * sizeof *xi);
  }
  gkt_table_fill(&geometry_basis, xi, w->geometry);
  for (int f = 0; f < e->num_functions; f++)
    if (e->used[f]) gkt_table_fill(&e->inputs->spaces[f]->bases[b], xi, w->functions[f]);
  gkt_point_tables tables = {.mesh = e->mesh, .block = b, .geometry = w->geometry, .functions = (const gkt_table *const *)w->functions, .inputs = e->inputs};
  gkt_geometry_at(&tables, &lanes, &geometry);
  gkt_terminals_at(e->pointwise, &tables, &lanes, &geometry, w->in);
  gkt_pointwise_eval(e->pointwise, w->in, w->workspace, w->out);
  scatter(e, w, count, points, out);
}

static int num_facets(const gkt_mesh *mesh, gkt_idx cell) { return gkt_cell_topologies[gkt_mesh_block(mesh, gkt_mesh_block_of(mesh, cell))->cell].num_facets; }

static gkt_status check_places(const gkt_evaluator *e, gkt_size num_points, const places *at) {
  int lowest = gkt_evaluator_needs(e) == GKT_NEEDS_FACET ? 0 : -1;
  if (lowest == 0 && !at->facets) return gkt_fail(e->ctx, GKT_BAD_INPUT, "'n' has a value on facets only");
  for (gkt_size p = 0; p < num_points; p++) {
    if (at->cells[p] < 0 || at->cells[p] >= e->mesh->num_cells) return gkt_fail(e->ctx, GKT_BAD_ARGUMENT, "cell %d of a mesh of %d", at->cells[p], e->mesh->num_cells);
    if (at->facets && (at->facets[p] < lowest || at->facets[p] >= num_facets(e->mesh, at->cells[p])))
      return gkt_fail(e->ctx, GKT_BAD_ARGUMENT, "local facet %d at point %lld", at->facets[p], (long long)p);
  }
  return GKT_OK;
}

static gkt_status run_block(gkt_evaluator *e, int b, gkt_size num_points, const places *at, gkt_scalar *out) {
  gkt_status status;
  gkt_size num_tiles = (num_points + GKT_LANES - 1) / GKT_LANES;
  int threads = num_tiles < 4 * e->num_benches ? 1 : e->num_benches; /* few points are not worth waking threads */
  for (int i = 0; i < threads; i++) GKT_GO(allocate_tables(e, b, &e->benches[i]));
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_size t = 0; t < num_tiles; t++) {
    gkt_size first = t * GKT_LANES, last = first + GKT_LANES < num_points ? first + GKT_LANES : num_points;
    run_tile(e, &e->benches[omp_get_thread_num()], b, first, last, at, out);
  }
  status = GKT_OK;
done:
  for (int i = 0; i < threads; i++) free_tables(e, &e->benches[i]);
  return status;
}

gkt_status gkt_evaluator_run(gkt_evaluator *e, gkt_size num_points, const gkt_idx *cells, const double *xi, const int8_t *facets, gkt_scalar *out) {
  places at = {cells, xi, facets};
  GKT_TRY(check_places(e, num_points, &at));
  for (int b = 0; b < gkt_mesh_num_blocks(e->mesh); b++) GKT_TRY(run_block(e, b, num_points, &at, out));
  return GKT_OK;
}

void gkt_evaluator_run_at(gkt_evaluator *e, int dim, gkt_size num_points, const double *coords, gkt_scalar *out) {
  bench *w = &e->benches[0];
  for (gkt_size first = 0; first < num_points; first += GKT_LANES) {
    gkt_size points[GKT_LANES];
    int count = 0;
    while (count < GKT_LANES && first + count < num_points) points[count] = first + count, count++;
    for (int i = 0; i < gkt_pointwise_num_inputs(e->pointwise); i++) {
      const gkt_terminal *t = gkt_pointwise_input(e->pointwise, i);
      for (int l = 0; l < GKT_LANES; l++) {
        const double *x = coords + points[l < count ? l : 0] * dim;
        w->in[i * GKT_LANES + l] = t->kind == GKT_TERM_X ? x[t->component] : t->kind == GKT_TERM_TIME ? e->inputs->time : e->inputs->constants[t->function];
      }
    }
    gkt_pointwise_eval(e->pointwise, w->in, w->workspace, w->out);
    scatter(e, w, count, points, out);
  }
}

gkt_status gkt_evaluate(const gkt_expression *expression, gkt_mesh *mesh, const gkt_inputs *inputs, gkt_size num_points, const gkt_idx *cells, const double *xi,
                        const int8_t *facets, gkt_scalar *out) {
  gkt_evaluator *e = NULL;
  GKT_TRY(gkt_evaluator_create(expression, mesh, inputs, &e));
  gkt_status status = gkt_evaluator_run(e, num_points, cells, xi, facets, out);
  gkt_evaluator_destroy(&e);
  return status;
}

gkt_status gkt_evaluate_at(const gkt_expression *expression, int dim, const gkt_inputs *inputs, gkt_size num_points, const double *coords, gkt_scalar *out) {
  gkt_evaluator *e = NULL;
  GKT_TRY(gkt_evaluator_create(expression, NULL, inputs, &e));
  gkt_evaluator_run_at(e, dim, num_points, coords, out);
  gkt_evaluator_destroy(&e);
  return GKT_OK;
}
