/* Conditions of a space that has ties: each gives u~_m . d = g at a master m along a direction d. At most masters all directions are axes, and components are given. At the others
   the directions, made orthonormal from the one that wins over all others on, begin a frame, and the first components in it are given. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assembly/constraints.h"
#include "assembly/normals.h"

enum { MAX = GKT_MAX_TURNED };
typedef struct {
  gkt_idx node; /* master */
  int source;   /* condition; GKT_OF_AXIS, which wins over all */
  int axis;     /* the direction is this component's; -1: */
  gkt_scalar direction[MAX];
  gkt_scalar value;
  gkt_size order; /* of equals, as they were found */
} given;

typedef struct {
  gkt_constraints *c;
  gkt_constraint_block *of;
  gkt_size count;
  given *list;
  gkt_idx num_frames, *framed; /* masters */
  gkt_scalar (*frames)[MAX * MAX];
  gkt_conflict *conflicts; /* [conditions] of the newest with each; NULL: nothing is told */
  int newest;
} collection;

/* ---- collection ---- */
static gkt_status add(collection *x, given g) {
  if (x->count % 1024 == 0) GKT_TRY(gkt_realloc(x->c->ctx, x->count + 1024, sizeof *x->list, &x->list));
  g.order = x->count;
  x->list[x->count++] = g;
  return GKT_OK;
}

/* A direction along an axis is one, with its sign in the value. */
static gkt_status add_direction(collection *x, gkt_idx node, int source, const gkt_scalar *direction, gkt_scalar value) {
  given g = {.node = node, .source = source, .axis = -1, .value = value};
  const int n = x->of->ties->size;
  gkt_scalar square = 0;
  for (int i = 0; i < n; i++) square += direction[i] * direction[i];
  for (int i = 0; i < n; i++) {
    g.direction[i] = direction[i] / sqrt(square);
    if (fabs(g.direction[i]) > 1 - 1e-14) g.axis = i;
  }
  g.value /= sqrt(square);
  if (g.axis >= 0) g.value = copysign(1, g.direction[g.axis]) * g.value;
  return add(x, g);
}

/* All components at node i of the condition: T' g at the master. */
static gkt_status add_all(collection *x, int source, const gkt_constraint_condition *k, gkt_idx i) {
  const gkt_ties *t = x->of->ties;
  const gkt_scalar *values = k->values + (gkt_size)i * t->size, *T = t->turn[t->turns[k->nodes[i]]];
  for (int c = 0; c < t->size; c++) {
    gkt_scalar value = values[c];
    if (t->turns[k->nodes[i]]) value = 0;
    for (int d = 0; d < t->size && t->turns[k->nodes[i]]; d++) value += T[d * t->size + c] * values[d];
    GKT_TRY(add(x, (given){.node = t->masters[k->nodes[i]], .source = source, .axis = c, .value = value}));
  }
  return GKT_OK;
}

/* u_c = T[c] . u~ */
static gkt_status add_component(collection *x, int source, const gkt_constraint_condition *k, gkt_idx i) {
  const gkt_ties *t = x->of->ties;
  const gkt_idx node = k->nodes[i], master = t->masters[node];
  if (!t->turns[node]) return add(x, (given){.node = master, .source = source, .axis = k->component, .value = k->values[i]});
  return add_direction(x, master, source, t->turn[t->turns[node]] + (gkt_size)k->component * t->size, k->values[i]);
}

static void turn_back(const gkt_scalar *T, int n, gkt_scalar *v) {
  gkt_scalar out[3] = {0};
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) out[i] += T[j * n + i] * v[j];
  memcpy(v, out, sizeof out);
}

static int compare_nodes(const void *a, const void *b) {
  gkt_idx x = *(const gkt_idx *)a, y = *(const gkt_idx *)b;
  return (x > y) - (x < y);
}

