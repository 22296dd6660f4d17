/* Two hundred log-normal conductivities in a plate: Gaussian fields are drawn, all flows are solved in calls of thirty-two, and the mean of what flows through is compared with
   what its spread allows. The hundredth is drawn and solved again by itself: the same bits. */
#include <galerkit/galerkit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gkt_context *ctx;
static void must(gkt_status status) {
  if (status == GKT_OK) return;
  fprintf(stderr, "samples: %s\n", gkt_context_message(ctx));
  exit(1);
}

enum { COUNT = 200, BATCH = 32, AGAIN = 99, SEED = 1, U = 0, K = 2 };
static gkt_scalar *numbers(gkt_size count) {
  gkt_scalar *x = calloc((size_t)count, sizeof *x);
  return x ? x : (exit(1), NULL);
}

static void draw(gkt_gaussian *field, int sample, gkt_idx n, gkt_scalar *k) {
  must(gkt_gaussian_draw(field, &(gkt_draw){.seed = SEED, .sample = sample, .name = "k"}, k));
  for (gkt_idx i = 0; i < n; i++) k[i] = exp(k[i]);
}

int main(void) {
  const gkt_element P1 = {GKT_LAGRANGE, 1};
  gkt_gaussian_options options = gkt_gaussian_options_default();
  gkt_mesh *mesh;
  gkt_space *V;
  gkt_scope *scope;
  gkt_form *equation, *through;
  gkt_expression *value;
  gkt_system *system;
  gkt_assembler *flow;
  gkt_gaussian *field;
  gkt_vector *start;
  int f;
  must(gkt_context_create(NULL, &ctx));
  must(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {24, 24}, {0, 0}, {1, 1}}, &mesh));
  must(gkt_mesh_topology(mesh));
  must(gkt_space_create(mesh, P1, gkt_shape_scalar(), &V));
  must(gkt_scope_create(ctx, 2, &scope));
  must(gkt_scope_add_field(scope, "u", "v", gkt_shape_scalar(), P1, &f));
  must(gkt_scope_add_coefficient(scope, "k", gkt_shape_scalar(), P1, &f));
  must(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = "k*dot(grad(u), grad(v))*dx"}, &equation));
  must(gkt_form_parse(scope, GKT_FUNCTIONAL, &(gkt_source){.text = "k*grad(u)[0]*dx"}, &through));
  must(gkt_expression_parse(scope, &(gkt_source){.text = "x[0]"}, &value));

  const gkt_space *spaces[] = {V, NULL, V};
  const gkt_idx n = gkt_space_num_dofs(V);
  gkt_scalar *k = numbers((gkt_size)n * BATCH), *u = numbers((gkt_size)n * BATCH), *kept = numbers(n), total = 0, square = 0;
  gkt_solve_report reports[BATCH];
  must(gkt_system_create(equation, mesh, 1, (int[]){U}, spaces, &system));
  for (int side = 0; side < 2; side++)
    must(gkt_system_constrain(system, &(gkt_condition){.set = gkt_mesh_find_set(mesh, side ? "right" : "left"), .component = GKT_ALL_COMPONENTS, .value = value}));
  must(gkt_assembler_create(through, mesh, spaces, &flow));
  options.length = 0.25, options.deviation = 0.5;
  must(gkt_gaussian_create(ctx, mesh, &options, &field));

  const gkt_size strides[] = {0, 0, n};
  for (int first = 0; first < COUNT; first += BATCH) {
    const int count = COUNT - first < BATCH ? COUNT - first : BATCH;
    for (int i = 0; i < count; i++) draw(field, first + i, n, k + (gkt_size)i * n);
    must(gkt_system_solve_sets(system, &(gkt_inputs){.values = (const gkt_scalar *const[]){NULL, NULL, k}}, &(gkt_batch){.count = count, .strides = strides, .results_stride = n},
                               NULL, u, reports));
    for (int i = 0; i < count; i++) {
      gkt_scalar q;
      must(gkt_assemble_functional(flow, &(gkt_inputs){.spaces = spaces, .values = (const gkt_scalar *const[]){u + (gkt_size)i * n, NULL, k + (gkt_size)i * n}}, &q));
      if (!reports[i].valid) return fprintf(stderr, "samples: %d: %s\n", first + i, reports[i].reason), 1;
      if (first + i == AGAIN) memcpy(kept, u + (gkt_size)i * n, (size_t)n * sizeof *kept);
      total += q / COUNT, square += q * q / COUNT;
      gkt_solve_report_clear(&reports[i]);
    }
  }

  draw(field, AGAIN, n, k);
  must(gkt_system_set_coefficient(system, "k", k));
  must(gkt_system_vector(system, &start));
  must(gkt_system_solve(system, NULL, start, &reports[0]));
  const bool same = !memcmp(gkt_vector_read(start), kept, (size_t)n * sizeof *kept);
  const double deviation = sqrt(square - total * total), error = deviation / sqrt(COUNT);
  printf("%d samples: flow %.4f, standard deviation %.4f; number %d by itself is %s\n", COUNT, total, deviation, AGAIN, same ? "equal" : "different");
  /* in the plane the conductivity of a large piece of such ground is the median, 1 (Matheron 1967) */
  return same && fabs(total - 1) < 0.1 + 4 * error ? 0 : 1;
}
