/* Random small problems of several fields as text: pairs that are known to be sound (Stokes, mixed Poisson, multipliers, coupled diffusion) and any others, couplings that are
   symmetric, skew or one-sided, zero blocks on the diagonal, terms on facets and parts, conditions by field and component. */
#ifndef GKT_TESTS_HUNT_FIELDS_H
#define GKT_TESTS_HUNT_FIELDS_H
#include <ctype.h>
#include <stdarg.h>

#include "tests/hunt_problem.h"

enum { MAX_FIELDS = 4 };
typedef enum { SPACE_P1, SPACE_P2, SPACE_DP0, SPACE_DP1, SPACE_P1B, SPACE_REAL, NUM_SPACES } hunt_space;
static const char *const space_names[NUM_SPACES] = {"P1", "P2", "DP0", "DP1", "P1B", "real"};
static const char *const field_names[MAX_FIELDS] = {"u", "p", "c", "w"}, *const test_names[MAX_FIELDS] = {"v", "q", "d", "z"};
typedef struct {
  hunt_space space;
  int rank; /* 0 scalar, 1 vector, 2 tensor, of the mesh's dimension */
} hunt_field;
typedef struct {
  hunt_problem *h;
  int num_fields;
  hunt_field fields[MAX_FIELDS];
} hunt_fields;

static bool has_gradient(const hunt_field *f) { return f->space != SPACE_DP0 && f->space != SPACE_REAL; }
static bool is_continuous(const hunt_field *f) { return f->space == SPACE_P1 || f->space == SPACE_P2 || f->space == SPACE_P1B; }

/* += a term of the left side */
static void add_left(hunt_fields *s, const char *format, ...) {
  va_list arguments;
  if (s->h->num_left == MAX_PIECES) return;
  va_start(arguments, format);
  vsnprintf(s->h->left[s->h->num_left++], sizeof s->h->left[0], format, arguments);
  va_end(arguments);
}

static const char *mild_factor(void) {
  static const char *const sizes[] = {"0.01", "100", "0.5", "2", "-1", "-3", "1e4"};
  return once_in(3) ? ONE_OF(sizes) : "1";
}

/* ---- a number that is linear in a field: f is its name, or its test function's, in which terms are then the same ---- */
typedef struct {
  int kind, a, b;
} hunt_part;

static hunt_part random_part(const hunt_fields *s, int field) {
  const hunt_field *f = &s->fields[field];
  return (hunt_part){has_gradient(f) && f->rank < 2 ? chance(3) : 0, chance(s->h->dim), chance(s->h->dim)};
}

static void part_text(const hunt_fields *s, int field, hunt_part part, bool test, char out[40]) {
  const hunt_field *f = &s->fields[field];
  const char *name = (test ? test_names : field_names)[field];
  if (part.kind == 0 && f->rank == 0) snprintf(out, 40, "%s", name);
  else if (part.kind == 0 && f->rank == 1) snprintf(out, 40, "%s[%d]", name, part.a);
  else if (f->rank == 2) snprintf(out, 40, part.a == part.b ? "tr(%s)" : "%s[%d,%d]", name, part.a, part.b);
  else if (f->rank == 0) snprintf(out, 40, "grad(%s)[%d]", name, part.a);
  else if (part.kind == 1) snprintf(out, 40, "div(%s)", name);
  else snprintf(out, 40, "grad(%s)[%d,%d]", name, part.a, part.b);
}

/* ---- a block of its own ---- */
static void mass(hunt_fields *s, int i, const char *measure) { add_left(s, "%s*inner(%s, %s)*%s", mild_factor(), field_names[i], test_names[i], measure); }

static void add_own_block(hunt_fields *s, int i) {
  const hunt_field *f = &s->fields[i];
  const char *u = field_names[i], *v = test_names[i], *c = mild_factor(), *m = once_in(4) ? cells_of() : "dx";
  if (once_in(5)) return; /* a multiplier, perhaps */
  if (!is_continuous(f) || f->rank == 2) mass(s, i, once_in(6) ? cells_of() : "dx");
  else if (f->rank == 1 && once_in(2)) add_left(s, "%s*inner(sym(grad(%s)), sym(grad(%s)))*%s", c, u, v, m);
  else if (once_in(8)) mass(s, i, m);
  else add_left(s, "%s*inner(grad(%s), grad(%s))*%s", c, u, v, m);
  if (once_in(5) && is_continuous(f)) mass(s, i, once_in(2) ? facets_of() : "dx");
}

