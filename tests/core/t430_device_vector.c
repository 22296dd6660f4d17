/* Claim: vectors on the device do what those on the host do, sums go in the one order that vector.h's parts say, bit by bit and whatever the order of blocks, lengths neither
   overflow nor vanish, and a vector in the wrong place is refused. The oracles are the host's vectors and plain loops. */
#include <float.h>
#include <math.h>

#include "core/vector.h"
#include "tests/emulated_device.h"

static gkt_context *ctx;
static int begin(void **state) {
  (void)state;
  use_emulated_device();
  return gkt_context_create(&(gkt_context_options){.poison = true, .separate_rounding = true}, &ctx) != GKT_OK;
}
static int end(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}

static gkt_vector *create(gkt_where where, gkt_idx size) {
  gkt_vector *v = NULL;
  if (gkt_vector_create_on(ctx, where, size, &v) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  return v;
}
static gkt_vector *send(const gkt_vector *from, gkt_where where) {
  gkt_vector *v = create(where, gkt_vector_size(from));
  assert_int_equal(gkt_vector_to(from, v), GKT_OK);
  return v;
}
static gkt_vector *create_noise(gkt_idx size, uint64_t seed, double unit) {
  gkt_vector *v = create(GKT_ON_HOST, size);
  for (gkt_idx i = 0; i < size; i++) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    gkt_vector_values(v)[i] = unit * ((double)(seed >> 11) / 9007199254740992.0 - 0.5);
  }
  return v;
}
static void assert_same(const gkt_vector *device, const gkt_vector *host) {
  if (gkt_context_message(ctx)[0]) fail_msg("%s", gkt_context_message(ctx));
  gkt_vector *copy = send(device, GKT_ON_HOST);
  assert_memory_equal(gkt_vector_read(copy), gkt_vector_read(host), (size_t)gkt_vector_size(host) * sizeof(gkt_scalar));
  gkt_vector_destroy(&copy);
}

static const gkt_idx sizes[] = {0, 1, 31, 255, 4096, 4097, 13000};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void algebra_has_the_hosts_bits(void **state) {
  (void)state;
  for (int k = 0; k < SIZES; k++) {
    gkt_vector *x = create_noise(sizes[k], 1, 1), *y = create_noise(sizes[k], 2, 3), *dx = send(x, GKT_ON_DEVICE), *dy = send(y, GKT_ON_DEVICE);
    gkt_vector_axpy(0.7, x, y), gkt_vector_axpy(0.7, dx, dy);
    gkt_vector_scale(x, 1.1), gkt_vector_scale(dx, 1.1);
    assert_same(dx, x), assert_same(dy, y);
    gkt_vector_copy(y, x), gkt_vector_copy(dy, dx);
    gkt_vector_fill(y, -2.5), gkt_vector_fill(dy, -2.5);
    assert_same(dx, x), assert_same(dy, y);
    gkt_vector_destroy(&x), gkt_vector_destroy(&y), gkt_vector_destroy(&dx), gkt_vector_destroy(&dy);
  }
}

/* ---- the order of sums, in plain loops ---- */
static double join(double *threads) { /* [256] */
  double sum = 0;
  for (int w = 0; w < 8; w++) {
    double *lanes = threads + 32 * w;
    for (int d = 16; d > 0; d /= 2)
      for (int l = 0; l < d; l++) lanes[l] += lanes[l + d];
    sum += lanes[0];
  }
  return sum;
}
typedef double term(const double *x, const double *y, gkt_idx i);
static double sum(gkt_idx n, term *f, const double *x, const double *y) {
  double threads[256] = {0};
  for (gkt_idx part = 0; part * GKT_PART < n; part++) {
    double own[256] = {0};
    for (gkt_idx i = part * GKT_PART; i < n && i < (part + 1) * GKT_PART; i++) own[i % 256] += f(x, y, i);
    threads[part % 256] += join(own);
  }
  return join(threads);
}
static double product(const double *x, const double *y, gkt_idx i) { return x[i] * y[i]; }
static double large(const double *x, const double *y, gkt_idx i) { return (void)y, fabs(x[i]) > 0x1p486 ? x[i] * 0x1p-538 * (x[i] * 0x1p-538) : 0; }
static double middle(const double *x, const double *y, gkt_idx i) { return (void)y, fabs(x[i]) > 0x1p486 || fabs(x[i]) < 0x1p-511 ? 0 : x[i] * x[i]; }
static double small(const double *x, const double *y, gkt_idx i) { return (void)y, fabs(x[i]) < 0x1p-511 ? x[i] * 0x1p537 * (x[i] * 0x1p537) : 0; }
static double length(gkt_idx n, const double *x) {
  double l = sum(n, large, x, NULL), m = sum(n, middle, x, NULL), s = sum(n, small, x, NULL);
  if (l > 0) return sqrt(m > 0 ? l + m * 0x1p-538 * 0x1p-538 : l) * 0x1p538;
  if (!(s > 0)) return sqrt(m);
  double a = fmax(sqrt(m), sqrt(s) * 0x1p-537), b = fmin(sqrt(m), sqrt(s) * 0x1p-537);
  return m > 0 ? a * sqrt(1 + b / a * (b / a)) : sqrt(s) * 0x1p-537;
}

