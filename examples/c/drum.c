/* A drum that is struck: the wave equation in a loop of one's own, one call a step, first by Newmark's rule, then explicitly. What each step costs, and what the energy does. */
#include <galerkit/galerkit.h>
#include <stdio.h>
#include <stdlib.h>

static gkt_context *ctx;
static void must(gkt_status status) {
  if (status == GKT_OK) return;
  fprintf(stderr, "drum: %s\n", gkt_context_message(ctx));
  exit(1);
}

typedef struct {
  gkt_mesh *mesh;
  gkt_space *V;
  gkt_scope *scope;
  gkt_system *system;
  gkt_vector *u;
} drum;

static gkt_expression *parse(const drum *d, const char *text) {
  gkt_expression *e;
  must(gkt_expression_parse(d->scope, &(gkt_source){.text = text}, &e));
  return e;
}

static drum make(void) {
  const gkt_element P1 = {GKT_LAGRANGE, 1};
  gkt_form *equation;
  drum d;
  int u;
  must(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {40, 40}, {0, 0}, {1, 1}}, &d.mesh));
  must(gkt_mesh_topology(d.mesh));
  must(gkt_space_create(d.mesh, P1, gkt_shape_scalar(), &d.V));
  must(gkt_scope_create(ctx, 2, &d.scope));
  must(gkt_scope_add_field(d.scope, "u", "v", gkt_shape_scalar(), P1, &u));
  must(gkt_form_parse(d.scope, GKT_EQUATION, &(gkt_source){.text = "dtt(u)*v*dx + dot(grad(u), grad(v))*dx"}, &equation));
  must(gkt_system_create(equation, d.mesh, 1, &u, (const gkt_space *const[]){d.V, NULL}, &d.system)); /* of u and v; u'' needs none */
  gkt_form_destroy(&equation);
  gkt_expression *zero = parse(&d, "0"), *bump = parse(&d, "exp(-50*((x[0] - 0.4)^2 + (x[1] - 0.5)^2))");
  must(gkt_system_constrain(d.system, &(gkt_condition){.unknown = u, .set = gkt_mesh_find_set(d.mesh, "boundary"), .component = GKT_ALL_COMPONENTS, .value = zero}));
  must(gkt_system_vector(d.system, &d.u));
  must(gkt_interpolate(bump, d.V, NULL, gkt_vector_values(d.u)));
  gkt_expression_destroy(&zero), gkt_expression_destroy(&bump);
  return d;
}

static void clear(drum *d) { gkt_vector_destroy(&d->u), gkt_system_destroy(&d->system), gkt_scope_destroy(&d->scope), gkt_space_destroy(&d->V), gkt_mesh_destroy(&d->mesh); }

/* The value at the middle after a time of 1. */
static double play(const drum *d, const char *scheme, int num_steps) {
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  gkt_time *time;
  int setups = 0, iterations = 0;
  must(gkt_scheme_read(ctx, scheme, &options.scheme));
  options.step = 1.0 / num_steps;
  must(gkt_time_create(d->system, &options, &time));
  must(gkt_time_begin(time, d->u, NULL, &report));
  for (int k = 0; k < num_steps && report.valid; k++) {
    must(gkt_time_step(time, options.step, &report));
    setups += report.setups, iterations += report.linear;
  }
  const gkt_state end = gkt_time_state(time);
  const double middle = gkt_vector_read(end.u)[gkt_vector_size(end.u) / 2];
  printf("%-18s %4d steps to t = %g: u = %.5f in the middle; %d set-ups, %d iterations %s\n", scheme, num_steps, end.time, middle, setups, iterations, report.reason);
  gkt_time_destroy(&time);
  return report.valid ? middle : 1e9;
}

int main(void) {
  must(gkt_context_create(NULL, &ctx));
  drum d = make();
  const double fine = play(&d, "newmark", 200), coarse = play(&d, "newmark", 100), free = play(&d, "central-difference", 200);
  clear(&d), gkt_context_destroy(&ctx);
  return fine - coarse < 0.01 && coarse - fine < 0.01 && free - fine < 0.05 && fine - free < 0.05 ? 0 : 1;
}
