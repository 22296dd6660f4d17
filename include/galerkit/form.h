/* The weak-form language: a scope of names, forms parsed from text, derivatives of forms. Knows no mesh. */
#ifndef GALERKIT_FORM_H
#define GALERKIT_FORM_H
#include "galerkit/core.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  int rank;    /* 0 scalar, 1 vector, 2 matrix */
  int dims[2]; /* [rank]; the rest 1 */
} gkt_shape;
GKT_API gkt_shape gkt_shape_scalar(void);
GKT_API gkt_shape gkt_shape_vector(int n);
GKT_API gkt_shape gkt_shape_matrix(int m, int n);
GKT_API int gkt_shape_size(gkt_shape); /* components, numbered by rows */

/* Where a text comes from, so that messages can say `FILE: KEY: line L, column C`. */
typedef struct {
  int line, column; /* from 1 */
} gkt_mark;
typedef struct {
  const char *text;
  const char *file;      /* NULL: none */
  const char *key;       /* "equation", "coefficients.f"; NULL: none */
  const gkt_mark *marks; /* [strlen(text)+1]: position of each byte; NULL: counted from line 1, column 1 of
                            the text itself */
} gkt_source;

/* ---- elements: of what functions are made in each cell ---- */
typedef enum {
  GKT_LAGRANGE,               /* P: continuous, degree 1 to 4; at most 2 on prisms and pyramids */
  GKT_DISCONTINUOUS_LAGRANGE, /* DP: each cell for itself, degree 0 (one value in a cell) to 4; likewise */
  GKT_QUADRATURE_POINTS, /* values at the points of the quadrature that dx(degree=degree) has in each cell, 0
    to 63, and nowhere between: for what a material remembers. For coefficients, in integrals over cells,
    whose rule is theirs where no degree= is given; used elsewhere, as by a gradient or with another degree,
    they are refused by name. */
  GKT_BUBBLE, /* PkB: Pk and in each cell a function that vanishes on its boundary; degree 1 on all cells, 2
    on triangles and tetrahedra. The bubble is the product of the distances to the facets (on a pyramid over
    (1 - z)^2), scaled to 1 at the cell's centroid, where the element has one more node. The functions are
    nodal: those of Pk less their value there times the bubble, and the bubble. With P1 for the pressure
    on triangles and tetrahedra: MINI; Arnold, Brezzi and Fortin, "A stable finite element for the Stokes
    equations", Calcolo 21 (1984). */
  GKT_REAL    /* degree 0: one value, the same in all cells, that an equation determines, as of a multiplier
    or a mean; a number without a place, so there are no conditions on it */
} gkt_element_kind;
typedef struct {
  gkt_element_kind kind;
  int degree;
} gkt_element;

/* ---- scope: fields, tests, constants, coefficients, lets: one namespace, in any order ---- */
typedef struct gkt_scope gkt_scope;
/* dim of x: 1..3 */
GKT_API gkt_status gkt_scope_create(gkt_context *, int dim, gkt_scope **out) GKT_MUST_CHECK;
GKT_API void gkt_scope_destroy(gkt_scope **);
/* Functions are numbered in the order of their declaration (test functions take numbers too). The
   spaces that a form or an expression is evaluated with must be of the shape and the element given here. */
GKT_API gkt_status gkt_scope_add_field(gkt_scope *, const char *name, const char *test /* NULL: none */,
                                       gkt_shape, gkt_element, int *function) GKT_MUST_CHECK;
/* discrete */
GKT_API gkt_status gkt_scope_add_coefficient(gkt_scope *, const char *name, gkt_shape, gkt_element,
                                             int *function) GKT_MUST_CHECK;
/* The values of this discrete coefficient depend on t (gkt_system_follow_coefficient gives them): forms and
   expressions with it depend on t, and dt of it is refused, as its rate is not known. Before texts that hold
   it. GKT_BAD_ARGUMENT: no discrete coefficient. */
GKT_API gkt_status gkt_scope_follow_time(gkt_scope *, int coefficient) GKT_MUST_CHECK;
/* a scalar, given at evaluation */
GKT_API gkt_status gkt_scope_add_constant(gkt_scope *, const char *name, int *constant) GKT_MUST_CHECK;
/* A name for an expression, copied; parsed at its first use or by gkt_scope_check. allow_fields false: a
 * symbolic coefficient, which must not contain unknowns. */
GKT_API gkt_status gkt_scope_add_expression(gkt_scope *, const char *name, const gkt_source *,
                                            bool allow_fields) GKT_MUST_CHECK;