/* Values, and all brought to the masters, so that facets that ties join meet there. */
static void bring_to_masters(const gkt_ties *t, const gkt_constraint_condition *k, gkt_size count, gkt_facet_normal *list) {
  for (gkt_size i = 0; i < count; i++) {
    const gkt_idx *found = bsearch(&list[i].node, k->nodes, (size_t)k->count, sizeof *k->nodes, compare_nodes);
    const int turn = t->turns[list[i].node];
    if (found) list[i].value = k->values[found - k->nodes];
    if (turn) turn_back(t->turn[turn], t->size, list[i].at), turn_back(t->turn[turn], t->size, list[i].flux);
    list[i].node = t->masters[list[i].node];
  }
}

static bool has_other_normals(gkt_size count, const gkt_facet_normal *list) {
  for (gkt_size i = 1; i < count; i++)
    for (int d = 0; d < 3; d++)
      if (fabs(list[i].at[d] - list[0].at[d]) > 1e-9) return true;
  return false;
}

static gkt_status add_normals(collection *x) {
  const gkt_ties *t = x->of->ties;
  gkt_size count = 0, num_normals = 0;
  gkt_facet_normal *facets = NULL;
  gkt_node_normal *normals = NULL;
  gkt_status status = GKT_OK;
  for (int s = 0; s < x->c->num_conditions; s++) {
    gkt_constraint_condition *k = &x->c->conditions[s];
    const gkt_size before = count;
    if (k->of != x->of || k->component != GKT_NORMAL) continue;
    GKT_GO(gkt_facet_normals_list(x->of->space, k->set, s, &count, &facets));
    k->is_curved = has_other_normals(count - before, facets + before);
    bring_to_masters(t, k, count - before, facets + before);
  }
  if (count) GKT_GO(gkt_node_normals_find(x->c->ctx, count, facets, &num_normals, &normals));
  for (gkt_size i = 0; i < num_normals; i++) GKT_GO(add_direction(x, normals[i].node, normals[i].source, normals[i].normal, normals[i].value));
done:
  gkt_free(&facets);
  gkt_free(&normals);
  return status;
}

static gkt_status collect(collection *x) {
  const gkt_ties *t = x->of->ties;
  for (gkt_idx i = 0; i < t->num_fixed; i++) GKT_TRY(add_direction(x, t->fixed[i].node, GKT_OF_AXIS, t->fixed[i].direction, 0));
  for (int s = 0; s < x->c->num_conditions; s++) {
    const gkt_constraint_condition *k = &x->c->conditions[s];
    if (k->of != x->of || k->component == GKT_NORMAL) continue;
    for (gkt_idx i = 0; i < k->count; i++) GKT_TRY((k->component == GKT_ALL_COMPONENTS ? add_all : add_component)(x, s, k, i));
  }
  return add_normals(x);
}

/* Node by node; there the ties first, then later conditions before earlier ones. */
static int compare(const void *a, const void *b) {
  const given *x = a, *y = b;
  if (x->node != y->node) return x->node < y->node ? -1 : 1;
  if (x->source != y->source) return x->source < 0 || (y->source >= 0 && x->source > y->source) ? -1 : 1;
  return (x->order > y->order) - (x->order < y->order);
}

/* ---- one node ---- */
static gkt_size dof_of(const collection *x, gkt_idx node, int component) { return x->of->first + (gkt_size)node * x->of->ties->size + component; }

static void give(collection *x, gkt_idx node, int component, int source, gkt_scalar value) {
  gkt_constraints *c = x->c;
  const gkt_size dof = dof_of(x, node, component);
  c->mask[dof] = true, c->values[dof] = value, c->sources[dof] = source;
  x->of->count += source != GKT_OF_AXIS;
}

/* What the older of two conditions gives, and what follows from the newest one. */
static void note_conflict(collection *x, int newer, int older, gkt_scalar old, gkt_scalar follows) {
  if (x->conflicts && newer == x->newest && older >= 0 && older != newer) gkt_conflict_add(&x->conflicts[older], old, follows);
}

