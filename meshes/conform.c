/* Facets must meet one to one. Where they do not, both sides are outer facets, and a vertex of the finer side hangs inside an edge or facet of the coarser one; since the finer
   side also holds the vertices of the coarser facet, some such vertex shares an outer facet with one of them. So only neighbours along the outer facets are compared.
   Without a hanging vertex two sides can still differ in the diagonals that they cut a quadrilateral along, or in whether they cut it. */
#include <math.h>

#include "meshes/mesh.h"

typedef struct {
  const gkt_mesh *mesh;
  const gkt_mesh_labels *labels;
  gkt_idx num_outer;
  const gkt_idx *outer;    /* [num_outer] */
  gkt_idx *start, *around; /* outer facets around node v: around[start[v]] .. around[start[v + 1] - 1] */
} surface;

static gkt_status list_around(surface *s) {
  const gkt_mesh *m = s->mesh;
  gkt_idx ring[4], count = 0;
  GKT_TRY(gkt_calloc(m->ctx, (gkt_size)m->num_nodes + 2, sizeof *s->start, &s->start));
  for (gkt_idx i = 0; i < s->num_outer; i++) {
    int n = gkt_mesh_facet_ring(m, s->outer[i], ring);
    for (int j = 0; j < n; j++) s->start[ring[j] + 2]++, count++;
  }
  for (gkt_idx v = 0; v < m->num_nodes; v++) s->start[v + 2] += s->start[v + 1];
  GKT_TRY(gkt_alloc(m->ctx, count, sizeof *s->around, &s->around));
  for (gkt_idx i = 0; i < s->num_outer; i++) {
    int n = gkt_mesh_facet_ring(m, s->outer[i], ring);
    for (int j = 0; j < n; j++) s->around[s->start[ring[j] + 1]++] = s->outer[i];
  }
  return GKT_OK;
}

static gkt_status refuse_hanging(const surface *s, gkt_idx facet, gkt_idx node, bool on_edge) {
  const gkt_mesh *m = s->mesh;
  const double *x = m->coords + (gkt_size)m->dim * node;
  char text[GKT_LABEL], cell[GKT_LABEL], z[40] = "";
  gkt_label_node(s->labels, node, text);
  gkt_label_cell(s->labels, m->facets[facet].cell[0], cell);
  if (m->dim == 3) snprintf(z, sizeof z, ", %.9g", x[2]);
  return gkt_mesh_refuse(m, s->labels, "%s at (%.9g, %.9g%s) hangs on %s of %s, which does not have it; expected a conforming mesh", text, x[0], x[1], z,
                         on_edge ? "an edge" : "a facet", cell);
}

static bool is_among(int n, const gkt_idx *list, gkt_idx node) {
  for (int i = 0; i < n; i++)
    if (list[i] == node) return true;
  return false;
}

/* Two triangles that share an edge and lie on each other, each with a third vertex of its own: a square cut along one diagonal here and along the other there. Third vertices
   in one place are a crack. */
static bool is_folded_onto(const gkt_mesh *m, const gkt_idx ring[3], const gkt_idx other[3]) {
  const double *a = NULL, *b = NULL, *c = NULL, *d = NULL, near = 1e-6;
  double u[3], v[3], w[3], uu = 0, uv = 0, uw = 0, vv = 0, vw = 0, ww = 0, distance = 0;
  for (int i = 0; i < 3; i++) {
    const double *x = m->coords + 3 * (gkt_size)ring[i], *y = m->coords + 3 * (gkt_size)other[i];
    if (!is_among(3, other, ring[i])) c = x;
    else if (!a) a = x;
    else b = x;
    if (!is_among(3, ring, other[i])) d = y;
  }
  if (!b || !c || !d) return false;
  for (int i = 0; i < 3; i++) {
    u[i] = b[i] - a[i], v[i] = c[i] - a[i], w[i] = d[i] - a[i];
    uu += u[i] * u[i], uv += u[i] * v[i], uw += u[i] * w[i];
    distance += (c[i] - d[i]) * (c[i] - d[i]);
  }
  for (int i = 0; i < 3; i++) { /* across the edge */
    v[i] -= uv / uu * u[i], w[i] -= uw / uu * u[i];
    vv += v[i] * v[i], vw += v[i] * w[i], ww += w[i] * w[i];
  }
  return vw > 0 && vv * ww - vw * vw <= near * near * vv * ww && distance > near * near * uu;
}

static gkt_status refuse_overlap(const surface *s, gkt_idx facet, gkt_idx other, bool on_edge) {
  char a[GKT_LABEL], b[GKT_LABEL];
  gkt_label_cell(s->labels, s->mesh->facets[facet].cell[0], a);
  (void)on_edge;
  gkt_label_cell(s->labels, s->mesh->facets[other].cell[0], b);
  return gkt_mesh_refuse(s->mesh, s->labels, "%s and %s have triangles that lie on each other and share an edge only; expected a conforming mesh", a, b);
}

/* What an outer facet does not agree with; the first of these is refused. */
typedef bool disagreement(const surface *, gkt_idx facet, gkt_idx *with, bool *on_edge);

static bool finds_overlap(const surface *s, gkt_idx facet, gkt_idx *other, bool *on_edge) {
  gkt_idx ring[4], ring2[4];
  int n = gkt_mesh_facet_ring(s->mesh, facet, ring);
  *on_edge = false;
  for (int i = 0; i < n && n == 3; i++)
    for (gkt_idx k = s->start[ring[i]]; k < s->start[ring[i] + 1]; k++) {
      *other = s->around[k];
      if (gkt_mesh_facet_ring(s->mesh, *other, ring2) == 3 && is_folded_onto(s->mesh, ring, ring2)) return true;
    }
  return false;
}

