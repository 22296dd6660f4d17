/* Names for what a mesh or CAD file does not name: by entity tags, by a condition in x, or by coordinates. */
#include <string.h>

#include "meshes/mesh.h"
#include "problem/not_finite.h"

/* coords [num][dim]: points of space where a condition is evaluated */
static gkt_status holds_at(gkt_problem *p, const gkt_source *source, const gkt_expression *where, gkt_size num, const double *coords, gkt_scalar *out) {
  gkt_text what = {.ctx = p->ctx};
  gkt_status status;
  GKT_TRY(gkt_evaluate_at(where, p->dim, &p->inputs, num, coords, out));
  GKT_GO(gkt_problem_check_points(p, where, num, coords, out, &what));
  if (what.length) status = gkt_problem_refuse_text(p, GKT_BAD_INPUT, source, "%s; expected a condition that holds or does not", what.data);
done:
  gkt_text_free(&what);
  return status;
}

/* Outer facets all of whose vertices satisfy the condition. */
static gkt_status facets_where(gkt_problem *p, const gkt_source *source, const gkt_expression *where, gkt_idx *list, gkt_idx *count) {
  gkt_idx num_nodes = gkt_mesh_num_nodes(p->mesh), num = gkt_mesh_num_entities(p->mesh, p->dim - 1);
  const gkt_facet *facets = gkt_mesh_facets(p->mesh);
  gkt_scalar *holds = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(p->ctx, num_nodes, sizeof *holds, &holds));
  GKT_GO(holds_at(p, source, where, num_nodes, gkt_mesh_coords(p->mesh), holds));
  for (gkt_idx f = 0; f < num; f++) {
    bool all = true;
    gkt_idx vertices[4];
    if (!gkt_facet_is_outer(&facets[f])) continue;
    int n = gkt_mesh_facet_ring(p->mesh, f, vertices);
    for (int v = 0; v < n; v++) all = all && holds[vertices[v]] != 0;
    if (all) list[(*count)++] = f;
  }
done:
  gkt_free(&holds);
  return status;
}

/* Where the reference cell's centroid is mapped to by its vertices. */
static void centroids(const gkt_mesh *mesh, double *out) {
  int dim = gkt_mesh_dim(mesh);
  const double *x = gkt_mesh_coords(mesh);
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) {
    const gkt_cell_block *block = gkt_mesh_block(mesh, b);
    double xi[3], share[8];
    gkt_lagrange_nodes(block->cell, 0, xi);
    gkt_lagrange_values(block->cell, 1, xi, share);
    for (gkt_idx c = 0; c < block->num_cells; c++)
      for (int d = 0; d < dim; d++) {
        double sum = 0;
        for (int v = 0; v < gkt_cell_topologies[block->cell].num_vertices; v++) sum += share[v] * x[(gkt_size)block->nodes[(gkt_size)c * block->nodes_per_cell + v] * dim + d];
        out[((gkt_size)block->first_cell + c) * dim + d] = sum;
      }
  }
}

static gkt_status cells_where(gkt_problem *p, const gkt_source *source, const gkt_expression *where, gkt_idx *list, gkt_idx *count) {
  gkt_idx num = gkt_mesh_num_cells(p->mesh);
  double *x = NULL;
  gkt_scalar *holds = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(p->ctx, (gkt_size)num * p->dim, sizeof *x, &x));
  GKT_GO(gkt_alloc(p->ctx, num, sizeof *holds, &holds));
  centroids(p->mesh, x);
  GKT_GO(holds_at(p, source, where, num, x, holds));
  for (gkt_idx c = 0; c < num; c++)
    if (holds[c] != 0) list[(*count)++] = c;
done:
  gkt_free(&x);
  gkt_free(&holds);
  return status;
}

static gkt_status add_where(gkt_problem *p, const gkt_region_settings *r, const gkt_expression *where) {
  int dim = r->where_cells ? p->dim : p->dim - 1;
  gkt_idx *list = NULL, count = 0;
  gkt_status status;
  GKT_GO(gkt_alloc(p->ctx, gkt_mesh_num_entities(p->mesh, dim), sizeof *list, &list));
  GKT_GO((r->where_cells ? cells_where : facets_where)(p, &r->where, where, list, &count));
  if (!count) {
    status = gkt_problem_refuse_text(p, GKT_BAD_INPUT, &r->where, "holds nowhere; expected at least one %s",
                                     r->where_cells ? "cell whose centroid satisfies it" : "facet of the outer boundary all of whose corners satisfy it");
    goto done;
  }
  GKT_GO(gkt_mesh_add_set(p->mesh, r->name.text, dim, count, list));
done:
  gkt_free(&list);
  return status;
}

/* As they are given: what uses them says whether nodes or cells are wanted there. */
static gkt_status add_places(gkt_problem *p, const gkt_region_settings *r) {
  double *x = NULL;
  gkt_status status;
  if (r->num_at != p->dim) return gkt_problem_refuse_key(p, GKT_BAD_INPUT, r->name.at, "at", "%d coordinates; expected %d, as the mesh has", r->num_at, p->dim);
  GKT_GO(gkt_alloc(p->ctx, (gkt_size)r->num_places * p->dim, sizeof *x, &x));
  for (gkt_size i = 0; i < r->num_places; i++) memcpy(x + i * p->dim, r->places[i], (size_t)p->dim * sizeof *x);
  status = gkt_problem_place(p, gkt_mesh_add_places(p->mesh, r->name.text, r->num_places, x), &r->name);
done:
  gkt_free(&x);
  return status;
}

gkt_status gkt_problem_add_regions(gkt_problem *p) {
  for (int i = 0; i < p->settings->num_regions; i++) {
    const gkt_region_settings *r = &p->settings->regions[i];
    if (gkt_mesh_find_set(p->mesh, r->name.text)) return gkt_problem_refuse(p, GKT_BAD_INPUT, &r->name, "the mesh has this name already; expected another");
    if (r->where.text) GKT_TRY(add_where(p, r, p->region_wheres[i]));
    else if (r->places) GKT_TRY(add_places(p, r));
    else GKT_TRY(gkt_problem_place(p, gkt_mesh_add_set_from_tags(p->mesh, r->name.text, r->dim, r->num_tags, r->tags), &r->name));
  }
  return GKT_OK;
}
