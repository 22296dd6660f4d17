/* Claim: entries that a mask names are set to zero, or taken from another vector, on the device as on the host, bit by bit, and no others; without a mask nothing changes; after
   its creation a mask moves nothing between host and device. */
#include "core/mask.h"
#include "tests/emulated_device.h"

static gkt_context *ctx;
static void must(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

static gkt_vector *create(gkt_where where, gkt_idx n, double unit) {
  gkt_vector *host, *out;
  must(gkt_vector_create(ctx, n, &host));
  for (gkt_idx i = 0; i < n; i++) gkt_vector_values(host)[i] = unit * (i % 17 - 8.3);
  must(gkt_vector_create_on(ctx, where, n, &out));
  must(gkt_vector_to(host, out));
  gkt_vector_destroy(&host);
  return out;
}

static void expect(const gkt_vector *v, const bool *skip, double there, double elsewhere) {
  gkt_vector *host;
  must(gkt_vector_create(ctx, gkt_vector_size(v), &host));
  must(gkt_vector_to(v, host));
  for (gkt_idx i = 0; i < gkt_vector_size(v); i++) assert_true(gkt_vector_read(host)[i] == (skip && skip[i] ? there : elsewhere) * (i % 17 - 8.3));
  gkt_vector_destroy(&host);
}

static void masks_name_entries(void **state) {
  static const gkt_idx sizes[] = {0, 1, 255, 257, 5000};
  (void)state;
  for (size_t k = 0; k < 2 * sizeof sizes / sizeof *sizes; k++)
    for (int place = 0; place < 2; place++) {
      const gkt_idx n = sizes[k / 2];
      bool *all = malloc((size_t)n + 1), *skip = k % 2 ? all : NULL;
      gkt_where where = place ? GKT_ON_DEVICE : GKT_ON_HOST;
      gkt_mask mask;
      for (gkt_idx i = 0; i < n; i++) all[i] = i % 3 == 1;
      gkt_vector *x = create(where, n, 2), *y = create(where, n, 1);
      must(gkt_mask_create(ctx, where, n, skip, &mask));
      gkt_device_counts before = {0}, after = {0};
      if (mask.device) before = gkt_device_count_all(mask.device);
      gkt_mask_take(&mask, x, y);
      gkt_mask_zero(&mask, x);
      if (mask.device) after = gkt_device_count_all(mask.device);
      assert_true(before.bytes_up == after.bytes_up && before.bytes_down == after.bytes_down);
      expect(y, skip, 2, 1), expect(x, skip, 0, 2);
      gkt_mask_destroy(&mask);
      gkt_vector_destroy(&x), gkt_vector_destroy(&y);
      free(all);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(masks_name_entries)};
  use_emulated_device();
  if (gkt_context_create(&(gkt_context_options){.poison = true}, &ctx) != GKT_OK) return 1;
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  gkt_context_destroy(&ctx);
  return failed;
}
