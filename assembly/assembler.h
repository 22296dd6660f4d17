/* Inside of an assembler. */
#ifndef GKT_ASSEMBLY_ASSEMBLER_H
#define GKT_ASSEMBLY_ASSEMBLER_H
#include "assembly/map.h"

typedef struct {         /* memory of one thread */
  gkt_scalar *sums;      /* [slots of a chunk][block]; unused where the reduce plan has memory of its own */
  gkt_scalar *tensors;   /* of some tiles */
  gkt_scalar *workspace; /* of the interpreter */
} gkt_worker;

struct gkt_assembler {
  gkt_context *ctx;
  const gkt_form *form;
  gkt_mesh *mesh;
  int num_functions;
  const gkt_space **spaces; /* [num_functions] */
  const gkt_idx **nodes;    /* [blocks][num_functions]: cell nodes of the spaces */
  int num_maps;
  gkt_map **maps; /* [num_integrals*blocks] */
  gkt_reduce *reduce;
  gkt_module *module;
  int num_workers;
  gkt_worker *workers;
  gkt_assembler_info info;
};

/* The C text of the maps of one integral (-1: all) for a backend, as it would be compiled. */
gkt_status gkt_assembler_source(const gkt_assembler *, int integral, gkt_backend, gkt_text *);
#endif
