/* Inside of scopes, expressions and forms, for `forms` and `assembly`. */
#ifndef GKT_FORMS_FORM_H
#define GKT_FORMS_FORM_H
#include "forms/graph.h"

/* RATE: of a field, added where a text takes it (rate.c); TWIN: added by stages (twin.c) */
typedef enum { GKT_ROLE_FIELD, GKT_ROLE_TEST, GKT_ROLE_COEFFICIENT, GKT_ROLE_RATE, GKT_ROLE_TWIN } gkt_role;
typedef struct {
  char *name;
  gkt_role role;
  gkt_shape shape;
  gkt_element element;
  int partner;       /* field <-> test; of a rate: its field; of a twin: whose it is; -1: none */
  bool follows_time; /* of a discrete coefficient: its values depend on t */
  int rates[2];      /* of a field: dt, dtt; -1: no text takes it */
  int shifts[3];     /* of a field, constants: of its value, dt, dtt in tangents (gkt_form_tangent); -1: no text takes a rate */
} gkt_function;

/* ---- element.c ---- */
enum { GKT_NUM_ELEMENT_KINDS = GKT_REAL + 1 };
#define GKT_ELEMENT_WORDS "P1 to P4 (continuous), DP0 to DP4 (discontinuous), P1B or P2B (with bubbles), or real (one number)" /* that a text may name */
void gkt_element_name(gkt_element, char *text, size_t size);                                                                   /* "P2", "DP0", "points(3)", "P1B", "real" */
/* The other way, of elements that a text may name. GKT_BAD_INPUT: it names none; GKT_UNAVAILABLE: of a degree that is not there yet. Without a message. */
gkt_status gkt_element_read(const char *text, gkt_element *out) GKT_MUST_CHECK;
void gkt_element_degrees(gkt_element_kind, int *least, int *most); /* that a function may be declared with; which of them there are is known where the cells are */
/* Of the values in a cell: on simplices the total degree, on others that of each direction; numbers at points: 0. More than e.degree: of bubbles. */
int gkt_element_polynomial_degree(gkt_element, int dim, bool simplex);
int gkt_element_complete_degree(gkt_element); /* of the polynomials that are all among the functions */

/* ---- scope (scope.c) ---- */
struct gkt_scope {
  gkt_context *ctx;
  gkt_graph *graph;
  int dim;
  int num_functions, num_constants, num_expressions;
  gkt_function *functions;
  char **constants;
  struct gkt_named_expression *expressions; /* scope.c */
  bool has_rates;                           /* some text takes one */
  char *flat;                               /* the first second derivative that was taken as zero, which holds on simplices with straight edges only (degree 1); NULL: none */
  gkt_refs refs;
};
bool gkt_scope_is_shift(const gkt_scope *, int constant); /* rate.c */
/* twin.c: "adjoint(u)" for what = "adjoint": a function of the shape and element of the given one, found or added */
gkt_status gkt_scope_twin(gkt_scope *, const char *what, int function, int *out) GKT_MUST_CHECK;
/* points.c: below the nodes, the first function that has values at quadrature points only, and the degree of their rule; -1: none has. other: one at those of another rule */
typedef struct {
  int degree, function, other;
} gkt_points_found;
bool gkt_is_at_points(const gkt_terminal *, const void *scope); /* a gkt_terminal_test */
gkt_status gkt_points_find(const gkt_scope *, int count, const gkt_node *, gkt_points_found *out) GKT_MUST_CHECK;
gkt_scope *gkt_scope_retain(const gkt_scope *); /* and gkt_scope_destroy lets go */

