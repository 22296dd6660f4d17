/* The elements there are, one row each, and what all of them have in common. */
#include "spaces/basis.h"

#include <math.h>
#include <string.h>

#include "forms/form.h"
#include "spaces/bubble.h"
#include "spaces/reference.h"

typedef struct {
  bool is_shared;                                                                                                                                    /* gkt_basis_is_shared */
  int least;                                                                                                                                         /* degree */
  gkt_status (*count)(gkt_context *, gkt_cell_type, int degree, int *size);                                                                          /* 0: not available */
  gkt_status (*nodes)(gkt_context *, gkt_cell_type, int degree, double *xi);                                                                         /* [size][dim] */
  void (*values)(gkt_cell_type, int degree, const double *xi, double *phi), (*gradients)(gkt_cell_type, int degree, const double *xi, double *dphi); /* NULL: none */
} element_row;

/* ---- the rows' own functions ---- */
static gkt_status count_lagrange(gkt_context *ctx, gkt_cell_type cell, int degree, int *size) {
  (void)ctx;
  *size = gkt_lagrange_size(cell, degree);
  return GKT_OK;
}

static gkt_status lagrange_nodes(gkt_context *ctx, gkt_cell_type cell, int degree, double *xi) {
  (void)ctx;
  gkt_lagrange_nodes(cell, degree, xi);
  return GKT_OK;
}

static gkt_status count_bubble(gkt_context *ctx, gkt_cell_type cell, int degree, int *size) {
  (void)ctx;
  *size = gkt_bubble_size(cell, degree);
  return GKT_OK;
}

static gkt_status bubble_nodes(gkt_context *ctx, gkt_cell_type cell, int degree, double *xi) {
  (void)ctx;
  gkt_bubble_nodes(cell, degree, xi);
  return GKT_OK;
}

static gkt_status count_points(gkt_context *ctx, gkt_cell_type cell, int degree, int *size) {
  gkt_quadrature *q;
  GKT_TRY(gkt_quadrature_create(ctx, cell, degree, &q));
  *size = q->num_points;
  gkt_quadrature_destroy(&q);
  return GKT_OK;
}

static gkt_status point_nodes(gkt_context *ctx, gkt_cell_type cell, int degree, double *xi) {
  gkt_quadrature *q;
  GKT_TRY(gkt_quadrature_create(ctx, cell, degree, &q));
  memcpy(xi, q->points, (size_t)(q->num_points * q->dim) * sizeof *xi);
  gkt_quadrature_destroy(&q);
  return GKT_OK;
}

static const element_row rows[] = {[GKT_LAGRANGE] = {true, 1, count_lagrange, lagrange_nodes, gkt_lagrange_values, gkt_lagrange_gradients},
                                   [GKT_DISCONTINUOUS_LAGRANGE] = {false, 0, count_lagrange, lagrange_nodes, gkt_lagrange_values, gkt_lagrange_gradients},
                                   [GKT_QUADRATURE_POINTS] = {false, 0, count_points, point_nodes, NULL, NULL},
                                   [GKT_BUBBLE] = {true, 1, count_bubble, bubble_nodes, gkt_bubble_values, gkt_bubble_gradients},
                                   [GKT_REAL] = {true, 0, count_lagrange, lagrange_nodes, gkt_lagrange_values, gkt_lagrange_gradients}};
_Static_assert(sizeof rows / sizeof *rows == GKT_NUM_ELEMENT_KINDS, "one row for each kind of element");

/* ---- handles ---- */
/* Has P of the degree a node inside of the cell, where the bubble would have its own? */
static bool has_middle(gkt_cell_type cell, int degree) {
  gkt_lagrange_node places[GKT_MAX_BASIS];
  const int size = gkt_lagrange_size(cell, degree);
  if (size) gkt_lagrange_places(cell, degree, places);
  return size && places[size - 1].dim == gkt_cell_topologies[cell].dim;
}

static gkt_status refuse(gkt_context *ctx, gkt_cell_type cell, gkt_element element) {
  gkt_element least = {element.kind, rows[element.kind].least}, most = element;
  char names[3][16];
  int size = 0;
  while (most.degree > least.degree && !size) {
    most.degree--;
    GKT_TRY(rows[element.kind].count(ctx, cell, most.degree, &size));
  }
  gkt_element_name(element, names[0], sizeof names[0]), gkt_element_name(least, names[1], sizeof names[1]), gkt_element_name(most, names[2], sizeof names[2]);
  if (element.kind == GKT_BUBBLE && has_middle(cell, element.degree))
    return gkt_fail(ctx, GKT_UNAVAILABLE, "%s is not available on %s, where P%d has a node inside already; expected %s or P%d there", names[0], gkt_cell_topologies[cell].plural,
                    element.degree, names[2], element.degree);
  if (least.degree == most.degree) return gkt_fail(ctx, GKT_UNAVAILABLE, "%s is not available yet on %s; expected %s there", names[0], gkt_cell_topologies[cell].plural, names[1]);
  return gkt_fail(ctx, GKT_UNAVAILABLE, "%s is not available yet on %s; expected %s to %s there", names[0], gkt_cell_topologies[cell].plural, names[1], names[2]);
}

