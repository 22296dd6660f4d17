/* Schur complements of a tangent as forms. With the blocks A (u, u), G (u, p), D (p, u), C (p, p) of a field p and others u, S = C - D A^-1 G; as an operator of the principal
   symbols it is a weight, or a second-order operator, so that a mass matrix or a stiffness matrix of p stands for it in a preconditioner:

   - A of order 2, coupling of order 1 (Stokes, elasticity): a mass, of weight mean over the directions k of D_k A_kk^-1 G_k; 1/(2 mu) for 2 mu sym(grad u), 1/mu for mu grad u.

   - A of order 0, coupling of order 1 (Darcy): a stiffness, grad q . D A^-1 G grad p.

   - A of both (Brinkman, steps of time-dependent Stokes): both, whose inverses add up (Cahouet and Chabard, Int. J. Numer. Meth. Fluids 8, 1988).

   - A of order 0, coupling of order 0: a mass, of weight D A^-1 G.

   C is added where it has the sign of the rest (compressibility, stabilisation). Weights vary with the coefficients and with the state, as the viscosity does (Grinevich and
   Olshanskii, SIAM J. Sci. Comput. 31, 2009); first-order terms of A (convection) are left out, so the quality falls with the Reynolds number (Elman, Silvester and Wathen, Finite
   Elements and Fast Iterative Solvers, 2014, chapters 4 and 9). Integrals over facets and points are left out, too. */
#ifndef GKT_FORMS_SCHUR_H
#define GKT_FORMS_SCHUR_H
#include "forms/form.h"

typedef struct {
  int count;          /* 0: none is known, and why says what is missing */
  gkt_form *forms[2]; /* arity 2 in p, symmetric: S is close to sign (sum of their inverses)^-1 */
  int sign;           /* -1: of a symmetric saddle point; 1: where the signs of D and -G' are equal, as of q*div(u) with -p*div(v) */
  int other;          /* the field u that both, or most, come from; -1: none */
  bool weak;          /* derivatives of the second form, or of the only one if it is of second order, come from the tests of u by parts: where u is not fixed on the boundary, it is
                         close only with p = 0 there */
  bool is_saddle;     /* u is a velocity or displacement, p its pressure (a divergence, A of order 2, C zero or small): their spaces have to be inf-sup stable */
  char why[256];      /* one clause */
} gkt_schur_forms;
/* field: p, in both arguments of the tangent. */
gkt_status gkt_form_find_schur(const gkt_form *tangent, int field, gkt_terminal_range *, const void *user, gkt_schur_forms *out) GKT_MUST_CHECK;
void gkt_schur_forms_clear(gkt_schur_forms *);
#endif
