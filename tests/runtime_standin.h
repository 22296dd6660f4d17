/* A stand-in for CUDA's runtime library, as its manual has the calls that core/driver_cuda*.c uses: two devices, of which calls act on the current one; work that waits in its
   stream until something waits for it; errors that are kept until they are fetched; captures in which waiting is an error; pools that are fragmented until they are trimmed; 48 kB
   of shared memory unless more was asked for. Memory is the host's, kernels are functions of the test, an image is the names of its kernels. The archive of the real library is
   then not linked. */
#ifndef GKT_TESTS_RUNTIME_STANDIN_H
#define GKT_TESTS_RUNTIME_STANDIN_H
#include <cuda_runtime_api.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const char *name;
  void (*run)(unsigned blocks, unsigned threads, void *argument);
} standin_kernel;
typedef struct operation { /* of a stream or a graph */
  enum { COPY, FILL, RUN, RELEASE } kind;
  void *to;
  const void *from;
  void *staged; /* a copy of memory that is not pinned; of RUN: of the arguments */
  size_t bytes;
  int byte;
  const standin_kernel *kernel;
  unsigned blocks, threads;
  struct operation *next;
} operation;
typedef struct {
  operation *first, **last;
} operations;

static struct {
  int driver_version, num_devices, current, home; /* home: the device that everything is on */
  int major, minor, pools_supported;
  cudaError_t broken, last;         /* broken: what every call gives; last: until it is fetched */
  const standin_kernel *kernels;    /* NULL name at the end */
  size_t free_bytes, trimmed_bytes; /* trimmed: free after a trim alone */
  size_t beside;                    /* what code, a launch, a graph take beside pools: not there until a trim where it is more than is free */
  size_t asked_shared;
  int preferred_percent; /* of shared memory; 0: nothing was asked */
  const char *pinned;    /* [pinned_bytes] */
  size_t pinned_bytes;
  size_t argument_bytes;
  operations stream, *capture;
  int streams, events, all_pools, arrays, libraries, graphs, executables; /* alive */
  int synchronizations, trims;
  bool wrong_device, unloaded_too_early;
} cuda;

static cudaError_t standin_end(cudaError_t error) {
  if (error != cudaSuccess) cuda.last = error;
  return error;
}
static cudaError_t standin_enter(void) {
  if (cuda.current != cuda.home) cuda.wrong_device = true;
  return standin_end(cuda.broken);
}
static cudaError_t standin_take_beside(void) {
  cudaError_t error = standin_enter();
  return error == cudaSuccess && cuda.beside > cuda.free_bytes ? standin_end(cudaErrorMemoryAllocation) : error;
}

/* ---- what waits ---- */
static void standin_add(operation o) {
  operations *to = cuda.capture ? cuda.capture : &cuda.stream;
  operation *copy = malloc(sizeof *copy);
  *copy = o, copy->next = NULL;
  *to->last = copy, to->last = &copy->next;
}
static void standin_run(const operation *o) {
  if (o->kind == COPY) memcpy(o->to, o->staged ? o->staged : o->from, o->bytes);
  if (o->kind == FILL) memset(o->to, o->byte, o->bytes);
  if (o->kind == RUN) o->kernel->run(o->blocks, o->threads, o->staged);
  if (o->kind == RELEASE) free(o->to);
}
static void standin_clear(operations *all, bool run) {
  for (operation *o = all->first, *next; o; o = next) {
    next = o->next;
    if (run || o->kind == RELEASE) standin_run(o);
    free(o->staged), free(o);
  }
  all->first = NULL, all->last = &all->first;
}
static void *standin_keep(const void *from, size_t bytes) { return memcpy(malloc(bytes), from, bytes); }

