/* A scheme of one's own for a nonlinear problem: Alexander's diagonally implicit Runge-Kutta method of order 2 (SIAM J. Numer. Anal. 14, 1977), L-stable. Each of its two stages is
   R(t_i, u_i, (u_i - known)/(g h)) = 0, which a system takes as a stage with shifts and solves as it solves everything. u_t = div((1 + u^2) grad(u)) + f, where f is made for u = 1
   + sin(t) x (1 - x). */
#include <galerkit/galerkit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static gkt_context *ctx;
static void must(gkt_status status) {
  if (status == GKT_OK) return;
  fprintf(stderr, "own_scheme: %s\n", gkt_context_message(ctx));
  exit(1);
}

typedef struct {
  gkt_mesh *mesh;
  gkt_space *space;
  gkt_scope *scope;
  gkt_system *system;
  gkt_expression *exact;
  gkt_vector *u, *base, *known;
} problem;

static gkt_expression *parse(const problem *p, const char *text) {
  gkt_expression *e;
  must(gkt_expression_parse(p->scope, &(gkt_source){.text = text}, &e));
  return e;
}

#define EXACT "(1 + sin(t)*x[0]*(1 - x[0]))"
static const char equation_text[] = "(dt(u)*v + (1 + u^2)*dot(grad(u), grad(v)))*dx == (cos(t)*x[0]*(1 - x[0])*v + (1 + " EXACT "^2)*dot(grad(" EXACT "), grad(v)))*dx";

static problem make(void) {
  const gkt_element P2 = {GKT_LAGRANGE, 2};
  gkt_form *equation;
  problem p;
  int u;
  must(gkt_mesh_box(ctx, &(gkt_box){GKT_LINE, 1, {8}, {0}, {1}}, &p.mesh));
  must(gkt_mesh_topology(p.mesh));
  must(gkt_space_create(p.mesh, P2, gkt_shape_scalar(), &p.space));
  must(gkt_scope_create(ctx, 1, &p.scope));
  must(gkt_scope_add_field(p.scope, "u", "v", gkt_shape_scalar(), P2, &u));
  must(gkt_form_parse(p.scope, GKT_EQUATION, &(gkt_source){.text = equation_text}, &equation));
  must(gkt_system_create(equation, p.mesh, 1, &u, (const gkt_space *const[]){p.space, NULL}, &p.system));
  gkt_form_destroy(&equation);
  p.exact = parse(&p, EXACT);
  must(gkt_system_constrain(p.system, &(gkt_condition){.unknown = u, .set = gkt_mesh_find_set(p.mesh, "boundary"), .component = GKT_ALL_COMPONENTS, .value = p.exact}));
  must(gkt_system_vector(p.system, &p.u)), must(gkt_system_vector(p.system, &p.base)), must(gkt_system_vector(p.system, &p.known));
  return p;
}

static void clear(problem *p) {
  gkt_vector_destroy(&p->u), gkt_vector_destroy(&p->base), gkt_vector_destroy(&p->known);
  gkt_expression_destroy(&p->exact), gkt_system_destroy(&p->system), gkt_scope_destroy(&p->scope);
  gkt_space_destroy(&p->space), gkt_mesh_destroy(&p->mesh);
}

/* u of R(time, u, (u - base)/length) = 0, from the guess in u */
static void solve_stage(problem *p, double time, double length) {
  const gkt_shifts shifts = {.value = 1, .rate = 1 / length};
  gkt_solve_options options = gkt_solve_options_default();
  gkt_solve_report report;
  gkt_vector_fill(p->known, 0);
  gkt_vector_axpy(-1 / length, p->base, p->known);
  must(gkt_system_set_time(p->system, time));
  must(gkt_system_set_step(p->system, 1, &(gkt_stage){.weight = 1, .time = time, .shifts = &shifts, .rate = p->known}));
  must(gkt_system_solve(p->system, &options, p->u, &report));
  if (!report.valid) fprintf(stderr, "own_scheme: %s\n", report.reason), exit(1);
  gkt_solve_report_clear(&report);
}

/* The largest error at the nodes at t = 1. */
static double measure(const problem *p) {
  const gkt_scalar *u = gkt_vector_read(p->u);
  double error = 0;
  must(gkt_interpolate(p->exact, p->space, &(gkt_inputs){.time = 1}, gkt_vector_values(p->known)));
  for (gkt_idx i = 0; i < gkt_vector_size(p->u); i++) error = fmax(error, fabs(u[i] - gkt_vector_read(p->known)[i]));
  return error;
}

static double march(problem *p, int num_steps) {
  const double h = 1.0 / num_steps, g = 1 - sqrt(0.5);
  must(gkt_interpolate(p->exact, p->space, NULL, gkt_vector_values(p->u)));
  for (int k = 0; k < num_steps; k++) {
    gkt_vector_copy(p->u, p->base);
    solve_stage(p, (k + g) * h, g * h); /* u = u0 + g h k1 */
    gkt_vector_scale(p->base, 1 - (1 - g) / g);
    gkt_vector_axpy((1 - g) / g, p->u, p->base); /* u0 + (1 - g) h k1 */
    solve_stage(p, (k + 1) * h, g * h);
  }
  const double error = measure(p);
  printf("%3d steps: error %.3e\n", num_steps, error);
  return error;
}

int main(void) {
  must(gkt_context_create(NULL, &ctx));
  problem p = make();
  const double coarse = march(&p, 32), fine = march(&p, 64), order = log2(coarse / fine);
  printf("order %.2f\n", order);
  clear(&p), gkt_context_destroy(&ctx);
  return fabs(order - 2) < 0.1 ? 0 : 1;
}
