/* Claim: assembled matrices, vectors and numbers equal a plain double loop over cells, points and basis functions written here by hand: mass, stiffness, advection, Robin,
   elasticity, nonlinear and with discrete coefficients, on skewed triangles and tetrahedra, straight and curved, P1 and P2, scalar and vector, compiled and interpreted. */
#include "assembly/backend.h"
#include "tests/assembly_world.h"

typedef struct { /* at one quadrature point */
  int dim, components;
  double x[3], n[3], h;
  double u[3], grad[3][3]; /* the state of the field */
  double c, r, w[3], gradw[3][3], k, mu, t;
} point;
typedef struct { /* a test or trial function there */
  double v[3], g[3][3];
} basis;
typedef double bilinear(const point *, const basis *v, const basis *du);
typedef double linear(const point *, const basis *v);
typedef double number(const point *);
typedef struct { /* an integral: volume or, by facets, surface */
  bilinear *matrix;
  linear *vector;
  number *number;
  const char *set; /* "": cells; NULL: none; else a named set of outer facets */
} integral;

/* ---- the plain loop ---- */
typedef struct {
  int rows;
  double *sum, *size; /* [rows][rows] or [rows]; size: sums of absolute values */
} result;

static double dot(const double *a, const double *b, int n) {
  double s = 0;
  for (int i = 0; i < n; i++) s += a[i] * b[i];
  return s;
}

static void invert(int dim, double (*J)[3], double (*K)[3], double *det) {
  double a[3][6] = {{0}};
  *det = 1;
  for (int i = 0; i < dim; i++)
    for (int j = 0; j < dim; j++) a[i][j] = J[i][j], a[i][3 + j] = i == j;
  for (int i = 0; i < dim; i++) { /* Gauss-Jordan with pivoting: another way than cofactors */
    int p = i;
    for (int k = i; k < dim; k++) p = fabs(a[k][i]) > fabs(a[p][i]) ? k : p;
    for (int j = 0; j < 6; j++) {
      double swap = a[i][j];
      a[i][j] = a[p][j], a[p][j] = swap;
    }
    *det *= p == i ? a[i][i] : -a[i][i];
    double pivot = a[i][i];
    for (int j = 0; j < 6; j++) a[i][j] /= pivot;
    for (int k = 0; k < dim; k++) {
      double f = a[k][i];
      for (int j = 0; k != i && j < 6; j++) a[k][j] -= f * a[i][j];
    }
  }
  for (int i = 0; i < dim; i++)
    for (int j = 0; j < dim; j++) K[i][j] = a[i][3 + j];
}

typedef struct {
  double phi[10], grad[10][3];
  int size;
} shape_functions;

static shape_functions shapes_at(gkt_cell_type cell, int degree, const double *xi, int dim, double (*K)[3]) {
  shape_functions s = {.size = gkt_lagrange_size(cell, degree)};
  double reference[30];
  gkt_lagrange_values(cell, degree, xi, s.phi);
  gkt_lagrange_gradients(cell, degree, xi, reference);
  for (int a = 0; a < s.size; a++)
    for (int d = 0; d < dim; d++)
      for (int r = 0; r < dim; r++) s.grad[a][d] += reference[a * dim + r] * K[r][d];
  return s;
}

static void fill_point(const world *w, gkt_idx cell, const double *xi, double (*K)[3], point *p) {
  gkt_cell_type type = gkt_mesh_block(w->mesh, 0)->cell;
  for (int f = 0; f < FUNCTIONS; f++) {
    if (!w->spaces[f]) continue;
    shape_functions s = shapes_at(type, w->spaces[f]->element.degree, xi, p->dim, K);
    for (int a = 0; a < s.size; a++)
      for (int i = 0; i < w->spaces[f]->block_size; i++) {
        double value = w->values[f][w->spaces[f]->cell_nodes[0][cell * s.size + a] * w->spaces[f]->block_size + i];
        if (f == C) p->c += s.phi[a] * value;
        if (f == R) p->r += s.phi[a] * value;
        if (f == W) p->w[i] += s.phi[a] * value;
        if (f == FIELD) p->u[i] += s.phi[a] * value;
        for (int d = 0; d < p->dim && f == FIELD; d++) p->grad[i][d] += s.grad[a][d] * value;
        for (int d = 0; d < p->dim && f == W; d++) p->gradw[i][d] += s.grad[a][d] * value;
      }
  }
}

