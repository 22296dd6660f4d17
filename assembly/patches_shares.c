/* What adds to the target of a fused kernel, and what a cell's record is: its tensor, or in pair mode what entries are made of. */
#include "assembly/device_inputs.h"
#include "assembly/elements.h"
#include "assembly/patches_emit.h"
#include "meshes/mesh.h"

enum { LEAST_GAIN = 2, MOST_LOADS = 4 }; /* of pair mode: a tensor's scalars for one of a record; loads for a scalar of a block, where tensors are kept in registers */

int gkt_patch_record_of(const gkt_patch_shares *s, int block) {
  const gkt_reduce *r = s->a->targets.all[s->target].reduce;
  if (s->kinds[block].stride) return s->kinds[block].stride;
  for (int c = 0; c < r->num_chunks; c++)
    if (r->chunks[c].block == block) return gkt_patch_record(s->half, r->chunks[c].nodes, r->chunks[c].pairs, r->block);
  return 1;
}

/* ---- what adds to a target ---- */
static int coupling_of(const gkt_map *m, int target) {
  for (int c = 0; c < m->num_couplings; c++)
    if (m->couplings[c].target == target) return c;
  return -1;
}

bool gkt_patch_may_turn(const gkt_assembler *a, const gkt_coupling *c) {
  for (int w = 0; w < 2; w++) {
    const gkt_argument *arg = &c->arguments[w];
    const gkt_ties *ties = arg->space && arg->function >= 0 ? a->ties[arg->function] : NULL;
    if (ties && (ties->size > 1 || a->targets.repeats)) return true;
  }
  return false;
}

/* ---- what of a cell is read ---- */
/* Text of a batch reads what any map of the assembler does. */
static bool reads(const gkt_patch_shares *s, int share, int function) {
  if (s->sets) return gkt_assembler_reads(s->a, function);
  for (int m = 0; m < s->a->num_maps; m++)
    if (gkt_patch_share_has(&s->shares[share], s->a->maps[m]) && gkt_map_reads(s->a->maps[m], function)) return true;
  return false;
}

/* A run of a sum has no nodes; connectivity is then the function's dof numbers. */
bool gkt_patch_reads_nodes(const gkt_patch_shares *s, int share, int function) {
  return !s->runs && reads(s, share, function) && gkt_space_has_nodes_of_mesh(s->a->spaces[function]);
}

bool gkt_patch_reads_numbers(const gkt_patch_shares *s, int share, int function) { return reads(s, share, function) && !gkt_patch_reads_nodes(s, share, function); }

bool gkt_patch_reads_cells(const gkt_patch_shares *s, int share) {
  bool any = gkt_patch_may_turn(s->a, &s->a->maps[s->shares[share].map]->couplings[s->shares[share].coupling]);
  for (int f = 0; f < s->a->num_functions; f++) any |= gkt_patch_reads_numbers(s, share, f);
  return any;
}

bool gkt_patch_is_numbered(const gkt_patch_shares *s, int share) {
  return s->runs || gkt_patch_reads_cells(s, share) || s->a->maps[s->shares[share].map]->groups[s->shares[share].group].has_own_row;
}

static void refuse(const gkt_assembler *a, const gkt_map *m, char why[200]) {
  if (a->targets.all[m->couplings[0].target].reduce->block > 64) snprintf(why, 200, "blocks of more than 64 scalars");
}

static gkt_status take(gkt_patch_shares *s, const gkt_map *m, gkt_idx *room) {
  const int c = coupling_of(m, s->target);
  if (c < 0) return GKT_OK;
  s->half &= m->couplings[c].mirror, s->turned |= gkt_patch_may_turn(s->a, &m->couplings[c]);
  for (int g = 0; g < m->num_groups && m->into < 0; g++) {
    if (s->num_shares == *room) GKT_TRY(gkt_realloc(s->a->ctx, *room = 2 * *room + 8, sizeof *s->shares, &s->shares));
    s->shares[s->num_shares++] = (gkt_patch_share){m->number, g, c};
  }
  return GKT_OK;
}

/* ---- pair mode ---- */
static bool has_points(const gkt_map *m) { return m->groups[0].has_own_row; }

