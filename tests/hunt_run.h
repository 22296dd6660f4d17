/* A hunt: random problems of a maker are run and judged; what is at fault is shrunk and printed. */
#ifndef GKT_TESTS_HUNT_RUN_H
#define GKT_TESTS_HUNT_RUN_H
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <unistd.h>

#include "tests/hunt_problem.h"
#include "tests/hunt_judge.h"

static gkt_context *ctx;
static hunt_problem (*hunt_maker)(uint64_t seed);
static long given_up_in = 300; /* at most one of so many */
static long hunt_cases = 1000;
static char current[TEXT_SIZE + 100];

/* What the program dies of has a text, too. */
static void last_words(int signal_number) {
  const char *what = signal_number == SIGALRM ? "\nno end within 60 s:\n" : "\ncrash:\n";
  ssize_t done = write(2, what, strlen(what)) + write(2, current, strlen(current));
  _exit(done < 0 ? 3 : 2);
}

/* Of the text in `current`. */
static verdict try_text(char *what, size_t size) {
  gkt_problem_options options = gkt_problem_options_default();
  gkt_problem *p = NULL;
  bool valid = false;
  verdict v = JUDGED_REFUSED;
  gkt_context_clear(ctx);
  alarm(60);
  if (gkt_problem_parse(ctx, "hunt.yaml", current, strlen(current), &options, &p) == GKT_OK && gkt_problem_run(p, &valid) == GKT_OK) v = judge(p, valid, what, size);
  else snprintf(what, size, "%s", gkt_context_message(ctx));
  alarm(0);
  gkt_problem_destroy(&p);
  return v;
}

static verdict try_problem(const hunt_problem *h, char *what, size_t size) {
  problem_text(h, current);
  return try_text(what, size);
}

static void leave_out(hunt_problem *h, int which) {
  int *counts[] = {&h->num_left, &h->num_right, &h->num_conditions};
  for (int list = 0; list < 3; which -= *counts[list++]) {
    char *piece = list == 0 ? h->left[0] : list == 1 ? h->right[0] : h->conditions[0];
    size_t size = list == 2 ? sizeof h->conditions[0] : sizeof h->left[0];
    if (which >= *counts[list]) continue;
    memmove(piece + (size_t)which * size, piece + (size_t)(which + 1) * size, (size_t)(*counts[list] - which - 1) * size);
    --*counts[list];
    return;
  }
}

/* The same fault with fewer pieces. */
static void shrink(hunt_problem *h, verdict v) {
  char what[600];
  for (int i = h->num_left + h->num_right + h->num_conditions - 1; i >= 0; i--) {
    hunt_problem less = *h;
    leave_out(&less, i);
    if (less.num_left > 0 && try_problem(&less, what, sizeof what) == v) *h = less;
  }
}

static void print_fault(hunt_problem *h, uint64_t seed, verdict v) {
  char what[600] = "";
  shrink(h, v);
  v = try_problem(h, what, sizeof what);
  print_error("---- seed %llu: %s: %s\n%s\n", (unsigned long long)seed, verdict_names[v], what, current);
}

static long number(const char *name, long otherwise) {
  const char *text = getenv(name);
  return text ? atol(text) : otherwise;
}

/* GKT_HUNT_FILE: one problem of someone else. */
static void judge_file(const char *path) {
  char what[600] = "";
  FILE *file = fopen(path, "r");
  if (!file || !fread(current, 1, TEXT_SIZE, file)) fail_msg("%s cannot be read", path);
  fclose(file);
  verdict v = try_text(what, sizeof what);
  print_message("%s: %s\n", verdict_names[v], what);
}

static void ok_means_ok(void **state) {
  long cases = number("GKT_HUNT_CASES", getenv("GKT_LONG") ? 20 * hunt_cases : hunt_cases), seed = number("GKT_HUNT_SEED", 1), count[NUM_VERDICTS] = {0}, faults = 0;
  (void)state;
  signal(SIGSEGV, last_words), signal(SIGABRT, last_words), signal(SIGALRM, last_words);
  if (getenv("GKT_HUNT_FILE")) {
    judge_file(getenv("GKT_HUNT_FILE"));
    return;
  }
  for (long i = 0; i < cases; i++) {
    hunt_problem h = hunt_maker((uint64_t)(seed + i));
    char what[600] = "";
    verdict v = try_problem(&h, what, sizeof what);
    count[v]++;
    if (getenv("GKT_HUNT_SHOW") && v == (verdict)number("GKT_HUNT_SHOW", -1)) print_message("seed %ld: %s\n%s", seed + i, what, current);
    if (v >= FAULT_SINGULAR) faults++, print_fault(&h, (uint64_t)(seed + i), v);
  }
  for (int v = 0; v < NUM_VERDICTS && (faults || getenv("GKT_LONG")); v++) print_message("%6ld %s\n", count[v], verdict_names[v]);
  assert_true(count[JUDGED_REFUSED] * 20 <= cases);
  assert_true(count[JUDGED_GIVEN_UP] * given_up_in <= cases);
  assert_true(count[JUDGED_RIGHT] * 4 >= cases);
  assert_int_equal(faults, 0);
}

/* PETSc, which begins with the first solve, removes signal handlers, and cmocka sets its own before a test. */
static int begin(void **state) {
  static const char first[] = "mesh: {box: {cells: [2]}}\nfields: {u: {space: P1, test: v}}\nequation: u*v*dx == v*dx\n";
  char what[600];
  (void)state;
  if (gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1, .poison = true}, &ctx) != GKT_OK) return 1;
  memcpy(current, first, sizeof first);
  return try_text(what, sizeof what) != JUDGED_RIGHT;
}

static int end(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}
#endif
