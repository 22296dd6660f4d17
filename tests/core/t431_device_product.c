/* Claim: y = A x on the device is the host's in every layout, row by row in the order that the layout says, with the same bits in every order of blocks; a layout that the model
   chooses moves the fewest bytes of those that fit; other values are followed; what does not fit is refused by name. The oracle is the host's product. */
#include <math.h>

#include "core/product.h"
#include "core/vector.h"
#include "tests/emulated_device.h"
#include "tests/device_csr.h"
#include "tests/systems.h"

static gkt_context *ctx;
static char details[4096];
static void keep(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)level;
  snprintf(details, sizeof details, "%s", message);
}
static int begin(void **state) {
  (void)state;
  use_emulated_device();
  return gkt_context_create(&(gkt_context_options){.poison = true, .separate_rounding = true, .log = keep}, &ctx) != GKT_OK;
}
static int end(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}

/* Rows of random length, to `longest`; every seventh is empty. */
static gkt_csr *create_random(gkt_idx rows, gkt_idx cols, int longest) {
  gkt_csr *A = NULL;
  uint64_t seed = 9;
  assert_int_equal(gkt_csr_create(ctx, rows, cols, (gkt_size)rows * longest, 1, &A), GKT_OK);
  for (gkt_idx i = 0, at = 0; i < rows; i++) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    gkt_idx count = i % 7 == 3 ? 0 : 1 + (gkt_idx)((seed >> 33) % (uint64_t)longest), step = count ? cols / count : 0;
    for (gkt_idx k = 0; k < count; k++, at++) A->cols[at] = k * step + (i % (step > 0 ? step : 1)), A->vals[at] = sin(at + 1.0);
    A->row_offsets[i + 1] = at;
  }
  return A;
}

typedef struct {
  device_csr A;
  gkt_vector *x, *y, *back;
  double *expected, *size; /* [rows] A x and |A||x| on the host */
} fixture;

