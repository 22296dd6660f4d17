/* Squares: sum_ij a_i a_j z'G_ij z, with atoms a_i of any sign, is y'Ly for y = (a_i z_p) and is not negative if L is positive semidefinite (a sum of squares; Parrilo 2003).
   L is not unique: an entry of G_ij belongs to (a_i z_p)(a_j z_q) or to (a_i z_q)(a_j z_p). Two choices are tried, p with i for p < q and the reverse: they show
   (w . grad u)^2 and (u . n)^2. Atoms of one sign that all products have in common stand before the square. */
#include <math.h>
#include <string.h>

#include "forms/facts.h"

enum { MAX_SQUARE_ATOMS = 4 };

typedef struct {
  int num_factors, num_signed; /* a_i a_j; the rest */
  gkt_node factors[2], rest[8];
} product;

/* false: not two atoms of unknown sign, or the others' product has none either */
static bool take_apart(const gkt_facts_query *q, const gkt_monomial *m, product *out, double *sign) {
  *out = (product){0};
  *sign = 1;
  for (int i = 0; i < m->num_atoms; i++) {
    gkt_interval r = gkt_facts_atom_range(q, m->atoms[i]);
    bool has_sign = r.low >= 0 || r.high <= 0;
    if (!has_sign && out->num_factors == 2) return false;
    if (has_sign && r.low < 0) *sign = -*sign;
    if (has_sign) out->rest[out->num_signed++] = m->atoms[i];
    else out->factors[out->num_factors++] = m->atoms[i];
  }
  return out->num_factors == 2;
}

static bool same_rest(const product *a, const product *b) { return a->num_signed == b->num_signed && !memcmp(a->rest, b->rest, (size_t)a->num_signed * sizeof *a->rest); }

static int number_of(gkt_node atom, gkt_node *atoms, int *count) { /* -1: too many */
  for (int i = 0; i < *count; i++)
    if (atoms[i] == atom) return i;
  if (*count == MAX_SQUARE_ATOMS) return -1;
  atoms[*count] = atom;
  return (*count)++;
}

/* L += the part of a_i a_j; i <= j by the order of atoms. */
static void lift(double *L, int n, int size, int i, int j, const double *G, bool reverse) {
  for (int p = 0; p < size; p++)
    for (int q = 0; q < size; q++) {
      int low = p < q ? p : q, high = p < q ? q : p, with_i = reverse ? high : low, with_j = reverse ? low : high;
      double half = 0.5 * G[p * size + q];
      int row = i == j ? i * size + p : i * size + with_i, column = i == j ? i * size + q : j * size + with_j;
      L[row * n + column] += half;
      L[column * n + row] += half;
    }
}

/* Parts that share the rest of `first`. */
static gkt_status try_group(const gkt_facts_query *q, int size, int count, gkt_facts_part *parts, int first, bool reverse) {
  bool member[GKT_FACTS_MAX_PARTS] = {false}, fits = true;
  gkt_node atoms[MAX_SQUARE_ATOMS];
  product own, other;
  double sign, ignored, *L = NULL, *diagonal; /* each entry of it comes from one part */
  int num_atoms = 0, n = MAX_SQUARE_ATOMS * size;
  if (!take_apart(q, &parts[first].monomial, &own, &sign)) return GKT_OK;
  GKT_TRY(gkt_calloc(q->ctx, (gkt_size)n * (n + 1), sizeof *L, &L));
  diagonal = L + n * n;
  for (int k = first; k < count && fits; k++) {
    if (parts[k].done || !take_apart(q, &parts[k].monomial, &other, &ignored) || !same_rest(&own, &other)) continue;
    int i = number_of(other.factors[0], atoms, &num_atoms), j = number_of(other.factors[1], atoms, &num_atoms);
    member[k] = true;
    fits = i >= 0 && j >= 0;
    bool ordered = !fits || atoms[i] <= atoms[j];
    if (fits) lift(L, n, size, ordered ? i : j, ordered ? j : i, parts[k].matrix, reverse);
  }
  for (int i = 0; i < n * n; i++) L[i] *= sign;
  for (int i = 0; i < n; i++) diagonal[i] = fabs(L[i * (n + 1)]);
  if (fits && gkt_is_semidefinite(L, n, diagonal))
    for (int k = first; k < count; k++) parts[k].done = parts[k].done || member[k];
  gkt_free(&L);
  return GKT_OK;
}

gkt_status gkt_facts_squares(const gkt_facts_query *q, int size, int count, gkt_facts_part *parts) {
  for (int k = 0; k < count; k++)
    for (int reverse = 0; reverse < 2; reverse++)
      if (!parts[k].done) GKT_TRY(try_group(q, size, count, parts, k, reverse));
  return GKT_OK;
}
