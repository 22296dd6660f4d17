/* What an assembly costs on a device: counts of plans, and estimates of the operations of maps. */
#include "assembly/device_count.h"

#include "assembly/map_emit.h"
#include "assembly/segments.h"
#include "forms/pointwise.h"
#include "meshes/mesh.h"

/* Of the kernels in patches.cu, elements.cu and segments.cu as they are compiled for sm_90: instructions for each term of a sum, for a sum, and for an operation of a map. */
static const double per_term = 7, per_set_of_term = 2, per_scalar_of_term = 3, per_sum = 48, per_operation = 1.6;
enum { WARP = 32, HALF = 16, LINE = 128, SECTOR = 32 };

/* ---- maps ---- */
static double count_geometry(const gkt_map *m, double points) {
  static const double inverse[] = {0, 3, 13, 47};
  const double jacobian = (double)gkt_mesh_block(m->mesh, m->block)->nodes_per_cell * m->dim * m->dim;
  return gkt_map_is_affine(m) ? inverse[m->dim] : points * (inverse[m->dim] + jacobian);
}

static double count_coupling(const gkt_map *m, const gkt_coupling *c, double points) {
  const double na = c->arguments[0].num_nodes, nb = c->arguments[1].num_nodes;
  if (m->form->arity < 2) return points * na * c->num_entries;
  int of_pair, of_node;
  gkt_map_count_products(m, (int)(c - m->couplings), &of_pair, &of_node);
  return nb * of_node + (c->mirror ? na * (na + 1) / 2 : na * nb) * of_pair;
}

static double num_points(const gkt_map *m) { return m->rule.num_facets > 1 ? (double)m->rule.num_rows / m->rule.num_facets : m->rule.first[1]; }

/* Steps of the pointwise function for one coupling, or for all, which share some. */
static double count_steps(const gkt_map *m, const gkt_coupling *one) {
  const double whole = m->pointwise->num_instructions + gkt_pointwise_num_outputs(m->pointwise);
  double sum = 0;
  for (int c = 0; c < m->num_couplings && !one; c++) sum += m->couplings[c].num_steps;
  return one ? one->num_steps : sum < whole ? sum : whole;
}

/* Of a cell, but for sums over its nodes. */
static double count_cell(const gkt_map *m, const gkt_coupling *one) {
  const double points = num_points(m);
  double sum = count_geometry(m, points) + (gkt_map_is_once(m) ? 1 : points) * count_steps(m, one);
  for (int k = 0; k < m->rule.num_bases; k++)
    if (!gkt_map_is_affine(m) || m->rule.bases[k].element.degree > 1) sum += points * m->rule.bases[k].size * m->dim * m->dim;
  return sum;
}

double gkt_map_count_operations(const gkt_map *m) {
  double sum = count_cell(m, NULL);
  for (int c = 0; c < m->num_couplings; c++) sum += count_coupling(m, &m->couplings[c], num_points(m));
  return sum;
}

/* Bytes of dofs that the maps of a block read in a cell; *numbers: of their numbers, where these are others than the cell's nodes. */
static double count_dofs(const gkt_assembler *a, int block, double *numbers) {
  double values = 0;
  *numbers = 0;
  for (int f = 0; f < a->num_functions; f++) {
    bool read = false;
    for (int k = 0; k < a->num_maps; k++) read |= a->maps[k]->block == block && gkt_map_has_work(a->maps[k]) && gkt_map_reads(a->maps[k], f);
    if (!read) continue;
    const int size = a->spaces[f]->bases[block].size;
    if (!gkt_space_has_nodes_of_mesh(a->spaces[f])) *numbers += size * (double)sizeof(gkt_idx);
    values += (double)size * a->spaces[f]->block_size * (double)sizeof(gkt_scalar);
  }
  return values;
}

/* Values of functions, once. */
static double count_values(const gkt_assembler *a) {
  double bytes = 0;
  for (int f = 0; f < a->num_functions; f++)
    if (gkt_assembler_reads(a, f)) bytes += (double)gkt_space_num_dofs(a->spaces[f]) * (double)sizeof(gkt_scalar);
  return bytes;
}

