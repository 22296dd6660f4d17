/* What is not finite, in words (not_finite.c): a refusal of values from the file, a warning about results. */
#ifndef GKT_PROBLEM_NOT_FINITE_H
#define GKT_PROBLEM_NOT_FINITE_H
#include "assembly/find_nonfinite.h"
#include "problem/problem.h"

/* values: gkt_interpolate of the expression (NULL: of several). Where some of the nodes (NULL: the first `count`) have none that is finite, appends "not finite at x = (1, 2):
   ln(u) = nan, where u = -1 (3 of 25 nodes)" to the text; else nothing. */
gkt_status gkt_problem_check_nodes(const gkt_problem *, const gkt_expression *, const gkt_space *, const gkt_scalar *values, gkt_idx count, const gkt_idx *nodes,
                                   gkt_text *) GKT_MUST_CHECK;
/* The same of a condition in x at points [count][dim]; infinite is as good as any number. */
gkt_status gkt_problem_check_points(const gkt_problem *, const gkt_expression *, gkt_size count, const double *coords, const gkt_scalar *values, gkt_text *) GKT_MUST_CHECK;
/* Warnings, with the place in the file: of all nodes; of a functional; of a value at a place. */
gkt_status gkt_problem_warn_nodes(gkt_problem *, const gkt_source *, const gkt_expression *, const gkt_space *, const gkt_scalar *values, gkt_idx count, const gkt_idx *nodes,
                                  const char *consequence) GKT_MUST_CHECK;
gkt_status gkt_problem_warn_integral(gkt_problem *, const gkt_source *, const gkt_assembler *) GKT_MUST_CHECK;
gkt_status gkt_problem_warn_location(gkt_problem *, const gkt_source *, const gkt_expression *, const gkt_location *) GKT_MUST_CHECK;
#endif
