/* A surface cut by a plane: triangles, their normals and the lines on one side of it. */
#include <math.h>
#include <string.h>

#include "plot/picture.h"

double gkt_section_distance(const gkt_section *section, const gkt_sample *s) {
  const double d = section->sign * (s->rest[section->axis] - section->value);
  return fabs(d) <= section->slack ? 0 : d;
}

gkt_sample gkt_section_between(const gkt_section *section, const gkt_sample *a, const gkt_sample *b, double *part) {
  const double from = gkt_section_distance(section, a), to = gkt_section_distance(section, b), t = from == to ? 0 : from / (from - to);
  gkt_sample s = {.value = a->value + t * (b->value - a->value)};
  for (int d = 0; d < 3; d++) s.rest[d] = a->rest[d] + t * (b->rest[d] - a->rest[d]), s.at[d] = a->at[d] + t * (b->at[d] - a->at[d]);
  if (part) *part = t;
  return s;
}

typedef struct {
  gkt_surface *s;
  const gkt_section *section;
  gkt_idx triangle; /* that is cut */
} clipper;

static bool is_kept(const clipper *c, gkt_idx node) { return gkt_section_distance(c->section, c->s->nodes + node) <= 0; }

static gkt_status cut_node(clipper *c, gkt_idx a, gkt_idx b, double *part, gkt_idx *out) {
  GKT_TRY(gkt_surface_reserve(c->s, 1, 0, 0));
  *out = c->s->num_nodes++;
  c->s->nodes[*out] = gkt_section_between(c->section, c->s->nodes + a, c->s->nodes + b, part);
  return GKT_OK;
}

typedef struct { /* what is left of a triangle: 3 or 4 corners, the side from corner i to i+1 belongs to the mesh */
  int count;
  gkt_idx nodes[4];
  double normals[4][3];
  bool sides[4];
} polygon;

static void put_corner(polygon *p, gkt_idx node, const double *from, const double *to, double part, bool side) {
  for (int d = 0; d < 3 && from; d++) p->normals[p->count][d] = from[d] + part * (to[d] - from[d]);
  p->nodes[p->count] = node, p->sides[p->count++] = side;
}

/* Around the triangle; where a side crosses the plane, a corner of the polygon. */
static gkt_status make_polygon(clipper *c, polygon *p) {
  const gkt_triangle t = c->s->triangles[c->triangle];
  p->count = 0;
  for (int i = 0; i < 3; i++) {
    const int k = (i + 1) % 3;
    const bool here = is_kept(c, t.nodes[i]), there = is_kept(c, t.nodes[k]), side = t.sides >> i & 1;
    const double *n = c->s->normals ? c->s->normals[c->triangle][i] : NULL, *m = n ? c->s->normals[c->triangle][k] : NULL;
    double part;
    gkt_idx node;
    if (here) put_corner(p, t.nodes[i], n, n, 0, side);
    if (here == there) continue;
    GKT_TRY(cut_node(c, t.nodes[i], t.nodes[k], &part, &node));
    put_corner(p, node, n, m, part, !here && side);
  }
  return GKT_OK;
}

static void set_triangle(gkt_surface *s, gkt_idx at, const polygon *p, int i, int j, int k) {
  const int v[3] = {i, j, k};
  s->triangles[at] = (gkt_triangle){{p->nodes[i], p->nodes[j], p->nodes[k]}, 0};
  for (int c = 0; c < 3; c++) {
    if (s->normals) memcpy(s->normals[at][c], p->normals[v[c]], sizeof *p->normals);
    if (v[(c + 1) % 3] == (v[c] + 1) % p->count && p->sides[v[c]]) s->triangles[at].sides |= 1 << c;
  }
}

/* The triangle becomes one or two, of which the second goes to the end, or none: then false. */
static gkt_status clip_triangle(clipper *c, bool *left) {
  polygon p;
  GKT_TRY(make_polygon(c, &p));
  *left = p.count > 2;
  if (p.count > 2) set_triangle(c->s, c->triangle, &p, 0, 1, 2);
  if (p.count < 4) return GKT_OK;
  GKT_TRY(gkt_surface_reserve(c->s, 0, 1, 0));
  set_triangle(c->s, c->s->num_triangles++, &p, 0, 2, 3);
  return GKT_OK;
}

static void drop_triangle(gkt_surface *s, gkt_idx t) {
  const gkt_idx last = --s->num_triangles;
  s->triangles[t] = s->triangles[last];
  if (s->normals) memcpy(s->normals[t], s->normals[last], sizeof *s->normals);
}

/* Backwards: what is put at the end or taken from there was looked at before. */
static gkt_status clip_triangles(clipper *c) {
  for (gkt_idx t = c->s->num_triangles; t-- > 0;) {
    bool left;
    c->triangle = t;
    GKT_TRY(clip_triangle(c, &left));
    if (!left) drop_triangle(c->s, t);
  }
  return GKT_OK;
}

static gkt_status clip_outlines(clipper *c) {
  gkt_surface *s = c->s;
  gkt_idx kept = 0;
  for (gkt_idx i = 0; i < s->num_outlines; i++) {
    gkt_outline line = s->outlines[i];
    const bool a = is_kept(c, line.nodes[0]), b = is_kept(c, line.nodes[1]);
    if (!a && !b) continue;
    if (a != b) GKT_TRY(cut_node(c, line.nodes[0], line.nodes[1], NULL, &line.nodes[a ? 1 : 0]));
    s->outlines[kept++] = line;
  }
  s->num_outlines = kept;
  return GKT_OK;
}

gkt_status gkt_surface_clip(gkt_surface *s, const gkt_section *section) {
  clipper c = {.s = s, .section = section};
  GKT_TRY(clip_triangles(&c));
  return clip_outlines(&c);
}
