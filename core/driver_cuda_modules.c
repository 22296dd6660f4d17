#include <cuda_runtime_api.h>
#include <string.h>

#include "core/driver_cuda.h"

enum { SHARED_WITHOUT_ASKING = 48 * 1024 };

#if CUDART_VERSION >= 12080
int gkt_cuda_load(const void *image, void **module) { return (int)cudaLibraryLoadData((cudaLibrary_t *)module, image, NULL, NULL, 0, NULL, NULL, 0); }
void gkt_cuda_unload(void *module) { (void)cudaLibraryUnload(module); }

int gkt_cuda_find(void *module, const char *kernel, void **out) {
  struct cudaFuncAttributes loads_it;
  cudaError_t error = cudaLibraryGetKernel((cudaKernel_t *)out, module, kernel);
  return (int)(error == cudaSuccess ? cudaFuncGetAttributes(&loads_it, *out) : error);
}

static cudaError_t ask_for_shared(void *kernel, size_t shared) {
  return shared > SHARED_WITHOUT_ASKING ? cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, (int)shared) : cudaSuccess;
}

int gkt_cuda_prefer_shared(void *kernel, size_t shared, int percent) {
  cudaError_t error = ask_for_shared(kernel, shared);
  return (int)(error == cudaSuccess ? cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout, percent) : error);
}

int gkt_cuda_launch(void *kernel, unsigned blocks, unsigned threads, size_t shared, void *arguments, void *stream) {
  void *all[] = {arguments};
  cudaError_t error = ask_for_shared(kernel, shared);
  return (int)(error == cudaSuccess ? cudaLaunchKernel(kernel, (dim3){blocks, 1, 1}, (dim3){threads, 1, 1}, all, shared, stream) : error);
}

#else
#include <cuda.h>
/* libcuda's error numbers are the runtime library's. */
static int get(const char *name, void *out) {
#if CUDART_VERSION >= 12000
  enum cudaDriverEntryPointQueryResult found;
  return (int)cudaGetDriverEntryPoint(name, out, cudaEnableDefault, &found);
#else
  return (int)cudaGetDriverEntryPoint(name, out, cudaEnableDefault);
#endif
}

int gkt_cuda_load(const void *image, void **module) {
  CUresult (*f)(CUmodule *, const void *);
  int error = get("cuModuleLoadData", &f);
  return error ? error : (int)f((CUmodule *)module, image);
}

void gkt_cuda_unload(void *module) {
  CUresult (*f)(CUmodule);
  if (!get("cuModuleUnload", &f)) (void)f(module);
}

int gkt_cuda_find(void *module, const char *kernel, void **out) {
  CUresult (*f)(CUfunction *, CUmodule, const char *);
  int error = get("cuModuleGetFunction", &f);
  return error ? error : (int)f((CUfunction *)out, module, kernel);
}

static int set_attribute(void *kernel, CUfunction_attribute which, int value) {
  CUresult (*f)(CUfunction, CUfunction_attribute, int);
  int error = get("cuFuncSetAttribute", &f);
  return error ? error : (int)f(kernel, which, value);
}

static int ask_for_shared(void *kernel, size_t shared) {
  return shared > SHARED_WITHOUT_ASKING ? set_attribute(kernel, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, (int)shared) : 0;
}

int gkt_cuda_prefer_shared(void *kernel, size_t shared, int percent) {
  int error = ask_for_shared(kernel, shared);
  return error ? error : set_attribute(kernel, CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT, percent);
}

int gkt_cuda_launch(void *kernel, unsigned blocks, unsigned threads, size_t shared, void *arguments, void *stream) {
  CUresult (*f)(CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, CUstream, void **, void **);
  void *all[] = {arguments};
  int error = get("cuLaunchKernel", &f);
  if (!error) error = ask_for_shared(kernel, shared);
  return error ? error : (int)f(kernel, blocks, 1, 1, threads, 1, 1, (unsigned)shared, stream, all, NULL);
}
#endif
