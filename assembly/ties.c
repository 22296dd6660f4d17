#include "assembly/ties.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forms/form.h"

/* ---- matrices [n][n] ---- */
static void multiply(int n, const gkt_scalar *a, bool transposed, const gkt_scalar *b, gkt_scalar *out) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      gkt_scalar sum = 0;
      for (int k = 0; k < n; k++) sum += (transposed ? a[k * n + i] : a[i * n + k]) * b[k * n + j];
      out[i * n + j] = sum;
    }
}

static void apply(int n, const gkt_scalar *a, bool transposed, const gkt_scalar *x, gkt_scalar *out) {
  for (int i = 0; i < n; i++) {
    out[i] = 0;
    for (int k = 0; k < n; k++) out[i] += (transposed ? a[k * n + i] : a[i * n + k]) * x[k];
  }
}

static void set_identity(int n, gkt_scalar *out) {
  for (int i = 0; i < n * n; i++) out[i] = i % (n + 1) == 0;
}

/* ---- creation ---- */
/* The number of a turn, which is added where it is not there. Turns are products of a few, which rounding keeps apart by less than the tolerance. */
static gkt_status number_turn(gkt_ties *t, const gkt_scalar *Q, int *out) {
  const int entries = t->size * t->size;
  for (int k = 0; k < t->num_turns; k++) {
    double far = 0;
    for (int i = 0; i < entries; i++) far = fmax(far, fabs(t->turn[k][i] - Q[i]));
    *out = k;
    if (far < 1e-9) return GKT_OK;
  }
  GKT_TRY(gkt_realloc(t->ctx, t->num_turns + 1, sizeof *t->turn, &t->turn));
  memcpy(t->turn[t->num_turns], Q, (size_t)entries * sizeof *Q);
  *out = t->num_turns++;
  return GKT_OK;
}

gkt_status gkt_ties_create(const gkt_space *space, gkt_ties **out) {
  gkt_ties *t = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(space->ctx, 1, sizeof *t, &t));
  t->ctx = space->ctx, t->space = gkt_space_retain(space), t->size = space->block_size;
  GKT_GO(gkt_alloc(t->ctx, space->num_nodes, sizeof *t->masters, &t->masters));
  GKT_GO(gkt_calloc(t->ctx, space->num_nodes, sizeof *t->turns, &t->turns));
  GKT_GO(gkt_calloc(t->ctx, 1, sizeof *t->turn, &t->turn));
  t->num_turns = 1;
  if (t->size <= GKT_MAX_TURNED) set_identity(t->size, t->turn[0]);
  for (gkt_idx i = 0; i < space->num_nodes; i++) t->masters[i] = i;
  *out = t;
  return GKT_OK;
done:
  gkt_ties_destroy(&t);
  return status;
}

void gkt_ties_destroy(gkt_ties **ties) {
  gkt_ties *t = *ties;
  if (!t) return;
  gkt_free(&t->masters);
  gkt_free(&t->turns);
  gkt_free(&t->turn);
  gkt_free(&t->fixed);
  gkt_free(&t->frames);
  gkt_free(&t->frame);
  gkt_space_destroy(&t->space);
  gkt_free(ties);
}

/* ---- which nodes are one ---- */
/* Q [size][size] of what the field is: a vector v becomes R v, a tensor R t R'. */
static gkt_status turn_of(gkt_ties *t, const gkt_motion *motion, int *out) {
  const gkt_shape shape = t->space->shape;
  const int dim = gkt_mesh_dim(t->space->mesh);
  bool square = shape.rank > 0 && shape.dims[0] == dim && (shape.rank == 1 || shape.dims[1] == dim);
  gkt_scalar Q[GKT_MAX_TURNED * GKT_MAX_TURNED];
  *out = 0;
  if (!motion->turns || !square) return GKT_OK;
  for (int i = 0; i < t->size; i++)
    for (int j = 0; j < t->size; j++) Q[i * t->size + j] = shape.rank == 1 ? motion->turn[i][j] : motion->turn[i / dim][j / dim] * motion->turn[i % dim][j % dim];
  return number_turn(t, Q, out);
}

/* The turn a b, or a' b. */
static gkt_status compose(gkt_ties *t, int a, bool transposed, int b, int *out) {
  gkt_scalar Q[GKT_MAX_TURNED * GKT_MAX_TURNED];
  *out = a ? a : b;
  if (!b && !transposed) return GKT_OK;
  if (!a) return GKT_OK;
  multiply(t->size, t->turn[a], transposed, t->turn[b], Q);
  return number_turn(t, Q, out);
}

/* The master of a node at the moment, and u_node = turn u_master; the way there becomes shorter. */
static gkt_status find(gkt_ties *t, gkt_idx node, gkt_idx *master, int *turn) {
  gkt_idx above = t->masters[node];
  if (above != t->masters[above]) {
    GKT_TRY(find(t, above, master, turn));
    GKT_TRY(compose(t, t->turns[node], false, t->turns[above], &t->turns[node]));
    t->masters[node] = t->masters[above];
  }
  *master = t->masters[node], *turn = t->turns[node];
  return GKT_OK;
}

