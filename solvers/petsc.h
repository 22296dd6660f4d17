/* PETSc as this stage uses it: one initialization, errors that return, options under a prefix of their own. Not installed. */
#ifndef GKT_SOLVERS_PETSC_H
#define GKT_SOLVERS_PETSC_H
#include <petscksp.h>

#include "core/core.h"

/* A stay inside PETSc. PETSc is not thread-safe: one thread at a time is inside, others wait; the same thread may enter again. */
typedef struct {
  gkt_context *ctx;
  bool inside;
  int threads;     /* of OpenMP in the caller; inside it is 1: hypre's smoothers depend on their number, results must not */
  int blas;        /* threads of the BLAS in the caller, likewise; 0: it has none, or does not say */
  char text[1024]; /* the first error PETSc raised during this stay */
} gkt_petsc;
gkt_status gkt_petsc_enter(gkt_context *, gkt_petsc *out) GKT_MUST_CHECK; /* *out stays where it is until gkt_petsc_leave */
int gkt_blas_set_threads(int count);                                      /* returns how many there were, 0 as in gkt_petsc.blas; count 0: none are set */
void gkt_petsc_leave(gkt_petsc *);                                        /* does nothing on a stay that never began */
/* PETSc's code as ours, with PETSc's own text as the context's message. */
gkt_status gkt_petsc_status(gkt_petsc *, PetscErrorCode) GKT_MUST_CHECK;
#define GKT_PETSC(petsc, call) GKT_GO(gkt_petsc_status(petsc, call))

/* ---- options (options.c): kept in PETSc's database under a prefix that no other solve has, and taken out again ---- */
typedef struct {
  gkt_petsc *petsc;
  char prefix[32]; /* "gkt17_" */
  int num_names;
  struct gkt_petsc_option {
    char *name; /* with the prefix, "-gkt17_pc_type" */
    bool given; /* by the user: reported when unused */
  } * names;
} gkt_petsc_options;
void gkt_petsc_options_begin(gkt_petsc *, gkt_petsc_options *out);
/* text: as on a PETSc command line. given: by the user; a later value replaces an earlier one, but never one that the user gave. Malformed words: GKT_BAD_INPUT. */
gkt_status gkt_petsc_options_insert(gkt_petsc_options *, const char *text, bool given) GKT_MUST_CHECK;
bool gkt_petsc_options_has(const gkt_petsc_options *, const char *name);         /* "-pc_type", given by the user */
bool gkt_petsc_options_begin_with(const gkt_petsc_options *, const char *begin); /* any such, given by the user */
void gkt_petsc_options_drop(gkt_petsc_options *, const char *name);              /* unless the user gave it; name NULL: all of these */
/* Of what PETSc refused while it read or used options: where any are the user's, GKT_BAD_INPUT with one message that names the one at fault, or all where PETSc does not tell. */
gkt_status gkt_petsc_options_blame(const gkt_petsc_options *, gkt_status) GKT_MUST_CHECK;
void gkt_petsc_options_warn_unused(const gkt_petsc_options *);
void gkt_petsc_warn_unused(gkt_context *, const char *name); /* without its dash */
void gkt_petsc_options_end(gkt_petsc_options *);             /* removes them; a zeroed object is fine */
typedef struct {
  const char *begin, *inside; /* with and without its quotes */
  size_t length, inside_length;
  bool is_name; /* "-pc_type", without quotes */
} gkt_petsc_word;
bool gkt_petsc_next_word(const char **text, gkt_petsc_word *out); /* false at the end of the text */
#endif
