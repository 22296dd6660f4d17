/* Ties on a device: masters once, the matrices of turned nodes again when frames were set anew. Host logic of ties.cu. */
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
/* Of a function. out: zero; cleared after a failure too. masters: are they wanted? */
gkt_status gkt_device_ties_begin(gkt_device *, const gkt_ties *, bool masters, gkt_device_ties *out) GKT_MUST_CHECK;
void gkt_device_ties_end(gkt_device *, gkt_device_ties *);
gkt_status gkt_device_ties_follow(gkt_device *, const gkt_ties *, gkt_device_ties *) GKT_MUST_CHECK; /* where frames are others */
/* As gkt_ties_expand and gkt_ties_contract, not in place, of arrays on the device, with masters; a launch alone, of a kernel that was prepared. */
gkt_status gkt_device_ties_prepare(gkt_device *) GKT_MUST_CHECK;
gkt_status gkt_device_ties_expand(gkt_device *, const gkt_ties *, const gkt_device_ties *, const gkt_scalar *tied, gkt_scalar *u) GKT_MUST_CHECK;
gkt_status gkt_device_ties_contract(gkt_device *, const gkt_ties *, const gkt_device_ties *, const gkt_scalar *u, gkt_scalar *tied) GKT_MUST_CHECK;
/* Of an assembler's functions; ties: zero [functions] */
gkt_status gkt_device_ties_create(const gkt_assembler *, gkt_device *, gkt_device_ties *ties) GKT_MUST_CHECK;
void gkt_device_ties_clear(const gkt_assembler *, gkt_device *, gkt_device_ties *ties);
gkt_status gkt_device_ties_update(const gkt_assembler *, gkt_device *, gkt_device_ties *ties) GKT_MUST_CHECK; /* where frames are others */
#endif
