/* Claim: a system of several fields without multipliers is solved on the device, in units of its fields, by CG, GMRES or BiCGSTAB with Jacobi's preconditioner, to the true
   residual asked for in each field: the host measures the same, and has nothing left to do. Units of fields may be far apart. After set-up only scalars cross the bus, also with
   other values. Multipliers, what may be free, and fields that nothing couples are the host's, and the report says so; what is singular is told. */
#include "core/vector.h"
#include "tests/block_systems.h"
#include "tests/device_csr.h"
#include "tests/emulated_device.h"

static gkt_context *ctx;
static int end(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}
static void must(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

typedef struct {
  test_blocks s;
  double *want;
  device_csr A;
  gkt_vector *b, *x, *host;
} fields;

static int begin(void **state) {
  (void)state;
  use_emulated_device();
  return gkt_context_create(&(gkt_context_options){.poison = true}, &ctx) != GKT_OK;
}

static int field_of(const test_blocks *s, gkt_idx i) {
  int f = 0;
  while (i >= s->blocks[f].first + s->blocks[f].count) f++;
  return f;
}

/* Unknowns of field f in units of `unknowns`^f, its equations in those of `equations`^f. */
static void change_units(test_blocks *s, double unknowns, double equations) {
  for (gkt_idx i = 0; i < s->A->num_rows; i++)
    for (gkt_idx k = s->A->row_offsets[i]; k < s->A->row_offsets[i + 1]; k++) s->A->vals[k] *= pow(equations, field_of(s, i)) * pow(unknowns, field_of(s, s->A->cols[k]));
  if (unknowns == equations) return;
  s->facts.symmetric = s->facts.positive = false;
  for (int f = 0; f < s->facts.num_blocks; f++) s->blocks[f].symmetric = s->blocks[f].positive = s->blocks[f].elliptic = false;
}

static void send_fields(fields *p) {
  const gkt_idx n = p->s.A->num_rows;
  must(device_csr_create(ctx, p->s.A, &p->A));
  must(gkt_vector_create_on(ctx, GKT_ON_DEVICE, n, &p->b));
  must(gkt_vector_create_on(ctx, GKT_ON_DEVICE, n, &p->x));
  must(gkt_vector_wrap(ctx, n, p->s.b, &p->host));
  must(gkt_vector_to(p->host, p->b));
  gkt_vector_destroy(&p->host);
  must(gkt_vector_wrap(ctx, n, p->s.x, &p->host));
}

static void create(const test_diffusions *o, double unknowns, double equations, fields *p) {
  *p = (fields){0};
  test_diffusions_create(ctx, o, &p->s);
  change_units(&p->s, unknowns, equations);
  p->want = malloc(sizeof(double) * (size_t)p->s.A->num_rows);
  test_manufacture(&p->s, p->want);
  for (gkt_idx i = 0; i < p->s.A->num_rows; i++) p->want[i] /= pow(unknowns, field_of(&p->s, i)); /* of one size beside each other */
  gkt_csr_multiply(p->s.A, p->want, p->s.b);
  send_fields(p);
}

static void destroy(fields *p) {
  gkt_vector_destroy(&p->b), gkt_vector_destroy(&p->x), gkt_vector_destroy(&p->host);
  device_csr_destroy(&p->A);
  test_blocks_destroy(&p->s);
  free(p->want);
}

static gkt_linear_report solve(fields *p, gkt_linear_method method, double rtol) {
  gkt_linear_report r;
  must(gkt_linear_solve(ctx, &p->A.csr, &p->s.facts, gkt_vector_address(p->b), gkt_vector_address(p->x), &(gkt_linear_options){.method = method, .rtol = rtol}, &r));
  must(gkt_vector_to(p->x, p->host));
  return r;
}

static bool is_on_device(const gkt_linear_report *r) { return strstr(r->method, "Jacobi (device, ") != NULL; }

/* The error of each field against its own size. */
static void check_answer(const fields *p, double tolerance) {
  for (int f = 0; f < p->s.facts.num_blocks; f++) {
    const gkt_block_facts *b = &p->s.blocks[f];
    double error = 0, size = 0;
    for (gkt_idx i = b->first; i < b->first + b->count; i++) error = fmax(error, fabs(p->s.x[i] - p->want[i])), size = fmax(size, fabs(p->want[i]));
    if (!(error <= tolerance * size)) fail_msg("field %s: an error of %g of %g", b->name, error, size);
  }
}

static const test_diffusions three = {.n = 4, .dim = 3, .fields = 3, .exchange = 5, .hold = true};

static void answers_are_what_the_host_measures(void **state) {
  static const struct {
    gkt_linear_method method;
    double unknowns, equations;
  } cases[] = {{GKT_LINEAR_CG, 1, 1},         {GKT_LINEAR_CG, 1e-5, 1e-5},      {GKT_LINEAR_GMRES, 1, 1},
               {GKT_LINEAR_GMRES, 1e4, 1e-7}, {GKT_LINEAR_BICGSTAB, 1e-3, 1e5}, {GKT_LINEAR_CG, 1e6, 1e6}};
  (void)state;
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    fields p;
    gkt_linear_report host;
    create(&three, cases[c].unknowns, cases[c].equations, &p);
    gkt_linear_report r = solve(&p, cases[c].method, 1e-10);
    if (!r.converged || !is_on_device(&r)) fail_msg("case %d: %s, %s: %g, %g", (int)c, r.method, r.why, r.residual, r.scaled_residual);
    assert_true(r.residual <= 1e-10 && r.scaled_residual <= 1e-10 && r.iterations > 0 && !r.singular);
    check_answer(&p, 1e-6);
    must(gkt_linear_solve(ctx, p.s.A, &p.s.facts, p.s.b, p.s.x, &(gkt_linear_options){.rtol = 2e-10, .method = GKT_LINEAR_GMRES}, &host));
    if (host.iterations) fail_msg("case %d: the host measures %g, %g where the device has %g, %g", (int)c, host.residual, host.scaled_residual, r.residual, r.scaled_residual);
    /* units of fields come from scales that begin elsewhere, and may be twice these */
    assert_true(host.residual <= 2.1 * r.residual && r.residual <= 2.1 * host.residual);
    assert_true(host.scaled_residual <= 2.1 * r.scaled_residual && r.scaled_residual <= 2.1 * host.scaled_residual);
    gkt_linear_report_clear(&r), gkt_linear_report_clear(&host);
    destroy(&p);
  }
}

