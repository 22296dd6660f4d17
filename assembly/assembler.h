/* Inside of an assembler. */
#ifndef GKT_ASSEMBLY_ASSEMBLER_H
#define GKT_ASSEMBLY_ASSEMBLER_H
#include "assembly/targets.h"

typedef struct {             /* memory of one thread */
  gkt_scalar *sums;          /* of all targets: [slots of a chunk][block]; unused where a reduce plan has memory of its own */
  gkt_scalar **parts;        /* [targets] of the chunk at hand */
  gkt_scalar *tensors;       /* of some tiles */
  gkt_scalar *workspace;     /* of the backend */
  const gkt_scalar **values; /* [functions] of one set of a batch; else NULL */
} gkt_worker;

typedef struct gkt_backend_ops gkt_backend_ops; /* backend.h */
typedef struct gkt_device_plan gkt_device_plan; /* backend_cuda.c */

typedef struct { /* what batches need (batch.c); made at the first one, more at larger ones */
  gkt_module *module;
  gkt_map_kernel **kernels; /* [maps] of the cpu backend */
  int num_groups;           /* of GKT_LANES sets, in one pass over the cells */
  int num_workers;
  gkt_worker *workers; /* room for all groups */
  gkt_scalar *kept;    /* [num_groups][num_kept of the reduce][GKT_LANES] */
  long long *strides;  /* [functions] */
} gkt_batch_plan;

struct gkt_assembler {
  gkt_context *ctx;
  gkt_form *form;
  gkt_mesh *mesh;
  const gkt_backend_ops *backend;
  int num_functions;
  const gkt_space **spaces; /* [num_functions] */
  const gkt_ties **ties;    /* [num_functions], borrowed; NULL where there are none */
  const gkt_idx **nodes;    /* [blocks][num_functions]: cell nodes of the spaces */
  int num_maps;
  gkt_map **maps;           /* [num_integrals*blocks] */
  gkt_map_kernel **kernels; /* likewise; of the cpu backend */
  gkt_add_kernel **adders;  /* [maps][targets] of the cpu backend, by coupling, where the reduce is `fused` */
  gkt_targets targets;
  gkt_module *module;
  gkt_device_plan *device; /* of the cuda backend; all else of backends is the host's */
  int num_workers;
  gkt_worker *workers;
  gkt_batch_plan *batch;         /* NULL: no batch yet */
  const gkt_scalar **set_values; /* [num_functions] of a set of a batch */
  gkt_assembler_info info;
};

/* ties [functions of the scope], NULL where there are none, borrowed: results are those of u~, C' R and C' A C, with the frames that the ties have when it is assembled. What
   inputs hold are values of u, as ever. Of which node is whose master, the assembler knows what was so when it was created. */
gkt_status gkt_assembler_create_tied(const gkt_form *, gkt_mesh *, const gkt_space *const *spaces, const gkt_ties *const *ties, gkt_assembler **out) GKT_MUST_CHECK;
bool gkt_assembler_turns(const gkt_assembler *); /* any tensors? */

void gkt_assembler_name_target(const gkt_assembler *, int target, size_t size, char *what); /* "matrix (u, p)" */

bool gkt_map_has_work(const gkt_map *);
gkt_idx gkt_map_tiles(const gkt_map *); /* in one call of the map */
void gkt_workers_destroy(int count, gkt_worker **);
void gkt_batch_plan_destroy(gkt_batch_plan **);

/* ---- execution (execute.c) ---- */
void gkt_assembler_poison(const gkt_assembler *, gkt_scalar *values); /* NaN: the result, and all that is kept between map and join */
/* As gkt_assemble_*, into values that stand where they say: on a device with its backend only. */
gkt_status gkt_assemble_to(gkt_assembler *, int arity, const gkt_inputs *, gkt_scalar *values, gkt_where) GKT_MUST_CHECK;
/* For entities of the group that share a rule with this one. */
gkt_map_data gkt_assembler_data(const gkt_assembler *, const gkt_map *, const gkt_group *, gkt_idx entity, const gkt_inputs *);
gkt_status gkt_assembler_check(const gkt_assembler *, const gkt_inputs *) GKT_MUST_CHECK; /* is all there that the maps read, in a place where they can? */
/* All chunks, a team's one after the other on one worker (thread). */
typedef void gkt_chunk_runner(const void *what, int chunk, int worker);
void gkt_assembler_run(const gkt_assembler *, gkt_chunk_runner *, const void *what);

/* turn.c: element tensors of entities first, .. of a group, in `tensors` as a map writes them, become Q' A Q, Q of the nodes of each cell; nodes of
   one master become one. */
void gkt_assembler_turn(const gkt_assembler *, const gkt_map *, const gkt_group *, gkt_idx first, gkt_idx count, gkt_scalar *tensors);

/* The C text of the maps of one integral (-1: all) for a backend, as it would be compiled; sets: those of batches. */
gkt_status gkt_assembler_source(const gkt_assembler *, int integral, gkt_backend, bool sets, gkt_text *);
#endif
