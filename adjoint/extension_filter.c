/* Designs of a boundary: areas of its nodes, and displacements that are smooth along it. With M the lumped masses (areas) and L the Laplacian along the facets that move, of those
   coordinates alone that are displaced: F = (M + r^2 L)^-1 M, F' = M (M + r^2 L)^-1. Rows of F on plane facets without obtuse angles hold no negative numbers and sum to 1 or less.
 */
#include <math.h>
#include <string.h>

#include "adjoint/design_solver.h"
#include "adjoint/extension.h"

/* ---- what is integrated ---- */
/* "ds('wing', 'flap')": names of sets may be more than one word. */
static gkt_status name_measure(gkt_extension *e, int num_moves, const char *const *moves) {
  gkt_text text = {.ctx = e->ctx};
  for (int i = 0; i < num_moves; i++) gkt_text_printf(&text, "%s'%s'", i ? ", " : "ds(", moves[i]);
  gkt_text_printf(&text, ")");
  e->measure = text.data;
  return text.status;
}

typedef struct { /* a form over the facets that move, of a scalar in P1 */
  gkt_space *space;
  gkt_scope *scope;
  gkt_form *residual, *form;
  gkt_assembler *assembler;
} boundary_form;

static gkt_status parse(const gkt_extension *e, const char *integrand, boundary_form *f) {
  gkt_text text = {.ctx = e->ctx};
  gkt_status status;
  int number;
  gkt_text_printf(&text, "(%s)*%s", integrand, e->measure);
  GKT_GO(text.status);
  GKT_GO(gkt_space_create(e->mesh, (gkt_element){GKT_LAGRANGE, 1}, gkt_shape_scalar(), &f->space));
  GKT_GO(gkt_scope_create(e->ctx, e->dim, &f->scope));
  GKT_GO(gkt_scope_add_field(f->scope, "y", "q", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &number));
  GKT_GO(gkt_form_parse(f->scope, GKT_EQUATION, &(gkt_source){.text = text.data}, &f->residual));
done:
  gkt_text_free(&text);
  return status;
}

static void clear(boundary_form *f) {
  gkt_assembler_destroy(&f->assembler);
  gkt_form_destroy(&f->form);
  gkt_form_destroy(&f->residual);
  gkt_scope_destroy(&f->scope);
  gkt_space_destroy(&f->space);
}

gkt_status gkt_extension_measure(gkt_extension *e, int num_moves, const char *const *moves) {
  boundary_form f = {.space = NULL};
  double *areas = NULL;
  gkt_status status;
  GKT_GO(name_measure(e, num_moves, moves));
  GKT_GO(gkt_alloc(e->ctx, e->size, sizeof *e->areas, &e->areas));
  GKT_GO(gkt_calloc(e->ctx, e->n / e->dim, sizeof *areas, &areas));
  GKT_GO(parse(e, "q", &f));
  const gkt_space *spaces[2] = {f.space, NULL};
  GKT_GO(gkt_assembler_create(f.residual, e->mesh, spaces, &f.assembler));
  GKT_GO(gkt_assemble_vector(f.assembler, &(gkt_inputs){.spaces = spaces}, areas));
  for (gkt_size k = 0; k < e->size; k++) e->areas[k] = areas[e->places[k] / e->dim];
done:
  gkt_free(&areas);
  clear(&f);
  return status;
}

/* L, of all nodes of the mesh: slopes along the facets only. */
static gkt_status assemble_laplacian(const gkt_extension *e, gkt_csr **out) {
  static const char integrand[] = "dot(grad(y) - dot(grad(y), n)*n, grad(q) - dot(grad(q), n)*n)";
  boundary_form f = {.space = NULL};
  const gkt_scalar *values[2] = {NULL, NULL};
  gkt_status status;
  GKT_GO(parse(e, integrand, &f));
  const gkt_space *spaces[2] = {f.space, NULL};
  GKT_GO(gkt_form_derivative(f.residual, 1, (const int[]){0}, &f.form));
  GKT_GO(gkt_assembler_create(f.form, e->mesh, spaces, &f.assembler));
  GKT_GO(gkt_assembler_matrix(f.assembler, out));
  GKT_GO(gkt_assemble_matrix(f.assembler, &(gkt_inputs){.spaces = spaces, .values = values}, *out));
done:
  clear(&f);
  return status;
}

