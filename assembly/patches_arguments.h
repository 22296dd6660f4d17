/* Arguments of the kernel of patches.cu, after which the emitted text (patches_emit.c) puts its own: blocks, sources, tables, values and nodes. Arrays as in patches.h. */
#ifndef GKT_ASSEMBLY_PATCHES_ARGUMENTS_H
#define GKT_ASSEMBLY_PATCHES_ARGUMENTS_H
#include "core/device.h"
#include "assembly/sets_arguments.h"

typedef struct {
  const gkt_idx *first, *cells;
  const gkt_short *numbers;
} gkt_patch_block_arguments;

typedef struct {
  const gkt_idx *first, *entities;
  const gkt_short *records;
  const gkt_idx *cells;
  gkt_scalar normal[3];
  gkt_size num_points;
} gkt_patch_source_arguments;

typedef struct {
  const gkt_idx *first_row, *first_pair, *first_value, *stride, *first_node, *nodes, *first_group, *first_word;
  const unsigned *list; /* words of two codes */
  const gkt_short *slots, *places, *mirrors;
  const gkt_scalar *coords, *constants;
  gkt_scalar *values;
  gkt_scalar time;
} gkt_patch_arguments;

/* What a block of threads works on. */
typedef struct {
  int patch, room;    /* scalars of the records of a set */
  gkt_set_group sets; /* fewer in the last group */
  gkt_size apart;     /* scalars from one result to the next */
} gkt_patch_work;
#endif
