/* Shared by every stage: memory, failure, log, the run-time compiler. Not installed. */
#ifndef GKT_CORE_CORE_H
#define GKT_CORE_CORE_H
#include <math.h>
#include <stdio.h>

#include "core/refs.h"
#include "galerkit/core.h"

struct gkt_context {
  gkt_context_options options;
  char cache_dir[512];
  char message[2048];        /* the first failure */
  bool exhausted;            /* it was GKT_NO_MEMORY */
  struct gkt_device *device; /* device.h; NULL before it is asked for */
  gkt_refs refs;
};
gkt_context *gkt_context_retain(gkt_context *); /* and gkt_context_destroy lets go */
/* The failure that sticks in the context's device, if there is one: asked by calls that end with launches and copies whose status nothing returned. waits: for all of them, else
   of those that have failed so far. */
gkt_status gkt_context_settled(gkt_context *, bool waits) GKT_MUST_CHECK;

#define GKT_TRY(call)                        \
  do {                                       \
    gkt_status gkt_try_ = (call);            \
    if (gkt_try_ != GKT_OK) return gkt_try_; \
  } while (0)
#define GKT_GO(call)                            \
  do {                                          \
    if ((status = (call)) != GKT_OK) goto done; \
  } while (0)

/* Keeps the first message of the context and returns status: `return gkt_fail(ctx, GKT_BAD_INPUT, "...", ...)`. What fails because memory was exhausted before, by a predicate
   that then gave its cautious answer, is GKT_NO_MEMORY as the message says. */
gkt_status gkt_fail(gkt_context *, gkt_status, const char *format, ...) GKT_PRINTF(3, 4);
/* GKT_BAD_ARGUMENT, "CALL: no WHAT", where a pointer that a header wants is NULL. GKT_NEED: returns it from a public call. */
gkt_status gkt_need(gkt_context *, const void *pointer, const char *call, const char *what) GKT_MUST_CHECK;
#define GKT_NEED(ctx, pointer, what) GKT_TRY(gkt_need(ctx, pointer, __func__, what))
/* Of a call that asked predicates, at its end: status, or GKT_NO_MEMORY where one of them gave its cautious answer for want of memory, on which nothing may rest. */
gkt_status gkt_unless_exhausted(const gkt_context *, gkt_status) GKT_MUST_CHECK;
/* "PLACE: " before the message of a refusal by a call that did not know the place; returns status. */
gkt_status gkt_fail_in(gkt_context *, gkt_status, const char *place) GKT_MUST_CHECK;
void gkt_log(const gkt_context *, gkt_log_level, const char *format, ...) GKT_PRINTF(3, 4);
int gkt_threads(const gkt_context *);
/* For a loop over `work` numbers read or written: where their number is not given, little work is not worth waking threads, which on a busy machine wait for a core each time. */
int gkt_threads_for(const gkt_context *, gkt_size work);
/* gkt_csr_multiply and gkt_csr_multiply_add by so many threads; the sum of a row, and so its bits, do not depend on their number. */
void gkt_csr_multiply_by(const gkt_csr *, int threads, const gkt_scalar *x, gkt_scalar *y);
void gkt_csr_multiply_add_by(const gkt_csr *, int threads, gkt_scalar weight, const gkt_scalar *x, gkt_scalar *y);

/* count*size bytes, 64-byte aligned, to be written before they are read (NaN pattern under poison); count 0 gives a valid pointer. Freed with gkt_free. On failure *out is NULL. */
gkt_status gkt_alloc(gkt_context *, gkt_size count, size_t size, void *out) GKT_MUST_CHECK;
gkt_status gkt_calloc(gkt_context *, gkt_size count, size_t size, void *out) GKT_MUST_CHECK;    /* zeroed */
gkt_status gkt_realloc(gkt_context *, gkt_size count, size_t size, void *inout) GKT_MUST_CHECK; /* grows; *inout unchanged on failure */
gkt_status gkt_strdup(gkt_context *, const char *, char **out) GKT_MUST_CHECK;
void gkt_free(void *pointer_address);                                                                /* gkt_free(&p): frees p and sets it NULL */
gkt_status gkt_narrow(gkt_context *, gkt_size value, const char *what, gkt_idx *out) GKT_MUST_CHECK; /* refuses what 32 bits cannot hold */

/* Growing text. `data` is NUL-terminated after every call; the first failure sticks in `status`. */
typedef struct {
  gkt_context *ctx;
  char *data;
  size_t length, capacity;
  gkt_status status;
} gkt_text;
void gkt_text_printf(gkt_text *, const char *format, ...) GKT_PRINTF(2, 3);
void gkt_text_free(gkt_text *);

