/* Inside of adjoints. All that is differentiated is a functional: J itself, and R(u; m) with the adjoint state in the place of the test function. */
#ifndef GKT_ADJOINT_ADJOINT_H
#define GKT_ADJOINT_ADJOINT_H
#include "forms/form.h"
#include "galerkit/adjoint.h"
#include "systems/system.h"

typedef struct {              /* products.c: F(w) = A w + F(0) */
  bool serves;                /* F is linear in one function, jumps counted */
  bool at_work;               /* a run is going back */
  bool fits;                  /* the matrix is of the data of this run */
  int function;               /* w */
  gkt_form *form, *rest_form; /* of the matrix and of F(0) */
  gkt_assembler *assembler, *rest_assembler;
  gkt_csr *matrix;
  gkt_scalar *rest; /* [rows] F(0); NULL: 0 */
} gkt_products;
typedef struct {            /* plan.c: a derivative; form NULL: it is 0 */
  gkt_form *form;           /* arity 0: by a constant; 1: by functions */
  gkt_assembler *assembler; /* NULL: nothing asked for it yet */
  gkt_products *products;   /* products.c; NULL: no run asked for it yet */
} gkt_adjoint_plan;

typedef struct { /* histories.c: one of the system's */
  int function, twin;
  gkt_size first, size;      /* in values of all of them, one behind the other */
  gkt_adjoint_plan residual; /* lambda' dR/dh */
  gkt_adjoint_plan update;   /* of the updates by its value of before */
} gkt_adjoint_history;

typedef struct {
  gkt_control_kind kind;
  char *name;
  int number; /* of the function or the constant; GKT_COORDINATES; of initial values the block */
  gkt_size size;
  gkt_signal *signal;                  /* of a coefficient whose values are given at times; else NULL */
  gkt_scalar *at;                      /* of that: [dofs] by its values at one time */
  bool is_used;                        /* something depends on it */
  bool in_conditions;                  /* it stands in the value of one */
  bool in_initial;                     /* likewise in initial values that are given by an expression */
  gkt_adjoint_plan residual;           /* lambda' dR/dm */
  gkt_adjoint_plan update, remembered; /* of updates of histories, and of what they are at the start */
  gkt_scalar *initial;                 /* [size] of initial values: those that were set; else NULL */
} gkt_adjoint_control;

/* second.c: a functional F along a change of state and controls. Along constants it is dF/dc, to be multiplied by the change of c */
typedef struct {
  gkt_adjoint_plan value; /* form NULL: it is 0, and all of it is */
  gkt_adjoint_plan by_state;
  gkt_adjoint_plan *by_control; /* [num_controls] */
  gkt_adjoint_plan *by_adjoint; /* [unknowns], of the residual: its change as a vector, block by block */
} gkt_adjoint_along;
typedef struct {            /* of one functional; NULL: not asked for yet */
  gkt_adjoint_along *along; /* [1 + num_controls]: state and coefficients; controls that are constants */
} gkt_adjoint_second;

typedef struct { /* initial.c: initial values of a block, or of its rates */
  int block, order;
  gkt_expression *value;
} gkt_adjoint_start;

struct gkt_adjoint {
  gkt_context *ctx;
  gkt_system *s;
  gkt_form *lagrangian; /* R(u; lambda) */
  int num_controls;
  gkt_adjoint_control *controls;
  int num_starts;
  gkt_adjoint_start *starts;
  int *twins;        /* [unknowns] functions "adjoint(u)" */
  int num_functions; /* of the scope, with these */
  const gkt_space **spaces;
  const gkt_scalar **values;
  gkt_adjoint_plan by_state;         /* A' lambda, all rows; asked for where a control stands in conditions */
  gkt_vector *lambda, *right, *part; /* [dofs]; right: -dJ/du, of u~; part: work */
  gkt_scalar *work;                  /* [largest control] */
  /* histories.c */
  int num_histories;
  gkt_adjoint_history *histories;
  gkt_size history_size;          /* numbers of all histories */
  gkt_form *updates, *remembered; /* sums over points of p . U, and of p . what is given at the start; NULL: none, or 0 */
  gkt_adjoint_plan update_by_state;
  gkt_scalar *p;             /* [history_size] twins' values */
  gkt_scalar *point_weights; /* [history_size] by which p is multiplied in the sums */
  /* hessian.c */
  gkt_adjoint_second second; /* of the residual */
  int *changes;              /* [unknowns + num_controls] functions "change(u)", "change(k)"; NULL: not asked for yet */
  gkt_vector *du, *dlambda;
  const gkt_functional *lambda_of; /* whose lambda it is, NULL: nobody's; at this u, after so many changes of data */
  gkt_vector *lambda_at;
  int lambda_changes;
};

