/* Systems of several fields for the tests of the solvers, by plain loops on a grid of n^dim cubes of the unit box. */
#ifndef GKT_TESTS_BLOCK_SYSTEMS_H
#define GKT_TESTS_BLOCK_SYSTEMS_H
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "galerkit/solver.h"

/* ---- a matrix from entries in any order, equal places are summed ---- */
typedef struct {
  gkt_idx row, col;
  double value;
} test_entry;
typedef struct {
  gkt_size count, room;
  test_entry *entries;
} test_entries;

static inline void test_add(test_entries *t, gkt_idx row, gkt_idx col, double value) {
  if (t->count == t->room) t->entries = realloc(t->entries, sizeof *t->entries * (size_t)(t->room = 2 * t->room + 1024));
  t->entries[t->count++] = (test_entry){row, col, value};
}

static inline int test_compare(const void *a, const void *b) {
  const test_entry *x = a, *y = b;
  return x->row != y->row ? (x->row > y->row) - (x->row < y->row) : (x->col > y->col) - (x->col < y->col);
}

static inline gkt_csr *test_csr(gkt_context *context, gkt_idx n, test_entries *t) {
  gkt_csr *A;
  gkt_size kept = 0;
  qsort(t->entries, (size_t)t->count, sizeof *t->entries, test_compare);
  for (gkt_size k = 0; k < t->count; k++)
    if (kept && test_compare(&t->entries[kept - 1], &t->entries[k]) == 0) t->entries[kept - 1].value += t->entries[k].value;
    else t->entries[kept++] = t->entries[k];
  if (gkt_csr_create(context, n, n, kept, 1, &A) != GKT_OK) abort();
  memset(A->row_offsets, 0, sizeof *A->row_offsets * ((size_t)n + 1));
  for (gkt_size k = 0; k < kept; k++) A->row_offsets[t->entries[k].row + 1]++, A->cols[k] = t->entries[k].col, A->vals[k] = t->entries[k].value;
  for (gkt_idx i = 0; i < n; i++) A->row_offsets[i + 1] += A->row_offsets[i];
  free(t->entries);
  *t = (test_entries){0};
  return A;
}

enum { TEST_BLOCKS = 6 };
typedef struct {
  gkt_csr *A, *schur;
  double *coords[TEST_BLOCKS], *b, *x;
  bool *fixed;
  gkt_block_facts blocks[TEST_BLOCKS];
  double size; /* of multipliers in test_manufacture, so that their forces are of the size of the others; 0: 1 */
  gkt_system_facts facts;
} test_blocks;

static inline void test_blocks_destroy(test_blocks *s) {
  gkt_csr_destroy(&s->A);
  gkt_csr_destroy(&s->schur);
  for (int b = 0; b < TEST_BLOCKS; b++) free(s->coords[b]);
  free(s->b), free(s->x), free(s->fixed);
}

static inline void test_blocks_finish(gkt_context *context, test_entries *t, test_blocks *s) {
  gkt_idx n = 0;
  for (int b = 0; b < s->facts.num_blocks; b++) s->blocks[b].first = n, n += s->blocks[b].count;
  s->facts.blocks = s->blocks, s->facts.block_size = 1;
  s->A = test_csr(context, n, t);
  s->b = calloc((size_t)n, sizeof *s->b), s->x = calloc((size_t)n, sizeof *s->x);
}

/* ---- Stokes by the marker-and-cell scheme (Harlow and Welch 1965): component c on faces across axis c, pressures in cells; walls all around, or outflow (no stress) at the upper
   end of axis 0. A field for the velocity, or one for each component. Symmetric: [A B'; B 0] with B = -div. ---- */
typedef struct {
  int n, dim;
  bool open, apart;           /* outflow; a field for each component */
  double viscosity, contrast; /* of the half x > 1/2 over the other */
  double unit;                /* pressures are in this unit */
  double wind;                /* convection along axis 0, upwind: not symmetric */
} test_stokes;

