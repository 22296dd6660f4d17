/* Ties on a device. */
#include "assembly/device_ties.h"

#include "assembly/ties_arguments.h"
#include "core/embed.h"

GKT_EMBED(gkt_elements_arguments_text, "assembly/elements_arguments.h");
GKT_EMBED(gkt_ties_arguments_text, "assembly/ties_arguments.h");
GKT_EMBED(gkt_ties_text, "assembly/ties.cu");
static const char *const kernels[] = {gkt_elements_arguments_text, gkt_ties_arguments_text, gkt_ties_text, NULL};

/* ---- of a function ---- */
gkt_status gkt_device_ties_begin(gkt_device *device, const gkt_ties *t, bool masters, gkt_device_ties *d) {
  d->used = true, d->version = t->version - 1;
  if (masters) GKT_TRY(gkt_device_send(device, t->masters, t->space->num_nodes, sizeof *t->masters, "masters of tied nodes", &d->masters));
  d->now.masters = d->masters.at;
  return GKT_OK;
}

static void clear_matrices(gkt_device *device, gkt_device_ties *d) {
  gkt_device_free(device, &d->turned);
  gkt_device_free(device, &d->matrices);
  d->now.turned = NULL, d->now.matrices = NULL;
}

void gkt_device_ties_end(gkt_device *device, gkt_device_ties *d) {
  clear_matrices(device, d);
  gkt_device_free(device, &d->masters);
}

/* Numbers of the turned nodes' matrices [nodes], and these. */
static void list_turned(const gkt_ties *t, gkt_idx *turned, gkt_scalar *matrices) {
  gkt_idx count = 0;
  for (gkt_idx i = 0; i < t->space->num_nodes; i++) {
    turned[i] = gkt_ties_is_turned(t, i) ? count++ : -1;
    if (turned[i] >= 0) gkt_ties_matrix(t, i, matrices + (gkt_size)turned[i] * t->size * t->size);
  }
}

static gkt_status send(gkt_device *device, const gkt_ties *t, gkt_device_ties *d) {
  gkt_idx *turned = NULL, count = 0;
  gkt_scalar *matrices = NULL;
  gkt_status status;
  clear_matrices(device, d);
  for (gkt_idx i = 0; i < t->space->num_nodes; i++) count += gkt_ties_is_turned(t, i);
  if (count == 0) return GKT_OK;
  GKT_GO(gkt_alloc(t->ctx, t->space->num_nodes, sizeof *turned, &turned));
  GKT_GO(gkt_alloc(t->ctx, (gkt_size)count * t->size * t->size, sizeof *matrices, &matrices));
  list_turned(t, turned, matrices);
  GKT_GO(gkt_device_send(device, turned, t->space->num_nodes, sizeof *turned, "turned nodes", &d->turned));
  GKT_GO(gkt_device_send(device, matrices, (gkt_size)count * t->size * t->size, sizeof *matrices, "turns of nodes", &d->matrices));
  d->now.turned = d->turned.at, d->now.matrices = d->matrices.at;
done:
  gkt_free(&turned);
  gkt_free(&matrices);
  return status;
}

gkt_status gkt_device_ties_follow(gkt_device *device, const gkt_ties *t, gkt_device_ties *d) {
  if (!d->used || d->version == t->version) return GKT_OK;
  GKT_TRY(send(device, t, d));
  d->version = t->version;
  return GKT_OK;
}

gkt_status gkt_device_ties_prepare(gkt_device *device) {
  const gkt_device_module *module;
  return gkt_device_kernels(device, kernels, &module);
}

static gkt_launch launch_of(const char *kernel, gkt_size count) { return (gkt_launch){.kernel = kernel, .blocks = gkt_blocks_for(count, 256), .threads = 256}; }

gkt_status gkt_device_ties_expand(gkt_device *device, const gkt_ties *t, const gkt_device_ties *d, const gkt_scalar *tied, gkt_scalar *u) {
  const gkt_expand_arguments a = {.ties = d->now, .count = (gkt_size)t->space->num_nodes * t->size, .size = t->size, .tied = tied, .u = u};
  const gkt_launch launch = launch_of("gkt_ties_expand_kernel", a.count);
  return gkt_device_launch_kept(device, kernels, &launch, &a, sizeof a);
}

gkt_status gkt_device_ties_contract(gkt_device *device, const gkt_ties *t, const gkt_device_ties *d, const gkt_scalar *u, gkt_scalar *tied) {
  const gkt_contract_arguments a = {.ties = d->now, .count = (gkt_size)t->space->num_nodes * t->size, .size = t->size, .u = u, .tied = tied};
  const gkt_launch launch = launch_of("gkt_ties_contract_kernel", a.count);
  return gkt_device_launch_kept(device, kernels, &launch, &a, sizeof a);
}

/* ---- of an assembler ---- */
gkt_status gkt_device_ties_create(const gkt_assembler *a, gkt_device *device, gkt_device_ties *ties) {
  for (int f = 0; f < a->num_functions; f++)
    if (a->ties[f]) GKT_TRY(gkt_device_ties_begin(device, a->ties[f], a->targets.repeats, &ties[f]));
  return GKT_OK;
}

void gkt_device_ties_clear(const gkt_assembler *a, gkt_device *device, gkt_device_ties *ties) {
  for (int f = 0; ties && f < a->num_functions; f++) gkt_device_ties_end(device, &ties[f]);
}

gkt_status gkt_device_ties_update(const gkt_assembler *a, gkt_device *device, gkt_device_ties *ties) {
  for (int f = 0; f < a->num_functions; f++) GKT_TRY(gkt_device_ties_follow(device, a->ties[f], &ties[f]));
  return GKT_OK;
}
