/* The model of a device (ADR 29): five rates, and the slowest of them. Rates of cards are those of their data sheets, of DRAM about nine tenths, of L2 an assumption. */
#include "core/device_cost.h"

typedef struct {
  int architecture, processors;
  const char *name;
  double clock, dram, l2; /* Hz, bytes a second */
  double fp64;            /* thread operations of a multiprocessor in a clock */
} card;
static const card cards[] = {{80, 108, "A100", 1.41e9, 1.75e12, 4.0e12, 32}, {90, 132, "H200", 1.755e9, 4.3e12, 5.5e12, 64}, {100, 148, "B200", 1.85e9, 7.2e12, 9.0e12, 64}};

enum { ISSUED = 4 * 32 }; /* thread instructions of a multiprocessor in a clock */

gkt_device_rates gkt_device_rates_of(int architecture, int num_processors) {
  const card *c = &cards[0];
  for (size_t k = 0; k < sizeof cards / sizeof *cards; k++)
    if (cards[k].architecture <= architecture) c = &cards[k];
  const double each = (num_processors > 0 ? num_processors : c->processors) * c->clock;
  return (gkt_device_rates){c->name, c->dram, c->l2, each, c->fp64 * each, ISSUED * each};
}

gkt_device_prediction gkt_device_predict(const gkt_device_cost *cost, const gkt_device_rates *r) {
  const struct {
    const char *name;
    double seconds;
  } limits[] = {{"DRAM", cost->dram_bytes / r->dram},
                {"L2", cost->l2_bytes / r->l2},
                {"shared memory", cost->wavefronts / r->wavefronts},
                {"fp64", cost->fp64 / r->fp64},
                {"issue", cost->instructions / r->instructions}};
  gkt_device_prediction p = {.limit = limits[0].name, .floor = cost->floor_bytes / r->dram};
  double second = 0;
  for (size_t k = 0; k < sizeof limits / sizeof *limits; k++) {
    if (limits[k].seconds > p.best) second = p.best, p.best = limits[k].seconds, p.limit = limits[k].name;
    else if (limits[k].seconds > second) second = limits[k].seconds;
  }
  p.worst = p.best + second;
  return p;
}

void gkt_device_cost_add(gkt_device_cost *sum, const gkt_device_cost *c) {
  sum->strategy = c->strategy, sum->cells = c->cells;
  sum->computed += c->computed, sum->dram_bytes += c->dram_bytes, sum->l2_bytes += c->l2_bytes, sum->wavefronts += c->wavefronts;
  sum->fp64 += c->fp64, sum->instructions += c->instructions, sum->floor_bytes += c->floor_bytes;
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
                              .seconds_least = seconds.best,
                              .seconds_most = seconds.worst,
                              .seconds_floor = seconds.floor,
                              .limit = seconds.limit};
}
