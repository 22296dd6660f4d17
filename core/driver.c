/* Which driver: CUDA's, or the emulated device's, which is a shared object of its own. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/device_inside.h"

typedef const gkt_driver *emulator(void);
static const char typical = 0; /* whose file is asked for */

/* FOLDER/libgalerkit_emulated.so, of the folder of the file; the first error is kept, of a file that is there. */
static void *open_beside(const char *file, size_t size, char *why) {
  char path[4096];
  const char *slash = strrchr(file, '/');
  snprintf(path, sizeof path, "%.*s/libgalerkit_emulated.so", slash ? (int)(slash - file) : 1, slash ? file : ".");
  if (access(path, F_OK) != 0) return NULL;
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) snprintf(why, size, "%s", dlerror());
  return library;
}

static void *open_emulator(size_t size, char *why) {
  const char *given = getenv("GKT_EMULATOR");
  char program[4096];
  Dl_info here;
  void *library = NULL;
  snprintf(why, size, "GKT_DEVICE=emulated, but libgalerkit_emulated.so stands neither beside the library nor beside the program, and GKT_EMULATOR does not name it");
  if (given && *given) {
    if (!(library = dlopen(given, RTLD_NOW | RTLD_LOCAL))) snprintf(why, size, "GKT_EMULATOR: %s", dlerror());
    return library;
  }
  if (dladdr(&typical, &here) && here.dli_fname) library = open_beside(here.dli_fname, size, why);
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  program[n > 0 ? n : 0] = 0;
  return library || n <= 0 ? library : open_beside(program, size, why);
}

/* It stays loaded: its kernels and its memory are those of every context. */
static const gkt_driver *find_emulated(size_t size, char *why) {
  emulator *get;
  void *library = open_emulator(size, why), *symbol = library ? dlsym(library, "gkt_emulated_driver") : NULL;
  if (library && !symbol) snprintf(why, size, "the library of the emulated device has no gkt_emulated_driver");
  if (!symbol) return NULL;
  memcpy(&get, &symbol, sizeof get);
  return get();
}

const gkt_driver *gkt_driver_find(int *number, size_t size, char *why) {
  const char *device = getenv("GKT_DEVICE");
  *number = 0;
  if (!device || !*device) return gkt_driver_cuda();
  if (strcmp(device, "emulated") == 0) return find_emulated(size, why);
  char *end;
  long n = strtol(device, &end, 10);
  if (*end || n < 0 || n > 9999) return snprintf(why, size, "GKT_DEVICE=%.100s; expected a number, or emulated", device), NULL;
  *number = (int)n;
  return gkt_driver_cuda();
}
