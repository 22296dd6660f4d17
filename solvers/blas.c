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

int gkt_blas_set_threads(int count) {
  void *set_symbol = find("openblas_set_num_threads"), *get_symbol = find("openblas_get_num_threads");
  void (*set)(int);
  int (*get)(void);
  if (!set_symbol || !get_symbol || count < 1) return 0;
  memcpy(&set, &set_symbol, sizeof set);
  memcpy(&get, &get_symbol, sizeof get);
  int before = get();
  if (before != count) set(count);
  return before;
}