/* ---- two fields ---- */
static void couple(hunt_fields *s, int i, int j, const char *a, const char *at, const char *b, const char *bt, const char *measure) {
  const char *c = mild_factor(), *other = once_in(2) ? c : mild_factor();
  (void)i, (void)j;
  int kind = chance(4); /* symmetric twice, skew or of any signs, one-sided */
  add_left(s, "%s*%s*%s*%s", c, a, bt, measure);
  if (kind < 2) add_left(s, "%s*%s*%s*%s", c, b, at, measure);
  else if (kind == 2) add_left(s, "(-1)*%s*%s*%s*%s", other, b, at, measure);
}

static void add_any_coupling(hunt_fields *s, int i, int j) {
  char a[40], at[40], b[40], bt[40];
  hunt_part first = random_part(s, i), second = random_part(s, j);
  part_text(s, i, first, false, a), part_text(s, i, first, true, at), part_text(s, j, second, false, b), part_text(s, j, second, true, bt);
  couple(s, i, j, a, at, b, bt, once_in(4) ? facets_of() : once_in(4) ? cells_of() : "dx");
}

/* Sound ones where the shapes allow: the divergence, the gradient, the product. */
static void add_sound_coupling(hunt_fields *s, int i, int j) {
  const hunt_field *f = &s->fields[i], *g = &s->fields[j];
  const char *u = field_names[i], *v = test_names[i], *p = field_names[j], *q = test_names[j], *c = mild_factor(), *sign = once_in(2) ? "1" : "-1";
  if (f->rank == 1 && g->rank == 0 && has_gradient(f)) add_left(s, "%s*%s*div(%s)*dx", c, p, v), add_left(s, "%s*%s*%s*div(%s)*dx", sign, c, q, u);
  else if (f->rank == 1 && g->rank == 0 && has_gradient(g)) add_left(s, "%s*dot(grad(%s), %s)*dx", c, p, v), add_left(s, "%s*%s*dot(grad(%s), %s)*dx", sign, c, q, u);
  else if (f->rank == g->rank) add_left(s, "%s*inner(%s, %s)*dx", c, p, v), add_left(s, "%s*%s*inner(%s, %s)*dx", sign, c, q, u);
  else if (f->rank == 2 && g->rank == 1 && has_gradient(g)) add_left(s, "%s*inner(sym(grad(%s)), %s)*dx", c, p, v), add_left(s, "%s*%s*inner(sym(grad(%s)), %s)*dx", sign, c, q, u);
  else add_any_coupling(s, i, j);
}

/* ---- the right side, conditions ---- */
static void add_load(hunt_fields *s, int i) {
  static const char *const values[] = {"1", "(x[0] - 0.5)", "sin(6*x[0])", "8", "100"};
  char test[40];
  part_text(s, i, (hunt_part){0, chance(s->h->dim), chance(s->h->dim)}, true, test);
  snprintf(s->h->right[s->h->num_right++], sizeof s->h->right[0], "%s*%s*%s", ONE_OF(values), test, once_in(4) ? facets_of() : "dx");
}

static void hold(hunt_fields *s, int i, const char *place, bool component, const char *value) {
  hunt_problem *h = s->h;
  char which[30] = "";
  const hunt_field *f = &s->fields[i];
  if (h->num_conditions == MAX_PIECES || f->space == SPACE_REAL) return;
  int components = f->rank == 0 ? 1 : f->rank == 1 ? h->dim : h->dim * h->dim;
  if (component && f->rank) snprintf(which, sizeof which, ", component: %d", chance(components));
  snprintf(h->conditions[h->num_conditions++], sizeof h->conditions[0], "{on: %s, field: %s%s, value: %s}", place, field_names[i], which, component || f->rank == 0 ? value : "0");
}

static void add_conditions(hunt_fields *s, int i) {
  static const char *const places[] = {"left", "left", "right", "W", "boundary", "boundary", "[left, right]"};
  static const char *const values[] = {"0", "0", "1", "\"x[0]\"", "1e3"};
  bool in_cells = !is_continuous(&s->fields[i]);
  if (once_in(in_cells ? 6 : 3)) hold(s, i, in_cells ? "A" : ONE_OF(places), once_in(3), ONE_OF(values));
  else if (!in_cells && !once_in(3)) hold(s, i, "boundary", false, "0");
  if (once_in(10)) hold(s, i, in_cells ? "A" : ONE_OF(places), true, ONE_OF(values));
}

/* ---- fields ---- */
static hunt_space any_space(void) {
  static const hunt_space all[] = {SPACE_P1, SPACE_P1, SPACE_P2, SPACE_DP0, SPACE_DP1, SPACE_P1B, SPACE_REAL};
  return ONE_OF(all);
}

