/* Rules whose points are the nodes of an element. */
#include "spaces/nodal.h"

#include <math.h>

#include "forms/form.h"

enum { MOST_NODES = 128 };
#define EXPECTED "P1, P1B, P2 on lines, quadrilaterals and hexahedra, P2B on triangles, or masses that are not lumped"

static gkt_status refuse(gkt_context *ctx, const gkt_basis *b, int facet, const char *who, const char *why) {
  char element[20];
  gkt_element_name(b->element, element, sizeof element);
  return gkt_fail(ctx, GKT_BAD_INPUT, "%s: the masses of %s on %sa %s cannot be lumped at its nodes: %s; expected " EXPECTED, who, element, facet < 0 ? "" : "a facet of ",
                  gkt_cell_topologies[b->cell].name, why);
}

static const double NOTHING = 1e-12; /* beside 1 */

/* weights [size]: the integrals of all functions; on a facet also the largest value of each there. */
static gkt_status integrate(gkt_context *ctx, const gkt_basis *b, int facet, double *weights, double *largest) {
  const int degree = gkt_element_polynomial_degree(b->element, b->dim, gkt_cell_is_simplex(b->cell));
  gkt_quadrature *q = NULL;
  gkt_table *table = NULL;
  gkt_status status;
  GKT_GO(facet < 0 ? gkt_quadrature_create(ctx, b->cell, degree, &q) : gkt_quadrature_on_facet(ctx, b->cell, facet, degree, &q));
  GKT_GO(gkt_table_create(ctx, b, q->num_points, q->points, &table));
  for (int i = 0; i < b->size; i++) weights[i] = largest[i] = 0;
  for (int k = 0; k < q->num_points; k++)
    for (int i = 0; i < b->size; i++) {
      const double value = table->phi[k * b->size + i];
      weights[i] += q->weights[k] * value, largest[i] = fmax(largest[i], fabs(value));
    }
done:
  gkt_table_destroy(&table);
  gkt_quadrature_destroy(&q);
  return status;
}

static gkt_status check(gkt_context *ctx, const gkt_basis *b, int facet, const char *who, const double *weights, const double *largest) {
  double all = 0;
  for (int i = 0; i < b->size; i++) all += weights[i];
  for (int i = 0; i < b->size; i++) {
    if (facet >= 0 && largest[i] <= NOTHING) continue;
    if (weights[i] < -NOTHING * all) return refuse(ctx, b, facet, who, "some would be negative");
    if (weights[i] <= NOTHING * all) return refuse(ctx, b, facet, who, "some would be 0");
  }
  return gkt_element_complete_degree(b->element) <= 2 ? GKT_OK : refuse(ctx, b, facet, who, "nodes are equidistant, and the order would be lost");
}

/* Nodes whose functions vanish on the facet are not on it. */
static gkt_status fill(gkt_context *ctx, const gkt_basis *b, bool in_cell, const double *weights, const double *largest, gkt_quadrature **out) {
  double *xi = NULL;
  int count = 0;
  gkt_status status;
  GKT_TRY(gkt_alloc(ctx, (gkt_size)b->size * b->dim, sizeof *xi, &xi));
  GKT_GO(gkt_basis_nodes(ctx, b, xi));
  for (int i = 0; i < b->size; i++) count += in_cell || largest[i] > NOTHING;
  GKT_GO(gkt_quadrature_allocate(ctx, b->dim, count, out));
  for (int i = 0, k = 0; i < b->size; i++) {
    if (!in_cell && largest[i] <= NOTHING) continue;
    (*out)->weights[k] = weights[i];
    for (int d = 0; d < b->dim; d++) (*out)->points[k * b->dim + d] = xi[i * b->dim + d];
    k++;
  }
done:
  gkt_free(&xi);
  return status;
}

gkt_status gkt_quadrature_at_nodes(gkt_context *ctx, const gkt_basis *b, int facet, const char *who, gkt_quadrature **out) {
  double weights[MOST_NODES], largest[MOST_NODES];
  if (b->size > MOST_NODES || b->value_size != 1) return refuse(ctx, b, facet, who, "there is no such rule");
  GKT_TRY(integrate(ctx, b, facet, weights, largest));
  GKT_TRY(check(ctx, b, facet, who, weights, largest));
  return fill(ctx, b, facet < 0, weights, largest, out);
}