/* ---- devices ---- */
cudaError_t cudaDriverGetVersion(int *version) { return *version = cuda.driver_version, cudaSuccess; }
cudaError_t cudaGetDeviceCount(int *count) {
  if (cuda.driver_version < CUDART_VERSION) return standin_end(cudaErrorInsufficientDriver); /* *count stays as it was */
  if (cuda.num_devices == 0) return standin_end(cudaErrorNoDevice);
  return *count = cuda.num_devices, cudaSuccess;
}
cudaError_t cudaSetDevice(int device) { return cuda.current = device, standin_end(cuda.broken); }
cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *p, int device) {
  *p = (struct cudaDeviceProp){.major = cuda.major,
                               .minor = cuda.minor,
                               .multiProcessorCount = 8,
                               .sharedMemPerMultiprocessor = 233472,
                               .sharedMemPerBlockOptin = 232448,
                               .regsPerMultiprocessor = 65536,
                               .l2CacheSize = 1 << 20};
  snprintf(p->name, sizeof p->name, "stand-in %d", device);
  return standin_end(cuda.broken);
}
cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr which, int device) {
  return (void)device, *value = which == cudaDevAttrMemoryPoolsSupported ? cuda.pools_supported : 0, cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t *free_bytes, size_t *all) { return *free_bytes = cuda.free_bytes, *all = 1 << 30, standin_end(cuda.broken); }
cudaError_t cudaGetLastError(void) {
  cudaError_t last = cuda.last;
  return cuda.last = cudaSuccess, last;
}
const char *cudaGetErrorString(cudaError_t error) {
  return error == cudaErrorMemoryAllocation ? "out of memory" : error == cudaErrorLaunchFailure ? "unspecified launch failure" : "an error";
}

/* ---- streams, events, pools: handles are addresses of what they count ---- */
cudaError_t cudaStreamCreateWithFlags(cudaStream_t *s, unsigned flags) {
  if (standin_enter() != cudaSuccess || flags != cudaStreamNonBlocking) return standin_end(cudaErrorInvalidValue);
  cuda.stream.first = NULL, cuda.stream.last = &cuda.stream.first;
  return cuda.streams++, *s = (cudaStream_t)&cuda.stream, cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t s) { return (void)s, standin_clear(&cuda.stream, true), cuda.streams--, cudaSuccess; }
cudaError_t cudaStreamSynchronize(cudaStream_t s) {
  if (s != (cudaStream_t)&cuda.stream) return standin_end(cudaErrorInvalidResourceHandle);
  if (cuda.capture) return standin_end(cudaErrorStreamCaptureUnsupported);
  cuda.synchronizations++;
  standin_clear(&cuda.stream, cuda.broken == cudaSuccess);
  return standin_enter();
}
cudaError_t cudaEventCreate(cudaEvent_t *e) { return cuda.events++, *e = (cudaEvent_t)&cuda.events, standin_enter(); }
cudaError_t cudaEventDestroy(cudaEvent_t e) { return (void)e, cuda.events--, cudaSuccess; }
cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t s) { return (void)e, s == (cudaStream_t)&cuda.stream ? standin_enter() : standin_end(cudaErrorInvalidResourceHandle); }
cudaError_t cudaEventSynchronize(cudaEvent_t e) { return (void)e, cudaStreamSynchronize((cudaStream_t)&cuda.stream); }
cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t from, cudaEvent_t to) { return (void)from, (void)to, *ms = 250, cudaSuccess; }
cudaError_t cudaMemPoolCreate(cudaMemPool_t *pool, const struct cudaMemPoolProps *p) {
  if (p->location.type != cudaMemLocationTypeDevice || p->location.id != cuda.home) return standin_end(cudaErrorInvalidValue);
  return cuda.all_pools++, *pool = (cudaMemPool_t)&cuda.all_pools, standin_enter();
}
cudaError_t cudaMemPoolDestroy(cudaMemPool_t pool) { return (void)pool, cuda.all_pools--, cudaSuccess; }
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, enum cudaMemPoolAttr which, void *value) {
  return (void)pool, which == cudaMemPoolAttrReleaseThreshold && *(uint64_t *)value == UINT64_MAX ? cudaSuccess : standin_end(cudaErrorInvalidValue);
}
cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, size_t keep) {
  (void)pool, (void)keep;
  cuda.trims++, cuda.free_bytes += cuda.trimmed_bytes, cuda.trimmed_bytes = 0;
  return cudaSuccess;
}

