/* Lines and normals of a surface: which sides of triangles are drawn, and which direction light meets. */
#include <math.h>
#include <stdlib.h>

#include "plot/picture.h"

static const double FEATURE_COSINE = 0.8660254037844386; /* 30 degrees */

static double dot(const double a[3], const double b[3]) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

/* Twice the area times the unit normal, undeformed or as drawn. */
static void normal_of(const gkt_surface *s, const gkt_triangle *t, bool rest, double n[3]) {
  const gkt_sample *p = s->nodes + t->nodes[0], *q = s->nodes + t->nodes[1], *r = s->nodes + t->nodes[2];
  const double *a = rest ? p->rest : p->at, *b = rest ? q->rest : q->at, *c = rest ? r->rest : r->at;
  const double e[3] = {b[0] - a[0], b[1] - a[1], b[2] - a[2]}, f[3] = {c[0] - a[0], c[1] - a[1], c[2] - a[2]};
  n[0] = e[1] * f[2] - e[2] * f[1], n[1] = e[2] * f[0] - e[0] * f[2], n[2] = e[0] * f[1] - e[1] * f[0];
}

static void make_unit(double n[3]) {
  const double length = sqrt(dot(n, n));
  for (int k = 0; k < 3; k++) n[k] = length > 0 ? n[k] / length : 0;
}

void gkt_surface_normal(const gkt_surface *s, gkt_idx triangle, double normal[3]) {
  normal_of(s, s->triangles + triangle, false, normal);
  make_unit(normal);
}

/* Across the rounding of a degenerate triangle nothing is a feature. */
static bool meet_sharply(const double a[3], const double b[3]) { return dot(a, a) > 0 && dot(b, b) > 0 && dot(a, b) < FEATURE_COSINE; }

typedef struct {
  gkt_idx key[2]; /* merged nodes, ascending */
  gkt_idx triangle;
  int side;
} side;

static int compare_sides(const void *a, const void *b) {
  const side *s = a, *t = b;
  for (int k = 0; k < 2; k++)
    if (s->key[k] != t->key[k]) return s->key[k] < t->key[k] ? -1 : 1;
  return s->triangle != t->triangle ? (s->triangle > t->triangle) - (s->triangle < t->triangle) : s->side - t->side;
}

static bool is_flat(const gkt_surface *s) {
  for (gkt_idx n = 0; n < s->num_nodes; n++)
    if (s->nodes[n].rest[2] != s->nodes[0].rest[2]) return false;
  return true;
}

/* Those of the mesh, and where the surface may bend those of its pieces, which have two triangles each. */
static gkt_status sort_sides(gkt_context *ctx, const gkt_surface *s, side **out, gkt_size *count) {
  const bool flat = is_flat(s);
  GKT_TRY(gkt_alloc(ctx, 3 * (gkt_size)s->num_triangles, sizeof **out, out));
  *count = 0;
  for (gkt_idx t = 0; t < s->num_triangles; t++)
    for (int i = 0; i < 3; i++) {
      const gkt_idx a = s->same[s->triangles[t].nodes[i]], b = s->same[s->triangles[t].nodes[(i + 1) % 3]];
      if (!flat || s->triangles[t].sides >> i & 1) (*out)[(*count)++] = (side){{a < b ? a : b, a < b ? b : a}, t, i};
    }
  qsort(*out, (size_t)*count, sizeof **out, compare_sides);
  return GKT_OK;
}

static gkt_outline outline_of(const gkt_surface *s, const side *sides, gkt_size count) {
  const gkt_triangle *t = s->triangles + sides->triangle;
  gkt_outline line = {{t->nodes[sides->side], t->nodes[(sides->side + 1) % 3]}, count != 2, t->sides >> sides->side & 1};
  if (count == 2) {
    double a[3], b[3];
    normal_of(s, t, true, a);
    normal_of(s, s->triangles + sides[1].triangle, true, b);
    make_unit(a), make_unit(b);
    line.feature = meet_sharply(a, b);
  }
  return line;
}

gkt_status gkt_surface_add_outlines(gkt_surface *s) {
  gkt_size count;
  side *sides = NULL;
  gkt_status status;
  GKT_GO(sort_sides(s->ctx, s, &sides, &count));
  for (gkt_size i = 0; i < count;) {
    gkt_size j = i + 1;
    while (j < count && sides[j].key[0] == sides[i].key[0] && sides[j].key[1] == sides[i].key[1]) j++;
    const gkt_outline line = outline_of(s, sides + i, j - i);
    if (line.feature || line.mesh) {
      GKT_GO(gkt_surface_reserve(s, 0, 0, 1));
      s->outlines[s->num_outlines++] = line;
    }
    i = j;
  }
done:
  gkt_free(&sides);
  return status;
}

/* ---- normals: at a corner, the mean over the triangles around the node that meet this one smoothly, weighted by area ---- */
static gkt_status triangles_around(gkt_context *ctx, const gkt_surface *s, gkt_size **offsets, gkt_idx **list) {
  GKT_TRY(gkt_calloc(ctx, (gkt_size)s->num_nodes + 2, sizeof **offsets, offsets));
  GKT_TRY(gkt_calloc(ctx, 3 * (gkt_size)s->num_triangles, sizeof **list, list));
  gkt_size *next = *offsets + 1; /* shifted by one, so that filling turns starts into ends */
  for (gkt_idx t = 0; t < s->num_triangles; t++)
    for (int i = 0; i < 3; i++) next[s->same[s->triangles[t].nodes[i]] + 1]++;
  for (gkt_idx n = 0; n < s->num_nodes; n++) next[n + 1] += next[n];
  for (gkt_idx t = 0; t < s->num_triangles; t++)
    for (int i = 0; i < 3; i++) (*list)[next[s->same[s->triangles[t].nodes[i]]]++] = t;
  return GKT_OK;
}

static void smooth_normal(const gkt_surface *s, const double own[3], const gkt_idx *around, gkt_size count, double sum[3]) {
  for (int j = 0; j < 3; j++) sum[j] = 0;
  for (gkt_size k = 0; k < count; k++) {
    double weighted[3], unit[3];
    normal_of(s, s->triangles + around[k], false, weighted);
    for (int j = 0; j < 3; j++) unit[j] = weighted[j];
    make_unit(unit);
    if (meet_sharply(own, unit)) continue;
    for (int j = 0; j < 3; j++) sum[j] += weighted[j];
  }
  make_unit(sum);
}

gkt_status gkt_surface_add_normals(gkt_surface *s) {
  gkt_size *offsets = NULL;
  gkt_idx *list = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(s->ctx, s->triangle_room, sizeof *s->normals, &s->normals));
  GKT_GO(triangles_around(s->ctx, s, &offsets, &list));
  for (gkt_idx t = 0; t < s->num_triangles; t++) {
    double own[3];
    gkt_surface_normal(s, t, own);
    for (int i = 0; i < 3; i++) {
      const gkt_idx node = s->same[s->triangles[t].nodes[i]];
      smooth_normal(s, own, list + offsets[node], offsets[node + 1] - offsets[node], s->normals[t][i]);
    }
  }
done:
  gkt_free(&offsets);
  gkt_free(&list);
  return status;
}
