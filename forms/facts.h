/* The proof of positivity, between facts.c, split.c, positive.c, semidefinite.c and squares.c. Private to `forms`. */
#ifndef GKT_FORMS_FACTS_H
#define GKT_FORMS_FACTS_H
#include "forms/form.h"

enum { GKT_FACTS_MAX_PARTS = 64 };        /* different products of atoms in one integral; more: nothing is proven */
#define GKT_FACTS_ROUNDING (64 * 2.3e-16) /* of an entry, or of what it was summed from: sums and products of numbers, the elimination of a small matrix */
#define GKT_FACTS_ELLIPTIC 1e-11          /* of the same: well above it, so that a form that exceeds |grad u|^2 by so much does exceed it */

typedef struct {
  gkt_context *ctx;
  const gkt_scope *scope;
  gkt_graph *graph;
  gkt_terminal_range *range;
  const void *user;
  gkt_text *mentioned; /* coefficients and their ranges, for the user */
} gkt_facts_query;

typedef struct {         /* a product of atoms and its numeric, symmetric matrix: G = sum of them */
  gkt_monomial monomial; /* its coefficient is 1 */
  double *matrix;        /* [size][size] */
  bool done;             /* taken care of */
} gkt_facts_part;
gkt_interval gkt_facts_atom_range(const gkt_facts_query *, gkt_node atom);
/* Is A [n][n] positive semidefinite up to rounding? size [n] holds what its diagonal was summed from, without signs. A is overwritten. */
bool gkt_is_semidefinite(double *A, int n, const double *size);
/* The same of A - c E with some c > 0, well above rounding, where z'Ez = |gradient part|^2 or |symmetric gradient|^2. work [n][n] */
gkt_ellipticity gkt_ellipticity_of(const double *A, int n, int dim, const double *size, double *work);
/* split.c. room [GKT_FACTS_MAX_PARTS][size][size]: work, the parts' matrices; *count -1: the nodes are no polynomials of moderate size. kept [num_kept]: nodes that are atoms. */
gkt_status gkt_facts_split(const gkt_facts_query *, int size, const gkt_node *nodes, gkt_node num_kept, const bool *kept, double *room, gkt_facts_part *parts,
                           int *count) GKT_MUST_CHECK;
/* Sums that stand as factors and are not negative: (2 + c) in (2 + c)*w[0]*w[1]. kept [num_kept] is freed with gkt_free. */
gkt_status gkt_facts_find_factors(const gkt_facts_query *, int count, const gkt_node *nodes, gkt_node *num_kept, bool **kept, bool *any) GKT_MUST_CHECK;
/* bernstein.c. terms [count]: range of their sum; [-inf, inf] if some atom has no bounds. */
gkt_interval gkt_facts_polynomial_range(const gkt_facts_query *, int count, const gkt_monomial *terms);
/* squares.c: is the sum over the parts that are not done a sum of squares such as (w . grad u)^2? ellipticity is then that of them alone. */
gkt_status gkt_facts_squares(const gkt_facts_query *, int size, int count, const gkt_facts_part *parts, bool *positive, gkt_ellipticity *ellipticity) GKT_MUST_CHECK;
/* positive.c. nodes [size][size]: is z'Gz >= 0 at every point, for all values in the terminals' ranges? */
typedef struct {
  bool positive;               /* false: not proven, and the rest is of no use */
  gkt_ellipticity ellipticity; /* of this integral alone */
  bool is_constant;            /* z'Gz >= z' lower z at every point, where lower is positive semidefinite */
  double *lower, *sizes;       /* the caller's: [size][size]; [size] what its diagonal was summed from, without signs */
} gkt_facts_bound;
gkt_status gkt_facts_positive(const gkt_facts_query *, int size, const gkt_node *nodes, gkt_facts_bound *) GKT_MUST_CHECK;
void gkt_facts_mention(const gkt_facts_query *, const gkt_monomial *); /* a coefficient that the proof used */
#endif