/* ---- memory: the first 64 bytes say how much ---- */
cudaError_t cudaMalloc(void **out, size_t bytes) {
  if (standin_enter() != cudaSuccess) return cuda.broken;
  if (cuda.capture) return standin_end(cudaErrorStreamCaptureUnsupported);
  if (bytes > cuda.free_bytes) return standin_end(cudaErrorMemoryAllocation);
  return cuda.free_bytes -= bytes, cuda.arrays++, *out = malloc(bytes), cudaSuccess;
}
cudaError_t cudaMallocFromPoolAsync(void **out, size_t bytes, cudaMemPool_t pool, cudaStream_t s) {
  return pool == (cudaMemPool_t)&cuda.all_pools && s == (cudaStream_t)&cuda.stream ? cudaMalloc(out, bytes) : standin_end(cudaErrorInvalidValue);
}
cudaError_t cudaFree(void *at) { return free(at), cuda.arrays--, standin_enter(); }
cudaError_t cudaFreeAsync(void *at, cudaStream_t s) { return (void)s, standin_add((operation){.kind = RELEASE, .to = at}), cuda.arrays--, standin_enter(); }
static bool standin_is_pinned(const void *at) { return cuda.pinned && (const char *)at >= cuda.pinned && (const char *)at < cuda.pinned + cuda.pinned_bytes; }
cudaError_t cudaPointerGetAttributes(struct cudaPointerAttributes *a, const void *at) {
  return *a = (struct cudaPointerAttributes){.type = standin_is_pinned(at) ? cudaMemoryTypeHost : cudaMemoryTypeUnregistered}, cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind, cudaStream_t s) {
  if (s != (cudaStream_t)&cuda.stream || (cuda.capture && kind != cudaMemcpyDeviceToDevice)) return standin_end(cudaErrorStreamCaptureUnsupported);
  if (standin_enter() != cudaSuccess) return cuda.broken;
  const bool staged = kind == cudaMemcpyHostToDevice && !standin_is_pinned(from);
  standin_add((operation){.kind = COPY, .to = to, .from = from, .bytes = bytes, .staged = staged ? standin_keep(from, bytes) : NULL});
  return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void *to, int byte, size_t bytes, cudaStream_t s) {
  return (void)s, standin_add((operation){.kind = FILL, .to = to, .byte = byte, .bytes = bytes}), standin_enter();
}

