/* The model of a device (ADR 29): five rates, and the slowest of them; launches; waves of blocks. Rates of cards: device_cards.inc. */
#include "core/device_cost.h"

typedef struct {
  int architecture, processors;
  const char *name;
  double clock;
  gkt_size shared;
  double dram, l2;                       /* bytes a second */
  double wavefronts, fp64, instructions; /* of a multiprocessor in a clock */
  double launch, replay;                 /* seconds */
  const char *whence;
} card;
static const card cards[] = {
#define GKT_CARD(...) {__VA_ARGS__},
#include "core/device_cards.inc"
#undef GKT_CARD
};

enum { MOST_THREADS = 2048, MOST_BLOCKS = 32, REGISTERS = 65536, RESERVED = 1024 }; /* of a multiprocessor; bytes of shared memory that each block has beside its own */
enum { REGISTER_UNIT = 8 };                                                         /* registers of a thread are given out by so many */

gkt_device_rates gkt_device_rates_of(int architecture, int num_processors) {
  const card *c = &cards[0];
  for (size_t k = 0; k < sizeof cards / sizeof *cards; k++)
    if (cards[k].architecture <= architecture) c = &cards[k];
  const int processors = num_processors > 0 ? num_processors : c->processors;
  const double each = processors * c->clock;
  return (gkt_device_rates){.name = c->name,
                            .dram = c->dram,
                            .l2 = c->l2,
                            .wavefronts = c->wavefronts * each,
                            .fp64 = c->fp64 * each,
                            .instructions = c->instructions * each,
                            .launch = c->launch,
                            .replay = c->replay,
                            .processors = processors,
                            .shared = c->shared,
                            .whence = c->whence};
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

/* How much longer a launch takes than one that keeps all multiprocessors busy to its end, where each of them does `together` blocks at a time. */
static double stretch(const gkt_device_cost *c, double together) { return c->blocks > 0 ? ceil(c->blocks / together) * together / c->blocks : 1; }

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

/* ---- several launches ---- */
static double moved(const gkt_device_cost *c) { return c->dram_bytes + c->l2_bytes; }

/* Where there are few blocks, times are as bytes over blocks. */
static void add_blocks(gkt_device_cost *sum, const gkt_device_cost *c) {
  const double before = moved(sum), now = moved(c);
  if (now >= before) sum->block = c->block;
  if (sum->blocks > 0 && c->blocks > 0 && before + now > 0) sum->blocks = (before + now) / (before / sum->blocks + now / c->blocks);
  else sum->blocks = fmax(sum->blocks, c->blocks);
}

void gkt_device_cost_add(gkt_device_cost *sum, const gkt_device_cost *c) {
  add_blocks(sum, c);
  sum->strategy = c->strategy, sum->cells = c->cells;
  sum->computed += c->computed, sum->dram_bytes += c->dram_bytes, sum->l2_bytes += c->l2_bytes, sum->wavefronts += c->wavefronts;
  sum->fp64 += c->fp64, sum->instructions += c->instructions, sum->floor_bytes += c->floor_bytes;
  sum->launches += c->launches, sum->replayed += c->replayed;
}

/* ---- to others ---- */
gkt_gpu_prediction gkt_device_cost_tell(const gkt_device_cost *c, int architecture) {
  const gkt_device_rates rates = gkt_device_rates_of(architecture, 0);
  const gkt_device_prediction seconds = gkt_device_predict(c, &rates);
  return (gkt_gpu_prediction){.card = rates.name,
                              .architecture = architecture,
                              .method = c->strategy,
                              .items = c->cells,
                              .computed = c->computed,
                              .dram_bytes = c->dram_bytes,
                              .l2_bytes = c->l2_bytes,
                              .wavefronts = c->wavefronts,
                              .fp64 = c->fp64,
                              .instructions = c->instructions,
                              .floor_bytes = c->floor_bytes,
                              .launches = c->launches,
                              .recorded = c->replayed,
                              .blocks = c->blocks,
                              .block_threads = c->block.threads,
                              .block_registers = c->block.registers,
                              .block_shared = c->block.shared,
                              .resident = gkt_device_resident(&rates, &c->block),
                              .seconds_least = seconds.best,
                              .seconds_most = seconds.worst,
                              .seconds_floor = seconds.floor,
                              .limit = seconds.limit};
}

/* a N + b N^((dim-1)/dim) through two values. */
typedef struct {
  double first, second, wanted, power; /* numbers of items */
} law;
static double follow(const law *l, double first, double second) {
  if (l->first == l->second) return second * l->wanted / l->second; /* of one mesh alone nobody knows the surface */
  const double surface = pow(l->first, l->power), area = pow(l->second, l->power);
  const double b = (second * l->first - first * l->second) / (area * l->first - surface * l->second), a = (first - b * surface) / l->first;
  return a * l->wanted + b * pow(l->wanted, l->power);
}

gkt_gpu_prediction gkt_gpu_extrapolate(const gkt_gpu_prediction *x, const gkt_gpu_prediction *y, int dim, gkt_size items) {
  const law l = {(double)x->items, (double)y->items, (double)items, (dim - 1.0) / dim};
  const gkt_device_cost c = {.strategy = y->method,
                             .cells = items,
                             .computed = (gkt_size)follow(&l, (double)x->computed, (double)y->computed),
                             .dram_bytes = follow(&l, x->dram_bytes, y->dram_bytes),
                             .l2_bytes = follow(&l, x->l2_bytes, y->l2_bytes),
                             .wavefronts = follow(&l, x->wavefronts, y->wavefronts),
                             .fp64 = follow(&l, x->fp64, y->fp64),
                             .instructions = follow(&l, x->instructions, y->instructions),
                             .floor_bytes = follow(&l, x->floor_bytes, y->floor_bytes),
                             .launches = y->launches,
                             .replayed = y->recorded,
                             .blocks = follow(&l, x->blocks, y->blocks),
                             .block = {y->block_threads, y->block_registers, y->block_shared}};
  return gkt_device_cost_tell(&c, y->architecture);
}