/* ---- M + r^2 L ---- */
/* numbers [n]: of each coordinate among the displacements, or -1. Returns the number of entries; A NULL: counts. */
static gkt_size fill(const gkt_extension *e, const gkt_csr *L, const gkt_idx *numbers, double r, gkt_csr *A) {
  gkt_size count = 0;
  for (gkt_size k = 0; k < e->size; k++) {
    const gkt_idx node = e->places[k] / e->dim, component = e->places[k] % e->dim;
    if (A) A->row_offsets[k] = (gkt_idx)count;
    for (gkt_idx i = L->row_offsets[node]; i < L->row_offsets[node + 1]; i++) {
      const gkt_idx other = numbers[(gkt_size)L->cols[i] * e->dim + component];
      if (other < 0) continue;
      if (A) A->cols[count] = other, A->vals[count] = r * r * L->vals[i] + (other == k ? e->areas[k] : 0);
      count++;
    }
  }
  if (A) A->row_offsets[e->size] = (gkt_idx)count;
  return count;
}

static gkt_status make_matrix(gkt_extension *e, double r) {
  gkt_csr *L = NULL;
  gkt_idx *numbers = NULL, size;
  gkt_status status;
  GKT_GO(gkt_narrow(e->ctx, e->size, "displacements of a boundary", &size));
  GKT_GO(gkt_alloc(e->ctx, e->n, sizeof *numbers, &numbers));
  for (gkt_size i = 0; i < e->n; i++) numbers[i] = -1;
  for (gkt_idx k = 0; k < size; k++) numbers[e->places[k]] = k;
  GKT_GO(assemble_laplacian(e, &L));
  GKT_GO(gkt_csr_create(e->ctx, size, size, fill(e, L, numbers, r, NULL), 1, &e->filter.matrix));
  (void)fill(e, L, numbers, r, e->filter.matrix);
done:
  gkt_csr_destroy(&L);
  gkt_free(&numbers);
  return status;
}

static gkt_status check(const gkt_extension *e, double radius) {
  double area = 0;
  for (gkt_size k = 0; k < e->size; k++) area += e->areas[k];
  const double size = e->dim > 1 ? pow(area / (double)e->size, 1.0 / (e->dim - 1)) : 0;
  if (!(radius > 0 && isfinite(radius))) return gkt_fail(e->ctx, GKT_BAD_INPUT, "filter radius is %g; expected a number above 0", radius);
  if (radius < size)
    return gkt_fail(e->ctx, GKT_BAD_INPUT, "filter radius %g is below the size of the facets that move, %.3g: nothing would be averaged; expected 1.5 times that or more", radius,
                    size);
  return GKT_OK;
}

gkt_status gkt_extension_filter(gkt_extension *e, double radius) {
  gkt_boundary_filter *f = &e->filter;
  gkt_status status;
  GKT_TRY(check(e, radius));
  gkt_boundary_filter_destroy(f);
  GKT_GO(make_matrix(e, radius / (2 * sqrt(3))));
  GKT_GO(gkt_alloc(e->ctx, e->size, sizeof *f->b, &f->b));
  GKT_GO(gkt_alloc(e->ctx, e->size, sizeof *f->y, &f->y));
  f->facts = (gkt_system_facts){.symmetric = true, .positive = true, .block_size = 1, .dim = e->dim};
  GKT_GO(gkt_design_solver_create(e->ctx, f->matrix, &f->facts, &f->solver));
done:
  if (status != GKT_OK) gkt_boundary_filter_destroy(f);
  return status;
}

void gkt_boundary_filter_destroy(gkt_boundary_filter *f) {
  gkt_linear_solver_destroy(&f->solver);
  gkt_csr_destroy(&f->matrix);
  gkt_free(&f->b), gkt_free(&f->y);
}

/* ---- use ---- */
/* f->y = (M + r^2 L)^-1 f->b */
static gkt_status solve(gkt_extension *e) { return gkt_design_solver_solve(e->ctx, e->filter.solver, e->size, e->filter.b, e->filter.y, "shape: the filter's system"); }

const double *gkt_extension_areas(const gkt_extension *e) { return e->areas; }

gkt_status gkt_extension_smooth(gkt_extension *e, const gkt_scalar *x, gkt_scalar *d) {
  GKT_NEED(e->ctx, x, "variables");
  GKT_NEED(e->ctx, d, "array for displacements");
  if (!e->filter.matrix) return memmove(d, x, (size_t)e->size * sizeof *d), GKT_OK;
  for (gkt_size k = 0; k < e->size; k++) e->filter.b[k] = e->areas[k] * x[k];
  GKT_TRY(solve(e));
  memcpy(d, e->filter.y, (size_t)e->size * sizeof *d);
  return GKT_OK;
}

gkt_status gkt_extension_smooth_transpose(gkt_extension *e, const gkt_scalar *g, gkt_scalar *out) {
  GKT_NEED(e->ctx, g, "gradient");
  GKT_NEED(e->ctx, out, "array for that by the variables");
  if (e->filter.matrix) {
    memcpy(e->filter.b, g, (size_t)e->size * sizeof *g);
    GKT_TRY(solve(e));
  }
  for (gkt_size k = 0; k < e->size; k++) out[k] += e->filter.matrix ? e->areas[k] * e->filter.y[k] : g[k];
  return GKT_OK;
}
