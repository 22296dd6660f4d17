/* Which cells and facets an integral runs over: names are looked up in the mesh, the entities sorted by local facet. */
#include <stdlib.h>
#include <string.h>

#include "assembly/map.h"
#include "forms/ast.h"
#include "meshes/mesh.h"

static const char *const measures[] = {[GKT_MEASURE_DX] = "dx", [GKT_MEASURE_DS] = "ds", [GKT_MEASURE_DP] = "dP"};

/* Dimension of the entities that the measure runs over. */
static int dim_of(gkt_measure measure, int mesh_dim) { return measure == GKT_MEASURE_DX ? mesh_dim : measure == GKT_MEASURE_DS ? mesh_dim - 1 : 0; }
static bool fits(const gkt_mesh_set *set, gkt_measure measure, int mesh_dim) {
  return set->dim == dim_of(measure, mesh_dim) || (measure == GKT_MEASURE_DP && set->dim == GKT_PLACES);
}

static const char *kind_of(const gkt_mesh_set *set, int mesh_dim) {
  return set->dim == mesh_dim ? "cells" : set->dim == GKT_PLACES ? "places" : set->dim == mesh_dim - 1 ? "facets" : set->dim == 0 ? "points" : "edges";
}
static const char *kind_under(gkt_measure measure) { return measure == GKT_MEASURE_DX ? "cells" : measure == GKT_MEASURE_DS ? "facets" : "points"; }

static void list_sets(const gkt_mesh *mesh, gkt_measure measure, char *text, size_t size) {
  size_t n = (size_t)snprintf(text, size, "sets of %s: ", kind_under(measure));
  bool any = false;
  for (int i = 0; i < gkt_mesh_num_sets(mesh) && n < size; i++) {
    const gkt_mesh_set *s = gkt_mesh_get_set(mesh, i);
    if (!fits(s, measure, gkt_mesh_dim(mesh))) continue;
    n += (size_t)snprintf(text + n, size - n, "%s%s", any ? ", " : "", s->name);
    any = true;
  }
  if (!any && n < size) snprintf(text + n, size - n, "none");
}

static gkt_status unknown_name(const gkt_form *form, const gkt_integral *in, int k, const gkt_mesh *mesh) {
  char sets[800];
  gkt_suggestion near = gkt_suggestion_begin(in->names[k]);
  for (int i = 0; i < gkt_mesh_num_sets(mesh); i++)
    if (fits(gkt_mesh_get_set(mesh, i), in->measure, gkt_mesh_dim(mesh))) gkt_suggestion_offer(&near, gkt_mesh_get_set(mesh, i)->name);
  list_sets(mesh, in->measure, sets, sizeof sets);
  return gkt_fail_at(form->scope->ctx, GKT_BAD_INPUT, form->file, form->key, in->marks[k], in->names[k], "the mesh has no set of this name%s%s%s (%s)",
                     near.nearest ? "; did you mean '" : "", near.nearest ? near.nearest : "", near.nearest ? "'?" : "", sets);
}

static gkt_status wrong_dimension(const gkt_form *form, const gkt_integral *in, int k, const gkt_mesh *mesh, const gkt_mesh_set *set) {
  char sets[800];
  list_sets(mesh, in->measure, sets, sizeof sets);
  return gkt_fail_at(form->scope->ctx, GKT_BAD_INPUT, form->file, form->key, in->marks[k], in->names[k], "this set consists of %s, but %s %s over %s (%s)",
                     kind_of(set, gkt_mesh_dim(mesh)), measures[in->measure], in->measure == GKT_MEASURE_DP ? "sums" : "integrates", kind_under(in->measure), sets);
}

gkt_status gkt_groups_find_set(const gkt_form *form, const gkt_integral *in, int k, const gkt_mesh *mesh, const gkt_mesh_set **out) {
  *out = in->measure == GKT_MEASURE_DP ? gkt_mesh_find_set_of_dim(mesh, in->names[k], GKT_PLACES) : NULL;
  if (!*out) *out = gkt_mesh_find_set_of_dim(mesh, in->names[k], dim_of(in->measure, gkt_mesh_dim(mesh)));
  if (*out) return GKT_OK;
  const gkt_mesh_set *other = gkt_mesh_find_set(mesh, in->names[k]);
  const char *why = gkt_mesh_why_absent(mesh, in->names[k], other ? dim_of(in->measure, gkt_mesh_dim(mesh)) : -1);
  if (why) return gkt_fail_at(form->scope->ctx, GKT_BAD_INPUT, form->file, form->key, in->marks[k], in->names[k], "the mesh file has a group of this name, but %s", why);
  return other ? wrong_dimension(form, in, k, mesh, other) : unknown_name(form, in, k, mesh);
}

/* Nodes inside curved lines are no facets, though the mesh numbers them among them. */
static gkt_status outer_only(const gkt_form *form, const gkt_integral *in, int k, const gkt_mesh *mesh, const gkt_mesh_set *set) {
  gkt_idx inner = 0, inside = 0;
  for (gkt_idx i = 0; i < set->count; i++) {
    const gkt_facet *f = &gkt_mesh_facets(mesh)[set->entities[i]];
    inner += f->cell[1] >= 0, inside += f->cell[0] < 0;
  }
  if (!inner && !inside) return GKT_OK;
  return gkt_fail_at(form->scope->ctx, GKT_BAD_INPUT, form->file, form->key, in->marks[k], in->names[k], "%ld of its %ld facets lie %s, but ds integrates over outer facets only",
                     (long)(inner ? inner : inside), (long)set->count, inner ? "between two cells" : "inside a cell");
}

