/* Displacements of a boundary extended into the mesh. With K the elastic matrix without conditions, m the coordinates that d displaces, f those that are neither moved nor held:
   E d = d on m, -K_ff^-1 K_fm d on f; E' g = g_m - K_mf K_ff^-1 g_f; the inner product is S = E' K E, and S^-1 g what K gives for the forces g where m is free as well. */
#include <math.h>
#include <string.h>

#include "adjoint/design_solver.h"
#include "adjoint/extension.h"
#include "assembly/constraints.h"
#include "meshes/mesh.h"
#include "spaces/space.h"

enum { INSIDE, WITH_BOUNDARY }; /* what is free: f; f and m */

/* ---- what moves ---- */
static gkt_status find_set(const gkt_extension *e, const char *name, const gkt_mesh_set **out) {
  if (!name) return gkt_fail(e->ctx, GKT_BAD_ARGUMENT, "shape: a set without a name");
  *out = gkt_mesh_find_set_of_dim(e->mesh, name, e->dim - 1);
  if (!*out) return gkt_fail(e->ctx, GKT_BAD_INPUT, "shape: the mesh has no set '%s' of facets; expected the name of one", name);
  return gkt_mesh_check_outer(e->mesh, *out);
}

static gkt_status mark(const gkt_extension *e, const gkt_mesh_set *set, int component, int8_t kind) {
  gkt_idx *nodes = NULL, count = 0;
  GKT_TRY(gkt_space_nodes_on(e->space, set, &count, &nodes));
  for (gkt_idx i = 0; i < count; i++)
    for (int d = 0; d < e->dim; d++)
      if (component == GKT_ALL_COMPONENTS || component == d) e->kinds[(gkt_size)nodes[i] * e->dim + d] = kind;
  gkt_free(&nodes);
  return GKT_OK;
}

static void take_out(const gkt_mesh_set *set, bool *outer) {
  for (gkt_idx i = 0; i < set->count; i++) outer[set->entities[i]] = false;
}

static gkt_status mark_moves(const gkt_extension *e, int num, const char *const *names, bool *rest) {
  const gkt_mesh_set *set;
  for (int i = 0; i < num; i++) {
    GKT_TRY(find_set(e, names[i], &set));
    GKT_TRY(mark(e, set, GKT_ALL_COMPONENTS, GKT_MOVED));
    take_out(set, rest);
  }
  return GKT_OK;
}

static gkt_status mark_holds(const gkt_extension *e, int num, const gkt_hold *holds, bool *rest) {
  const gkt_mesh_set *set;
  for (int i = 0; i < num; i++) {
    const int component = holds[i].component;
    if (component != GKT_ALL_COMPONENTS && (component < 0 || component >= e->dim))
      return gkt_fail(e->ctx, GKT_BAD_INPUT, "shape: component %d of '%s' does not exist; expected 0 to %d", component, holds[i].set, e->dim - 1);
    GKT_TRY(find_set(e, holds[i].set, &set));
    GKT_TRY(mark(e, set, component, GKT_HELD));
    take_out(set, rest);
  }
  return GKT_OK;
}

/* What no name stands for is held. */
static gkt_status mark_rest(const gkt_extension *e, const bool *rest) {
  const gkt_idx num = gkt_mesh_num_entities(e->mesh, e->dim - 1);
  gkt_idx *entities = NULL, count = 0;
  gkt_status status;
  GKT_GO(gkt_alloc(e->ctx, num, sizeof *entities, &entities));
  for (gkt_idx i = 0; i < num; i++)
    if (rest[i]) entities[count++] = i;
  GKT_GO(mark(e, &(gkt_mesh_set){.name = "boundary", .dim = e->dim - 1, .count = count, .entities = entities}, GKT_ALL_COMPONENTS, GKT_HELD));
done:
  gkt_free(&entities);
  return status;
}

