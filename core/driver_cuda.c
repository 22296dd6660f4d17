/* CUDA's driver by way of its runtime library, which is linked statically and opens libcuda itself: where there is none, every call says so. */
#include <cuda_runtime_api.h>
#include <stdlib.h>
#include <string.h>

#include "core/driver_cuda.h"
#include "core/nvrtc.h"

typedef struct {
  int number;
  cudaStream_t stream;
  cudaMemPool_t pool; /* NULL: the device has none */
  cudaEvent_t start, stop;
  bool recording;
} device;

enum { OLDEST_ARCHITECTURE = 80 };

/* What does not stick is cleared, so that the next call is not blamed. */
static int result(cudaError_t error) {
  if (error != cudaSuccess) (void)cudaGetLastError();
  return (int)error;
}

/* ---- what is there ---- */
static int count(int *out) {
  *out = 0;
  return result(cudaGetDeviceCount(out));
}

/* Where there is no driver the runtime speaks of one that is too old. */
static void explain(int error, gkt_device_info *out) {
  int driver = 0, runtime = CUDART_VERSION;
  (void)cudaDriverGetVersion(&driver);
  if (error == cudaErrorInsufficientDriver && driver == 0)
    snprintf(out->why, sizeof out->why, "no driver of NVIDIA is found (libcuda.so.1); install one that supports CUDA %d.%d", runtime / 1000, runtime % 1000 / 10);
  else if (error == cudaErrorInsufficientDriver)
    snprintf(out->why, sizeof out->why, "the driver of NVIDIA supports CUDA %d.%d, and this build needs %d.%d: update the driver, or build with an older toolkit", driver / 1000,
             driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
  else if (error == cudaErrorNoDevice) snprintf(out->why, sizeof out->why, "the driver of NVIDIA finds no GPU (CUDA_VISIBLE_DEVICES may hide it)");
  else snprintf(out->why, sizeof out->why, "the driver of NVIDIA failed: %s", cudaGetErrorString((cudaError_t)error));
}

static int attribute(int number, enum cudaDeviceAttr which) {
  int value = 0;
  return cudaDeviceGetAttribute(&value, which, number) == cudaSuccess ? value : 0;
}

/* Free memory is the current device's, which is not put back: to make a device current takes memory on it, and the one before may be somebody else's. */
static int describe_memory(int number, gkt_device_info *out) {
  size_t free_bytes = 0, all = 0;
  cudaError_t error = cudaSetDevice(number);
  if (error == cudaSuccess) error = cudaMemGetInfo(&free_bytes, &all);
  out->free_bytes = (gkt_size)free_bytes, out->memory_bytes = (gkt_size)all;
  return result(error);
}

static void describe(int number, gkt_device_info *out) {
  struct cudaDeviceProp properties;
  int num = 0, error = count(&num);
  *out = (gkt_device_info){.name = "cuda"};
  if (error) {
    explain(error, out);
    return;
  }
  if (number < 0 || number >= num) {
    snprintf(out->why, sizeof out->why, "there is no GPU %d: there are %d, counted from 0", number, num);
    return;
  }
  error = result(cudaGetDeviceProperties(&properties, number));
  if (!error) {
    snprintf(out->name, sizeof out->name, "%.95s", properties.name);
    out->architecture = 10 * properties.major + properties.minor;
    out->num_processors = properties.multiProcessorCount;
    out->shared_bytes = (gkt_size)properties.sharedMemPerMultiprocessor, out->block_shared_bytes = (gkt_size)properties.sharedMemPerBlockOptin;
    out->registers = properties.regsPerMultiprocessor, out->l2_bytes = properties.l2CacheSize;
    error = describe_memory(number, out);
  }
  if (error) explain(error, out);
  else if (out->architecture < OLDEST_ARCHITECTURE)
    snprintf(out->why, sizeof out->why, "%s is of architecture sm_%d; sm_%d or newer is needed", out->name, out->architecture, OLDEST_ARCHITECTURE);
  else out->usable = true;
}

/* ---- the device ---- */
static void close_device(void *handle) {
  device *d = handle;
  if (d->start) cudaEventDestroy(d->start);
  if (d->stop) cudaEventDestroy(d->stop);
  if (d->stream) cudaStreamDestroy(d->stream);
  if (d->pool) cudaMemPoolDestroy(d->pool);
  free(d);
}

/* A pool of its own keeps what is released, for the next allocation; the process' default one stays as others want it. */
static cudaError_t make_pool(device *d) {
  struct cudaMemPoolProps properties = {.allocType = cudaMemAllocationTypePinned, .location = {.type = cudaMemLocationTypeDevice, .id = d->number}};
  uint64_t keep = UINT64_MAX;
  if (!attribute(d->number, cudaDevAttrMemoryPoolsSupported)) return cudaSuccess;
  cudaError_t error = cudaMemPoolCreate(&d->pool, &properties);
  return error == cudaSuccess ? cudaMemPoolSetAttribute(d->pool, cudaMemPoolAttrReleaseThreshold, &keep) : error;
}

static int open_device(int number, void **out) {
  device *d = calloc(1, sizeof *d);
  if (!d) return cudaErrorMemoryAllocation;
  d->number = number;
  cudaError_t error = cudaSetDevice(number);
  if (error == cudaSuccess) error = cudaStreamCreateWithFlags(&d->stream, cudaStreamNonBlocking);
  if (error == cudaSuccess) error = cudaEventCreate(&d->start);
  if (error == cudaSuccess) error = cudaEventCreate(&d->stop);
  if (error == cudaSuccess) error = make_pool(d);
  if (error == cudaSuccess) *out = d;
  else close_device(d);
  return result(error);
}

/* Other libraries, and other contexts of this thread, may have chosen another device. */
#define ENTER(handle)                             \
  device *d = (handle);                           \
  cudaError_t entered = cudaSetDevice(d->number); \
  if (entered != cudaSuccess) return result(entered)

/* ---- memory ---- */
static cudaError_t take(device *d, size_t bytes, void **out) { return d->pool ? cudaMallocFromPoolAsync(out, bytes, d->pool, d->stream) : cudaMalloc(out, bytes); }

static cudaError_t trim_pool(device *d) {
  cudaError_t error = cudaStreamSynchronize(d->stream); /* what is released becomes whole again */
  return error == cudaSuccess && d->pool ? cudaMemPoolTrimTo(d->pool, 0) : error;
}

/* cudaSuccess: there may be memory now, for another try. Code of kernels, their local memory, graphs and other libraries take it beside the pool. */
static cudaError_t make_room(device *d, cudaError_t error) {
  if (error != cudaErrorMemoryAllocation || !d->pool || d->recording) return error;
  (void)cudaGetLastError();
  return trim_pool(d);
}

static int enter(void *handle) {
  ENTER(handle);
  return 0;
}

static int alloc(void *handle, size_t bytes, void **out) {
  ENTER(handle);
  cudaError_t error = take(d, bytes, out);
  if (error != cudaSuccess && (error = make_room(d, error)) == cudaSuccess) error = take(d, bytes, out);
  return result(error);
}

static int trim(void *handle) {
  ENTER(handle);
  return result(trim_pool(d));
}

static int release(void *handle, void *at) {
  ENTER(handle);
  return result(d->pool ? cudaFreeAsync(at, d->stream) : cudaFree(at));
}

/* From memory that is not pinned the runtime copies before it returns; from memory that is, it may read later. */
static int upload(void *handle, const void *host, void *at, size_t bytes) {
  struct cudaPointerAttributes is;
  ENTER(handle);
  cudaError_t error = cudaMemcpyAsync(at, host, bytes, cudaMemcpyHostToDevice, d->stream);
  if (error == cudaSuccess && (cudaPointerGetAttributes(&is, host) != cudaSuccess || is.type != cudaMemoryTypeUnregistered)) error = cudaStreamSynchronize(d->stream);
  return result(error);
}

static int download(void *handle, const void *at, void *host, size_t bytes) {
  ENTER(handle);
  cudaError_t error = cudaMemcpyAsync(host, at, bytes, cudaMemcpyDeviceToHost, d->stream);
  return result(error == cudaSuccess ? cudaStreamSynchronize(d->stream) : error);
}

static int copy(void *handle, const void *from, void *to, size_t bytes) {
  ENTER(handle);
  return result(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, d->stream));
}