struct gkt_functional {
  gkt_adjoint *a;
  gkt_adjoint_plan value;       /* of one form */
  int rate_order;               /* that it holds */
  gkt_adjoint_plan by_state;    /* [dofs] of u~ */
  gkt_adjoint_plan *by_control; /* [num_controls] */
  gkt_adjoint_plan *by_history; /* [num_histories of the adjoint]; NULL: none */
  gkt_adjoint_second second;
  gkt_vector *last;      /* its last adjoint state that an iteration found, where the next one may begin; NULL: none */
  gkt_expression *outer; /* of several; NULL: of one form. composed.c */
  int num_parts;
  gkt_functional **parts;  /* [num_parts] borrowed */
  int *places;             /* [num_parts] constants of the outer scope that they are */
  gkt_expression **slopes; /* [constants of the outer scope] derivatives of outer; NULL: 0 */
  int num_constants;
  gkt_scalar *constants; /* [num_constants] */
};

void gkt_adjoint_clear_starts(gkt_adjoint *); /* initial.c */
/* ---- plan.c ---- */
gkt_status gkt_adjoint_derive(const gkt_form *, const gkt_adjoint_control *, gkt_form **out) GKT_MUST_CHECK;  /* NULL: 0 */
gkt_status gkt_adjoint_derive_by_state(const gkt_adjoint *, const gkt_form *, gkt_form **out) GKT_MUST_CHECK; /* likewise */
gkt_status gkt_adjoint_plan_ahead(const gkt_adjoint *, bool tied, gkt_adjoint_plan *) GKT_MUST_CHECK;         /* the assembler */
void gkt_adjoint_plan_clear(gkt_adjoint_plan *);
/* out [size] += weight times it; work [size]. Nothing where it is 0 */
gkt_status gkt_adjoint_plan_add(const gkt_adjoint *, gkt_adjoint_plan *, const gkt_inputs *, double weight, gkt_size size, gkt_scalar *work, gkt_scalar *out) GKT_MUST_CHECK;

/* ---- products.c: while a run goes back, plans that are linear in one function that moves are products with a matrix; data do not change until it ends ---- */
gkt_status gkt_products_begin(const gkt_adjoint *, gkt_adjoint_plan *) GKT_MUST_CHECK;
void gkt_products_end(gkt_adjoint_plan *);
bool gkt_products_are_at_work(const gkt_adjoint_plan *);
gkt_status gkt_products_add(const gkt_adjoint *, gkt_adjoint_plan *, const gkt_inputs *, double weight, gkt_size size, gkt_scalar *out) GKT_MUST_CHECK;
void gkt_products_destroy(gkt_products **);

/* Where derivatives by a control's values at one time are added up, g itself or, of a gkt_signal, zeroed work; then that goes to the times beside it. g [size] += */
gkt_scalar *gkt_adjoint_at_once(const gkt_adjoint_control *, gkt_scalar *g);
void gkt_adjoint_over_times(const gkt_adjoint_control *, double time, gkt_scalar *g);
/* The same of a derivative by a control: by values at a time, where these are the control. += */
gkt_status gkt_adjoint_plan_add_control(const gkt_adjoint *, const gkt_adjoint_control *, gkt_adjoint_plan *, const gkt_inputs *, double weight, gkt_scalar *g) GKT_MUST_CHECK;

gkt_status gkt_adjoint_add_at_points(const gkt_adjoint *, const gkt_form *, const gkt_space *, const gkt_inputs *, double weight,
                                     gkt_scalar *out) GKT_MUST_CHECK; /* at_points.c: by values of this space; += */

