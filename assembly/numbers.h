/* The plan of a target that is one sum, of all cells, as a number is: patches are runs of GKT_RUN terms, cells in their order through all blocks. Of gkt_row_patches it has first
   (cells of the block before each run) and those of the sources that do not cover all cells; what a run has of these stands together. Records are terms. */
#ifndef GKT_ASSEMBLY_NUMBERS_H
#define GKT_ASSEMBLY_NUMBERS_H
#include "assembly/patches_emit.h"

gkt_status gkt_number_runs_create(const gkt_patch_shares *, gkt_row_patches **out) GKT_MUST_CHECK;
#endif
