/* Nodes as polynomials in atoms, to prove identities: no terms means identically zero. Sums, products, natural powers and quotients by one monomial are expanded;
   CONDITIONAL(c,a,b) becomes b + s (a-b) with the atom s = CONDITIONAL(c,1,0), or c if it is a comparison. Everything else is an atom. Until the end 1/c, where c is a number
   and the quotient is not exact, is an atom as well, so that x/3 - x/3 is zero: the CONSTANT c among the atoms stands for it. */
#include <stdlib.h>
#include <string.h>

#include "forms/op.h"

enum { MAX_ATOMS = 8, MAX_EXPONENT = 16, MAX_PAIRS = 1 << 18 };
typedef struct {
  int num_terms;
  gkt_monomial *terms; /* [num_terms], atoms ascending within a term, terms ascending and different */
} polynomial;
typedef struct {
  gkt_graph *g;
  int max_terms;
  gkt_node num_kept;
  const bool *kept; /* [num_kept]: atoms, whatever they are */
  polynomial *of;   /* [nodes]: those that are needed */
} expansion;

static bool fits(gkt_graph *g, gkt_size count, gkt_monomial **out) { return gkt_alloc(gkt_graph_context(g), count, sizeof **out, out) == GKT_OK; }

static int compare_atoms(const gkt_monomial *a, const gkt_monomial *b) {
  if (a->num_atoms != b->num_atoms) return a->num_atoms < b->num_atoms ? -1 : 1;
  for (int i = 0; i < a->num_atoms; i++)
    if (a->atoms[i] != b->atoms[i]) return a->atoms[i] < b->atoms[i] ? -1 : 1;
  return 0;
}

/* Equal atoms: then by size and sign of the coefficient, so that the sum does not depend on the order of making. */
static int compare_terms(const void *left, const void *right) {
  const gkt_monomial *a = left, *b = right;
  int atoms = compare_atoms(a, b);
  if (atoms != 0) return atoms;
  double p = a->coefficient.part[0], q = b->coefficient.part[0], x = fabs(p), y = fabs(q);
  return x != y ? (x < y ? -1 : 1) : (p > q) - (p < q);
}

static int compare_nodes(const void *a, const void *b) { return (*(const gkt_node *)a > *(const gkt_node *)b) - (*(const gkt_node *)a < *(const gkt_node *)b); }

/* Sorts, joins terms of equal atoms, drops zeros. Takes over terms; frees them on failure: too many are left, or an overflow. */
static bool collect(expansion *e, gkt_size count, gkt_monomial *terms, polynomial *out) {
  int kept = 0;
  bool finite = true;
  qsort(terms, (size_t)count, sizeof *terms, compare_terms);
  for (gkt_size i = 0; i < count;) {
    gkt_monomial sum = terms[i];
    for (i++; i < count && compare_atoms(&sum, &terms[i]) == 0; i++) sum.coefficient = gkt_exact_add(sum.coefficient, terms[i].coefficient);
    finite = finite && isfinite(sum.coefficient.part[0]);
    if (!gkt_exact_is_zero(sum.coefficient)) terms[kept++] = sum;
  }
  if (kept > e->max_terms || !finite) gkt_free(&terms);
  *out = (polynomial){kept, terms};
  return terms != NULL;
}

static bool make_term(expansion *e, double coefficient, int num_atoms, gkt_node atom, polynomial *out) {
  gkt_monomial *terms;
  if (!fits(e->g, 1, &terms)) return false;
  terms[0] = (gkt_monomial){.coefficient = gkt_exact_of(coefficient), .num_atoms = num_atoms, .atoms = {atom}};
  *out = (polynomial){coefficient != 0, terms};
  return true;
}

static bool make_atom(expansion *e, gkt_node n, polynomial *out) {
  const gkt_node_data *data = gkt_graph_get(e->g, n);
  return data->op == GKT_OP_CONSTANT ? isfinite(data->value) && make_term(e, data->value, 0, 0, out) : make_term(e, 1, 1, n, out);
}