static inline bool gkt_adjoint_is_initial(const gkt_adjoint_control *c) { return c->kind == GKT_CONTROL_INITIAL || c->kind == GKT_CONTROL_INITIAL_RATE; }
static inline bool gkt_adjoint_is_control(const gkt_terminal *t, const void *control) { /* a gkt_terminal_test */
  const gkt_adjoint_control *c = control;
  if (c->kind == GKT_CONTROL_SHAPE) return t->kind == GKT_TERM_X || t->kind == GKT_TERM_NORMAL || t->kind == GKT_TERM_H || t->kind == GKT_TERM_GRAD;
  if (gkt_adjoint_is_initial(c)) return false;
  return c->kind == GKT_CONTROL_CONSTANT ? t->kind == GKT_TERM_CONSTANT && t->function == c->number : gkt_is_of_function(t) && t->function == c->number;
}
/* adjoint.c: is one of this kind? Is one of those that are asked for [num_controls] in the value of a condition? */
bool gkt_adjoint_has_kind(const gkt_adjoint *, gkt_control_kind);
gkt_status gkt_adjoint_check_control(const gkt_adjoint *, int control, const void *values) GKT_MUST_CHECK; /* is there one of that number, and an array for it? */
bool gkt_adjoint_asks_for_conditions(const gkt_adjoint *, gkt_scalar *const *gradients);
gkt_status gkt_adjoint_inputs(gkt_adjoint *, const gkt_vector *u, gkt_inputs *out) GKT_MUST_CHECK; /* adjoint.c: with lambda */
void gkt_adjoint_add_lambda(gkt_adjoint *, gkt_inputs *inout);                                     /* to inputs of the system, in the place where it is */
/* ---- place.c: the adjoint's vectors stand where the last state did that gkt_adjoint_inputs was given ---- */
typedef struct {
  gkt_inputs inputs;
  int num;
  gkt_scalar **own; /* [num]; NULL: those that were given stand on the host */
  const gkt_scalar **values;
} gkt_brought_inputs;
gkt_status gkt_adjoint_settle(gkt_adjoint *, gkt_where) GKT_MUST_CHECK;
const gkt_scalar *gkt_adjoint_values(const gkt_vector *);                                                      /* in its place, for inputs there */
gkt_status gkt_adjoint_bring(const gkt_adjoint *, const gkt_inputs *, gkt_brought_inputs *out) GKT_MUST_CHECK; /* on the host, until they are left */
void gkt_adjoint_leave(gkt_brought_inputs *);
/* As gkt_adjoint_plan_add, to entries first .. of a vector where the inputs are; of u~ */
gkt_status gkt_adjoint_plan_add_vector(const gkt_adjoint *, gkt_adjoint_plan *, const gkt_inputs *, double weight, gkt_idx first, gkt_idx count, gkt_vector *out) GKT_MUST_CHECK;
/* gradient.c: += weight dJ/du, [dofs] of u~, and weight dJ/dm, J evaluated at these inputs before. order 1 and 2: by u' and u'', whose shift is set. */
gkt_status gkt_functional_add_by_state(gkt_functional *, int order, const gkt_inputs *, double weight, gkt_vector *out) GKT_MUST_CHECK;
gkt_status gkt_adjoint_check_functional(const gkt_adjoint *, const gkt_functional *) GKT_MUST_CHECK; /* it is one, and of this adjoint */
int gkt_functional_rate_order(const gkt_functional *);                                               /* the highest rate of the state that it holds, 0 to 2 */
gkt_status gkt_functional_add_by_control(gkt_functional *, int control, const gkt_inputs *, double weight, gkt_scalar *g) GKT_MUST_CHECK;
/* kinks.c: of the equation; of a functional's form; of what makes one number of others */
gkt_status gkt_adjoint_warn_kinks(const gkt_adjoint *) GKT_MUST_CHECK;
gkt_status gkt_functional_warn_kinks(const gkt_functional *, const gkt_form *) GKT_MUST_CHECK;
gkt_status gkt_functional_warn_outer_kinks(const gkt_functional *) GKT_MUST_CHECK;
/* finite.c: not valid, and why: derivatives of the outer expression, after the functional was evaluated; values [num_controls][size of the control], NULL: not asked for */
gkt_status gkt_adjoint_check_weights(const gkt_functional *, gkt_solve_report *) GKT_MUST_CHECK;
void gkt_adjoint_check_finite(const gkt_adjoint *, const char *what, gkt_scalar *const *values, gkt_solve_report *);

bool gkt_functional_holds_history(const gkt_functional *);

