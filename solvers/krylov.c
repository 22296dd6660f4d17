/* What all methods share: memory, recording, looking. */
#include "solvers/krylov.h"

#include <limits.h>
#include <stddef.h>

#include "core/embed.h"
#include "core/vector.h"
#include "solvers/krylov_inside.h"

GKT_EMBED(gkt_krylov_arguments_text, "solvers/krylov_arguments.h");
GKT_EMBED(gkt_krylov_text, "solvers/krylov.cu");
const char *const gkt_krylov_kernels[] = {gkt_vector_arguments_text, gkt_sums_text, gkt_krylov_arguments_text, gkt_krylov_text, NULL};

/* ---- launches ---- */
gkt_krylov_state *gkt_krylov_get_state(const gkt_krylov *k) { return (gkt_krylov_state *)(void *)k->state.at; }

gkt_status gkt_krylov_launch(gkt_krylov *k, const char *kernel, gkt_size blocks, const void *arguments, size_t size) {
  return gkt_device_launch_kept(k->device, gkt_krylov_kernels, &(gkt_launch){.kernel = kernel, .blocks = blocks, .threads = 256, .shared = GKT_PART_SHARED}, arguments, size);
}

gkt_status gkt_krylov_each(gkt_krylov *k, const char *kernel, const void *arguments, size_t size) {
  return gkt_krylov_launch(k, kernel, gkt_blocks_for(k->n, 256), arguments, size);
}

gkt_status gkt_krylov_parts(gkt_krylov *k, const char *kernel, const void *arguments, size_t size) { return gkt_krylov_launch(k, kernel, k->parts, arguments, size); }

gkt_krylov_history gkt_krylov_get_history(const gkt_krylov *k) {
  gkt_size each = (gkt_size)k->options.limit + 1;
  return (gkt_krylov_history){k->history.at, k->history.at + each, k->history.at + 2 * each};
}

gkt_status gkt_krylov_join(gkt_krylov *k, int what, int sums) {
  gkt_krylov_join_arguments a = {gkt_krylov_get_state(k), gkt_krylov_get_history(k), k->partial.at, k->parts, sums, what, k->hessenberg.at, k->options.restart};
  return gkt_krylov_launch(k, "gkt_krylov_join", 1, &a, sizeof a);
}

gkt_status gkt_krylov_dot(gkt_krylov *k, const gkt_scalar *x, const gkt_scalar *y, int what) {
  gkt_krylov_dots_arguments a = {.count = k->n, .sums = 1, .x = {x}, .y = {y}, .partial = k->partial.at};
  GKT_TRY(gkt_krylov_parts(k, "gkt_krylov_dots", &a, sizeof a));
  return gkt_krylov_join(k, what, 1);
}

gkt_status gkt_krylov_zero(gkt_krylov *k, gkt_scalar *x) { return gkt_device_fill(k->device, x, 0, k->n * (gkt_size)sizeof *x); }
gkt_status gkt_krylov_copy(gkt_krylov *k, const gkt_scalar *x, gkt_scalar *y) { return gkt_device_copy(k->device, x, y, k->n * (gkt_size)sizeof *x); }

/* ---- preconditioners: PETSc's Chebyshev iteration of the first kind, from 0 ---- */
gkt_status gkt_krylov_apply(gkt_krylov *k, const gkt_krylov_state *state, const gkt_scalar *in, gkt_scalar *out) {
  const gkt_krylov_options *o = &k->options;
  bool jacobi = o->degree <= 1;
  double scale = jacobi ? 1 : 2 / (o->most + o->least), mu = 1 / (1 - scale * o->least), before = 1, now = mu;
  gkt_scalar *image = k->at[GKT_WORK_A], *spare = k->at[GKT_WORK_B], *x = o->degree % 2 ? out : spare, *other = o->degree % 2 ? spare : out;
  gkt_krylov_step_arguments a = {.state = state, .count = k->n, .weights = o->weights, .b = in, .out = jacobi ? out : x, .scale = scale, .omega = 1};
  GKT_TRY(gkt_krylov_each(k, "gkt_krylov_step", &a, sizeof a));
  for (int i = 1; i < o->degree; i++) {
    double next = 2 * mu * now - before;
    a.omega = 2 * mu * now / next, a.a = image, a.x = x, a.old = i > 1 ? other : NULL, a.out = other;
    GKT_TRY(gkt_product_apply(k->product, x, image));
    GKT_TRY(gkt_krylov_each(k, "gkt_krylov_step", &a, sizeof a));
    before = now, now = next;
    gkt_scalar *swap = x;
    x = other, other = swap;
  }
  return GKT_OK;
}