/* ---- a typed value: a shape and its components' nodes by rows ---- */
typedef struct {
  gkt_shape shape;
  gkt_node nodes[27];
} gkt_value; /* inside of an expression up to 27 components (the gradient of a vector of 9); functions and gkt_expression have at most 9 */
struct gkt_expression {
  gkt_scope *scope;
  gkt_value value;
  gkt_refs refs;
};
gkt_expression *gkt_expression_retain(const gkt_expression *);
gkt_status gkt_expression_derivative_time(const gkt_expression *, gkt_expression **out) GKT_MUST_CHECK; /* by t where it stands in it */
gkt_status gkt_expression_derivative_constant(const gkt_expression *, int constant, gkt_expression **out) GKT_MUST_CHECK;
gkt_status gkt_expression_derivative_function(const gkt_expression *, int function, int component, gkt_expression **out) GKT_MUST_CHECK; /* by its value, gradients held fixed */
gkt_status gkt_expression_derivative_coordinate(const gkt_expression *, int component, gkt_expression **out) GKT_MUST_CHECK;             /* by x[component] where it stands in it */
bool gkt_shapes_are_equal(gkt_shape, gkt_shape);                                                                                         /* shape.c */
bool gkt_expression_varies(const gkt_expression *);                                              /* in space: x, n, h, functions that are no reals */
gkt_status gkt_expression_points(const gkt_expression *, int *degree) GKT_MUST_CHECK;            /* points.c: the same of its components; refused where there are two rules */
bool gkt_expression_has_terminal(const gkt_expression *, gkt_terminal_test *, const void *user); /* one that passes the test */
bool gkt_expression_is_zero(const gkt_expression *);                                             /* the number 0, which fits any shape */

/* ---- what parsing a form yields: measure and integrand of each term, sign already in the integrand. type.c makes these, form.c takes them. ---- */
enum { GKT_LARGEST_QUADRATURE = 63 };                                                                 /* degree of the rules that assembly has */
typedef enum { GKT_MEASURE_DX, GKT_MEASURE_DS, GKT_MEASURE_DP, GKT_MEASURE_DS_INTERIOR } gkt_measure; /* DP: the sum over points, with names always */
typedef struct {
  gkt_measure measure;
  int num_names;
  char **names;       /* sets; none: everywhere (dx: all cells, ds: all outer facets) */
  gkt_mark *marks;    /* [num_names], for messages about the mesh */
  int degree;         /* given by `degree=`; -1: to be estimated */
  gkt_node integrand; /* may contain test functions */
  gkt_mark mark;      /* of the term */
} gkt_term;
typedef struct {
  int num_terms;
  gkt_term *terms;
} gkt_terms;
gkt_status gkt_terms_parse(gkt_scope *, gkt_form_kind, const gkt_source *, gkt_terms *out) GKT_MUST_CHECK;
void gkt_terms_destroy(gkt_context *, gkt_terms *);
gkt_status gkt_form_sum(gkt_scope *, gkt_form_kind, const gkt_source *origin, const gkt_terms *, gkt_form **out) GKT_MUST_CHECK; /* form.c; messages name the origin */

/* What a degree of quadrature depends on, besides the integrand; forms know no mesh, so they state one for each. Simplices: lines, triangles, tetrahedra. On others it counts for
   each direction. Curved: geometry of order 2. */
typedef enum { GKT_STRAIGHT_SIMPLICES, GKT_STRAIGHT_PRODUCTS, GKT_CURVED_SIMPLICES, GKT_CURVED_PRODUCTS, GKT_NUM_CELL_SORTS } gkt_cell_sort;

/* ---- form ----
   z(f) = (f_c, df_c/dx_1, .., df_c/dx_dim), numbered [c][1+dim]. An integral is
     arity 0: nodes[1]                  the integrand
     arity 1: nodes[nr][1+dim]          sum nodes * z(test)
     arity 2: nodes[nr][1+dim][nc][1+dim]   sum z(test) * nodes * z(trial)
   with nr, nc the components of all functions of the argument together (dim for GKT_COORDINATES). GKT_ZERO marks a structural zero. */
