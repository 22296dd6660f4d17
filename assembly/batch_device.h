/* Batches on a device, for backend_cuda.c. */
#ifndef GKT_ASSEMBLY_BATCH_DEVICE_H
#define GKT_ASSEMBLY_BATCH_DEVICE_H
#include "assembly/assembler.h"
#include "assembly/sets_device.h"

typedef struct {         /* made at the first batch, more at larger ones */
  gkt_scalars *values;   /* [functions] of the sets of a pass */
  const gkt_scalar **at; /* [functions] where those of its first set begin */
  gkt_size *strides;     /* [functions] */
  gkt_scalars results, constants;
  bool planned;
  gkt_device_sets *sets; /* NULL: sets go one by one */
} gkt_batch_room;
/* inputs, of the first set, were checked. */
gkt_status gkt_batch_on_device(const gkt_sets_plan *, const gkt_inputs *, const gkt_batch *, gkt_scalar *results, gkt_batch_room *) GKT_MUST_CHECK;
void gkt_batch_room_clear(const gkt_assembler *, gkt_device *, gkt_batch_room *); /* before the device is closed */
#endif