static void count_floor(const gkt_assembler *a, const gkt_reduce *r, double sets, gkt_device_cost *c) {
  double numbers;
  c->floor_bytes = (double)gkt_mesh_num_nodes(a->mesh) * gkt_mesh_dim(a->mesh) * 8 + sets * ((double)gkt_reduce_num_values(r) * 8 + count_values(a));
  for (int b = 0; b < gkt_mesh_num_blocks(a->mesh); b++) {
    const gkt_cell_block *cells = gkt_mesh_block(a->mesh, b);
    count_dofs(a, b, &numbers);
    c->cells += cells->num_cells, c->floor_bytes += cells->num_cells * (cells->nodes_per_cell * 4.0 + numbers);
  }
}

/* ---- fused ---- */
/* How often a kernel does what is the same for a group of sets, and what each set needs. */
typedef struct {
  double groups, sets; /* with what the last group does twice */
} gkt_rounds;

/* Of the coupling that adds to the target: the compiler leaves the others away. The geometry of straight simplices is taken out of the loop over sets. */
static double count_of_map(const gkt_map *m, int target, bool pairs, const gkt_rounds *n) {
  const double geometry = gkt_map_is_affine(m) ? count_geometry(m, 0) : 0;
  double sum = 0;
  for (int c = 0; c < m->num_couplings; c++) {
    const gkt_coupling *one = &m->couplings[c];
    if (one->target != target) continue;
    sum += count_cell(m, one) - geometry;
    if (!pairs) sum += count_coupling(m, one->transposed_of < 0 ? one : &m->couplings[one->transposed_of], num_points(m));
  }
  return n->groups * geometry + n->sets * sum;
}

static void count_maps(const gkt_patch_shares *s, const gkt_row_patches *p, const gkt_rounds *n, gkt_device_cost *c) {
  for (int k = 0; k < s->num_shares; k++)
    for (int m = 0; m < s->a->num_maps; m++)
      if (gkt_patch_share_has(&s->shares[k], s->a->maps[m]))
        c->fp64 += gkt_row_patches_entities(p, k) * count_of_map(s->a->maps[m], s->target, s->kinds[s->a->maps[m]->block].stride, n);
}

/* Scalars of a record, but for what keeps records apart. */
static int count_stored(const gkt_patch_shares *s, const gkt_row_patches *p, int block) {
  const int rows = p->blocks[block].nodes[0], cols = p->blocks[block].nodes[1];
  return s->kinds[block].stride ? s->kinds[block].record.size : (p->half ? rows * (rows + 1) / 2 : rows * cols) * p->block;
}

/* *lists: bytes that are the same for all sets. */
static void count_records(const gkt_patch_shares *s, const gkt_row_patches *p, const gkt_rounds *n, gkt_device_cost *c, double *lists) {
  for (int b = 0; b < p->num_blocks; b++) {
    const double cells = p->totals.cells[b];
    double numbers, values = count_dofs(s->a, b, &numbers);
    c->computed += (gkt_size)(cells * n->sets);
    *lists += cells * (p->blocks[b].corners * 2.0 + (p->blocks[b].numbered ? 4 : 0) + numbers), c->l2_bytes += n->sets * cells * values;
    c->wavefronts += n->sets * cells * (count_stored(s, p, b) / (double)HALF + values / 8 / WARP * 4); /* values that are gathered lie in several lines */
  }
}

/* ---- pair mode: what the block of a pair of nodes needs ---- */
typedef struct {
  double loads, apart, table_loads, operations; /* loads: those apart among them */
} pair_cost;

static double count_products(const gkt_map *m, int target) {
  double sum = 0;
  for (int c = 0; c < m->num_couplings; c++) {
    int of_pair = 0, of_node = 0;
    const int from = m->couplings[c].transposed_of;
    if (m->couplings[c].target == target) gkt_map_count_products(m, from < 0 ? c : from, &of_pair, &of_node);
    sum += of_pair + of_node;
  }
  return sum;
}

/* Of a block of cells. */
static pair_cost count_kind(const gkt_patch_shares *s, const gkt_row_patches *p, int block) {
  const gkt_record *r = &s->kinds[block].record;
  pair_cost sum = {p->block, 0, 0, 0};
  if (!s->kinds[block].stride) return sum;
  sum = (pair_cost){r->loads, r->apart, r->table_loads, r->operations};
  for (int k = 0; k < s->a->num_maps; k++)
    if (s->a->maps[k]->block == block && gkt_map_has_work(s->a->maps[k]) && !gkt_map_is_partial(s->a->maps[k])) sum.operations += count_products(s->a->maps[k], s->target);
  return sum;
}

