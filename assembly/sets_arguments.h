/* Arguments of kernels that do several sets of a batch at once, for C and for kernels. [functions] scalars from set to set of their values follow (sets_emit.c). */
#ifndef GKT_ASSEMBLY_SETS_ARGUMENTS_H
#define GKT_ASSEMBLY_SETS_ARGUMENTS_H
#include "core/device.h"

typedef struct {
  gkt_size count;                            /* of sets */
  gkt_size constants_stride, results_stride; /* scalars from set to set */
  gkt_size items;                            /* of one group of sets: patches, cells, sums */
} gkt_sets_arguments;

/* Those that a thread does one after the other. */
typedef struct {
  gkt_size first;
  int count;
} gkt_set_group;
#endif
