/* Facets of two sets that a rigid motion brings onto each other. Places are found by their height along one direction that is not special to any mesh: sorted, and looked up. */
#include "meshes/match.h"

#include <math.h>
#include <stdlib.h>

/* ---- motions ---- */
void gkt_motion_apply(const gkt_motion *m, int dim, const double *x, double *out) {
  for (int i = 0; i < dim; i++) {
    double sum = 0;
    for (int j = 0; j < dim; j++) sum += m->turn[i][j] * x[j];
    out[i] = (m->turns ? sum : x[i]) + m->shift[i];
  }
}

/* Cosine and sine of degrees; of right angles exactly. */
static void cos_sin(double degrees, double *c, double *s) {
  static const double exact[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
  double quarters = fmod(degrees, 360) / 90;
  if (quarters < 0) quarters += 4;
  int k = (int)quarters % 4;
  *c = quarters == floor(quarters) ? exact[k][0] : cos(quarters * M_PI / 2), *s = quarters == floor(quarters) ? exact[k][1] : sin(quarters * M_PI / 2);
}

/* Rodrigues: turn = c I + (1 - c) a a' + s [a]x; the point stays where it is. */
static gkt_status rotate(gkt_mesh *m, const gkt_rotation *given, gkt_motion *out) {
  double a[3] = {0, 0, 1}, c, s, length = 0;
  const double *p = given->point;
  if (m->dim < 2) return gkt_fail(m->ctx, GKT_BAD_INPUT, "a rotation needs 2 or 3 dimensions, the mesh has %d", m->dim);
  for (int d = 0; d < 3 && m->dim == 3; d++) length += given->axis[d] * given->axis[d];
  if (!isfinite(given->angle) || !isfinite(p[0] + p[1] + p[2]) || (m->dim == 3 && !(isfinite(length) && length > 0)))
    return gkt_fail(m->ctx, GKT_BAD_INPUT, "a rotation needs a finite angle, an axis of a length above 0 and a point on it");
  for (int d = 0; d < 3 && m->dim == 3; d++) a[d] = given->axis[d] / sqrt(length);
  cos_sin(given->angle, &c, &s);
  const double across[3][3] = {{0, -a[2], a[1]}, {a[2], 0, -a[0]}, {-a[1], a[0], 0}};
  out->turns = true;
  for (int i = 0; i < 3; i++) {
    out->shift[i] = out->point[i] = p[i];
    for (int j = 0; j < 3; j++) out->turn[i][j] = (i == j ? c : 0) + (1 - c) * a[i] * a[j] + s * across[i][j];
    for (int j = 0; j < m->dim; j++) out->shift[i] -= out->turn[i][j] * p[j];
  }
  return GKT_OK;
}

/* ---- points ---- */
typedef struct {
  double height;
  gkt_idx point;
} level;

static int compare(const void *a, const void *b) {
  const level *x = a, *y = b;
  return x->height != y->height ? (x->height > y->height) - (x->height < y->height) : (x->point > y->point) - (x->point < y->point);
}

/* Powers of the plastic number, by whose multiples no lattice repeats early; of length below 1.1 */
static double height_of(int dim, const double *x) {
  static const double direction[3] = {0.7548776662466927, 0.5698402909980532, 0.4301597090019468};
  double sum = 0;
  for (int d = 0; d < dim; d++) sum += direction[d] * x[d];
  return sum;
}

static gkt_idx lower_bound(const level *levels, gkt_idx count, double height) {
  gkt_idx first = 0;
  while (count > 0) {
    gkt_idx half = count / 2;
    if (levels[first + half].height < height) first += half + 1, count -= half + 1;
    else count = half;
  }
  return first;
}

/* The nearest within the tolerance, -1: none. */
static gkt_idx find_point(const level *levels, gkt_idx count, int dim, const double *points, const double *x, double tolerance) {
  double height = height_of(dim, x), least = tolerance * tolerance;
  gkt_idx found = -1;
  for (gkt_idx k = lower_bound(levels, count, height - 1.1 * tolerance); k < count && levels[k].height <= height + 1.1 * tolerance; k++) {
    const double *y = points + (gkt_size)levels[k].point * dim;
    double square = 0;
    for (int d = 0; d < dim; d++) square += (x[d] - y[d]) * (x[d] - y[d]);
    if (square <= least) least = square, found = levels[k].point;
  }
  return found;
}

gkt_status gkt_match_points(gkt_context *ctx, const gkt_motion *motion, double tolerance, int dim, gkt_idx num_from, const double *from, gkt_idx num_to, const double *to,
                            gkt_idx *partner) {
  level *levels;
  GKT_TRY(gkt_alloc(ctx, num_to, sizeof *levels, &levels));
  for (gkt_idx i = 0; i < num_to; i++) levels[i] = (level){height_of(dim, to + (gkt_size)i * dim), i};
  qsort(levels, (size_t)num_to, sizeof *levels, compare);
  for (gkt_idx i = 0; i < num_from; i++) {
    double x[3];
    gkt_motion_apply(motion, dim, from + (gkt_size)i * dim, x);
    partner[i] = find_point(levels, num_to, dim, to, x, tolerance);
  }
  gkt_free(&levels);
  return GKT_OK;
}

/* ---- the nodes of a set ---- */
typedef struct {
  const gkt_mesh_set *set;
  gkt_idx count, *nodes; /* [count] of the mesh on the closure, ascending */
  double *coords;        /* [count][dim] */
  double low[3], high[3], shortest;
} side;

static void clear_side(side *s) {
  gkt_free(&s->nodes);
  gkt_free(&s->coords);
}

enum { MAX_FACET_NODES = 9 };
/* The mesh's own nodes on the closure of a facet; returns how many. */
static int facet_nodes(const gkt_mesh *m, gkt_idx facet, gkt_idx *out) {
  const gkt_facet *f = &m->facets[facet];
  const gkt_cell_block *block = &m->blocks[gkt_mesh_block_of(m, f->cell[0])];
  const gkt_cell_topology *cell = &gkt_cell_topologies[block->cell];
  const gkt_idx *nodes = gkt_mesh_nodes_of(m, f->cell[0]);
  const unsigned closure = gkt_cell_entity_mask(cell, m->dim - 1, f->local[0]);
  gkt_lagrange_node places[GKT_MAX_BASIS];
  int n = 0;
  gkt_lagrange_places(block->cell, block->order, places);
  for (int a = 0; a < block->nodes_per_cell; a++)
    if (!(gkt_cell_entity_mask(cell, places[a].dim, places[a].entity) & ~closure)) out[n++] = nodes[a];
  return n;
}

static double distance(const gkt_mesh *m, gkt_idx a, gkt_idx b) {
  double square = 0;
  for (int d = 0; d < m->dim; d++) {
    double step = m->coords[(gkt_size)a * m->dim + d] - m->coords[(gkt_size)b * m->dim + d];
    square += step * step;
  }
  return sqrt(square);
}

/* The box around the vertices: curves may bulge where they should not, and all facets would seem out of place. */
static void measure_side(const gkt_mesh *m, side *s) {
  gkt_idx ring[4];
  s->shortest = INFINITY;
  for (int d = 0; d < 3; d++) s->low[d] = INFINITY, s->high[d] = -INFINITY;
  for (gkt_idx f = 0; f < s->set->count; f++) {
    int n = gkt_mesh_facet_ring(m, s->set->entities[f], ring);
    for (int i = 0; i < n; i++) {
      if (n > 1) s->shortest = fmin(s->shortest, distance(m, ring[i], ring[(i + 1) % n]));
      for (int d = 0; d < m->dim; d++) {
        double x = m->coords[(gkt_size)ring[i] * m->dim + d];
        s->low[d] = fmin(s->low[d], x), s->high[d] = fmax(s->high[d], x);
      }
    }
  }
}

static gkt_status list_side(gkt_mesh *m, const gkt_mesh_set *set, side *s) {
  bool *marked = NULL;
  gkt_idx own[MAX_FACET_NODES];
  gkt_status status;
  s->set = set;
  GKT_GO(gkt_calloc(m->ctx, m->num_nodes, sizeof *marked, &marked));
  for (gkt_idx f = 0; f < set->count; f++)
    for (int n = facet_nodes(m, set->entities[f], own), i = 0; i < n; i++) s->count += !marked[own[i]], marked[own[i]] = true;
  GKT_GO(gkt_alloc(m->ctx, s->count, sizeof *s->nodes, &s->nodes));
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)s->count * m->dim, sizeof *s->coords, &s->coords));
  for (gkt_idx v = 0, n = 0; v < m->num_nodes; v++) {
    if (!marked[v]) continue;
    for (int d = 0; d < m->dim; d++) s->coords[(gkt_size)n * m->dim + d] = m->coords[(gkt_size)v * m->dim + d];
    s->nodes[n++] = v;
  }
  measure_side(m, s);
