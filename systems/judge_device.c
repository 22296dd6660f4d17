/* judge_form.c on the device, as far as its quick look goes: the careful one, which an interpreter takes, is the host's. */
#include <float.h>

#include "core/embed.h"
#include "core/vector.h"
#include "systems/device.h"
#include "systems/judge_arguments.h"

GKT_EMBED(gkt_judge_arguments_text, "systems/judge_arguments.h");
GKT_EMBED(gkt_judge_text, "systems/judge.cu");
static const char *const kernels[] = {gkt_judge_arguments_text, gkt_judge_text, NULL};

typedef struct {
  gkt_solution *o;
  gkt_device *device;
  gkt_idx n;
  gkt_vector *at, *w, *r, *size, *mismatch;
  gkt_scalars work;
} judge;

static gkt_status launch(const judge *j, const char *kernel, gkt_idx rows, const void *arguments, size_t size) {
  return gkt_device_launch_kept(j->device, kernels, &(gkt_launch){.kernel = kernel, .blocks = gkt_blocks_for(rows, 256), .threads = 256}, arguments, size);
}

static gkt_status most_of(const judge *j, gkt_idx count, const gkt_scalar *x, double *out) {
  gkt_scalar *at = j->work.at + gkt_sum_work(count) - 1;
  GKT_TRY(gkt_device_vector_largest(j->device, count, x, j->work.at, at));
  return gkt_device_download(j->device, at, out, sizeof *out);
}

/* w: noise of the size of d, by unknowns, which have units of their own */
static gkt_status make_noise(const judge *j, const gkt_vector *d) {
  const gkt_system *s = j->o->s;
  for (int k = 0; k < s->num_unknowns; k++) {
    gkt_judge_noise_arguments a = {.first = s->blocks[k].first, .end = s->blocks[k].first + s->blocks[k].count, .out = gkt_vector_address(j->w)};
    GKT_TRY(most_of(j, a.end - a.first, gkt_vector_address(d) + a.first, &a.most));
    GKT_TRY(launch(j, "gkt_judge_noise", a.end - a.first, &a, sizeof a));
  }
  gkt_system_zero(j->o->s, j->w);
  return GKT_OK;
}

static gkt_status evaluate(const judge *j, const gkt_vector *u) {
  GKT_TRY(gkt_system_assemble_residual(j->o->s, u, j->r));
  gkt_system_zero(j->o->s, j->r);
  gkt_solution_drop_kernel(j->o, j->r); /* as of b */
  return GKT_OK;
}

static gkt_status look_at_rows(const judge *j, const gkt_vector *v, const gkt_vector *b) {
  const gkt_csr *A = &j->o->s->device->matrix;
  const gkt_judge_rows_arguments a = {.offsets = A->row_offsets,
                                      .cols = A->cols,
                                      .vals = A->vals,
                                      .v = gkt_vector_address(v),
                                      .b = gkt_vector_address(b),
                                      .r = gkt_vector_address(j->r),
                                      .size = gkt_vector_address(j->size),
                                      .mismatch = gkt_vector_address(j->mismatch),
                                      .num_rows = A->num_rows};
  return launch(j, "gkt_judge_rows", A->num_rows, &a, sizeof a);
}

/* Linear? R(g) is -b, and R(g + w) is A w - b. */
static gkt_status compare(const judge *j, const gkt_vector *u, const gkt_vector *b, const gkt_vector *d, double *mismatch) {
  GKT_TRY(make_noise(j, d));
  gkt_vector_copy(u, j->at);
  gkt_vector_axpy(-1, d, j->at);
  gkt_vector_axpy(1, j->w, j->at);
  GKT_TRY(evaluate(j, j->at));
  GKT_TRY(look_at_rows(j, j->w, b));
  return most_of(j, j->n, gkt_vector_address(j->mismatch), mismatch);
}

static gkt_status create(judge *j) {
  gkt_vector **const vectors[] = {&j->at, &j->w, &j->r, &j->size, &j->mismatch};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) GKT_TRY(gkt_vector_create_on(j->o->s->ctx, GKT_ON_DEVICE, j->n, vectors[i]));
  return gkt_device_alloc(j->device, gkt_sum_work(j->n), sizeof(gkt_scalar), "partial sums", &j->work);
}

gkt_status gkt_solution_judge_on_device(gkt_solution *o, const gkt_vector *u, const gkt_vector *b, const gkt_vector *d, bool *solved) {
  judge j = {.o = o, .device = o->s->device->device, .n = gkt_system_num_dofs(o->s)};
  double mismatch;
  gkt_status status;
  *solved = false;
  GKT_GO(create(&j));
  GKT_GO(compare(&j, u, b, d, &mismatch));
  GKT_GO(evaluate(&j, u));
  o->report->final_residual = gkt_vector_norm(j.r);
  *solved = gkt_solution_form_is_met(o, mismatch, o->report->final_residual);
done:
  gkt_vector_destroy(&j.at), gkt_vector_destroy(&j.w), gkt_vector_destroy(&j.r), gkt_vector_destroy(&j.size), gkt_vector_destroy(&j.mismatch);
  gkt_device_free(j.device, &j.work);
  return status;
}

gkt_status gkt_system_multiply_there(gkt_system *s, const gkt_csr *A, const gkt_vector *x, gkt_vector *y, gkt_vector *size) {
  const gkt_judge_rows_arguments a = {.offsets = A->row_offsets,
                                      .cols = A->cols,
                                      .vals = A->vals,
                                      .v = gkt_vector_address(x),
                                      .image = gkt_vector_address(y),
                                      .size = gkt_vector_address(size),
                                      .num_rows = A->num_rows};
  return gkt_device_launch_kept(s->device->device, kernels, &(gkt_launch){.kernel = "gkt_judge_rows", .blocks = gkt_blocks_for(A->num_rows, 256), .threads = 256}, &a, sizeof a);
}

gkt_status gkt_system_is_in_kernel_there(gkt_system *s, const gkt_csr *A, const gkt_vector *v, bool *out) {
  gkt_vector *image = NULL, *size = NULL;
  gkt_status status;
  GKT_GO(gkt_vector_create_on(s->ctx, GKT_ON_DEVICE, A->num_rows, &image));
  GKT_GO(gkt_vector_create_on(s->ctx, GKT_ON_DEVICE, A->num_rows, &size));
  GKT_GO(gkt_system_multiply_there(s, A, v, image, size));
  *out = gkt_vector_norm(image) <= 1e-10 * gkt_vector_norm(size);
done:
  gkt_vector_destroy(&image);
  gkt_vector_destroy(&size);
  return status;
}