static double count_pairs(const gkt_row_patches *p, int block) { return (double)p->totals.cells[block] * p->blocks[block].nodes[0] * p->blocks[block].nodes[1]; }

static double count_all_pairs(const gkt_row_patches *p) {
  double sum = 0;
  for (int b = 0; b < p->num_blocks; b++) sum += count_pairs(p, b);
  return sum;
}

/* On the mean of all terms. Lists do not tell which blocks their terms are of: all have the same share of their pairs. */
static pair_cost count_mean_pair(const gkt_patch_shares *s, const gkt_row_patches *p) {
  const double all = count_all_pairs(p);
  pair_cost mean = {0};
  for (int b = 0; b < p->num_blocks && s->pairs && all > 0; b++) {
    const pair_cost one = count_kind(s, p, b);
    const double part = count_pairs(p, b) / all;
    mean.loads += part * one.loads, mean.apart += part * one.apart, mean.table_loads += part * one.table_loads, mean.operations += part * one.operations;
  }
  return mean;
}

/* What records of entities add to terms of their cells. waves: of one load of all terms. */
static void count_entities(const gkt_patch_shares *s, const gkt_row_patches *p, double terms, double waves, gkt_device_cost *c) {
  const double all = count_all_pairs(p);
  for (int k = 0; k < s->num_shares && all > 0; k++) {
    const gkt_map *m = s->a->maps[s->shares[k].map];
    if (!gkt_patch_entity_of(s, k)) continue;
    const gkt_record r = gkt_map_measure_record(m, s->shares[k].coupling, s->sets);
    const double entities = gkt_row_patches_entities(p, k), part = entities * p->blocks[m->block].nodes[0] * p->blocks[m->block].nodes[1] / all;
    const double loads = GKT_ENTITY_HEAD + r.loads + r.table_loads, operations = r.operations + count_products(m, s->target) + p->block;
    c->wavefronts += part * waves * loads + entities * gkt_patch_entity_of(s, k) / HALF;
    c->fp64 += part * terms * operations, c->instructions += part * terms * (loads + operations);
    c->dram_bytes += entities * 6, c->l2_bytes += entities * 6;
  }
}

/* One sum of all cells: what `segmented` counts, without tensors in memory. */
static gkt_device_cost count_runs(const gkt_patch_shares *s, const gkt_row_patches *p) {
  gkt_device_cost c = {.strategy = "fused", .launches = 2, .blocks = p->num_patches + 1.0, .block = {.threads = GKT_NUMBER_THREADS, .shared = p->shared_bytes}};
  const double terms = (double)p->num_contributions * p->block;
  count_floor(s->a, s->a->targets.all[s->target].reduce, 1, &c);
  count_maps(s, p, &(gkt_rounds){1, 1}, &c);
  c.computed = c.cells;
  c.instructions = per_operation * c.fp64 + terms * per_term;
  c.fp64 += terms;
  c.dram_bytes = c.l2_bytes = c.floor_bytes + (double)p->num_patches * p->block * 8 * 2;
  c.wavefronts = terms / HALF + terms + c.floor_bytes / LINE * 4; /* one lane adds */
  return c;
}

/* Of the contributions of a set. Pair mode: what belongs to the cell or to its first node is read by all lanes, what belongs to the second one where that is another. */
static double count_sum_waves(const pair_cost *r, const gkt_row_patches *p, const gkt_patch_waves *w) {
  if (!p->pairs) return (double)w->sum_waves * p->block;
  return (double)w->sum_waves * (r->loads - r->apart) + (double)w->second_waves * r->apart + (double)w->table_waves * r->table_loads;
}