done:
  gkt_free(&marked);
  return status;
}

/* ---- facets ---- */
/* image [num_nodes]: where each node of `from` comes to lie, -1: nowhere, and of no interest elsewhere. */
static gkt_idx find_facet(const gkt_mesh *m, gkt_idx facet, const gkt_idx *image) {
  gkt_idx own[MAX_FACET_NODES], ring[4];
  int n = facet_nodes(m, facet, own), vertices = gkt_mesh_facet_ring(m, facet, ring);
  for (int i = 0; i < n; i++)
    if (image[own[i]] < 0) return -1;
  for (int i = 0; i < vertices; i++) ring[i] = image[ring[i]];
  return m->dim == 1 ? ring[0] : gkt_mesh_entity_find(m, m->dim - 1, vertices, ring);
}

static bool holds(const gkt_mesh_set *set, gkt_idx entity) {
  gkt_idx first = 0, count = set->count;
  while (count > 0) {
    gkt_idx half = count / 2;
    if (set->entities[first + half] < entity) first += half + 1, count -= half + 1;
    else count = half;
  }
  return first < set->count && set->entities[first] == entity;
}

static gkt_status pair_facets(gkt_mesh *m, gkt_match *match, const side *from, const side *to) {
  gkt_idx *partner = NULL, *image = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(m->ctx, from->count, sizeof *partner, &partner));
  GKT_GO(gkt_alloc(m->ctx, m->num_nodes, sizeof *image, &image));
  GKT_GO(gkt_match_points(m->ctx, &match->motion, match->tolerance, m->dim, from->count, from->coords, to->count, to->coords, partner));
  GKT_GO(gkt_alloc(m->ctx, from->count, sizeof *match->nodes, &match->nodes));
  for (gkt_idx i = 0; i < from->count; i++)
    if (partner[i] >= 0) match->nodes[match->num_nodes][0] = from->nodes[i], match->nodes[match->num_nodes++][1] = to->nodes[partner[i]];
  for (gkt_idx i = 0; i < from->count; i++) image[from->nodes[i]] = partner[i] < 0 ? -1 : to->nodes[partner[i]];
  for (gkt_idx f = 0; f < from->set->count; f++) {
    gkt_idx found = find_facet(m, from->set->entities[f], image);
    match->facets[f] = found >= 0 && holds(to->set, found) ? found : -1;
  }