/* A loop: u~ = M u~ at the master, so each row of I - M is orthogonal to u~. */
static gkt_status close_loop(gkt_ties *t, gkt_idx master, int loop) {
  for (int i = 0; i < t->size && loop; i++) {
    gkt_fixed_direction fixed = {.node = master};
    double most = 0;
    for (int j = 0; j < t->size; j++) fixed.direction[j] = (i == j) - t->turn[loop][i * t->size + j], most = fmax(most, fabs(fixed.direction[j]));
    if (most < 1e-9) continue;
    GKT_TRY(gkt_realloc(t->ctx, t->num_fixed + 1, sizeof *t->fixed, &t->fixed));
    t->fixed[t->num_fixed++] = fixed;
  }
  return GKT_OK;
}

/* u_b = Q u_a */
static gkt_status unite(gkt_ties *t, gkt_idx a, gkt_idx b, int Q) {
  gkt_idx of_a, of_b;
  int to_a, to_b, across, loop;
  GKT_TRY(find(t, a, &of_a, &to_a));
  GKT_TRY(find(t, b, &of_b, &to_b));
  GKT_TRY(compose(t, Q, false, to_a, &across));   /* u_b = across u~_a = to_b u~_b */
  GKT_TRY(compose(t, to_b, true, across, &loop)); /* u~_b = loop u~_a */
  if (of_a == of_b) return close_loop(t, of_a, loop);
  if (of_a < of_b) t->masters[of_b] = of_a, t->turns[of_b] = loop;
  else {
    GKT_TRY(compose(t, loop, true, 0, &loop));
    t->masters[of_a] = of_b, t->turns[of_a] = loop;
  }
  t->num_tied++;
  return GKT_OK;
}

/* direction . u~_node = 0, u~_node = T u~_m: T' direction . u~_m = 0 */
static gkt_status flatten(gkt_ties *t) {
  gkt_idx master;
  int turn;
  for (gkt_idx i = 0; i < t->space->num_nodes; i++) GKT_TRY(find(t, i, &master, &turn));
  for (gkt_idx k = 0; k < t->num_fixed; k++) {
    gkt_scalar direction[GKT_MAX_TURNED];
    GKT_TRY(find(t, t->fixed[k].node, &master, &turn));
    apply(t->size, t->turn[turn], true, t->fixed[k].direction, direction);
    memcpy(t->fixed[k].direction, direction, (size_t)t->size * sizeof *direction);
    t->fixed[k].node = master;
  }
  return GKT_OK;
}

/* ---- the nodes of two sets ---- */
typedef struct {
  gkt_idx count, *nodes; /* nodes is freed with free() */
  double *coords;        /* [count][dim] */
} side;

static gkt_status list_side(const gkt_ties *t, const gkt_mesh_set *set, const double *coords, side *out) {
  const gkt_size dim = gkt_mesh_dim(t->space->mesh);
  GKT_TRY(gkt_space_nodes_on(t->space, set, &out->count, &out->nodes));
  GKT_TRY(gkt_alloc(t->ctx, out->count * dim, sizeof *out->coords, &out->coords));
  for (gkt_size i = 0; i < out->count; i++) memcpy(out->coords + i * dim, coords + out->nodes[i] * dim, (size_t)dim * sizeof *coords);
  return GKT_OK;
}

static gkt_status refuse_node(const gkt_ties *t, const gkt_mesh_set *from, const gkt_mesh_set *to, const double *x) {
  char at[100];
  return gkt_fail(t->ctx, GKT_BAD_INPUT, "'%.60s' and '%.60s' do not match: the node of '%.60s' at %s has no partner, though its facet has", from->name, to->name, from->name,
                  gkt_point_text(gkt_mesh_dim(t->space->mesh), x, at));
}

static gkt_status check_space(const gkt_ties *t) {
  char name[16];
  if (gkt_space_is_continuous(t->space)) return GKT_OK;
  gkt_element_name(t->space->element, name, sizeof name);
  return gkt_fail(t->ctx, GKT_BAD_INPUT, "a field of %s cannot be tied: it has no values on facets that cells share; expected a continuous space, P1 to P4", name);
}

gkt_status gkt_ties_add(gkt_ties *t, const gkt_mesh_set *from, const gkt_mesh_set *to, const gkt_match *match) {
  const int dim = gkt_mesh_dim(t->space->mesh);
  side a = {0}, b = {0};
  double *coords = NULL;
  gkt_idx *partner = NULL;
  int Q;
  gkt_status status;
  GKT_TRY(check_space(t));
  GKT_GO(gkt_alloc(t->ctx, (gkt_size)t->space->num_nodes * dim, sizeof *coords, &coords));
  GKT_GO(gkt_space_place_nodes(t->space, coords));
  GKT_GO(list_side(t, from, coords, &a));
  GKT_GO(list_side(t, to, coords, &b));
  GKT_GO(gkt_alloc(t->ctx, a.count, sizeof *partner, &partner));
  GKT_GO(gkt_match_points(t->ctx, &match->motion, match->tolerance, dim, a.count, a.coords, b.count, b.coords, partner));
  for (gkt_idx i = 0; i < a.count; i++)
    if (partner[i] < 0) GKT_GO(refuse_node(t, from, to, a.coords + (gkt_size)i * dim));
  GKT_GO(turn_of(t, &match->motion, &Q));
  if (match->motion.turns && !t->has_axis) t->has_axis = true, memcpy(t->axis, match->motion.point, sizeof t->axis);
  for (gkt_idx i = 0; i < a.count; i++) GKT_GO(unite(t, a.nodes[i], b.nodes[partner[i]], Q));
  GKT_GO(flatten(t));
done:
  free(a.nodes), free(b.nodes);
  gkt_free(&a.coords);
  gkt_free(&b.coords);
  gkt_free(&coords);
  gkt_free(&partner);
  return status;
}

