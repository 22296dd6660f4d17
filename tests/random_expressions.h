/* Random typed expressions as text, over all operators and terminals of the scope in language.h, from a seed. Domains are kept: what goes into a root, a logarithm
   or a quotient is bounded away from trouble by construction. */
#ifndef GKT_TESTS_RANDOM_EXPRESSIONS_H
#define GKT_TESTS_RANDOM_EXPRESSIONS_H
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "galerkit/form.h"

typedef struct {
  uint64_t state;
  int dim, inside; /* gradients around the place being written: at most two, so that second derivatives suffice */
  size_t length;
  char text[1 << 16];
} random_text;

static inline uint64_t random_bits(uint64_t *state) { /* splitmix64 (Steele, Lea, Flood 2014) */
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}
static inline int random_below(uint64_t *state, int n) { return (int)(random_bits(state) % (uint64_t)n); }
static inline double random_between(uint64_t *state, double low, double high) { return low + (high - low) * ((double)(random_bits(state) >> 11) * 0x1p-53); }

/* A template is text with holes: $s a scalar, $m $n $k $d $3 vectors of that length (m, n: of the result, k: random, d: dim), #mn a matrix, likewise; ~ a scalar in
   [1, 3]; & a literal of the result's shape; @m @n @k an index below; ? a number; SAFE a matrix literal with an inverse; ROWS a literal with dim columns. */
enum { LEAF = 1, SQUARE = 2, M_DIM = 4, N_DIM = 8, M_3 = 16, DIM_2 = 32, DIM_3 = 64, GRADIENT = 128, OUTSIDE = 256, ONCE = 512 };
/* LEAF: no holes that recurse; GRADIENT: holes are under one more gradient; OUTSIDE: under none (n); ONCE: under at most one (values of degree 2, gradients) */
typedef struct {
  int rank, needs;
  const char *text;
} expression_template;