/* in_use[entity] for the union of the named sets. */
static gkt_status mark_sets(const gkt_form *form, const gkt_integral *in, gkt_mesh *mesh, bool *in_use) {
  for (int k = 0; k < in->num_names; k++) {
    const gkt_mesh_set *set;
    GKT_TRY(gkt_groups_find_set(form, in, k, mesh, &set));
    if (in->measure == GKT_MEASURE_DS) GKT_TRY(outer_only(form, in, k, mesh, set));
    for (gkt_idx i = 0; i < set->count; i++) in_use[set->entities[i]] = true;
  }
  return GKT_OK;
}

/* Cells of the block, `out` with room for all. */
static gkt_idx pick_cells(const gkt_cell_block *b, const bool *in_use, gkt_idx *out) {
  gkt_idx n = 0;
  for (gkt_idx c = 0; c < b->num_cells; c++)
    if (in_use[b->first_cell + c]) out[n++] = c;
  return n;
}

static int ascending(const void *a, const void *b) {
  gkt_idx x = *(const gkt_idx *)a, y = *(const gkt_idx *)b;
  return (x > y) - (x < y);
}

static gkt_idx pick_facets(const gkt_mesh *mesh, const gkt_cell_block *b, const bool *in_use, int local, gkt_idx *out) {
  const gkt_facet *facets = gkt_mesh_facets(mesh);
  gkt_idx n = 0, count = gkt_mesh_num_entities(mesh, gkt_mesh_dim(mesh) - 1);
  for (gkt_idx f = 0; f < count; f++) {
    gkt_idx c = facets[f].cell[0] - b->first_cell;
    if (!in_use[f] || facets[f].local[0] != local || c < 0 || c >= b->num_cells) continue;
    if (out) out[n] = c;
    n++;
  }
  if (out) qsort(out, (size_t)n, sizeof *out, ascending);
  return n;
}

static gkt_status cell_group(gkt_context *ctx, const gkt_cell_block *b, const bool *in_use, gkt_group *g) {
  g->facet = -1, g->count = b->num_cells;
  if (!in_use) return GKT_OK;
  GKT_TRY(gkt_alloc(ctx, b->num_cells, sizeof *g->cells, &g->cells));
  g->count = pick_cells(b, in_use, g->cells);
  return GKT_OK;
}

static gkt_status facet_groups(gkt_context *ctx, const gkt_mesh *mesh, const gkt_cell_block *b, const bool *in_use, int *num_groups, gkt_group *groups) {
  for (int local = 0; local < gkt_cell_topologies[b->cell].num_facets; local++) {
    gkt_group *g = &groups[*num_groups];
    g->facet = local;
    g->count = pick_facets(mesh, b, in_use, local, NULL);
    if (!g->count) continue;
    (*num_groups)++;
    GKT_TRY(gkt_alloc(ctx, g->count, sizeof *g->cells, &g->cells));
    pick_facets(mesh, b, in_use, local, g->cells);
  }
  return GKT_OK;
}

gkt_status gkt_groups_create(const gkt_form *form, const gkt_integral *in, gkt_mesh *mesh, int block, int *num_groups, gkt_group **out) {
  gkt_context *ctx = form->scope->ctx;
  const gkt_cell_block *b = gkt_mesh_block(mesh, block);
  bool *in_use = NULL, facets = in->measure == GKT_MEASURE_DS;
  gkt_status status = GKT_OK;
  *num_groups = 0;
  GKT_GO(gkt_calloc(ctx, GKT_MAX_FACETS, sizeof **out, out));
  if (facets || in->num_names) GKT_GO(gkt_mesh_find_facets(mesh));
  if (facets || in->num_names) {
    gkt_idx count = gkt_mesh_num_entities(mesh, dim_of(in->measure, gkt_mesh_dim(mesh)));
    GKT_GO(gkt_calloc(ctx, count, sizeof *in_use, &in_use));
    if (facets && !in->num_names)
      for (gkt_idx f = 0; f < count; f++) in_use[f] = gkt_mesh_facets(mesh)[f].cell[1] < 0;
    GKT_GO(mark_sets(form, in, mesh, in_use));
  }
  if (facets) GKT_GO(facet_groups(ctx, mesh, b, in_use, num_groups, *out));
  else {
    *num_groups = 1;
    GKT_GO(cell_group(ctx, b, in_use, *out));
  }
done:
  gkt_free(&in_use);
  if (status != GKT_OK) gkt_groups_destroy(*num_groups, out);
  return status;
}

gkt_status gkt_groups_cut(gkt_map *m, const gkt_reduce *r) {
  for (int k = 0; k < m->num_groups; k++) {
    gkt_group *g = &m->groups[k];
    gkt_idx at = 0;
    GKT_TRY(gkt_alloc(m->ctx, (gkt_size)r->num_chunks + 1, sizeof *g->begin, &g->begin));
    for (int c = 0; c < r->num_chunks; c++) {
      const gkt_chunk *chunk = &r->chunks[c];
      g->begin[c] = at;
      if (chunk->block != m->block) continue;
      gkt_idx end = chunk->first + chunk->count;
      if (!g->cells) at = end;
      else
        while (at < g->count && g->cells[at] < end) at++;
    }
    g->begin[r->num_chunks] = at;
  }
  return GKT_OK;
}

void gkt_groups_destroy(int num_groups, gkt_group **groups) {
  for (int k = 0; *groups && k < num_groups; k++) {
    gkt_free(&(*groups)[k].cells);
    gkt_free(&(*groups)[k].begin);
  }
  gkt_free(groups);
}
