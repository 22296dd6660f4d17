/* A mesh as a file that Gmsh and the reader take back: MSH 2.2, in text, which repeats an element for each of the groups that it is in. */
#include <string.h>

#include "meshes/cell.h"
#include "meshes/msh.h"

typedef struct {
  const gkt_mesh *m;
  FILE *f;                 /* NULL: elements are counted */
  long long count;         /* of elements so far */
  int group;               /* physical tag; 0: none */
  const bool *has_a_group; /* [num_cells] */
} writer;

/* `boundary` comes with every mesh; places are no entities. */
static bool is_written(const gkt_mesh *m, const gkt_mesh_set *set) {
  const bool is_built_in = !m->has_own_boundary && set->dim == m->dim - 1 && !strcmp(set->name, "boundary");
  return set->entities && !is_built_in;
}

static int gmsh_type(gkt_cell_type cell) {
  for (int i = 0; i < GKT_MSH_TYPES; i++)
    if (gkt_msh_types[i].cell == cell && gkt_msh_types[i].order == 1) return gkt_msh_types[i].gmsh;
  return 0;
}

static void write_element(writer *w, int type, int num_nodes, const gkt_idx *nodes) {
  w->count++;
  if (!w->f) return;
  fprintf(w->f, "%lld %d 2 %d 1", w->count, type, w->group);
  for (int i = 0; i < num_nodes; i++) fprintf(w->f, " %d", nodes[i] + 1);
  fprintf(w->f, "\n");
}

static const gkt_cell_block *find_block(const gkt_mesh *m, gkt_idx *cell) {
  const gkt_cell_block *block = m->blocks;
  while (*cell >= block->num_cells) *cell -= block++->num_cells;
  return block;
}

static void write_cell(writer *w, gkt_idx cell) {
  const gkt_cell_block *block = find_block(w->m, &cell);
  write_element(w, gmsh_type(block->cell), block->nodes_per_cell, block->nodes + (gkt_size)cell * block->nodes_per_cell);
}

/* Around it, outwards of its first cell. */
static void write_facet(writer *w, gkt_idx number) {
  const gkt_facet *facet = &gkt_mesh_facets(w->m)[number];
  gkt_idx cell = facet->cell[0], nodes[4];
  const gkt_cell_block *block = find_block(w->m, &cell);
  const gkt_cell_topology *t = &gkt_cell_topologies[block->cell];
  const int n = gkt_cell_facet_vertices(t, facet->local[0]);
  for (int i = 0; i < n; i++) nodes[i] = block->nodes[(gkt_size)cell * block->nodes_per_cell + t->facets[facet->local[0]][i]];
  write_element(w, gmsh_type(gkt_cell_facet_type(t, facet->local[0])), n, nodes);
}

static void write_entity(writer *w, int dim, gkt_idx number) {
  if (dim == w->m->dim) write_cell(w, number);
  else if (dim == 0) write_element(w, gmsh_type(GKT_POINT_CELL), 1, &number);
  else if (dim == w->m->dim - 1) write_facet(w, number);
  else write_element(w, gmsh_type(GKT_LINE), 2, gkt_mesh_entity_vertices(w->m, 1) + 2 * (gkt_size)number);
}

static void write_elements(writer *w) {
  const gkt_mesh *m = w->m;
  w->count = 0;
  for (int s = 0; s < m->num_sets; s++) {
    const gkt_mesh_set *set = m->sets[s];
    w->group = s + 1;
    for (gkt_idx i = 0; is_written(m, set) && i < set->count; i++) write_entity(w, set->dim, set->entities[i]);
  }
  w->group = 0;
  for (gkt_idx c = 0; c < m->num_cells; c++)
    if (!w->has_a_group[c]) write_cell(w, c);
}

static void write_names(const gkt_mesh *m, FILE *f) {
  int count = 0;
  for (int s = 0; s < m->num_sets; s++) count += is_written(m, m->sets[s]);
  if (count) fprintf(f, "$PhysicalNames\n%d\n", count);
  for (int s = 0; s < m->num_sets; s++)
    if (is_written(m, m->sets[s])) fprintf(f, "%d %d \"%s\"\n", m->sets[s]->dim, s + 1, m->sets[s]->name);
  if (count) fprintf(f, "$EndPhysicalNames\n");
}

static void write_nodes(const gkt_mesh *m, FILE *f) {
  fprintf(f, "$Nodes\n%d\n", m->num_nodes);
  for (gkt_idx i = 0; i < m->num_nodes; i++) {
    double x[3] = {0, 0, 0};
    for (int d = 0; d < m->dim; d++) x[d] = m->coords[(gkt_size)i * m->dim + d];
    fprintf(f, "%d %.17g %.17g %.17g\n", i + 1, x[0], x[1], x[2]);
  }
  fprintf(f, "$EndNodes\n");
}

/* Numbers as in the C locale. */
static void write_all(const gkt_mesh *m, const bool *has_a_group, FILE *f) {
  writer w = {.m = m, .has_a_group = has_a_group};
  const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), before = c ? uselocale(c) : (locale_t)0;
  fprintf(f, "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n");
  write_names(m, f);
  write_nodes(m, f);
  write_elements(&w);
  fprintf(f, "$Elements\n%lld\n", w.count);
  w.f = f;
  write_elements(&w);
  fprintf(f, "$EndElements\n");
  if (c) (void)uselocale(before), freelocale(c);
}

static gkt_status check(const gkt_mesh *m) {
  if (m->blocks[0].order > 1) return gkt_fail(m->ctx, GKT_UNAVAILABLE, "writing MSH files of cells of order 2 is not available yet; expected order 1");
  for (int s = 0; s < m->num_sets; s++)
    if (is_written(m, m->sets[s]) && strpbrk(m->sets[s]->name, "\"\n"))
      return gkt_fail(m->ctx, GKT_BAD_INPUT, "the name of set '%s' cannot stand in an MSH file; expected one without quotes and line ends", m->sets[s]->name);
  return GKT_OK;
}

gkt_status gkt_mesh_write(gkt_mesh *m, const char *path) {
  bool *has_a_group = NULL;
  gkt_output *out = NULL;
  gkt_status status;
  GKT_TRY(check(m));
  GKT_TRY(gkt_mesh_topology(m));
  GKT_GO(gkt_calloc(m->ctx, m->num_cells, sizeof *has_a_group, &has_a_group));
  for (int s = 0; s < m->num_sets; s++)
    for (gkt_idx i = 0; m->sets[s]->dim == m->dim && i < m->sets[s]->count; i++) has_a_group[m->sets[s]->entities[i]] = true;
  GKT_GO(gkt_output_open(m->ctx, path, &out));
  write_all(m, has_a_group, gkt_output_stream(out));
  GKT_GO(gkt_output_commit(&out));
done:
  gkt_output_discard(&out);
  gkt_free(&has_a_group);
  return status;
}
