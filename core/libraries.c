/* Libraries that are used where they are there: opened at run time, never linked, so that one program serves machines with and without them. They stay loaded. */
#include <dlfcn.h>
#include <glob.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

#ifndef GKT_CUDA_LIBRARIES /* where CMake found the toolkit, and Python's packages */
#define GKT_CUDA_LIBRARIES "/usr/local/cuda/lib64"
#endif
#ifndef GKT_CUDA_MAJOR /* of the toolkit that the build took */
#define GKT_CUDA_MAJOR 13
#endif
#if GKT_CUDA_MAJOR == 11
#define NVRTC_OF_BUILD "libnvrtc.so.11.2"
#define CUSPARSE_OF_BUILD "libcusparse.so.11"
#else
#define TEXT_OF(x) #x
#define NVRTC(major) "libnvrtc.so." TEXT_OF(major)
#define NVRTC_OF_BUILD NVRTC(GKT_CUDA_MAJOR)
#define CUSPARSE_OF_BUILD "libcusparse.so.12" /* of CUDA 12 and 13 */
#endif
#ifndef GKT_PYTHON_PACKAGES
#define GKT_PYTHON_PACKAGES "/usr/lib/python3/dist-packages"
#endif

typedef struct {
  const char *name, *purpose;
  const char *files[6]; /* the build's, which goes with the oldest driver that its runtime library takes; then the newest first; NULL at the end */
  const char *version;  /* a function of (int *major, int *minor), or one that is asked (number, int *value) for each */
  bool asked;
} row;
static const row rows[] = {{"nvrtc", "compiles kernels for GPUs", {NVRTC_OF_BUILD, "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"}, "nvrtcVersion", false},
                           {"cusparse", "sparse products on GPUs", {CUSPARSE_OF_BUILD, "libcusparse.so.12", "libcusparse.so.11", "libcusparse.so"}, "cusparseGetProperty", true},
                           {"cudss", "direct solver on GPUs", {"libcudss.so.0", "libcudss.so"}, "cudssGetProperty", true}};
enum { NUM_ROWS = sizeof rows / sizeof *rows };

/* Folders as patterns, which may begin with a variable of the environment; "": the loader's own. */
static const char *const places[] = {"",
                                     "$CUDA_HOME/lib64",
                                     "$CUDA_HOME/lib",
                                     GKT_CUDA_LIBRARIES,
                                     "/usr/local/cuda/lib64",
                                     "$VIRTUAL_ENV/lib/python3*/site-packages/nvidia/*/lib",
                                     GKT_PYTHON_PACKAGES "/nvidia/*/lib",
                                     "$HOME/.local/lib/python3*/site-packages/nvidia/*/lib"};

/* PLACE/FILE with its variable's value; false: that is not set, or too long. */
static bool expand(const char *place, const char *file, char out[1024]) {
  char variable[32];
  const char *value = "", *slash = strchr(place, '/');
  if (*place == '$') {
    snprintf(variable, sizeof variable, "%.*s", (int)(slash - place - 1), place + 1);
    value = getenv(variable), place = slash;
    if (!value || !*value) return false;
  }
  return snprintf(out, 1024, "%s%s%s%s", value, place, *place ? "/" : "", file) < 1024;
}

/* The first of a pattern's files that can be loaded. why: the loader's message of one that is there and cannot be. */
static void *open_pattern(const char *pattern, size_t size, char *why) {
  glob_t found;
  void *library = NULL;
  if (!strchr(pattern, '/')) return dlopen(pattern, RTLD_NOW | RTLD_LOCAL);
  if (glob(pattern, 0, NULL, &found) != 0) return NULL;
  for (size_t i = 0; i < found.gl_pathc && !library; i++)
    if (!(library = dlopen(found.gl_pathv[i], RTLD_NOW | RTLD_LOCAL))) snprintf(why, size, "%s", dlerror());
  globfree(&found);
  return library;
}

static void *open_row(const row *r, size_t size, char *why) {
  char pattern[1024];
  void *library = NULL;
  snprintf(why, size, "%s is not on the loader's path, below $CUDA_HOME or /usr/local/cuda, or in a package of Python", r->files[0]);
  for (int later = 0; later < 2; later++) /* the first file everywhere, then the others */
    for (size_t p = 0; p < sizeof places / sizeof *places && !library; p++)
      for (int f = later; r->files[f] && (later || f == 0) && !library; f++)
        if (expand(places[p], r->files[f], pattern)) library = open_pattern(pattern, size, why);
  return library;
}

void *gkt_library_open(const char *name, size_t size, char *why) {
  for (int i = 0; i < NUM_ROWS; i++)
    if (strcmp(rows[i].name, name) == 0) return open_row(&rows[i], size, why);
  snprintf(why, size, "%s is in no table of libraries", name);
  return NULL;
}

bool gkt_library_symbol(void *library, const char *name, void *out) {
  void *symbol = dlsym(library, name);
  memcpy(out, &symbol, sizeof symbol);
  return symbol != NULL;
}

int gkt_library_count(void) { return NUM_ROWS; }

static void describe_version(const row *r, void *library, size_t size, char *version) {
  union {
    int (*both)(int *major, int *minor);
    int (*one)(int number, int *value);
  } f;
  int major = 0, minor = 0;
  if (!gkt_library_symbol(library, r->version, &f)) return;
  int error = r->asked ? f.one(0, &major) || f.one(1, &minor) : f.both(&major, &minor);
  if (!error) snprintf(version, size, "%d.%d", major, minor);
}

void gkt_library_describe(int number, gkt_library_info *out) {
  struct link_map *map;
  *out = (gkt_library_info){.name = "", .purpose = "", .path = "there is no library of that number"};
  if (number < 0 || number >= NUM_ROWS) return;
  *out = (gkt_library_info){.name = rows[number].name, .purpose = rows[number].purpose};
  void *library = open_row(&rows[number], sizeof out->path, out->path);
  if (!library) return;
  out->found = true;
  snprintf(out->path, sizeof out->path, "%s", dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 ? map->l_name : "");
  describe_version(&rows[number], library, sizeof out->version, out->version);
}
