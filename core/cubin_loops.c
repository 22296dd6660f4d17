/* Loops in machine code, and how often those run that are not unrolled though their counter is plain: it is compared with a number at the end, after a number was added to it. */
#include "core/cubin.h"

#include <string.h>

/* Fields of a word: registers of result and first operand, a number, the predicate that is written, that which guards. */
typedef struct {
  int operation, result, operand, written, guard;
  int64_t number;
} fields;

static fields read_fields(const gkt_cubin_kernel *k, int at) {
  uint64_t w[2];
  memcpy(w, k->code + (size_t)at * sizeof w, sizeof w);
  return (fields){(int)(w[0] & 0xfff), (int)(w[0] >> 16 & 0xff), (int)(w[0] >> 24 & 0xff), (int)(w[1] >> 17 & 7), (int)(w[0] >> 12 & 7), (int32_t)(w[0] >> 32)};
}

enum {
  COMPARE = 0x80c,
  COMPARE_UNIFORM = 0x88c,
  ADD = 0x810,
  ADD_TWO = 0x836,
  ADD_UNIFORM = 0x890,
  MOVE = 0x802,
  MOVE_UNIFORM = 0x882,
  MULTIPLY_MOVE = 0x424,
  HALVES_MOVE = 0x431,
  HALVES_MOVE_80 = 0x435
};

static bool adds(const fields *f) { return f->operation == ADD || f->operation == ADD_TWO || f->operation == ADD_UNIFORM; }

/* The comparison with a number that decides the branch at `last`; -1: none. */
static int find_comparison(const gkt_cubin_kernel *k, int first, int last) {
  const fields branch = read_fields(k, last);
  uint64_t w[2];
  memcpy(w, k->code + (size_t)last * sizeof w, sizeof w);
  const bool uniform = branch.operation == 0x547;
  const int guard = uniform ? (int)(w[0] >> 24 & 7) : branch.guard;
  for (int at = last - 1; at >= first; at--) {
    const fields f = read_fields(k, at);
    const bool compares = (f.operation & 0x1ff) == ((uniform ? COMPARE_UNIFORM : COMPARE) & 0x1ff); /* with a number, or with something else */
    if (compares && f.written == guard) return f.operation == (uniform ? COMPARE_UNIFORM : COMPARE) ? at : -1;
  }
  return -1;
}

/* The number that a register holds before the loop; 0 where it is not set by a number. */
static int64_t find_start(const gkt_cubin_kernel *k, int first, int reg, bool uniform) {
  for (int at = first - 1; at >= 0 && at > first - 200; at--) {
    const fields f = read_fields(k, at);
    if (f.result != reg) continue;
    const bool by_product = f.operand == 0xff && (f.operation == MULTIPLY_MOVE || f.operation == HALVES_MOVE || f.operation == HALVES_MOVE_80); /* zero times zero and the number */
    return f.operation == (uniform ? MOVE_UNIFORM : MOVE) || (!uniform && by_product) ? f.number : 0;
  }
  return 0;
}

static double find_trips(const gkt_cubin_kernel *k, int first, int last) {
  const int at = find_comparison(k, first, last);
  if (at < 0) return 0;
  const fields end = read_fields(k, at);
  for (int i = first; i < last; i++) {
    const fields f = read_fields(k, i);
    if (!adds(&f) || f.result != end.operand || f.operand != end.operand || f.number <= 0) continue;
    if ((f.operation == ADD_UNIFORM) != (end.operation == COMPARE_UNIFORM)) continue;
    const int64_t span = end.number - find_start(k, first, end.operand, end.operation == COMPARE_UNIFORM);
    return span > 0 && span < 1 << 24 ? (double)((span + f.number - 1) / f.number) : 0;
  }
  return 0;
}

/* Loops with one head are one. Returns their number. */
static int note(int count, gkt_code_loop *loops, int first, int last, double trips) {
  for (int l = 0; l < count; l++)
    if (loops[l].first == first) {
      if (last > loops[l].last) loops[l].last = last, loops[l].trips = trips;
      return count;
    }
  loops[count] = (gkt_code_loop){first, last, -1, trips};
  return count + 1;
}

static void sort(int count, gkt_code_loop *loops) {
  for (int i = 1; i < count; i++) {
    const gkt_code_loop l = loops[i];
    int j = i;
    for (; j > 0 && (loops[j - 1].first > l.first || (loops[j - 1].first == l.first && loops[j - 1].last < l.last)); j--) loops[j] = loops[j - 1];
    loops[j] = l;
  }
}

int gkt_cubin_find_loops(const gkt_cubin_kernel *k, int architecture, gkt_code_loop *loops) {
  int count = 0;
  for (int at = 0; at < k->num_instructions && count < GKT_CODE_MOST_LOOPS; at++) {
    const gkt_instruction i = gkt_cubin_decode(k, architecture, at);
    if (i.kind == GKT_CODE_BRA && i.target >= 0 && i.target < at) count = note(count, loops, i.target, at, find_trips(k, i.target, at));
  }
  sort(count, loops);
  for (int l = 0; l < count; l++)
    for (int m = 0; m < l; m++)
      if (loops[m].first <= loops[l].first && loops[m].last >= loops[l].last) loops[l].around = m;
  return count;
}

gkt_code_counts gkt_cubin_count(const gkt_cubin_kernel *k, int architecture, int num_loops, const gkt_code_loop *loops, int loop, double unknown) {
  gkt_code_counts sum = {{0}, 0};
  for (int at = loop < 0 ? 0 : loops[loop].first; at < (loop < 0 ? k->num_instructions : loops[loop].last + 1); at++) {
    double weight = 1;
    for (int l = 0; l < num_loops; l++)
      if (l != loop && at >= loops[l].first && at <= loops[l].last && (loop < 0 || (loops[l].first >= loops[loop].first && loops[l].last <= loops[loop].last)))
        weight *= loops[l].trips > 0 ? loops[l].trips : unknown;
    const gkt_code_kind kind = gkt_cubin_decode(k, architecture, at).kind;
    sum.of[kind] += weight;
    if (kind != GKT_CODE_NOP) sum.all += weight;
  }
  return sum;
}
