/* Claim: no file makes the VTU reader or the search for its surface crash, leak, read outside of it or allocate on its word; a refusal has a message.
   clang -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -D_GNU_SOURCE -I. -Iinclude tests/fuzz/fuzz_vtu.c meshes/{cell,lagrange,pyramid}.c plot/vtu_*.c
   plot/picture_{pattern,facets,surface,edges,clip,section,trace}.c core/{context,file,memory}.c -lm -fopenmp
   ./a.out -max_total_time=60 NEW tests/fuzz/seeds_vtu */
#include <stdlib.h>

#include "plot/picture.h"
#include "plot/vtu.h"

static void look_at_section(gkt_context *ctx, const gkt_drawing *drawing, const gkt_patches *patches, gkt_surface *surface) {
  gkt_section section = {0, drawing->grid->coords[0], 1, 0};
  gkt_traces traces = {.traces = NULL};
  if (gkt_surface_clip(surface, &section) != GKT_OK || gkt_surface_add_section(surface, drawing, patches, &section) != GKT_OK) abort();
  if (drawing->grid->dim == 2 && gkt_traces_of_section(ctx, drawing, &section, &traces) != GKT_OK) abort();
  gkt_free(&traces.traces);
}

static void look_at_surface(gkt_context *ctx, const gkt_vtu_file *file) {
  double *zero = calloc((size_t)file->grid.num_nodes, sizeof *zero);
  const gkt_drawing drawing = {&file->grid, zero, NULL, 0};
  gkt_surface *surface = NULL;
  gkt_patches *patches = NULL;
  if (gkt_patches_find(ctx, &file->grid, &patches) != GKT_OK) abort();
  if (patches->dim > 1) {
    if (gkt_surface_create(ctx, &drawing, patches, &surface) != GKT_OK || gkt_surface_add_outlines(surface) != GKT_OK) abort();
    if (gkt_surface_add_normals(surface) != GKT_OK) abort();
    look_at_section(ctx, &drawing, patches, surface);
  }
  gkt_surface_destroy(&surface);
  gkt_patches_destroy(&patches);
  free(zero);
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