static void choose_fields(hunt_fields *s) {
  static const hunt_field pairs[][2] = {{{SPACE_P2, 1}, {SPACE_P1, 0}},   {{SPACE_P1B, 1}, {SPACE_P1, 0}}, {{SPACE_P2, 1}, {SPACE_DP0, 0}}, {{SPACE_DP0, 1}, {SPACE_P1, 0}},
                                        {{SPACE_P1, 0}, {SPACE_REAL, 0}}, {{SPACE_P1, 0}, {SPACE_P2, 0}},  {{SPACE_DP0, 2}, {SPACE_P1, 1}}, {{SPACE_P1, 1}, {SPACE_REAL, 1}},
                                        {{SPACE_P2, 0}, {SPACE_DP1, 0}},  {{SPACE_P1, 1}, {SPACE_P1, 0}}};
  const hunt_field *pair = ONE_OF(pairs);
  s->num_fields = once_in(12) ? 1 : once_in(2) ? 2 : 2 + chance(3);
  for (int i = 0; i < s->num_fields; i++) s->fields[i] = (hunt_field){any_space(), once_in(3)};
  if (s->num_fields > 1 && !once_in(3)) {
    int first = chance(2); /* the pair's order */
    s->fields[first] = pair[0], s->fields[1 - first] = pair[1];
  }
}

/* About 60 to 200 dofs. */
static void choose_mesh(hunt_fields *s) {
  static const char *const shapes[] = {"line", "tri", "quad", "tet", "hex"};
  hunt_problem *h = s->h;
  int shape = chance(5), dim = shape == 0 ? 1 : shape < 3 ? 2 : 3, heavy = 0;
  for (int i = 0; i < s->num_fields; i++)
    heavy += (s->fields[i].space == SPACE_REAL ? 0 : s->fields[i].space == SPACE_P2 || s->fields[i].space == SPACE_DP1 ? 4 : 1) * (s->fields[i].rank ? dim : 1);
  h->dim = dim;
  if (dim == 1) snprintf(h->mesh, sizeof h->mesh, "{box: {cells: [%d], shape: line}}", 4 + chance(heavy > 8 ? 8 : 20));
  else if (dim == 2) snprintf(h->mesh, sizeof h->mesh, "{box: {cells: [%d, %d], shape: %s}}", 3 + chance(heavy > 8 ? 1 : 3), 1 + chance(heavy > 8 ? 2 : 3), shapes[shape]);
  else snprintf(h->mesh, sizeof h->mesh, "{box: {cells: [%d, %d, 1], shape: %s}}", 3, heavy > 6 ? 1 : 1 + chance(2), shapes[shape]);
}

static void write_fields(hunt_fields *s) {
  static const char *const ranks[] = {"scalar", "vector", "tensor"};
  char *out = s->h->more;
  size_t used = 0;
  int order[MAX_FIELDS] = {0, 1, 2, 3};
  for (int i = s->num_fields - 1; i > 0; i--) { /* that of the file means nothing */
    int k = chance(i + 1), kept = order[i];
    order[i] = order[k], order[k] = kept;
  }
  for (int k = 0; k < s->num_fields; k++) {
    int i = order[k];
    const hunt_field *f = &s->fields[i];
    used += (size_t)snprintf(out + used, sizeof s->h->more - used, "%s%s: {space: %s, shape: %s, test: %s}", k ? ", " : "", field_names[i], space_names[f->space], ranks[f->rank],
                             test_names[i]);
  }
}

/* Each field stands in an equation and has one. */
static void complete(hunt_fields *s) {
  for (int i = 0; i < s->num_fields; i++) {
    bool stands = false, tested = false;
    for (int k = 0; k < s->h->num_left; k++)
      for (const char *at = s->h->left[k]; *at; at++) {
        bool alone = (at == s->h->left[k] || !isalpha((unsigned char)at[-1])) && !isalpha((unsigned char)at[1]);
        stands = stands || (alone && *at == field_names[i][0]), tested = tested || (alone && *at == test_names[i][0]);
      }
    if (!stands || !tested) mass(s, i, "dx");
  }
}

static inline hunt_problem random_fields(uint64_t seed) {
  hunt_problem h = {0};
  hunt_fields s = {.h = &h};
  hunt_seed = seed * UINT64_C(0x9E3779B97F4A7C15) + 7;
  chance(2);
  choose_fields(&s);
  choose_mesh(&s);
  write_fields(&s);
  choose_solver(&h, false);
  for (int i = 0; i < s.num_fields; i++) add_own_block(&s, i);
  for (int i = 1; i < s.num_fields; i++) {
    if (once_in(4)) add_any_coupling(&s, chance(i), i);
    else if (once_in(2)) add_sound_coupling(&s, i - 1, i);
    else add_sound_coupling(&s, i, i - 1);
  }
  if (once_in(4) && s.num_fields > 1) add_any_coupling(&s, chance(s.num_fields), chance(s.num_fields));
  complete(&s);
  for (int i = 0; i < s.num_fields; i++) {
    if (once_in(2)) add_load(&s, i);
    add_conditions(&s, i);
  }
  return h;
}
#endif
