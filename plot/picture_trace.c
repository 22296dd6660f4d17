/* The stretches of a graph: values along the cells of a mesh of lines, or along a line through flat cells. */
#include "plot/picture.h"

enum { MOST_STRETCHES = 200000 };

gkt_status gkt_traces_add(gkt_context *ctx, gkt_traces *t, gkt_trace trace) {
  if (t->num_traces == t->room) {
    GKT_TRY(gkt_realloc(ctx, 2 * t->room + 64, sizeof *t->traces, &t->traces));
    t->room = 2 * t->room + 64;
  }
  t->traces[t->num_traces++] = trace;
  return GKT_OK;
}

/* ---- lines ---- */
typedef struct {
  gkt_context *ctx;
  const gkt_drawing *drawing;
  const gkt_section *section; /* NULL: lines, over x */
  const gkt_pattern *pattern;
  gkt_traces *out;
} tracer;

static gkt_status trace_line(tracer *t, const gkt_sample *samples) {
  for (int i = 0; i < t->pattern->num_simplices; i++) {
    const int a = t->pattern->simplices[i][0], b = t->pattern->simplices[i][1];
    GKT_TRY(gkt_traces_add(t->ctx, t->out,
                           (gkt_trace){{samples[a].at[0], samples[b].at[0]}, {samples[a].value, samples[b].value}, {t->pattern->on[a] != 0, t->pattern->on[b] != 0}, 0}));
  }
  return GKT_OK;
}

/* ---- flat cells, cut into triangles ---- */
static gkt_status trace_triangle(tracer *t, const gkt_sample *samples, const int v[3]) {
  const int other = t->section->axis == 0 ? 1 : 0;
  gkt_trace trace = {.x = {0}};
  int n = 0;
  for (int i = 0; i < 3; i++) {
    const int a = v[i], b = v[(i + 1) % 3];
    if ((gkt_section_distance(t->section, samples + a) < 0) == (gkt_section_distance(t->section, samples + b) < 0)) continue;
    const gkt_sample s = gkt_section_between(t->section, samples + a, samples + b, NULL);
    trace.x[n] = s.rest[other], trace.y[n] = s.value, trace.end[n++] = (t->pattern->on[a] & t->pattern->on[b]) != 0;
  }
  return n == 2 ? gkt_traces_add(t->ctx, t->out, trace) : GKT_OK;
}

static gkt_status trace_cell(tracer *t, const gkt_idx *nodes, gkt_sample *samples) {
  gkt_pattern_sample(t->pattern, t->drawing, nodes, samples);
  if (!t->section) return trace_line(t, samples);
  for (int i = 0; i < t->pattern->num_simplices; i++) GKT_TRY(trace_triangle(t, samples, t->pattern->simplices[i]));
  return GKT_OK;
}

/* ---- all cells ---- */
static bool is_traced(const tracer *t, const gkt_vtu_block *block, gkt_size cell) {
  if (gkt_cell_topologies[block->cell].dim != (t->section ? 2 : 1)) return false;
  return !t->section || gkt_section_may_cut(t->section, t->drawing->grid, block, cell);
}

static int choose_pieces(const tracer *t) {
  const gkt_vtu_grid *grid = t->drawing->grid;
  gkt_size count = 0;
  int pieces = 1;
  for (int b = 0; b < grid->num_blocks; b++) {
    for (gkt_size c = 0; c < grid->blocks[b].num_cells; c++) count += is_traced(t, grid->blocks + b, c);
    if (grid->blocks[b].degree > 1 || grid->blocks[b].cell == GKT_QUADRILATERAL) pieces = GKT_MAX_PIECES;
  }
  while (pieces > 1 && count * pieces > MOST_STRETCHES) pieces--;
  return pieces;
}

static gkt_status trace_all(tracer *t) {
  const gkt_vtu_grid *grid = t->drawing->grid;
  gkt_patterns patterns = {.ctx = t->ctx, .pieces = choose_pieces(t)};
  gkt_sample samples[(GKT_MAX_PIECES + 1) * (GKT_MAX_PIECES + 1)];
  gkt_status status = GKT_OK;
  for (int b = 0; b < grid->num_blocks; b++) {
    const gkt_vtu_block *block = grid->blocks + b;
    if (gkt_cell_topologies[block->cell].dim != (t->section ? 2 : 1)) continue;
    GKT_GO(gkt_pattern_get(&patterns, block->cell, block->degree, &t->pattern));
    for (gkt_size c = 0; c < block->num_cells; c++)
      if (is_traced(t, block, c)) GKT_GO(trace_cell(t, block->nodes + c * block->nodes_per_cell, samples));
  }
done:
  gkt_patterns_destroy(&patterns);
  return status;
}

gkt_status gkt_traces_of_lines(gkt_context *ctx, const gkt_drawing *drawing, gkt_traces *out) { return trace_all(&(tracer){.ctx = ctx, .drawing = drawing, .out = out}); }

gkt_status gkt_traces_of_section(gkt_context *ctx, const gkt_drawing *drawing, const gkt_section *section, gkt_traces *out) {
  return trace_all(&(tracer){.ctx = ctx, .drawing = drawing, .section = section, .out = out});
}
