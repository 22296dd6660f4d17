/* Status codes, the context, sparse matrices, system facts. Everything else in Galerkit builds on these. */
#ifndef GALERKIT_CORE_H
#define GALERKIT_CORE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define GKT_API __attribute__((visibility("default")))
#define GKT_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define GKT_MUST_CHECK __attribute__((warn_unused_result))
#else
#define GKT_API
#define GKT_PRINTF(f, a)
#define GKT_MUST_CHECK
#endif
#ifdef __cplusplus
extern "C" {
#endif

#define GKT_VERSION "0.1.0"

typedef double gkt_scalar; /* field values, coordinates, matrix entries */
typedef int32_t gkt_idx;   /* stored indices: nodes, cells, dofs, columns */
typedef int64_t gkt_size;  /* counts and products of counts */

/* Zero is success. Positive: the call was refused and nothing changed. Negative: the object given may only be
 * destroyed. */
#define GKT_STATUS_LIST(X)                                                           \
  X(GKT_OK, 0, "success")                                                            \
  X(GKT_BAD_INPUT, 1, "the user's text, file or mesh is wrong")                      \
  X(GKT_UNAVAILABLE, 2, "valid, but not available yet")                              \
  X(GKT_BAD_ARGUMENT, 3, "a call broke the contract of its header")                  \
  X(GKT_NO_MEMORY, -1, "memory is exhausted")                                        \
  X(GKT_IO, -2, "a file or a process could not be opened, read, written or renamed") \
  X(GKT_LIBRARY, -3, "PETSc, Gmsh, CUDA or the C compiler reported a failure")       \
  X(GKT_INTERNAL, -4, "Galerkit contradicts itself; please report this")             \
  X(GKT_CANCELLED, -5, "cancelled by the caller")
typedef enum {
#define X(name, value, text) name = value,
  GKT_STATUS_LIST(X)
#undef X
} gkt_status;
GKT_API const char *gkt_status_text(gkt_status); /* the third column of the list */

/* Lifetimes. An object holds the objects that it was made of: gkt_X_destroy(&x) lets go of x, sets it NULL
   and accepts NULL, and what nobody holds any more is freed. So the order of destruction does not matter.
   What a call is of, its first argument, is never NULL. Of other pointers, where a header does not say that
   they may be NULL, missing reports are refused with GKT_BAD_ARGUMENT, and by adjoint.h, time_adjoint.h,
   optimize.h, filter.h and extension.h all that are missing.
   Arrays, gkt_csr and other structs with visible members are not held: those that are borrowed outlive what
   uses them, and each header names them. */

/* ---- context: backend, threads, messages. One per calling thread; objects hold theirs. Contexts share
   nothing but PETSc, where solves of several contexts wait for each other, and the cache of kernels. ---- */
typedef struct gkt_context gkt_context;
typedef enum {
  GKT_BACKEND_DEFAULT, /* the one that the environment variable GKT_BACKEND names (cpu, interpreter, cuda),
                          else cpu */
  GKT_BACKEND_CPU,     /* falls back to the interpreter, with a notice, where no compiler is found */
  GKT_BACKEND_INTERPRETER,
  GKT_BACKEND_CUDA
} gkt_backend;
/* How element tensors are summed into matrices, vectors and numbers. All give the same to rounding, each the
 * same bits in every run and for any number of threads. */
typedef enum {
  GKT_REDUCE_AUTO,      /* the one that moves the fewest bytes by a model; logged as a detail */
  GKT_REDUCE_FUSED,     /* element tensors stay in cache, chunk by chunk */
  GKT_REDUCE_SEGMENTED, /* element tensors of all cells go to memory, then each entry sums its own: needs
                           their memory */
  GKT_REDUCE_SPMM /* the same tensors times a sparse routing matrix of 12 bytes a scalar, as TensorGalerkin
                     publishes it: for comparison */
} gkt_reduce_strategy;
typedef enum { GKT_LOG_WARNING, GKT_LOG_NOTICE, GKT_LOG_DETAIL } gkt_log_level;
typedef void gkt_log_fn(void *user, gkt_log_level, const char *message);
typedef struct {
  gkt_backend backend;        /* default: GKT_BACKEND_DEFAULT */
  int threads;                /* OpenMP threads; default 0: all cores */
  bool poison;                /* fill every buffer with NaN before use: a test backend */
  bool separate_rounding;     /* cuda: products and sums are rounded one by one, with the bits of a CPU;
                                 default: they are fused, which is faster */
  gkt_reduce_strategy reduce; /* default: GKT_REDUCE_AUTO */
  const char *cache_dir; /* compiled kernels; default NULL: $XDG_CACHE_HOME/galerkit or ~/.cache/galerkit */
  gkt_log_fn *log;       /* warnings and notices; default NULL: dropped */
  void *log_user;
} gkt_context_options;
GKT_API gkt_context_options gkt_context_options_default(void);
/* options NULL: defaults */
GKT_API gkt_status gkt_context_create(const gkt_context_options *, gkt_context **out) GKT_MUST_CHECK;
GKT_API void gkt_context_destroy(gkt_context **);
/* the first failure since the last clear; "" if none */
GKT_API const char *gkt_context_message(const gkt_context *);
/* also needed after GKT_NO_MEMORY: until then whatever fails, fails for want of memory */
GKT_API void gkt_context_clear(gkt_context *);

/* Which of the candidates was meant by a word that is none of them: the nearest by insertions, deletions,
   replacements and swaps of neighbours, at most one for three letters; capital letters count as small ones.
   NULL: none is near. */
GKT_API const char *gkt_nearest_word(const char *word, int count, const char *const *candidates);

/* Whether a file can be written at path, by beginning one that leaves no trace; what is there stays as it is.
 * GKT_BAD_INPUT: it cannot, and why. For before the work. */
GKT_API gkt_status gkt_output_try(gkt_context *, const char *path) GKT_MUST_CHECK;
/* The file is data [length], whole, or stays as it was; a device or a pipe is written at once. */
GKT_API gkt_status gkt_file_write(gkt_context *, const char *path, size_t length,
                                  const void *data) GKT_MUST_CHECK;

/* ---- what a machine has for the cuda backend. GPUs are counted from 0; the environment variable GKT_DEVICE
   names the one that contexts use, default 0. ---- */
typedef struct {
  char name[96];
  int architecture; /* 90: sm_90 */
  int num_processors;
  gkt_size shared_bytes, block_shared_bytes; /* of a multiprocessor; the most that one block can have */
  gkt_size registers;                        /* of a multiprocessor */
  gkt_size memory_bytes, free_bytes, l2_bytes;
  bool usable;
  char why[256]; /* if not usable: built without CUDA, no driver, driver too old, no GPU, architecture below
                    80, and what to do about it */
} gkt_device_info;
GKT_API int gkt_device_count(void); /* 0 where there is no driver */
/* also where there is none: number 0 then says why. The device becomes CUDA's current one of the thread. */
GKT_API void gkt_device_describe(int number, gkt_device_info *out);
/* What work costs on an NVIDIA GPU, by a model: nothing here was measured. Seconds are those of the slowest
   of five limits, with the launches, and with the last wave of their blocks, which leaves some of the GPU
   idle. Not counted: waiting inside of a block, local memory beyond the first cache; both sides of a branch
   count as run. */
typedef struct {
  const char *card; /* whose rates are taken: "H200" */
  int architecture;
  const char *method;    /* of an assembly "fused", "segmented"; of a product the layout: "SELL-32" */
  gkt_size items;        /* cells that the integrals run over; rows */
  gkt_size computed;     /* element tensors computed: more than cells where patches share some; rows */
  double dram_bytes;     /* between processors and memory */
  double l2_bytes;       /* between processors and the second-level cache, which moves 32 bytes at least */
  double wavefronts;     /* of shared memory and of loads and stores, 128 bytes each */
  double fp64;           /* thread operations in double precision; a product with a sum is one */
  double instructions;   /* thread instructions of all kinds; 0: not counted */
  double floor_bytes;    /* each datum once: what is read and what is written */
  double launches;       /* of kernels, one by one, */
  double recorded;       /* and in a recording */
  double blocks;         /* of a launch; of several those count more that move more */
  int block_threads;     /* of the launch that moves the most */
  int block_registers;   /* of its threads; 0: not known */
  gkt_size block_shared; /* bytes */
  int resident;          /* of its blocks on a multiprocessor at once */
  double seconds_least;  /* of the slowest limit, as if all else went on beside it */
  double seconds_most;   /* of the two slowest, one after the other */
  double seconds_floor;  /* floor_bytes from memory */
  const char *limit;     /* the slowest: "DRAM", "L2", "shared memory", "fp64", "issue", "launches" */
} gkt_gpu_prediction;
/* Of a larger mesh of the same kind in space (dim 3) or in the plane, from two smaller ones: counts are taken
   to grow as a volume and its surface, a N + b N^((dim-1)/dim), of N items; smaller may be `larger` itself:
   in proportion. Launches are those of `larger`. */
GKT_API gkt_gpu_prediction gkt_gpu_extrapolate(const gkt_gpu_prediction *smaller,
                                               const gkt_gpu_prediction *larger, int dim, gkt_size items);
/* Libraries that are used where they are found at run time: NVRTC, which compiles kernels, and others. */
typedef struct {
  const char *name, *purpose; /* "cusparse", "sparse products on GPUs" */
  bool found;
  char version[32]; /* "12.6"; "" if it does not say */
  char path[1024];  /* if not found: why */
} gkt_library_info;
GKT_API int gkt_library_count(void);
GKT_API void gkt_library_describe(int number, gkt_library_info *out);

/* Clocks, in seconds: monotonic; of the processor, of all threads of this process and of its children that
 * ended. */
GKT_API double gkt_seconds(void);
GKT_API double gkt_cpu_seconds(void);

/* Where an array is. Zero, the default of every struct, is the host. What gets one in the wrong place refuses
 * it. */
typedef enum { GKT_ON_HOST, GKT_ON_DEVICE } gkt_where;
/* The cudaStream_t in which all work on the context's device is done, for programs that add to it; NULL
 * before the device is used, and of the emulated one. */
GKT_API void *gkt_context_stream(gkt_context *);

/* ---- compressed sparse rows; columns ascend within a row. Blocks of a vector field are interleaved: dof =
 * node*block_size + component. ---- */
typedef struct {
  gkt_idx num_rows, num_cols;
  int block_size;       /* 1: scalar */
  gkt_idx *row_offsets; /* [num_rows+1] */
  gkt_idx *cols;        /* [row_offsets[num_rows]] */
  gkt_scalar *vals;     /* the same */
  gkt_where where;      /* the three arrays */
} gkt_csr;
GKT_API void gkt_csr_destroy(gkt_csr **);
/* A copy in a place, which holds its context. Arrays on the device are those of the context's, in the order
   of its stream. */
GKT_API gkt_status gkt_csr_to(gkt_context *, const gkt_csr *, gkt_where, gkt_csr **out) GKT_MUST_CHECK;
/* y = A x; x [num_cols], y [num_rows], which is not x */
GKT_API void gkt_csr_multiply(const gkt_csr *, const gkt_scalar *x, gkt_scalar *y);
/* y += weight A x, A x with the bits of gkt_csr_multiply */
GKT_API void gkt_csr_multiply_add(const gkt_csr *, gkt_scalar weight, const gkt_scalar *x, gkt_scalar *y);

/* ---- compressed rows of square blocks, for libraries that want them (cuSPARSE's blocks by rows, PETSc's
 * BAIJ); here matrices are gkt_csr. ---- */
typedef struct {
  gkt_idx num_rows, num_cols; /* of blocks */
  int block_size;
  gkt_idx *row_offsets; /* [num_rows+1] in blocks */
  gkt_idx *cols;        /* [row_offsets[num_rows]] columns of blocks, which ascend within a row */
  gkt_scalar *vals;     /* [row_offsets[num_rows]][block_size][block_size], a block row by row */
  gkt_where where;      /* the three arrays */
} gkt_bsr;
GKT_API void gkt_bsr_destroy(gkt_bsr **);
/* The blocks of a matrix, where the matrix is, in one pass over its values: those of a vector field, whose
   rows have the same columns for all components of a node. Refused: block_size 1 (scalar fields, several
   fields, couplings), rows that are not of whole blocks. */
GKT_API gkt_status gkt_bsr_from_csr(gkt_context *, const gkt_csr *, gkt_bsr **out) GKT_MUST_CHECK;
/* '=': the values of a matrix with the pattern that the blocks were made from, in the same place. */
GKT_API gkt_status gkt_bsr_update(gkt_context *, const gkt_csr *, gkt_bsr *) GKT_MUST_CHECK;
/* y = A x on the host, with the bits of gkt_csr_multiply */
GKT_API void gkt_bsr_multiply(const gkt_bsr *, const gkt_scalar *x, gkt_scalar *y);

/* ---- what is known of a linear system; solvers choose by this and by nothing else ---- */
typedef enum { GKT_KERNEL_CONSTANTS, GKT_KERNEL_RIGID_BODY } gkt_near_null_kind;
/* Nodes whose components do not stand in the axes of space but along directions of their own, as those of a
   side that slips: what is u there has the components F' u. */
typedef struct {
  const gkt_idx *of;         /* [nodes] number of the frame, -1: the axes of space; NULL: everywhere */
  const gkt_scalar *columns; /* [frames][block_size][block_size] F, orthogonal, by rows */
} gkt_frames;
/* One field of several: its rows, and the diagonal block that these have in its own columns. */
typedef struct {
  const char *name; /* as in PETSc options: -fieldsplit_NAME_pc_type; borrowed */
  gkt_idx first, count;
  int block_size;                     /* components per node; divides count */
  bool symmetric, positive, elliptic; /* of the diagonal block, as below; proven from the form */
  bool multiplier; /* x'Bx <= 0 for the diagonal block B, mostly 0: a pressure, a Lagrange multiplier */
  gkt_near_null_kind near_null;
  const gkt_scalar *coords; /* [count/block_size][dim], borrowed; NULL: without places, as a real number */
  gkt_frames frames;        /* borrowed */
  const gkt_csr *schur;     /* [count], borrowed, symmetric and definite: spectrally close to minus the Schur
                               complement of the block, as the mass matrix of a pressure over the viscosity,
                               negative where the signs of its two couplings are equal; where a dof is
                               constrained, a diagonal alone. NULL: none is known */
  gkt_idx num_inner; /* the last so many rows, whole nodes, are of nodes inside of cells, as of bubbles:
                        none couples to another one. Multigrid is for the others, after these */
} gkt_block_facts;
typedef struct {
  bool symmetric; /* A = A', proven from the form */
  bool positive;  /* x'Ax >= 0, proven from the form */
  bool elliptic;  /* x'Ax = 0 only where x is constant on each connected piece, or a rigid motion where
                     near_null says so; proven from the form */
  bool singular;  /* A 1 = 0 (pure Neumann): constants are in the kernel of every component */
  bool reused;    /* it, or matrices of its pattern, will be solved with again and again, of contrasts that
                     nobody knows yet, as in an optimization: what a factor costs first comes back later */
  int block_size; /* components per node */
  int dim;        /* of the coordinates */
  gkt_near_null_kind near_null; /* kernel of the principal part: AMG near-null space */
  const gkt_scalar *coords;     /* [num_rows/block_size][dim], borrowed */
  gkt_frames frames;            /* borrowed */
  gkt_idx num_inner;            /* as in gkt_block_facts */
  const bool *constrained;      /* [num_rows], borrowed; NULL: none */
  const bool *tied; /* [num_rows], borrowed; NULL: none. Of the constrained ones those for which other rows
                       stand: modes are not looked at there */
  /* Several fields, one after the other without gaps; NULL: one, as said above. With them `symmetric`,
     `positive` and `elliptic` are of the whole matrix, `block_size` is 1, `near_null` and `coords` are those
     of the blocks, and `singular` says that constants of components without a constrained dof, or rigid
     motions of such fields, may be in the kernel: they are looked for (solver.h: gkt_null_space_find). */
  int num_blocks;
  const gkt_block_facts *blocks; /* [num_blocks], borrowed */
} gkt_system_facts;

#ifdef __cplusplus
}
#endif
#endif
