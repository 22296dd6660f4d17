/* What is known of pairs of spaces: Boffi, Brezzi and Fortin, Mixed Finite Element Methods and Applications, 2013, chapter 8. Continuous p: Taylor and Hood's pairs (triangles and
   tetrahedra: Boffi 1994, 1997; tetrahedra need an inner vertex, else see gkt_pair_find_closed; quadrilaterals and hexahedra: Stenberg 1990), MINI (Arnold, Brezzi and Fortin
   1984), whose one bubble does not do on other cells, where grad p is no constant (Bai 1997). Discontinuous p: flows through facets balance means, functions that vanish on the
   boundary of cells the rest, so triangles, quadrilaterals and hexahedra need two degrees more for u, tetrahedra three, or the bubble of Crouzeix and Raviart (1973), which on
   tetrahedra lacks those of the facets. Of prisms and pyramids only what fails is known here. */
#include "spaces/inf_sup.h"

#include "forms/form.h"
#include "meshes/cell.h"

enum { MOST_DEGREE = 4 };

static bool is_hybrid(gkt_cell_type cell) { return cell == GKT_PRISM || cell == GKT_PYRAMID; }

/* How many degrees more u needs than a discontinuous p. */
static int gap_of(gkt_cell_type cell) { return cell == GKT_LINE ? 1 : cell == GKT_TETRAHEDRON ? 3 : 2; }

/* Where the bubble makes a pair stable; in one dimension P1B is P2. */
static bool is_by_bubble(gkt_element u, gkt_element p, gkt_cell_type cell) {
  bool mini = u.degree == 1 && p.kind == GKT_LAGRANGE && p.degree == 1 && gkt_cell_is_simplex(cell);
  bool crouzeix_raviart = u.degree == 2 && p.kind == GKT_DISCONTINUOUS_LAGRANGE && p.degree == 1 && cell == GKT_TRIANGLE;
  return mini || crouzeix_raviart || (cell == GKT_LINE && p.degree <= 1);
}

gkt_pair gkt_pair_judge(gkt_element u, gkt_element p, gkt_cell_type cell) {
  int gap = u.degree - p.degree;
  if (u.kind != GKT_LAGRANGE && u.kind != GKT_BUBBLE) return GKT_PAIR_UNKNOWN;
  if (p.kind == GKT_REAL) return GKT_PAIR_STABLE;
  if (p.kind != GKT_LAGRANGE && p.kind != GKT_DISCONTINUOUS_LAGRANGE) return GKT_PAIR_UNKNOWN;
  if (u.kind == GKT_BUBBLE && is_by_bubble(u, p, cell)) return GKT_PAIR_STABLE;
  if (gap < (p.kind == GKT_LAGRANGE ? 1 : gap_of(cell))) return GKT_PAIR_UNSTABLE;
  return is_hybrid(cell) ? GKT_PAIR_UNKNOWN : GKT_PAIR_STABLE;
}

/* ---- on a mesh ---- */
/* The first cell that it is unstable on; -1: none. */
static int find_unstable(const gkt_mesh *mesh, gkt_element u, gkt_element p) {
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++)
    if (gkt_mesh_block(mesh, b)->num_cells > 0 && gkt_pair_judge(u, p, gkt_mesh_block(mesh, b)->cell) == GKT_PAIR_UNSTABLE) return (int)gkt_mesh_block(mesh, b)->cell;
  return -1;
}

static int most_degree(const gkt_mesh *mesh) {
  int most = MOST_DEGREE;
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++)
    if (is_hybrid(gkt_mesh_block(mesh, b)->cell)) most = 2;
  return most;
}

typedef struct {
  int count;
  gkt_element list[4][2];
} suggestions;

static void suggest(const gkt_mesh *mesh, gkt_element u, gkt_element p, suggestions *s) {
  for (int i = 0; i < s->count; i++)
    if (s->list[i][0].kind == u.kind && s->list[i][0].degree == u.degree && s->list[i][1].kind == p.kind && s->list[i][1].degree == p.degree) return;
  if (find_unstable(mesh, u, p) < 0) s->list[s->count][0] = u, s->list[s->count++][1] = p;
}

/* The lowest u for this p, without and with a bubble; the highest p for this u, continuous and not. */
static void find_suggestions(const gkt_mesh *mesh, gkt_element u, gkt_element p, suggestions *s) {
  int most = most_degree(mesh), lowest = 1;
  while (lowest <= most && find_unstable(mesh, (gkt_element){GKT_LAGRANGE, lowest}, p) >= 0) lowest++;
  if (lowest <= most) suggest(mesh, (gkt_element){GKT_LAGRANGE, lowest}, p, s);
  for (int k = 1; k < lowest && k <= 2; k++) suggest(mesh, (gkt_element){GKT_BUBBLE, k}, p, s);
  for (int k = u.degree, before = s->count; k >= 1 && s->count == before; k--) suggest(mesh, u, (gkt_element){GKT_LAGRANGE, k}, s);
  for (int k = u.degree, before = s->count; k >= 0 && s->count == before; k--) suggest(mesh, u, (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, k}, s);
}

static void print_suggestions(const suggestions *s, gkt_text *out) {
  char u[16], p[16];
  for (int i = 0; i < s->count; i++) {
    gkt_element_name(s->list[i][0], u, sizeof u);
    gkt_element_name(s->list[i][1], p, sizeof p);
    gkt_text_printf(out, "%s%s with %s", i == 0 ? "; expected " : i + 1 < s->count ? ", " : ", or ", u, p);
  }
}

gkt_status gkt_pair_describe(const gkt_space *u, const char *u_name, const gkt_space *p, const char *p_name, gkt_text *out) {
  int cell = find_unstable(u->mesh, u->element, p->element);
  suggestions s = {0};
  char of_u[16], of_p[16];
  if (cell < 0) return GKT_OK;
  gkt_element_name(u->element, of_u, sizeof of_u);
  gkt_element_name(p->element, of_p, sizeof of_p);
  find_suggestions(u->mesh, u->element, p->element, &s);
  gkt_text_printf(out, "%s in %s and %s in %s are not inf-sup stable on %s: %s may oscillate", u_name, of_u, p_name, of_p, gkt_cell_topologies[cell].plural, p_name);
  print_suggestions(&s, out);
  return out->status;
}

/* ---- closed cells ---- */
static bool is_closed(const gkt_space *u, const bool *fixed, int block, gkt_idx cell) {
  int n = u->bases[block].size;
  const gkt_idx *nodes = u->cell_nodes[block] + (gkt_size)cell * n;
  for (int i = 0; i < n; i++)
    for (int c = 0; c < u->block_size; c++)
      if (!fixed[(gkt_size)nodes[i] * u->block_size + c]) return false;
  return true;
}

gkt_status gkt_pair_find_closed(const gkt_space *u, const bool *fixed, const gkt_space *p, gkt_idx *count, gkt_idx *first) {
  bool *open;
  GKT_TRY(gkt_calloc(u->ctx, p->num_nodes, sizeof *open, &open));
  for (int b = 0; b < u->num_blocks; b++) {
    int n = p->bases[b].size;
    for (gkt_idx e = 0; e < gkt_mesh_block(u->mesh, b)->num_cells; e++)
      for (int i = 0; i < n && !is_closed(u, fixed, b, e); i++) open[p->cell_nodes[b][(gkt_size)e * n + i]] = true;
  }
  *count = 0;
  for (gkt_idx i = 0; i < p->num_nodes; i++)
    if (!open[i] && (*count)++ == 0) *first = i;
  gkt_free(&open);
  return GKT_OK;
}