gkt_patch_maps gkt_patch_maps_of(const gkt_patch_shares *s, int block) {
  gkt_patch_maps p = {0};
  for (int k = 0; k < s->num_shares; k++)
    for (int m = 0; m < s->a->num_maps; m++) {
      const gkt_map *map = s->a->maps[m];
      gkt_pair_part *last = p.count ? &p.parts[p.count - 1] : NULL;
      if (map->block != block || !gkt_patch_share_has(&s->shares[k], map)) continue;
      if (map->into >= 0 && coupling_of(map, s->target) < 0) continue; /* it adds to other blocks of the tensor alone */
      if (last && last->map == map) {
        last->num_sources++;
        continue;
      }
      if (p.count == GKT_PATCH_MOST_MAPS || has_points(map) || (map->into >= 0 && (!last || last->num_sources))) return (gkt_patch_maps){0};
      p.parts[p.count++] = (gkt_pair_part){.map = map, .coupling = coupling_of(map, s->target), .first_source = k, .num_sources = gkt_map_is_partial(map)};
    }
  return p;
}

int gkt_patch_entity_of(const gkt_patch_shares *s, int share) {
  const gkt_map *m = s->a->maps[s->shares[share].map];
  if (!s->kinds[m->block].stride || !gkt_map_is_partial(m)) return 0;
  return GKT_ENTITY_HEAD + gkt_map_measure_record(m, s->shares[share].coupling, s->sets).size;
}

/* What cells and entities need together. False: there is a map without records. */
static bool measure(const gkt_patch_maps *p, bool sets, gkt_patch_kind *out) {
  gkt_record *all = &out->record;
  int whole = 0;
  *out = (gkt_patch_kind){.link = -1};
  for (int k = 0; k < p->count; k++) {
    const gkt_record one = gkt_map_measure_record(p->parts[k].map, p->parts[k].coupling, sets);
    const int sources = p->parts[k].num_sources;
    if (!one.size) return false;
    out->tables += (sources ? sources : 1) * one.tables;
    if (sources) out->link = 0;
    if (sources) continue;
    all->apart = whole++ ? 0 : one.apart;
    all->size += one.size, all->tables += one.tables, all->loads += one.loads, all->table_loads += one.table_loads, all->operations += one.operations, all->common += one.common;
  }
  if (!out->link) out->link = all->size++, all->loads++;
  return p->count;
}

/* Whose record is so much smaller than a tensor that patches have less surface, and whose entries are soon found without tables, or need local memory. */
static gkt_patch_kind find_kind(const gkt_patch_shares *s, int block) {
  const gkt_patch_kind none = {.link = -1};
  const gkt_patch_maps maps = gkt_patch_maps_of(s, block);
  gkt_patch_kind kind;
  if (!measure(&maps, s->sets, &kind) || kind.record.size * LEAST_GAIN > gkt_patch_record_of(s, block)) return none;
  const gkt_map *m = maps.parts[0].map;
  const gkt_record *r = &kind.record;
  const bool whole = r->size > (kind.link >= 0), soon = !r->tables || r->loads + r->table_loads <= MOST_LOADS * s->a->targets.all[s->target].reduce->block;
  kind.stride = r->size | 1;
  return m->tensor_size > GKT_PATCH_SMALL_TENSOR || (whole && soon) ? kind : none;
}

/* On meshes of one kind of cell, without turns. */
static void find_kinds(gkt_patch_shares *s) {
  s->pairs = false;
  for (int b = 0; b < gkt_mesh_num_blocks(s->a->mesh); b++) s->kinds[b] = (gkt_patch_kind){.link = -1};
  if (gkt_mesh_num_blocks(s->a->mesh) != 1 || s->turned) return;
  s->kinds[0] = find_kind(s, 0), s->pairs = s->kinds[0].stride;
}

/* One pair of nodes, that all cells add to. */
static bool is_number(const gkt_reduce *r) {
  return r->num_contributions == r->num_cells && r->pattern.num_nodes[0] == 1 && r->pattern.num_nodes[1] == 1 && r->block <= GKT_NUMBER_MOST;
}

gkt_status gkt_patch_shares_create(const gkt_assembler *a, int target, gkt_patch_shares *s, char why[200]) {
  gkt_idx room = 0;
  *s = (gkt_patch_shares){.a = a, .target = target, .half = a->targets.all[target].reduce->symmetric};
  *why = 0;
  for (int k = 0; k < a->num_maps && !*why; k++) {
    if (!gkt_map_has_work(a->maps[k])) continue;
    refuse(a, a->maps[k], why);
    if (!*why) GKT_TRY(take(s, a->maps[k], &room));
  }
  s->once = s->half && !a->targets.repeats && a->targets.all[target].reduce->pattern.num_nodes[1] > 1;
  s->runs = is_number(a->targets.all[target].reduce) && !s->turned;
  if (!*why && !s->runs) find_kinds(s);
  return GKT_OK;
}

void gkt_patch_shares_take_sets(gkt_patch_shares *s, int sets) {
  s->sets = sets;
  if (!s->runs) find_kinds(s);
}

void gkt_patch_shares_clear(gkt_patch_shares *s) { gkt_free(&s->shares); }