static void sums_have_one_order(void **state) {
  (void)state;
  for (int k = 0; k < SIZES; k++) {
    gkt_vector *x = create_noise(sizes[k], 3, 1), *y = create_noise(sizes[k], 4, 1), *dx = send(x, GKT_ON_DEVICE), *dy = send(y, GKT_ON_DEVICE);
    double dot = sum(sizes[k], product, gkt_vector_read(x), gkt_vector_read(y)), norm = length(sizes[k], gkt_vector_read(x));
    assert_true(fabs(dot - gkt_vector_dot(x, y)) <= 1e-12 && fabs(norm - gkt_vector_norm(x)) <= 1e-13 * norm);
    for (int seed = 0; seed < 4; seed++) {
      char text[8];
      snprintf(text, sizeof text, "%d", seed);
      if (seed) setenv("GKT_EMULATED_SEED", text, 1);
      assert_true(gkt_vector_dot(dx, dy) == dot && gkt_vector_norm(dx) == norm);
      assert_true(gkt_vector_is_finite(dx));
    }
    unsetenv("GKT_EMULATED_SEED");
    gkt_vector_destroy(&x), gkt_vector_destroy(&y), gkt_vector_destroy(&dx), gkt_vector_destroy(&dy);
  }
}

/* From the smallest number to the largest, beside each other, against the host's lengths. */
static void lengths_neither_overflow_nor_vanish(void **state) {
  (void)state;
  const double units[] = {DBL_MIN, 1e-320, 1e-200, 1e-154, 1, 1e146, 1e154, 1e300};
  for (size_t a = 0; a < sizeof units / sizeof *units; a++)
    for (size_t b = a; b < sizeof units / sizeof *units; b++) {
      gkt_vector *x = create_noise(600, 5, units[a]), *y = create_noise(600, 6, units[b]);
      for (gkt_idx i = 0; i < 600; i += 2) gkt_vector_values(x)[i] = gkt_vector_read(y)[i];
      gkt_vector *d = send(x, GKT_ON_DEVICE);
      double norm = gkt_vector_norm(x);
      if (!(fabs(gkt_vector_norm(d) - norm) <= 1e-13 * norm + 5e-324)) fail_msg("%.17g, not %.17g", gkt_vector_norm(d), norm);
      gkt_vector_destroy(&x), gkt_vector_destroy(&y), gkt_vector_destroy(&d);
    }
}

static void what_is_not_finite_is_found(void **state) {
  (void)state;
  const double values[] = {NAN, INFINITY, -INFINITY};
  for (gkt_idx at = 0; at < 9000; at += 2999)
    for (int v = 0; v < 3; v++) {
      gkt_vector *x = create_noise(9000, 7, 1);
      gkt_size found;
      gkt_vector_values(x)[at] = values[v], gkt_vector_values(x)[8999] = values[v];
      gkt_vector *d = send(x, GKT_ON_DEVICE);
      gkt_scalars work = {0};
      assert_false(gkt_vector_is_finite(d));
      assert_true(v == 0 ? isnan(gkt_vector_norm(d)) : !isfinite(gkt_vector_norm(d)));
      assert_int_equal(gkt_device_alloc(gkt_vector_device(d), gkt_sum_work(9000), sizeof(double), "work", &work), GKT_OK);
      assert_int_equal(gkt_device_find_not_finite(gkt_vector_device(d), 9000, gkt_vector_address(d), work.at, &found), GKT_OK);
      assert_int_equal(found, at);
      gkt_device_free(gkt_vector_device(d), &work);
      gkt_vector_destroy(&x), gkt_vector_destroy(&d);
    }
}

static void places_are_kept_apart(void **state) {
  (void)state;
  gkt_vector *host = create(GKT_ON_HOST, 5), *device = create(GKT_ON_DEVICE, 5), *longer = create(GKT_ON_DEVICE, 6);
  assert_int_equal(gkt_vector_where(device), GKT_ON_DEVICE);
  assert_null(gkt_vector_values(device));
  assert_null(gkt_vector_read(device));
  assert_true(gkt_vector_norm(device) == 0);
  gkt_vector_fill(host, 1);
  gkt_vector_axpy(1, host, device);
  assert_non_null(strstr(gkt_context_message(ctx), "a vector on the host and one on the device in one call"));
  gkt_context_clear(ctx);
  gkt_vector_copy(host, device);
  assert_true(isnan(gkt_vector_dot(device, host)));
  gkt_context_clear(ctx);
  assert_true(gkt_vector_norm(device) == 0);
  assert_int_equal(gkt_vector_to(host, longer), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  assert_int_equal(gkt_vector_to(host, device), GKT_OK);
  gkt_vector *other = send(device, GKT_ON_DEVICE);
  assert_same(other, host);
  gkt_vector_destroy(&host), gkt_vector_destroy(&device), gkt_vector_destroy(&longer), gkt_vector_destroy(&other);
}

static void a_number_is_all_that_comes_back(void **state) {
  (void)state;
  gkt_vector *x = create_noise(5000, 8, 1), *d = send(x, GKT_ON_DEVICE);
  (void)gkt_vector_dot(d, d);
  gkt_device_counts before = gkt_device_count_all(gkt_vector_device(d)), after;
  (void)gkt_vector_dot(d, d), (void)gkt_vector_norm(d), (void)gkt_vector_is_finite(d);
  gkt_vector_scale(d, 2);
  after = gkt_device_count_all(gkt_vector_device(d));
  assert_int_equal(after.bytes_down - before.bytes_down, 3 * sizeof(double));
  assert_int_equal(after.bytes_up, before.bytes_up);
  assert_int_equal(after.allocations, before.allocations);
  gkt_vector_destroy(&x), gkt_vector_destroy(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(algebra_has_the_hosts_bits),  cmocka_unit_test(sums_have_one_order),   cmocka_unit_test(lengths_neither_overflow_nor_vanish),
                                     cmocka_unit_test(what_is_not_finite_is_found), cmocka_unit_test(places_are_kept_apart), cmocka_unit_test(a_number_is_all_that_comes_back)};
  return cmocka_run_group_tests(tests, begin, end);
}
