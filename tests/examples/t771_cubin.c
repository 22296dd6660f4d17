/* Claim: registers, shared and local bytes that are read from machine code for sm_80, sm_90 and sm_100 are those that its assembler prints; instructions are counted by kind as the
   text has them, branches lead where its loops begin, and loops by plain counters run as often as it says; an image that is cut short or spoilt is refused or read, never overrun.
   Skips where there is no NVRTC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/cubin.h"

static const int architectures[] = {80, 90, 100};
enum { NUM_ARCHITECTURES = sizeof architectures / sizeof *architectures };
static gkt_context *ctx;

/* ---- images ---- */
typedef struct {
  char *code, *log; /* machine code; what the assembler says of it */
  size_t bytes;
  int architecture, count;
  gkt_cubin_kernel *kernels;
} image;

/* With what the assembler says, which nobody but this test asks for. */
static image compile(const char *source, int architecture) {
  struct {
    int (*create)(void **program, const char *source, const char *name, int num_headers, const char *const *headers, const char *const *names);
    int (*compile)(void *program, int num_options, const char *const *options);
    int (*log_size)(void *program, size_t *size);
    int (*log)(void *program, char *text);
    int (*cubin_size)(void *program, size_t *size);
    int (*cubin)(void *program, char *code);
    int (*destroy)(void **program);
  } n;
  void *program, *library;
  char arch[64], why[256];
  image out = {.architecture = architecture};
  size_t length;
  if (!(library = gkt_library_open("nvrtc", sizeof why, why))) skip();
  assert_true(gkt_library_symbol(library, "nvrtcCreateProgram", &n.create) && gkt_library_symbol(library, "nvrtcCompileProgram", &n.compile) &&
              gkt_library_symbol(library, "nvrtcGetProgramLogSize", &n.log_size) && gkt_library_symbol(library, "nvrtcGetProgramLog", &n.log) &&
              gkt_library_symbol(library, "nvrtcGetCUBINSize", &n.cubin_size) && gkt_library_symbol(library, "nvrtcGetCUBIN", &n.cubin) &&
              gkt_library_symbol(library, "nvrtcDestroyProgram", &n.destroy));
  snprintf(arch, sizeof arch, "--gpu-architecture=sm_%d", architecture);
  const char *const options[] = {arch, "--fmad=false", "--ptxas-options=-v"};
  assert_int_equal(n.create(&program, source, "kernel.cu", 0, NULL, NULL), 0);
  int failed = n.compile(program, 3, options);
  assert_int_equal(n.log_size(program, &length), 0);
  out.log = calloc(length + 1, 1);
  assert_int_equal(n.log(program, out.log), 0);
  if (failed) fail_msg("%s", out.log);
  assert_int_equal(n.cubin_size(program, &out.bytes), 0);
  out.code = malloc(out.bytes);
  assert_int_equal(n.cubin(program, out.code), 0);
  n.destroy(&program);
  if (gkt_cubin_read(ctx, out.code, (gkt_size)out.bytes, &out.count, &out.kernels)) fail_msg("%s", gkt_context_message(ctx));
  return out;
}

static void release(image *i) {
  gkt_free(&i->kernels);
  free(i->code);
  free(i->log);
}

static const gkt_cubin_kernel *find(const image *i, const char *name) {
  for (int k = 0; k < i->count; k++)
    if (!strcmp(i->kernels[k].info.name, name)) return &i->kernels[k];
  fail_msg("no kernel %s", name);
  return NULL;
}

static int count(const image *i, const char *kernel, gkt_code_kind kind) {
  const gkt_cubin_kernel *k = find(i, kernel);
  int sum = 0;
  for (int n = 0; n < k->num_instructions; n++) sum += gkt_cubin_decode(k, i->architecture, n).kind == kind;
  return sum;
}

/* ---- what the assembler says ---- */
/* The number before the words, in the lines of the kernel; 0: they are not there. */
static int said(const char *log, const char *kernel, const char *words) {
  char head[128];
  snprintf(head, sizeof head, "Compiling entry function '%s'", kernel);
  const char *from = strstr(log, head), *to, *at;
  if (!from) fail_msg("the assembler does not speak of %s", kernel);
  to = strstr(from + 1, "Compiling entry function");
  at = strstr(from, words);
  if (!at || (to && at > to)) return 0;
  while (at > from && at[-1] == ' ') at--;
  while (at > from && at[-1] >= '0' && at[-1] <= '9') at--;
  return atoi(at);
}