/* ---- words (words.c) ---- */
/* Insertions, deletions, replacements, swaps of neighbours; letters that differ in case only are equal. 99 for words above 63 letters. */
int gkt_edit_distance(const char *a, const char *b);
typedef struct { /* the nearest of the candidates offered so far: at most one change for three letters */
  const char *word, *nearest;
  int distance;
} gkt_suggestion;
gkt_suggestion gkt_suggestion_begin(const char *word);
void gkt_suggestion_offer(gkt_suggestion *, const char *candidate); /* candidate outlives; of equals the first is kept */
/* Its number among words [count]. GKT_BAD_INPUT: no such `what`, and which is near, or which there are. */
gkt_status gkt_find_word(gkt_context *, const char *what, const char *word, int count, const char *const *words, int *out) GKT_MUST_CHECK;

/* environment.c: around what changes the environment, or hands it to another program */
void gkt_environment_lock(void);
void gkt_environment_unlock(void);

/* gkt_csr with room for num_entries entries; offsets and columns are the caller's to fill. */
gkt_status gkt_csr_create(gkt_context *, gkt_idx num_rows, gkt_idx num_cols, gkt_size num_entries, int block_size, gkt_csr **out) GKT_MUST_CHECK;
/* Likewise of blocks; rows and columns are those of blocks. */
gkt_status gkt_bsr_create(gkt_context *, gkt_where, gkt_idx num_rows, gkt_idx num_cols, gkt_size num_blocks, int block_size, gkt_bsr **out) GKT_MUST_CHECK;

/* ---- vectors (vector.c) ---- */
/* The square root of a sum of squares, no square of which overflows or vanishes (as LAPACK's dlassq); zeroed: 0. NaN where a value is NaN. */
typedef struct {
  double unit, sum;
} gkt_length;
static inline void gkt_length_add(gkt_length *length, double value) {
  double size = fabs(value), ratio;
  if (size == 0) return;
  if (size > length->unit) {
    ratio = length->unit / size;
    length->sum = 1 + length->sum * ratio * ratio, length->unit = size;
  } else {
    ratio = size / length->unit;
    length->sum += ratio * ratio;
  }
}
static inline double gkt_length_value(const gkt_length *length) { return length->unit == 0 && length->sum == 0 ? 0 : length->unit * sqrt(length->sum); }
/* A power of 1024 near a size, 1 of those near 1 (and of 0): over it numbers are of order 1, none is rounded, and those that are of order 1 stay what they are. */
static inline double gkt_power_near(double size) { return size > 0 && isfinite(size) ? exp2(10 * round(log2(size) / 10)) : 1; }
void gkt_length_add_all(gkt_length *, gkt_size n, const double *v); /* with plain sums of squares where these are safe */
double gkt_norm(gkt_size n, const gkt_scalar *v, const bool *skip); /* ||v||_2 over the entries that are not skipped; skip [n] may be NULL */
bool gkt_is_finite(gkt_size n, const gkt_scalar *v);
gkt_size gkt_find_not_finite(gkt_size n, const gkt_scalar *v); /* the first; -1: none */

/* ---- run-time compiler (compile.c). The cached library is keyed by source, compiler, flags and CPU. ---- */
typedef struct gkt_module gkt_module;
bool gkt_compiler_found(gkt_context *); /* $CC, else cc */
gkt_status gkt_module_compile(gkt_context *, const char *source, gkt_module **out) GKT_MUST_CHECK;
void *gkt_module_symbol(const gkt_module *, const char *name); /* NULL: not there */
void gkt_module_destroy(gkt_module **);

/* ---- libraries that are opened at run time (libraries.c), by the name of the table there: "nvrtc", "cusparse", "cudss" ---- */
void *gkt_library_open(const char *name, size_t size, char *why);                 /* NULL: why [size]; it stays loaded */
bool gkt_library_symbol(void *library, const char *name, void *function_address); /* false: it has none */

/* ---- files (file.c): all or nothing ---- */
typedef struct gkt_output gkt_output; /* writes a file without a name beside the target (links followed), which gets the target's on commit; into a device or a pipe at once */
gkt_status gkt_output_open(gkt_context *, const char *path, gkt_output **out) GKT_MUST_CHECK;
FILE *gkt_output_stream(gkt_output *);
/* By which name a library opens what is written, in place of the stream; NULL: it is a device or a pipe. Until it is committed. */
const char *gkt_output_path(gkt_output *);
gkt_status gkt_output_commit(gkt_output **) GKT_MUST_CHECK;                                            /* flush, check, close, rename; on failure the target is as it was */
void gkt_output_discard(gkt_output **);                                                                /* NULL is fine */
gkt_status gkt_file_read(gkt_context *, const char *path, char **data, size_t *length) GKT_MUST_CHECK; /* whole, NUL-terminated */
#endif