static const expression_template random_templates[] = {
    {0, LEAF, "?"},
    {0, LEAF, "k"},
    {0, LEAF, "E"},
    {0, LEAF, "nu"},
    {0, LEAF, "t"},
    {0, LEAF, "h"},
    {0, LEAF, "pi"},
    {0, LEAF, "x[@d]"},
    {0, LEAF, "u"},
    {0, LEAF, "f"},
    {0, LEAF, "r"},
    {0, LEAF, "a0"},
    {0, LEAF, "w[@d]"},
    {0, LEAF, "S[@d, @d]"},
    {0, LEAF, "S[@d][@d]"},
    {0, LEAF | ONCE, "p"},
    {0, LEAF | ONCE, "U[@d]"},
    {0, LEAF | OUTSIDE, "n[@d]"},
    {0, LEAF | OUTSIDE, "grad(U)[@d, @d]"},
    {0, LEAF | ONCE, "grad(u)[@d]"},
    {0, LEAF | ONCE, "grad(w)[@d][@d]"},
    {0, 0, "($s + $s)"},
    {0, 0, "$s*$s"},
    {0, 0, "($s - $s)"},
    {0, 0, "(-$s)"},
    {0, 0, "-($s)^2"},
    {0, 0, "($s)**3"},
    {0, 0, "~^$s"},
    {0, 0, "~^-2"},
    {0, 0, "($s/~)"},
    {0, 0, "(0 + $s)"},
    {0, 0, "(+$s)"},
    {0, 0, "($s < $s)"},
    {0, 0, "($s <= $s)"},
    {0, 0, "($s > $s)"},
    {0, 0, "($s >= $s)"},
    {0, 0, "conditional($s < $s, $s, $s)"},
    {0, 0, "conditional($s >= $s, 0, $s)"},
    {0, 0, "dot($k, $k)"},
    {0, 0, "inner($k, $k)"},
    {0, 0, "inner(#kd, #kd)"},
    {0, 0, "inner($s, $s)"},
    {0, 0, "tr(#kk)"},
    {0, 0, "det(#kk)"},
    {0, 0, "norm([~, $s, $s])"},
    {0, 0, "norm($s)"},
    {0, 0, "norm(SAFE)"},
    {0, 0, "($k)[@k]"},
    {0, 0, "(#kd)[@k, @d]"},
    {0, 0, "sqrt(~)"},
    {0, 0, "exp(sin($s))"},
    {0, 0, "ln(~)"},
    {0, 0, "sin($s)"},
    {0, 0, "cos($s)"},
    {0, 0, "tan(sin($s))"},
    {0, 0, "asin(0.9*sin($s))"},
    {0, 0, "acos(0.9*cos($s))"},
    {0, 0, "atan($s)"},
    {0, 0, "atan2($s, ~)"},
    {0, 0, "sinh(cos($s))"},
    {0, 0, "cosh(sin($s))"},
    {0, 0, "tanh($s)"},
    {0, 0, "asinh($s)"},
    {0, 0, "log10(~)"},
    {0, 0, "abs($s)"},
    {0, 0, "sign($s)"},
    {0, 0, "min($s, $s)"},
    {0, 0, "max($s, $s)"},
    {0, 0, "erf($s)"},
    {0, GRADIENT, "div($d)"},
    {0, GRADIENT, "dot(grad($s), x)"},
    {0, GRADIENT | DIM_2, "curl($d)"},
    {1, LEAF | M_DIM, "x"},
    {1, LEAF | M_DIM, "w"},
    {1, LEAF | M_DIM | ONCE, "q"},
    {1, LEAF | M_DIM | OUTSIDE, "n"},
    {1, LEAF | M_DIM | ONCE, "U"},
    {1, LEAF | M_DIM | ONCE, "grad(u)"},
    {1, LEAF, "&"},
    {1, 0, "&"},
    {1, 0, "($m + $m)"},
    {1, 0, "($m - $m)"},
    {1, 0, "(-$m)"},
    {1, 0, "(0 - $m)"},
    {1, 0, "$s*$m"},
    {1, 0, "$m*$s"},
    {1, 0, "($m/~)"},
    {1, 0, "(#mk*$k)"},
    {1, 0, "dot(#mk, $k)"},
    {1, 0, "dot($k, #km)"},
    {1, M_3, "cross($3, $3)"},
    {1, 0, "(#km)[@k]"},
    {1, 0, "conditional($s < $s, $m, $m)"},
    {1, 0, "conditional($s > $s, $m, 0)"},
    {1, 0, "(#km).T*$k"},
    {1, M_DIM | GRADIENT, "grad($s)"},
    {1, M_3 | DIM_3 | GRADIENT, "curl($3)"},
    {1, M_DIM | DIM_2 | GRADIENT, "curl($s)"},
    {1, OUTSIDE | GRADIENT, "div(ROWS)"},
    {2, LEAF | SQUARE | M_DIM, "I"},
    {2, LEAF | SQUARE | M_DIM, "S"},
    {2, LEAF, "&"},
    {2, LEAF | SQUARE | M_DIM | ONCE, "grad(w)"},
    {2, LEAF | SQUARE | M_DIM | OUTSIDE, "grad(U)"},
    {2, 0, "&"},
    {2, 0, "(#mn + #mn)"},
    {2, 0, "(#mn - #mn)"},
    {2, 0, "(-#mn)"},
    {2, 0, "(#mn + 0)"},
    {2, 0, "$s*#mn"},
    {2, 0, "#mn*$s"},
    {2, 0, "(#mn/~)"},
    {2, 0, "(#mk*#kn)"},
    {2, 0, "dot(#mk, #kn)"},
    {2, 0, "outer($m, $n)"},
    {2, 0, "(#nm).T"},
    {2, 0, "transpose(#nm)"},
    {2, SQUARE, "sym(#mm)"},
    {2, SQUARE, "skew(#mm)"},
    {2, SQUARE, "dev(#mm)"},
    {2, SQUARE, "cofac(#mm)"},
    {2, SQUARE, "inv(SAFE)"},
    {2, 0, "conditional($s <= $s, #mn, #mn)"},
    {2, 0, "conditional($s < $s, 0, #mn)"},
    {2, N_DIM | GRADIENT, "grad($m)"},
};
enum { NUM_TEMPLATES = sizeof random_templates / sizeof *random_templates };

static inline void write_expression(random_text *r, gkt_shape shape, int depth);

static inline void write_text(random_text *r, const char *text) {
  size_t n = strlen(text);
  if (r->length + n >= sizeof r->text) return; /* the text is cut, and refused by the parser: seen by the test */
  memcpy(r->text + r->length, text, n + 1);
  r->length += n;
}

static inline void write_number(random_text *r) {
  static const char *const numbers[] = {"0", "1", "2", "0.5", "3.25", "1e-1", ".75", "1.", "2.5E0", "0.1"};
  write_text(r, numbers[random_below(&r->state, 10)]);
}

static inline void write_safe(random_text *r, int depth) { /* in [1, 3] */
  write_text(r, "(2 + sin(");
  write_expression(r, gkt_shape_scalar(), depth);
  write_text(r, "))");
}

