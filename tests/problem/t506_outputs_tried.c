/* Claim: outputs are tried before anything is computed: where one cannot be written the run is refused with the reason, nothing is begun, no folder or file is left and what was
   there is as before; names in `output.fields` are free text, in the VTU file and back. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/gkt_test.h"

#include "galerkit/problem.h"
#include "plot/vtu.h"

#define PROBLEM "mesh: {box: {cells: [2, 2]}}\nfields: {u: {space: P2, test: v}}\nequation: dot(grad(u), grad(v))*dx == v*dx\nconditions: [{on: left, value: 0}]\n"

static char folder[] = "/tmp/gkt_t506_XXXXXX";
static int begin(void **state) { return setup(state) || !mkdtemp(folder) || chdir(folder); }
static int end(void **state) {
  char command[100];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command) || teardown(state);
}

static void write_old(const char *path) {
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs("old", f);
  assert_int_equal(fclose(f), 0);
}

static void assert_old(const char *path) {
  char text[8] = "";
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  assert_int_equal(fread(text, 1, sizeof text - 1, f), 3);
  assert_string_equal(text, "old");
  fclose(f);
}

static void trying_leaves_no_trace(void **state) {
  (void)state;
  const char *const refused[][2] = {{"absent/a.vtu", "absent/a.vtu: No such file or directory"}, {"d", "d: Is a directory"}, {"old/a.vtu", "old/a.vtu: Not a directory"}};
  write_old("old");
  assert_int_equal(mkdir("d", 0777), 0);
  assert_int_equal(mkfifo("d/pipe", 0666), 0);
  assert_int_equal(gkt_output_try(ctx, "old"), GKT_OK);
  assert_int_equal(gkt_output_try(ctx, "d/new"), GKT_OK);
  assert_int_equal(gkt_output_try(ctx, "d/pipe"), GKT_OK); /* without a reader, which would be waited for */
  assert_int_equal(gkt_output_try(ctx, "/dev/null"), GKT_OK);
  assert_old("old");
  assert_int_equal(system("test \"$(ls -A d)\" = pipe"), 0);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(gkt_output_try(ctx, refused[i][0]), GKT_BAD_INPUT);
    if (!strstr(gkt_context_message(ctx), refused[i][1])) fail_msg("%s: %s", refused[i][0], gkt_context_message(ctx));
    gkt_context_clear(ctx);
  }
}

static int num_stages;
static bool count_stage(void *user, const char *stage, int iteration, double residual, double seconds_left) {
  (void)user, (void)stage, (void)iteration, (void)residual, (void)seconds_left;
  num_stages++;
  return true;
}

static gkt_status run(const char *output, const char *out_dir) {
  gkt_problem_options options = gkt_problem_options_default();
  gkt_problem *p = NULL;
  bool valid = false;
  char text[600];
  snprintf(text, sizeof text, PROBLEM "output: %s\n", output);
  options.out_dir = out_dir, options.progress = count_stage;
  num_stages = 0;
  gkt_context_clear(ctx);
  assert_int_equal(gkt_problem_parse(ctx, "a.yaml", text, strlen(text), &options, &p), GKT_OK);
  const gkt_status status = gkt_problem_run(p, &valid);
  assert_int_equal(valid, status == GKT_OK);
  gkt_problem_destroy(&p);
  return status;
}

static void nothing_is_computed_in_vain(void **state) {
  (void)state;
  static const struct {
    const char *output, *out_dir, *message;
  } cases[] = {{"{file: absent/a.vtu}", NULL, "absent/a.vtu: No such file"},
               {"{file: a.vtu, picture: {file: absent/a.png}}", NULL, "absent/a.png: No such file"},
               {"{file: absent/a.vtu}", "new", "new/absent/a.vtu: No such file"},
               {"{file: a.vtu}", "old", "old/a.vtu: Not a directory"},
               {"{file: a.vtu}", "absent/new", "absent/new/a.vtu: No such file"}};
  write_old("a.vtu"), write_old("old");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_int_equal(run(cases[i].output, cases[i].out_dir), GKT_BAD_INPUT);
    if (!strstr(gkt_context_message(ctx), cases[i].message)) fail_msg("%s: %s", cases[i].output, gkt_context_message(ctx));
    assert_int_equal(num_stages, 0);
    assert_int_equal(access("new", F_OK), -1);
    assert_old("a.vtu");
  }
  assert_int_equal(run("{file: a.vtu, picture: {file: a.png}}", "new"), GKT_OK);
  assert_true(num_stages > 0 && access("new/a.vtu", R_OK) == 0 && access("new/a.png", R_OK) == 0);
}

static void names_are_free_text(void **state) {
  (void)state;
  static const char *const names[] = {"energy <J/m\xC2\xB3> & \"q\" 'x'", "a b", "\xC3\xBCn\xC3\xAF", "1", "]]> -->"};
  char *data = NULL;
  size_t length;
  gkt_vtu_file *file = NULL;
  assert_int_equal(run("{file: n.vtu, fields: {\"energy <J/m\xC2\xB3> & \\\"q\\\" 'x'\": u*u, \"a b\": u, \"\xC3\xBCn\xC3\xAF\": grad(u), \"1\": 2*u, \"]]> -->\": 3*u}}", NULL),
                   GKT_OK);
  assert_int_equal(gkt_file_read(ctx, "n.vtu", &data, &length), GKT_OK);
  assert_non_null(strstr(data, "Name=\"energy &lt;J/m\xC2\xB3&gt; &amp; &quot;q&quot; &apos;x&apos;\""));
  assert_int_equal(gkt_vtu_parse(ctx, "n.vtu", data, length, &file), GKT_OK);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    gkt_picture_options options = {.title = names[i]};
    assert_string_equal(file->arrays[i].name, names[i]);
    if (gkt_picture_from_vtu(ctx, "n.vtu", names[i], "n.png", &options) != GKT_OK) fail_msg("%s: %s", names[i], gkt_context_message(ctx));
  }
  gkt_vtu_destroy(&file);
  gkt_free(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(trying_leaves_no_trace), cmocka_unit_test(nothing_is_computed_in_vain), cmocka_unit_test(names_are_free_text)};
  return cmocka_run_group_tests(tests, begin, end);
}
