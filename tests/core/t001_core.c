/* Claim: memory, text, messages and files behave as core.h says. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/core.h"

static void first_message_is_kept(void **state) {
  (void)state;
  gkt_context *ctx;
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  assert_int_equal(gkt_fail(ctx, GKT_BAD_INPUT, "first %d", 1), GKT_BAD_INPUT);
  assert_int_equal(gkt_fail(ctx, GKT_IO, "second"), GKT_IO);
  assert_string_equal(gkt_context_message(ctx), "first 1");
  gkt_context_destroy(&ctx);
  assert_null(ctx);
}

static void a_cache_folder_is_whole_or_none(void **state) {
  (void)state;
  gkt_context *ctx;
  char name[700];
  memset(name, 'a', sizeof name);
  for (size_t i = 0; i < sizeof name; i += 100) name[i] = '/';
  name[sizeof name - 1] = 0;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.cache_dir = name}, &ctx), GKT_OK);
  assert_string_equal(ctx->cache_dir, "");
  gkt_context_destroy(&ctx);
  assert_int_equal(gkt_context_create(&(gkt_context_options){.cache_dir = "/tmp/b"}, &ctx), GKT_OK);
  assert_string_equal(ctx->cache_dir, "/tmp/b");
  gkt_context_destroy(&ctx);
}

static void poison_fills_with_nan(void **state) {
  (void)state;
  gkt_context *ctx;
  double *x;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.poison = true}, &ctx), GKT_OK);
  assert_int_equal(gkt_alloc(ctx, 100, sizeof *x, &x), GKT_OK);
  for (int i = 0; i < 100; i++) assert_true(isnan(x[i]));
  gkt_free(&x);
  assert_null(x);
  assert_int_equal(gkt_alloc(ctx, INT64_MAX, sizeof *x, &x), GKT_NO_MEMORY);
  assert_null(x);
  gkt_context_destroy(&ctx);
}

static void output_is_whole_or_absent(void **state) {
  (void)state;
  gkt_context *ctx;
  gkt_output *out;
  char folder[] = "/tmp/gkt_t001_XXXXXX", path[64], *data;
  size_t length;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/a.txt", folder);
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  assert_int_equal(gkt_output_open(ctx, path, &out), GKT_OK);
  fputs("half", gkt_output_stream(out));
  gkt_output_discard(&out);
  assert_int_not_equal(access(path, F_OK), 0);
  assert_int_equal(gkt_output_open(ctx, path, &out), GKT_OK);
  fputs("whole", gkt_output_stream(out));
  assert_int_equal(gkt_output_commit(&out), GKT_OK);
  assert_int_equal(gkt_file_read(ctx, path, &data, &length), GKT_OK);
  assert_string_equal(data, "whole");
  gkt_free(&data);
  assert_int_equal(gkt_output_open(ctx, "/nowhere/a.txt", &out), GKT_IO);
  assert_non_null(strstr(gkt_context_message(ctx), "/nowhere/a.txt"));
  unlink(path);
  assert_int_equal(rmdir(folder), 0); /* no temporary is left */
  gkt_context_destroy(&ctx);
}

static void a_file_is_written_whole(void **state) {
  (void)state;
  gkt_context *ctx;
  char folder[] = "/tmp/gkt_t001_XXXXXX", path[64], *data;
  size_t length;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/a", folder);
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  assert_int_equal(gkt_file_write(ctx, path, 4, "a\0b\n"), GKT_OK);
  assert_int_equal(gkt_file_read(ctx, path, &data, &length), GKT_OK);
  assert_true(length == 4 && !memcmp(data, "a\0b\n", 4));
  gkt_free(&data);
  assert_int_equal(gkt_file_write(ctx, path, 0, NULL), GKT_OK);
  assert_int_equal(gkt_file_read(ctx, path, &data, &length), GKT_OK);
  assert_int_equal(length, 0);
  gkt_free(&data);
  assert_int_equal(gkt_file_write(ctx, "/nowhere/a", 4, "abcd"), GKT_IO);
  gkt_context_clear(ctx);
  assert_int_equal(gkt_file_write(ctx, "/dev/full", 4, "abcd"), GKT_IO); /* what is buffered shows at the end */
  assert_non_null(strstr(gkt_context_message(ctx), "cannot write /dev/full: No space left on device"));
  unlink(path);
  assert_int_equal(rmdir(folder), 0);
  gkt_context_destroy(&ctx);
}

