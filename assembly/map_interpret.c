/* The interpreter's map: the plain loop over points, the reference for the compiled one. */
#include <string.h>

#include "assembly/map.h"

typedef gkt_scalar lanes[GKT_LANES];

static int slots_of(const gkt_map *m, int which) { return which < m->form->arity ? 1 + m->dim : 1; }
static int functions_of(const gkt_map *m, const gkt_coupling *c, int which) { return c->arguments[which].num_nodes * slots_of(m, which); }

gkt_size gkt_map_workspace(const gkt_map *m) {
  gkt_size n = gkt_pointwise_num_inputs(m->pointwise) + gkt_pointwise_num_outputs(m->pointwise), most = 0;
  for (int k = 0; k < m->num_couplings; k++) {
    gkt_size z = functions_of(m, &m->couplings[k], 0) + functions_of(m, &m->couplings[k], 1);
    most = z > most ? z : most;
  }
  return (n + most) * GKT_LANES + gkt_pointwise_workspace(m->pointwise);
}

/* z [nodes][slots]: value and derivatives of every basis function at row `row` of the tables; 1 without argument. */
static void basis_at(const gkt_map *m, const gkt_coupling *c, int which, int row, const gkt_geometry *g, lanes *z) {
  const gkt_argument *arg = &c->arguments[which];
  for (int l = 0; l < GKT_LANES && which >= m->form->arity; l++) z[0][l] = 1;
  if (which >= m->form->arity) return;
  const gkt_table *table = m->rule.tables[arg->table];
  for (int a = 0; a < arg->num_nodes; a++, z += 1 + m->dim) {
    const double *dphi = table->dphi + ((gkt_size)row * table->size + a) * m->dim;
    for (int l = 0; l < GKT_LANES; l++) {
      z[0][l] = table->phi[(gkt_size)row * table->size + a];
      for (int d = 0; d < m->dim; d++) {
        gkt_scalar sum = 0;
        for (int r = 0; r < m->dim; r++) sum += dphi[r] * g->K[r][d][l];
        z[1 + d][l] = sum;
      }
    }
  }
}

/* out += z(test) * values * z(trial), entry by entry; with a symmetry for nodes a <= b only. */
static void contract(const gkt_map *m, const gkt_coupling *c, const lanes *values, const lanes *z0, const lanes *z1, lanes *out) {
  int na = c->arguments[0].num_nodes, nb = c->arguments[1].num_nodes, nr = c->arguments[0].components, nc = c->arguments[1].components;
  int s0 = slots_of(m, 0), s1 = slots_of(m, 1);
  for (int e = 0; e < c->num_entries; e++) {
    const gkt_entry *k = &c->entries[e];
    for (int a = 0; a < na; a++) {
      lanes left;
      for (int l = 0; l < GKT_LANES; l++) left[l] = z0[a * s0 + k->row_slot][l] * values[k->output][l];
      for (int b = c->mirror ? a : 0; b < nb; b++) {
        gkt_scalar *to = out[((a * nb + b) * nr + k->row) * nc + k->col];
        const gkt_scalar *right = z1[b * s1 + k->col_slot];
        for (int l = 0; l < GKT_LANES; l++) to[l] += left[l] * right[l];
      }
    }
  }
}

static void mirror(const gkt_coupling *coupling, lanes *out) {
  int n = coupling->arguments[0].num_nodes, c = coupling->arguments[0].components;
  for (int a = 0; a < n; a++)
    for (int b = a; b < n; b++)
      for (int i = 0; i < c; i++)
        for (int j = a == b ? i + 1 : 0; j < c; j++) memcpy(out[((b * n + a) * c + j) * c + i], out[((a * n + b) * c + i) * c + j], sizeof *out);
}

static void transpose(const gkt_coupling *c, const lanes *from, lanes *out) {
  int na = c->arguments[0].num_nodes, nb = c->arguments[1].num_nodes, nr = c->arguments[0].components, nc = c->arguments[1].components;
  for (int a = 0; a < na; a++)
    for (int b = 0; b < nb; b++)
      for (int i = 0; i < nr; i++)
        for (int j = 0; j < nc; j++) memcpy(out[((a * nb + b) * nr + i) * nc + j], from[((b * na + a) * nc + j) * nr + i], sizeof *out);
}

static void finish(const gkt_map *m, lanes *out) {
  for (int k = 0; k < m->num_couplings; k++) {
    const gkt_coupling *c = &m->couplings[k];
    if (c->mirror) mirror(c, out + c->tensor_first);
    if (c->transposed_of >= 0) transpose(c, (const lanes *)out + m->couplings[c->transposed_of].tensor_first, out + c->tensor_first);
  }
}

/* Row `row` of the tables: values of the pointwise function times weight and measure; work: of the basis. */
static void add_point(const gkt_map *m, int row, const gkt_geometry *g, const lanes *values, lanes *work, lanes *out) {
  for (int k = 0; k < m->num_couplings; k++) {
    const gkt_coupling *c = &m->couplings[k];
    lanes *z0 = work, *z1 = z0 + functions_of(m, c, 0);
    if (!c->num_entries) continue;
    basis_at(m, c, 0, row, g, z0);
    basis_at(m, c, 1, row, g, z1);
    contract(m, c, values, (const lanes *)z0, (const lanes *)z1, out + c->tensor_first);
  }
}

static void tile(const gkt_map *m, const gkt_point_tables *tables, const gkt_group *group, gkt_idx first, gkt_idx end, gkt_scalar *workspace, lanes *out) {
  lanes *in = (lanes *)workspace, *values = in + gkt_pointwise_num_inputs(m->pointwise), *rest = values + gkt_pointwise_num_outputs(m->pointwise);
  lanes *work = (lanes *)((gkt_scalar *)rest + gkt_pointwise_workspace(m->pointwise));
  int start = gkt_group_row(&m->rule, group, first), num_points = gkt_map_num_points(m, group->facet);
  gkt_lanes at;
  gkt_geometry g;
  for (int l = 0; l < GKT_LANES; l++) {
    gkt_idx e = first + l < end ? first + l : end - 1;
    at.cell[l] = group->cells ? group->cells[e] : e;
    at.facet[l] = group->facet;
  }
  if (m->into < 0) memset(out, 0, (size_t)m->tensor_size * sizeof *out);
  for (int row = start; row < start + num_points; row++) {
    for (int l = 0; l < GKT_LANES; l++) at.row[l] = row, at.point[l] = row - start;
    gkt_geometry_at(tables, &at, &g);
    gkt_terminals_at(m->pointwise, tables, &at, &g, *in);
    gkt_pointwise_eval(m->pointwise, *in, *rest, *values);
    for (int k = 0; k < gkt_pointwise_num_outputs(m->pointwise); k++)
      for (int l = 0; l < GKT_LANES; l++) values[k][l] *= m->rule.weights[row] * gkt_measure_at(group, &g, l);
    add_point(m, row, &g, (const lanes *)values, work, out);
  }
  finish(m, out);
}

void gkt_map_interpret(const gkt_map *m, int group, const gkt_inputs *inputs, gkt_idx begin, gkt_idx end, gkt_scalar *workspace, gkt_scalar *out) {
  gkt_point_tables tables = {m->mesh, m->block, m->rule.tables[0], m->functions, inputs};
  for (gkt_idx first = begin; first < end; first += GKT_LANES, out += m->tensor_size * GKT_LANES) tile(m, &tables, &m->groups[group], first, end, workspace, (lanes *)out);
}
