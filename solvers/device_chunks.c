/* Chunks of pieces. */
#include "solvers/device_chunks.h"

static gkt_idx chunks_of(const gkt_pieces *p, gkt_idx piece) { return (p->offsets[piece + 1] - p->offsets[piece] + GKT_PART - 1) / GKT_PART; }

gkt_status gkt_device_chunks_send(gkt_context *ctx, gkt_device *device, const gkt_pieces *p, gkt_device_chunks *d) {
  gkt_idx *chunks = NULL, *firsts = NULL, count = 0;
  gkt_status status;
  for (gkt_idx c = 0; c < p->count; c++) count += chunks_of(p, c);
  GKT_GO(gkt_alloc(ctx, (gkt_size)count + 1, sizeof *chunks, &chunks));
  GKT_GO(gkt_alloc(ctx, (gkt_size)p->count + 1, sizeof *firsts, &firsts));
  firsts[0] = chunks[0] = 0;
  for (gkt_idx c = 0, k = 0; c < p->count; c++) {
    for (gkt_idx at = p->offsets[c]; at < p->offsets[c + 1]; at += GKT_PART) chunks[++k] = p->offsets[c + 1] - at < GKT_PART ? p->offsets[c + 1] : at + GKT_PART;
    firsts[c + 1] = k;
  }
  d->num_pieces = p->count, d->num_chunks = count;
  if (p->dofs) GKT_GO(gkt_device_send(device, p->dofs, p->offsets[p->count], sizeof *p->dofs, "dofs of the pieces of a system", &d->dofs));
  GKT_GO(gkt_device_send(device, chunks, (gkt_size)count + 1, sizeof *chunks, "parts of the pieces of a system", &d->chunks));
  GKT_GO(gkt_device_send(device, firsts, (gkt_size)p->count + 1, sizeof *firsts, "parts of the pieces of a system", &d->first_chunks));
done:
  gkt_free(&chunks);
  gkt_free(&firsts);
  return status;
}

void gkt_device_chunks_destroy(gkt_device *device, gkt_device_chunks *d) {
  gkt_indices *arrays[] = {&d->dofs, &d->chunks, &d->first_chunks};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) gkt_device_free(device, arrays[i]);
  *d = (gkt_device_chunks){0};
}
