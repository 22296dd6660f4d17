/* Claim, on 1,000 random typed expressions over all operators and terminals: parsing, printing and parsing again gives the same tree; the graph's value is that of a
   plain recursive evaluation with jets to 1e-12 of the largest intermediate number; symbolic derivatives with respect to any terminal are central differences. */
#include "forms/type.h"
#include "tests/jets.h"

enum { CASES = 1000 };
typedef struct {
  gkt_context *ctx;
  gkt_scope *scope;
  random_text text;
  gkt_source source;
  gkt_shape shape;
  gkt_ast *ast;
  gkt_expression *expression;
} subject;

static void make_subject(subject *s, uint64_t seed) {
  uint64_t state = seed;
  int dim = 1 + random_below(&state, 3);
  s->shape = random_shape(&state);
  s->ctx = make_context();
  s->scope = make_scope(s->ctx, dim);
  for (size_t i = 0; i < sizeof random_lets / sizeof *random_lets; i++) add_let(s->scope, random_lets[i][0], random_lets[i][1], true);
  random_expression(&s->text, random_bits(&state), dim, s->shape, 2 + random_below(&state, 3));
  s->source = text_source(s->text.text);
  if (gkt_ast_parse(s->ctx, &s->source, false, &s->ast) != GKT_OK) fail_msg("%s\n%s", s->text.text, gkt_context_message(s->ctx));
  if (gkt_expression_parse(s->scope, &s->source, &s->expression) != GKT_OK) fail_msg("%s\n%s", s->text.text, gkt_context_message(s->ctx));
}

static void free_subject(subject *s) {
  gkt_ast_destroy(&s->ast);
  gkt_expression_destroy(&s->expression);
  gkt_scope_destroy(&s->scope);
  gkt_context_destroy(&s->ctx);
}

static bool same_tree(const gkt_ast *a, const gkt_ast *b) {
  bool same = a->num_nodes == b->num_nodes;
  for (int i = 0; same && i < a->num_nodes; i++) {
    const gkt_ast_node *m = &a->nodes[i], *n = &b->nodes[i];
    same = m->kind == n->kind && m->first == n->first && m->next == n->next && m->number == n->number;
    size_t length = (size_t)(m->word_end - m->word_begin);
    bool word = m->kind == GKT_AST_NAME || m->kind == GKT_AST_CALL || m->kind == GKT_AST_SET || m->kind == GKT_AST_MEASURE;
    if (same && word) same = length == (size_t)(n->word_end - n->word_begin) && !memcmp(a->source->text + m->word_begin, b->source->text + n->word_begin, length);
  }
  return same;
}

static void check_printed(gkt_context *ctx, const gkt_ast *ast) {
  gkt_text printed = {.ctx = ctx}, again = {.ctx = ctx};
  gkt_ast *second;
  gkt_ast_print(ast, &printed);
  assert_int_equal(printed.status, GKT_OK);
  gkt_source source = text_source(printed.data);
  if (gkt_ast_parse(ctx, &source, true, &second) != GKT_OK) fail_msg("printed as %s\n%s", printed.data, gkt_context_message(ctx));
  if (!same_tree(ast, second)) fail_msg("%s\nis printed as another tree:\n%s", ast->source->text, printed.data);
  gkt_ast_print(second, &again);
  assert_string_equal(printed.data, again.data);
  gkt_ast_destroy(&second);
  gkt_text_free(&printed);
  gkt_text_free(&again);
}

static void printing_and_parsing_are_inverse(void **state) {
  (void)state;
  static subject s;
  for (uint64_t seed = 0; seed < CASES; seed++) {
    make_subject(&s, seed);
    check_printed(s.ctx, s.ast);
    free_subject(&s);
  }
}