static gkt_status mark_all(gkt_extension *e, int num_moves, const char *const *moves, int num_holds, const gkt_hold *holds) {
  const gkt_idx num = gkt_mesh_num_entities(e->mesh, e->dim - 1);
  const gkt_facet *facets = gkt_mesh_facets(e->mesh);
  bool *rest = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(e->ctx, num, sizeof *rest, &rest));
  for (gkt_idx i = 0; i < num; i++) rest[i] = gkt_facet_is_outer(&facets[i]);
  GKT_GO(mark_moves(e, num_moves, moves, rest));
  GKT_GO(mark_holds(e, num_holds, holds, rest));
  GKT_GO(mark_rest(e, rest));
  for (gkt_size i = 0; i < e->n; i++) e->size += e->kinds[i] == GKT_MOVED;
  if (!e->size) GKT_GO(gkt_fail(e->ctx, GKT_BAD_INPUT, "shape: nothing moves: all nodes of the sets to be moved are held; expected sets with nodes of their own"));
  GKT_GO(gkt_alloc(e->ctx, e->size, sizeof *e->places, &e->places));
  for (gkt_size i = 0, k = 0; i < e->n; i++)
    if (e->kinds[i] == GKT_MOVED) e->places[k++] = (gkt_idx)i;
done:
  gkt_free(&rest);
  return status;
}

/* ---- the elastic body ---- */
static double length_of(const gkt_extension *e) {
  double sum = 0;
  for (int d = 0; d < e->dim; d++) {
    double low = INFINITY, high = -INFINITY;
    for (gkt_size i = d; i < e->n; i += e->dim) low = fmin(low, e->start[i]), high = fmax(high, e->start[i]);
    sum += (high - low) * (high - low);
  }
  return sqrt(sum);
}

static gkt_status parse(const gkt_extension *e, gkt_scope **scope, gkt_form **form) {
  static const char text[] = "(l/h)^k*(2*inner(sym(grad(u)), sym(grad(v))) + div(u)*div(v) + 0.01*dot(u, v)/l^2)*dx(degree=2)";
  gkt_form *residual = NULL;
  int number;
  gkt_status status;
  GKT_GO(gkt_scope_create(e->ctx, e->dim, scope));
  GKT_GO(gkt_scope_add_field(*scope, "u", "v", gkt_shape_vector(e->dim), (gkt_element){GKT_LAGRANGE, 1}, &number));
  GKT_GO(gkt_scope_add_constant(*scope, "l", &number));
  GKT_GO(gkt_scope_add_constant(*scope, "k", &number));
  GKT_GO(gkt_form_parse(*scope, GKT_EQUATION, &(gkt_source){.text = text}, &residual));
  GKT_GO(gkt_form_derivative(residual, 1, (const int[]){0}, form));
done:
  gkt_form_destroy(&residual);
  return status;
}

static gkt_status assemble(gkt_extension *e) {
  gkt_scope *scope = NULL;
  gkt_form *form = NULL;
  gkt_assembler *assembler = NULL;
  const gkt_space *spaces[2] = {e->space, NULL};
  const gkt_scalar *values[2] = {NULL, NULL}, constants[2] = {length_of(e), e->dim};
  gkt_status status;
  GKT_GO(parse(e, &scope, &form));
  GKT_GO(gkt_assembler_create(form, e->mesh, spaces, &assembler));
  GKT_GO(gkt_assembler_matrix(assembler, &e->K));
  for (int k = 0; k < GKT_NUM_BODIES; k++) GKT_GO(gkt_assembler_matrix(assembler, &e->bodies[k].matrix)); /* of the same pattern */
  GKT_GO(gkt_assemble_matrix(assembler, &(gkt_inputs){.spaces = spaces, .values = values, .constants = constants}, e->K));
done:
  gkt_assembler_destroy(&assembler);
  gkt_form_destroy(&form);
  gkt_scope_destroy(&scope);
  return status;
}

static bool is_free(const gkt_extension *e, int which, gkt_size i) { return e->kinds[i] == GKT_FREE || (which == WITH_BOUNDARY && e->kinds[i] == GKT_MOVED); }