static void give_axes(collection *x, const given *g, const given *end) {
  for (; g < end; g++) {
    const gkt_size dof = dof_of(x, g->node, g->axis);
    if (x->c->mask[dof]) note_conflict(x, x->c->sources[dof], g->source, g->value, x->c->values[dof]);
    else give(x, g->node, g->axis, g->source, g->value);
  }
}

/* The part of v that is orthogonal to the first k of f [..][n]; twice is enough (Kahan). *g, what is given along v, goes with it. */
static void project(int n, int k, gkt_scalar (*f)[MAX], const gkt_scalar *w, gkt_scalar *v, gkt_scalar *g) {
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < k; i++) {
      gkt_scalar along = 0;
      for (int d = 0; d < n; d++) along += f[i][d] * v[d];
      for (int d = 0; d < n; d++) v[d] -= along * f[i][d];
      *g -= along * w[i];
    }
}

static gkt_scalar length(int n, const gkt_scalar *v) {
  gkt_scalar square = 0;
  for (int i = 0; i < n; i++) square += v[i] * v[i];
  return sqrt(square);
}

static void set_direction(const given *g, int n, gkt_scalar *v) {
  for (int i = 0; i < n; i++) v[i] = g->axis < 0 ? g->direction[i] : i == g->axis;
}

/* f [0 .. k-1] become a basis: each time the axis that is farthest from what is there. */
static void complete(int n, int k, gkt_scalar (*f)[MAX]) {
  for (; k < n; k++) {
    gkt_scalar best = 0, unused = 0, none[MAX] = {0};
    for (int axis = 0; axis < n; axis++) {
      gkt_scalar v[MAX] = {0};
      v[axis] = 1;
      project(n, k, f, none, v, &unused);
      gkt_scalar size = length(n, v);
      if (size <= best + 1e-9) continue;
      best = size;
      for (int d = 0; d < n; d++) f[k][d] = v[d] / size;
    }
  }
}

/* Directions that are closer than that depend on each other. Where curved sides end their normals are those of the last facets, off by half an angle between facets: they are taken
   for what they nearly are, and disagree with values that fit the curve by as much. */
static const gkt_scalar SAME_DIRECTION = 1e-6, SAME_AS_CURVED = 0.34 /* sin 20 degrees */;

static bool is_curved(const collection *x, int source) { return source >= 0 && x->c->conditions[source].is_curved; }

typedef struct {
  int count; /* directions so far */
  gkt_scalar f[MAX][MAX], w[MAX];
  bool curved; /* is one of them of a curved side? */
  int latest;  /* condition */
} frame;

/* The part of the direction that is new, and what is given along it; returns its size. */
static gkt_scalar find_new(int n, const frame *f, const given *g, gkt_scalar *v, gkt_scalar *value) {
  *value = g->value;
  set_direction(g, n, v);
  project(n, f->count, (gkt_scalar(*)[MAX])f->f, f->w, v, value);
  return length(n, v);
}

/* One condition's directions at the node, the one that brings most first: of a vector that is given beside a side that slips, the components along it, not across. */
static void give_group(collection *x, const given *g, const given *end, frame *f) {
  const int n = x->of->ties->size;
  bool used[MAX + 1] = {false};
  for (const given *step = g; step < end; step++) {
    gkt_scalar v[MAX], value, best = -1;
    const given *next = NULL;
    for (const given *i = g; i < end && i - g <= MAX; i++) {
      if (used[i - g]) continue;
      gkt_scalar size = find_new(n, f, i, v, &value);
      if (size > (1 + 1e-6) * best) best = size, next = i; /* of equals the first, whatever rounding says */
    }
    if (!next) return;
    used[next - g] = true;
    gkt_scalar size = find_new(n, f, next, v, &value);
    const bool curved = f->curved || is_curved(x, next->source);
    if (size <= (curved ? SAME_AS_CURVED : SAME_DIRECTION)) {
      const gkt_scalar most = next->source < 0 ? 0 : x->c->conditions[next->source].size;
      if (!curved || fabs(value) > SAME_AS_CURVED * fmax(most, f->latest < 0 ? 0 : x->c->conditions[f->latest].size))
        note_conflict(x, f->latest, next->source, next->value, next->value - value);
      continue;
    }
    for (int d = 0; d < n; d++) f->f[f->count][d] = v[d] / size;
    f->w[f->count] = value / size;
    f->curved = curved;
    give(x, next->node, f->count, next->source, f->w[f->count]);
    f->count++;
  }
}

