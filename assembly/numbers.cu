/* A number, or another sum that all cells add to, in the order of the host: each run of terms by one block of threads, which computes the tensors of its cells and adds them up in
   the order of the cells; then the runs, in theirs. Text as in patches.cu, but for gkt_patch_room; coordinates are those of the mesh. GKT_NUMBER_RUN: terms of a run. */
enum { GKT_NUMBER_RECORD = GKT_PATCH_BLOCK | 1, GKT_NUMBER_TILE = GKT_PATCH_THREADS / GKT_PATCH_BLOCK * GKT_PATCH_BLOCK };

GKT_KERNEL(GKT_PATCH_THREADS) gkt_number(const GKT_PATCH_ARGUMENTS GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, records, 0);
  const int run = (int)blockIdx.x, i = (int)threadIdx.x;
  const gkt_idx left = a.p.num_terms - run * GKT_NUMBER_RUN, terms = left < GKT_NUMBER_RUN ? left : GKT_NUMBER_RUN;
  const gkt_patch_work work = {run, 0, {0, 1}, 0};
  gkt_patch_clear(a, run, records);
  gkt_patch_records(a, work, records, a.p.coords); /* and a barrier */
  if (i >= GKT_PATCH_BLOCK) return;
  gkt_scalar sum = 0;
  for (gkt_idx k = 0; k < terms; k++) sum += records[k * GKT_NUMBER_RECORD + i];
  a.p.runs[(gkt_offset)run * GKT_PATCH_BLOCK + i] = sum;
}

/* One block. */
GKT_KERNEL(GKT_PATCH_THREADS) gkt_number_join(const GKT_PATCH_ARGUMENTS GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, tile, 0);
  const int i = (int)threadIdx.x;
  const gkt_idx all = a.p.num_runs * GKT_PATCH_BLOCK;
  gkt_scalar sum = 0;
  for (gkt_idx first = 0; first < all; first += GKT_NUMBER_TILE) {
    const gkt_idx count = all - first < GKT_NUMBER_TILE ? all - first : GKT_NUMBER_TILE;
    if (i < count) tile[i] = a.p.runs[first + i];
    __syncthreads();
    for (gkt_idx k = i; i < GKT_PATCH_BLOCK && k < count; k += GKT_PATCH_BLOCK) sum += tile[k];
    __syncthreads();
  }
  if (i < GKT_PATCH_BLOCK) a.p.values[a.p.first_value + i / GKT_PATCH_COLS * a.p.stride + i % GKT_PATCH_COLS] = sum;
}
