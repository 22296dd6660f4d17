/* A BLAS with threads of its own sums in an order that depends on their number, so inside of PETSc it has one. The reference BLAS has none; OpenBLAS is asked at run time, since
   which of them is loaded is the system's choice (Debian: update-alternatives). BLAS libraries other than these are left as they are. */
#include <dlfcn.h>
#include <string.h>

#include "solvers/petsc.h"

/* An object pointer to a function pointer, as POSIX allows; NULL: OpenBLAS is not loaded. */
static void *find(const char *name) {
  void *symbol = dlsym(RTLD_DEFAULT, name), *handle;
  if (symbol || !(handle = dlopen("libopenblas.so.0", RTLD_LAZY | RTLD_NOLOAD))) return symbol; /* loaded, but not for everybody */
  symbol = dlsym(handle, name);
  dlclose(handle);
  return symbol;
}

/* Looked for once, with PETSc started: the BLAS that it is linked with is loaded then and stays. To look costs as much as a small solve. Process-wide as PETSc's own state, and
   used under its lock. */
static void (*set_threads)(int);
static int (*get_threads)(void);
static void look(void) {
  void *set_symbol = find("openblas_set_num_threads"), *get_symbol = find("openblas_get_num_threads");
  if (!set_symbol || !get_symbol) return;
  memcpy(&set_threads, &set_symbol, sizeof set_threads);
  memcpy(&get_threads, &get_symbol, sizeof get_threads);
}

int gkt_blas_set_threads(int count) {
  static bool looked;
  if (!looked) look(), looked = true;
  if (!set_threads || count < 1) return 0;
  int before = get_threads();
  if (before != count) set_threads(count);
  return before;
}
