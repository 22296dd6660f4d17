/* An image is a shared object: loaded from memory, bound to the emulator by its machine. */
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/emulated/emulator.h"

static bool write_all(int file, const char *data, size_t bytes) {
  while (bytes > 0) {
    ssize_t n = write(file, data, bytes);
    if (n <= 0) return false;
    data += n, bytes -= (size_t)n;
  }
  return true;
}

/* The loader takes a path that it has seen for the library that it has loaded from there: each image gets another path to its descriptor, with more or fewer dots in it. */
static void write_path(int file, size_t size, char *path) {
  static unsigned count;
  int n = snprintf(path, size, "/proc/self/fd");
  for (unsigned rest = count++; rest; rest /= 2) n += snprintf(path + n, size - (size_t)n, rest % 2 ? "/." : "/");
  snprintf(path + n, size - (size_t)n, "/%d", file);
}

static void *open_image(const void *image, size_t bytes) {
  char path[128];
  int file = memfd_create("kernels", MFD_CLOEXEC);
  write_path(file, sizeof path, path);
  void *library = file >= 0 && write_all(file, image, bytes) ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
  if (file >= 0) close(file);
  return library;
}

static int measure(struct dl_phdr_info *info, size_t size, void *data) { /* from its first address to its last */
  emu_module *m = data;
  (void)size;
  if (info->dlpi_addr != m->first) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const size_t end = info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
    if (info->dlpi_phdr[i].p_type == PT_LOAD && end > m->bytes) m->bytes = end;
  }
  return 1;
}

int emu_load(const void *image, size_t bytes, emu_module **out) {
  void *library = open_image(image, bytes);
  if (!library) return emu_error(EMU_INVALID, "the image of a module can not be loaded: %.500s", dlerror());
  void *(*get)(void);
  void *symbol = dlsym(library, "gkt_emulated_get_machine");
  emu_module *m = symbol ? calloc(1, sizeof *m) : NULL;
  if (!m) {
    dlclose(library);
    return emu_error(EMU_INVALID, "the image is no module of kernels");
  }
  memcpy(&get, &symbol, sizeof get);
  *m = (emu_module){.library = library, .machine = get(), .kernels = dlsym(library, "gkt_emulated_kernels")};
  struct link_map *map = NULL;
  if (dlinfo(library, RTLD_DI_LINKMAP, &map) == 0) m->first = map->l_addr, dl_iterate_phdr(measure, m);
  *out = m;
  return EMU_OK;
}

void emu_unload(emu_module *m) {
  for (emu_function *f = m->functions, *following; f; f = following) {
    following = f->next;
    free(f);
  }
  dlclose(m->library);
  free(m);
}

int emu_find(emu_module *m, const char *name, emu_function **out) {
  emu_function *f = m->functions;
  while (f && strcmp(f->name, name) != 0) f = f->next;
  if (!f) {
    void *symbol = dlsym(m->library, name);
    if (!symbol) return emu_error(EMU_INVALID, "the module has no kernel %.80s", name);
    if (!(f = calloc(1, sizeof *f))) return emu_error(EMU_NO_MEMORY, "the host is out of memory");
    *f = (emu_function){.module = m, .next = m->functions};
    memcpy(&f->code, &symbol, sizeof symbol);
    snprintf(f->name, sizeof f->name, "%s", name);
    for (const gkt_emulated_kernel *k = m->kernels; k && k->name; k++)
      if (strcmp(k->name, name) == 0) f->threads = k->threads;
    m->functions = f;
  }
  *out = f;
  return EMU_OK;
}

/* ---- wishes for shared memory: the last one is kept, for tests ---- */
static struct {
  char kernel[96];
  gkt_size shared;
  int percent;
} wish;

int emu_prefer(const emu_function *f, gkt_size shared, int percent) {
  if (shared > EMU_SHARED || percent < 0 || percent > 100) return emu_error(EMU_INVALID, "%s: %lld bytes of shared memory, %d %% of it", f->name, (long long)shared, percent);
  memcpy(wish.kernel, f->name, sizeof wish.kernel);
  wish.shared = shared, wish.percent = percent;
  return EMU_OK;
}

__attribute__((visibility("default"))) int gkt_emulated_preferred(const char *kernel, gkt_size *shared);
int gkt_emulated_preferred(const char *kernel, gkt_size *shared) {
  *shared = wish.shared;
  return strcmp(wish.kernel, kernel) ? 0 : wish.percent;
}