done:
  gkt_free(&partner);
  gkt_free(&image);
  return status;
}

/* ---- refusals ---- */
static void centre_of(const gkt_mesh *m, gkt_idx facet, double x[3]) {
  gkt_idx ring[4] = {facet}; /* of a line facets are the nodes, which may be inside */
  int n = m->dim == 1 ? 1 : gkt_mesh_facet_ring(m, facet, ring);
  for (int d = 0; d < m->dim; d++) {
    x[d] = 0;
    for (int i = 0; i < n; i++) x[d] += m->coords[(gkt_size)ring[i] * m->dim + d] / n;
  }
}

static const char *plural(gkt_idx n) { return n == 1 ? "facet" : "facets"; }

/* Of those in `from` that have no partner in `to`, the first one; `to` is looked at the other way round where all of `from` have one. */
static gkt_status refuse_unlike(gkt_mesh *m, const gkt_match *match, const side *from, const side *to, gkt_idx unmatched, gkt_idx first, bool back) {
  double x[3], y[3];
  char at[100], there[100], counts[100] = "";
  centre_of(m, from->set->entities[first], x);
  if (!back) gkt_motion_apply(&match->motion, m->dim, x, y);
  for (int d = 0; d < m->dim && back; d++) { /* x = turn' (y - shift) */
    y[d] = 0;
    for (int i = 0; i < m->dim; i++) y[d] += (match->motion.turns ? match->motion.turn[i][d] : i == d) * (x[i] - match->motion.shift[i]);
  }
  if (from->set->count != to->set->count) snprintf(counts, sizeof counts, "; they have %d and %d", from->set->count, to->set->count);
  return gkt_fail(m->ctx, GKT_BAD_INPUT, "'%.60s' and '%.60s' are not cut alike: %d %s of '%.60s' %s no partner, the first at %s, where '%.60s' should have one like it at %s%s",
                  back ? to->set->name : from->set->name, back ? from->set->name : to->set->name, unmatched, plural(unmatched), from->set->name, unmatched == 1 ? "has" : "have",
                  gkt_point_text(m->dim, x, at), to->set->name, gkt_point_text(m->dim, y, there), counts);
}

static gkt_status check_alike(gkt_mesh *m, const gkt_match *match, const side *from, const side *to) {
  gkt_idx unmatched = 0, first = -1;
  bool *met;
  for (gkt_idx f = 0; f < from->set->count; f++)
    if (match->facets[f] < 0 && !unmatched++) first = f;
  if (unmatched) return refuse_unlike(m, match, from, to, unmatched, first, false);
  if (from->set->count == to->set->count) return GKT_OK;
  GKT_TRY(gkt_calloc(m->ctx, m->num_entities[m->dim - 1], sizeof *met, &met));
  for (gkt_idx f = 0; f < from->set->count; f++) met[match->facets[f]] = true;
  for (gkt_idx f = 0; f < to->set->count; f++)
    if (!met[to->set->entities[f]] && !unmatched++) first = f;
  gkt_free(&met);
  return refuse_unlike(m, match, to, from, unmatched, first, true);
}