static void add_point(const world *w, const integral *in, int arity, gkt_idx cell, const double *xi, double weight, int facet, result *out) {
  const gkt_cell_block *b = gkt_mesh_block(w->mesh, 0);
  int dim = gkt_mesh_dim(w->mesh), n = gkt_lagrange_size(b->cell, b->order);
  const double *X = gkt_mesh_coords(w->mesh);
  double phi[10], dphi[30], J[3][3] = {{0}}, K[3][3] = {{0}}, det;
  point p = {.dim = dim, .components = w->spaces[FIELD]->block_size, .k = w->constants[0], .mu = w->constants[1], .t = 0.25};
  gkt_lagrange_values(b->cell, b->order, xi, phi);
  gkt_lagrange_gradients(b->cell, b->order, xi, dphi);
  for (int i = 0; i < n; i++)
    for (int d = 0; d < dim; d++) {
      p.x[d] += phi[i] * X[b->nodes[cell * n + i] * dim + d];
      for (int r = 0; r < dim; r++) J[d][r] += dphi[i * dim + r] * X[b->nodes[cell * n + i] * dim + d];
    }
  invert(dim, J, K, &det);
  for (int i = 0; i <= dim; i++)
    for (int j = 0; j < i; j++) {
      double s = 0;
      for (int d = 0; d < dim; d++) s += pow(X[b->nodes[cell * n + i] * dim + d] - X[b->nodes[cell * n + j] * dim + d], 2);
      p.h = fmax(p.h, sqrt(s));
    }
  weight *= fabs(det);
  if (facet >= 0) { /* the barycentric coordinate opposite the facet falls along the outward normal */
    const gkt_cell_topology *top = &gkt_cell_topologies[b->cell];
    int opposite = 0;
    for (int v = 0; v <= dim; v++) {
      bool inside = false;
      for (int i = 0; i < dim; i++) inside |= top->facets[facet][i] == v;
      if (!inside) opposite = v;
    }
    shape_functions lambda = shapes_at(b->cell, 1, xi, dim, K);
    double length = sqrt(dot(lambda.grad[opposite], lambda.grad[opposite], dim));
    for (int d = 0; d < dim; d++) p.n[d] = -lambda.grad[opposite][d] / length;
    weight *= length;
  }
  fill_point(w, cell, xi, K, &p);
  const gkt_space *space = w->spaces[FIELD];
  shape_functions s = shapes_at(b->cell, space->element.degree, xi, dim, K);
  int dofs = s.size * space->block_size;
  if (arity == 0) {
    double value = weight * in->number(&p);
    out->sum[0] += value, out->size[0] += fabs(value);
    return;
  }
  for (int a = 0; a < dofs; a++) {
    basis v = {0}, du;
    int i = a % space->block_size, row = space->cell_nodes[0][cell * s.size + a / space->block_size] * space->block_size + i;
    v.v[i] = s.phi[a / space->block_size];
    memcpy(v.g[i], s.grad[a / space->block_size], sizeof v.g[i]);
    if (arity == 1) {
      double value = weight * in->vector(&p, &v);
      out->sum[row] += value, out->size[row] += fabs(value);
    }
    for (int c = 0; arity == 2 && c < dofs; c++) {
      int j = c % space->block_size, col = space->cell_nodes[0][cell * s.size + c / space->block_size] * space->block_size + j;
      du = (basis){0};
      du.v[j] = s.phi[c / space->block_size];
      memcpy(du.g[j], s.grad[c / space->block_size], sizeof du.g[j]);
      double value = weight * in->matrix(&p, &v, &du);
      out->sum[row * out->rows + col] += value, out->size[row * out->rows + col] += fabs(value);
    }
  }
}

