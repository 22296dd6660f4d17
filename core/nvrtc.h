/* NVRTC, opened at run time: kernels become machine code without a GPU, and without CUDA in the build. */
#ifndef GKT_CORE_NVRTC_H
#define GKT_CORE_NVRTC_H
#include "core/driver.h"

bool gkt_nvrtc_identify(int architecture, bool contract, size_t size, char *identity_or_why);
int gkt_nvrtc_compile(const char *source, int architecture, bool contract, void **image, size_t *bytes, size_t size, char *error);
extern const char gkt_device_prelude[];
#endif
