/* NVRTC, opened at run time so that building needs no CUDA: compiles kernels for an architecture without a GPU. Only the calls used here. */
#ifndef GKT_TESTS_NVRTC_H
#define GKT_TESTS_NVRTC_H
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/embed.h"

GKT_EMBED(nvrtc_prelude, "core/device_prelude.cu");

typedef struct {
  void *library;
  int (*create)(void **program, const char *source, const char *name, int num_headers, const char *const *headers, const char *const *names);
  int (*compile)(void *program, int num_options, const char *const *options);
  int (*log_size)(void *program, size_t *size);
  int (*log)(void *program, char *text);
  int (*cubin_size)(void *program, size_t *size);
  int (*destroy)(void **program);
} nvrtc;

static inline int nvrtc_symbol(const nvrtc *n, const char *name, void *out) {
  void *symbol = dlsym(n->library, name);
  memcpy(out, &symbol, sizeof symbol);
  return symbol != NULL;
}

/* 0 if there is none: look on the loader's path, in $CUDA_HOME and where CUDA is usually installed. */
static inline int nvrtc_open(nvrtc *n) {
  const char *home = getenv("CUDA_HOME");
  char in_home[1024];
  snprintf(in_home, sizeof in_home, "%s/lib64/libnvrtc.so", home ? home : "/usr/local/cuda");
  const char *const paths[] = {"libnvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12", in_home, "/usr/local/cuda/lib64/libnvrtc.so"};
  memset(n, 0, sizeof *n);
  for (size_t i = 0; i < sizeof paths / sizeof *paths && !n->library; i++) n->library = dlopen(paths[i], RTLD_NOW | RTLD_LOCAL);
  return n->library && nvrtc_symbol(n, "nvrtcCreateProgram", &n->create) && nvrtc_symbol(n, "nvrtcCompileProgram", &n->compile) &&
         nvrtc_symbol(n, "nvrtcGetProgramLogSize", &n->log_size) && nvrtc_symbol(n, "nvrtcGetProgramLog", &n->log) && nvrtc_symbol(n, "nvrtcGetCUBINSize", &n->cubin_size) &&
         nvrtc_symbol(n, "nvrtcDestroyProgram", &n->destroy);
}

/* Bytes of machine code for the architecture ("sm_90") of the text, after the prelude of all kernels; 0 if it was refused, then log says why. log [size]. */
static inline size_t nvrtc_compile(const nvrtc *n, const char *source, const char *architecture, char *log, size_t size) {
  void *program;
  char arch[64], *text = malloc(strlen(nvrtc_prelude) + strlen(source) + 1);
  size_t bytes = 0, needed = 0;
  snprintf(arch, sizeof arch, "--gpu-architecture=%s", architecture);
  snprintf(log, size, "the program could not be created");
  if (!text) return 0;
  strcat(strcpy(text, nvrtc_prelude), source);
  for (char *line = text; (line = strstr(line, "#include \""));) memcpy(line, "//", 2); /* of headers that C has as well: their text is there */
  int failure = n->create(&program, text, "kernel.cu", 0, NULL, NULL);
  free(text);
  if (failure) return 0;
  const char *options[] = {arch, "--fmad=false", "--std=c++17"};
  if (n->compile(program, 3, options) != 0 || n->cubin_size(program, &bytes) != 0) bytes = 0;
  char *whole = n->log_size(program, &needed) == 0 ? malloc(needed + 1) : NULL;
  if (whole && n->log(program, whole) == 0) snprintf(log, size, "%s", whole);
  free(whole);
  n->destroy(&program);
  return bytes;
}
#endif
