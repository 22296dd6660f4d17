/* Ties of the functions of an assembler on a device: masters once, the matrices of turned nodes again when frames were set anew. */
#ifndef GKT_ASSEMBLY_DEVICE_TIES_H
#define GKT_ASSEMBLY_DEVICE_TIES_H
#include "assembly/assembler.h"
#include "assembly/elements_arguments.h"

typedef struct {
  bool used;             /* has the function ties? */
  int version;           /* of the ties, whose matrices these are */
  gkt_tie_arguments now; /* of kernels */
  gkt_indices masters, turned;
  gkt_scalars matrices;
} gkt_device_ties;
/* ties: zero [functions] */
gkt_status gkt_device_ties_create(const gkt_assembler *, gkt_device *, gkt_device_ties *ties) GKT_MUST_CHECK;
void gkt_device_ties_clear(const gkt_assembler *, gkt_device *, gkt_device_ties *ties);
gkt_status gkt_device_ties_update(const gkt_assembler *, gkt_device *, gkt_device_ties *ties) GKT_MUST_CHECK; /* where frames are others */
#endif