/* K with rows and columns of what is not free zero but for the diagonal */
static gkt_status make_system(gkt_extension *e, int which) {
  gkt_held_body *s = &e->bodies[which];
  GKT_TRY(gkt_alloc(e->ctx, e->n, sizeof *s->held, &s->held));
  for (gkt_size i = 0; i < e->n; i++) s->held[i] = !is_free(e, which, i);
  s->facts = (gkt_system_facts){.symmetric = true, .positive = true, .elliptic = true, .block_size = e->dim, .dim = e->dim, .coords = e->start, .constrained = s->held};
  s->facts.near_null = e->dim > 1 ? GKT_KERNEL_RIGID_BODY : GKT_KERNEL_CONSTANTS;
  memcpy(s->matrix->vals, e->K->vals, (size_t)e->K->row_offsets[e->K->num_rows] * sizeof *e->K->vals);
  for (gkt_idx i = 0; i < s->matrix->num_rows; i++)
    for (gkt_idx k = s->matrix->row_offsets[i]; k < s->matrix->row_offsets[i + 1]; k++)
      if (s->matrix->cols[k] != i && (s->held[i] || s->held[s->matrix->cols[k]])) s->matrix->vals[k] = 0;
  return gkt_design_solver_create(e->ctx, s->matrix, &s->facts, &s->solver);
}

/* e->y = K^-1 e->b, of what is free; else 0 */
static gkt_status solve(gkt_extension *e, int which) {
  if (!e->bodies[which].solver) GKT_TRY(make_system(e, which));
  for (gkt_size i = 0; i < e->n; i++) e->b[i] = is_free(e, which, i) ? e->b[i] : 0;
  return gkt_design_solver_solve(e->ctx, e->bodies[which].solver, e->n, e->b, e->y, "shape: the elastic extension");
}

/* ---- creation ---- */
static gkt_status check(const gkt_extension *e, int num_moves, const char *const *moves, int num_holds, const gkt_hold *holds) {
  if ((num_moves > 0 && !moves) || num_holds < 0 || (num_holds && !holds)) return gkt_fail(e->ctx, GKT_BAD_ARGUMENT, "shape: no names of what moves, or no list of what is held");
  if (num_moves < 1) return gkt_fail(e->ctx, GKT_BAD_INPUT, "shape: no set is to be moved; expected at least one");
  for (int b = 0; b < gkt_mesh_num_blocks(e->mesh); b++)
    if (gkt_mesh_block(e->mesh, b)->order > 1) return gkt_fail(e->ctx, GKT_UNAVAILABLE, "shape: an elastic extension on cells of order 2 is not available yet; expected order 1");
  return GKT_OK;
}

static gkt_status make_arrays(gkt_extension *e) {
  GKT_TRY(gkt_alloc(e->ctx, e->n, sizeof *e->start, &e->start));
  GKT_TRY(gkt_calloc(e->ctx, e->n, sizeof *e->kinds, &e->kinds));
  GKT_TRY(gkt_alloc(e->ctx, e->n, sizeof *e->b, &e->b));
  GKT_TRY(gkt_alloc(e->ctx, e->n, sizeof *e->y, &e->y));
  memcpy(e->start, gkt_mesh_coords(e->mesh), (size_t)e->n * sizeof *e->start);
  return GKT_OK;
}

