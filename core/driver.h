/* What a device is made of: a table of raw calls, with a row for CUDA (driver_cuda.c; driver_none.c in a build without it) and one that the emulated device of the tests brings
   along (tests/emulated/, a shared object found by $GKT_EMULATOR or beside the library, used where GKT_DEVICE=emulated). device.c owns messages, counts, the cache, and what is
   allowed when. */
#ifndef GKT_CORE_DRIVER_H
#define GKT_CORE_DRIVER_H
#include "core/device.h"

/* Calls return 0 or an error number of their own, which `text` explains. Handles are the driver's. */
typedef struct gkt_driver {
  const char *name;
  int (*count)(int *out);                             /* of devices; an error where there is no driver */
  void (*describe)(int number, gkt_device_info *out); /* usable and why as well */
  int (*open)(int number, void **device);             /* with its stream */
  void (*close)(void *device);
  int (*enter)(void *device); /* libraries, and other contexts of this thread, may have chosen another one */
  int (*alloc)(void *device, size_t bytes, void **out);
  int (*release)(void *device, void *at);
  int (*trim)(void *device);                                               /* what was released and is kept for later goes back; waits */
  int (*upload)(void *device, const void *host, void *at, size_t bytes);   /* host may change when it returns */
  int (*download)(void *device, const void *at, void *host, size_t bytes); /* has arrived when it returns */
  int (*copy)(void *device, const void *from, void *to, size_t bytes);
  int (*fill)(void *device, void *at, int byte, size_t bytes);
  int (*load)(void *device, const void *image, size_t bytes, void **module);
  void (*unload)(void *device, void *module); /* when its launches are done */
  int (*find)(void *device, void *module, const char *kernel, void **out);
  int (*prefer_shared)(void *device, void *kernel, gkt_size shared,
                       int percent); /* launches will take so many bytes; a wish: shared memory's part of what it shares with a cache */
  int (*launch)(void *device, void *kernel, gkt_size blocks, int threads, gkt_size shared, const void *arguments, size_t size);
  int (*wait)(void *device);
  void *(*stream)(void *device);
  int (*begin_record)(void *device);
  int (*end_record)(void *device, void **recording);
  int (*replay)(void *device, void *recording);
  void (*drop)(void *recording);
  int (*start_timer)(void *device);
  int (*stop_timer)(void *device, double *seconds);
  const char *(*text)(int error);
  bool (*is_no_memory)(int error);
  const char *prelude; /* text before every source */
  /* What identifies the compiler, for the key of the cache (a version, flags); false, with why [size]: there is none. */
  bool (*identify)(int architecture, bool contract, size_t size, char *identity_or_why);
  /* Text to image. error [size]: the compiler's message, of a failure. *image is freed by the caller with free. */
  int (*compile)(const char *source, int architecture, bool contract, void **image, size_t *bytes, size_t size, char *error);
} gkt_driver;

const gkt_driver *gkt_driver_cuda(void);
/* The emulator's only symbol: const gkt_driver *gkt_emulated_driver(void); */
#endif