static inline int test_faces(const test_stokes *o, int c, int axis) { return axis != c ? o->n : o->open && c == 0 ? o->n : o->n - 1; }
static inline gkt_idx test_face(const test_stokes *o, int c, const int *at) { /* at: of the cell below the face; -1: on a wall */
  gkt_idx index = 0;
  for (int d = o->dim - 1; d >= 0; d--) {
    if (at[d] < 0 || at[d] >= test_faces(o, c, d)) return -1;
    index = index * test_faces(o, c, d) + at[d];
  }
  return index;
}
static inline gkt_idx test_num_faces(const test_stokes *o, int c) {
  gkt_idx count = 1;
  for (int d = 0; d < o->dim; d++) count *= test_faces(o, c, d);
  return count;
}
static inline void test_at(gkt_idx index, int dim, const int *sizes, int *at) {
  at[0] = at[1] = at[2] = 0;
  for (int d = 0; d < dim; d++) at[d] = index % sizes[d], index /= sizes[d];
}

static inline void test_stokes_create(gkt_context *context, const test_stokes *o, test_blocks *s) {
  test_entries t = {0}, m = {0};
  double h = 1.0 / o->n, area = pow(h, o->dim - 1), volume = pow(h, o->dim);
  gkt_idx cells = 1, first[3], total = 0;
  int velocities = o->apart ? o->dim : 1;
  static const char *const names[] = {"u", "v", "w"};
  *s = (test_blocks){0};
  for (int d = 0; d < o->dim; d++) cells *= o->n, first[d] = total, total += test_num_faces(o, d);
  for (int c = 0; c < o->dim; c++) {
    int sizes[3], at[3];
    for (int d = 0; d < o->dim; d++) sizes[d] = test_faces(o, c, d);
    if (!o->apart && c == 0) s->coords[0] = malloc(sizeof(double) * (size_t)total * o->dim);
    if (o->apart) s->coords[c] = malloc(sizeof(double) * (size_t)test_num_faces(o, c) * o->dim);
    double *coords = o->apart ? s->coords[c] : s->coords[0] + (size_t)first[c] * o->dim;
    for (gkt_idx i = 0; i < test_num_faces(o, c); i++) {
      test_at(i, o->dim, sizes, at);
      double nu = o->viscosity * (o->contrast > 0 && (at[0] + 0.5) * h > 0.5 ? o->contrast : 1);
      for (int d = 0; d < o->dim; d++) coords[i * o->dim + d] = h * (at[d] + (d == c ? 1 : 0.5));
      for (int d = 0; d < o->dim; d++)
        for (int side = -1; side <= 1; side += 2) {
          int to[3] = {at[0], at[1], at[2]};
          to[d] += side;
          gkt_idx j = test_face(o, c, to);
          bool out = o->open && d == 0 && side == 1 && j < 0;
          double nu_there = o->viscosity * (o->contrast > 0 && (to[0] + 0.5) * h > 0.5 ? o->contrast : 1);
          double k = sqrt(nu * nu_there) * area / h * (j < 0 && d != c ? 2 : 1);
          if (out) continue;
          test_add(&t, first[c] + i, first[c] + i, k);
          if (j >= 0) test_add(&t, first[c] + i, first[c] + j, -k);
          if (o->wind != 0 && d == 0 && side == -1) {
            test_add(&t, first[c] + i, first[c] + i, o->wind * area);
            if (j >= 0) test_add(&t, first[c] + i, first[c] + j, -o->wind * area);
          }
        }
    }
  }
  for (gkt_idx i = 0; i < cells; i++) {
    int at[3], sizes[3] = {o->n, o->n, o->n};
    test_at(i, o->dim, sizes, at);
    double nu = o->viscosity * (o->contrast > 0 && (at[0] + 0.5) * h > 0.5 ? o->contrast : 1);
    test_add(&m, i, i, volume / nu * o->unit * o->unit);
    test_add(&t, total + i, total + i, 0);
    for (int c = 0; c < o->dim; c++)
      for (int side = 0; side < 2; side++) {
        int to[3] = {at[0], at[1], at[2]};
        to[c] -= 1 - side;
        gkt_idx j = test_face(o, c, to);
        if (j < 0) continue;
        double entry = (side ? -area : area) * o->unit;
        test_add(&t, total + i, first[c] + j, entry), test_add(&t, first[c] + j, total + i, entry);
      }
  }
  s->schur = test_csr(context, cells, &m);
  for (int k = 0; k < velocities; k++)
    s->blocks[k] = (gkt_block_facts){
        .name = names[k], .count = o->apart ? test_num_faces(o, k) : total, .block_size = 1, .symmetric = o->wind == 0, .positive = true, .elliptic = true, .coords = s->coords[k]};
  s->coords[velocities] = malloc(sizeof(double) * (size_t)cells * o->dim);
  for (gkt_idx i = 0; i < cells; i++) {
    int at[3], sizes[3] = {o->n, o->n, o->n};
    test_at(i, o->dim, sizes, at);
    for (int d = 0; d < o->dim; d++) s->coords[velocities][i * o->dim + d] = h * (at[d] + 0.5);
  }
  s->blocks[velocities] =
      (gkt_block_facts){.name = "p", .count = cells, .block_size = 1, .symmetric = true, .multiplier = true, .coords = s->coords[velocities], .schur = s->schur};
  s->size = o->viscosity / o->unit;
  s->facts = (gkt_system_facts){.symmetric = o->wind == 0, .singular = !o->open, .dim = o->dim, .num_blocks = velocities + 1};
  test_blocks_finish(context, &t, s);
}

