/* Filters of values at nodes of some sets. */
#include <stdlib.h>

#include "adjoint/filter.h"
#include "forms/form.h"
#include "meshes/mesh.h"

static gkt_status check_set(const gkt_filter *f, const gkt_mesh_set *set, int dim) {
  const char *expected = f->dim == 1 ? "sets of cells" : "sets of facets, or sets of cells";
  if (set->dim == GKT_PLACES) return gkt_fail(f->ctx, GKT_BAD_INPUT, "filter: '%s' is of places, on which nothing is smoothed; expected %s", set->name, expected);
  if (set->dim < 1 || set->dim < f->dim - 1 || set->dim != dim)
    return gkt_fail(f->ctx, GKT_BAD_INPUT, "filter: values on '%s', which is of dimension %d, are not filtered; expected %s alone", set->name, set->dim, expected);
  return set->dim < f->dim ? gkt_mesh_check_outer(gkt_space_mesh(f->space), set) : GKT_OK;
}

/* All of one dimension, in which there are lengths. */
static gkt_status find_sets(const gkt_filter *f, int num_sets, const char *const *names, const gkt_mesh_set **out) {
  for (int k = 0; k < num_sets; k++) {
    if (!names[k]) return gkt_fail(f->ctx, GKT_BAD_ARGUMENT, "filter: set %d has no name", k);
    out[k] = gkt_mesh_find_set(gkt_space_mesh(f->space), names[k]);
    if (!out[k]) return gkt_fail(f->ctx, GKT_BAD_INPUT, "filter: there is no set '%s' in the mesh", names[k]);
    GKT_TRY(check_set(f, out[k], out[0]->dim));
  }
  return GKT_OK;
}

static gkt_status mark(const gkt_filter *f, const gkt_mesh_set *set, bool *marked) {
  gkt_idx *nodes = NULL, count = 0;
  GKT_TRY(gkt_space_nodes_on(f->space, set, &count, &nodes));
  for (gkt_idx k = 0; k < count; k++) marked[nodes[k]] = true;
  free(nodes);
  return GKT_OK;
}

static gkt_status find_places(gkt_filter *f, int num_sets, const gkt_mesh_set *const *sets) {
  const int components = gkt_space_block_size(f->space);
  const gkt_idx nodes = gkt_space_num_nodes(f->space);
  bool *marked = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(f->ctx, nodes, sizeof *marked, &marked));
  for (int k = 0; k < num_sets; k++) GKT_GO(mark(f, sets[k], marked));
  f->n = 0;
  for (gkt_idx i = 0; i < nodes; i++) f->n += marked[i] ? components : 0;
  if (f->n == 0) GKT_GO(gkt_fail(f->ctx, GKT_BAD_INPUT, "filter: set '%s' is empty", sets[0]->name));
  GKT_GO(gkt_alloc(f->ctx, f->n, sizeof *f->places, &f->places));
  gkt_idx n = 0;
  for (gkt_idx i = 0; i < nodes * components; i++)
    if (marked[i / components]) f->places[n++] = i;
done:
  gkt_free(&marked);
  return status;
}

static void print_measure(const char *measure, int num_sets, const gkt_mesh_set *const *sets, gkt_text *out) {
  for (int k = 0; k < num_sets; k++) gkt_text_printf(out, "%s'%s'", k ? ", " : measure, sets[k]->name);
  gkt_text_printf(out, ")");
}

static gkt_status check(const gkt_filter *f, int num_sets) {
  const gkt_element e = gkt_space_element(f->space);
  char words[32];
  gkt_element_name(e, words, sizeof words);
  if (e.kind != GKT_LAGRANGE || e.degree != 1) return gkt_fail(f->ctx, GKT_BAD_INPUT, "values on sets are filtered in P1 alone, these are in %s", words);
  if (f->kind != GKT_FILTER_HELMHOLTZ) return gkt_fail(f->ctx, GKT_BAD_INPUT, "values on sets are filtered by helmholtz alone, not by this kind (%d)", (int)f->kind);
  return num_sets > 0 ? GKT_OK : gkt_fail(f->ctx, GKT_BAD_ARGUMENT, "filter: no set is named");
}

gkt_status gkt_filter_build_on(gkt_filter *f, int num_sets, const char *const *names) {
  const gkt_mesh_set **sets = NULL;
  gkt_text measure = {.ctx = f->ctx};
  gkt_status status;
  GKT_TRY(check(f, num_sets));
  GKT_GO(gkt_alloc(f->ctx, num_sets, sizeof *sets, &sets));
  GKT_GO(find_sets(f, num_sets, names, sets));
  const bool by_facets = sets[0]->dim < f->dim;
  GKT_GO(find_places(f, num_sets, sets));
  print_measure(by_facets ? "ds(" : "dx(", num_sets, sets, &measure);
  GKT_GO(measure.status);
  GKT_GO(gkt_alloc(f->ctx, f->n, sizeof *f->volumes, &f->volumes));
  gkt_boundary_values v = {f->ctx, gkt_space_mesh(f->space), measure.data, gkt_space_block_size(f->space), f->n, f->places, f->volumes};
  GKT_GO(gkt_boundary_measure(&v, gkt_space_num_nodes(f->space), f->volumes));
  GKT_GO(gkt_boundary_filter_create(&v, by_facets ? "the facets" : "the cells", sets[0]->dim, f->radius, &f->on_sets));
done:
  gkt_text_free(&measure);
  gkt_free(&sets);
  return status;
}