static bool add(expansion *e, polynomial a, polynomial b, double factor, polynomial *out) { /* a + factor b */
  gkt_monomial *terms;
  if (!fits(e->g, (gkt_size)a.num_terms + b.num_terms, &terms)) return false;
  for (int i = 0; i < a.num_terms; i++) terms[i] = a.terms[i];
  for (int i = 0; i < b.num_terms; i++) {
    terms[a.num_terms + i] = b.terms[i];
    terms[a.num_terms + i].coefficient = gkt_exact_multiply(b.terms[i].coefficient, gkt_exact_of(factor));
  }
  return collect(e, (gkt_size)a.num_terms + b.num_terms, terms, out);
}

/* Takes the numbers out of the atoms; the product of them. */
static gkt_exact take_numbers(const gkt_graph *g, int *count, gkt_node *atoms) {
  gkt_exact all = gkt_exact_of(1);
  int kept = 0;
  for (int i = 0; i < *count; i++) {
    const gkt_node_data *data = gkt_graph_get(g, atoms[i]);
    if (data->op == GKT_OP_CONSTANT) all = gkt_exact_multiply(all, gkt_exact_of(data->value));
    else atoms[kept++] = atoms[i];
  }
  *count = kept;
  return all;
}

static gkt_exact quotient(gkt_exact a, gkt_exact b) { return b.part[0] == 1 && b.part[1] == 0 && b.error == 0 ? a : gkt_exact_multiply(a, gkt_exact_invert(b)); }

static bool is_inverse(const gkt_graph *g, gkt_node a, gkt_node b) {
  return gkt_graph_get(g, a)->op == GKT_OP_DIV && gkt_graph_get(g, a)->a == GKT_ONE && gkt_graph_get(g, a)->b == b;
}
static bool is_indicator(const gkt_graph *g, gkt_node a) { /* 0 or 1 */
  const gkt_node_data *data = gkt_graph_get(g, a);
  return data->op == GKT_OP_LT || data->op == GKT_OP_LE || (data->op == GKT_OP_CONDITIONAL && data->b == GKT_ONE && data->c == GKT_ZERO);
}

/* x (1/x) is 1, where it is finite; s s is s if that is 0 or 1. */
static void simplify(const gkt_graph *g, int *count, gkt_node *atoms) {
  for (int i = 0; i < *count; i++)
    for (int j = i + 1; j < *count; j++) {
      bool inverse = is_inverse(g, atoms[i], atoms[j]) || is_inverse(g, atoms[j], atoms[i]), same = atoms[i] == atoms[j] && is_indicator(g, atoms[i]);
      if (!inverse && !same) continue;
      atoms[j] = atoms[--*count];
      if (inverse) atoms[i] = atoms[--*count];
      i = -1;
      break;
    }
}

static gkt_monomial multiply_terms(gkt_graph *g, const gkt_monomial *a, const gkt_monomial *b) {
  gkt_node atoms[2 * MAX_ATOMS];
  int count = a->num_atoms + b->num_atoms;
  gkt_exact coefficient = gkt_exact_multiply(a->coefficient, b->coefficient);
  memcpy(atoms, a->atoms, sizeof a->atoms);
  memcpy(atoms + a->num_atoms, b->atoms, (size_t)b->num_atoms * sizeof *atoms);
  simplify(g, &count, atoms);
  qsort(atoms, (size_t)count, sizeof *atoms, compare_nodes);
  if (count > MAX_ATOMS) coefficient = quotient(coefficient, take_numbers(g, &count, atoms));
  for (; count > MAX_ATOMS; count--) atoms[count - 2] = gkt_mul(g, atoms[count - 2], atoms[count - 1]); /* the last ones become one */
  gkt_monomial product = {.coefficient = coefficient, .num_atoms = count};
  memcpy(product.atoms, atoms, (size_t)count * sizeof *atoms);
  qsort(product.atoms, (size_t)count, sizeof *atoms, compare_nodes);
  return product;
}

static bool multiply(expansion *e, polynomial a, polynomial b, polynomial *out) {
  gkt_size count = (gkt_size)a.num_terms * b.num_terms;
  gkt_monomial *terms;
  if (count > MAX_PAIRS || !fits(e->g, count, &terms)) return false;
  for (int i = 0; i < a.num_terms; i++)
    for (int j = 0; j < b.num_terms; j++) terms[(gkt_size)i * b.num_terms + j] = multiply_terms(e->g, &a.terms[i], &b.terms[j]);
  return collect(e, count, terms, out);
}

