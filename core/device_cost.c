/* The model of a device (ADR 29): five rates, and the slowest of them. Rates of cards are those of their data sheets, of DRAM about nine tenths, of L2 an assumption. */
#include "core/device_cost.h"

typedef struct {
  int architecture, processors;
  const char *name;
  double clock, dram, l2; /* Hz, bytes a second */
  double fp64;            /* thread operations of a multiprocessor in a clock */
  gkt_size shared;        /* bytes of a multiprocessor */
} card;
static const card cards[] = {{80, 108, "A100", 1.41e9, 1.75e12, 4.0e12, 32, 164 << 10},
                             {90, 132, "H200", 1.755e9, 4.3e12, 5.5e12, 64, 228 << 10},
                             {100, 148, "B200", 1.85e9, 7.2e12, 9.0e12, 64, 228 << 10}};

/* Of all cards. Seconds of launches are assumptions: the host queues one after the other, a recording has its next one ready. */
static const double launch_seconds = 3e-6, replay_seconds = 1.5e-6;
enum { ISSUED = 4 * 32 };                                                           /* thread instructions of a multiprocessor in a clock */
enum { MOST_THREADS = 2048, MOST_BLOCKS = 32, REGISTERS = 65536, RESERVED = 1024 }; /* of a multiprocessor; bytes of shared memory that each block has beside its own */
enum { REGISTER_UNIT = 8 };                                                         /* registers of a thread are given out by so many */

gkt_device_rates gkt_device_rates_of(int architecture, int num_processors) {
  const card *c = &cards[0];
  for (size_t k = 0; k < sizeof cards / sizeof *cards; k++)
    if (cards[k].architecture <= architecture) c = &cards[k];
  const double each = (num_processors > 0 ? num_processors : c->processors) * c->clock;
  return (gkt_device_rates){.name = c->name,
                            .dram = c->dram,
                            .l2 = c->l2,
                            .wavefronts = each,
                            .fp64 = c->fp64 * each,
                            .instructions = ISSUED * each,
                            .launch = launch_seconds,
                            .replay = replay_seconds,
                            .processors = num_processors > 0 ? num_processors : c->processors,
                            .shared = c->shared};
}

/* ---- blocks on multiprocessors ---- */
int gkt_device_resident(const gkt_device_rates *r, const gkt_block_needs *b) {
  gkt_size most = MOST_BLOCKS;
  const gkt_size registers = (b->registers + REGISTER_UNIT - 1) / REGISTER_UNIT * REGISTER_UNIT;
  if (b->threads > 0 && MOST_THREADS / b->threads < most) most = MOST_THREADS / b->threads;
  if (b->threads > 0 && registers > 0 && REGISTERS / (registers * b->threads) < most) most = REGISTERS / (registers * b->threads);
  if (r->shared / (b->shared + RESERVED) < most) most = r->shared / (b->shared + RESERVED);
  return most > 1 ? (int)most : 1;
}

/* Of a launch. */
static double mean_blocks(const gkt_device_cost *c) { return c->launches + c->replayed > 0 ? c->blocks / (c->launches + c->replayed) : 0; }

/* How much longer a launch takes than one that keeps all multiprocessors busy to its end, where each of them does `together` blocks at a time. */
static double stretch(const gkt_device_cost *c, double together) {
  const double blocks = mean_blocks(c);
  return blocks > 0 ? ceil(blocks / together) * together / blocks : 1;
}

static double launch_time(const gkt_device_cost *c, const gkt_device_rates *r) { return c->launches * r->launch + c->replayed * r->replay; }

typedef struct {
  const char *name;
  double seconds;
} limit;

/* The slowest, and the next. */
static void find_slowest(int count, const limit *limits, limit out[2]) {
  out[0] = out[1] = (limit){limits[0].name, 0};
  for (int k = 0; k < count; k++) {
    if (limits[k].seconds > out[0].seconds) out[1] = out[0], out[0] = limits[k];
    else if (limits[k].seconds > out[1].seconds) out[1] = limits[k];
  }
}

gkt_device_prediction gkt_device_predict(const gkt_device_cost *cost, const gkt_device_rates *r) {
  const double launches = launch_time(cost, r), idle = stretch(cost, r->processors), waves = stretch(cost, (double)r->processors * gkt_device_resident(r, &cost->block));
  limit all[] = {{"DRAM", cost->dram_bytes / r->dram},
                 {"L2", cost->l2_bytes / r->l2},
                 {"shared memory", cost->wavefronts / r->wavefronts},
                 {"fp64", cost->fp64 / r->fp64},
                 {"issue", cost->instructions / r->instructions}};
  enum { LIMITS = sizeof all / sizeof *all };
  limit slowest[2];
  find_slowest(LIMITS, all, slowest);
  gkt_device_prediction p = {.floor = cost->floor_bytes / r->dram, .worst = (slowest[0].seconds + slowest[1].seconds) * waves + launches};
  for (int k = 1; k < LIMITS; k++) all[k].seconds *= idle;
  find_slowest(LIMITS, all, slowest);
  p.best = slowest[0].seconds + launches;
  p.limit = launches > slowest[0].seconds ? "launches" : slowest[0].name;
  return p;
}

void gkt_device_cost_add(gkt_device_cost *sum, const gkt_device_cost *c) {
  sum->strategy = c->strategy, sum->cells = c->cells;
  sum->computed += c->computed, sum->dram_bytes += c->dram_bytes, sum->l2_bytes += c->l2_bytes, sum->wavefronts += c->wavefronts;
  sum->fp64 += c->fp64, sum->instructions += c->instructions, sum->floor_bytes += c->floor_bytes;
  if (mean_blocks(c) >= mean_blocks(sum)) sum->block = c->block;
  sum->launches += c->launches, sum->replayed += c->replayed, sum->blocks += c->blocks;
}

gkt_gpu_prediction gkt_device_cost_tell(const gkt_device_cost *c, int architecture) {
  const gkt_device_rates rates = gkt_device_rates_of(architecture, 0);
  const gkt_device_prediction seconds = gkt_device_predict(c, &rates);
  return (gkt_gpu_prediction){.card = rates.name,
                              .method = c->strategy,
                              .items = c->cells,
                              .computed = c->computed,
                              .dram_bytes = c->dram_bytes,
                              .l2_bytes = c->l2_bytes,
                              .wavefronts = c->wavefronts,
                              .fp64 = c->fp64,
                              .instructions = c->instructions,
                              .floor_bytes = c->floor_bytes,
                              .launches = c->launches + c->replayed,
                              .blocks = c->blocks,
                              .resident = gkt_device_resident(&rates, &c->block),
                              .seconds_least = seconds.best,
                              .seconds_most = seconds.worst,
                              .seconds_floor = seconds.floor,
                              .limit = seconds.limit};
}