static const char of_resources[] =
    "extern \"C\" __global__ void __launch_bounds__(256) plain(double *x, const double *y) { int i = threadIdx.x + blockIdx.x * 256; x[i] = x[i] * y[i]; }\n"
    "extern \"C\" __global__ void __launch_bounds__(128) shared(double *x, int n) {\n"
    "  __shared__ double s[41]; extern __shared__ double more[]; s[threadIdx.x % 41] = x[threadIdx.x]; more[threadIdx.x] = n; __syncthreads();\n"
    "  x[threadIdx.x] = s[n % 41] + more[n];\n}\n"
    "extern \"C\" __global__ void __launch_bounds__(256) local(double *x, int n) {\n"
    "  double a[40]; for (int k = 0; k < 40; k++) a[k] = x[k * n + threadIdx.x];\n"
    "  for (int k = 0; k < n; k++) x[k] += a[(k * 7 + threadIdx.x) % 40];\n}\n"
    "extern \"C\" __global__ void __launch_bounds__(256, 4) spilled(const double *x, double *y) {\n"
    "  double a[60]; _Pragma(\"unroll\") for (int k = 0; k < 60; k++) a[k] = x[k * 256 + threadIdx.x]; __syncthreads();\n"
    "  _Pragma(\"unroll\") for (int k = 0; k < 60; k++) y[(59 - k) * 256 + threadIdx.x] = a[k] * a[(k + 31) % 60];\n}\n"
    "extern \"C\" __global__ void __launch_bounds__(256) calls(double *x) { x[threadIdx.x] = sin(x[threadIdx.x]) / sqrt(x[threadIdx.x + 1]); }\n";

static void resources_are_those_of_the_assembler(void **unused) {
  static const char *const kernels[] = {"plain", "shared", "local", "spilled", "calls"};
  (void)unused;
  for (int a = 0; a < NUM_ARCHITECTURES; a++) {
    image i = compile(of_resources, architectures[a]);
    assert_int_equal(i.count, 5);
    for (int k = 0; k < 5; k++) {
      const gkt_kernel_info *info = &find(&i, kernels[k])->info;
      const int frame = said(i.log, kernels[k], "bytes stack frame"), all = said(i.log, kernels[k], "bytes cumulative stack size");
      assert_int_equal(info->registers, said(i.log, kernels[k], "registers,"));
      assert_int_equal(info->shared_bytes, said(i.log, kernels[k], "bytes smem"));
      assert_int_equal(info->local_bytes, frame > all ? frame : all);
    }
    assert_int_equal(find(&i, "plain")->info.local_bytes, 0);
    assert_true(find(&i, "shared")->info.shared_bytes >= 41 * 8 && find(&i, "plain")->info.shared_bytes == 0);
    assert_true(find(&i, "local")->info.local_bytes >= 40 * 8 && find(&i, "spilled")->info.local_bytes > 0);
    release(&i);
  }
}

/* ---- instructions ---- */
static const char of_instructions[] =
    "extern \"C\" __global__ void __launch_bounds__(64) moves(const double *a, const double2 *b, double *c, const int *i) {\n"
    "  __shared__ double s[64]; int t = threadIdx.x;\n"
    "  double2 v = b[t]; s[t] = a[t] * v.x; __syncthreads(); double w = s[63 - t]; __syncthreads(); c[i[t]] = w + v.y;\n}\n"
    "extern \"C\" __global__ void __launch_bounds__(64) fused(const double *a, double *c) { int t = threadIdx.x; c[t] = fma(a[t], a[t + 64], a[t + 128]); }\n"
    "extern \"C\" __global__ void __launch_bounds__(64) loops(const double *a, double *c, int n, int m) {\n"
    "  double s = 0;\n  _Pragma(\"unroll 1\") for (int k = 0; k < n; k++) {\n"
    "    double p = 1; _Pragma(\"unroll 1\") for (int j = 0; j < m; j++) p *= a[j * 64 + threadIdx.x]; s += p;\n  }\n  c[threadIdx.x] = s;\n}\n";