static void add_integral(const world *w, const integral *in, int arity, int degree, result *out) {
  gkt_cell_type cell = gkt_mesh_block(w->mesh, 0)->cell;
  gkt_quadrature *q;
  assert_int_equal(gkt_mesh_topology(w->mesh), GKT_OK);
  if (!*in->set) {
    assert_int_equal(gkt_quadrature_create(ctx, cell, degree, &q), GKT_OK);
    for (gkt_idx c = 0; c < gkt_mesh_num_cells(w->mesh); c++)
      for (int k = 0; k < q->num_points; k++) add_point(w, in, arity, c, q->points + k * q->dim, q->weights[k], -1, out);
    gkt_quadrature_destroy(&q);
    return;
  }
  const gkt_mesh_set *set = gkt_mesh_find_set(w->mesh, in->set);
  for (gkt_idx i = 0; i < set->count; i++) {
    const gkt_facet *f = &gkt_mesh_facets(w->mesh)[set->entities[i]];
    assert_int_equal(gkt_quadrature_on_facet(ctx, cell, f->local[0], degree, &q), GKT_OK);
    for (int k = 0; k < q->num_points; k++) add_point(w, in, arity, f->cell[0], q->points + k * q->dim, q->weights[k], f->local[0], out);
    gkt_quadrature_destroy(&q);
  }
}

static result plain_loop(const world *w, const gkt_form *form, int arity, const integral *integrals, int count) {
  result r = {.rows = arity == 0 ? 1 : gkt_space_num_dofs(w->spaces[FIELD])};
  size_t n = arity == 2 ? (size_t)r.rows * (size_t)r.rows : (size_t)r.rows;
  r.sum = calloc(n, sizeof *r.sum), r.size = calloc(n, sizeof *r.size);
  assert_in_range(gkt_form_num_integrals(form), 1, count); /* a tangent has fewer: what does not depend on u is gone */
  for (int i = 0; i < count; i++)
    for (int k = 0; k < gkt_form_num_integrals(form); k++) {
      bool facets = form->integrals[k].measure == GKT_MEASURE_DS;
      const char *name = form->integrals[k].num_names ? form->integrals[k].names[0] : facets ? "boundary" : "";
      if (!strcmp(name, integrals[i].set))
        add_integral(w, &integrals[i], arity, form->integrals[k].degrees[gkt_mesh_block(w->mesh, 0)->order > 1 ? GKT_CURVED_SIMPLICES : GKT_STRAIGHT_SIMPLICES], &r);
    }
  return r;
}

/* ---- comparison: 1e-12 of the largest sum of absolute contributions, as the design asks ---- */
static void compare(const result *expected, size_t count, const double *given, const char *what) {
  double most = 0;
  for (size_t i = 0; i < count; i++) most = fmax(most, expected->size[i]);
  assert_true(most > 0);
  for (size_t i = 0; i < count; i++)
    if (!(fabs(given[i] - expected->sum[i]) <= 1e-12 * most)) fail_msg("%s: entry %zu is %.17g, expected %.17g (largest %g)", what, i, given[i], expected->sum[i], most);
}

static void check_backend(const gkt_assembler *a) { assert_string_equal(a->info.backend, gkt_backend_row(ctx->options.backend)->name); }

static void compare_matrix(world *w, const gkt_form *tangent, const integral *integrals, int count, const char *what) {
  result r = plain_loop(w, tangent, 2, integrals, count);
  gkt_assembler *a = assembler_of(w, tangent);
  gkt_csr *A;
  check_backend(a);
  assert_int_equal(gkt_assembler_matrix(a, &A), GKT_OK);
  assert_int_equal(gkt_assemble_matrix(a, inputs_of(w), A), GKT_OK);
  double *dense = calloc((size_t)r.rows * (size_t)r.rows, sizeof *dense);
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) dense[i * r.rows + A->cols[k]] = A->vals[k];
  compare(&r, (size_t)r.rows * (size_t)r.rows, dense, what);
  if (gkt_form_is_symmetric(tangent))
    for (int i = 0; i < r.rows; i++)
      for (int j = 0; j < i; j++) assert_true(dense[i * r.rows + j] == dense[j * r.rows + i]); /* 0 ulp */
  free(dense), free(r.sum), free(r.size);
  gkt_csr_destroy(&A);
  gkt_assembler_destroy(&a);
}

static void compare_vector(world *w, const gkt_form *residual, const integral *integrals, int count, const char *what) {
  result r = plain_loop(w, residual, 1, integrals, count);
  gkt_scalar *b = vector_of(w, residual);
  compare(&r, (size_t)r.rows, b, what);
  free(b), free(r.sum), free(r.size);
}

typedef struct {
  const char *text;
  int components; /* of the field; 0: dim */
  bool symmetric; /* expected of the tangent */
  int num_integrals;
  integral integrals[3];
} equation;