/* ---- histories.c ---- */
gkt_status gkt_adjoint_find_histories(gkt_adjoint *) GKT_MUST_CHECK;                           /* and their twins */
gkt_status gkt_adjoint_derive_histories(gkt_adjoint *) GKT_MUST_CHECK;                         /* arrays, and updates by all */
gkt_status gkt_adjoint_derive_remembered(gkt_adjoint *, gkt_adjoint_control *) GKT_MUST_CHECK; /* updates and starts by a control */
void gkt_adjoint_clear_histories(gkt_adjoint *);
gkt_status gkt_functional_derive_histories(gkt_functional *, const gkt_form *) GKT_MUST_CHECK;

/* ---- second.c ---- */
gkt_status gkt_adjoint_plan_second(gkt_adjoint *, const gkt_form *, bool is_residual, gkt_adjoint_second *) GKT_MUST_CHECK; /* once */
void gkt_adjoint_second_clear(const gkt_adjoint *, gkt_adjoint_second *);

gkt_status gkt_adjoint_grow(gkt_adjoint *) GKT_MUST_CHECK; /* adjoint.c: arrays by functions, to all of the scope */
gkt_status gkt_adjoint_find_lambda(gkt_functional *, const gkt_solve_options *, const gkt_vector *u, const gkt_inputs *, gkt_solve_report *) GKT_MUST_CHECK; /* gradient.c */

/* ---- shape.c: the coordinates of the mesh's nodes ---- */
gkt_status gkt_adjoint_check_shape(const gkt_adjoint *) GKT_MUST_CHECK;                           /* refuses a system whose shape is no control yet */
gkt_status gkt_adjoint_check_places(const gkt_adjoint *, const gkt_form *) GKT_MUST_CHECK;        /* likewise a form, where the shape is a control */
gkt_status gkt_adjoint_check_means(const gkt_adjoint *, const gkt_solve_report *) GKT_MUST_CHECK; /* likewise what nothing fixes, after the adjoint was solved for */
gkt_status gkt_adjoint_move(gkt_adjoint *, const gkt_scalar *coords) GKT_MUST_CHECK;
double gkt_adjoint_shape_unit(const gkt_adjoint *); /* a small part of the shortest edge */

/* ---- conditions.c: controls that stand in the values g of conditions. dJ/dg = dJ/du + A' lambda on dofs with conditions ---- */
gkt_status gkt_adjoint_look_at_conditions(const gkt_adjoint *, gkt_adjoint_control *) GKT_MUST_CHECK;    /* in_conditions; refuses what is not available */
gkt_status gkt_adjoint_derive_values(gkt_adjoint *, const gkt_inputs *, gkt_scalar *out) GKT_MUST_CHECK; /* out [dofs] = dJ/dg, of u~; 0 on other dofs */
/* where: in words. Refuses a control whose gradient stands in what is interpolated */
gkt_status gkt_adjoint_check_interpolated(const gkt_adjoint *, const gkt_adjoint_control *, const gkt_expression *value, const char *where) GKT_MUST_CHECK;
/* += by a control in an expression that nodes of a space take values of; by_values [dofs of the space] */
gkt_status gkt_adjoint_add_by_interpolated(gkt_adjoint *, const gkt_adjoint_control *, const gkt_expression *value, const gkt_space *, const gkt_inputs *,
                                           const gkt_scalar *by_values, gkt_scalar *g) GKT_MUST_CHECK;
gkt_status gkt_adjoint_add_by_conditions(gkt_adjoint *, const gkt_adjoint_control *, const gkt_inputs *, const gkt_scalar *by_values, gkt_scalar *g) GKT_MUST_CHECK; /* += */

/* ---- composed.c: J as a sum of parts, weight [num_parts] each: for a functional of one form the number 1 ---- */
int gkt_functional_num_parts(const gkt_functional *);
gkt_functional *gkt_functional_part(gkt_functional *, int i);
gkt_status gkt_functional_evaluate(gkt_functional *, const gkt_inputs *, double *value) GKT_MUST_CHECK;
gkt_status gkt_functional_weight(const gkt_functional *, int part, double *out) GKT_MUST_CHECK;                   /* after it was evaluated */
int gkt_functional_place(const gkt_functional *, const gkt_adjoint_control *);                                    /* its number in the outer scope; -1: it does not stand there */
gkt_status gkt_functional_slope(const gkt_functional *, const gkt_adjoint_control *, double *out) GKT_MUST_CHECK; /* by a constant that stands in the outer expression */
bool gkt_functional_holds(const gkt_functional *, int control);                                                   /* itself, not through the state */
#endif