static void instructions_are_those_of_the_text(void **unused) {
  static const struct {
    const char *kernel;
    gkt_code_kind kind;
    int count;
  } expected[] = {{"moves", GKT_CODE_DMUL, 1}, {"moves", GKT_CODE_DADD, 1}, {"moves", GKT_CODE_DFMA, 0}, {"moves", GKT_CODE_LDG, 3}, {"moves", GKT_CODE_STG, 1},
                  {"moves", GKT_CODE_LDS, 1},  {"moves", GKT_CODE_STS, 1},  {"moves", GKT_CODE_BAR, 2},  {"moves", GKT_CODE_LDL, 0}, {"moves", GKT_CODE_STL, 0},
                  {"fused", GKT_CODE_DFMA, 1}, {"fused", GKT_CODE_DADD, 0}, {"fused", GKT_CODE_DMUL, 0}, {"loops", GKT_CODE_DMUL, 1}};
  (void)unused;
  for (int a = 0; a < NUM_ARCHITECTURES; a++) {
    image i = compile(of_instructions, architectures[a]);
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++)
      if (count(&i, expected[k].kernel, expected[k].kind) != expected[k].count)
        fail_msg("sm_%d: %s has %d of %s", architectures[a], expected[k].kernel, count(&i, expected[k].kernel, expected[k].kind), gkt_code_names[expected[k].kind]);
    int bytes = 0;
    const gkt_cubin_kernel *moves = find(&i, "moves");
    for (int n = 0; n < moves->num_instructions; n++) bytes += gkt_cubin_decode(moves, architectures[a], n).bytes;
    assert_int_equal(bytes, 16 + 8 + 8 + 8 + 4 + 8); /* v, a, s twice, i, c */
    release(&i);
  }
}

/* Each loop's product or sum stands between its branch and where that leads: the inner loop has the product alone, the outer one both. */
static void branches_lead_to_the_heads_of_loops(void **unused) {
  (void)unused;
  for (int a = 0; a < NUM_ARCHITECTURES; a++) {
    image i = compile(of_instructions, architectures[a]);
    const gkt_cubin_kernel *k = find(&i, "loops");
    int inner = 0, outer = 0;
    for (int n = 0; n < k->num_instructions; n++) {
      const gkt_instruction branch = gkt_cubin_decode(k, architectures[a], n);
      int products = 0, sums = 0;
      if (branch.target < 0 || branch.target >= n) continue;
      for (int m = branch.target; m < n; m++) {
        const gkt_code_kind kind = gkt_cubin_decode(k, architectures[a], m).kind;
        products += kind == GKT_CODE_DMUL, sums += kind == GKT_CODE_DADD;
      }
      inner += products == 1 && sums == 0, outer += products == 1 && sums == 1;
    }
    assert_true(inner == 1 && outer == 1);
    release(&i);
  }
}

/* ---- loops ---- */
static const char of_loops[] = "extern \"C\" __global__ void __launch_bounds__(64) fixed(const double *a, double *c) {\n"
                               "  double s = 0;\n  _Pragma(\"unroll 1\") for (int k = 0; k < 12; k++) {\n"
                               "    double p = 1; _Pragma(\"unroll 1\") for (int j = 0; j < 5; j++) p *= a[j * 64 + threadIdx.x + k]; s += p;\n  }\n  c[threadIdx.x] = s;\n}\n"
                               "extern \"C\" __global__ void __launch_bounds__(64) partly(const double *a, double *c) {\n"
                               "  double s = 0; _Pragma(\"unroll 4\") for (int k = 0; k < 64; k++) s += a[k * 64 + threadIdx.x]; c[threadIdx.x] = s;\n}\n"
                               "extern \"C\" __global__ void __launch_bounds__(64) later(const double *a, double *c) {\n"
                               "  double s = 0; _Pragma(\"unroll 1\") for (int k = 3; k < 10; k += 2) s += a[k * k + threadIdx.x]; c[threadIdx.x] = s;\n}\n"
                               "extern \"C\" __global__ void __launch_bounds__(64) strided(const double *a, double *c, int n) {\n"
                               "  for (int i = blockIdx.x * 64 + threadIdx.x; i < n; i += gridDim.x * 64) {\n"
                               "    double s = 0; _Pragma(\"unroll 1\") for (int k = 0; k < 9; k++) s += a[k] * c[i * 9 + k]; c[i] = s;\n  }\n}\n";

