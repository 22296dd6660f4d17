/* Which cells a sum over points (dP) runs over: every point of the named sets, in each cell that holds it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assembly/map.h"
#include "forms/ast.h"
#include "meshes/mesh.h"

typedef struct {
  double x[3];
  gkt_idx node; /* of the mesh; -1: a place */
  int name;     /* that it came by */
} point;

typedef struct {
  gkt_mesh *mesh;
  gkt_idx num_points, room;
  point *points;
  gkt_size num_touches;
  gkt_touch *touches; /* by cell, in it by point */
} points_found;

static void clear(points_found *f) {
  gkt_free(&f->points);
  gkt_free(&f->touches);
}

/* ---- the points of the sets ---- */
static gkt_status add_set(points_found *f, const gkt_mesh_set *set, int name) {
  int dim = f->mesh->dim;
  GKT_TRY(gkt_narrow(f->mesh->ctx, (gkt_size)f->room + set->count, "points of a sum", &f->room));
  GKT_TRY(gkt_realloc(f->mesh->ctx, f->room, sizeof *f->points, &f->points));
  for (gkt_idx i = 0; i < set->count; i++) {
    point *p = &f->points[f->num_points++];
    *p = (point){.node = set->entities ? set->entities[i] : -1, .name = name};
    memcpy(p->x, set->places ? set->places + (gkt_size)i * dim : f->mesh->coords + (gkt_size)p->node * dim, (size_t)dim * sizeof *p->x);
  }
  return GKT_OK;
}

static int compare_points(const void *a, const void *b) {
  const point *p = a, *q = b;
  if (p->x[0] != q->x[0]) return p->x[0] < q->x[0] ? -1 : 1;
  return p->node != q->node ? (p->node < q->node) - (p->node > q->node) : p->name - q->name; /* nodes before places */
}

static bool is_same(const point *p, const point *q, double tolerance) {
  for (int d = 0; d < 3; d++)
    if (fabs(p->x[d] - q->x[d]) > tolerance) return false;
  return true;
}

/* A place gives way to a node, and to a place before it; equal nodes are neighbours. Parts of a mesh that touch and are not joined have nodes of their own. */
static bool is_repeated(const points_found *f, gkt_idx i, double tolerance) {
  const point *p = &f->points[i];
  if (p->node >= 0) return i > 0 && f->points[i - 1].node == p->node;
  for (gkt_idx k = i + 1; k < f->num_points && f->points[k].x[0] <= p->x[0] + tolerance; k++)
    if (f->points[k].node >= 0 && is_same(p, &f->points[k], tolerance)) return true;
  for (gkt_idx k = i - 1; k >= 0 && f->points[k].x[0] >= p->x[0] - tolerance; k--)
    if (is_same(p, &f->points[k], tolerance)) return true;
  return false;
}

static gkt_status drop_repeated(points_found *f) {
  double tolerance = gkt_mesh_tolerance(f->mesh);
  gkt_idx kept = 0;
  bool *repeated;
  qsort(f->points, (size_t)f->num_points, sizeof *f->points, compare_points);
  GKT_TRY(gkt_alloc(f->mesh->ctx, f->num_points, sizeof *repeated, &repeated));
  for (gkt_idx i = 0; i < f->num_points; i++) repeated[i] = is_repeated(f, i, tolerance);
  for (gkt_idx i = 0; i < f->num_points; i++)
    if (!repeated[i]) f->points[kept++] = f->points[i];
  f->num_points = kept;
  gkt_free(&repeated);
  return GKT_OK;
}

/* ---- the cells that hold them ---- */
static gkt_status note(points_found *f, gkt_size *room, const gkt_touch *touch) {
  if (f->num_touches == *room) {
    *room = 2 * *room + 16;
    GKT_TRY(gkt_realloc(f->mesh->ctx, *room, sizeof *f->touches, &f->touches));
  }
  f->touches[f->num_touches++] = *touch;
  return GKT_OK;
}

/* Nodes by the cells that have them: to the last bit, and on the right side of a slit. */
static gkt_status touch_nodes(points_found *f, gkt_size *room) {
  const gkt_mesh *m = f->mesh;
  gkt_idx *number = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(m->ctx, m->num_nodes, sizeof *number, &number));
  for (gkt_idx i = 0; i < f->num_points; i++)
    if (f->points[i].node >= 0) number[f->points[i].node] = i + 1;
  for (int b = 0; b < m->num_blocks; b++) {
    const gkt_cell_block *block = &m->blocks[b];
    double xi[3 * GKT_MAX_BASIS];
    gkt_lagrange_nodes(block->cell, block->order, xi);
    for (gkt_size k = 0, n = block->nodes_per_cell; k < block->num_cells * n; k++) {
      if (!number[block->nodes[k]]) continue;
      gkt_touch touch = {.point = number[block->nodes[k]] - 1, .cell = block->first_cell + (gkt_idx)(k / n)};
      memcpy(touch.xi, xi + k % n * m->dim, (size_t)m->dim * sizeof *xi);
      GKT_GO(note(f, room, &touch));
    }
  }
done:
  gkt_free(&number);
  return status;
}