static void fixture_begin(const gkt_csr *A, fixture *f) {
  if (device_csr_create(ctx, A, &f->A) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  gkt_vector *x;
  assert_int_equal(gkt_vector_create(ctx, A->num_cols, &x), GKT_OK);
  for (gkt_idx i = 0; i < A->num_cols; i++) gkt_vector_values(x)[i] = cos(3.0 * i);
  assert_int_equal(gkt_vector_create_on(ctx, GKT_ON_DEVICE, A->num_cols, &f->x), GKT_OK);
  assert_int_equal(gkt_vector_create_on(ctx, GKT_ON_DEVICE, A->num_rows, &f->y), GKT_OK);
  assert_int_equal(gkt_vector_create(ctx, A->num_rows, &f->back), GKT_OK);
  assert_int_equal(gkt_vector_to(x, f->x), GKT_OK);
  f->expected = malloc(sizeof(double) * (size_t)A->num_rows), f->size = malloc(sizeof(double) * (size_t)A->num_rows);
  gkt_csr_multiply(A, gkt_vector_read(x), f->expected);
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    f->size[i] = 0;
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) f->size[i] += fabs(A->vals[k] * gkt_vector_read(x)[A->cols[k]]);
  }
  gkt_vector_destroy(&x);
}
static void fixture_end(fixture *f) {
  gkt_vector_destroy(&f->x), gkt_vector_destroy(&f->y), gkt_vector_destroy(&f->back);
  device_csr_destroy(&f->A);
  free(f->expected), free(f->size);
}
static const gkt_scalar *apply(fixture *f, const gkt_product *p) {
  gkt_vector_fill(f->y, NAN);
  if (gkt_product_apply(p, gkt_vector_address(f->x), gkt_vector_address(f->y)) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  if (gkt_vector_to(f->y, f->back) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  return gkt_vector_read(f->back);
}

static void check(fixture *f, gkt_product_kind kind, bool as_it_stands) {
  gkt_product *p;
  gkt_idx n = f->A.csr.num_rows;
  if (gkt_product_create(ctx, &f->A.csr, kind, &p) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  if (kind != GKT_PRODUCT_AUTO) assert_int_equal(gkt_product_get_info(p).kind, kind);
  gkt_scalar *first = malloc(sizeof(gkt_scalar) * (size_t)n + 1);
  memcpy(first, apply(f, p), sizeof(gkt_scalar) * (size_t)n);
  for (gkt_idx i = 0; i < n; i++)
    if (!(fabs(first[i] - f->expected[i]) <= (as_it_stands ? 0 : 1e-15 * 16 * f->size[i]))) fail_msg("row %d: %.17g, not %.17g", i, first[i], f->expected[i]);
  for (int seed = 1; seed < 4; seed++) {
    char text[8];
    snprintf(text, sizeof text, "%d", seed);
    setenv("GKT_EMULATED_SEED", text, 1);
    assert_memory_equal(apply(f, p), first, sizeof(gkt_scalar) * (size_t)n);
  }
  unsetenv("GKT_EMULATED_SEED");
  free(first);
  gkt_product_destroy(&p);
}

static void rows_of_any_length(void **state) {
  (void)state;
  const int sizes[][3] = {{1, 1, 1}, {31, 40, 5}, {700, 300, 70}, {257, 64, 3}, {0, 0, 1}};
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    gkt_csr *A = create_random(sizes[k][0], sizes[k][1], sizes[k][2]);
    fixture f;
    fixture_begin(A, &f);
    check(&f, GKT_PRODUCT_CSR, false);
    check(&f, GKT_PRODUCT_SELL, true);
    check(&f, GKT_PRODUCT_AUTO, false);
    fixture_end(&f);
    gkt_csr_destroy(&A);
  }
}

static void bodies_take_blocks(void **state) {
  (void)state;
  test_system s;
  fixture f;
  gkt_product *p;
  test_system_create(ctx, 4, 3, element_elastic, NULL, true, &s);
  fixture_begin(s.A, &f);
  check(&f, GKT_PRODUCT_BSR3, false);
  check(&f, GKT_PRODUCT_SELL, true);
  assert_int_equal(gkt_product_create(ctx, &f.A.csr, GKT_PRODUCT_AUTO, &p), GKT_OK);
  gkt_product_info info = gkt_product_get_info(p);
  assert_int_equal(info.kind, GKT_PRODUCT_BSR3);
  assert_string_equal(info.name, "BSR3");
  assert_true(info.bytes < 0.9 * info.csr_bytes);
  assert_non_null(strstr(details, "product: BSR3, "));
  gkt_product_destroy(&p);
  fixture_end(&f);
  s.A->block_size = 1; /* the same numbers, of which it is not said */
  fixture_begin(s.A, &f);
  check(&f, GKT_PRODUCT_AUTO, false);
  fixture_end(&f);
  test_system_destroy(&s);
}

/* Two entries of a row change places, one row of a node is shorter, or blocks begin elsewhere: refused, and AUTO takes something else. */
static void what_is_not_of_blocks_is_refused(void **state) {
  (void)state;
  for (int change = 0; change < 3; change++) {
    gkt_csr *A = NULL;
    fixture f;
    gkt_product *p;
    assert_int_equal(gkt_csr_create(ctx, 6, 6, 36, 3, &A), GKT_OK);
    for (gkt_idx i = 0, at = 0; i < 6; A->row_offsets[++i] = at)
      for (gkt_idx j = 0; j < 6; j++)
        if (!(change == 0 && i == 4 && j > 2) && !(change == 1 && i / 3 == 1 && j == 0) && !(change == 2 && i / 3 == 0 && (j < 1 || j > 3)))
          A->cols[at] = j, A->vals[at++] = 1 + i * j;
    fixture_begin(A, &f);
    assert_int_equal(gkt_product_create(ctx, &f.A.csr, GKT_PRODUCT_BSR3, &p), GKT_UNAVAILABLE);
    assert_non_null(strstr(gkt_context_message(ctx), "not of whole 3x3 blocks"));
    gkt_context_clear(ctx);
    check(&f, GKT_PRODUCT_AUTO, false);
    fixture_end(&f);
    gkt_csr_destroy(&A);
  }
}

static void other_values_are_followed(void **state) {
  (void)state;
  gkt_csr *A = create_random(300, 300, 20);
  fixture f;
  gkt_product *p;
  fixture_begin(A, &f);
  assert_int_equal(gkt_product_create(ctx, &f.A.csr, GKT_PRODUCT_SELL, &p), GKT_OK);
  for (gkt_idx k = 0; k < A->row_offsets[300]; k++) A->vals[k] *= 2;
  assert_int_equal(gkt_device_upload(f.A.device, A->vals, f.A.vals.at, A->row_offsets[300] * (gkt_size)sizeof *A->vals), GKT_OK);
  assert_int_equal(gkt_product_update(p), GKT_OK);
  apply(&f, p);
  for (gkt_idx i = 0; i < 300; i++) assert_true(gkt_vector_read(f.back)[i] == 2 * f.expected[i]);
  gkt_product_destroy(&p);
  fixture_end(&f);
  gkt_csr_destroy(&A);
}

/* Rows of like length leave nothing to pad, which the model knows; a value that is not there reads nothing, though x be infinite there. */
static void the_fewest_bytes_are_taken(void **state) {
  (void)state;
  gkt_csr *A = NULL;
  fixture f;
  gkt_product *p;
  assert_int_equal(gkt_csr_create(ctx, 320, 320, 320 * 5, 1, &A), GKT_OK);
  for (gkt_idx i = 0; i < 320; i++, A->row_offsets[i] = 5 * i)
    for (int k = 0; k < 5; k++) A->cols[5 * i + k] = (i / 5) * 5 + k, A->vals[5 * i + k] = 1;
  fixture_begin(A, &f);
  assert_int_equal(gkt_product_create(ctx, &f.A.csr, GKT_PRODUCT_AUTO, &p), GKT_OK);
  gkt_product_info info = gkt_product_get_info(p);
  assert_int_equal(info.kind, GKT_PRODUCT_SELL);
  assert_true(info.bytes == 12.0 * 1600 + 4 * 320 + 4 * 10 + 16 * 320 && info.csr_bytes == 12.0 * 8 * 320 + 4 * 320 + 16 * 320);
  gkt_product_destroy(&p);
  gkt_vector_fill(f.x, INFINITY);
  A->row_offsets[0] = 0;
  fixture_end(&f);
  gkt_csr_destroy(&A);
  A = create_random(320, 40, 9);
  fixture_begin(A, &f);
  gkt_vector_fill(f.x, INFINITY);
  assert_int_equal(gkt_product_create(ctx, &f.A.csr, GKT_PRODUCT_SELL, &p), GKT_OK);
  apply(&f, p);
  for (gkt_idx i = 3; i < 320; i += 7) assert_true(gkt_vector_read(f.back)[i] == 0);
  gkt_product_destroy(&p);
  fixture_end(&f);
  gkt_csr_destroy(&A);
}

/* Where 70 kB are all there is, a copy of 26 kB beside as much would leave too little. */
static void a_copy_is_made_where_there_is_room(void **state) {
  (void)state;
  for (int tight = 0; tight < 2; tight++) {
    gkt_context *own, *before = ctx;
    gkt_csr *A = NULL;
    fixture f;
    gkt_product *p;
    if (tight) setenv("GKT_EMULATED_MEMORY", "70000", 1);
    assert_int_equal(gkt_context_create(&(gkt_context_options){.poison = true}, &own), GKT_OK);
    ctx = own;
    assert_int_equal(gkt_csr_create(ctx, 320, 320, 320 * 5, 1, &A), GKT_OK);
    for (gkt_idx i = 0; i < 320; i++, A->row_offsets[i] = 5 * i)
      for (int k = 0; k < 5; k++) A->cols[5 * i + k] = (i / 5) * 5 + k, A->vals[5 * i + k] = 1;
    fixture_begin(A, &f);
    assert_int_equal(gkt_product_create(ctx, &f.A.csr, GKT_PRODUCT_AUTO, &p), GKT_OK);
    assert_int_equal(gkt_product_get_info(p).kind, tight ? GKT_PRODUCT_CSR : GKT_PRODUCT_SELL);
    gkt_product_destroy(&p);
    fixture_end(&f);
    gkt_csr_destroy(&A);
    gkt_context_destroy(&own);
    ctx = before;
  }
  unsetenv("GKT_EMULATED_MEMORY");
}

static void places_and_libraries_are_told(void **state) {
  (void)state;
  gkt_csr *A = create_random(5, 5, 2);
  fixture f;
  gkt_product *p;
  fixture_begin(A, &f);
  assert_int_equal(gkt_product_create(ctx, A, GKT_PRODUCT_AUTO, &p), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "a matrix on the host; expected one on the device"));
  gkt_context_clear(ctx);
  assert_int_equal(gkt_product_create(ctx, &f.A.csr, GKT_PRODUCT_CUSPARSE, &p), GKT_UNAVAILABLE);
  assert_non_null(strstr(gkt_context_message(ctx), "cuSPARSE needs a GPU; this device is emulated"));
  gkt_context_clear(ctx);
  fixture_end(&f);
  gkt_csr_destroy(&A);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_of_any_length),           cmocka_unit_test(bodies_take_blocks),         cmocka_unit_test(what_is_not_of_blocks_is_refused),
      cmocka_unit_test(other_values_are_followed),    cmocka_unit_test(the_fewest_bytes_are_taken), cmocka_unit_test(a_copy_is_made_where_there_is_room),
      cmocka_unit_test(places_and_libraries_are_told)};
  return cmocka_run_group_tests(tests, begin, end);
}