static void forms_print_with_few_parentheses(void **state) {
  (void)state;
  static const char *const texts[] = {"u*v*dx + f*v*ds(a, 'b c', degree=3) == -(u*v*dx(degree=2) - f*ds)*2/k",
                                      "-u^2^-f",
                                      "(-u)^2",
                                      "(u^f)^2",
                                      "u - (f - k) - E",
                                      "u/(f*k)*E",
                                      "-(u + f)",
                                      "(u < f) + 1",
                                      "U[0]",
                                      "S.T[1, 0]",
                                      "(S + I).T",
                                      "[[1, 2], [3, 4]][0]",
                                      "1 .T",
                                      "-(-u)*f",
                                      "2*-u",
                                      "sin(u)^2",
                                      "0 == u*v*dx"};
  static const char *const expected[] = {"u*v*dx + f*v*ds(a, 'b c', degree=3) == -(u*v*dx(degree=2) - f*ds)*2/k",
                                         "-u^2^-f",
                                         "(-u)^2",
                                         "(u^f)^2",
                                         "u - (f - k) - E",
                                         "u/(f*k)*E",
                                         "-(u + f)",
                                         "(u < f) + 1",
                                         "U[0]",
                                         "S.T[1, 0]",
                                         "(S + I).T",
                                         "[[1, 2], [3, 4]][0]",
                                         "1 .T",
                                         "--u*f",
                                         "2*-u",
                                         "sin(u)^2",
                                         "0 == u*v*dx"};
  gkt_context *ctx = make_context();
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    gkt_text printed = {.ctx = ctx};
    gkt_source source = text_source(texts[i]);
    gkt_ast *ast;
    assert_int_equal(gkt_ast_parse(ctx, &source, true, &ast), GKT_OK);
    gkt_ast_print(ast, &printed);
    assert_string_equal(printed.data, expected[i]);
    gkt_text_free(&printed);
    check_printed(ctx, ast);
    gkt_ast_destroy(&ast);
  }
  gkt_context_destroy(&ctx);
}

/* ---- values ---- */
static tensor evaluate_tree(const subject *s, const point *at, double *largest, double *closest) {
  evaluation e = {.scope = s->scope, .at = at, .largest = 1, .closest = 1};
  tensor t = jet_eval(&e, s->ast, s->ast->num_nodes - 1, 0);
  *largest = e.largest;
  *closest = e.closest;
  return t;
}

/* out [n][LANES] */
static void evaluate_nodes(const subject *s, int n, const gkt_node *nodes, point points[GKT_LANES], gkt_scalar *out) {
  gkt_pointwise *f;
  gkt_scalar *in, *workspace;
  assert_int_equal(gkt_pointwise_create(s->scope->graph, n, nodes, &f), GKT_OK);
  assert_int_equal(gkt_alloc(s->ctx, gkt_pointwise_num_inputs(f) * GKT_LANES, sizeof *in, &in), GKT_OK);
  assert_int_equal(gkt_alloc(s->ctx, gkt_pointwise_workspace(f), sizeof *workspace, &workspace), GKT_OK);
  for (int i = 0; i < gkt_pointwise_num_inputs(f); i++)
    for (int l = 0; l < GKT_LANES; l++) in[i * GKT_LANES + l] = *terminal_at(&points[l], gkt_pointwise_input(f, i));
  gkt_pointwise_eval(f, in, workspace, out);
  gkt_free(&in);
  gkt_free(&workspace);
  gkt_pointwise_destroy(&f);
}

static bool near(double a, double b, double tolerance) { return fabs(a - b) <= tolerance || (isnan(a) && isnan(b)) || a == b; }

static void check_values(const subject *s, uint64_t *state, int *compared) {
  point points[GKT_LANES];
  gkt_scalar out[9 * GKT_LANES];
  double largest, closest;
  for (int l = 0; l < GKT_LANES; l++) points[l] = random_point(state);
  int n = gkt_shape_size(s->expression->value.shape);
  evaluate_nodes(s, n, s->expression->value.nodes, points, out);
  for (int l = 0; l < GKT_LANES; l++) {
    tensor t = evaluate_tree(s, &points[l], &largest, &closest);
    assert_int_equal(t.shape.rank, s->shape.rank);
    assert_int_equal(gkt_shape_size(t.shape), n);
    if (closest < 1e-12 * largest && closest != 0) continue; /* rounding decides a comparison */
    for (int i = 0; i < n; i++)
      if (!near(t.c[i].v, out[i * GKT_LANES + l], 1e-12 * largest))
        fail_msg("%s\ncomponent %d: tree %.17g, graph %.17g, largest %g", s->text.text, i, t.c[i].v, out[i * GKT_LANES + l], largest);
    *compared += isfinite(t.c[0].v) != 0;
  }
}

static void trees_and_graphs_agree(void **state) {
  (void)state;
  static subject s;
  int compared = 0;
  for (uint64_t seed = 0; seed < CASES; seed++) {
    uint64_t random = ~seed;
    make_subject(&s, seed);
    check_values(&s, &random, &compared);
    free_subject(&s);
  }
  assert_true(compared > 0.97 * CASES * GKT_LANES); /* few are left out */
}

