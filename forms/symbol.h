/* Inside of the search for Schur complements: schur.c sums what schur_coupling.c finds of each other field, with coefficients and small matrices of symbol.c. */
#ifndef GKT_FORMS_SYMBOL_H
#define GKT_FORMS_SYMBOL_H
#include "forms/schur.h"

/* ---- symbol.c ---- */
enum { GKT_SYMBOL_MOST = 9 }; /* components of a field */
typedef struct {
  int rows, cols;
  gkt_node at[GKT_SYMBOL_MOST * GKT_SYMBOL_MOST]; /* [rows][cols] */
} gkt_small;
/* Integrals over cells of one block that have terms of an order: those of the whole mesh if there are any, else those of named parts. */
typedef enum { GKT_ORDER_ZERO, GKT_ORDER_ANY, GKT_ORDER_TWO } gkt_order;
typedef struct {
  const gkt_form *form;
  gkt_order order;
  bool present, everywhere;
} gkt_symbol_part;
gkt_symbol_part gkt_symbol_part_of(const gkt_form *block, gkt_order);
bool gkt_symbol_counts(const gkt_symbol_part *, const gkt_integral *, const gkt_integral *place); /* is it summed at this place? */
bool gkt_same_names(const gkt_integral *, const gkt_integral *);
/* The coefficients of a block at a place: first[k] of d_k u, zeroth of u, both against the other function without derivatives, after partial integration; second[k] of d_k against
   d_k. Rows are those of the block. */
typedef struct {
  gkt_small zeroth, first[3], second[3];
  bool mixed; /* d_k against d_l is there */
  bool weak;  /* first: of derivatives of the test function */
} gkt_symbol;
void gkt_symbol_of(const gkt_symbol_part *, const gkt_integral *place, gkt_symbol *out);
bool gkt_small_is_zero(const gkt_small *);
gkt_small gkt_small_transpose(const gkt_small *);
void gkt_make_symmetric(gkt_graph *, int n, gkt_node *nodes); /* [n][n]: the symmetric part, one node for both */
void gkt_negate(gkt_graph *, int count, gkt_node *nodes);
gkt_small gkt_small_product(gkt_graph *, const gkt_small *, const gkt_small *);
/* X of A X = B by elimination; false: a pivot is zero. A symmetric, meant to be definite. */
bool gkt_small_solve(gkt_graph *, const gkt_small *A, const gkt_small *B, gkt_small *X);
gkt_small gkt_small_mean(gkt_graph *, int count, const gkt_small *);

/* ---- schur_coupling.c ---- */
enum { GKT_SCHUR_PLACES = 32, GKT_SCHUR_TERMS = 256 };
typedef struct {
  const gkt_form *tangent;
  gkt_scope *scope;
  gkt_graph *graph;
  gkt_context *ctx;
  gkt_terminal_range *range;
  const void *user;
  int field, dim, components;
  int num_terminals;
  gkt_node *terminals, *zeros; /* z of all fields of the scope, and as many GKT_ZERO: the state at rest */
  gkt_monomial *work;          /* [2 GKT_SCHUR_TERMS] */
  gkt_schur_forms *out;
} gkt_schur_search;

/* One other field. */
typedef struct {
  int other;
  gkt_form *A, *G, *D; /* blocks (other, other), (other, field), (field, other) */
  gkt_symbol_part second, zeroth, row, col;
  int num_places;
  const gkt_integral *places[GKT_SCHUR_PLACES]; /* integrals whose names are places; {NULL}: the whole mesh */
  int sign;                                     /* 1: G' = D, as of a symmetric tangent; -1: G' = -D; 0: not known yet */
  gkt_form *mass, *stiffness;                   /* what it gives */
  bool weak;
  bool is_divergence;  /* of a vector of dim components, against a second-order block */
  gkt_interval weight; /* of the mass */
} gkt_schur_coupling;
gkt_status gkt_schur_look_at(gkt_schur_search *, int other, gkt_schur_coupling *) GKT_MUST_CHECK; /* gkt_schur_forget is due afterwards, also after a failure */
void gkt_schur_forget(gkt_schur_coupling *);
/* Why there is no form; the first clause is kept. */
gkt_status gkt_schur_explain(gkt_schur_search *, const char *format, ...) GKT_PRINTF(2, 3);
const char *gkt_schur_name(const gkt_schur_search *, int function);
gkt_interval gkt_schur_range(const gkt_schur_search *, gkt_node);
#endif