gkt_status gkt_extension_create(gkt_mesh *mesh, int num_moves, const char *const *moves, int num_holds, const gkt_hold *holds, gkt_extension **out) {
  gkt_extension *e = NULL;
  gkt_status status;
  GKT_NEED(mesh->ctx, out, "place for the extension");
  GKT_TRY(gkt_calloc(mesh->ctx, 1, sizeof *e, &e));
  e->ctx = gkt_context_retain(mesh->ctx), e->mesh = mesh, e->dim = gkt_mesh_dim(mesh), e->n = (gkt_size)e->dim * gkt_mesh_num_nodes(mesh);
  GKT_GO(check(e, num_moves, moves, num_holds, holds));
  GKT_GO(gkt_mesh_topology(mesh));
  GKT_GO(gkt_space_create(mesh, (gkt_element){GKT_LAGRANGE, 1}, gkt_shape_vector(e->dim), &e->space));
  GKT_GO(make_arrays(e));
  GKT_GO(mark_all(e, num_moves, moves, num_holds, holds));
  GKT_GO(gkt_extension_measure(e, num_moves, moves));
  GKT_GO(assemble(e));
  GKT_GO(make_system(e, INSIDE)); /* that of riesz when it is asked for */
done:
  if (status == GKT_OK) *out = e;
  else gkt_extension_destroy(&e);
  return status;
}

void gkt_extension_destroy(gkt_extension **extension) {
  gkt_extension *e = *extension;
  if (!e) return;
  for (int k = 0; k < GKT_NUM_BODIES; k++) {
    gkt_linear_solver_destroy(&e->bodies[k].solver);
    gkt_csr_destroy(&e->bodies[k].matrix);
    gkt_free(&e->bodies[k].held);
  }
  gkt_boundary_filter_destroy(&e->filter);
  gkt_csr_destroy(&e->K);
  gkt_space_destroy(&e->space);
  gkt_free(&e->start), gkt_free(&e->kinds), gkt_free(&e->places), gkt_free(&e->measure), gkt_free(&e->areas), gkt_free(&e->b), gkt_free(&e->y);
  gkt_context_destroy(&e->ctx);
  gkt_free(extension);
}

/* ---- use ---- */
gkt_size gkt_extension_size(const gkt_extension *e) { return e->size; }
const gkt_idx *gkt_extension_places(const gkt_extension *e) { return e->places; }

gkt_status gkt_extension_apply(gkt_extension *e, const gkt_scalar *d, double *coords, gkt_idx *turned) {
  if (!d || !coords || !turned) return gkt_fail(e->ctx, GKT_BAD_ARGUMENT, "shape: no displacements, or no place for coordinates or the cell that is turned");
  for (gkt_size i = 0; i < e->n; i++) e->y[i] = 0;
  for (gkt_size k = 0; k < e->size; k++) e->y[e->places[k]] = -d[k];
  gkt_csr_multiply(e->K, e->y, e->b);
  GKT_TRY(solve(e, INSIDE));
  for (gkt_size k = 0; k < e->size; k++) e->y[e->places[k]] = d[k];
  for (gkt_size i = 0; i < e->n; i++) coords[i] = e->start[i] + e->y[i];
  return gkt_mesh_find_turned(e->mesh, coords, turned);
}

gkt_status gkt_extension_transpose(gkt_extension *e, const gkt_scalar *by_coords, gkt_scalar *g) {
  GKT_NEED(e->ctx, by_coords, "array of derivatives by coordinates");
  GKT_NEED(e->ctx, g, "array for the gradient");
  memcpy(e->b, by_coords, (size_t)e->n * sizeof *e->b);
  GKT_TRY(solve(e, INSIDE));
  gkt_csr_multiply(e->K, e->y, e->b);
  for (gkt_size k = 0; k < e->size; k++) g[k] += by_coords[e->places[k]] - e->b[e->places[k]];
  return GKT_OK;
}

gkt_status gkt_extension_riesz(gkt_extension *e, const gkt_scalar *g, gkt_scalar *out) {
  GKT_NEED(e->ctx, g, "gradient");
  GKT_NEED(e->ctx, out, "array for what stands for it");
  for (gkt_size i = 0; i < e->n; i++) e->b[i] = 0;
  for (gkt_size k = 0; k < e->size; k++) e->b[e->places[k]] = g[k];
  GKT_TRY(solve(e, WITH_BOUNDARY));
  for (gkt_size k = 0; k < e->size; k++) out[k] = e->y[e->places[k]];
  return GKT_OK;
}