/* ---- Stokes on one grid with central differences, periodic, with a mass that holds the velocity: [A B'; B 0] whose pressures are determined up to a constant and, n being even,
   up to 2^dim - 1 checkerboards. u is a vector, node by node. ---- */
static inline void test_collocated_create(gkt_context *context, int n, int dim, test_blocks *s) {
  test_entries t = {0}, m = {0};
  double h = 1.0 / n, area = pow(h, dim - 1), volume = pow(h, dim);
  gkt_idx cells = 1;
  for (int d = 0; d < dim; d++) cells *= n;
  *s = (test_blocks){0};
  for (int b = 0; b < 2; b++) s->coords[b] = malloc(sizeof(double) * (size_t)cells * dim);
  for (gkt_idx i = 0; i < cells; i++) {
    int at[3], sizes[3] = {n, n, n};
    gkt_idx stride = 1;
    test_at(i, dim, sizes, at);
    test_add(&m, i, i, volume), test_add(&t, dim * cells + i, dim * cells + i, 0);
    for (int d = 0; d < dim; stride *= n, d++) {
      gkt_idx up = i + (at[d] + 1 < n ? stride : stride - n * stride), down = i + (at[d] > 0 ? -stride : n * stride - stride);
      for (int b = 0; b < 2; b++) s->coords[b][i * dim + d] = h * (at[d] + 0.5);
      for (int c = 0; c < dim; c++) {
        test_add(&t, dim * i + c, dim * i + c, 2 * area / h + volume / dim);
        test_add(&t, dim * i + c, dim * up + c, -area / h), test_add(&t, dim * i + c, dim * down + c, -area / h);
      }
      for (int side = -1; side <= 1; side += 2) {
        gkt_idx j = dim * (side < 0 ? down : up) + d;
        test_add(&t, dim * cells + i, j, -0.5 * side * area), test_add(&t, j, dim * cells + i, -0.5 * side * area);
      }
    }
  }
  s->schur = test_csr(context, cells, &m);
  s->blocks[0] = (gkt_block_facts){.name = "u", .count = dim * cells, .block_size = dim, .symmetric = true, .positive = true, .elliptic = true, .coords = s->coords[0]};
  s->blocks[1] = (gkt_block_facts){.name = "p", .count = cells, .block_size = 1, .symmetric = true, .multiplier = true, .coords = s->coords[1], .schur = s->schur};
  s->facts = (gkt_system_facts){.symmetric = true, .singular = true, .dim = dim, .num_blocks = 2};
  test_blocks_finish(context, &t, s);
}