gkt_status gkt_krylov_precondition(gkt_krylov *k, const gkt_scalar *in, gkt_scalar *out) { return gkt_krylov_apply(k, NULL, in, out); }

/* ---- a kernel ---- */
gkt_status gkt_krylov_take_out(gkt_krylov *k, const gkt_krylov_state *state, gkt_scalar *x) {
  const gkt_krylov_options *o = &k->options;
  const gkt_krylov_project_arguments a = {state, k->n, o->kernel, o->num_kernel, x, k->partial.at, k->parts, k->partial.at + (gkt_size)o->num_kernel * k->parts};
  if (!o->num_kernel) return GKT_OK;
  GKT_TRY(gkt_krylov_parts(k, "gkt_krylov_project_dots", &a, sizeof a));
  GKT_TRY(gkt_krylov_launch(k, "gkt_krylov_project_join", o->num_kernel, &a, sizeof a));
  return gkt_krylov_each(k, "gkt_krylov_project_subtract", &a, sizeof a);
}

gkt_status gkt_krylov_project(gkt_krylov *k, gkt_scalar *x) { return gkt_krylov_take_out(k, NULL, x); }

/* ---- life ---- */
static gkt_status allocate(gkt_krylov *k) {
  const gkt_krylov_options *o = &k->options;
  bool gmres = o->method == GKT_KRYLOV_GMRES;
  gkt_size m = gmres ? o->restart : 0, sums = m + 3 > o->num_kernel + 1 ? m + 3 : o->num_kernel + 1;
  int none = o->degree > 1 ? 0 : GKT_FIRST_VECTOR; /* vectors of the polynomial that Jacobi has no use for */
  GKT_TRY(gkt_device_alloc(k->device, sizeof(gkt_krylov_state), 1, "scalars of a method", &k->state));
  GKT_TRY(gkt_device_alloc(k->device, (GKT_FIRST_VECTOR - none + k->row->vectors(k)) * k->n, sizeof(gkt_scalar), "vectors of a Krylov method", &k->vectors));
  for (int i = none; i < GKT_FIRST_VECTOR + k->row->vectors(k); i++) k->at[i] = k->vectors.at + (i - none) * k->n;
  if (gmres) GKT_TRY(gkt_device_alloc(k->device, (m + 1) * k->n, sizeof(gkt_scalar), "basis of GMRES", &k->basis));
  if (gmres) GKT_TRY(gkt_device_alloc(k->device, m * (m + 1) + 3 * m + 1, sizeof(gkt_scalar), "Hessenberg matrix of GMRES", &k->hessenberg));
  GKT_TRY(gkt_device_alloc(k->device, sums * k->parts + o->num_kernel, sizeof(gkt_scalar), "partial sums", &k->partial));
  GKT_TRY(gkt_device_alloc(k->device, 3 * ((gkt_size)o->limit + 1), sizeof(gkt_scalar), "norms of residuals", &k->history));
  return gkt_calloc(k->ctx, (gkt_size)o->limit + 1, sizeof(gkt_scalar), &k->seen);
}

static gkt_status record(gkt_krylov *k) {
  const gkt_device_module *module;
  GKT_TRY(gkt_device_kernels(k->device, gkt_krylov_kernels, &module)); /* nothing is compiled while it records */
  return gkt_device_record(k->device, k->row->body, k, &k->body);
}

gkt_status gkt_krylov_create(gkt_context *ctx, const gkt_product *product, gkt_idx n, const gkt_krylov_options *options, const gkt_scalar *b, gkt_scalar *x, gkt_krylov **out) {
  static const gkt_krylov_row *const rows[] = {[GKT_KRYLOV_CG] = &gkt_krylov_row_cg, [GKT_KRYLOV_BICGSTAB] = &gkt_krylov_row_bicgstab, [GKT_KRYLOV_GMRES] = &gkt_krylov_row_gmres};
  gkt_krylov *k = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *k, &k));
  *k = (gkt_krylov){.ctx = ctx, .product = product, .n = n, .parts = gkt_num_parts(n), .options = *options, .row = rows[options->method], .b = b, .x = x};
  GKT_GO(gkt_device_open(ctx, &k->device));
  GKT_GO(allocate(k));
  GKT_GO(record(k));
  *out = k;
