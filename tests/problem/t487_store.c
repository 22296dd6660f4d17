/* Claim: files of numbers give back what was written, bit by bit, and the same content is the same file; a new one appears whole or not at all; rows of an array that was made
   without values can be written one by one, by a process that is killed at any moment too, and take no room before; what is no such file, damaged, of another kind, later, or other
   than expected is refused with what it is; several threads, each with its own context, have files at once. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/gkt_test.h"

#include "core/core.h"
#include "problem/store.h"

static char folder[] = "/tmp/gkt_t487_XXXXXX";
static int begin(void **state) { return setup(state) || !mkdtemp(folder) || chdir(folder); }
static int end(void **state) {
  char command[100];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command) || teardown(state);
}

static void expect(gkt_status status, gkt_status wanted, const char *words) {
  if (status != wanted || !strstr(gkt_context_message(ctx), words)) fail_msg("status %d: \"%s\"; expected \"%s\"", status, gkt_context_message(ctx), words);
  gkt_context_clear(ctx);
}
static void ok(gkt_status status) {
  if (status) fail_msg("%s", gkt_context_message(ctx));
}

static const double numbers[2][3] = {{1.0 / 3, -0.0, 5e-324}, {1e308, 2, 3}};
static const int32_t whole[4] = {INT32_MIN, -1, 0, INT32_MAX};
static gkt_store *make(const char *path) {
  gkt_store *s = NULL;
  ok(gkt_store_create(ctx, path, "trial", 2, &s));
  ok(gkt_store_write(s, &(gkt_store_array){"mesh/coords", GKT_STORE_DOUBLE, 2, {2, 3}}, numbers));
  ok(gkt_store_write(s, &(gkt_store_array){"mesh/cells", GKT_STORE_INT32, 1, {4}}, whole));
  ok(gkt_store_write(s, &(gkt_store_array){"rows", GKT_STORE_DOUBLE, 3, {1000, 100, 3}}, NULL));
  ok(gkt_store_write(s, &(gkt_store_array){"count", GKT_STORE_INT64, 0, {0}}, &(int64_t){0}));
  ok(gkt_store_write(s, &(gkt_store_array){"nothing", GKT_STORE_BYTE, 2, {0, 3}}, ""));
  ok(gkt_store_set_text(s, "title", "\xc3\xbc\nzwei"));
  return s;
}

static void what_is_written_is_read(void **state) {
  (void)state;
  gkt_store *s = make("a.h5");
  int version = 0;
  double back[2][3];
  int32_t ints[4];
  char *text = NULL;
  gkt_store_array a = {"mesh/coords", GKT_STORE_DOUBLE, 2, {-1, 3}};
  ok(gkt_store_commit(&s));
  assert_null(s);
  ok(gkt_store_open(ctx, "a.h5", false, "trial", 2, &version, &s));
  assert_int_equal(version, 2);
  ok(gkt_store_check(s, &a));
  assert_int_equal(a.extents[0], 2);
  ok(gkt_store_read(s, &a, back));
  assert_memory_equal(back, numbers, sizeof back);
  ok(gkt_store_read(s, &(gkt_store_array){"mesh/cells", GKT_STORE_INT32, 1, {4}}, ints));
  assert_memory_equal(ints, whole, sizeof ints);
  ok(gkt_store_get_text(s, "title", &text));
  assert_string_equal(text, "\xc3\xbc\nzwei");
  gkt_free(&text);
  ok(gkt_store_read_row(s, "mesh/coords", 1, back));
  assert_memory_equal(back, numbers[1], sizeof back[0]);
  assert_true(gkt_store_has(s, "mesh") && gkt_store_has(s, "nothing") && !gkt_store_has(s, "mesh/absent") && !gkt_store_has(s, "absent/x"));
  gkt_store_close(&s);
}

static void whole_or_not_at_all(void **state) {
  (void)state;
  gkt_store *s = make("b.h5");
  assert_int_equal(access("b.h5", F_OK), -1);
  gkt_store_close(&s);
  assert_int_equal(access("b.h5", F_OK), -1);
  for (int i = 0; i < 2; i++) s = make(i ? "c.h5" : "b.h5"), ok(gkt_store_commit(&s));
  assert_int_equal(system("cmp -s b.h5 c.h5"), 0); /* the same content */
  s = make("b.h5");
  gkt_store_close(&s); /* what was there stays */
  ok(gkt_store_open(ctx, "b.h5", false, "trial", 2, NULL, &s));
  gkt_store_close(&s);
  assert_int_equal(system("test \"$(ls | tr '\\n' ' ')\" = 'a.h5 b.h5 c.h5 '"), 0);
}