static gkt_status touch_places(points_found *f, gkt_size *room) {
  int dim = f->mesh->dim;
  gkt_idx n = 0, *points = NULL;
  gkt_size count = 0;
  double *x = NULL;
  gkt_touch *found = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(f->mesh->ctx, f->num_points, sizeof *points, &points));
  GKT_GO(gkt_alloc(f->mesh->ctx, (gkt_size)f->num_points * dim, sizeof *x, &x));
  for (gkt_idx i = 0; i < f->num_points; i++) {
    if (f->points[i].node >= 0) continue;
    memcpy(x + (gkt_size)n * dim, f->points[i].x, (size_t)dim * sizeof *x);
    points[n++] = i;
  }
  if (n) GKT_GO(gkt_locate_all(f->mesh, n, x, &count, &found));
  for (gkt_size k = 0; k < count; k++) {
    found[k].point = points[found[k].point];
    GKT_GO(note(f, room, &found[k]));
  }
done:
  gkt_free(&points);
  gkt_free(&x);
  gkt_free(&found);
  return status;
}

static int compare_touches(const void *a, const void *b) {
  const gkt_touch *p = a, *q = b;
  return p->cell != q->cell ? (p->cell > q->cell) - (p->cell < q->cell) : (p->point > q->point) - (p->point < q->point);
}

static void print_place(int dim, const double *x, char text[80]) {
  int n = snprintf(text, 80, "%g", x[0]);
  for (int d = 1; d < dim; d++) n += snprintf(text + n, 80 - (size_t)n, ", %g", x[d]);
}

/* On a curved boundary that cells follow roughly, the nearest node is what was meant. */
static gkt_status refuse_outside(const gkt_form *form, const gkt_integral *in, const points_found *f, const point *p) {
  const gkt_mesh *m = f->mesh;
  char at[80], near[80];
  double least = INFINITY;
  gkt_idx nearest = 0;
  for (gkt_idx i = 0; i < m->num_nodes; i++) {
    double square = 0;
    for (int d = 0; d < m->dim; d++) square += pow(m->coords[(gkt_size)i * m->dim + d] - p->x[d], 2);
    if (square < least) least = square, nearest = i;
  }
  print_place(m->dim, p->x, at);
  print_place(m->dim, m->coords + (gkt_size)nearest * m->dim, near);
  return gkt_fail_at(form->scope->ctx, GKT_BAD_INPUT, form->file, form->key, in->marks[p->name], in->names[p->name],
                     "the place (%s) lies outside of the mesh; expected one in a cell, the nearest node is (%s), %.3g away", at, near, sqrt(least));
}

/* shares [num_points]: 1 over the number of cells that hold the point. */
static gkt_status share(const gkt_form *form, const gkt_integral *in, const points_found *f, double *shares) {
  memset(shares, 0, (size_t)f->num_points * sizeof *shares);
  for (gkt_size k = 0; k < f->num_touches; k++) shares[f->touches[k].point]++;
  for (gkt_idx i = 0; i < f->num_points; i++) {
    if (shares[i] == 0) return refuse_outside(form, in, f, &f->points[i]);
    shares[i] = 1 / shares[i];
  }
  return GKT_OK;
}

static gkt_status find(const gkt_form *form, const gkt_integral *in, points_found *f) {
  gkt_size room = 0;
  for (int k = 0; k < in->num_names; k++) {
    const gkt_mesh_set *set;
    GKT_TRY(gkt_groups_find_set(form, in, k, f->mesh, &set));
    GKT_TRY(add_set(f, set, k));
  }
  GKT_TRY(drop_repeated(f));
  GKT_TRY(touch_nodes(f, &room));
  GKT_TRY(touch_places(f, &room));
  if (f->num_touches) qsort(f->touches, (size_t)f->num_touches, sizeof *f->touches, compare_touches);
  return GKT_OK;
}

static gkt_status fill(const points_found *f, const gkt_cell_block *b, const double *shares, gkt_group *g, double **points, double **weights) {
  gkt_size first = 0, end;
  int dim = f->mesh->dim;
  while (first < f->num_touches && f->touches[first].cell < b->first_cell) first++;
  for (end = first; end < f->num_touches && f->touches[end].cell < b->first_cell + b->num_cells;) end++;
  *g = (gkt_group){.facet = -1, .has_own_row = true};
  GKT_TRY(gkt_narrow(f->mesh->ctx, end - first, "points of a sum", &g->count));
  GKT_TRY(gkt_alloc(f->mesh->ctx, g->count, sizeof *g->cells, &g->cells));
  GKT_TRY(gkt_alloc(f->mesh->ctx, (gkt_size)g->count * dim, sizeof **points, points));
  GKT_TRY(gkt_alloc(f->mesh->ctx, g->count, sizeof **weights, weights));
  for (gkt_idx k = 0; k < g->count; k++) {
    const gkt_touch *t = &f->touches[first + k];
    g->cells[k] = t->cell - b->first_cell;
    memcpy(*points + (gkt_size)k * dim, t->xi, (size_t)dim * sizeof **points);
    (*weights)[k] = shares[t->point];
  }
  return GKT_OK;
}

gkt_status gkt_groups_of_points(const gkt_form *form, const gkt_integral *in, gkt_mesh *mesh, int block, gkt_group **out, double **points, double **weights) {
  points_found f = {.mesh = mesh};
  double *shares = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(mesh->ctx, 1, sizeof **out, out));
  GKT_GO(find(form, in, &f));
  GKT_GO(gkt_alloc(mesh->ctx, f.num_points, sizeof *shares, &shares));
  GKT_GO(share(form, in, &f, shares));
  GKT_GO(fill(&f, gkt_mesh_block(mesh, block), shares, *out, points, weights));
done:
  gkt_free(&shares);
  clear(&f);
  return status;
}
