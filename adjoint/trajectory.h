/* States that a run in time went through. Not installed. */
#ifndef GKT_ADJOINT_TRAJECTORY_H
#define GKT_ADJOINT_TRAJECTORY_H
#include "core/spill.h"
#include "galerkit/time_adjoint.h"
#include "time/time.h"

typedef struct {
  double start, length; /* length 0: the step before, or the start, solved again */
  bool forgets;         /* at its end the solver forgot what only the past explained, as a record was taken */
} gkt_trajectory_step;
typedef struct { /* gkt_time_get_record after so many steps */
  gkt_size step;
  gkt_scalar *values;
} gkt_trajectory_record;

struct gkt_trajectory {
  gkt_context *ctx;
  gkt_time *t;
  bool has_begun, is_repeating;
  gkt_size num_steps, repeated;
  gkt_trajectory_step *steps; /* [num_steps] */
  gkt_size num_whole;
  gkt_size *whole;            /* [num_whole] the number of the state that each step of a length leads to */
  int num_vectors;            /* of a state: u, or u, u' and u'' */
  gkt_size history_size;      /* numbers of all histories, behind these */
  gkt_scalar *given;          /* [history_size] before the start; NULL: none */
  gkt_size most_states;       /* 0: no limit, and no records */
  gkt_size first, num_states; /* those that are kept: of so many steps and on */
  gkt_scalar **states;        /* [num_states][num_vectors dofs + history_size] */
  gkt_scalar *before;         /* [dofs] u before the first of them; of the start nothing */
  gkt_scalar *start_rate;     /* [dofs] u' at the start, where states have none; else NULL */
  gkt_spill *spill;           /* of the first states, rows as states are; NULL: none */
  gkt_size most_stored, num_stored;
  gkt_size base;    /* the step of the first record: the last that is stored, or the start */
  gkt_size spacing; /* of records, in steps */
  gkt_size num_records, most_records;
  gkt_trajectory_record *records; /* [num_records], ascending */
};
/* States n and n - 1, and the u before, are kept: n from 1. Not valid where a step fails that did not before. */
gkt_status gkt_trajectory_reach(gkt_trajectory *, gkt_size n, gkt_time_gradient_report *) GKT_MUST_CHECK;
/* Of a state that is kept: order 0 to 2 [dofs]; NULL: schemes do not go on from it */
const gkt_scalar *gkt_trajectory_state(const gkt_trajectory *, gkt_size n, int order);
const gkt_scalar *gkt_trajectory_histories(const gkt_trajectory *, gkt_size n);
const gkt_scalar *gkt_trajectory_before(const gkt_trajectory *, gkt_size n); /* u of n - 1; NULL: there is none, n is 0 */
double gkt_trajectory_time(const gkt_trajectory *, gkt_size n);              /* of state n */
bool gkt_trajectory_rests(const gkt_trajectory *, gkt_size n);               /* state n is what its step leaves, not one that is solved for again */
double gkt_trajectory_weight(const gkt_trajectory *, gkt_size n);            /* of state n, in the trapezoidal rule */
#endif
