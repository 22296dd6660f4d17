/* Claim: on the device, sums of what stands before are those of a plain loop, and sorts are stable and those of the host's, for keys of 32 and 64 bits, all bits, few and many
   different keys, any number of them, in any order of blocks and threads; whatever allocation or launch fails, nothing is held. Totals above 31 bits are told. */
#include "core/sort.h"
#include "tests/emulated_device.h"

static gkt_context *ctx;
static gkt_device *device;
static void open_device(void) {
  if (ctx) gkt_context_destroy(&ctx);
  assert_int_equal(gkt_context_create(&(gkt_context_options){.poison = true}, &ctx), GKT_OK);
  assert_int_equal(gkt_device_open(ctx, &device), GKT_OK);
}
static int begin(void **state) {
  (void)state;
  use_emulated_device();
  open_device();
  return 0;
}
static int end(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}
static void must(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

static uint64_t random_bits(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return *seed ^ *seed >> 29;
}

/* ---- scans ---- */
static void check_scan(gkt_idx count, bool in_place) {
  gkt_idx *in = malloc(((size_t)count + 1) * sizeof *in), *out = malloc(((size_t)count + 1) * sizeof *out), sum = 0;
  gkt_indices a, b = {0};
  uint64_t seed = 3;
  gkt_size total;
  for (gkt_idx i = 0; i < count; i++) in[i] = (gkt_idx)(random_bits(&seed) >> 54);
  in[count] = 0;
  must(gkt_device_send(device, in, count + 1, sizeof *in, "numbers", &a));
  if (!in_place) must(gkt_device_alloc(device, count + 1, sizeof *in, "sums", &b));
  gkt_idx *at = in_place ? a.at : b.at;
  must(gkt_device_scan(device, count, a.at, at, &total));
  must(gkt_device_download(device, at, out, (count + (gkt_size)1) * (gkt_size)sizeof *out));
  for (gkt_idx i = 0; i <= count; sum += in[i++])
    if (out[i] != sum) fail_msg("%d numbers: before %d of them %d, not %d", count, i, out[i], sum);
  assert_int_equal(total, sum);
  gkt_device_free(device, &a), gkt_device_free(device, &b);
  free(in), free(out);
}

static const gkt_idx sizes[] = {0, 1, 31, 32, 33, 255, 256, 4095, 4096, 4097, 20000};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void scans(void **state) {
  (void)state;
  for (int k = 0; k < SIZES; k++) check_scan(sizes[k], k % 2);
  check_scan(1100000, true); /* more tiles than threads */
}

static void large_totals(void **state) {
  (void)state;
  gkt_idx in[] = {INT32_MAX, INT32_MAX, 5, 0};
  gkt_indices a;
  gkt_size total;
  must(gkt_device_send(device, in, 4, sizeof *in, "numbers", &a));
  must(gkt_device_scan(device, 3, a.at, a.at, &total));
  assert_true(total == 2 * (gkt_size)INT32_MAX + 5);
  gkt_device_free(device, &a);
}

/* ---- sorts ---- */
typedef struct {
  uint64_t key;
  gkt_idx value, place;
} item;
static int compare(const void *x, const void *y) {
  const item *a = x, *b = y;
  return a->key != b->key ? (a->key > b->key) - (a->key < b->key) : (a->place > b->place) - (a->place < b->place);
}

/* mask: of the bits that keys have; values: numbers of their own, else 0, 1, .. */
static void check_sort(gkt_idx count, int bytes, int bits, uint64_t mask, bool own) {
  item *items = malloc(((size_t)count + 1) * sizeof *items);
  char *keys = malloc((size_t)count * (size_t)bytes + 1);
  gkt_idx *values = malloc(((size_t)count + 1) * sizeof *values);
  const uint64_t counted = bits < 64 ? ((uint64_t)1 << bits) - 1 : ~(uint64_t)0;
  gkt_bytes to;
  gkt_indices numbers = {0};
  uint64_t seed = (uint64_t)count + mask;
  for (gkt_idx i = 0; i < count; i++) {
    uint64_t key = random_bits(&seed) & mask;
    memcpy(keys + (size_t)i * (size_t)bytes, &key, (size_t)bytes); /* the lowest bytes */
    if (bytes == 4) key = (uint32_t)key;
    items[i] = (item){key & counted, values[i] = own ? (gkt_idx)(random_bits(&seed) >> 40) : i, i};
  }
  must(gkt_device_send(device, keys, count, (size_t)bytes, "keys", &to));
  if (own) must(gkt_device_send(device, values, count, sizeof *values, "numbers", &numbers));
  must(gkt_device_sort(device, bytes, bits, &to, &numbers));
  must(gkt_device_download(device, to.at, keys, count * (gkt_size)bytes));
  must(gkt_device_download(device, numbers.at, values, count * (gkt_size)sizeof *values));
  qsort(items, (size_t)count, sizeof *items, compare);
  for (gkt_idx i = 0; i < count; i++) {
    uint64_t key = 0;
    memcpy(&key, keys + (size_t)i * (size_t)bytes, (size_t)bytes);
    if ((key & counted) != items[i].key || values[i] != items[i].value) fail_msg("%d keys of %d bytes, %d bits: number %d is another one", count, bytes, bits, i);
  }
  gkt_device_free(device, &to), gkt_device_free(device, &numbers);
  free(items), free(keys), free(values);
}

static void sorts(void **state) {
  (void)state;
  for (int k = 0; k < SIZES; k++) {
    check_sort(sizes[k], 4, 32, ~(uint64_t)0, k % 2);
    check_sort(sizes[k], 8, 24, 0x5, true); /* equal ones, which stay in their order */
  }
  check_sort(5000, 8, 64, ~(uint64_t)0, false);
  check_sort(9000, 8, 63, 0x7000000000000003, true);
  check_sort(9000, 4, 5, 0x1F, true);
  check_sort(3000, 4, 0, 0, true);
}

static void many(void **state) {
  (void)state;
  check_sort(100000, 4, 16, 0xFFFF, false);
}

static void any_order(void **state) {
  (void)state;
  use_random_order(5);
  open_device();
  check_sort(9000, 4, 16, 0x1FF, false);
  check_scan(9000, true);
  use_random_order(0);
  open_device();
}

static gkt_status sort_some(gkt_size count) {
  gkt_bytes keys = {0};
  gkt_indices values = {0};
  gkt_status status;
  GKT_GO(gkt_device_alloc(device, count, 4, "keys", &keys));
  GKT_GO(gkt_device_fill(device, keys.at, 3, count * 4));
  GKT_GO(gkt_device_sort(device, 4, 16, &keys, &values));
done:
  gkt_device_free(device, &keys), gkt_device_free(device, &values);
  return status;
}

static void failures(void **state) {
  (void)state;
  static const char *const kinds[] = {"alloc", "launch"};
  for (int k = 0; k < 2; k++) {
    gkt_status status = GKT_NO_MEMORY;
    for (int n = 1; status != GKT_OK; n++) {
      char what[32];
      snprintf(what, sizeof what, "%s:%d", kinds[k], n);
      open_device();
      emulator_fail(what);
      status = sort_some(5000);
      emulator_fail(NULL);
      if (status != GKT_OK && n > 30) fail_msg("%s: %s", what, gkt_context_message(ctx));
      assert_true(n > 5 || status != GKT_OK);
      assert_int_equal(gkt_device_count_all(device).bytes_held, 0);
    }
  }
  open_device();
  gkt_device_reset_peak(device);
  assert_int_equal(sort_some(5000), GKT_OK);
  assert_int_equal(gkt_device_count_all(device).bytes_peak, gkt_device_sort_bytes(5000, 4));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(scans), cmocka_unit_test(large_totals), cmocka_unit_test(sorts),
                                     cmocka_unit_test(many),  cmocka_unit_test(any_order),    cmocka_unit_test(failures)};
  return cmocka_run_group_tests(tests, begin, end);
}
