/* Data sets: what is drawn, what is solved, what is written. */
#ifndef GKT_PROBLEM_SAMPLE_H
#define GKT_PROBLEM_SAMPLE_H
#include "galerkit/sample.h"
#include "problem/problem.h"
#include "problem/store.h"

/* ---- draws.c ---- */
typedef struct {
  int function; /* of a coefficient; -1: a constant */
  int constant;
  gkt_gaussian *gaussian; /* of GKT_DRAW_GAUSSIAN, as are scope, expression and field */
  gkt_scope *scope;       /* of one name, the field */
  gkt_expression *expression;
  gkt_space *scalar;       /* one component of the coefficient */
  gkt_scalar *base;        /* [dofs] what the file gives */
  gkt_scalar *field, *one; /* [dofs of the field's own space], [nodes]: a component */
} gkt_drawn;
typedef struct gkt_draws {
  int num_drawn;
  gkt_drawn *drawn; /* as in the settings */
  bool refills;     /* values of discrete coefficients hold a constant that is drawn */
  bool *varies;     /* [functions] coefficients whose values differ from sample to sample */
} gkt_draws;
gkt_status gkt_draws_create(gkt_problem *, gkt_draws **out) GKT_MUST_CHECK; /* of a problem that is planned; refuses what does not go with its mesh */
void gkt_draws_destroy(gkt_draws **);
/* Constants, coefficients and the first state (guess) become those of a sample. GKT_BAD_INPUT: the sample is not possible, as where a value is not finite. */
gkt_status gkt_draws_take(gkt_problem *, const gkt_draws *, gkt_idx sample) GKT_MUST_CHECK;

/* ---- sample_file.c: the file, a row for each sample ---- */
typedef struct {
  gkt_store *store;
  int count, done; /* samples of the file; of these written, the first ones */
  int num_times;   /* states of each sample; 1 of a steady problem */
} gkt_sample_file;
/* A new one, or that which is there, where it is of this problem; a longer one in its place where fewer samples are in it than are asked for. */
gkt_status gkt_sample_file_check(gkt_problem *, const gkt_draws *) GKT_MUST_CHECK; /* one that is there: does it belong to the problem? */
gkt_status gkt_sample_file_open(gkt_problem *, const gkt_draws *, gkt_sample_file *out) GKT_MUST_CHECK;
gkt_status gkt_sample_file_close(gkt_sample_file *) GKT_MUST_CHECK;
/* The next row: the data that the problem has now; states [num_times][dofs] and the series of the problem, NaN where there are fewer; reason "": valid. */
gkt_status gkt_sample_file_add(gkt_problem *, const gkt_draws *, gkt_sample_file *, const gkt_scalar *states, const char *reason) GKT_MUST_CHECK;
gkt_status gkt_sample_file_find_failures(gkt_problem *, gkt_sample_file *) GKT_MUST_CHECK; /* to p->samples: of the rows that were there */
#endif
