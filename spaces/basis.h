/* Reference bases: the functions of an element on a reference cell, behind one handle; and tables of them at points. An element is a row of the table in basis.c. */
#ifndef GKT_SPACES_BASIS_H
#define GKT_SPACES_BASIS_H
#include "core/core.h"
#include "galerkit/form.h"
#include "meshes/lagrange.h"

/* A value that owns nothing. Functions are numbered as the nodes of a cell, and go to the cell as they are: phi(x) = phi(xi(x)). An element whose functions do not (Piola:
   covariant for N1curl, contravariant for RT) states here how they do, and how the dofs of a cell follow from the mesh's (signs and turns of shared edges and facets). */
typedef struct {
  gkt_element element;
  gkt_cell_type cell;
  int dim;        /* of the cell */
  int size;       /* functions, or values at points */
  int value_size; /* components of a function on the reference cell: 1 */
} gkt_basis;
/* Refused where the cell has no such basis, naming what it has. */
gkt_status gkt_basis_find(gkt_context *, gkt_cell_type, gkt_element, gkt_basis *out) GKT_MUST_CHECK;
gkt_basis gkt_geometry_basis(const gkt_cell_block *);                                    /* of the coordinates: the mesh's own, lagrange.h */
bool gkt_basis_has_values(const gkt_basis *);                                            /* between its nodes? else there are no tables */
bool gkt_basis_is_lagrange(const gkt_basis *, int degree);                               /* continuous or not */
bool gkt_basis_equal(const gkt_basis *, const gkt_basis *);                              /* the same functions? */
gkt_status gkt_basis_nodes(gkt_context *, const gkt_basis *, double *xi) GKT_MUST_CHECK; /* [size][dim] */
void gkt_basis_places(const gkt_basis *, gkt_lagrange_node *out);                        /* [size] in or on the cell; of those that have values */
bool gkt_basis_is_shared(const gkt_basis *);                      /* do nodes on vertices, edges and facets, or the only one, belong to several cells? else each cell has its own */
int gkt_basis_num_shared(const gkt_basis *, int dim, int entity); /* nodes inside a vertex, edge or facet of the cell that are shared */

/* At n points: phi [n][size][value_size], dphi [n][size][value_size][dim]. */
typedef struct {
  int num_points, size, dim;
  double *phi, *dphi;
} gkt_table;
gkt_status gkt_table_create(gkt_context *, const gkt_basis *, int num_points, const double *points, gkt_table **out) GKT_MUST_CHECK;
gkt_status gkt_table_allocate(gkt_context *, const gkt_basis *, int num_points, gkt_table **out) GKT_MUST_CHECK; /* values to be filled, as often as wanted: */
void gkt_table_fill(const gkt_basis *, const double *points, gkt_table *);                                       /* points [num_points][dim] */
/* Functions of nodes that do not belong to a facet vanish on it. What rounding leaves of phi there would be the whole row of such a node where a form has nothing else for it. */
void gkt_table_drop_rounding(gkt_table *);
void gkt_table_destroy(gkt_table **);
#endif