/* Does the expansion look into the operation? */
static bool natural_exponent(const gkt_graph *g, const gkt_node_data *data) {
  const gkt_node_data *b = gkt_graph_get(g, data->b);
  return b->op == GKT_OP_CONSTANT && b->value == floor(b->value) && fabs(b->value) <= MAX_EXPONENT;
}

static bool is_inner(const gkt_graph *g, const gkt_node_data *data) {
  switch (data->op) {
  case GKT_OP_ADD:
  case GKT_OP_SUB:
  case GKT_OP_NEG:
  case GKT_OP_MUL:
  case GKT_OP_DIV: return true;
  case GKT_OP_CONDITIONAL: return !(data->b == GKT_ONE && data->c == GKT_ZERO);
  case GKT_OP_POW: return natural_exponent(g, data);
  default: return false;
  }
}

/* coefficient of the term = 1/c, or an atom for it */
static bool invert_number(gkt_graph *g, gkt_exact c, gkt_monomial *term) {
  gkt_exact inverse = gkt_exact_invert(c);
  bool as_atom = inverse.error > 0 && c.error == 0 && c.part[1] == 0 && term->num_atoms < MAX_ATOMS;
  if (as_atom) term->atoms[term->num_atoms++] = gkt_graph_constant(g, c.part[0]);
  term->coefficient = as_atom ? gkt_exact_of(1) : inverse;
  return isfinite(inverse.part[0]);
}

/* 1/p: of one term its factors are inverted, otherwise 1/(node) is an atom. */
static bool invert(expansion *e, gkt_node n, polynomial p, polynomial *out) {
  if (p.num_terms == 0) return false;
  if (p.num_terms > 1) return make_term(e, 1, 1, gkt_div(e->g, GKT_ONE, n), out);
  gkt_monomial term = p.terms[0];
  gkt_exact above = take_numbers(e->g, &term.num_atoms, term.atoms);
  for (int i = 0; i < term.num_atoms; i++) term.atoms[i] = gkt_div(e->g, GKT_ONE, term.atoms[i]);
  if (!invert_number(e->g, term.coefficient, &term) || !make_term(e, 1, 0, 0, out)) return false;
  term.coefficient = gkt_exact_multiply(term.coefficient, above);
  qsort(term.atoms, (size_t)term.num_atoms, sizeof *term.atoms, compare_nodes);
  out->terms[0] = term;
  return true;
}

static bool divide(expansion *e, const gkt_node_data *data, polynomial *out) {
  polynomial inverse = {0};
  if (data->a == GKT_ONE) return invert(e, data->b, e->of[data->b], out);
  bool good = invert(e, data->b, e->of[data->b], &inverse) && multiply(e, e->of[data->a], inverse, out);
  gkt_free(&inverse.terms);
  return good;
}

static bool raise(expansion *e, const gkt_node_data *data, polynomial *out) {
  double exponent = gkt_graph_get(e->g, data->b)->value;
  polynomial base = {0}, power = {0};
  bool good = exponent < 0 ? invert(e, data->a, e->of[data->a], &base) : add(e, e->of[data->a], (polynomial){0}, 0, &base);
  good = good && make_term(e, 1, 0, 0, &power);
  for (int i = 0; good && i < fabs(exponent); i++) {
    polynomial next = {0};
    good = multiply(e, power, base, &next);
    gkt_free(&power.terms);
    power = next;
  }
  gkt_free(&base.terms);
  *out = power;
  return good;
}

static bool choose(expansion *e, const gkt_node_data *data, polynomial *out) { /* b + s (a - b) */
  polynomial s = {0}, difference = {0}, product = {0};
  bool good = make_term(e, 1, 1, gkt_graph_make(e->g, GKT_OP_CONDITIONAL, data->a, GKT_ONE, GKT_ZERO), &s) && add(e, e->of[data->b], e->of[data->c], -1, &difference) &&
              multiply(e, s, difference, &product) && add(e, e->of[data->c], product, 1, out);
  gkt_free(&s.terms);
  gkt_free(&difference.terms);
  gkt_free(&product.terms);
  return good;
}

