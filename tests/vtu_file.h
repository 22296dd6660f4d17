/* Writes a VTU file into a folder of its own and finds its arrays by their names and offsets only. */
#ifndef GKT_TESTS_VTU_FILE_H
#define GKT_TESTS_VTU_FILE_H
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plot/vtu.h"

static gkt_context *ctx;
static char folder[] = "/tmp/gkt_vtu_XXXXXX", path[64];

static int set_up(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return 1;
  snprintf(path, sizeof path, "%s/a.vtu", folder);
  return gkt_context_create(&(gkt_context_options){.poison = true}, &ctx);
}
static int tear_down(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  unlink(path);
  return rmdir(folder); /* fails if a temporary is left */
}

/* A reader of its own: the place of an array is found by its name and offset only. */
__attribute__((noinline)) static const char *array_in(const char *data, size_t length, const char *name, uint64_t *bytes) {
  char key[64];
  snprintf(key, sizeof key, "Name=\"%s\"", name);
  const char *head = strstr(data, key), *mark = memmem(data, length, "\n_", 2);
  assert_non_null(head);
  assert_non_null(mark);
  head = strstr(head, "offset=\"");
  const char *at = mark + 2 + strtoull(head + 8, NULL, 10);
  memcpy(bytes, at, 8);
  return at + 8;
}

__attribute__((noinline)) static char *written(int num_arrays, const gkt_vtu_array *arrays, const gkt_vtu_grid *grid, size_t *length) {
  char *data = NULL;
  assert_int_equal(gkt_vtu_write(ctx, path, grid, num_arrays, arrays), GKT_OK);
  assert_int_equal(gkt_file_read(ctx, path, &data, length), GKT_OK);
  return data;
}

static inline void expect_doubles(const char *data, size_t length, const char *name, size_t count, const double *expected) {
  uint64_t bytes;
  const char *at = array_in(data, length, name, &bytes);
  assert_int_equal(bytes, count * sizeof(double));
  assert_memory_equal(at, expected, bytes);
}
#endif