/* A vertex of the facets around the facet's own vertices. */
static bool finds_hanging(const surface *s, gkt_idx facet, gkt_idx *node, bool *on_edge) {
  gkt_idx ring[4], other[4];
  int n = gkt_mesh_facet_ring(s->mesh, facet, ring);
  for (int i = 0; i < n; i++)
    for (gkt_idx k = s->start[ring[i]]; k < s->start[ring[i] + 1]; k++) {
      int count = gkt_mesh_facet_ring(s->mesh, s->around[k], other);
      for (int j = 0; j < count; j++) {
        if (is_among(n, ring, other[j])) continue;
        gkt_facet_place place = gkt_facet_locate(s->mesh, n, ring, s->mesh->coords + (gkt_size)s->mesh->dim * other[j]);
        *node = other[j], *on_edge = place == GKT_ON_EDGE;
        if (place == GKT_ON_EDGE || place == GKT_IN_FACET) return true;
      }
    }
  return false;
}

/* A quadrilateral outer facet and an outer triangle of three of its vertices: two cells that should meet, one of which sees the facet cut in two. */
static bool finds_cut(const surface *s, gkt_idx facet, gkt_idx *triangle, bool *on_edge) {
  gkt_idx ring[4];
  *on_edge = false;
  if (s->mesh->dim < 3 || gkt_mesh_facet_ring(s->mesh, facet, ring) < 4) return false;
  for (int i = 0; i < 4; i++) {
    *triangle = gkt_mesh_entity_find(s->mesh, 2, 3, (gkt_idx[]){ring[i], ring[(i + 1) % 4], ring[(i + 2) % 4]});
    if (*triangle >= 0 && gkt_facet_is_outer(&s->mesh->facets[*triangle])) return true;
  }
  return false;
}

static gkt_status refuse_cut(const surface *s, gkt_idx facet, gkt_idx triangle, bool on_edge) {
  char a[GKT_LABEL], b[GKT_LABEL];
  (void)on_edge;
  gkt_label_cell(s->labels, s->mesh->facets[facet].cell[0], a);
  gkt_label_cell(s->labels, s->mesh->facets[triangle].cell[0], b);
  return gkt_mesh_refuse(s->mesh, s->labels, "%s has a quadrilateral facet where %s has a triangle of three of its vertices; expected a conforming mesh (with pyramids between)", a,
                         b);
}

static gkt_status check_all(const surface *s, disagreement *finds, gkt_status (*refuse)(const surface *, gkt_idx, gkt_idx, bool)) {
  gkt_idx bad = INT32_MAX, with;
  bool on_edge;
  int threads = gkt_threads_for(s->mesh->ctx, 100 * (gkt_size)s->num_outer);
#pragma omp parallel for num_threads(threads) schedule(dynamic, 256) reduction(min : bad) private(with, on_edge)
  for (gkt_idx i = 0; i < s->num_outer; i++)
    if (i < bad && finds(s, s->outer[i], &with, &on_edge)) bad = i;
  if (bad == INT32_MAX) return GKT_OK;
  finds(s, s->outer[bad], &with, &on_edge);
  return refuse(s, s->outer[bad], with, on_edge);
}

/* With geometry of order 2 the node that hangs may be known to both sides: inside an edge or facet of one, a vertex of the other. */
static gkt_status check_kinds(const surface *s) {
  const gkt_mesh *m = s->mesh;
  bool *is_vertex = NULL;
  gkt_status status = GKT_OK;
  if (m->blocks[0].order < 2) return GKT_OK;
  GKT_TRY(gkt_calloc(m->ctx, m->num_nodes, sizeof *is_vertex, &is_vertex));
  for (int pass = 0; pass < 2; pass++)
    for (int b = 0; b < m->num_blocks; b++) {
      const gkt_cell_block *k = &m->blocks[b];
      int vertices = gkt_cell_topologies[k->cell].num_vertices;
      for (gkt_size i = 0; i < (gkt_size)k->num_cells * k->nodes_per_cell; i++) {
        bool vertex = i % k->nodes_per_cell < vertices;
        if (pass == 0 && vertex) is_vertex[k->nodes[i]] = true;
        if (pass == 0 || vertex || !is_vertex[k->nodes[i]]) continue;
        char node[GKT_LABEL], cell[GKT_LABEL];
        gkt_label_node(s->labels, k->nodes[i], node);
        gkt_label_cell(s->labels, k->first_cell + (gkt_idx)(i / k->nodes_per_cell), cell);
        GKT_GO(gkt_mesh_refuse(m, s->labels, "%s lies inside an edge, a facet or the whole of %s and is a vertex of another cell; expected a conforming mesh", node, cell));
      }
    }
done:
  gkt_free(&is_vertex);
  return status;
}

gkt_status gkt_mesh_check_conforming(const gkt_mesh *m, const gkt_mesh_labels *labels, gkt_idx num_outer, const gkt_idx *outer) {
  surface s = {.mesh = m, .labels = labels, .num_outer = num_outer, .outer = outer};
  gkt_status status;
  GKT_GO(check_kinds(&s));
  if (m->dim == 1) return GKT_OK;
  GKT_GO(list_around(&s));
  GKT_GO(check_all(&s, finds_cut, refuse_cut));
  GKT_GO(check_all(&s, finds_hanging, refuse_hanging));
  GKT_GO(check_all(&s, finds_overlap, refuse_overlap));
  GKT_GO(gkt_mesh_check_touching(m, labels, s.num_outer, s.outer));
done:
  gkt_free(&s.start);
  gkt_free(&s.around);
  return status;
}