gkt_status gkt_basis_find(gkt_context *ctx, gkt_cell_type cell, gkt_element element, gkt_basis *out) {
  int size;
  GKT_TRY(rows[element.kind].count(ctx, cell, element.degree, &size));
  if (!size) return refuse(ctx, cell, element);
  *out = (gkt_basis){element, cell, gkt_cell_topologies[cell].dim, size, 1};
  return GKT_OK;
}

gkt_basis gkt_geometry_basis(const gkt_cell_block *block) {
  return (gkt_basis){{GKT_LAGRANGE, block->order}, block->cell, gkt_cell_topologies[block->cell].dim, block->nodes_per_cell, 1};
}

static const element_row *row_of(const gkt_basis *b) { return &rows[b->element.kind]; }
bool gkt_basis_has_values(const gkt_basis *b) { return row_of(b)->values != NULL; }
bool gkt_basis_is_lagrange(const gkt_basis *b, int degree) { return row_of(b)->values == gkt_lagrange_values && b->element.degree == degree; }
bool gkt_basis_equal(const gkt_basis *a, const gkt_basis *b) {
  return row_of(a)->values == row_of(b)->values && row_of(a)->nodes == row_of(b)->nodes && a->element.degree == b->element.degree && a->cell == b->cell;
}
gkt_status gkt_basis_nodes(gkt_context *ctx, const gkt_basis *b, double *xi) { return row_of(b)->nodes(ctx, b->cell, b->element.degree, xi); }

/* ---- entities and their dofs ---- */
void gkt_basis_places(const gkt_basis *b, gkt_lagrange_node *out) {
  const bool has_centre = b->element.degree == 0 || b->element.kind == GKT_BUBBLE;
  if (b->element.degree > 0) gkt_lagrange_places(b->cell, b->element.degree, out);
  if (has_centre) out[b->size - 1] = (gkt_lagrange_node){.dim = (int8_t)b->dim};
}

bool gkt_basis_is_shared(const gkt_basis *b) { return row_of(b)->is_shared; }

int gkt_basis_num_shared(const gkt_basis *b, int dim, int entity) {
  gkt_lagrange_node nodes[GKT_MAX_BASIS];
  int count = 0;
  if (!gkt_basis_is_shared(b)) return 0;
  gkt_basis_places(b, nodes);
  for (int i = 0; i < b->size; i++) count += nodes[i].dim == dim && nodes[i].entity == entity;
  return count;
}

/* ---- tables ---- */
void gkt_table_fill(const gkt_basis *b, const double *points, gkt_table *table) {
  for (int k = 0; k < table->num_points; k++) {
    row_of(b)->values(b->cell, b->element.degree, points + k * table->dim, table->phi + k * table->size);
    row_of(b)->gradients(b->cell, b->element.degree, points + k * table->dim, table->dphi + k * table->size * table->dim);
  }
}

gkt_status gkt_table_allocate(gkt_context *ctx, const gkt_basis *b, int num_points, gkt_table **out) {
  gkt_table *table = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *table, &table));
  table->num_points = num_points, table->size = b->size, table->dim = b->dim;
  GKT_GO(gkt_alloc(ctx, (gkt_size)num_points * b->size, sizeof *table->phi, &table->phi));
  GKT_GO(gkt_alloc(ctx, (gkt_size)num_points * b->size * b->dim, sizeof *table->dphi, &table->dphi));
  *out = table;
  return GKT_OK;
done:
  gkt_table_destroy(&table);
  return status;
}

gkt_status gkt_table_create(gkt_context *ctx, const gkt_basis *b, int num_points, const double *points, gkt_table **out) {
  GKT_TRY(gkt_table_allocate(ctx, b, num_points, out));
  gkt_table_fill(b, points, *out);
  return GKT_OK;
}

static const double ROUNDING = 1e-14; /* of functions of size 1; at points of rules they are above, or 0 */

void gkt_table_drop_rounding(gkt_table *table) {
  for (int i = 0; i < table->num_points * table->size; i++)
    if (fabs(table->phi[i]) < ROUNDING) table->phi[i] = 0;
}

void gkt_table_destroy(gkt_table **table) {
  if (!*table) return;
  gkt_free(&(*table)->phi);
  gkt_free(&(*table)->dphi);
  gkt_free(table);
}