/* ---- modules and launches ---- */
static cudaError_t standin_load(const void *image, void **out) {
  cudaError_t error = standin_take_beside();
  if (error != cudaSuccess) return error;
  return cuda.libraries++, *out = strdup(image), cudaSuccess;
}
static cudaError_t standin_unload(void *library) { return cuda.unloaded_too_early |= cuda.stream.first && !cuda.broken, free(library), cuda.libraries--, cudaSuccess; }
static cudaError_t standin_find(const void **out, const char *library, const char *name) {
  for (const standin_kernel *k = cuda.kernels; k->name; k++)
    if (strcmp(k->name, name) == 0 && strstr(library, name)) return *out = k, cuda.broken; /* of no device */
  return standin_end(cudaErrorSymbolNotFound);
}
static cudaError_t standin_launch(const void *kernel, unsigned blocks, unsigned threads, size_t shared, void **arguments) {
  if (shared > 48 * 1024 && shared > cuda.asked_shared) return standin_end(cudaErrorInvalidValue);
  cudaError_t error = standin_take_beside();
  if (error != cudaSuccess) return error;
  standin_add((operation){.kind = RUN, .kernel = kernel, .blocks = blocks, .threads = threads, .staged = standin_keep(arguments[0], cuda.argument_bytes)});
  return cudaSuccess;
}
#if CUDART_VERSION >= 12080
cudaError_t cudaLibraryLoadData(cudaLibrary_t *out, const void *image, enum cudaJitOption *a, void **b, unsigned c, enum cudaLibraryOption *d, void **e, unsigned f) {
  return (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, standin_load(image, (void **)out);
}
cudaError_t cudaLibraryUnload(cudaLibrary_t library) { return standin_unload(library); }
cudaError_t cudaLibraryGetKernel(cudaKernel_t *out, cudaLibrary_t library, const char *name) { return standin_find((const void **)out, (const char *)library, name); }
cudaError_t cudaFuncGetAttributes(struct cudaFuncAttributes *out, const void *f) { return (void)f, memset(out, 0, sizeof *out), standin_take_beside(); }
cudaError_t cudaFuncSetAttribute(const void *f, enum cudaFuncAttribute which, int value) {
  if (which == cudaFuncAttributePreferredSharedMemoryCarveout && value >= 0 && value <= 100) return (void)f, cuda.preferred_percent = value, cudaSuccess;
  if (which != cudaFuncAttributeMaxDynamicSharedMemorySize) return standin_end(cudaErrorInvalidValue);
  return cuda.asked_shared = (size_t)value, cudaSuccess;
}
cudaError_t cudaLaunchKernel(const void *f, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t s) {
  return s == (cudaStream_t)&cuda.stream ? standin_launch(f, grid.x, block.x, shared, arguments) : standin_end(cudaErrorInvalidResourceHandle);
}
#else
static int standin_module_load(void **out, const void *image) { return (int)standin_load(image, out); }
static int standin_module_unload(void *module) { return (int)standin_unload(module); }
static int standin_module_find(const void **out, void *module, const char *name) { return (int)standin_find(out, module, name); }
static int standin_set(void *f, int which, int value) {
  if (which == 9 && value >= 0 && value <= 100) return (void)f, cuda.preferred_percent = value, 0;
  return which == 8 ? cuda.asked_shared = (size_t)value, 0 : 1;
}
static int standin_driver_launch(void *f, unsigned x, unsigned y, unsigned z, unsigned tx, unsigned ty, unsigned tz, unsigned shared, void *s, void **arguments, void **more) {
  return (void)y, (void)z, (void)ty, (void)tz, (void)s, (void)more, (int)standin_launch(f, x, tx, shared, arguments);
}
static cudaError_t standin_entry(const char *name, void **out) {
  const struct {
    const char *name;
    void *f;
  } all[] = {{"cuModuleLoadData", (void *)standin_module_load},
             {"cuModuleUnload", (void *)standin_module_unload},
             {"cuModuleGetFunction", (void *)standin_module_find},
             {"cuFuncSetAttribute", (void *)standin_set},
             {"cuLaunchKernel", (void *)standin_driver_launch}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(all[i].name, name) == 0) return *out = all[i].f, cudaSuccess;
  return standin_end(cudaErrorSymbolNotFound);
}
#if CUDART_VERSION >= 12000
cudaError_t cudaGetDriverEntryPoint(const char *name, void **out, unsigned long long flags, enum cudaDriverEntryPointQueryResult *found) {
  return (void)flags, (void)found, standin_entry(name, out);
}
#else
cudaError_t cudaGetDriverEntryPoint(const char *name, void **out, unsigned long long flags) { return (void)flags, standin_entry(name, out); }
#endif
#endif

/* ---- graphs: a graph is its operations; the executable one takes them over ---- */
cudaError_t cudaStreamBeginCapture(cudaStream_t s, enum cudaStreamCaptureMode mode) {
  if (cuda.capture || s != (cudaStream_t)&cuda.stream || mode != cudaStreamCaptureModeThreadLocal) return standin_end(cudaErrorIllegalState);
  cuda.capture = calloc(1, sizeof *cuda.capture), cuda.capture->last = &cuda.capture->first;
  return standin_enter();
}
cudaError_t cudaStreamEndCapture(cudaStream_t s, cudaGraph_t *out) {
  if (!cuda.capture || s != (cudaStream_t)&cuda.stream) return standin_end(cudaErrorIllegalState);
  cuda.graphs++, *out = (cudaGraph_t)cuda.capture, cuda.capture = NULL;
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t *out, cudaGraph_t graph, unsigned long long flags) {
  cudaError_t error = standin_take_beside();
  if (error != cudaSuccess) return error;
  operations *from = (operations *)graph, *to = malloc(sizeof *to);
  (void)flags;
  *to = *from, from->first = NULL, from->last = &from->first;
  if (!to->first) to->last = &to->first;
  return cuda.executables++, *out = (cudaGraphExec_t)to, cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) { return standin_clear((operations *)graph, false), free(graph), cuda.graphs--, cudaSuccess; }
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph) { return standin_clear((operations *)graph, false), free(graph), cuda.executables--, cudaSuccess; }
cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t s) {
  if (s != (cudaStream_t)&cuda.stream) return standin_end(cudaErrorInvalidResourceHandle);
  for (const operation *o = ((operations *)graph)->first; o; o = o->next) {
    operation again = *o;
    if (o->kind == RUN) again.staged = standin_keep(o->staged, cuda.argument_bytes);
    standin_add(again);
  }
  return standin_enter();
}
#endif