/* A literal; safe: diagonally dominant, so that its inverse is harmless. */
static inline void write_literal(random_text *r, gkt_shape shape, int depth, bool safe) {
  int rows = shape.dims[0], columns = shape.dims[1];
  write_text(r, "[");
  for (int i = 0; i < rows; i++) {
    write_text(r, shape.rank == 2 ? (i ? ", [" : "[") : "");
    for (int j = 0; j < columns; j++) {
      write_text(r, j || (shape.rank == 1 && i) ? ", " : "");
      if (safe) write_text(r, i == j ? "6 + sin(" : "sin(");
      write_expression(r, gkt_shape_scalar(), depth);
      if (safe) write_text(r, ")");
    }
    write_text(r, shape.rank == 2 ? "]" : "");
  }
  write_text(r, "]");
}

static inline int hole_length(const random_text *r, char c, gkt_shape shape, int k) {
  return c == 'm' ? shape.dims[0] : c == 'n' ? shape.dims[1] : c == 'k' ? k : c == 'd' ? r->dim : c - '0';
}

static inline void fill_template(random_text *r, const expression_template *e, gkt_shape shape, int depth) {
  int k = 1 + random_below(&r->state, 3);
  for (const char *c = e->text; *c; c++) {
    char one[2] = {*c, 0};
    if (*c == '~') write_safe(r, depth - 1);
    else if (*c == '&') write_literal(r, shape, depth - 2, false);
    else if (*c == '?') write_number(r);
    else if (!strncmp(c, "SAFE", 4)) write_literal(r, shape.rank == 2 ? shape : gkt_shape_matrix(2, 2), depth - 2, true), c += 3;
    else if (!strncmp(c, "ROWS", 4)) write_literal(r, gkt_shape_matrix(shape.dims[0], r->dim), depth - 1, false), c += 3;
    else if (*c == '$' && c[1] == 's') write_expression(r, gkt_shape_scalar(), depth - 1), c++;
    else if (*c == '$') write_expression(r, gkt_shape_vector(hole_length(r, c[1], shape, k)), depth - 1), c++;
    else if (*c == '#') write_expression(r, gkt_shape_matrix(hole_length(r, c[1], shape, k), hole_length(r, c[2], shape, k)), depth - 1), c += 2;
    else if (*c == '@') {
      one[0] = (char)('0' + random_below(&r->state, hole_length(r, c[1], shape, k)));
      write_text(r, one);
      c++;
    } else write_text(r, one);
  }
}

static inline bool template_fits(const random_text *r, const expression_template *e, gkt_shape shape, int depth) {
  int needs = e->needs, m = shape.dims[0], n = shape.dims[1];
  bool dims = !(needs & SQUARE && m != n) && !(needs & M_DIM && m != r->dim) && !(needs & N_DIM && n != r->dim) && !(needs & M_3 && m != 3) && !(needs & DIM_2 && r->dim != 2) &&
              !(needs & DIM_3 && r->dim != 3);
  bool place = !(needs & GRADIENT && r->inside > 1) && !(needs & OUTSIDE && r->inside > 0) && !(needs & ONCE && r->inside > 1);
  return e->rank == shape.rank && dims && place && (depth > 0 || needs & LEAF);
}

static inline void write_expression(random_text *r, gkt_shape shape, int depth) {
  const expression_template *fitting[NUM_TEMPLATES];
  int count = 0;
  for (int i = 0; i < NUM_TEMPLATES; i++)
    if (template_fits(r, &random_templates[i], shape, depth)) fitting[count++] = &random_templates[i];
  const expression_template *chosen = fitting[random_below(&r->state, count)];
  bool gradient = chosen->needs & GRADIENT, spaced = random_below(&r->state, 8) == 0;
  r->inside += gradient;
  if (spaced) write_text(r, " ( ");
  fill_template(r, chosen, shape, depth);
  if (spaced) write_text(r, "\n)");
  r->inside -= gradient;
}

static inline gkt_shape random_shape(uint64_t *state) {
  int m = 1 + random_below(state, 3), n = 1 + random_below(state, 3);
  switch (random_below(state, 4)) {
  case 0: return gkt_shape_vector(m);
  case 1: return gkt_shape_matrix(m, n);
  default: return gkt_shape_scalar();
  }
}

/* r->text: an expression of the given shape over the scope of language.h and the names a0 and q. */
static inline void random_expression(random_text *r, uint64_t seed, int dim, gkt_shape shape, int depth) {
  r->state = seed;
  r->dim = dim;
  r->inside = 0;
  r->length = 0;
  r->text[0] = 0;
  write_expression(r, shape, depth);
}
static const char *const random_lets[][2] = {{"a0", "u*f + sin(x[0])"}, {"q", "k*grad(u) + x*f"}};
#endif
