/* What kernels read and nothing changes while it is read: copies on the device of arrays of the host, each array once. */
#ifndef GKT_ASSEMBLY_DEVICE_COPIES_H
#define GKT_ASSEMBLY_DEVICE_COPIES_H
#include "core/device.h"

typedef struct {
  const void *host; /* NULL: of an array that is not there any more */
  gkt_bytes array;
  bool joined; /* others have it as well */
  gkt_size bytes;
} gkt_copy;
typedef struct {
  gkt_context *ctx;
  gkt_device *device;
  gkt_size count, bytes;
  gkt_copy *all;
} gkt_copies;
/* out: a pointer, to the copy of host [count], which is there as long as the copies; NULL: NULL. */
gkt_status gkt_copies_share(gkt_copies *, const void *host, gkt_size count, size_t size, const char *what, void *out) GKT_MUST_CHECK;
/* The same of an array that lives as long as the copies, as connectivity and dof numbers do: one copy on the device serves all who ask for it. */
gkt_status gkt_copies_join(gkt_copies *, const void *host, gkt_size count, size_t size, const char *what, void *out) GKT_MUST_CHECK;
/* The same of an array that is gone afterwards. */
gkt_status gkt_copies_add(gkt_copies *, const void *host, gkt_size count, size_t size, const char *what, void *out) GKT_MUST_CHECK;
/* Room on the device that is held as copies are, to be written there. */
gkt_status gkt_copies_make(gkt_copies *, gkt_size count, size_t size, const char *what, void *out) GKT_MUST_CHECK;
/* All that `from` holds is held by the first one; from holds nothing. */
gkt_status gkt_copies_take(gkt_copies *, gkt_copies *from) GKT_MUST_CHECK;
void gkt_copies_clear(gkt_copies *);
#endif
