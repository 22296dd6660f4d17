/* NVRTC as the compiler of a driver. Only the calls used here are declared, as its manual has them, so that no header of CUDA is needed. */
#include <stdlib.h>
#include <string.h>

#include "core/embed.h"
#include "core/nvrtc.h"

GKT_EMBED(gkt_device_prelude, "core/device_prelude.cu");

typedef struct {
  int (*version)(int *major, int *minor);
  int (*num_architectures)(int *count);
  int (*architectures)(int *list);
  int (*create)(void **program, const char *source, const char *name, int num_headers, const char *const *headers, const char *const *names);
  int (*compile)(void *program, int num_options, const char *const *options);
  int (*destroy)(void **program);
  int (*log_size)(void *program, size_t *size);
  int (*log)(void *program, char *text);
  int (*cubin_size)(void *program, size_t *size);
  int (*cubin)(void *program, char *code);
  int (*ptx_size)(void *program, size_t *size);
  int (*ptx)(void *program, char *code);
  const char *(*text)(int error);
} nvrtc;

static bool open_nvrtc(nvrtc *n, size_t size, char *why) {
  const struct {
    const char *name;
    void *to;
  } symbols[] = {{"nvrtcVersion", &n->version},
                 {"nvrtcGetNumSupportedArchs", &n->num_architectures},
                 {"nvrtcGetSupportedArchs", &n->architectures},
                 {"nvrtcCreateProgram", &n->create},
                 {"nvrtcCompileProgram", &n->compile},
                 {"nvrtcDestroyProgram", &n->destroy},
                 {"nvrtcGetProgramLogSize", &n->log_size},
                 {"nvrtcGetProgramLog", &n->log},
                 {"nvrtcGetCUBINSize", &n->cubin_size},
                 {"nvrtcGetCUBIN", &n->cubin},
                 {"nvrtcGetPTXSize", &n->ptx_size},
                 {"nvrtcGetPTX", &n->ptx},
                 {"nvrtcGetErrorString", &n->text}};
  void *library = gkt_library_open("nvrtc", size, why);
  for (size_t i = 0; library && i < sizeof symbols / sizeof *symbols; i++)
    if (!gkt_library_symbol(library, symbols[i].name, symbols[i].to)) return snprintf(why, size, "NVRTC has no %s: it is older than 11.2", symbols[i].name), false;
  return library != NULL;
}

/* Machine code runs on later architectures of its family (80 on 86); where NVRTC knows none of it, the driver translates the text of the highest one that it knows. */
typedef struct {
  int architecture;
  bool machine_code;
} target;
static bool choose_target(const nvrtc *n, int architecture, target *out) {
  int count = 0, list[256];
  *out = (target){0};
  if (n->num_architectures(&count) || count > 256 || n->architectures(list)) return false;
  for (int i = 0; i < count; i++)
    if (list[i] <= architecture && list[i] > out->architecture) *out = (target){list[i], list[i] / 10 == architecture / 10};
  return out->architecture > 0;
}

typedef struct {
  char architecture[48];
  const char *all[3];
} options;
static void set_options(options *o, target t, bool contract) {
  snprintf(o->architecture, sizeof o->architecture, "--gpu-architecture=%s_%d", t.machine_code ? "sm" : "compute", t.architecture);
  o->all[0] = o->architecture, o->all[1] = contract ? "--fmad=true" : "--fmad=false", o->all[2] = "--std=c++17";
}

bool gkt_nvrtc_identify(int architecture, bool contract, size_t size, char *out) {
  nvrtc n;
  options o;
  target t;
  int major, minor;
  if (!open_nvrtc(&n, size, out)) return false;
  if (n.version(&major, &minor) || !choose_target(&n, architecture, &t)) return snprintf(out, size, "NVRTC knows no architecture up to sm_%d", architecture), false;
  set_options(&o, t, contract);
  snprintf(out, size, "nvrtc %d.%d %s %s %s", major, minor, o.all[0], o.all[1], o.all[2]);
  return true;
}

static int take_image(const nvrtc *n, void *program, bool machine_code, void **image, size_t *bytes) {
  int error = machine_code ? n->cubin_size(program, bytes) : n->ptx_size(program, bytes);
  char *code = error ? NULL : malloc(*bytes + 1);
  if (!error && !code) return -1;
  if (!error) error = machine_code ? n->cubin(program, code) : n->ptx(program, code);
  if (error) free(code);
  else *image = code;
  return error;
}

static void take_log(const nvrtc *n, void *program, size_t size, char *error) {
  size_t needed = 0;
  char *whole = n->log_size(program, &needed) == 0 ? malloc(needed + 1) : NULL;
  if (whole && needed > 1 && n->log(program, whole) == 0) snprintf(error, size, "%s", whole);
  free(whole);
}

int gkt_nvrtc_compile(const char *source, int architecture, bool contract, void **image, size_t *bytes, size_t size, char *error) {
  nvrtc n;
  options o;
  target t;
  void *program;
  if (!open_nvrtc(&n, size, error)) return -1;
  if (!choose_target(&n, architecture, &t)) return snprintf(error, size, "no architecture up to sm_%d is known", architecture), -1;
  set_options(&o, t, contract);
  int failed = n.create(&program, source, "kernels.cu", 0, NULL, NULL);
  if (failed) return snprintf(error, size, "%s", n.text(failed)), failed;
  failed = n.compile(program, 3, o.all);
  if (failed) snprintf(error, size, "%s", n.text(failed)), take_log(&n, program, size, error);
  else if ((failed = take_image(&n, program, t.machine_code, image, bytes))) snprintf(error, size, "%s", failed < 0 ? "out of memory" : n.text(failed));
  n.destroy(&program);
  return failed;
}
