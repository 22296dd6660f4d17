/* Files from which a run goes on (checkpoint_file.c). */
#ifndef GKT_PROBLEM_CHECKPOINT_H
#define GKT_PROBLEM_CHECKPOINT_H
#include "problem/problem.h"

enum { GKT_CHECKPOINT_COUNTS = 16 };
typedef struct {
  char *problem;
  char mesh[GKT_HASH_TEXT];
  double time;                      /* at which it was written, or what stands for it */
  gkt_size size, count, num_limits; /* numbers of the record; rows of results, of limit points of a path */
  int width;
  gkt_scalar *record, *rows, *limits;
  int32_t counts[GKT_CHECKPOINT_COUNTS];
} gkt_checkpoint;
/* Sizes are set: the problem is described, arrays are made for the caller to fill. */
gkt_status gkt_checkpoint_begin(gkt_problem *, gkt_identity, gkt_checkpoint *) GKT_MUST_CHECK;
gkt_status gkt_checkpoint_write(gkt_problem *, const char *name, const char *kind, const gkt_checkpoint *) GKT_MUST_CHECK; /* relative to --out */
/* Refused where it is damaged or of another problem or mesh; to be cleared whatever the status. */
gkt_status gkt_checkpoint_read(gkt_problem *, gkt_identity, const char *path, const char *kind, gkt_checkpoint *out) GKT_MUST_CHECK;
void gkt_checkpoint_clear(gkt_checkpoint *);
#endif