done:
  if (status != GKT_OK) gkt_krylov_destroy(&k);
  return status;
}

void gkt_krylov_destroy(gkt_krylov **krylov) {
  gkt_krylov *k = *krylov;
  if (!k) return;
  gkt_recording_destroy(&k->body);
  if (k->device) {
    gkt_device_free(k->device, &k->history);
    gkt_device_free(k->device, &k->partial);
    gkt_device_free(k->device, &k->hessenberg);
    gkt_device_free(k->device, &k->basis);
    gkt_device_free(k->device, &k->vectors);
    gkt_device_free(k->device, &k->state);
  }
  gkt_free(&k->seen);
  gkt_free(krylov);
}

/* ---- a solve ---- */
typedef struct {
  bool (*watch)(void *user, int iteration, double norm);
  void *user;
  int told; /* norms */
} listener;

/* The norms since the last look. */
static gkt_status look(gkt_krylov *k, listener *l, gkt_krylov_state *s, bool *cancelled) {
  _Static_assert(offsetof(gkt_krylov_state, limit) + sizeof s->limit == GKT_KRYLOV_HEAD, "end, stop, iteration, limit");
  GKT_TRY(gkt_device_download(k->device, k->state.at, s, GKT_KRYLOV_HEAD));
  const int more = s->iteration + 1 - l->told;
  if (more > 0) GKT_TRY(gkt_device_download(k->device, k->history.at + l->told, k->seen + l->told, more * (gkt_size)sizeof *k->seen));
  for (; l->told <= s->iteration; l->told++)
    if (l->watch && !*cancelled && !l->watch(l->user, l->told, k->seen[l->told])) *cancelled = true;
  return GKT_OK;
}

/* Up to the next look: iterations that are replayed after the end do nothing, but are launched. GMRES stops at the end of a cycle. */
static int num_replays(const gkt_krylov *k, int done) {
  const gkt_krylov_options *o = &k->options;
  const int eighth = done / 8, left = o->method == GKT_KRYLOV_GMRES ? o->restart - done % o->restart : INT_MAX, count = eighth > o->look ? eighth : o->look;
  return count < left ? count : left;
}

static gkt_status iterate(gkt_krylov *k, listener *l, gkt_krylov_state *s, bool *cancelled) {
  GKT_TRY(look(k, l, s, cancelled));
  while (s->end == GKT_KRYLOV_RUNNING && !*cancelled) {
    if (s->stop) GKT_TRY(k->row->go_on(k));
    for (int i = num_replays(k, s->iteration); i > 0; i--) GKT_TRY(gkt_device_replay(k->device, k->body));
    GKT_TRY(look(k, l, s, cancelled));
  }
  return GKT_OK;
}

gkt_status gkt_krylov_solve(gkt_krylov *k, double rtol, int limit, bool (*watch)(void *user, int iteration, double norm), void *user, gkt_krylov_result *out) {
  gkt_krylov_state s = {.rtol = rtol, .limit = limit < k->options.limit ? limit : k->options.limit};
  listener l = {watch, user, 0};
  *out = (gkt_krylov_result){.norms = k->seen};
  GKT_TRY(gkt_device_upload(k->device, &s, k->state.at, sizeof s));
  GKT_TRY(k->row->start(k));
  GKT_TRY(iterate(k, &l, &s, &out->cancelled));
  GKT_TRY(k->row->finish(k));
  out->end = s.end, out->iterations = s.iteration;
  return GKT_OK;
}

const char *gkt_krylov_end_text(int end) {
  static const char *const texts[] = {[GKT_KRYLOV_RUNNING] = "was stopped",
                                      [GKT_KRYLOV_CONVERGED] = "missed the true residual",
                                      [GKT_KRYLOV_LIMIT] = "stalled at its iteration limit",
                                      [GKT_KRYLOV_INDEFINITE_MATRIX] = "found negative curvature",
                                      [GKT_KRYLOV_INDEFINITE_PRECONDITIONER] = "found negative curvature",
                                      [GKT_KRYLOV_BREAKDOWN] = "broke down",
                                      [GKT_KRYLOV_NOT_FINITE] = "met a value that is not finite",
                                      [GKT_KRYLOV_DIVERGED] = "diverged"};
  return texts[end];
}