typedef struct {
  gkt_measure measure;
  int num_names;
  char **names;
  gkt_mark *marks;
  int degrees[GKT_NUM_CELL_SORTS]; /* of the quadrature: given, or estimated at parsing (arity 0/1 of the source) and inherited by derivatives; the largest among the terms */
  bool is_given;                   /* by degree=: all are that */
  bool at_nodes;                   /* lump.c: a sum over the nodes of a function's element instead, with the integrals of their functions as weights */
  int nodes_of;                    /* that function */
  int num_nodes;
  gkt_node *nodes;
} gkt_integral;
typedef struct { /* fields (not tests) or coefficients, ascending by number; or GKT_COORDINATES alone */
  int count, *functions;
} gkt_functions;
struct gkt_form {
  gkt_scope *scope;
  int arity;
  gkt_functions arguments[2]; /* components of an index are those of all its functions, one after the other */
  int num_integrals;          /* terms with equal measure, names, is_given, nodes and degree on straight simplices are one integral */
  gkt_integral *integrals;
  bool symmetric;         /* arity 2: proven, by identity of nodes, of polynomials, or by descent from an energy */
  gkt_functions branches; /* arity 2: functions of the last argument with which what it is the derivative of jumps, by a comparison or a sign: not linear whatever the nodes show */
  bool from_energy;       /* arity 1: the derivative of a functional, so that its own derivative is symmetric */
  char *file, *key;       /* for messages; may be NULL */
  char *place;            /* "FILE: KEY: line L: " of where it begins, or with its text where that has no line; NULL: not known */
  gkt_refs refs;
};
gkt_form *gkt_form_retain(const gkt_form *);
int gkt_form_num_functions(
    const gkt_form *); /* twin.c: arrays by functions that it is evaluated with have so many: those of the scope but for the last twins, if it holds none of them */
bool gkt_forms_are_equal(const gkt_form *, const gkt_form *);              /* of one scope: the same arguments, measures and nodes, in the same order */
bool gkt_terminal_varies_in_time(const gkt_terminal *, const void *scope); /* t, and coefficients that follow it */
bool gkt_form_has_terminal(const gkt_form *, gkt_terminal_test *, const void *user);
int gkt_form_components(const gkt_form *, int argument);                           /* nr, nc */
int gkt_function_components(const gkt_scope *, int function);                      /* of one of its functions */
static inline bool gkt_is_of_unknowns(const gkt_scope *s, const gkt_terminal *t) { /* of a field or its rates? */
  return gkt_is_of_function(t) && (s->functions[t->function].role == GKT_ROLE_FIELD || s->functions[t->function].role == GKT_ROLE_RATE);
}
static inline int gkt_field_of(const gkt_scope *s, int function) { return s->functions[function].role == GKT_ROLE_RATE ? s->functions[function].partner : function; }
/* functions.c */
gkt_status gkt_functions_set(gkt_context *, gkt_functions *, int count, const int *functions) GKT_MUST_CHECK;                   /* sorted by number; refuses one that comes twice */
gkt_status gkt_functions_unite(gkt_context *, const gkt_functions *, const gkt_functions *, gkt_functions *out) GKT_MUST_CHECK; /* those of either; out is no operand */
bool gkt_functions_are_equal(const gkt_functions *, const gkt_functions *);
bool gkt_functions_hold(const gkt_functions *, int function);
void gkt_source_describe(const gkt_source *, gkt_text *); /* source.c: "FILE: KEY: line L: ", or with its text where that has no line */
/* ---- for form_*.c ---- */
gkt_status gkt_form_create(gkt_scope *, int arity, int max_integrals, gkt_form **out) GKT_MUST_CHECK;
gkt_status gkt_form_copy_origin(const gkt_form *from, gkt_form *to) GKT_MUST_CHECK; /* file, key, arguments, branches */
/* A copy of the measure of `like` with num_nodes zeros, or the integral that has this measure already. */
gkt_status gkt_form_find_integral(gkt_form *, const gkt_integral *like, int num_nodes, gkt_integral **out) GKT_MUST_CHECK;
gkt_status gkt_form_choose_degrees(const gkt_form *, const gkt_term *, gkt_form_kind, gkt_integral *) GKT_MUST_CHECK; /* degree.c: degrees, is_given */
void gkt_form_drop_zeros(gkt_form *);                                                                                 /* integrals all of whose nodes are GKT_ZERO */
/* form_block.c: nodes of `to` += those of `from` at functions that both have: a part of a form, or a form of fewer functions in one of more. Of one scope and arity; `to` has room
   for the integrals. */