static void output_follows_links_and_keeps_pipes(void **state) {
  (void)state;
  gkt_context *ctx;
  gkt_output *out;
  char folder[] = "/tmp/gkt_t001_XXXXXX", path[64], link[64], pipe_path[64], *data, read_back[8] = "";
  size_t length;
  struct stat info;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/a.txt", folder), snprintf(link, sizeof link, "%s/link", folder), snprintf(pipe_path, sizeof pipe_path, "%s/pipe", folder);
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  fclose(fopen(path, "w"));
  assert_int_equal(symlink(path, link), 0);
  assert_int_equal(gkt_output_open(ctx, link, &out), GKT_OK);
  fputs("new", gkt_output_stream(out));
  assert_int_equal(gkt_output_commit(&out), GKT_OK);
  assert_true(lstat(link, &info) == 0 && S_ISLNK(info.st_mode));
  assert_int_equal(gkt_file_read(ctx, path, &data, &length), GKT_OK);
  assert_string_equal(data, "new");
  gkt_free(&data);
  assert_int_equal(mkfifo(pipe_path, 0600), 0);
  int reader = open(pipe_path, O_RDONLY | O_NONBLOCK);
  for (int discarded = 0; discarded < 2; discarded++) {
    assert_int_equal(gkt_output_open(ctx, pipe_path, &out), GKT_OK);
    fputs("now", gkt_output_stream(out));
    if (discarded) gkt_output_discard(&out);
    else assert_int_equal(gkt_output_commit(&out), GKT_OK);
    assert_int_equal(read(reader, read_back, 3), 3);
    assert_string_equal(read_back, "now");
    assert_true(stat(pipe_path, &info) == 0 && S_ISFIFO(info.st_mode));
  }
  close(reader);
  assert_int_equal(gkt_output_open(ctx, folder, &out), GKT_BAD_INPUT); /* before anything is computed for it */
  unlink(link), unlink(path), unlink(pipe_path);
  assert_int_equal(rmdir(folder), 0);
  gkt_context_destroy(&ctx);
}

/* No test asserts a time, only that none goes back. */
/* The oracle adds one entry after the other. */
static void products_of_any_number_of_threads(void **state) {
  enum { ROWS = 7, COLS = 5 };
  gkt_idx offsets[ROWS + 1] = {0}, cols[ROWS * COLS];
  gkt_scalar vals[ROWS * COLS], x[COLS], want[ROWS], y[ROWS], added[ROWS];
  const gkt_csr A = {.num_rows = ROWS, .num_cols = COLS, .block_size = 1, .row_offsets = offsets, .cols = cols, .vals = vals};
  (void)state;
  for (int j = 0; j < COLS; j++) x[j] = cos(3.0 * j);
  for (int i = 0, at = 0; i < ROWS; i++) { /* the first row is empty, the last ones are full */
    want[i] = 0;
    for (int j = 0; j < COLS && j < i; j++, at++) cols[at] = j, vals[at] = sin(at + 1.0), want[i] += vals[at] * x[j];
    offsets[i + 1] = at;
  }
  for (int threads = 0; threads < 5; threads++) { /* 0: the public calls */
    for (int i = 0; i < ROWS; i++) y[i] = NAN, added[i] = i;
    if (threads) gkt_csr_multiply_by(&A, threads, x, y), gkt_csr_multiply_add_by(&A, threads, -2, x, added);
    else gkt_csr_multiply(&A, x, y), gkt_csr_multiply_add(&A, -2, x, added);
    assert_memory_equal(y, want, sizeof y);
    for (int i = 0; i < ROWS; i++) assert_true(added[i] == i - 2 * want[i]);
  }
}

static void clocks_go_forwards(void **unused) {
  (void)unused;
  double wall = gkt_seconds(), cpu = gkt_cpu_seconds();
  for (int i = 0; i < 1000; i++) {
    double now = gkt_seconds(), used = gkt_cpu_seconds();
    assert_true(now >= wall && used >= cpu && used > 0);
    wall = now, cpu = used;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(clocks_go_forwards),      cmocka_unit_test(products_of_any_number_of_threads),
                                     cmocka_unit_test(first_message_is_kept),   cmocka_unit_test(a_cache_folder_is_whole_or_none),
                                     cmocka_unit_test(poison_fills_with_nan),   cmocka_unit_test(output_is_whole_or_absent),
                                     cmocka_unit_test(a_file_is_written_whole), cmocka_unit_test(output_follows_links_and_keeps_pipes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
