/* Ties on a device. */
#include "assembly/device_ties.h"

gkt_status gkt_device_ties_create(const gkt_assembler *a, gkt_device *device, gkt_device_ties *ties) {
  for (int f = 0; f < a->num_functions; f++) {
    const gkt_ties *t = a->ties[f];
    gkt_device_ties *d = &ties[f];
    if (!t) continue;
    d->used = true, d->version = t->version - 1;
    if (a->targets.repeats) GKT_TRY(gkt_device_send(device, t->masters, t->space->num_nodes, sizeof *t->masters, "masters of tied nodes", &d->masters));
    d->now.masters = d->masters.at;
  }
  return GKT_OK;
}

static void clear_matrices(gkt_device *device, gkt_device_ties *d) {
  gkt_device_free(device, &d->turned);
  gkt_device_free(device, &d->matrices);
  d->now.turned = NULL, d->now.matrices = NULL;
}

void gkt_device_ties_clear(const gkt_assembler *a, gkt_device *device, gkt_device_ties *ties) {
  for (int f = 0; ties && f < a->num_functions; f++) {
    clear_matrices(device, &ties[f]);
    gkt_device_free(device, &ties[f].masters);
  }
}

/* Numbers of the turned nodes' matrices [nodes], and these. */
static void list_turned(const gkt_ties *t, gkt_idx *turned, gkt_scalar *matrices) {
  gkt_idx count = 0;
  for (gkt_idx i = 0; i < t->space->num_nodes; i++) {
    turned[i] = gkt_ties_is_turned(t, i) ? count++ : -1;
    if (turned[i] >= 0) gkt_ties_matrix(t, i, matrices + (gkt_size)turned[i] * t->size * t->size);
  }
}

static gkt_status send(gkt_context *ctx, gkt_device *device, const gkt_ties *t, gkt_device_ties *d) {
  gkt_idx *turned = NULL, count = 0;
  gkt_scalar *matrices = NULL;
  gkt_status status;
  clear_matrices(device, d);
  for (gkt_idx i = 0; i < t->space->num_nodes; i++) count += gkt_ties_is_turned(t, i);
  if (count == 0) return GKT_OK;
  GKT_GO(gkt_alloc(ctx, t->space->num_nodes, sizeof *turned, &turned));
  GKT_GO(gkt_alloc(ctx, (gkt_size)count * t->size * t->size, sizeof *matrices, &matrices));
  list_turned(t, turned, matrices);
  GKT_GO(gkt_device_send(device, turned, t->space->num_nodes, sizeof *turned, "turned nodes", &d->turned));
  GKT_GO(gkt_device_send(device, matrices, (gkt_size)count * t->size * t->size, sizeof *matrices, "turns of nodes", &d->matrices));
  d->now.turned = d->turned.at, d->now.matrices = d->matrices.at;
done:
  gkt_free(&turned);
  gkt_free(&matrices);
  return status;
}

gkt_status gkt_device_ties_update(const gkt_assembler *a, gkt_device *device, gkt_device_ties *ties) {
  for (int f = 0; f < a->num_functions; f++) {
    if (!ties[f].used || ties[f].version == a->ties[f]->version) continue;
    GKT_TRY(send(a->ctx, device, a->ties[f], &ties[f]));
    ties[f].version = a->ties[f]->version;
  }
  return GKT_OK;
}