/* ---- frames ---- */
gkt_status gkt_ties_set_frames(gkt_ties *t, gkt_idx count, const gkt_idx *masters, gkt_scalar (*frames)[GKT_MAX_TURNED * GKT_MAX_TURNED]) {
  if (!t->frames && count) {
    GKT_TRY(gkt_alloc(t->ctx, t->space->num_nodes, sizeof *t->frames, &t->frames));
    for (gkt_idx i = 0; i < t->space->num_nodes; i++) t->frames[i] = -1;
  }
  const size_t entries = (size_t)(t->size * t->size);
  if (count > t->num_frames) GKT_TRY(gkt_realloc(t->ctx, (gkt_size)count * (gkt_size)entries, sizeof *t->frame, &t->frame));
  for (gkt_idx i = 0; t->frames && i < t->space->num_nodes; i++) t->frames[i] = -1;
  for (gkt_idx k = 0; k < count; k++) t->frames[masters[k]] = k;
  for (gkt_idx k = 0; k < count; k++) memcpy(t->frame + (size_t)k * entries, frames[k], entries * sizeof *t->frame);
  t->num_frames = count, t->version++;
  return GKT_OK;
}

/* ---- use ---- */
void gkt_ties_matrix(const gkt_ties *t, gkt_idx node, gkt_scalar *Q) {
  const gkt_idx frame = t->frames ? t->frames[t->masters[node]] : -1;
  const gkt_scalar *T = t->turn[t->turns[node]];
  if (frame < 0) memcpy(Q, T, (size_t)(t->size * t->size) * sizeof *Q);
  else multiply(t->size, T, false, t->frame + (gkt_size)frame * t->size * t->size, Q);
}

void gkt_ties_expand(const gkt_ties *t, const gkt_scalar *tied, gkt_scalar *u) {
  gkt_scalar Q[GKT_MAX_TURNED * GKT_MAX_TURNED];
  for (gkt_size i = 0, n = t->size; i < t->space->num_nodes; i++) {
    const gkt_scalar *from = tied + t->masters[i] * n;
    if (!gkt_ties_is_turned(t, (gkt_idx)i)) {
      memcpy(u + i * n, from, (size_t)n * sizeof *u);
      continue;
    }
    gkt_ties_matrix(t, (gkt_idx)i, Q);
    apply(t->size, Q, false, from, u + i * n);
  }
}

void gkt_ties_restrict(const gkt_ties *t, const gkt_scalar *r, gkt_scalar *tied) {
  gkt_scalar Q[GKT_MAX_TURNED * GKT_MAX_TURNED], turned[GKT_MAX_TURNED];
  memset(tied, 0, (size_t)t->space->num_nodes * (size_t)t->size * sizeof *tied);
  for (gkt_size i = 0, n = t->size; i < t->space->num_nodes; i++) {
    const gkt_scalar *own = r + i * n;
    if (gkt_ties_is_turned(t, (gkt_idx)i)) {
      gkt_ties_matrix(t, (gkt_idx)i, Q);
      apply(t->size, Q, true, own, turned);
      own = turned;
    }
    for (gkt_size c = 0; c < n; c++) tied[t->masters[i] * n + c] += own[c];
  }
}

/* Node by node, by T F or its transpose */
static void turn_masters(const gkt_ties *t, bool transposed, const gkt_scalar *from, gkt_scalar *to) {
  gkt_scalar Q[GKT_MAX_TURNED * GKT_MAX_TURNED], own[GKT_MAX_TURNED];
  for (gkt_size i = 0, n = t->size; i < t->space->num_nodes; i++) {
    if (t->masters[i] != i) memset(to + i * n, 0, (size_t)n * sizeof *to);
    else if (!gkt_ties_is_turned(t, (gkt_idx)i)) memmove(to + i * n, from + i * n, (size_t)n * sizeof *to);
    else {
      gkt_ties_matrix(t, (gkt_idx)i, Q);
      memcpy(own, from + i * n, (size_t)n * sizeof *to);
      apply(t->size, Q, transposed, own, to + i * n);
    }
  }
}

void gkt_ties_contract(const gkt_ties *t, const gkt_scalar *u, gkt_scalar *tied) { turn_masters(t, true, u, tied); }
void gkt_ties_contract_transpose(const gkt_ties *t, const gkt_scalar *tied, gkt_scalar *u) { turn_masters(t, false, tied, u); }
