/* Squares: a sum over products of atoms m_k and their matrices, z'Gz = sum_k m_k z'G_k z, is y'Ly for y = (sqrt(m_a) z_i) and is not negative if L is positive semidefinite (a sum
   of squares; Parrilo 2003). What y needs shows on the diagonals: m_a where G_a has a positive entry (i, i), if m_a is not negative by the signs of its atoms and its even powers.
   An entry m_k z_i z_j belongs to the y with m_a m_b = m_k^2. There may be several: three choices are tried, the pair with the lower product at the lower i, the reverse, and equal
   shares. So (w . grad u + u)^2, (u . n)^2, u^2/x + x |grad u|^2 + 2 u du/dx are seen. Normals have length one: products with fewer are multiplied by n . n. */
#include <math.h>
#include <string.h>

#include "forms/facts.h"

enum { MAX_BASIS = 96, MAX_FACTORS = 32, NUM_CHOICES = 3 };

typedef struct {
  int slot, part;
} square;
typedef struct {
  const gkt_facts_query *q;
  int size, num_parts;
  const gkt_facts_part *parts;
  int num_squares;
  square squares[MAX_BASIS];
  double *L, *work, *diagonal; /* [num_squares][num_squares] twice, [num_squares] */
} gram;

/* ---- products ---- */
typedef struct {
  gkt_node base;
  int power;
} factor;
typedef struct {
  int count;
  factor list[MAX_FACTORS];
} factors;

/* *= m^power; 1/a is a^-1 */
static void multiply(const gkt_graph *g, factors *f, const gkt_monomial *m, int power) {
  for (int i = 0; i < m->num_atoms; i++) {
    const gkt_node_data *data = gkt_graph_get(g, m->atoms[i]);
    bool inverse = data->op == GKT_OP_DIV && data->a == GKT_ONE;
    gkt_node base = inverse ? data->b : m->atoms[i];
    int k = 0;
    while (k < f->count && f->list[k].base != base) k++;
    if (k == f->count) f->list[f->count++] = (factor){base, 0};
    f->list[k].power += inverse ? -power : power;
  }
}

static bool is_not_negative(const gkt_facts_query *q, const gkt_monomial *m) {
  factors f = {0};
  int below = 0;
  multiply(q->graph, &f, m, 1);
  for (int i = 0; i < f.count; i++) {
    gkt_interval r = gkt_facts_atom_range(q, f.list[i].base);
    if (f.list[i].power % 2 == 0 || r.low >= 0) continue;
    if (r.high > 0) return false;
    below++;
  }
  return below % 2 == 0;
}

static bool is_pair(const gram *s, int a, int b, int part) { /* m_a m_b = m_k^2 */
  factors f = {0};
  multiply(s->q->graph, &f, &s->parts[s->squares[a].part].monomial, 1);
  multiply(s->q->graph, &f, &s->parts[s->squares[b].part].monomial, 1);
  multiply(s->q->graph, &f, &s->parts[part].monomial, -2);
  for (int i = 0; i < f.count; i++)
    if (f.list[i].power != 0) return false;
  return true;
}

/* ---- L ---- */
static bool find_squares(gram *s) {
  for (int i = 0; i < s->size; i++)
    for (int k = 0; k < s->num_parts; k++) {
      const gkt_facts_part *part = &s->parts[k];
      if (part->done || part->matrix[i * (s->size + 1)] <= 0 || !is_not_negative(s->q, &part->monomial)) continue;
      if (s->num_squares == MAX_BASIS) return false;
      s->squares[s->num_squares++] = (square){i, k};
    }
  return true;
}

static void add(gram *s, int a, int b, double value) {
  int n = s->num_squares;
  s->L[a * n + b] += value;
  if (a != b) s->L[b * n + a] += value;
}

/* Orders pairs, so that a choice is the same for all entries. */
static int compare_pairs(const gram *s, int a, int b) {
  const gkt_monomial *m = &s->parts[s->squares[a].part].monomial, *n = &s->parts[s->squares[b].part].monomial;
  if (m->num_atoms != n->num_atoms) return m->num_atoms - n->num_atoms;
  for (int i = 0; i < m->num_atoms; i++)
    if (m->atoms[i] != n->atoms[i]) return m->atoms[i] < n->atoms[i] ? -1 : 1;
  return 0;
}