static double value_of(int row, int i) { return row + i / 7.0; }
static void write_rows(const char *path, bool waits) {
  gkt_store *s = NULL;
  double row[300];
  ok(gkt_store_open(ctx, path, true, "trial", 2, NULL, &s));
  for (int64_t k = 0; k < 1000; k++) {
    for (int i = 0; i < 300; i++) row[i] = value_of((int)k, i);
    ok(gkt_store_write_row(s, "rows", k, row));
    if (waits && k == 20) kill(getpid(), SIGSTOP); /* as good as a kill -9 that comes here */
    ok(gkt_store_write_row(s, "count", 0, &(int64_t){k + 1}));
  }
  gkt_store_close(&s);
}

static int64_t check_rows(const char *path) {
  gkt_store *s = NULL;
  double row[300];
  int64_t count = -1;
  ok(gkt_store_open(ctx, path, true, "trial", 2, NULL, &s));
  ok(gkt_store_read_row(s, "count", 0, &count));
  for (int64_t k = 0; k < count; k++) {
    ok(gkt_store_read_row(s, "rows", k, row));
    for (int i = 0; i < 300; i++) assert_true(row[i] == value_of((int)k, i));
  }
  gkt_store_close(&s);
  return count;
}

static void rows_outlive_a_kill(void **state) {
  (void)state;
  gkt_store *s = make("d.h5");
  struct stat info;
  ok(gkt_store_commit(&s));
  assert_int_equal(stat("d.h5", &info), 0);
  assert_true(info.st_size > 2400000 && info.st_blocks * 512 < 200000);
  for (int trial = 0; trial < 6; trial++) {
    pid_t child = fork();
    if (child == 0) write_rows("d.h5", trial == 0), _exit(0);
    if (trial == 0) waitpid(child, NULL, WUNTRACED);
    else usleep((useconds_t)(trial * 3000));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    const int64_t count = check_rows("d.h5");
    if (trial == 0) assert_int_equal(count, 20); /* the count is written last */
  }
  write_rows("d.h5", false);
  assert_int_equal(check_rows("d.h5"), 1000);
}

static void make_bad(void) {
  gkt_store *s = NULL;
  assert_int_equal(system("echo text > text.h5; : > empty.h5; head -c 1500 a.h5 > cut.h5; mkdir d; mkfifo pipe"), 0);
  assert_int_equal(system("head -c 2000 a.h5 > bent.h5; head -c 400 /dev/zero >> bent.h5; tail -c +2401 a.h5 >> bent.h5"), 0);
  ok(gkt_store_create(ctx, "other.h5", "series", 1, &s));
  ok(gkt_store_commit(&s));
  ok(gkt_store_create(ctx, "later.h5", "trial", 7, &s));
  ok(gkt_store_commit(&s));
}

static void refused_with_what_it_is(void **state) {
  (void)state;
  static const char *const cases[][2] = {{"absent.h5", "cannot open absent.h5: No such file"},
                                         {"text.h5", "text.h5: no HDF5 file"},
                                         {"empty.h5", "empty.h5: no HDF5 file"},
                                         {"cut.h5", "cut.h5: cannot open it, it is damaged: truncated file"},
                                         {"d", "d: no HDF5 file"},
                                         {"other.h5", "other.h5: a file of kind 'series'; expected 'trial'"},
                                         {"later.h5", "later.h5: its layout has version 7, made by another Galerkit; expected 1 to 2"}};
  gkt_store *s = NULL;
  double values[12];
  char *text = NULL;
  make_bad();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    expect(gkt_store_open(ctx, cases[i][0], false, "trial", 2, NULL, &s), GKT_BAD_INPUT, cases[i][1]);
    assert_null(s);
  }
  expect(gkt_store_create(ctx, "d", "trial", 1, &s), GKT_BAD_INPUT, "d: Is a directory");
  expect(gkt_store_create(ctx, "absent/x.h5", "trial", 1, &s), GKT_IO, "absent/x.h5: No such file");
  expect(gkt_store_create(ctx, "/dev/null", "trial", 1, &s), GKT_BAD_INPUT, "/dev/null: no file but a device or a pipe");
  ok(gkt_store_open(ctx, "a.h5", false, "trial", 2, NULL, &s));
  expect(gkt_store_read(s, &(gkt_store_array){"absent", GKT_STORE_DOUBLE, 0, {0}}, values), GKT_BAD_INPUT, "a.h5: it holds no 'absent'");
  expect(gkt_store_read(s, &(gkt_store_array){"mesh/coords", GKT_STORE_DOUBLE, 2, {4, -1}}, values), GKT_BAD_INPUT, "'mesh/coords' is double[2][3]; expected double[4][n]");
  expect(gkt_store_read(s, &(gkt_store_array){"title", GKT_STORE_BYTE, 0, {0}}, values), GKT_BAD_INPUT, "'title' holds other things than numbers");
  expect(gkt_store_get_text(s, "count", &text), GKT_BAD_INPUT, "'count' is no text");
  expect(gkt_store_read_row(s, "mesh/coords", 2, values), GKT_BAD_ARGUMENT, "row 2 of 'mesh/coords'; it has 2");
  expect(gkt_store_write_row(s, "count", 0, &(int64_t){1}), GKT_IO, "cannot write a row of count");
  expect(gkt_store_write(s, &(gkt_store_array){"count", GKT_STORE_INT64, 0, {0}}, &(int64_t){1}), GKT_IO, "cannot write count");
  gkt_store_close(&s);
}

