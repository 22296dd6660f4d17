/* Backends: a table with one row each for who runs the maps of an assembler. Assemblers, batches and executions name no backend; a new one is a row here and the files it names. */
#ifndef GKT_ASSEMBLY_BACKEND_H
#define GKT_ASSEMBLY_BACKEND_H
#include "assembly/assembler.h"

/* The entities of one group of one map that are in one chunk of the reduce plan. */
typedef struct {
  int map, group, chunk;
} gkt_share;

/* Sets of a batch that go through the cells together. */
typedef struct {
  const gkt_assembler *a;
  const gkt_batch *batch;
  gkt_inputs inputs; /* of the first set of the pass */
  int num_sets, num_groups /* of GKT_LANES sets */;
  gkt_size group_stride; /* scalars of sums of one group */
  gkt_scalar *results;   /* of the first set of the pass */
} gkt_pass;
gkt_inputs gkt_inputs_of_set(const gkt_assembler *, const gkt_inputs *first, const gkt_batch *, gkt_size set, const gkt_scalar **values); /* values [functions]: room */

struct gkt_backend_ops {
  const char *name;
  bool calls_program; /* can it call custom functions? */
  bool on_device;     /* it sums by itself, and takes arrays of the device */
  /* Who runs: itself, or another one in its place, with a notice. Refused: the reason. */
  gkt_status (*find)(gkt_context *, const gkt_backend_ops **out);
  /* Once the maps and targets are there: kernels, memory, what is told (info). */
  gkt_status (*plan)(gkt_assembler *);
  void (*destroy)(gkt_assembler *); /* also after a plan that failed */
  /* All of it for one set, for one pass; '='. where: of the values, those of inputs were checked. */
  gkt_status (*execute)(const gkt_assembler *, const gkt_inputs *, gkt_scalar *values, gkt_where);
  /* All sets of a batch, in a place of the results that was checked; NULL: by passes of sets, and one by one. */
  gkt_status (*execute_batch)(const gkt_assembler *, const gkt_inputs *, const gkt_batch *, gkt_scalar *results);
  gkt_status (*execute_sets)(const gkt_pass *);
  /* ---- of those that run on the host ---- */
  /* Kernels of the maps that have work [maps]; adders [maps][targets]; NULL: those of batches. */
  gkt_status (*compile)(const gkt_assembler *, gkt_module **, gkt_map_kernel **kernels, gkt_add_kernel **adders);
  /* Scalars of a worker's workspace for the map; groups: of sets that go together, 0: one set alone. */
  gkt_size (*workspace)(const gkt_map *, int groups);
  /* The share's element tensors, added to the worker's sums of its chunk, of each target. */
  void (*add)(const gkt_assembler *, gkt_share, const gkt_inputs *, const gkt_worker *);
  /* The same for all sets of a pass, to the worker's sums [groups][group_stride]. */
  void (*add_sets)(const gkt_pass *, gkt_share, const gkt_worker *);
};

const gkt_backend_ops *gkt_backend_row(gkt_backend);
gkt_status gkt_backend_find(gkt_context *, const gkt_backend_ops **out); /* who runs what the context asks for */

/* ---- shared by those that run on the host (workers.c, execute.c, batch.c) ---- */
gkt_status gkt_host_plan(gkt_assembler *);
void gkt_host_destroy(gkt_assembler *);
/* Tensors of entities first, .. of the group, as the map wrote them, to the worker's sums. */
void gkt_host_add(const gkt_assembler *, gkt_share, const gkt_worker *, gkt_idx first, gkt_idx count);
gkt_status gkt_host_execute(const gkt_assembler *, const gkt_inputs *, gkt_scalar *values, gkt_where);
gkt_status gkt_host_execute_sets(const gkt_pass *);

/* ---- the rows' own functions ---- */
gkt_status gkt_cpu_compile(const gkt_assembler *, gkt_module **, gkt_map_kernel **kernels, gkt_add_kernel **adders);
gkt_size gkt_cpu_workspace(const gkt_map *, int groups);
void gkt_cpu_add(const gkt_assembler *, gkt_share, const gkt_inputs *, const gkt_worker *);
void gkt_cpu_add_sets(const gkt_pass *, gkt_share, const gkt_worker *);
gkt_status gkt_interpreter_compile(const gkt_assembler *, gkt_module **, gkt_map_kernel **kernels, gkt_add_kernel **adders);
gkt_size gkt_interpreter_workspace(const gkt_map *, int groups);
void gkt_interpreter_add(const gkt_assembler *, gkt_share, const gkt_inputs *, const gkt_worker *);
void gkt_interpreter_add_sets(const gkt_pass *, gkt_share, const gkt_worker *);
gkt_status gkt_cuda_take(gkt_context *, const gkt_backend_ops **out);
gkt_status gkt_cuda_plan(gkt_assembler *);
void gkt_cuda_destroy(gkt_assembler *);
gkt_status gkt_cuda_execute(const gkt_assembler *, const gkt_inputs *, gkt_scalar *values, gkt_where);
gkt_status gkt_cuda_execute_batch(const gkt_assembler *, const gkt_inputs *, const gkt_batch *, gkt_scalar *results);
#endif
