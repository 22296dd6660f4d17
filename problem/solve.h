/* Between solve.c (linear) and newton.c (nonlinear). */
#ifndef GKT_PROBLEM_SOLVE_H
#define GKT_PROBLEM_SOLVE_H
#include "forms/barriers.h"
#include "problem/not_finite.h"

gkt_status gkt_problem_newton(gkt_problem *) GKT_MUST_CHECK; /* newton.c */
/* newton_explain.c: reason, from p->newton; inputs: the unknown's values are p's */
gkt_status gkt_problem_explain_newton(gkt_problem *, const gkt_inputs *, const gkt_system_facts *) GKT_MUST_CHECK;
/* Where the guess solved the equation, no system was solved and nothing is known of the tangent: one that is singular there and elsewhere leaves the solution undetermined. */
gkt_status gkt_problem_look_at_guess(gkt_problem *, const gkt_inputs *, const gkt_system_facts *) GKT_MUST_CHECK;

/* ---- solve.c ---- */
gkt_linear_options gkt_problem_linear_options(gkt_problem *, gkt_text *merged);         /* merged: holds the text of the options */
gkt_status gkt_problem_find_facts(gkt_problem *, gkt_system_facts *out) GKT_MUST_CHECK; /* with what the settings say about the kernel */
/* why there is no answer without trying; reason stays empty where there may be one */
gkt_status gkt_problem_refuse_free(gkt_problem *, const gkt_system_facts *, gkt_scalar *b) GKT_MUST_CHECK;
void gkt_problem_explain_singular(gkt_problem *);        /* reason: where linear.free_dof is */
void gkt_problem_explain_ill_conditioned(gkt_problem *); /* likewise */

/* ---- judge_form.c ---- */
gkt_status gkt_problem_free_residual(gkt_problem *, gkt_scalar *r, double *size) GKT_MUST_CHECK; /* r = R(u), 0 on constrained dofs, and its length */
/* Of a linear problem with u = g + d, A d = b = -R(g): R(g + w) - R(g) = A w, and R(u) = 0 as far as was asked. Else valid becomes false, with the reason. Sets final_residual. */
gkt_status gkt_problem_judge_form(gkt_problem *, const gkt_scalar *b, const gkt_scalar *d) GKT_MUST_CHECK;

/* ---- facts.c ---- */
gkt_interval gkt_problem_range(const gkt_terminal *, const void *problem); /* of its values here */

/* ---- barriers.c: bodies turned inside out, and poles ---- */
gkt_status gkt_problem_make_barriers(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_is_inside(gkt_problem *, const gkt_inputs *, bool *inside) GKT_MUST_CHECK;   /* not beyond a barrier anywhere */
gkt_status gkt_problem_print_barrier(gkt_problem *, const gkt_inputs *, gkt_text *) GKT_MUST_CHECK; /* the least value and its place */
gkt_status gkt_problem_warn_barriers(gkt_problem *) GKT_MUST_CHECK;                                 /* of the solution */
#endif