/* parses and types every expression: unknown names, cycles, shapes */
GKT_API gkt_status gkt_scope_check(gkt_scope *) GKT_MUST_CHECK;
GKT_API int gkt_scope_num_functions(const gkt_scope *);
GKT_API int gkt_scope_num_constants(const gkt_scope *);
GKT_API const char *gkt_scope_function_name(const gkt_scope *, int function);
GKT_API gkt_shape gkt_scope_function_shape(const gkt_scope *, int function);
GKT_API gkt_element gkt_scope_function_element(const gkt_scope *, int function);
GKT_API int gkt_scope_find_function(const gkt_scope *, const char *name); /* -1: none */
GKT_API int gkt_scope_find_constant(const gkt_scope *, const char *name); /* -1: none */
/* Where a text takes dt(u) or dtt(u) of a field, the scope gets a function of that name, of the field's shape
   and element, and constants "shift(u)" of all fields and "shift(dt(u))". Assemblers want arrays that have
   them; systems (galerkit/system.h) read of their caller's arrays what was declared. order 1: dt, 2: dtt; of
   shifts 0: the field. -1: there is none. */
GKT_API int gkt_scope_rate(const gkt_scope *, int field, int order);
GKT_API int gkt_scope_shift(const gkt_scope *, int field, int order);

/* ---- custom functions: the values of a function in C at a point, called in texts by its name as the
   language's own are. For laws that the language cannot say (a local iteration, a table). What it is given is
   all that it may know: history comes in as coefficients. See docs/forms.md and examples/c/plasticity.c. ----
 */
/* count points at once. in [arguments' components, one argument after the other, each by rows][stride], of
   which the first count of each row are read; out [..][stride], '='. function: out [components of the
   result]. tangent: out [components of the result][components of the arguments that are no history], the
   derivatives d result_k / d in_j; entries declared zero need not be written. Units are the user's own. Pure:
   equal arguments give equal bits, whatever the other points of the call are. It is called from several
   threads at once, again and again for the same point, so it changes nothing, `user` included. A point where
   the law has no value, or where its local iteration fails, gets NAN: a solver then cuts its step back. */
typedef void gkt_external_fn(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out);
enum { GKT_MAX_ARGUMENTS = 8 };
typedef struct {
  int num_arguments; /* 1 to 8 */
  gkt_shape arguments[GKT_MAX_ARGUMENTS], result;
  gkt_external_fn *function;
  /* NULL: forms that need the derivative are refused. Second derivatives always are */
  gkt_external_fn *tangent;
  int num_history; /* the last so many arguments are history: there are no derivatives by them, and a form
                      that needs one is refused; default 0 */
  /* [as the tangent] derivatives that are zero everywhere; NULL: none is known to be. Copied */
  const bool *zeros;
  bool symmetric; /* derivatives by the first argument, which has as many components as the result, are
                     symmetric: d result_k/d in_j = d result_j/d in_k */
  void *user;     /* handed through; outlives the scope */
} gkt_external;
/* numbered in order; in the namespace of all names */
GKT_API gkt_status gkt_scope_add_external(gkt_scope *, const char *name, const gkt_external *,
                                          int *external) GKT_MUST_CHECK;
/* Compares the tangent with differences of the function (central, extrapolated: Ridders, Adv. Eng. Software
   4, 1982) at num_points arguments [num_points][arguments' components], and what is declared of it (zeros,
   symmetric). scales [arguments' components]: by how much each argument typically varies; NULL: the largest
   component of the argument in this point, 1 if that is 0. tolerance: of the difference, relative to the
   largest derivative of the result by the same argument; 0: 1e-6. Refused, GKT_BAD_INPUT, with one message
   that names the entry that is most wrong, what it is and what it should be; where differences do not settle
   (at a kink), too. *worst: the largest such difference, written in all three cases; may be NULL. Before
   that: do both functions give several points at once, of which stride > count, what they give each alone,
   and write nothing else? If not, refused as well, and *worst is not written. */
GKT_API gkt_status gkt_external_check(const gkt_scope *, int external, gkt_size num_points,
                                      const gkt_scalar *arguments, const gkt_scalar *scales, double tolerance,
                                      double *worst) GKT_MUST_CHECK;

/* ---- expressions without measure, to be evaluated at points ---- */
typedef struct gkt_expression gkt_expression;
GKT_API gkt_status gkt_expression_parse(gkt_scope *, const gkt_source *, gkt_expression **out) GKT_MUST_CHECK;
GKT_API void gkt_expression_destroy(gkt_expression **);
GKT_API gkt_shape gkt_expression_shape(const gkt_expression *);
GKT_API bool gkt_expression_uses_fields(const gkt_expression *); /* unknowns */
/* unknowns or discrete coefficients: needs a cell, not only x */
GKT_API bool gkt_expression_uses_functions(const gkt_expression *);
GKT_API bool gkt_expression_uses_normal(const gkt_expression *);
GKT_API bool gkt_expression_uses_time(const gkt_expression *);                /* t */
GKT_API bool gkt_expression_depends_on(const gkt_expression *, int function); /* on its values or gradient */

