/* Claim: a custom function is called like the language's own, with messages by name; its values and derivatives are those of the same law written in the language, interpreted and
   compiled; one call serves all components; a symmetric tangent is claimed only where it is declared; what has no derivative is refused, and the scope stays good. */
#include "tests/custom_laws.h"
#include "tests/graphs.h"
#include "tests/language.h"

static gkt_scope *make_custom_scope(gkt_context *ctx, int dim) {
  gkt_scope *s = make_scope(ctx, dim);
  gkt_external hardening = hard_law(dim), skew = skewed_law(dim), energy = potential_law(dim), plain = hard_law(dim), symmetric = hard_law(dim);
  int i;
  plain.tangent = NULL, symmetric.symmetric = true;
  assert_int_equal(gkt_scope_add_external(s, "hard", &hardening, &i), GKT_OK);
  assert_int_equal(i, 0);
  assert_int_equal(gkt_scope_add_external(s, "skewed", &skew, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_external(s, "psi", &energy, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_external(s, "plain", &plain, &i), GKT_OK);
  assert_int_equal(gkt_scope_add_external(s, "symmetric", &symmetric, &i), GKT_OK);
  assert_int_equal(i, 4);
  return s;
}

/* ---- messages ---- */
static void refuses(gkt_context *ctx, gkt_scope *s, const char *text, const char *message) {
  gkt_source source = text_source(text);
  gkt_expression *e = NULL;
  gkt_context_clear(ctx);
  assert_int_equal(gkt_expression_parse(s, &source, &e), GKT_BAD_INPUT);
  if (!strstr(gkt_context_message(ctx), message)) fail_msg("%s: %s; expected %s", text, gkt_context_message(ctx), message);
}

static void calls_are_typed(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_custom_scope(ctx, 2);
  refuses(ctx, s, "hard(S)", "column 1: 'hard': takes 2 arguments, here are 1; expected hard(a 2x2 matrix, a scalar)");
  refuses(ctx, s, "hard(grad(u), r)", "column 6: 'grad(u)': this is a vector of 2; expected hard(a 2x2 matrix, a scalar)");
  refuses(ctx, s, "hard(S, w)", "column 9: 'w': this is a vector of 2; expected");
  refuses(ctx, s, "hard + 1", "'hard': a function needs its arguments; expected hard(a 2x2 matrix, a scalar)");
  refuses(ctx, s, "hardd(S, r)", "no function of the language; did you mean 'hard'?");
  gkt_source good = text_source("hard(0, 0)[0,1] + psi(S, 2*r)*sin(tr(skewed(hard(S, r), f)))");
  gkt_expression *e;
  if (gkt_expression_parse(s, &good, &e) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  assert_int_equal(gkt_expression_shape(e).rank, 0);
  gkt_expression_destroy(&e);
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

static void refuses_law(gkt_context *ctx, gkt_scope *s, const char *name, const gkt_external *law, gkt_status expected, const char *message) {
  int i = -1;
  gkt_context_clear(ctx);
  assert_int_equal(gkt_scope_add_external(s, name, law, &i), expected);
  assert_int_equal(i, -1);
  if (!strstr(gkt_context_message(ctx), message)) fail_msg("%s; expected %s", gkt_context_message(ctx), message);
}

static void declarations_are_checked(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_custom_scope(ctx, 2);
  gkt_external law = hard_law(2);
  bool zeros[4 * 5] = {[1] = true};
  refuses_law(ctx, s, "hard", &law, GKT_BAD_INPUT, "'hard': is a custom function already");
  refuses_law(ctx, s, "u", &law, GKT_BAD_INPUT, "'u': is a field already");
  refuses_law(ctx, s, "sin", &law, GKT_BAD_INPUT, "'sin': reserved");
  law.num_arguments = 0;
  refuses_law(ctx, s, "g", &law, GKT_BAD_ARGUMENT, "'g': 0 arguments; expected 1 to 8");
  law = hard_law(2), law.arguments[0] = gkt_shape_matrix(4, 4);
  refuses_law(ctx, s, "g", &law, GKT_BAD_ARGUMENT, "4 x 4; expected");
  law = hard_law(2), law.function = NULL;
  refuses_law(ctx, s, "g", &law, GKT_BAD_ARGUMENT, "'g': no function is given");
  law = hard_law(2), law.tangent = NULL, law.zeros = zeros;
  refuses_law(ctx, s, "g", &law, GKT_BAD_ARGUMENT, "expected nothing to be declared of it");
  law = potential_law(2), law.symmetric = true;
  refuses_law(ctx, s, "g", &law, GKT_BAD_ARGUMENT, "its result has 1 components and its first argument 4");
  law = hard_law(2), law.symmetric = true, law.zeros = zeros;
  refuses_law(ctx, s, "g", &law, GKT_BAD_ARGUMENT, "[0][1] and [1][0] one only is declared zero");
  int i;
  gkt_context_clear(ctx);
  assert_int_equal(gkt_scope_add_constant(s, "hard", &i), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "'hard': is a custom function already"));
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

/* ---- values and derivatives ---- */
static gkt_value parse(gkt_scope *s, const char *text) {
  gkt_source source = text_source(text);
  gkt_expression *e;
  if (gkt_expression_parse(s, &source, &e) != GKT_OK) fail_msg("%s: %s", text, gkt_context_message(s->ctx));
  gkt_value value = e->value;
  gkt_expression_destroy(&e);
  return value;
}

typedef struct {
  gkt_pointwise *f;
  gkt_scalar *in, *workspace, *out; /* [..][LANES] */
} machine;

static machine make_machine(gkt_graph *g, int n, const gkt_node *nodes) {
  machine m;
  assert_int_equal(gkt_pointwise_create(g, n, nodes, &m.f), GKT_OK);
  int num_inputs = gkt_pointwise_num_inputs(m.f);
  uint64_t random = 3;
  m.in = malloc((size_t)(num_inputs + 1) * GKT_LANES * sizeof *m.in);
  m.workspace = malloc((size_t)(gkt_pointwise_workspace(m.f) + 1) * sizeof *m.workspace);
  m.out = malloc((size_t)n * GKT_LANES * sizeof *m.out);
  for (int i = 0; i < num_inputs * GKT_LANES; i++) m.in[i] = random_real(&random, -1, 1);
  gkt_pointwise_eval(m.f, m.in, m.workspace, m.out);
  return m;
}

static void free_machine(machine *m) {
  gkt_pointwise_destroy(&m->f);
  free(m->in), free(m->workspace), free(m->out);
}

typedef void kernel(const double (*in)[GKT_LANES], double (*out)[GKT_LANES], const gkt_call_data *);

/* What a compiler makes of it has the interpreter's bits: the operations are the same ones. */
static void compiled_is_interpreted(gkt_context *ctx, const machine *m) {
  gkt_text text = {.ctx = ctx};
  gkt_module *module = NULL;
  kernel *function;
  int n = gkt_pointwise_num_outputs(m->f);
  gkt_emit_prelude(GKT_BACKEND_CPU, &text);
  gkt_pointwise_emit(m->f, "point", &text);
  assert_true(gkt_pointwise_num_calls(m->f) > 0);
  gkt_text_printf(&text, "void kernel(const gkt_scalar (*in)[GKT_LANES], gkt_scalar (*out)[GKT_LANES], const gkt_call_data *calls) { point(in, out, calls); }\n");
  if (gkt_module_compile(ctx, text.data, &module) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  assert_null(strstr(text.data, "hard"));
  void *symbol = gkt_module_symbol(module, "kernel");
  memcpy(&function, &symbol, sizeof function);
  double(*out)[GKT_LANES] = malloc((size_t)n * sizeof *out);
  function((const double(*)[GKT_LANES])m->in, out, gkt_pointwise_calls(m->f));
  assert_memory_equal(out, m->out, (size_t)n * sizeof *out);
  free(out);
  gkt_module_destroy(&module);
  gkt_text_free(&text);
}

/* Half of the outputs are those of the custom function, half those of the law written out. */
static void compare(gkt_scope *s, int count, gkt_node *nodes) {
  machine m = make_machine(s->graph, 2 * count, nodes);
  for (int i = 0; i < count * GKT_LANES; i++) {
    double a = m.out[i], b = m.out[count * GKT_LANES + i];
    if (!(fabs(a - b) <= 1e-13 * (1 + fabs(b)))) fail_msg("output %d: %.17g; expected %.17g", i / GKT_LANES, a, b);
  }
  if (gkt_compiler_found(s->ctx)) compiled_is_interpreted(s->ctx, &m);
  free_machine(&m);
}

static void values_and_derivatives_are_those_of_the_law(void **state) {
  (void)state;
  static const char *const pairs[][2] = {
      {"hard(S, r)", "r*(1 + inner(S, S))*S"},
      {"skewed(S, r)", "exp(tr(S))*S + r*I"},
      {"skewed(sym(grad(U)), exp(f*r))*hard(S, r)", "(exp(div(U))*sym(grad(U)) + exp(f*r)*I)*(r*(1 + inner(S, S))*S)"},
      {"hard(skewed(S, r)/4, psi(S, f))", "(inner(S, S) + f^2)*(1 + inner(exp(tr(S))*S + r*I, exp(tr(S))*S + r*I)/16)*(exp(tr(S))*S + r*I)/4"},
      {"sin(psi(S, f^3))*S + symmetric(S, f)", "sin(inner(S, S) + f^6)*S + f*(1 + inner(S, S))*S"},
  };
  gkt_context *ctx = make_context();
  for (int dim = 2; dim <= 3; dim++)
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
      gkt_scope *s = make_custom_scope(ctx, dim);
      gkt_value custom = parse(s, pairs[i][0]), plain = parse(s, pairs[i][1]);
      gkt_node nodes[4 * 9], seeds[4], ones[4] = {GKT_ONE, gkt_graph_constant(s->graph, 0.5), GKT_ONE, GKT_ONE};
      int n = gkt_shape_size(custom.shape);
      static const char *const of[] = {"S[0,1]", "S[0,0]", "f", "grad(U)[1,0]"};
      for (int k = 0; k < 4; k++) seeds[k] = parse(s, of[k]).nodes[0];
      memcpy(nodes, custom.nodes, (size_t)n * sizeof *nodes);
      memcpy(nodes + 2 * n, plain.nodes, (size_t)n * sizeof *nodes);
      assert_int_equal(gkt_graph_derive(s->graph, n, custom.nodes, 4, seeds, ones, nodes + n), GKT_OK);
      assert_int_equal(gkt_graph_derive(s->graph, n, plain.nodes, 4, seeds, ones, nodes + 3 * n), GKT_OK);
      compare(s, 2 * n, nodes);
      gkt_scope_destroy(&s);
    }
  gkt_context_destroy(&ctx);
}

static void gradients_apply_the_chain_rule(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  for (int dim = 2; dim <= 3; dim++) {
    gkt_scope *s = make_custom_scope(ctx, dim);
    gkt_value custom = parse(s, "grad(psi(outer(x, w), f)) + div(skewed(S, f))"), plain = parse(s, "grad(inner(outer(x, w), outer(x, w)) + f^2) + div(exp(tr(S))*S + f*I)");
    gkt_node nodes[6];
    memcpy(nodes, custom.nodes, (size_t)dim * sizeof *nodes), memcpy(nodes + dim, plain.nodes, (size_t)dim * sizeof *nodes);
    compare(s, dim, nodes);
    gkt_scope_destroy(&s);
  }
  gkt_context_destroy(&ctx);
}

static void one_call_serves_all_components(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_custom_scope(ctx, 2);
  gkt_value v = parse(s, "hard(S, r) + tr(hard(S, r))*I + hard(S, r).T");
  num_calls = 0;
  machine m = make_machine(s->graph, 4, v.nodes);
  assert_int_equal(num_calls, 1);
  assert_int_equal(gkt_pointwise_num_calls(m.f), 1);
  assert_string_equal(gkt_pointwise_call_name(m.f, 0), "hard");
  free_machine(&m);
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

/* Arguments that are numbers do not fold: the function is asked. */
static void constant_arguments_are_asked(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_custom_scope(ctx, 2);
  machine m = make_machine(s->graph, 1, parse(s, "hard([[1, 2], [3, 4]], 0.5)[1,0]").nodes);
  for (int l = 0; l < GKT_LANES; l++) assert_true(m.out[l] == 0.5 * 31 * 3);
  free_machine(&m);
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

/* ---- forms ---- */
static gkt_form *form_of(gkt_scope *s, gkt_form_kind kind, const char *text) {
  gkt_source source = text_source(text);
  gkt_form *form;
  if (gkt_form_parse(s, kind, &source, &form) != GKT_OK) fail_msg("%s: %s", text, gkt_context_message(s->ctx));
  return form;
}

static gkt_interval between(const gkt_terminal *t, const void *user) {
  (void)t, (void)user;
  return (gkt_interval){1, 2};
}

static bool is_symmetric(gkt_scope *s, const char *text) {
  gkt_form *form = form_of(s, GKT_EQUATION, text), *tangent;
  int U = gkt_scope_find_function(s, "U");
  assert_int_equal(gkt_form_derivative(form, 1, (const int[]){U}, &tangent), GKT_OK);
  assert_true(gkt_form_depends_on(tangent, U)); /* not linear */
  bool symmetric = gkt_form_is_symmetric(tangent);
  gkt_form_facts facts;
  assert_int_equal(gkt_form_analyse(tangent, between, NULL, NULL, &facts), GKT_OK);
  assert_true(facts.symmetric == symmetric && !facts.positive);
  gkt_form_destroy(&tangent);
  gkt_form_destroy(&form);
  return symmetric;
}

static void symmetry_is_what_was_declared(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  for (int dim = 2; dim <= 3; dim++) {
    gkt_scope *s = make_custom_scope(ctx, dim);
    assert_false(is_symmetric(s, "inner(hard(sym(grad(U)), r), sym(grad(V)))*dx"));
    assert_true(is_symmetric(s, "inner(symmetric(sym(grad(U)), r), sym(grad(V)))*dx"));
    assert_true(is_symmetric(s, "inner(symmetric(grad(U), r), grad(V))*dx"));
    assert_false(is_symmetric(s, "inner(symmetric(grad(U), r), sym(grad(V)))*dx"));
    gkt_scope_destroy(&s);
  }
  gkt_context_destroy(&ctx);
}

static void declared_zeros_leave_no_term(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_custom_scope(ctx, 2);
  gkt_external law = hard_law(2);
  bool zeros[4 * 5] = {[4] = true, [9] = true, [14] = true, [19] = true}; /* as if nothing depended on c */
  int number, f = gkt_scope_find_function(s, "f");
  law.zeros = zeros;
  assert_int_equal(gkt_scope_add_external(s, "frozen", &law, &number), GKT_OK);
  memset(zeros, 0, sizeof zeros); /* copied */
  for (int i = 0; i < 2; i++) {
    gkt_form *form = form_of(s, GKT_EQUATION, i ? "inner(frozen(grad(U), f), grad(V))*dx" : "inner(hard(grad(U), f), grad(V))*dx"), *d;
    assert_int_equal(gkt_form_derivative(form, 1, &f, &d), GKT_OK);
    assert_int_equal(gkt_form_num_integrals(d), i ? 0 : 1);
    gkt_form_destroy(&d);
    gkt_form_destroy(&form);
  }
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

static void refuses_derivative(gkt_scope *s, const gkt_form *form, gkt_status expected, const char *message) {
  gkt_form *d = NULL;
  gkt_context_clear(s->ctx);
  assert_int_equal(gkt_form_derivative(form, 1, (const int[]){gkt_scope_find_function(s, "U")}, &d), expected);
  assert_null(d);
  if (!strstr(gkt_context_message(s->ctx), message)) fail_msg("%s; expected %s", gkt_context_message(s->ctx), message);
}

/* The scalar is history: the tangent is shorter, and derivatives by it are refused. */
static void frozen_tangent(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  gkt_scalar all[20 * 8];
  for (int p = 0; p < count; p++) {
    gkt_scalar one[5];
    gather(user, p, stride, in, one);
    hard_tangent(user, 1, 1, one, all);
    for (int k = 0; k < 4; k++)
      for (int j = 0; j < 4; j++) out[(k * 4 + j) * stride + p] = all[k * 5 + j];
  }
}

static void history_has_no_derivative(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_custom_scope(ctx, 2);
  gkt_external law = hard_law(2);
  const gkt_scalar point[5] = {0.3, -0.2, 0.5, 0.1, 0.7};
  int number;
  law.tangent = frozen_tangent, law.num_history = 2;
  refuses_law(ctx, s, "g", &law, GKT_BAD_ARGUMENT, "'g': 2 of 2 arguments are history");
  law.num_history = 1, law.symmetric = true;
  gkt_context_clear(ctx);
  assert_int_equal(gkt_scope_add_external(s, "frozen", &law, &number), GKT_OK);
  if (gkt_external_check(s, number, 1, point, NULL, 0, NULL) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  gkt_value custom = parse(s, "frozen(S, r)"), plain = parse(s, "r*(1 + inner(S, S))*S");
  gkt_node nodes[16], seed = parse(s, "S[1,0]").nodes[0], history = parse(s, "r").nodes[0], one = GKT_ONE, derivative[4];
  memcpy(nodes, custom.nodes, 4 * sizeof *nodes), memcpy(nodes + 8, plain.nodes, 4 * sizeof *nodes);
  assert_int_equal(gkt_graph_derive(s->graph, 4, custom.nodes, 1, &seed, &one, nodes + 4), GKT_OK);
  assert_int_equal(gkt_graph_derive(s->graph, 4, plain.nodes, 1, &seed, &one, nodes + 12), GKT_OK);
  compare(s, 8, nodes);
  assert_int_equal(gkt_graph_derive(s->graph, 4, custom.nodes, 1, &history, &one, derivative), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "the derivative of 'frozen' by its history is needed; its tangent has none"));
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

static void what_has_no_derivative_is_refused(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_custom_scope(ctx, 2);
  gkt_form *plain = form_of(s, GKT_EQUATION, "inner(plain(grad(U), r), grad(V))*dx"), *energy = form_of(s, GKT_ENERGY, "psi(grad(U), r)*dx"), *residual, *d;
  refuses_derivative(s, plain, GKT_BAD_INPUT, "the derivative of 'plain' is needed, but it was added without a tangent; expected one");
  assert_int_equal(gkt_form_derivative(energy, 1, (const int[]){gkt_scope_find_function(s, "U")}, &residual), GKT_OK);
  refuses_derivative(s, residual, GKT_UNAVAILABLE, "the second derivative of 'psi' is not available");
  assert_int_equal(gkt_form_derivative(residual, 1, (const int[]){gkt_scope_find_function(s, "w")}, &d), GKT_OK); /* which it does not contain */
  assert_int_equal(gkt_form_num_integrals(d), 0);
  gkt_form_destroy(&d);
  gkt_source test = text_source("inner(hard(grad(V), r), grad(U))*dx");
  gkt_context_clear(ctx);
  assert_int_equal(gkt_form_parse(s, GKT_EQUATION, &test, &d), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "not linear in the test function"));
  gkt_form *after = form_of(s, GKT_EQUATION, "inner(hard(grad(U), r), grad(V))*dx"); /* the scope is as good as before */
  assert_int_equal(gkt_form_derivative(after, 1, (const int[]){gkt_scope_find_function(s, "U")}, &d), GKT_OK);
  gkt_form_destroy(&d), gkt_form_destroy(&after), gkt_form_destroy(&residual), gkt_form_destroy(&energy), gkt_form_destroy(&plain);
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(calls_are_typed),
      cmocka_unit_test(declarations_are_checked),
      cmocka_unit_test(values_and_derivatives_are_those_of_the_law),
      cmocka_unit_test(gradients_apply_the_chain_rule),
      cmocka_unit_test(one_call_serves_all_components),
      cmocka_unit_test(constant_arguments_are_asked),
      cmocka_unit_test(symmetry_is_what_was_declared),
      cmocka_unit_test(declared_zeros_leave_no_term),
      cmocka_unit_test(history_has_no_derivative),
      cmocka_unit_test(what_has_no_derivative_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
