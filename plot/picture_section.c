/* The cross-section of solid cells: each that the plane meets is cut into tetrahedra, and those into triangles. */
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot/picture.h"

enum { MOST_TETRAHEDRA = 500000 }; /* of the cells that the plane meets, 6 to a cube of pieces */

bool gkt_section_read(const char *text, gkt_section *out) {
  const char *at = text + strspn(text, " ");
  gkt_section s = {.axis = *at - 'x', .sign = 1};
  locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  char *end = NULL;
  if (!c) return false;
  if (s.axis >= 0 && s.axis < 3) at += 1 + strspn(at + 1, " ");
  if (*at == '=' && s.axis >= 0 && s.axis < 3) s.value = strtod_l(at + 1, &end, c);
  freelocale(c);
  if (!end || end == at + 1 || end[strspn(end, " ")] || !isfinite(s.value)) return false;
  *out = s;
  return true;
}

gkt_status gkt_section_check(gkt_context *ctx, const char *text, int dim, gkt_size num_nodes, const double *coords, gkt_section *out) {
  double low = INFINITY, high = -INFINITY;
  if (!gkt_section_read(text, out)) return gkt_fail(ctx, GKT_BAD_INPUT, "section '%s': x, y or z = a number was expected, such as x=0.5", text);
  if (dim < 2) return gkt_fail(ctx, GKT_BAD_INPUT, "section '%s': a mesh of lines has none", text);
  if (out->axis >= dim) return gkt_fail(ctx, GKT_BAD_INPUT, "section '%s': the mesh has 2 dimensions", text);
  for (gkt_size i = 0; i < num_nodes; i++) low = fmin(low, coords[i * dim + out->axis]), high = fmax(high, coords[i * dim + out->axis]);
  out->slack = 1e-9 * (high - low);
  if (out->value > low + out->slack && out->value < high - out->slack) return GKT_OK;
  return gkt_fail(ctx, GKT_BAD_INPUT, "section '%s' misses the mesh, which reaches from %.6g to %.6g", text, low, high);
}

/* By the nodes; what bends may reach as far beyond them as they are apart. */
bool gkt_section_may_cut(const gkt_section *section, const gkt_vtu_grid *grid, const gkt_vtu_block *block, gkt_size cell) {
  double low = INFINITY, high = -INFINITY;
  for (int a = 0; a < block->nodes_per_cell; a++) {
    const double x = grid->coords[(gkt_size)block->nodes[cell * block->nodes_per_cell + a] * grid->dim + section->axis];
    low = fmin(low, x), high = fmax(high, x);
  }
  const double beyond = section->slack + (block->degree > 1 ? high - low : 0);
  return low - beyond <= section->value && section->value <= high + beyond;
}

typedef struct {
  gkt_surface *surface;
  const gkt_section *section;
  const gkt_pattern *pattern;
  const gkt_sample *samples; /* of the cell */
  uint8_t outer;             /* bit f: facet f of the cell has no second cell */
} cutter;

typedef struct { /* between two corners of a tetrahedron */
  int a, b;
} cut;

/* Line i, between cuts i and i+1, lies in the face with corners faces[i]: on a facet of the cell if they all do. */
static gkt_status add_polygon(cutter *k, int count, const cut *cuts, const int (*faces)[3]) {
  gkt_surface *s = k->surface;
  GKT_TRY(gkt_surface_reserve(s, count, count - 2, count));
  const gkt_idx first = s->num_nodes;
  for (int i = 0; i < count; i++) s->nodes[s->num_nodes++] = gkt_section_between(k->section, k->samples + cuts[i].a, k->samples + cuts[i].b, NULL);
  for (int i = 0; i < count; i++) {
    const uint8_t on = k->pattern->on[faces[i][0]] & k->pattern->on[faces[i][1]] & k->pattern->on[faces[i][2]];
    if (on) s->outlines[s->num_outlines++] = (gkt_outline){{first + i, first + (i + 1) % count}, (on & k->outer) != 0, true};
  }
  for (int i = 1; i + 1 < count; i++) {
    const gkt_idx t = s->num_triangles++;
    s->triangles[t] = (gkt_triangle){{first, first + i, first + i + 1}, 0};
    if (!s->normals) continue;
    gkt_surface_normal(s, t, s->normals[t][0]);
    memcpy(s->normals[t][1], s->normals[t][0], sizeof s->normals[t][0]);
    memcpy(s->normals[t][2], s->normals[t][0], sizeof s->normals[t][0]);
  }
  return GKT_OK;
}