/* ---- diffusions by finite volumes in cells, no flow through the walls: field f has the conductivity 10^f, and every two exchange `exchange` times their difference. hold: a sink
   along the lower end of axis 0 for field 0. mean: a real number l as a last field, the multiplier of the mean of field 0. ---- */
typedef struct {
  int n, dim, fields;
  double exchange;
  bool hold, mean;
} test_diffusions;

static inline void test_diffusions_create(gkt_context *context, const test_diffusions *o, test_blocks *s) {
  test_entries t = {0};
  double h = 1.0 / o->n, volume = pow(h, o->dim);
  static const char *const names[] = {"a", "b", "c", "d"};
  gkt_idx cells = 1;
  for (int d = 0; d < o->dim; d++) cells *= o->n;
  *s = (test_blocks){0};
  for (int f = 0; f < o->fields; f++) {
    double k = pow(10, f) * volume / h / h;
    s->coords[f] = malloc(sizeof(double) * (size_t)cells * o->dim);
    for (gkt_idx i = 0; i < cells; i++) {
      int at[3], sizes[3] = {o->n, o->n, o->n};
      gkt_idx stride = 1;
      test_at(i, o->dim, sizes, at);
      for (int d = 0; d < o->dim; stride *= o->n, d++) {
        s->coords[f][i * o->dim + d] = h * (at[d] + 0.5);
        for (int side = -1; side <= 1; side += 2)
          if (at[d] + side >= 0 && at[d] + side < o->n) test_add(&t, f * cells + i, f * cells + i, k), test_add(&t, f * cells + i, f * cells + i + side * stride, -k);
      }
      if (o->hold && f == 0 && at[0] == 0) test_add(&t, i, i, 2 * k);
      for (int g = 0; g < o->fields && o->exchange > 0; g++)
        if (g != f) test_add(&t, f * cells + i, f * cells + i, o->exchange * volume), test_add(&t, f * cells + i, g * cells + i, -o->exchange * volume);
      if (o->mean && f == 0) test_add(&t, i, o->fields * cells, volume), test_add(&t, o->fields * cells, i, volume);
    }
    s->blocks[f] = (gkt_block_facts){.name = names[f], .count = cells, .block_size = 1, .symmetric = true, .positive = true, .elliptic = true, .coords = s->coords[f]};
  }
  if (o->mean) s->blocks[o->fields] = (gkt_block_facts){.name = "l", .count = 1, .block_size = 1, .symmetric = true, .multiplier = true};
  s->facts = (gkt_system_facts){.symmetric = true, .positive = !o->mean, .singular = !o->hold, .dim = o->dim, .num_blocks = o->fields + o->mean};
  test_blocks_finish(context, &t, s);
}

/* b = A x for an x that is smooth and, of pressures, of mean 0; returns it in want [rows]. */
static inline void test_manufacture(test_blocks *s, double *want) {
  for (int b = 0; b < s->facts.num_blocks; b++) {
    const gkt_block_facts *f = &s->blocks[b];
    double mean = 0;
    for (gkt_idx i = 0; i < f->count; i++) {
      double v = f->multiplier && s->size > 0 ? s->size : 1;
      for (int d = 0; d < s->facts.dim && f->coords; d++) v *= sin((1.3 + d + b) * f->coords[i * s->facts.dim + d] + 0.4 * b);
      want[f->first + i] = v, mean += v / f->count;
    }
    for (gkt_idx i = 0; i < f->count && f->multiplier; i++) want[f->first + i] -= f->count > 1 ? mean : 0;
  }
  for (gkt_idx i = 0; i < s->A->num_rows && s->fixed; i++)
    if (s->fixed[i]) want[i] = 0;
  gkt_csr_multiply(s->A, want, s->b);
}
#endif
