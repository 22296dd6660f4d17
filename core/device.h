/* The device: memory, one stream, modules, launches. Knows nothing of meshes or forms. Stages have host logic in x.c and kernels in x.cu, which is text: embedded in the library
   (core/embed.h), compiled at run time for the device at hand, by NVRTC for GPUs, by the host's C++ compiler for the emulated device of the tests (tests/emulated/). */
#ifndef GKT_CORE_DEVICE_H
#define GKT_CORE_DEVICE_H
#include "core/core.h"

typedef uint16_t gkt_short; /* as device_prelude.cu has them, for structs that both sides read */
typedef uint8_t gkt_byte;
typedef long long gkt_offset;

typedef struct gkt_device gkt_device; /* one GPU and one stream; a context's, made at first use, destroyed with it */
/* gkt_device_info, gkt_device_count, gkt_device_describe: galerkit/core.h */
gkt_status gkt_device_open(gkt_context *, gkt_device **out) GKT_MUST_CHECK; /* the context's; GKT_UNAVAILABLE with the reason */
void gkt_device_close(gkt_device **);                                       /* by the context alone; waits */
const gkt_device_info *gkt_device_get_info(const gkt_device *);
const char *gkt_device_kind(const gkt_device *); /* "cuda", "emulated" */

/* ---- memory. An array on the device is a typed handle: gkt_array(double) x. Host code never reads through x.at, which is for arguments of launches. ---- */
#define gkt_array(type) \
  struct {              \
    type *at;           \
    gkt_size count;     \
  }
typedef gkt_array(gkt_scalar) gkt_scalars;
typedef gkt_array(gkt_idx) gkt_indices;
typedef gkt_array(gkt_short) gkt_shorts;
typedef gkt_array(gkt_byte) gkt_bytes;
/* count elements of `size` bytes, 256-byte aligned, to be written before they are read (NaN under poison). `what` ("matrix values") is for the message: how much was wanted, how
   much is free. array: any gkt_array, set only on success. From one pool, in the order of the stream. */
gkt_status gkt_device_alloc(gkt_device *, gkt_size count, size_t size, const char *what, void *array) GKT_MUST_CHECK;
/* Any gkt_array, also an empty one; sets it empty. While a sequence is recorded the memory is kept until the end of that. */
void gkt_device_free(gkt_device *, void *array);
gkt_status gkt_device_upload(gkt_device *, const void *host, void *at, gkt_size bytes) GKT_MUST_CHECK;   /* the host array may change afterwards */
gkt_status gkt_device_download(gkt_device *, const void *at, void *host, gkt_size bytes) GKT_MUST_CHECK; /* waits */
gkt_status gkt_device_copy(gkt_device *, const void *from, void *to, gkt_size bytes) GKT_MUST_CHECK;
gkt_status gkt_device_fill(gkt_device *, void *at, int byte, gkt_size bytes) GKT_MUST_CHECK;
/* gkt_device_alloc and gkt_device_upload */
gkt_status gkt_device_send(gkt_device *, const void *host, gkt_size count, size_t size, const char *what, void *array) GKT_MUST_CHECK;

/* The copy of an array of the host that others may have asked for already: it lies on the device once, and goes when as many have given it back. Who asks sees to it that the
   host's array stays, and what it holds does not change, or is sent by whoever reads it. at: where it is; empty arrays are nowhere. */
gkt_status gkt_device_share(gkt_device *, const void *host, gkt_size count, size_t size, const char *what, void **at) GKT_MUST_CHECK;
void gkt_device_unshare(gkt_device *, const void *at);

typedef struct {                   /* since the device was opened */
  gkt_size bytes_held, bytes_peak; /* peak: since gkt_device_reset_peak */
  gkt_size bytes_up, bytes_down, uploads, downloads, launches, allocations, waits;
} gkt_device_counts;
gkt_device_counts gkt_device_count_all(const gkt_device *);
void gkt_device_reset_peak(gkt_device *);

/* ---- modules. Text of kernels, without its prelude (core/device_prelude.cu is put before it) and without its #include "..." lines, compiled for the device and cached like the
   kernels of the CPU, by text, compiler, architecture and flags. ---- */
