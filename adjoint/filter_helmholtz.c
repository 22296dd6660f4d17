/* Filter by a differential equation. With B the loads (d_j, q_i), K the operator and V volumes: of a design in cells y = V^-1 B' K^-1 B x, of one in P1 y = K^-1 B x, where B is
   the mass matrix. */
#include "adjoint/design_solver.h"
#include "adjoint/filter.h"

enum { Y, Q, D, W, NUM_FUNCTIONS }; /* as they are declared */
enum { OPERATOR, LOAD, MEAN };

static gkt_status parse(gkt_filter *f) {
  static const char *const texts[] = {"r*r*dot(grad(y), grad(q))*dx + y*q*dx", "d*q*dx", "y*w*dx"};
  gkt_helmholtz *h = &f->helmholtz;
  int number;
  GKT_TRY(gkt_space_create(gkt_space_mesh(f->space), (gkt_element){GKT_LAGRANGE, 1}, gkt_shape_scalar(), &h->space));
  GKT_TRY(gkt_scope_create(f->ctx, f->dim, &h->scope));
  GKT_TRY(gkt_scope_add_field(h->scope, "y", "q", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &number));
  GKT_TRY(gkt_scope_add_field(h->scope, "d", "w", gkt_shape_scalar(), gkt_space_element(f->space), &number));
  GKT_TRY(gkt_scope_add_constant(h->scope, "r", &number));
  for (int k = OPERATOR; k <= MEAN; k++) GKT_TRY(gkt_form_parse(h->scope, GKT_EQUATION, &(gkt_source){.text = texts[k]}, &h->forms[k]));
  return GKT_OK;
}

static gkt_status assemble(gkt_filter *f, const gkt_space *const *spaces, gkt_vector *u) {
  gkt_helmholtz *h = &f->helmholtz;
  const int unknown = Y;
  GKT_TRY(gkt_system_create(h->forms[OPERATOR], gkt_space_mesh(f->space), 1, &unknown, spaces, &h->system));
  GKT_TRY(gkt_system_set_constant(h->system, "r", f->radius / (2 * sqrt(3))));
  GKT_TRY(gkt_system_matrix(h->system, &h->matrix));
  const gkt_state state = gkt_system_state(h->system, u);
  GKT_TRY(gkt_system_tangent(h->system, &state, (gkt_shifts){.value = 1}, h->matrix));
  return gkt_system_get_facts(h->system, &h->facts);
}

gkt_status gkt_helmholtz_create(gkt_filter *f) {
  gkt_status status;
  gkt_helmholtz *h = &f->helmholtz;
  gkt_vector *u = NULL;
  if (f->radius < gkt_filter_cell_size(f)) return gkt_filter_too_small(f);
  h->by_cells = gkt_space_element(f->space).degree == 0;
  GKT_GO(parse(f));
  const gkt_space *spaces[NUM_FUNCTIONS] = {[Y] = h->space, [D] = f->space};
  const gkt_idx n = gkt_space_num_dofs(h->space);
  GKT_GO(gkt_vector_create(f->ctx, n, &u));
  GKT_GO(gkt_alloc(f->ctx, n, sizeof *h->b, &h->b));
  GKT_GO(gkt_alloc(f->ctx, n, sizeof *h->y, &h->y));
  GKT_GO(gkt_alloc(f->ctx, f->n, sizeof *h->w, &h->w));
  GKT_GO(assemble(f, spaces, u));
  GKT_GO(gkt_assembler_create(h->forms[LOAD], gkt_space_mesh(f->space), spaces, &h->load));
  if (h->by_cells) GKT_GO(gkt_assembler_create(h->forms[MEAN], gkt_space_mesh(f->space), spaces, &h->mean));
  GKT_GO(gkt_design_solver_create(f->ctx, h->matrix, &h->facts, &h->solver));
done:
  gkt_vector_destroy(&u);
  return status;
}

void gkt_helmholtz_destroy(gkt_helmholtz *h) {
  gkt_linear_solver_destroy(&h->solver);
  gkt_csr_destroy(&h->matrix);
  gkt_system_destroy(&h->system);
  gkt_assembler_destroy(&h->load);
  gkt_assembler_destroy(&h->mean);
  for (int k = OPERATOR; k <= MEAN; k++) gkt_form_destroy(&h->forms[k]);
  gkt_scope_destroy(&h->scope);
  gkt_space_destroy(&h->space);
  gkt_free(&h->b), gkt_free(&h->y), gkt_free(&h->w);
}

/* out = B d, or B' y */
static gkt_status multiply(gkt_filter *f, gkt_assembler *by, const gkt_scalar *d, const gkt_scalar *y, gkt_scalar *out) {
  const gkt_space *spaces[NUM_FUNCTIONS] = {[Y] = f->helmholtz.space, [D] = f->space};
  const gkt_scalar *values[NUM_FUNCTIONS] = {[Y] = y, [D] = d};
  return gkt_assemble_vector(by, &(gkt_inputs){.spaces = spaces, .values = values}, out);
}

/* h->y = K^-1 b */
static gkt_status solve(gkt_filter *f, const gkt_scalar *b) {
  gkt_helmholtz *h = &f->helmholtz;
  return gkt_design_solver_solve(f->ctx, h->solver, h->matrix->num_rows, b, h->y, "filter: its system");
}

gkt_status gkt_helmholtz_apply(gkt_filter *f, const gkt_scalar *x, gkt_scalar *y) {
  gkt_helmholtz *h = &f->helmholtz;
  GKT_TRY(multiply(f, h->load, x, NULL, h->b));
  GKT_TRY(solve(f, h->b));
  if (h->by_cells) GKT_TRY(multiply(f, h->mean, NULL, h->y, y));
  for (gkt_idx i = 0; i < f->n; i++) y[i] = h->by_cells ? y[i] / f->volumes[i] : h->y[i];
  return GKT_OK;
}

gkt_status gkt_helmholtz_transpose(gkt_filter *f, const gkt_scalar *g, gkt_scalar *out) {
  gkt_helmholtz *h = &f->helmholtz;
  if (h->by_cells) {
    for (gkt_idx i = 0; i < f->n; i++) h->w[i] = g[i] / f->volumes[i];
    GKT_TRY(multiply(f, h->load, h->w, NULL, h->b));
  }
  GKT_TRY(solve(f, h->by_cells ? h->b : g));
  GKT_TRY(h->by_cells ? multiply(f, h->mean, NULL, h->y, h->w) : multiply(f, h->load, h->y, NULL, h->w));
  for (gkt_idx i = 0; i < f->n; i++) out[i] += h->w[i];
  return GKT_OK;
}
