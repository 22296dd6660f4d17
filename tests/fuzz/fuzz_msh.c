/* Claim: no file makes the MSH reader crash, leak, read outside of it or allocate on its word; a refusal has a message, a mesh has a topology.
   clang -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -D_GNU_SOURCE -I. -Iinclude tests/fuzz/fuzz_msh.c
   meshes/{cell,check,conform,lagrange,mesh,msh*,order,place,pyramid,sets,shape,topology,touch,tuples}.c core/{context,file,memory}.c -lm -fopenmp
   ./a.out -max_total_time=60 NEW tests/fuzz/seeds_msh */
#include <stdlib.h>

#include "core/core.h"
#include "galerkit/mesh.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  gkt_context *ctx;
  gkt_mesh *mesh = NULL;
  if (gkt_context_create(&(gkt_context_options){.poison = true}, &ctx) != GKT_OK) abort();
  gkt_status status = gkt_mesh_parse(ctx, "fuzz.msh", (const char *)data, size, &mesh);
  if ((status == GKT_OK) != (mesh != NULL)) abort();
  if (status != GKT_OK && (status < 0 || !gkt_context_message(ctx)[0])) abort();
  if (mesh && !gkt_mesh_facets(mesh)) abort();
  gkt_mesh_destroy(&mesh);
  gkt_context_destroy(&ctx);
  return 0;
}