typedef struct gkt_device_module gkt_device_module;
gkt_status gkt_device_compile(gkt_device *, const char *source, gkt_device_module **out) GKT_MUST_CHECK;
/* Parts one after the other, NULL at the end. */
gkt_status gkt_device_compile_parts(gkt_device *, const char *const *parts, gkt_device_module **out) GKT_MUST_CHECK;
void gkt_device_module_destroy(gkt_device_module **); /* before its device is closed */
/* Those of a stage: compiled at the first call, kept by the device until it is closed. parts: an array at file scope, by whose address they are known. */
gkt_status gkt_device_kernels(gkt_device *, const char *const *parts, const gkt_device_module **out) GKT_MUST_CHECK;
typedef struct {
  char name[96];
  int registers, shared_bytes, local_bytes; /* local: spills, and arrays that are not in registers */
} gkt_kernel_info;
/* Of a GPU's machine code for an architecture (90), without a device. *out [*count], the caller frees it. GKT_UNAVAILABLE: no NVRTC is found. */
gkt_status gkt_device_inspect(gkt_context *, const char *source, int architecture, int *count, gkt_kernel_info **out) GKT_MUST_CHECK;

/* ---- launches: asynchronous, in the order of the one stream. The first failure sticks in the device, with the name of its launch, and is what every later call returns
   (GKT_SYNC=1: it is found at the very launch); not one of memory where an array, kernels or a recording are made. A launch with no blocks does nothing. ---- */
typedef struct {
  const char *kernel;
  gkt_size blocks;
  int threads;     /* of a block: that of GKT_KERNEL */
  gkt_size shared; /* bytes of shared memory */
} gkt_launch;
enum { GKT_LARGEST_ARGUMENTS = 4000 };
/* arguments: one struct, by value, [size] bytes, at most GKT_LARGEST_ARGUMENTS */
gkt_status gkt_device_launch(gkt_device *, const gkt_device_module *, const gkt_launch *, const void *arguments, size_t size) GKT_MUST_CHECK;
/* Asks for so much shared memory that `together` blocks of the launch are on a multiprocessor at once, where it can have that. A wish: the device may do otherwise. */
gkt_status gkt_device_prefer_shared(gkt_device *, const gkt_device_module *, const gkt_launch *, int together) GKT_MUST_CHECK;
/* gkt_device_kernels and gkt_device_launch */
gkt_status gkt_device_launch_kept(gkt_device *, const char *const *parts, const gkt_launch *, const void *arguments, size_t size) GKT_MUST_CHECK;
gkt_status gkt_device_wait(gkt_device *) GKT_MUST_CHECK;
void *gkt_device_stream(gkt_device *); /* cudaStream_t, for libraries; NULL of the emulated device */
/* For libraries that work on the stream and take memory of their own: before their calls, when the device becomes the current one; after what they launched, which counts as one
   and is waited for under GKT_SYNC=1; before they are opened, when the pool gives back what it keeps, and waits. */
gkt_status gkt_device_enter(gkt_device *) GKT_MUST_CHECK;
gkt_status gkt_device_note_launch(gkt_device *, const char *name) GKT_MUST_CHECK;
gkt_status gkt_device_trim(gkt_device *) GKT_MUST_CHECK;
static inline gkt_size gkt_blocks_for(gkt_size count, int threads) { return (count + threads - 1) / threads; }

/* A sequence of launches (and copies on the device), recorded once, replayed by one call. body must not wait, allocate, upload or download. */
typedef struct gkt_recording gkt_recording;
gkt_status gkt_device_record(gkt_device *, gkt_status (*body)(void *user), void *user, gkt_recording **out) GKT_MUST_CHECK;
gkt_status gkt_device_replay(gkt_device *, gkt_recording *) GKT_MUST_CHECK;
void gkt_recording_destroy(gkt_recording **);

/* Seconds on the device of what was queued between the two calls; the second one waits. */
gkt_status gkt_device_start_timer(gkt_device *) GKT_MUST_CHECK;
gkt_status gkt_device_stop_timer(gkt_device *, double *seconds) GKT_MUST_CHECK;
#endif