static bool is_kept(const expansion *e, gkt_node n) { return n < e->num_kept && e->kept[n]; }

static bool expand(expansion *e, gkt_node n) {
  const gkt_node_data *data = gkt_graph_get(e->g, n);
  polynomial *of = e->of;
  if (is_kept(e, n) || !is_inner(e->g, data)) return make_atom(e, n, &of[n]);
  switch (data->op) {
  case GKT_OP_ADD: return add(e, of[data->a], of[data->b], 1, &of[n]);
  case GKT_OP_SUB: return add(e, of[data->a], of[data->b], -1, &of[n]);
  case GKT_OP_NEG: return add(e, (polynomial){0}, of[data->a], -1, &of[n]);
  case GKT_OP_MUL: return multiply(e, of[data->a], of[data->b], &of[n]);
  case GKT_OP_DIV: return divide(e, data, &of[n]);
  case GKT_OP_POW: return raise(e, data, &of[n]);
  default: return choose(e, data, &of[n]);
  }
}

/* Nodes that the expansion reaches without looking into atoms. */
static void mark_needed(const expansion *e, gkt_node n, bool *needed) {
  needed[n] = true;
  for (gkt_node i = n; i >= 0; i--) {
    const gkt_node_data *data = gkt_graph_get(e->g, i);
    const gkt_node operands[3] = {data->a, data->b, data->c};
    int first = data->op == GKT_OP_CONDITIONAL ? 1 : 0, last = data->op == GKT_OP_POW ? 1 : gkt_op_arity(data->op);
    for (int j = first; needed[i] && !is_kept(e, i) && is_inner(e->g, data) && j < last; j++) needed[operands[j]] = true;
  }
}

static bool divide_by_numbers(expansion *e, polynomial *p) {
  for (int i = 0; i < p->num_terms; i++) p->terms[i].coefficient = quotient(p->terms[i].coefficient, take_numbers(e->g, &p->terms[i].num_atoms, p->terms[i].atoms));
  return collect(e, p->num_terms, p->terms, p);
}

bool gkt_graph_polynomial(gkt_graph *g, gkt_node n, int max_terms, gkt_monomial *terms, int *num_terms) {
  return gkt_graph_polynomial_in(g, n, 0, NULL, max_terms, terms, num_terms);
}

bool gkt_graph_polynomial_in(gkt_graph *g, gkt_node n, gkt_node num_kept, const bool *kept, int max_terms, gkt_monomial *terms, int *num_terms) {
  expansion e = {.g = g, .max_terms = max_terms, .num_kept = num_kept, .kept = kept};
  bool *needed = NULL, good = gkt_calloc(gkt_graph_context(g), (gkt_size)n + 1, sizeof *needed, &needed) == GKT_OK &&
                              gkt_calloc(gkt_graph_context(g), (gkt_size)n + 1, sizeof *e.of, &e.of) == GKT_OK;
  if (good) mark_needed(&e, n, needed);
  for (gkt_node i = 0; good && i <= n; i++)
    if (needed[i]) good = expand(&e, i);
  good = good && divide_by_numbers(&e, &e.of[n]) && gkt_graph_status(g) == GKT_OK;
  if (good) {
    *num_terms = e.of[n].num_terms;
    for (int i = 0; i < *num_terms; i++) terms[i] = e.of[n].terms[i];
  }
  for (gkt_node i = 0; e.of && i <= n; i++) gkt_free(&e.of[i].terms);
  gkt_free(&e.of);
  gkt_free(&needed);
  return good;
}

bool gkt_graph_is_close(gkt_graph *g, gkt_node a, gkt_node b, double tolerance, int max_terms, gkt_monomial *terms) {
  int count_a, count_b;
  gkt_monomial *of_b = terms + max_terms;
  if (a == b) return true;
  if (!gkt_graph_polynomial(g, a, max_terms, terms, &count_a) || !gkt_graph_polynomial(g, b, max_terms, of_b, &count_b)) return false;
  bool close = count_a == count_b;
  for (int i = 0; i < count_a && close; i++) close = compare_atoms(&terms[i], &of_b[i]) == 0 && gkt_exact_is_close(terms[i].coefficient, of_b[i].coefficient, tolerance);
  return close;
}
