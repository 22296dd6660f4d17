/* What one execution on a device costs, counted from its plan: the terms of the model by which `auto` chooses there, and which predictions print. */
#ifndef GKT_CORE_DEVICE_COST_H
#define GKT_CORE_DEVICE_COST_H
#include "core/device.h"

/* Of the launch that moves the most: what decides how many of its blocks a multiprocessor holds. */
typedef struct {
  int threads, registers; /* registers of a thread; 0: not known */
  gkt_size shared;        /* bytes */
} gkt_block_needs;

typedef struct {
  const char *strategy; /* "fused", "segmented" */
  gkt_size cells;       /* of the mesh that the form's integrals touch; what follows counts all of them together */
  gkt_size computed;    /* element tensors computed: more than cells where patches share some */
  double dram_bytes;    /* between processors and memory, each byte once where a cache can be expected to hold it */
  double l2_bytes;      /* between processors and the second-level cache */
  double wavefronts;    /* of shared memory and of loads and stores, of 128 bytes each: a multiprocessor does one per clock */
  double fp64;          /* thread operations; a multiplication with an addition is one */
  double instructions;  /* thread instructions of all kinds */
  double floor_bytes;   /* what any method moves: connectivity and coordinates read once, values written once */
  double launches;      /* one by one, and */
  double replayed;      /* those of a recording */
  double blocks;        /* of a launch; of several those count more that move more. 0: as many as keep the whole device busy */
  gkt_block_needs block;
} gkt_device_cost;

/* Bytes that many launches or blocks read and that the second-level cache keeps meanwhile: half of that of an H200. */
enum { GKT_CACHED_BYTES = 25 << 20 };

/* What a device does in a second, and what a multiprocessor holds. */
typedef struct {
  const char *name;
  double dram, l2, wavefronts, fp64, instructions;
  double launch, replay; /* seconds that a launch takes beside its work: by itself, in a recording */
  int processors;
  gkt_size shared;    /* bytes of a multiprocessor */
  const char *whence; /* "data sheet and assumptions"; "measured .." */
} gkt_device_rates;
/* Of the architecture (90: sm_90) at the named number of multiprocessors; 0: that of its best known card. An unknown one: as the nearest below it. */
gkt_device_rates gkt_device_rates_of(int architecture, int num_processors);

/* Blocks that a multiprocessor holds at once, at least one. */
int gkt_device_resident(const gkt_device_rates *, const gkt_block_needs *);

/* Seconds: of the slowest limit alone, as if everything overlapped, and of the two slowest ones one after the other; each with its launches. Blocks come in waves: the last one
   leaves multiprocessors idle, for which they wait with all limits (worst), or with all but DRAM, as few of them can keep it busy, and a block alone does what several do (best).
   limit: the slowest one's name. */
typedef struct {
  double best, worst, floor;
  const char *limit;
} gkt_device_prediction;
void gkt_device_cost_add(gkt_device_cost *, const gkt_device_cost *); /* one after the other: another launch for the same cells */
gkt_device_prediction gkt_device_predict(const gkt_device_cost *, const gkt_device_rates *);
/* With the rates of the architecture's card. */
gkt_gpu_prediction gkt_device_cost_tell(const gkt_device_cost *, int architecture);
#endif
