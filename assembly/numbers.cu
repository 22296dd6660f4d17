/* A number, or another sum that all cells add to, in the order of the host: each run of terms by one block of threads, which computes the tensors of its cells and adds them up in
   the order of the cells; then the runs, in theirs. Text as in patches.cu, but for gkt_patch_room; coordinates are those of the mesh. GKT_NUMBER_RUN: terms of a run.
   GKT_NUMBER_SETS: of a batch, a block for each run of each set. */
enum { GKT_NUMBER_RECORD = GKT_PATCH_BLOCK | 1, GKT_NUMBER_TILE = GKT_PATCH_THREADS / GKT_PATCH_BLOCK * GKT_PATCH_BLOCK };

#ifdef GKT_NUMBER_SETS
#define GKT_NUMBER_SET(a, runs) ((gkt_size)(blockIdx.x / (unsigned)(runs)))
#define GKT_NUMBER_APART(a) (a).sets.results_stride
#else
#define GKT_NUMBER_SET(a, runs) ((gkt_size)0)
#define GKT_NUMBER_APART(a) ((gkt_size)0)
#endif

GKT_KERNEL(GKT_PATCH_THREADS) gkt_number(const GKT_PATCH_ARGUMENTS GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, records, 0);
  const gkt_size set = GKT_NUMBER_SET(a, a.p.num_runs);
  const int run = (int)(blockIdx.x - (unsigned)set * (unsigned)a.p.num_runs), i = (int)threadIdx.x;
  const gkt_idx left = a.p.num_terms - run * GKT_NUMBER_RUN, terms = left < GKT_NUMBER_RUN ? left : GKT_NUMBER_RUN;
  const gkt_patch_work work = {run, 0, {set, 1}, 0};
  gkt_patch_clear(a, run, records);
  gkt_patch_records(a, work, records, a.p.coords); /* and a barrier */
  if (i >= GKT_PATCH_BLOCK) return;
  gkt_scalar sum = 0;
  for (gkt_idx k = 0; k < terms; k++) sum += records[k * GKT_NUMBER_RECORD + i];
  a.p.runs[(set * a.p.num_runs + run) * GKT_PATCH_BLOCK + i] = sum;
}

/* One block for each set. */
GKT_KERNEL(GKT_PATCH_THREADS) gkt_number_join(const GKT_PATCH_ARGUMENTS GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, tile, 0);
  const int i = (int)threadIdx.x;
  const gkt_size set = GKT_NUMBER_SET(a, 1);
  const gkt_scalar *runs = a.p.runs + set * a.p.num_runs * GKT_PATCH_BLOCK;
  const gkt_idx all = a.p.num_runs * GKT_PATCH_BLOCK;
  gkt_scalar sum = 0;
  for (gkt_idx first = 0; first < all; first += GKT_NUMBER_TILE) {
    const gkt_idx count = all - first < GKT_NUMBER_TILE ? all - first : GKT_NUMBER_TILE;
    if (i < count) tile[i] = runs[first + i];
    __syncthreads();
    for (gkt_idx k = i; i < GKT_PATCH_BLOCK && k < count; k += GKT_PATCH_BLOCK) sum += tile[k];
    __syncthreads();
  }
  if (i < GKT_PATCH_BLOCK) a.p.values[set * GKT_NUMBER_APART(a) + a.p.first_value + i / GKT_PATCH_COLS * a.p.stride + i % GKT_PATCH_COLS] = sum;
}
