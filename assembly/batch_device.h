/* Batches on a device, for backend_cuda.c. */
#ifndef GKT_ASSEMBLY_BATCH_DEVICE_H
#define GKT_ASSEMBLY_BATCH_DEVICE_H
#include "assembly/assembler.h"
#include "core/device.h"

typedef struct {         /* made at the first batch, more at larger ones */
  gkt_scalars *values;   /* [functions] of the sets of a pass */
  const gkt_scalar **at; /* [functions] where those of its first set begin */
  gkt_scalars results;
} gkt_batch_room;
/* inputs, of the first set, were checked. */
gkt_status gkt_batch_on_device(const gkt_assembler *, gkt_device *, const gkt_inputs *, const gkt_batch *, gkt_scalar *results, gkt_batch_room *) GKT_MUST_CHECK;
void gkt_batch_room_clear(const gkt_assembler *, gkt_device *, gkt_batch_room *); /* before the device is closed */
#endif