static void check_counts(const image *i, const char *kernel, int loop, double products, double sums, double loads) {
  gkt_code_loop loops[GKT_CODE_MOST_LOOPS];
  const gkt_cubin_kernel *k = find(i, kernel);
  const int n = gkt_cubin_find_loops(k, i->architecture, loops);
  const gkt_code_counts c = gkt_cubin_count(k, i->architecture, n, loops, loop, 1);
  if (c.of[GKT_CODE_DMUL] != products || c.of[GKT_CODE_DADD] != sums || c.of[GKT_CODE_LDG] != loads)
    fail_msg("sm_%d %s: %g products, %g sums, %g loads in %d loops", i->architecture, kernel, c.of[GKT_CODE_DMUL], c.of[GKT_CODE_DADD], c.of[GKT_CODE_LDG], n);
}

static void loops_run_as_often_as_the_text_says(void **unused) {
  (void)unused;
  for (int a = 0; a < NUM_ARCHITECTURES; a++) {
    image i = compile(of_loops, architectures[a]);
    check_counts(&i, "fixed", -1, 60, 12, 60);
    check_counts(&i, "fixed", 1, 1, 0, 1); /* a pass of the inner one */
    check_counts(&i, "partly", -1, 0, 64, 64);
    check_counts(&i, "later", -1, 0, 4, 4);
    check_counts(&i, "strided", 0, 9, 9, 18);
    check_counts(&i, "strided", -1, 9, 9, 18); /* the outer one is not known to run more often */
    release(&i);
  }
}

/* ---- what is not machine code ---- */
static void decode_all(const image *i) {
  for (int k = 0; k < i->count; k++) {
    gkt_code_loop loops[GKT_CODE_MOST_LOOPS];
    gkt_cubin_count(&i->kernels[k], i->architecture, gkt_cubin_find_loops(&i->kernels[k], i->architecture, loops), loops, -1, 1);
  }
}

static bool read_spoilt(image *i, size_t bytes) {
  char *copy = malloc(bytes + 1); /* a sanitizer watches its end */
  memcpy(copy, i->code, bytes);
  image other = {.code = copy, .architecture = i->architecture};
  gkt_status status = gkt_cubin_read(ctx, copy, (gkt_size)bytes, &other.count, &other.kernels);
  if (status == GKT_OK) decode_all(&other);
  else assert_true(status == GKT_LIBRARY && strstr(gkt_context_message(ctx), "machine code"));
  gkt_context_clear(ctx);
  release(&other);
  return status == GKT_OK;
}

static void spoilt_images_are_refused_or_read(void **unused) {
  (void)unused;
  image i = compile(of_instructions, 90);
  uint64_t random = 7;
  for (size_t bytes = 0; bytes < i.bytes; bytes += 61) assert_false(read_spoilt(&i, bytes < 200 ? bytes : bytes / 2 + 64) && bytes < 64);
  for (int round = 0; round < 3000; round++) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    char *at = &i.code[(random >> 33) % i.bytes], kept = *at;
    *at = (char)(random >> 20);
    read_spoilt(&i, i.bytes);
    *at = kept;
  }
  release(&i);
}

static int set_up(void **unused) {
  (void)unused;
  return gkt_context_create(NULL, &ctx) != GKT_OK;
}
static int tear_down(void **unused) {
  (void)unused;
  gkt_context_destroy(&ctx);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(resources_are_those_of_the_assembler), cmocka_unit_test(instructions_are_those_of_the_text),
                                     cmocka_unit_test(branches_lead_to_the_heads_of_loops), cmocka_unit_test(loops_run_as_often_as_the_text_says),
                                     cmocka_unit_test(spoilt_images_are_refused_or_read)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
