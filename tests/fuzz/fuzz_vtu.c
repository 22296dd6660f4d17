/* Claim: no file makes the VTU reader or the search for its surface crash, leak, read outside of it or allocate on its word; a refusal has a message.
   clang -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -D_GNU_SOURCE -I. -Iinclude tests/fuzz/fuzz_vtu.c meshes/{cell,vtu_*,picture_surface,picture_edges}.c
   core/{context,file,memory}.c -lm -fopenmp
   ./a.out -max_total_time=60 NEW tests/fuzz/seeds_vtu */
#include <stdlib.h>

#include "meshes/picture.h"
#include "meshes/vtu.h"

static void look_at_surface(gkt_context *ctx, const gkt_vtu_file *file) {
  gkt_surface *surface = NULL;
  double *points = calloc((size_t)file->grid.num_nodes, 3 * sizeof *points);
  for (gkt_size i = 0; i < file->grid.num_nodes; i++)
    for (int k = 0; k < file->grid.dim; k++) points[3 * i + k] = file->grid.coords[i * file->grid.dim + k];
  if (gkt_surface_create(ctx, &file->grid, &surface) != GKT_OK || gkt_surface_add_outlines(ctx, surface, points) != GKT_OK) abort();
  if (gkt_surface_add_normals(ctx, surface, file->grid.num_nodes, points) != GKT_OK) abort();
  gkt_surface_destroy(&surface);
  free(points);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  gkt_context *ctx;
  gkt_vtu_file *file = NULL;
  if (gkt_context_create(&(gkt_context_options){.poison = true}, &ctx) != GKT_OK) abort();
  const gkt_status status = gkt_vtu_parse(ctx, "fuzz.vtu", (const char *)data, size, &file);
  if ((status == GKT_OK) != (file != NULL)) abort();
  if (status != GKT_OK && (status < 0 || !gkt_context_message(ctx)[0])) abort();
  if (file) look_at_surface(ctx, file);
  gkt_vtu_destroy(&file);
  gkt_context_destroy(&ctx);
  return 0;
}
