/* Rows of F hold no negative numbers and sum to 1, or less beside values that are held: what would be positive beside the diagonal of L, at obtuse angles and on rectangles longer
   than sqrt(2) times their width, goes to the diagonal. F' = M (M + r^2 L)^-1. */
#include "adjoint/boundary_filter.h"

#include <math.h>
#include <string.h>

#include "adjoint/design_solver.h"
#include "adjoint/filter.h"

gkt_status gkt_boundary_measure(const gkt_boundary_values *v, gkt_idx num_nodes, double *areas) {
  double *nodes = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(v->ctx, num_nodes, sizeof *nodes, &nodes));
  GKT_GO(gkt_filter_measure(v->mesh, v->ctx, (gkt_element){GKT_LAGRANGE, 1}, v->measure, nodes));
  for (gkt_size k = 0; k < v->size; k++) areas[k] = nodes[v->places[k] / v->components];
done:
  gkt_free(&nodes);
  return status;
}

/* ---- the Laplacian ---- */
typedef struct { /* a form by the measure, of a scalar in P1 */
  gkt_space *space;
  gkt_scope *scope;
  gkt_form *residual, *form;
  gkt_assembler *assembler;
} boundary_form;

static gkt_status parse(const gkt_boundary_values *v, const char *integrand, boundary_form *f) {
  gkt_text text = {.ctx = v->ctx};
  gkt_status status;
  int number;
  gkt_text_printf(&text, "(%s)*%s", integrand, v->measure);
  GKT_GO(text.status);
  GKT_GO(gkt_space_create(v->mesh, (gkt_element){GKT_LAGRANGE, 1}, gkt_shape_scalar(), &f->space));
  GKT_GO(gkt_scope_create(v->ctx, gkt_mesh_dim(v->mesh), &f->scope));
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

/* L, of all nodes of the mesh: of facets slopes along them only. */
static gkt_status assemble_laplacian(const gkt_boundary_values *v, gkt_csr **out) {
  static const char along[] = "dot(grad(y) - dot(grad(y), n)*n, grad(q) - dot(grad(q), n)*n)", within[] = "dot(grad(y), grad(q))";
  boundary_form f = {.space = NULL};
  const gkt_scalar *values[2] = {NULL, NULL};
  gkt_status status;
  GKT_GO(parse(v, strncmp(v->measure, "dx", 2) ? along : within, &f));
  const gkt_space *spaces[2] = {f.space, NULL};
  GKT_GO(gkt_form_derivative(f.residual, 1, (const int[]){0}, &f.form));
  GKT_GO(gkt_assembler_create(f.form, v->mesh, spaces, &f.assembler));
  GKT_GO(gkt_assembler_matrix(f.assembler, out));
  GKT_GO(gkt_assemble_matrix(f.assembler, &(gkt_inputs){.spaces = spaces, .values = values}, *out));
done:
  clear(&f);
  return status;
}

/* ---- M + r^2 L ---- */
/* M on the diagonal, and what there is of positive entries beside that of L. */
static double extra(const gkt_boundary_values *v, const gkt_csr *L, gkt_size k, double r) {
  const gkt_idx node = v->places[k] / v->components;
  double sum = v->areas[k];
  for (gkt_idx i = L->row_offsets[node]; i < L->row_offsets[node + 1]; i++)
    if (L->cols[i] != node) sum += r * r * fmax(L->vals[i], 0);
  return sum;
}

/* numbers [nodes*components]: of each place, or -1. Returns the number of entries; A NULL: counts. */
static gkt_size fill(const gkt_boundary_values *v, const gkt_csr *L, const gkt_idx *numbers, double r, gkt_csr *A) {
  gkt_size count = 0;
  for (gkt_size k = 0; k < v->size; k++) {
    const gkt_idx node = v->places[k] / v->components, component = v->places[k] % v->components;
    if (A) A->row_offsets[k] = (gkt_idx)count;
    for (gkt_idx i = L->row_offsets[node]; i < L->row_offsets[node + 1]; i++) {
      const gkt_idx other = numbers[(gkt_size)L->cols[i] * v->components + component];
      if (other < 0) continue;
      if (A) A->cols[count] = other, A->vals[count] = other == k ? r * r * L->vals[i] + extra(v, L, k, r) : r * r * fmin(L->vals[i], 0);
      count++;
    }
  }
  if (A) A->row_offsets[v->size] = (gkt_idx)count;
  return count;
}

static gkt_status make_matrix(const gkt_boundary_values *v, double r, gkt_csr **out) {
  gkt_csr *L = NULL;
  gkt_idx *numbers = NULL, size;
  gkt_status status;
  GKT_GO(gkt_narrow(v->ctx, v->size, "values on sets", &size));
  GKT_GO(assemble_laplacian(v, &L));
  const gkt_size all = (gkt_size)L->num_rows * v->components;
  GKT_GO(gkt_alloc(v->ctx, all, sizeof *numbers, &numbers));
  for (gkt_size i = 0; i < all; i++) numbers[i] = -1;
  for (gkt_idx k = 0; k < size; k++) numbers[v->places[k]] = k;
  GKT_GO(gkt_csr_create(v->ctx, size, size, fill(v, L, numbers, r, NULL), 1, out));
  (void)fill(v, L, numbers, r, *out);
done:
  gkt_csr_destroy(&L);
  gkt_free(&numbers);
  return status;
}

static gkt_status check(const gkt_boundary_values *v, const char *what, int dim, double radius) {
  double area = 0;
  for (gkt_size k = 0; k < v->size; k++) area += v->areas[k];
  const double size = dim > 0 ? pow(area / (double)v->size, 1.0 / dim) : 0;
  if (!(radius > 0 && isfinite(radius))) return gkt_fail(v->ctx, GKT_BAD_INPUT, "filter radius is %g; expected a number above 0", radius);
  if (radius < size)
    return gkt_fail(v->ctx, GKT_BAD_INPUT, "filter radius %g is below the size of %s, %.3g: nothing would be averaged; expected 1.5 times that or more", radius, what, size);
  return GKT_OK;
}

gkt_status gkt_boundary_filter_create(const gkt_boundary_values *v, const char *what, int dim, double radius, gkt_boundary_filter *f) {
  gkt_status status;
  GKT_TRY(check(v, what, dim, radius));
  gkt_boundary_filter_destroy(f);
  *f = (gkt_boundary_filter){.ctx = v->ctx, .size = v->size, .areas = v->areas};
  GKT_GO(make_matrix(v, radius / (2 * sqrt(3)), &f->matrix));
  GKT_GO(gkt_alloc(f->ctx, f->size, sizeof *f->b, &f->b));
  GKT_GO(gkt_alloc(f->ctx, f->size, sizeof *f->y, &f->y));
  f->facts = (gkt_system_facts){.symmetric = true, .positive = true, .block_size = 1, .dim = gkt_mesh_dim(v->mesh)};
  GKT_GO(gkt_design_solver_create(f->ctx, f->matrix, &f->facts, &f->solver));
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
static gkt_status solve(gkt_boundary_filter *f) { return gkt_design_solver_solve(f->ctx, f->solver, f->size, f->b, f->y, "filter: its system on the sets"); }

gkt_status gkt_boundary_filter_apply(gkt_boundary_filter *f, const gkt_scalar *x, gkt_scalar *y) {
  for (gkt_size k = 0; k < f->size; k++) f->b[k] = f->areas[k] * x[k];
  GKT_TRY(solve(f));
  memcpy(y, f->y, (size_t)f->size * sizeof *y);
  return GKT_OK;
}

gkt_status gkt_boundary_filter_transpose(gkt_boundary_filter *f, const gkt_scalar *g, gkt_scalar *out) {
  memcpy(f->b, g, (size_t)f->size * sizeof *g);
  GKT_TRY(solve(f));
  for (gkt_size k = 0; k < f->size; k++) out[k] += f->areas[k] * f->y[k];
  return GKT_OK;
}