gkt_status gkt_form_spread(const gkt_form *from, gkt_form *to) GKT_MUST_CHECK;
gkt_status gkt_form_at_zero(const gkt_form *, int num_functions, const int *functions,
                            gkt_form **out) GKT_MUST_CHECK; /* form_at_zero.c: where these functions are 0; may be without integrals */
/* z of functions: [components of all][1+dim] terminals. */
gkt_status gkt_form_terminals(const gkt_form *, int num_functions, const int *functions, gkt_node **out, int *count) GKT_MUST_CHECK;
gkt_status gkt_form_shape_derivative(const gkt_form *, gkt_form **out) GKT_MUST_CHECK; /* form_shape.c: with respect to GKT_COORDINATES */
/* Of a tangent: an equation for each unknown, an unknown in each equation? GKT_BAD_INPUT, with the field's name and what was expected. */
gkt_status gkt_form_check_unknowns(const gkt_form *tangent) GKT_MUST_CHECK;
gkt_status gkt_form_prove_symmetry(gkt_form *) GKT_MUST_CHECK; /* arity 2 with equal arguments: sets symmetric */

/* ---- facts (facts.c): what the tangent proves. Ranges of terminals come from the caller (values of constants and coefficients, the mesh's box). ---- */
/* Is there a c > 0 with z'Gz >= c |grad u|^2 (of a vector field of dim components: c |sym grad u|^2) at every point and for all values in the ranges? (The Legendre condition;
   lower terms included.) If the tangent is positive, its kernel then lies in the constants (rigid motions) of each connected piece of what the integrals cover, provided that their
   quadrature sees every gradient. A coefficient that may come down to 0, as in [0, 1], proves nothing. */
typedef enum { GKT_NOT_ELLIPTIC, GKT_ELLIPTIC_IN_STRAINS, GKT_ELLIPTIC } gkt_ellipticity;
typedef struct {
  bool symmetric, positive;    /* positive: z'Gz >= 0 for every integral, see facts.c for the proof used */
  bool negative;               /* z'Gz <= 0, as of a multiplier's own block */
  bool zero;                   /* with the values that are known; then positive and negative as well. Of a block off the diagonal the only fact */
  gkt_ellipticity ellipticity; /* of the sum of the chosen integrals; GKT_NOT_ELLIPTIC unless positive */
  bool annihilates_constants;  /* A 1 = 0 before constraints: no zeroth-order column anywhere. The kernel may be larger: see ellipticity */
  bool annihilates_rotations;  /* principal part (cell integrals, gradient-gradient) vanishes on skew gradients; vector fields of dim components only */
  char why[256];               /* one clause */
} gkt_form_facts;
/* Of a tangent of several fields: of the whole. Of one field among them: of gkt_form_block(tangent, field, field). annihilates_rotations is of one field only; where a nonlinear
   form does not show it, it is asked of the state at rest, where the field is 0, or all fields are.
   chosen [num_integrals]: those over cells whose sum is asked for ellipticity, such as all that cover a cell and whose quadrature sees every gradient; NULL: dx without names. */
gkt_status gkt_form_analyse(const gkt_form *tangent, gkt_terminal_range *, const void *user, const bool *chosen, gkt_form_facts *out) GKT_MUST_CHECK;
#endif
