/* A part of an assembler: its maps, with the couplings alone that some targets need, and these targets. For kernels of a device that compute some blocks of a form; everything else
   is the assembler's, which outlives it. */
#ifndef GKT_ASSEMBLY_PART_H
#define GKT_ASSEMBLY_PART_H
#include "assembly/assembler.h"

/* taken [targets]. Tensors that a taken one is copied from are computed as well, and their targets have no reduce here, as all others that are not taken. */
gkt_status gkt_assembler_part_create(const gkt_assembler *, const bool *taken, gkt_assembler **out) GKT_MUST_CHECK;
void gkt_assembler_part_destroy(gkt_assembler **); /* parts alone */
#endif