static gkt_status keep_frame(collection *x, gkt_idx node, const frame *f) {
  const int n = x->of->ties->size;
  if (x->num_frames % 256 == 0) {
    GKT_TRY(gkt_realloc(x->c->ctx, x->num_frames + 256, sizeof *x->frames, &x->frames));
    GKT_TRY(gkt_realloc(x->c->ctx, x->num_frames + 256, sizeof *x->framed, &x->framed));
  }
  for (int i = 0; i < n; i++)
    for (int d = 0; d < n; d++) x->frames[x->num_frames][d * n + i] = f->f[i][d];
  x->framed[x->num_frames++] = node;
  return GKT_OK;
}

static gkt_status give_frame(collection *x, const given *g, const given *end) {
  const gkt_idx node = g->node;
  frame f = {.latest = g->source};
  for (const given *i = g; i < end; i++) f.latest = i->source > f.latest ? i->source : f.latest;
  for (const given *last; g < end; g = last) {
    for (last = g; last < end && last->source == g->source;) last++;
    give_group(x, g, last, &f);
  }
  complete(x->of->ties->size, f.count, f.f);
  return keep_frame(x, node, &f);
}

static gkt_status give_all(collection *x) {
  const given *g = x->list, *last = x->list + x->count, *end;
  for (; g < last; g = end) {
    bool plain = true;
    for (end = g; end < last && end->node == g->node; end++) plain = plain && end->axis >= 0;
    if (plain) give_axes(x, g, end);
    else GKT_TRY(give_frame(x, g, end));
  }
  return GKT_OK;
}

/* ---- the whole ---- */
/* Nodes that have another master are given, with 0. */
static void clear(collection *x) {
  gkt_constraints *c = x->c;
  const gkt_ties *t = x->of->ties;
  for (gkt_idx i = 0; i < t->space->num_nodes; i++)
    for (int k = 0; k < t->size; k++) {
      const gkt_size dof = dof_of(x, i, k);
      c->mask[dof] = t->masters[i] != i, c->values[dof] = 0, c->sources[dof] = GKT_TIED;
    }
  x->of->count = 0;
}

static gkt_status watch_conflicts(collection *x) {
  GKT_TRY(gkt_calloc(x->c->ctx, x->c->num_conditions, sizeof *x->conflicts, &x->conflicts));
  for (int s = 0; s < x->c->num_conditions; s++) x->conflicts[s] = (gkt_conflict){.of = {&x->c->conditions[s], &x->c->conditions[x->newest]}};
  return GKT_OK;
}

gkt_status gkt_constraints_rebuild(gkt_constraints *c, gkt_constraint_block *of, int newest) {
  collection x = {.c = c, .of = of, .newest = newest};
  gkt_status status;
  if (newest >= 0) GKT_GO(watch_conflicts(&x));
  GKT_GO(collect(&x));
  if (x.count) qsort(x.list, (size_t)x.count, sizeof *x.list, compare);
  clear(&x);
  GKT_GO(give_all(&x));
  GKT_GO(gkt_ties_set_frames(of->ties, x.num_frames, x.framed, x.frames));
  for (int s = 0; x.conflicts && s < c->num_conditions; s++) gkt_conflict_warn(c, &x.conflicts[s]);
done:
  gkt_free(&x.list);
  gkt_free(&x.framed);
  gkt_free(&x.frames);
  gkt_free(&x.conflicts);
  return status;
}
