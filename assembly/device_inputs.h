/* What kernels read that changes from call to call, on a device: coordinates, constants, values of functions, ties. Copies of what is on the host, made once; nothing is allocated
 * after. */
#ifndef GKT_ASSEMBLY_DEVICE_INPUTS_H
#define GKT_ASSEMBLY_DEVICE_INPUTS_H
#include "assembly/device_ties.h"

typedef struct {
  const gkt_assembler *a;
  gkt_device *device;
  bool keeps_coords;  /* no node moves while it is set, as within a batch */
  gkt_scalars coords; /* those of the mesh, which others may read as well (gkt_device_share) */
  gkt_size version;   /* of the mesh, that they were sent with */
  gkt_scalars constants;
  gkt_scalars *values;           /* [functions] of those that are read, for values on the host */
  const gkt_scalar **values_now; /* [functions] on the device, of the call at hand */
  gkt_device_ties *ties;         /* [functions] */
} gkt_device_inputs;
gkt_status gkt_device_inputs_create(const gkt_assembler *, gkt_device *, gkt_device_inputs *out) GKT_MUST_CHECK; /* out: zero; cleared after a failure too */
void gkt_device_inputs_clear(gkt_device_inputs *);                                                               /* before the device is closed */
gkt_status gkt_device_inputs_send(gkt_device_inputs *, const gkt_inputs *) GKT_MUST_CHECK;                       /* inputs were checked */
/* Coordinates alone, where they may be others: gkt_device_inputs_send does it, too. */
gkt_status gkt_device_inputs_send_coords(gkt_device_inputs *) GKT_MUST_CHECK;
gkt_size gkt_device_inputs_bytes(const gkt_device_inputs *);
bool gkt_assembler_reads(const gkt_assembler *, int function); /* does any map? */
#endif
