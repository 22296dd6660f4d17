/* Element tensors on a device: one launch for each map and group, in the order of the host. A thread computes the tensors of a cell and adds them to those of the cell, so that
   each sum has the bits that it has on the host; entities of dP follow each other in their cell. Nothing is allocated after the plan, but for the matrices of frames that were set
   anew. */
#ifndef GKT_ASSEMBLY_ELEMENTS_H
#define GKT_ASSEMBLY_ELEMENTS_H
#include "assembly/assembler.h"
#include "assembly/device_copies.h"
#include "assembly/device_inputs.h"
#include "assembly/elements_arguments.h"
#include "assembly/sets_arguments.h"

typedef struct gkt_elements gkt_elements;
/* Of the assembler, or of a part of it that lives longer. sums [targets]: [contributions][block] of each that has a reduce, on the device; sets: of each set of a batch, and they
   may be others at each run. */
gkt_status gkt_elements_create(const gkt_assembler *, const gkt_device_inputs *, gkt_copies *, const gkt_scalars *sums, bool sets, gkt_elements **out) GKT_MUST_CHECK;
void gkt_elements_destroy(gkt_elements **); /* before its device is closed */
/* The tensors of all cells, of the inputs that were sent last; '='. */
gkt_status gkt_elements_run(gkt_elements *, gkt_scalar time) GKT_MUST_CHECK;
/* The same of sets of a batch: inputs of the first of them, on the device; how->items and results_stride are not read. */
gkt_status gkt_elements_run_sets(gkt_elements *, const gkt_inputs *, const gkt_sets_arguments *how, const gkt_size *strides) GKT_MUST_CHECK;
gkt_size gkt_elements_bytes_held(const gkt_elements *); /* of scratch */

/* ---- map_emit_device.c ---- */
enum {
  GKT_ELEMENT_THREADS = 128,
  GKT_ELEMENT_SETS = 4 /* that a thread does of a cell */,
  GKT_LARGE_TENSOR = 1024 /* scalars: more are kept in memory of the plan */,
  GKT_MOST_FRESH = 62 /* couplings that `fresh` has bits for */
};
bool gkt_map_reads(const gkt_map *, int function);                      /* values of it? */
bool gkt_coupling_is_tied(const gkt_assembler *, const gkt_coupling *); /* has any argument ties? */
bool gkt_map_is_tied(const gkt_assembler *, const gkt_map *);
/* For kernels with arguments `a.ties` [functions]: types and functions of turn.cu, once before; of a cell `cell`, what gkt_turn_tensor is told: `shape`, `rows`, `cols`. nodes:
   text of the array [functions] of the block's dof numbers. */
void gkt_map_emit_turns(gkt_text *);
void gkt_map_emit_sides(const gkt_assembler *, const gkt_coupling *, const char *nodes, gkt_text *);
int gkt_map_num_tables(const gkt_map *); /* weights, values and gradients of each basis */
/* All maps and their kernels gkt_elements_NUMBER; sets: of batches; refused: what only the host can call. */
gkt_status gkt_elements_source(const gkt_assembler *, bool sets, gkt_text *) GKT_MUST_CHECK;
#endif