/* One corner p on one side of the plane, or two, p and q, on each. */
static gkt_status cut_tetrahedron(cutter *k, const int v[4]) {
  int in[4], out[4], n = 0, m = 0;
  for (int i = 0; i < 4; i++) {
    if (gkt_section_distance(k->section, k->samples + v[i]) < 0) in[n++] = v[i];
    else out[m++] = v[i];
  }
  if (n == 0 || m == 0) return GKT_OK;
  if (n == 2) {
    const int p = in[0], q = in[1], a = out[0], b = out[1];
    return add_polygon(k, 4, (const cut[]){{p, a}, {p, b}, {q, b}, {q, a}}, (const int[][3]){{p, a, b}, {p, q, b}, {q, a, b}, {p, q, a}});
  }
  const int p = n == 1 ? in[0] : out[0], *o = n == 1 ? out : in;
  return add_polygon(k, 3, (const cut[]){{p, o[0]}, {p, o[1]}, {p, o[2]}}, (const int[][3]){{p, o[0], o[1]}, {p, o[1], o[2]}, {p, o[2], o[0]}});
}

/* ---- all cells ---- */
static gkt_size count_cut(const gkt_vtu_grid *grid, const gkt_section *section) {
  gkt_size n = 0;
  for (int b = 0; b < grid->num_blocks; b++)
    for (gkt_size c = 0; c < grid->blocks[b].num_cells && gkt_cell_topologies[grid->blocks[b].cell].dim == 3; c++) n += gkt_section_may_cut(section, grid, grid->blocks + b, c);
  return n;
}

/* Twice as many as on surfaces, where facets that bend are cut alike from both sides; below the limit, as the number of tetrahedra grows with the third power. */
static int choose_pieces(const gkt_drawing *drawing, gkt_size count) {
  int pieces = gkt_pieces_for(drawing, 3, 1, INT32_MAX);
  if (pieces > 1) pieces = 2 * pieces;
  while (pieces > 1 && 6 * count * pieces * pieces * pieces > MOST_TETRAHEDRA) pieces--;
  return pieces;
}

static gkt_status cut_cell(cutter *k, const gkt_drawing *drawing, const gkt_idx *nodes, gkt_sample *samples) {
  gkt_pattern_sample(k->pattern, drawing, nodes, samples);
  k->samples = samples;
  for (int i = 0; i < k->pattern->num_simplices; i++) GKT_TRY(cut_tetrahedron(k, k->pattern->simplices[i]));
  return GKT_OK;
}

/* *next walks along the patches, which are in the order of the cells. */
static uint8_t outer_facets(const gkt_patches *patches, gkt_idx *next, int block, gkt_idx cell) {
  uint8_t outer = 0;
  while (*next < patches->num_patches && patches->patches[*next].block == block && patches->patches[*next].cell == cell) outer |= (uint8_t)(1 << patches->patches[(*next)++].facet);
  return outer;
}

static gkt_status cut_block(cutter *k, const gkt_drawing *drawing, const gkt_patches *patches, int b, gkt_idx *next, gkt_sample *samples) {
  const gkt_vtu_block *block = drawing->grid->blocks + b;
  for (gkt_idx c = 0; c < block->num_cells; c++) {
    k->outer = outer_facets(patches, next, b, c);
    if (gkt_section_may_cut(k->section, drawing->grid, block, c)) GKT_TRY(cut_cell(k, drawing, block->nodes + (gkt_size)c * block->nodes_per_cell, samples));
  }
  return GKT_OK;
}

gkt_status gkt_surface_add_section(gkt_surface *s, const gkt_drawing *drawing, const gkt_patches *patches, const gkt_section *section) {
  gkt_patterns patterns = {.ctx = s->ctx, .pieces = choose_pieces(drawing, count_cut(drawing->grid, section))};
  const gkt_size most = (gkt_size)(patterns.pieces + 1) * (patterns.pieces + 1) * (patterns.pieces + 1);
  gkt_sample *samples = NULL;
  cutter k = {.surface = s, .section = section};
  gkt_idx next = 0;
  gkt_status status;
  GKT_GO(gkt_calloc(s->ctx, most, sizeof *samples, &samples));
  for (int b = 0; b < drawing->grid->num_blocks; b++) {
    const gkt_vtu_block *block = drawing->grid->blocks + b;
    if (gkt_cell_topologies[block->cell].dim < 3) continue;
    GKT_GO(gkt_pattern_get(&patterns, block->cell, block->degree, &k.pattern));
    GKT_GO(cut_block(&k, drawing, patches, b, &next, samples));
  }
done:
  gkt_patterns_destroy(&patterns);
  gkt_free(&samples);
  return status;
}