static void check_equation(const equation *e, int dim, int degree, bool curved) {
  world w = make_world(dim, degree, e->components ? e->components : dim, curved);
  gkt_form *residual = residual_of(&w, GKT_EQUATION, e->text), *tangent = derivative_of(residual, FIELD);
  assert_int_equal(gkt_form_is_symmetric(tangent), e->symmetric);
  compare_matrix(&w, tangent, e->integrals, e->num_integrals, e->text);
  compare_vector(&w, residual, e->integrals, e->num_integrals, e->text);
  gkt_form_destroy(&tangent);
  gkt_form_destroy(&residual);
  free_world(&w);
}

/* ---- the forms, by hand ---- */
static double inner(const double (*a)[3], const double (*b)[3], int n, int dim) {
  double s = 0;
  for (int i = 0; i < n; i++) s += dot(a[i], b[i], dim);
  return s;
}
#define GRADS(a, b) inner((const double(*)[3])(a), (const double(*)[3])(b), p->components, p->dim)
static basis state(const point *p) {
  basis b;
  memcpy(b.v, p->u, sizeof b.v);
  memcpy(b.g, p->grad, sizeof b.g);
  return b;
}

static double mass(const point *p, const basis *v, const basis *u) { return dot(u->v, v->v, p->components); }
static double mass_residual(const point *p, const basis *v) { return dot(p->u, v->v, p->components); }
static double stiffness(const point *p, const basis *v, const basis *u) { return p->k * GRADS(u->g, v->g); }
static double stiffness_residual(const point *p, const basis *v) {
  basis u = state(p);
  return stiffness(p, v, &u) - p->x[0] * p->t * v->v[0];
}
static double varying(const point *p, const basis *v, const basis *u) {
  return (p->r + p->c * p->c * exp(p->x[0])) * GRADS(u->g, v->g) + p->h * p->gradw[0][1] * u->v[0] * v->v[0];
}
static double varying_residual(const point *p, const basis *v) {
  basis u = state(p);
  return varying(p, v, &u);
}
static double advection(const point *p, const basis *v, const basis *u) { return dot(p->w, u->g[0], p->dim) * v->v[0]; }
static double advection_residual(const point *p, const basis *v) {
  basis u = state(p);
  return advection(p, v, &u);
}
static double robin(const point *p, const basis *v, const basis *u) { return p->mu * dot(p->w, p->n, p->dim) * u->v[0] * v->v[0]; }
static double robin_residual(const point *p, const basis *v) {
  basis u = state(p);
  return robin(p, v, &u) - p->x[1] * v->v[0];
}
static double slip(const point *p, const basis *v, const basis *u) { return p->h * dot(u->g[0], p->n, p->dim) * v->v[0]; }
static double slip_residual(const point *p, const basis *v) {
  basis u = state(p);
  return slip(p, v, &u);
}
static double nonlinear(const point *p, const basis *v, const basis *u) {
  double c = cos(p->u[0]), g = GRADS(p->grad, v->g);
  return (1 + p->u[0] * p->u[0]) * GRADS(u->g, v->g) + 2 * p->u[0] * u->v[0] * g + c * u->v[0] * v->v[0];
}
static double nonlinear_residual(const point *p, const basis *v) { return (1 + p->u[0] * p->u[0]) * GRADS(p->grad, v->g) + sin(p->u[0]) * v->v[0]; }
static double elasticity(const point *p, const basis *v, const basis *u) {
  double s = 0, divu = 0, divv = 0;
  for (int i = 0; i < p->dim; i++) divu += u->g[i][i], divv += v->g[i][i];
  for (int i = 0; i < p->dim; i++)
    for (int j = 0; j < p->dim; j++) s += 2 * p->mu * 0.25 * (u->g[i][j] + u->g[j][i]) * (v->g[i][j] + v->g[j][i]);
  return s + p->k * divu * divv;
}
static double elasticity_residual(const point *p, const basis *v) {
  basis u = state(p);
  return elasticity(p, v, &u);
}
static double traction(const point *p, const basis *v, const basis *u) { return (void)p, (void)v, (void)u, 0; }
static double traction_residual(const point *p, const basis *v) { return -p->c * dot(p->n, v->v, p->dim); }
/* the tangent of dot(u,u) u + grad(u) u, tested by v */
static double inertia(const point *p, const basis *v, const basis *u) {
  double s = 2 * dot(p->u, u->v, p->dim) * dot(p->u, v->v, p->dim) + dot(p->u, p->u, p->dim) * dot(u->v, v->v, p->dim);
  for (int i = 0; i < p->dim; i++) s += (dot(u->g[i], p->u, p->dim) + dot(p->grad[i], u->v, p->dim)) * v->v[i];
  return s;
}
static double inertia_residual(const point *p, const basis *v) {
  double s = dot(p->u, p->u, p->dim) * dot(p->u, v->v, p->dim);
  for (int i = 0; i < p->dim; i++) s += dot(p->grad[i], p->u, p->dim) * v->v[i];
  return s;
}