/* m_k (G_k)_ij z_i z_j and, for i < j, its mirror; false: no square has it */
static bool place(gram *s, int part, int i, int j, int choice) {
  int pairs[MAX_BASIS][2], count = 0, n = s->num_squares, chosen = 0;
  double value = s->parts[part].matrix[i * s->size + j];
  if (value == 0) return true;
  for (int a = 0; a < n && count < MAX_BASIS; a++)
    for (int b = 0; b < n && count < MAX_BASIS && s->squares[a].slot == i; b++)
      if (s->squares[b].slot == j && (i != j || a <= b) && is_pair(s, a, b, part)) pairs[count][0] = a, pairs[count++][1] = b;
  for (int k = 1; k < count; k++) {
    int order = compare_pairs(s, pairs[k][0], pairs[chosen][0]);
    if (choice == 0 ? order < 0 : order > 0) chosen = k;
  }
  for (int k = 0; k < count; k++) {
    double share = choice == 2 ? value / count : k == chosen ? value : 0;
    add(s, pairs[k][0], pairs[k][1], i == j && pairs[k][0] != pairs[k][1] ? 0.5 * share : share);
  }
  return count > 0;
}

static bool fill(gram *s, int choice) {
  bool fits = true;
  int n = s->num_squares;
  memset(s->L, 0, (size_t)n * n * sizeof *s->L);
  for (int k = 0; k < s->num_parts; k++)
    for (int i = 0; i < s->size && !s->parts[k].done; i++)
      for (int j = i; j < s->size && fits; j++) fits = place(s, k, i, j, choice);
  for (int i = 0; i < n; i++) s->diagonal[i] = fabs(s->L[i * (n + 1)]);
  return fits;
}

static bool is_semidefinite(const gram *s) {
  memcpy(s->work, s->L, (size_t)s->num_squares * s->num_squares * sizeof *s->L);
  return gkt_is_semidefinite(s->work, s->num_squares, s->diagonal);
}

/* ---- above |grad u|^2? ---- */
/* The square of a slot whose product is positive for certain, and the same one as `like` has; -1: none */
static int find_positive(const gram *s, int slot, int like) {
  for (int a = 0; a < s->num_squares; a++) {
    gkt_interval r = {1, 1};
    const gkt_monomial *m = &s->parts[s->squares[a].part].monomial;
    if (s->squares[a].slot != slot || (like >= 0 && s->squares[a].part != s->squares[like].part)) continue;
    for (int i = 0; i < m->num_atoms; i++) r = gkt_interval_multiply(r, gkt_facts_atom_range(s->q, m->atoms[i]));
    if (r.low > 0) return a;
  }
  return -1;
}

static bool subtract(const gram *s, int slot, bool strains) {
  int slots = 1 + s->q->scope->dim, n = s->num_squares, component = slot / slots, direction = slot % slots - 1, other = direction * slots + component + 1;
  if (direction < 0 || (strains && other < slot)) return true;
  int a = find_positive(s, slot, -1), b = strains && a >= 0 ? find_positive(s, other, a) : a;
  if (a < 0 || b < 0) return false;
  double c = GKT_FACTS_ELLIPTIC * fmin(s->diagonal[a], s->diagonal[b]);
  s->work[a * n + a] -= c;
  if (a == b) return true;
  s->work[b * n + b] -= c, s->work[a * n + b] -= c, s->work[b * n + a] -= c;
  return true;
}

static bool exceeds(const gram *s, bool strains) {
  bool enough = true;
  memcpy(s->work, s->L, (size_t)s->num_squares * s->num_squares * sizeof *s->L);
  for (int i = 0; i < s->size && enough; i++) enough = subtract(s, i, strains);
  return enough && gkt_is_semidefinite(s->work, s->num_squares, s->diagonal);
}

static gkt_ellipticity ellipticity_of(const gram *s) {
  int dim = s->q->scope->dim;
  if (exceeds(s, false)) return GKT_ELLIPTIC;
  return s->size == dim * (1 + dim) && exceeds(s, true) ? GKT_ELLIPTIC_IN_STRAINS : GKT_NOT_ELLIPTIC;
}

gkt_status gkt_facts_squares(const gkt_facts_query *q, int size, int count, const gkt_facts_part *parts, bool *positive, gkt_ellipticity *ellipticity) {
  gram s = {.q = q, .size = size, .num_parts = count, .parts = parts};
  *positive = false;
  if (!find_squares(&s)) return GKT_OK;
  int n = s.num_squares;
  GKT_TRY(gkt_calloc(q->ctx, (2 * (gkt_size)n + 1) * n, sizeof *s.L, &s.L));
  s.work = s.L + n * n, s.diagonal = s.work + n * n;
  for (int choice = 0; choice < NUM_CHOICES && !*positive; choice++) *positive = fill(&s, choice) && is_semidefinite(&s);
  *ellipticity = *positive ? ellipticity_of(&s) : GKT_NOT_ELLIPTIC;
  gkt_free(&s.L);
  return GKT_OK;
}
