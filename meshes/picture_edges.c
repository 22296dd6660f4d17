/* Lines and normals of a surface: which sides of triangles are drawn, and which direction light meets. */
#include <math.h>
#include <stdlib.h>

#include "meshes/picture.h"

static const double FEATURE_COSINE = 0.8660254037844386; /* 30 degrees */

static double dot(const double a[3], const double b[3]) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

/* Twice the area times the unit normal. */
static void normal_of(const gkt_triangle *t, const double *points, double n[3]) {
  const double *a = points + 3 * (gkt_size)t->nodes[0], *b = points + 3 * (gkt_size)t->nodes[1], *c = points + 3 * (gkt_size)t->nodes[2];
  const double e[3] = {b[0] - a[0], b[1] - a[1], b[2] - a[2]}, f[3] = {c[0] - a[0], c[1] - a[1], c[2] - a[2]};
  n[0] = e[1] * f[2] - e[2] * f[1], n[1] = e[2] * f[0] - e[0] * f[2], n[2] = e[0] * f[1] - e[1] * f[0];
}

static void make_unit(double n[3]) {
  const double length = sqrt(dot(n, n));
  for (int k = 0; k < 3; k++) n[k] = length > 0 ? n[k] / length : 0;
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

static gkt_status sort_sides(gkt_context *ctx, const gkt_surface *s, side **out) {
  GKT_TRY(gkt_calloc(ctx, 3 * (gkt_size)s->num_triangles, sizeof **out, out));
  for (gkt_idx t = 0; t < s->num_triangles; t++)
    for (int i = 0; i < 3; i++) {
      const gkt_idx a = s->same[s->triangles[t].nodes[i]], b = s->same[s->triangles[t].nodes[(i + 1) % 3]];
      (*out)[3 * (gkt_size)t + i] = (side){{a < b ? a : b, a < b ? b : a}, t, i};
    }
  qsort(*out, 3 * (size_t)s->num_triangles, sizeof **out, compare_sides);
  return GKT_OK;
}

static gkt_outline outline_of(const gkt_surface *s, const side *sides, gkt_size count, const double *points) {
  const gkt_triangle *t = s->triangles + sides->triangle;
  gkt_outline line = {{t->nodes[sides->side], t->nodes[(sides->side + 1) % 3]}, count != 2, t->sides >> sides->side & 1};
  if (count == 2) {
    double a[3], b[3];
    normal_of(t, points, a);
    normal_of(s->triangles + sides[1].triangle, points, b);
    make_unit(a), make_unit(b);
    line.feature = meet_sharply(a, b);
  }
  return line;
}

gkt_status gkt_surface_add_outlines(gkt_context *ctx, gkt_surface *s, const double *points) {
  const gkt_size count = 3 * (gkt_size)s->num_triangles;
  side *sides = NULL;
  gkt_status status;
  gkt_idx narrow;
  GKT_GO(gkt_narrow(ctx, count, "sides of triangles", &narrow));
  GKT_GO(sort_sides(ctx, s, &sides));
  GKT_GO(gkt_calloc(ctx, count, sizeof *s->outlines, &s->outlines));
  for (gkt_size i = 0; i < count;) {
    gkt_size j = i + 1;
    while (j < count && sides[j].key[0] == sides[i].key[0] && sides[j].key[1] == sides[i].key[1]) j++;
    const gkt_outline line = outline_of(s, sides + i, j - i, points);
    if (line.feature || line.mesh) s->outlines[s->num_outlines++] = line;
    i = j;
  }
done:
  gkt_free(&sides);
  return status;
}

/* ---- normals: at a corner, the mean over the triangles around the node that meet this one smoothly, weighted by area ---- */
static gkt_status triangles_around(gkt_context *ctx, const gkt_surface *s, gkt_idx num_nodes, gkt_size **offsets, gkt_idx **list) {
  GKT_TRY(gkt_calloc(ctx, (gkt_size)num_nodes + 2, sizeof **offsets, offsets));
  GKT_TRY(gkt_calloc(ctx, 3 * (gkt_size)s->num_triangles, sizeof **list, list));
  gkt_size *next = *offsets + 1; /* shifted by one, so that filling turns starts into ends */
  for (gkt_idx t = 0; t < s->num_triangles; t++)
    for (int i = 0; i < 3; i++) next[s->same[s->triangles[t].nodes[i]] + 1]++;
  for (gkt_idx n = 0; n < num_nodes; n++) next[n + 1] += next[n];
  for (gkt_idx t = 0; t < s->num_triangles; t++)
    for (int i = 0; i < 3; i++) (*list)[next[s->same[s->triangles[t].nodes[i]]]++] = t;
  return GKT_OK;
}

gkt_status gkt_surface_add_normals(gkt_context *ctx, gkt_surface *s, gkt_idx num_nodes, const double *points) {
  gkt_size *offsets = NULL;
  gkt_idx *list = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(ctx, s->num_triangles, sizeof *s->normals, &s->normals));
  GKT_GO(triangles_around(ctx, s, num_nodes, &offsets, &list));
  for (gkt_idx t = 0; t < s->num_triangles; t++) {
    double own[3];
    normal_of(s->triangles + t, points, own);
    make_unit(own);
    for (int i = 0; i < 3; i++) {
      const gkt_idx node = s->same[s->triangles[t].nodes[i]];
      double *sum = s->normals[t][i];
      for (gkt_size k = offsets[node]; k < offsets[node + 1]; k++) {
        double weighted[3], unit[3];
        normal_of(s->triangles + list[k], points, weighted);
        for (int j = 0; j < 3; j++) unit[j] = weighted[j];
        make_unit(unit);
        if (meet_sharply(own, unit)) continue;
        for (int j = 0; j < 3; j++) sum[j] += weighted[j];
      }
      make_unit(sum);
    }
  }
done:
  gkt_free(&offsets);
  gkt_free(&list);
  return status;
}