static int fill(void *handle, void *at, int byte, size_t bytes) {
  ENTER(handle);
  return result(cudaMemsetAsync(at, byte, bytes, d->stream));
}

/* ---- launches ---- */
static int load(void *handle, const void *image, size_t bytes, void **module) {
  ENTER(handle);
  (void)bytes;
  cudaError_t error = (cudaError_t)gkt_cuda_load(image, module);
  if (error != cudaSuccess && (error = make_room(d, error)) == cudaSuccess) error = (cudaError_t)gkt_cuda_load(image, module);
  return result(error);
}

/* A failure of what was launched is told by others. */
static void unload(void *handle, void *module) {
  device *d = handle;
  if (cudaSetDevice(d->number) == cudaSuccess && !d->recording) (void)result(cudaStreamSynchronize(d->stream));
  gkt_cuda_unload(module);
}

static int find(void *handle, void *module, const char *kernel, void **out) {
  ENTER(handle);
  cudaError_t error = (cudaError_t)gkt_cuda_find(module, kernel, out);
  if (error != cudaSuccess && (error = make_room(d, error)) == cudaSuccess) error = (cudaError_t)gkt_cuda_find(module, kernel, out);
  return result(error);
}

static int prefer_shared(void *handle, void *kernel, gkt_size shared, int percent) {
  ENTER(handle);
  return result((cudaError_t)gkt_cuda_prefer_shared(kernel, (size_t)shared, percent));
}