/* ---- derivatives ---- */
/* Central difference in one terminal, of the sum of all components, with steps d and d/2. */
static double difference(const subject *s, point at, const gkt_terminal *terminal, double d, double *largest) {
  double side[2], closest;
  for (int i = 0; i < 2; i++) {
    point moved = at;
    *terminal_at(&moved, terminal) += i ? d : -d;
    tensor t = evaluate_tree(s, &moved, largest, &closest);
    side[i] = 0;
    for (int c = 0; c < gkt_shape_size(t.shape); c++) side[i] += t.c[c].v;
  }
  return (side[1] - side[0]) / (2 * d);
}

static bool is_differentiated(gkt_term_kind kind) { return kind == GKT_TERM_VALUE || kind == GKT_TERM_GRAD || kind == GKT_TERM_CONSTANT; }

static void check_derivatives(const subject *s, uint64_t *state, int *sharp, int *total) {
  gkt_graph *g = s->scope->graph;
  gkt_node sum = GKT_ZERO, derivative, size = gkt_graph_size(g);
  gkt_scalar out[GKT_LANES];
  point points[GKT_LANES];
  double largest = 1;
  for (int l = 0; l < GKT_LANES; l++) points[l] = random_point(state);
  for (int c = 0; c < gkt_shape_size(s->expression->value.shape); c++) sum = gkt_add(g, sum, s->expression->value.nodes[c]);
  for (gkt_node n = 0; n < size; n++) {
    const gkt_node_data data = *gkt_graph_get(g, n);
    if (data.op != GKT_OP_TERMINAL || !is_differentiated((gkt_term_kind)data.terminal.kind)) continue;
    if (random_below(state, 3)) continue; /* a third of the terminals */
    gkt_node one = GKT_ONE;
    assert_int_equal(gkt_graph_derive(g, 1, &sum, 1, &n, &one, &derivative), GKT_OK);
    evaluate_nodes(s, 1, &derivative, points, out);
    for (int l = 0; l < 2; l++) {
      double d1 = difference(s, points[l], &data.terminal, 2e-5, &largest), d2 = difference(s, points[l], &data.terminal, 1e-5, &largest);
      double scale = largest + fabs(d2), spread = fabs(d1 - d2); /* the spread bounds truncation (3x) and shows a kink between the points */
      if (isnan(d1) || isnan(out[l])) continue;
      if (spread <= 1e-6 * scale && !near(out[l], d2, 1e-6 * scale + spread))
        fail_msg("%s\nfunction %d component %d: derivative %.17g, difference %.17g, largest %g", s->text.text, data.terminal.function, data.terminal.component, out[l], d2,
                 largest);
      *sharp += spread <= 1e-6 * scale;
      (*total)++;
    }
  }
}

static void derivatives_are_differences(void **state) {
  (void)state;
  static subject s;
  int sharp = 0, total = 0;
  for (uint64_t seed = 0; seed < CASES; seed++) {
    uint64_t random = ~seed * 3;
    make_subject(&s, seed);
    check_derivatives(&s, &random, &sharp, &total);
    free_subject(&s);
  }
  assert_true(total > 1000 && sharp > 0.95 * total);
}

static void every_operator_is_generated(void **state) {
  (void)state;
  static subject s;
  static const char *const words[] = {".T", "<", "<=", ">", ">=", "^", "**", "+", "-", "*", "/", "[", "x", "n", "h", "t", "pi", "I", "U", "S", "p", "r"};
  bool seen[sizeof words / sizeof *words] = {false}, called[200] = {false};
  char call[40];
  for (uint64_t seed = 0; seed < CASES; seed++) {
    make_subject(&s, seed);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) seen[i] |= strstr(s.text.text, words[i]) != NULL;
    for (int i = 0; gkt_builtin_name(i); i++) {
      snprintf(call, sizeof call, "%s(", gkt_builtin_name(i));
      called[i] |= strstr(s.text.text, call) != NULL;
    }
    free_subject(&s);
  }
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (!seen[i]) fail_msg("no random expression has %s", words[i]);
  for (int i = 0; gkt_builtin_name(i); i++) {
    bool later = strstr("dt dtt jump avg", gkt_builtin_name(i)) != NULL;
    if (called[i] == later) fail_msg("%s random expression calls %s", later ? "a" : "no", gkt_builtin_name(i));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(printing_and_parsing_are_inverse), cmocka_unit_test(forms_print_with_few_parentheses), cmocka_unit_test(trees_and_graphs_agree),
      cmocka_unit_test(derivatives_are_differences),      cmocka_unit_test(every_operator_is_generated),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
