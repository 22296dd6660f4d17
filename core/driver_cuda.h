/* Modules of CUDA's driver: of the runtime library where it has them (12.8), of libcuda, as the runtime library hands it out, before. Calls return its error numbers. */
#ifndef GKT_CORE_DRIVER_CUDA_H
#define GKT_CORE_DRIVER_CUDA_H
#include <stddef.h>

int gkt_cuda_load(const void *image, void **module);
void gkt_cuda_unload(void *module);
int gkt_cuda_find(void *module, const char *kernel, void **out); /* its code is on the current device then, not at its first launch */
int gkt_cuda_prefer_shared(void *kernel, size_t shared, int percent);
int gkt_cuda_launch(void *kernel, unsigned blocks, unsigned threads, size_t shared, void *arguments, void *stream);
#endif