static const equation equations[] = {
    {"u*v*dx", 1, true, 1, {{mass, mass_residual, NULL, ""}}},
    {"dot(u,v)*dx", 0, true, 1, {{mass, mass_residual, NULL, ""}}},
    {"k*dot(grad(u),grad(v))*dx(degree=3) - x[0]*t*v*dx(degree=3)", 1, true, 1, {{stiffness, stiffness_residual, NULL, ""}}},
    {"(r + c^2*exp(x[0]))*dot(grad(u),grad(v))*dx(degree=4) + h*grad(w)[0,1]*u*v*dx(degree=4)", 1, true, 1, {{varying, varying_residual, NULL, ""}}},
    {"dot(w,grad(u))*v*dx + mu*dot(w,n)*u*v*ds(left, degree=5) - x[1]*v*ds(left, degree=5) + h*dot(grad(u),n)*v*ds",
     1,
     false,
     3,
     {{advection, advection_residual, NULL, ""}, {robin, robin_residual, NULL, "left"}, {slip, slip_residual, NULL, "boundary"}}},
    {"(1+u^2)*dot(grad(u),grad(v))*dx(degree=5) + sin(u)*v*dx(degree=5)", 1, false, 1, {{nonlinear, nonlinear_residual, NULL, ""}}},
    {"2*mu*inner(sym(grad(u)),sym(grad(v)))*dx(degree=2) + k*div(u)*div(v)*dx(degree=2) - c*dot(n,v)*ds(right)",
     0,
     true,
     2,
     {{elasticity, elasticity_residual, NULL, ""}, {traction, traction_residual, NULL, "right"}}},
    {"dot(u,u)*dot(u,v)*dx(degree=8) + dot(grad(u)*u,v)*dx(degree=8)", 0, false, 1, {{inertia, inertia_residual, NULL, ""}}},
};

static void equations_equal_plain_loops(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++)
    for (int dim = 2; dim <= 3; dim++)
      for (int degree = 1; degree <= 2; degree++) {
        use_backend(backend);
        for (size_t i = 0; i < sizeof equations / sizeof *equations; i++) check_equation(&equations[i], dim, degree, false);
      }
}

static void curved_cells_too(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++)
    for (int dim = 2; dim <= 3; dim++) {
      use_backend(backend);
      for (size_t i = 0; i < sizeof equations / sizeof *equations; i++) check_equation(&equations[i], dim, 1 + (int)i % 2, true);
    }
}

static double energy(const point *p) { return p->r * GRADS(p->grad, p->grad) / 2 + p->c * p->u[0]; }
static double flux(const point *p) { return p->k * dot(p->w, p->n, p->dim) * p->x[0]; }

static void functionals_equal_plain_loops(void **unused) {
  (void)unused;
  const integral integrals[] = {{NULL, NULL, energy, ""}, {NULL, NULL, flux, "top"}};
  for (int backend = 0; backend < num_backends(); backend++)
    for (int dim = 2; dim <= 3; dim++) {
      use_backend(backend);
      world w = make_world(dim, 2, 1, dim == 2);
      gkt_form *form = residual_of(&w, GKT_FUNCTIONAL, "r*dot(grad(u),grad(u))/2*dx(degree=3) + c*u*dx(degree=3) + k*dot(w,n)*x[0]*ds(top)");
      result r = plain_loop(&w, form, 0, integrals, 2);
      gkt_scalar value = number_of(&w, form);
      compare(&r, 1, &value, "functional");
      free(r.sum), free(r.size);
      gkt_form_destroy(&form);
      free_world(&w);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(equations_equal_plain_loops), cmocka_unit_test(curved_cells_too), cmocka_unit_test(functionals_equal_plain_loops)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
