/* Inside of the device: what device.c, device_memory.c, device_module.c and device_record.c share. */
#ifndef GKT_CORE_DEVICE_INSIDE_H
#define GKT_CORE_DEVICE_INSIDE_H
#include "core/driver.h"

typedef struct {
  void *at;
  gkt_size bytes;
  bool unwanted; /* was let go of while a sequence was recorded */
} gkt_device_block;
typedef struct {
  const char *const *parts;
  gkt_device_module *module;
} gkt_device_stage;
typedef struct {
  const void *host;
  gkt_size bytes;
  gkt_bytes array;
  int users;
} gkt_shared_copy;
struct gkt_device {
  gkt_context *ctx; /* whose it is: not held */
  const gkt_driver *driver;
  void *handle; /* the driver's */
  int number;
  bool synchronous, recording; /* GKT_SYNC=1; between begin_record and end_record */
  gkt_device_info info;
  gkt_device_counts counts;
  gkt_device_block *blocks; /* [num_blocks] memory that is held, the youngest last */
  gkt_size num_blocks, room;
  gkt_device_stage *stages; /* [num_stages] kernels that are kept */
  int num_stages;
  gkt_shared_copy *copies; /* [num_copies] arrays of the host that several read */
  int num_copies;
  char launch[96];   /* the last one's name */
  char failure[768]; /* the first one, which sticks; "": all is well */
  bool lacks_memory; /* that is why */
};

/* The driver that the environment asks for (GKT_DEVICE=emulated), else CUDA's; NULL: it is not there, why [size]. number: of the device (GKT_DEVICE=1). */
const gkt_driver *gkt_driver_find(int *number, size_t size, char *why);
/* As gkt_device_open by a driver that is given, which outlives the context: for tests, before anything else opens the context's device. */
gkt_status gkt_device_open_with(gkt_context *, const gkt_driver *, int number, gkt_device **out) GKT_MUST_CHECK;
/* Every call begins with it: the failure that sticks, again; what is not allowed while launches are recorded (`call` is its name; NULL: allowed). */
gkt_status gkt_device_ready(gkt_device *, const char *call) GKT_MUST_CHECK;
/* error 0: nothing. Else it sticks: what was being done, the driver's text, and the last launch where that may be the cause. */
gkt_status gkt_device_check(gkt_device *, int error, const char *format, ...) GKT_PRINTF(3, 4) GKT_MUST_CHECK;
/* As gkt_device_check, of what makes something: where memory is short nothing was begun, and nothing sticks. A launch that lacks memory is missing among those that functions
   without a status queue: it sticks. */
gkt_status gkt_device_check_made(gkt_device *, int error, const char *format, ...) GKT_PRINTF(3, 4) GKT_MUST_CHECK;
void gkt_device_release_unwanted(gkt_device *); /* when nothing is recorded any more */
void gkt_device_release_all(gkt_device *);
void gkt_device_forget_kernels(gkt_device *);
void gkt_device_forget_copies(gkt_device *);
/* The image of the driver's prelude and the parts, NULL at the end, from the cache or made. *image is freed by the caller. */
gkt_status gkt_device_image(gkt_context *, const gkt_driver *, int architecture, const char *const *parts, char **image, size_t *bytes) GKT_MUST_CHECK;
gkt_status gkt_device_module_find(gkt_device *, const gkt_device_module *, const char *kernel, void **out) GKT_MUST_CHECK;
#endif