gkt_status gkt_mesh_check_outer(gkt_mesh *m, const gkt_mesh_set *s) {
  double x[3];
  char at[100];
  GKT_TRY(gkt_mesh_find_facets(m));
  if (s->dim != m->dim - 1) return gkt_fail(m->ctx, GKT_BAD_INPUT, "'%.60s' is a set of dimension %d; expected facets, of dimension %d", s->name, s->dim, m->dim - 1);
  if (!s->count) return gkt_fail(m->ctx, GKT_BAD_INPUT, "'%.60s' holds no facets", s->name);
  for (gkt_idx f = 0; f < s->count; f++) {
    if (s->entities[f] < 0 || s->entities[f] >= m->num_entities[m->dim - 1]) return gkt_fail(m->ctx, GKT_BAD_ARGUMENT, "'%.60s' is a set of another mesh", s->name);
    if (gkt_facet_is_outer(&m->facets[s->entities[f]])) continue;
    centre_of(m, s->entities[f], x);
    return gkt_fail(m->ctx, GKT_BAD_INPUT, "'%.60s' has a facet inside the mesh, at %s; expected facets of the outer boundary", s->name, gkt_point_text(m->dim, x, at));
  }
  return GKT_OK;
}

static gkt_status check_apart(gkt_mesh *m, const gkt_mesh_set *a, const gkt_mesh_set *b) {
  double x[3];
  char at[100];
  gkt_idx shared = 0, first = -1;
  if (a == b) return gkt_fail(m->ctx, GKT_BAD_INPUT, "'%.60s' is to match itself; expected two sets", a->name);
  for (gkt_idx f = 0; f < a->count; f++)
    if (holds(b, a->entities[f]) && !shared++) first = a->entities[f];
  if (!shared) return GKT_OK;
  centre_of(m, first, x);
  return gkt_fail(m->ctx, GKT_BAD_INPUT, "'%.60s' and '%.60s' share %d %s, the first at %s; expected two sets that share none", a->name, b->name, shared, plural(shared),
                  gkt_point_text(m->dim, x, at));
}

/* ---- the whole ---- */
static void measure(const gkt_mesh *m, const side *from, const side *to, gkt_match *match) {
  double square = 0;
  for (int d = 0; d < m->dim; d++) {
    double low = fmin(from->low[d], to->low[d]), high = fmax(from->high[d], to->high[d]);
    square += (high - low) * (high - low);
    if (!match->motion.turns) match->motion.shift[d] = ((to->low[d] - from->low[d]) + (to->high[d] - from->high[d])) / 2;
  }
  match->tolerance = fmin(1e-6 * sqrt(square), 1e-3 * fmin(from->shortest, to->shortest));
}

gkt_status gkt_match_create(gkt_mesh *m, const gkt_mesh_set *from, const gkt_mesh_set *to, const gkt_rotation *rotation, gkt_match *out) {
  gkt_match match = {.count = from->count};
  side a = {0}, b = {0};
  gkt_status status;
  GKT_TRY(gkt_mesh_check_outer(m, from));
  GKT_TRY(gkt_mesh_check_outer(m, to));
  GKT_TRY(check_apart(m, from, to));
  if (rotation) GKT_TRY(rotate(m, rotation, &match.motion));
  GKT_GO(list_side(m, from, &a));
  GKT_GO(list_side(m, to, &b));
  measure(m, &a, &b, &match);
  GKT_GO(gkt_alloc(m->ctx, match.count, sizeof *match.facets, &match.facets));
  GKT_GO(pair_facets(m, &match, &a, &b));
  GKT_GO(check_alike(m, &match, &a, &b));
done:
  clear_side(&a);
  clear_side(&b);
  if (status == GKT_OK) *out = match;
  else gkt_match_clear(&match);
  return status;
}

void gkt_match_clear(gkt_match *m) {
  gkt_free(&m->facets);
  gkt_free(&m->nodes);
}

double gkt_match_align(gkt_mesh *m, const gkt_match *match) {
  double farthest = 0;
  for (gkt_idx i = 0; i < match->num_nodes; i++) {
    const gkt_idx from = match->nodes[i][0], to = match->nodes[i][1];
    double x[3], square = 0, *at = m->coords + (gkt_size)to * m->dim;
    if (from == to) continue; /* on the axis */
    gkt_motion_apply(&match->motion, m->dim, m->coords + (gkt_size)from * m->dim, x);
    for (int d = 0; d < m->dim; d++) square += (x[d] - at[d]) * (x[d] - at[d]), at[d] = x[d];
    farthest = fmax(farthest, sqrt(square));
  }
  return farthest;
}