/* Where it would not take a factor. */
static void takes_it_by_itself(void **state) {
  fields p;
  (void)state;
  create(&(test_diffusions){.n = 10, .dim = 3, .fields = 4, .exchange = 5, .hold = true}, 1e-4, 1e-4, &p);
  gkt_linear_report r = solve(&p, GKT_LINEAR_AUTO, 1e-9);
  if (!r.converged || !is_on_device(&r) || strncmp(r.method, "CG ", 3)) fail_msg("%s, %s", r.method, r.why);
  check_answer(&p, 1e-6);
  gkt_linear_report_clear(&r);
  destroy(&p);
}

static void scalars_alone_cross_the_bus(void **state) {
  fields p;
  gkt_linear_solver *solver;
  gkt_device_counts before, after;
  (void)state;
  create(&three, 1e-5, 1e3, &p);
  must(gkt_linear_solver_create(ctx, &p.A.csr, &p.s.facts, &(gkt_linear_options){.method = GKT_LINEAR_GMRES, .rtol = 1e-9}, &solver));
  for (int k = 0; k < 3; k++) {
    gkt_linear_report r;
    gkt_device_counts *now = k ? &after : &before;
    gkt_vector_fill(p.x, 0);
    *now = gkt_device_count_all(ctx->device);
    must(gkt_linear_solver_solve(solver, 1, 0, gkt_vector_address(p.b), gkt_vector_address(p.x), &r));
    assert_true(r.converged && is_on_device(&r) && r.setups == (k != 1) && r.kept == (k == 2));
    const gkt_device_counts then = gkt_device_count_all(ctx->device);
    const gkt_size up = then.bytes_up - now->bytes_up, down = then.bytes_down - now->bytes_down;
    if (k) assert_true(up < 500 && down < 300 + 8 * (gkt_size)r.num_history * (k == 2 ? 60 : 2) && then.bytes_held == now->bytes_held); /* of 192 dofs a vector has 1,536 */
    gkt_linear_report_clear(&r);
    if (k == 1) must(gkt_device_upload(ctx->device, p.s.A->vals, p.A.csr.vals, p.s.A->row_offsets[p.s.A->num_rows] * (gkt_size)sizeof(gkt_scalar)));
    if (k == 1) must(gkt_linear_solver_update(solver));
  }
  must(gkt_vector_to(p.x, p.host));
  check_answer(&p, 1e-5);
  gkt_linear_solver_destroy(&solver);
  destroy(&p);
}

/* ---- what is the host's ---- */
static void expect_host(const test_diffusions *o, const char *why, bool singular, bool known) {
  fields p;
  create(o, 1, 1, &p);
  if (!known) p.s.facts.singular = false;
  gkt_linear_report r = solve(&p, GKT_LINEAR_GMRES, 1e-9);
  if (is_on_device(&r) || !strstr(r.why, why) || r.singular != singular) fail_msg("%s, %s; expected '%s'", r.method, r.why, why);
  assert_true(singular || r.converged);
  gkt_linear_report_clear(&r);
  destroy(&p);
}

static void the_host_does_the_rest(void **state) {
  (void)state;
  expect_host(&(test_diffusions){.n = 4, .dim = 2, .fields = 2, .exchange = 5, .mean = true}, "on the host: what several fields leave undetermined is found there", false, true);
  expect_host(&(test_diffusions){.n = 4, .dim = 2, .fields = 2, .exchange = 5, .hold = true, .mean = true}, "on the host: multipliers are solved there, by fields", false, true);
  expect_host(&(test_diffusions){.n = 4, .dim = 2, .fields = 2, .exchange = 5}, "on the host: GMRES + Jacobi on the device left open whether the matrix is singular", true, false);
  expect_host(&(test_diffusions){.n = 4, .dim = 2, .fields = 2, .hold = true}, "on the host: its fields are 2 pieces that nothing couples", true, false);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(answers_are_what_the_host_measures, begin, end),
                                     cmocka_unit_test_setup_teardown(takes_it_by_itself, begin, end), cmocka_unit_test_setup_teardown(scalars_alone_cross_the_bus, begin, end),
                                     cmocka_unit_test_setup_teardown(the_host_does_the_rest, begin, end)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