/* ---- forms: sums of integrals. arity 0: functional; 1: residual, a vector; 2: tangent, a matrix ---- */
typedef struct gkt_form gkt_form;
typedef enum {
  GKT_EQUATION,  /* arity 1: left - right; every product linear in exactly one test function */
  GKT_ENERGY,    /* arity 0, to be differentiated */
  GKT_FUNCTIONAL /* arity 0: `compute` */
} gkt_form_kind;
GKT_API gkt_status gkt_form_parse(gkt_scope *, gkt_form_kind, const gkt_source *,
                                  gkt_form **out) GKT_MUST_CHECK;
GKT_API void gkt_form_destroy(gkt_form **);
GKT_API gkt_scope *gkt_form_scope(const gkt_form *); /* what it was made from */
GKT_API int gkt_form_arity(const gkt_form *);
/* Functions whose spaces the i-th index runs over, one after the other (fields, not their tests), ascending
   by number; GKT_COORDINATES alone for shape derivatives. */
GKT_API int gkt_form_num_arguments(const gkt_form *, int i);
GKT_API int gkt_form_argument(const gkt_form *, int i, int k);
#define GKT_COORDINATES (-2)
/* Gateaux derivative with respect to functions (fields or discrete coefficients) at once, or GKT_COORDINATES
   alone: arity + 1, the new index last. */
GKT_API gkt_status gkt_form_derivative(const gkt_form *, int num_functions, const int *functions,
                                       gkt_form **out) GKT_MUST_CHECK;
/* The tangent of a residual or a functional by fields. Of a form that holds their rates, dt(u) and dtt(u), it
   is combined: J = sum over fields u of shift(u) dR/du + shift(dt(u)) dR/d dt(u) + shift(dtt(u)) dR/d dtt(u),
   as implicit steps in time need it, with constants of these names; else the derivative. (gkt_form_derivative
   holds rates fixed.) */
GKT_API gkt_status gkt_form_tangent(const gkt_form *residual, int num_fields, const int *fields,
                                    gkt_form **out) GKT_MUST_CHECK;
/* On the field or a rate of it: a tangent that does is that of a nonlinear problem. */
GKT_API bool gkt_form_varies_with(const gkt_form *, int field);
/* The highest derivative by time of the field that the form holds, 0 to 2. */
GKT_API int gkt_form_rate_order(const gkt_form *, int field);
/* The same residual with the masses of a field lumped: what the equation that tests it holds of its own
   highest rate is summed at the nodes of its element in each cell or facet, with the integrals of their
   functions as weights. So the mass matrix couples components of one node only, and its row sums are those of
   before where the density is constant in each cell. This keeps the order of P1 and P1B, of P2 on lines,
   quadrilaterals and hexahedra, and of P2B on triangles (Cohen, Joly, Roberts and Tordjman, SIAM J. Numer.
   Anal. 38 (2001)); other elements have masses that are 0 or negative, or lose their order, and are refused
   by name when the form is planned on a mesh. Reals, values in cells (DP0) and sums over points stay as they
   are. GKT_BAD_INPUT: the equation holds no rate of the field, its gradient, or its product with the gradient
   of the test function, or is not linear in it. */
GKT_API gkt_status gkt_form_lump(const gkt_form *residual, int field, gkt_form **out) GKT_MUST_CHECK;
/* With respect to a scalar constant: the same arity. */
GKT_API gkt_status gkt_form_derivative_constant(const gkt_form *, int constant,
                                                gkt_form **out) GKT_MUST_CHECK;
/* With respect to t where the form itself holds it, functions held fixed: the same arity. No integrals: it
   does not. Jumps by comparisons with t are not seen. */
GKT_API gkt_status gkt_form_derivative_time(const gkt_form *, gkt_form **out) GKT_MUST_CHECK;
/* R(u; v) becomes the functional R(u; w): the test functions are replaced by functions of the same shapes
   (an adjoint state). functions [num_arguments of index 0] */
GKT_API gkt_status gkt_form_replace_test(const gkt_form *, const int *functions,
                                         gkt_form **out) GKT_MUST_CHECK;
/* Of one scope and arity; arguments are the functions of either, so an equation of one field and the
   derivative of an energy of others are the residual of all. */
GKT_API gkt_status gkt_form_add(const gkt_form *, const gkt_form *, gkt_form **out) GKT_MUST_CHECK;
/* The part of a tangent with these two functions, of the first and the second argument, by number: a tangent
   of its own. No integrals: the block is zero. */
GKT_API gkt_status gkt_form_block(const gkt_form *, int row, int col, gkt_form **out) GKT_MUST_CHECK;
/* a tangent that depends on no field is that of a linear problem; jumps of the residual count */
GKT_API bool gkt_form_depends_on(const gkt_form *, int function);
GKT_API bool gkt_form_depends_on_time(const gkt_form *); /* on t */
GKT_API bool gkt_form_is_symmetric(const gkt_form *);    /* arity 2: proven by structure */
/* terms with equal measure, sets and degree are one; 0: identically zero */
GKT_API int gkt_form_num_integrals(const gkt_form *);

#ifdef __cplusplus
}
#endif
#endif
