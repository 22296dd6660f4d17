/* Text of pair mode in the fused kernel: its tables, and where records of entities stand. */
#include "assembly/patches_emit.h"
#include "assembly/elements.h"
#include "meshes/mesh.h"

/* ---- tables ---- */
/* What is added to a table of `size` scalars a point: entities of dP have a row each. */
static const char *row_of(const gkt_map *m, int size, char text[40]) {
  *text = 0;
  if (m->integral->measure == GKT_MEASURE_DP) snprintf(text, 40, " + (gkt_offset)entity * %d", size);
  return text;
}

void gkt_patches_emit_tables(const gkt_map *m, int table, gkt_text *text) {
  char phi[40], dphi[40];
  gkt_text_printf(text, "      d.weights = a.tables[%d]%s;\n", table, row_of(m, 1, phi));
  for (int k = 0; k < m->rule.num_bases; k++)
    gkt_text_printf(text, "      d.phi[%d] = a.tables[%d]%s, d.dphi[%d] = a.tables[%d]%s;\n", k, table + 1 + 2 * k, row_of(m, m->rule.bases[k].size, phi), k, table + 2 + 2 * k,
                    row_of(m, m->rule.bases[k].size * m->dim, dphi));
}

/* The part of pair mode that a map is; NULL: it adds nothing. *record, *tables: scalars before its own. */
const gkt_pair_part *gkt_patches_find_part(const gkt_patch_shares *s, const gkt_patch_maps *p, const gkt_map *m, int *record, int *tables) {
  *record = *tables = 0;
  for (int k = 0; k < p->count; k++) {
    const gkt_pair_part *part = &p->parts[k];
    if (part->map == m) return part;
    const gkt_record r = gkt_map_measure_record(part->map, part->coupling, s->sets);
    *record += part->num_sources ? 0 : r.size, *tables += (part->num_sources ? part->num_sources : 1) * r.tables;
  }
  return NULL;
}

void gkt_patches_emit_pair_sizes(const gkt_patch_shares *s, gkt_text *text) {
  const gkt_coupling *c = &s->a->maps[s->shares[0].map]->couplings[s->shares[0].coupling];
  const int cols = c->arguments[1].num_nodes;
  gkt_text_printf(text, "#define GKT_PATCH_PAIRS %d\n#define GKT_PATCH_TABLES %d\n#define GKT_PATCH_CELL %d\n#define GKT_PATCH_NODE %d\n", s->kinds[0].stride, s->kinds[0].tables,
                  c->arguments[0].num_nodes * cols, cols);
}

/* What is the same in all cells, or on all facets of one number. */
void gkt_patches_emit_begin(const gkt_patch_shares *s, gkt_text *text) {
  int table = 0, source = 0;
  gkt_text_printf(text, "GKT_FUNCTION void gkt_patch_begin(const gkt_patch_all_arguments &a, gkt_shared<gkt_scalar> tables) {\n  gkt_map_data d = {};\n");
  for (int k = 0; k < s->num_shares; k++)
    for (int m = 0; m < s->a->num_maps; m++) {
      const gkt_map *map = s->a->maps[m];
      if (!gkt_patch_share_has(&s->shares[k], map)) continue;
      const gkt_patch_maps p = gkt_patch_maps_of(s, map->block);
      int record, tables;
      const gkt_pair_part *part = gkt_patches_find_part(s, &p, map, &record, &tables);
      if (part) {
        tables += part->num_sources ? (k - part->first_source) * gkt_map_measure_record(map, part->coupling, s->sets).tables : 0;
        gkt_patches_emit_tables(map, table, text);
        if (!gkt_map_is_uniform(map)) gkt_text_printf(text, "  d.num_points = (gkt_idx)a.sources[%d].num_points;\n", source);
        gkt_text_printf(text, "  gkt_map_tables_%d(&d, tables + %d);\n", map->number, tables);
      }
      table += gkt_map_num_tables(map), source++;
    }
  gkt_text_printf(text, "}\n");
}

/* ---- records of entities ---- */
/* The number of a share's own map among the sources of the arguments. */
static int source_of(const gkt_patch_shares *s, int share) {
  int sources = 0;
  for (int k = 0; k < share; k++)
    for (int m = 0; m < s->a->num_maps; m++) sources += gkt_patch_share_has(&s->shares[k], s->a->maps[m]);
  return sources;
}

void gkt_patches_emit_size(const gkt_patch_shares *s, int share, gkt_text *text) {
  const int source = source_of(s, share);
  gkt_text_printf(text, "(__ldg(a.sources[%d].first + patch + 1) - __ldg(a.sources[%d].first + patch)) * %d", source, source, gkt_patch_entity_of(s, share));
}

/* Each source puts its entities ahead of those that cells are linked to, so the last one begins. Their records stand behind those of all cells, in the order of the sources. */
void gkt_patches_emit_entities(const gkt_patch_shares *s, gkt_text *text) {
  const int blocks = gkt_mesh_num_blocks(s->a->mesh);
  for (int k = 0; k < s->num_shares; k++) {
    if (!gkt_patch_entity_of(s, k)) continue;
    gkt_text_printf(text, "  const gkt_idx size_%d = ", k);
    gkt_patches_emit_size(s, k, text);
    gkt_text_printf(text, ";\n");
  }
  for (int k = s->num_shares - 1; k >= 0; k--) {
    const int block = s->a->maps[s->shares[k].map]->block;
    if (!gkt_patch_entity_of(s, k)) continue;
    gkt_text_printf(text, "  gkt_patch_source_%d(a, w, at_%d, room_%d", k, block, block);
    for (int b = block + 1; b < blocks; b++) gkt_text_printf(text, " + room_%d", b);
    for (int i = 0; i < k; i++)
      if (gkt_patch_entity_of(s, i)) gkt_text_printf(text, " + size_%d", i);
    gkt_text_printf(text, ", X);\n  __syncthreads();\n");
  }
}