gkt_device_cost gkt_fused_count(const gkt_patch_shares *s, const gkt_row_patches *p, int num_sets) {
  if (p->runs) return count_runs(s, p);
  const double rounds = (num_sets + p->sets - 1) / p->sets;
  gkt_device_cost c = {.strategy = "fused", .launches = 1, .blocks = rounds * p->num_patches, .block = {.threads = GKT_PATCH_THREADS, .shared = p->shared_bytes}};
  const gkt_patch_waves waves = gkt_row_patches_count_waves(p);
  const gkt_reduce *r = s->a->targets.all[s->target].reduce;
  const double groups = p->totals.groups, words = p->totals.words, nodes = p->totals.nodes, scalars = p->block;
  const pair_cost pair = count_mean_pair(s, p);
  const double terms = words * WARP * GKT_PATCH_PER_WORD, values = (double)gkt_reduce_num_values(r);
  const gkt_rounds n = {rounds, rounds * p->sets};
  double lists = nodes * (4 + 8.0 * p->dim) + words * LINE + groups * 4 + (double)gkt_patch_num_places(p) * 2 + p->num_rows * 4.0 * gkt_patch_arrays_of_rows(p);
  count_floor(s->a, r, num_sets, &c);
  count_maps(s, p, &n, &c);
  count_records(s, p, &n, &c, &lists);
  c.instructions = per_operation * c.fp64;
  c.dram_bytes = (lists <= GKT_CACHED_BYTES ? 1 : rounds) * lists + num_sets * (values * 8 + count_values(s->a));
  c.l2_bytes += 1.2 * (rounds * lists + num_sets * (values * 8 + count_values(s->a)));
  c.wavefronts += rounds * ((double)waves.corner_waves * p->dim + nodes * p->dim * 5.5 / WARP + words) + n.sets * (count_sum_waves(&pair, p, &waves) + values * 8 / WARP);
  c.fp64 += n.sets * terms * (scalars + pair.operations);
  c.instructions += rounds * (nodes * p->dim * 16 + terms * (per_term - (scalars > 1 ? 0 : per_set_of_term)) + groups * WARP * per_sum) +
                    n.sets * (terms * (p->pairs      ? pair.loads + pair.table_loads + pair.operations + scalars
                                       : scalars > 1 ? per_scalar_of_term * scalars
                                                     : per_set_of_term) +
                              groups * WARP * 10 * scalars);
  count_entities(s, p, n.sets * terms, n.sets * (double)waves.sum_waves, &c);
  return c;
}

/* ---- segmented ---- */
/* Tensors of all maps are computed once, before the first target is summed. */
static bool is_first(const gkt_assembler *a, int target) {
  for (int k = 0; k < target; k++)
    if (a->targets.all[k].reduce) return false;
  return true;
}

/* Launch by launch. A thread writes the tensor of a cell, cell after cell, so that each scalar of a warp lies in a line of its own. */
static void count_elements(const gkt_assembler *a, gkt_device_cost *sum) {
  for (int k = 0; k < a->num_maps; k++) {
    const gkt_map *m = a->maps[k];
    for (int g = 0; gkt_map_has_work(m) && g < m->num_groups; g++) {
      const bool runs = m->into < 0 && m->groups[g].count > 0;
      const gkt_device_cost one = {.strategy = sum->strategy,
                                   .cells = sum->cells,
                                   .fp64 = m->groups[g].count * gkt_map_count_operations(m),
                                   .launches = runs,
                                   .blocks = runs ? (double)gkt_blocks_for(m->groups[g].count, GKT_ELEMENT_THREADS) : 0};
      gkt_device_cost_add(sum, &one);
    }
  }
}

/* Reads by the lists lie in lines of their own as well, but for what stands in one line. */
gkt_device_cost gkt_segmented_count(const gkt_assembler *a, int target) {
  const gkt_reduce *r = a->targets.all[target].reduce;
  const double terms = (double)r->num_contributions * r->block, values = (double)gkt_reduce_num_values(r), pairs = values / r->block;
  gkt_device_cost c = {
      .strategy = "segmented", .launches = 1, .blocks = (double)gkt_blocks_for(gkt_reduce_num_values(r), GKT_SEGMENT_THREADS), .block = {.threads = GKT_SEGMENT_THREADS}};
  count_floor(a, r, 1, &c);
  c.computed = c.cells;
  c.dram_bytes = c.floor_bytes + terms * 8 * 2 + (double)r->num_contributions * 4 + pairs * 4;
  c.l2_bytes = c.floor_bytes + terms * (SECTOR + SECTOR / 2);
  c.wavefronts = terms * 2 + c.floor_bytes / LINE * 4;
  if (is_first(a, target)) count_elements(a, &c);
  c.instructions = per_operation * c.fp64 + terms * 18 + values * per_sum;
  c.fp64 += terms;
  return c;
}