/* Whatever 400 bytes are zero: refused, or what is read is there; no crash. */
static void damage_is_seen_or_harmless(void **state) {
  (void)state;
  gkt_store *s = NULL;
  double back[6];
  char command[200];
  struct stat info;
  assert_int_equal(stat("other.h5", &info), 0);
  for (int at = 0; at + 64 <= info.st_size; at += 64) {
    snprintf(command, sizeof command, "cp other.h5 x.h5; dd if=/dev/zero of=x.h5 bs=64 seek=%d count=1 conv=notrunc 2>/dev/null", at / 64);
    assert_int_equal(system(command), 0);
    if (gkt_store_open(ctx, "x.h5", false, "series", 1, NULL, &s) == GKT_OK) (void)!gkt_store_read(s, &(gkt_store_array){"version", GKT_STORE_DOUBLE, 1, {6}}, back);
    gkt_store_close(&s);
    gkt_context_clear(ctx);
  }
}

static gkt_status both(gkt_context *c) {
  gkt_store *s = NULL;
  char *text = NULL;
  gkt_status status;
  GKT_GO(gkt_store_create(c, "m.h5", "trial", 1, &s));
  GKT_GO(gkt_store_set_text(s, "t", "x"));
  GKT_GO(gkt_store_commit(&s));
  GKT_GO(gkt_store_open(c, "m.h5", true, "trial", 1, NULL, &s));
  GKT_GO(gkt_store_get_text(s, "t", &text));
done:
  gkt_free(&text);
  gkt_store_close(&s);
  return status;
}
static void leaves_nothing_open(void **state) {
  (void)state;
  int last = -1;
  for (int i = 0; i < 4; i++) {
    ok(both(ctx));
    int file = dup(0);
    assert_true(last < 0 || file == last);
    close(last = file);
  }
}

/* ---- threads ---- */
static gkt_status write_and_read(gkt_context *own, const char *path, double number, double *back) {
  gkt_store *s = NULL;
  gkt_status status;
  GKT_GO(gkt_store_create(own, path, "trial", 2, &s));
  GKT_GO(gkt_store_write(s, &(gkt_store_array){"rows", GKT_STORE_DOUBLE, 2, {8, 1}}, NULL));
  for (int i = 0; i < 8; i++) GKT_GO(gkt_store_write_row(s, "rows", i, &(double){number + i}));
  GKT_GO(gkt_store_commit(&s));
  GKT_GO(gkt_store_open(own, path, false, "trial", 2, NULL, &s));
  GKT_GO(gkt_store_read_row(s, "rows", 7, back));
done:
  gkt_store_close(&s);
  return status;
}

enum { THREADS = 4, TIMES = 60 };
static void *work(void *user) {
  const int number = *(const int *)user;
  gkt_context *own;
  char path[40];
  double back;
  if (gkt_context_create(NULL, &own) != GKT_OK) return "no context";
  snprintf(path, sizeof path, "thread%d.h5", number);
  bool right = true;
  for (int i = 0; i < TIMES && right; i++) right = write_and_read(own, path, number + 0.5 * i, &back) == GKT_OK && back == number + 0.5 * i + 7;
  gkt_context_destroy(&own);
  return right ? NULL : "other numbers than were written, or none";
}

static void threads_have_files_at_once(void **state) {
  (void)state;
  pthread_t threads[THREADS];
  int numbers_of[THREADS];
  void *wrong = NULL, *first = NULL;
  for (int i = 0; i < THREADS; i++) numbers_of[i] = i, assert_int_equal(pthread_create(&threads[i], NULL, work, &numbers_of[i]), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], &wrong), first = first ? first : wrong;
  if (first) fail_msg("threads: %s", (const char *)first);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_written_is_read),   cmocka_unit_test(whole_or_not_at_all),        cmocka_unit_test(rows_outlive_a_kill),
                                     cmocka_unit_test(refused_with_what_it_is),   cmocka_unit_test(damage_is_seen_or_harmless), cmocka_unit_test(leaves_nothing_open),
                                     cmocka_unit_test(threads_have_files_at_once)};
  return cmocka_run_group_tests(tests, begin, end);
}