static cudaError_t launch_once(const device *d, void *kernel, gkt_size blocks, int threads, gkt_size shared, const void *arguments) {
  return (cudaError_t)gkt_cuda_launch(kernel, (unsigned)blocks, (unsigned)threads, (size_t)shared, (void *)arguments, d->stream);
}

static int launch(void *handle, void *kernel, gkt_size blocks, int threads, gkt_size shared, const void *arguments, size_t size) {
  ENTER(handle);
  (void)size; /* the kernel knows */
  cudaError_t error = launch_once(d, kernel, blocks, threads, shared, arguments);
  if (error != cudaSuccess && (error = make_room(d, error)) == cudaSuccess) error = launch_once(d, kernel, blocks, threads, shared, arguments);
  return result(error);
}

static int wait_for(void *handle) {
  ENTER(handle);
  return result(cudaStreamSynchronize(d->stream));
}

static void *stream(void *handle) { return ((device *)handle)->stream; }

static int begin_record(void *handle) {
  ENTER(handle);
  cudaError_t error = cudaStreamBeginCapture(d->stream, cudaStreamCaptureModeThreadLocal);
  d->recording = error == cudaSuccess;
  return result(error);
}

static int end_record(void *handle, void **recording) {
  cudaGraph_t graph = NULL;
  cudaGraphExec_t executable = NULL;
  ENTER(handle);
  d->recording = false;
  cudaError_t error = cudaStreamEndCapture(d->stream, &graph), made = error;
  if (made == cudaSuccess) made = cudaGraphInstantiateWithFlags(&executable, graph, 0);
  if (made != cudaSuccess && error == cudaSuccess && (made = make_room(d, made)) == cudaSuccess) made = cudaGraphInstantiateWithFlags(&executable, graph, 0);
  if (graph) cudaGraphDestroy(graph);
  if (made == cudaSuccess) *recording = executable;
  return result(made);
}

static int replay(void *handle, void *recording) {
  ENTER(handle);
  return result(cudaGraphLaunch(recording, d->stream));
}

static void drop(void *recording) { cudaGraphExecDestroy(recording); }

static int start_timer(void *handle) {
  ENTER(handle);
  return result(cudaEventRecord(d->start, d->stream));
}

static int stop_timer(void *handle, double *seconds) {
  float milliseconds = 0;
  ENTER(handle);
  cudaError_t error = cudaEventRecord(d->stop, d->stream);
  if (error == cudaSuccess) error = cudaEventSynchronize(d->stop);
  if (error == cudaSuccess) error = cudaEventElapsedTime(&milliseconds, d->start, d->stop);
  *seconds = 1e-3 * (double)milliseconds;
  return result(error);
}

static const char *text(int error) { return cudaGetErrorString((cudaError_t)error); }
static bool is_no_memory(int error) { return error == cudaErrorMemoryAllocation; }

const gkt_driver *gkt_driver_cuda(void) {
  static const gkt_driver cuda = {.name = "cuda",
                                  .count = count,
                                  .describe = describe,
                                  .open = open_device,
                                  .close = close_device,
                                  .enter = enter,
                                  .alloc = alloc,
                                  .release = release,
                                  .trim = trim,
                                  .upload = upload,
                                  .download = download,
                                  .copy = copy,
                                  .fill = fill,
                                  .load = load,
                                  .unload = unload,
                                  .find = find,
                                  .prefer_shared = prefer_shared,
                                  .launch = launch,
                                  .wait = wait_for,
                                  .stream = stream,
                                  .begin_record = begin_record,
                                  .end_record = end_record,
                                  .replay = replay,
                                  .drop = drop,
                                  .start_timer = start_timer,
                                  .stop_timer = stop_timer,
                                  .text = text,
                                  .is_no_memory = is_no_memory,
                                  .prelude = gkt_device_prelude,
                                  .identify = gkt_nvrtc_identify,
                                  .compile = gkt_nvrtc_compile};
  return &cuda;
}
