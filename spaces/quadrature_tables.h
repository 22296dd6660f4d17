/* Symmetric rules on triangles and tetrahedra, by orbits of their symmetry group. */
#ifndef GKT_SPACES_QUADRATURE_TABLES_H
#define GKT_SPACES_QUADRATURE_TABLES_H
#include "meshes/cell.h"

/* All points whose barycentric coordinates are a permutation of: `times[0]` times values[0], `times[1]` times values[1], `times[2]` times values[2].
   The last value present is not stored: the coordinates sum to one. weight: of each point, in a cell of volume one. */
typedef struct {
  int times[3];
  double weight, values[2];
} gkt_orbit;
typedef struct {
  gkt_cell_type cell;
  int degree, num_orbits;
  const gkt_orbit *orbits;
} gkt_symmetric_rule;
extern const gkt_symmetric_rule gkt_symmetric_rules[]; /* by cell, then ascending degree; ends with num_orbits 0 */
#endif
