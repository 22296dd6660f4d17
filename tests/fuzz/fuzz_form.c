/* Claim: whatever bytes stand for an equation, an energy or an expression, reading them ends with a value or with one message that names a line and a column;
   what is read prints to a text that reads as the same tree; its derivatives exist or are refused, and whatever tangent there is has blocks and a Schur complement or none.
   clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -D_GNU_SOURCE -I. -Iinclude tests/fuzz/fuzz_form.c forms/?*.c core/context.c core/memory.c \
     -lm -lgomp -o fuzz_form && ./fuzz_form corpus tests/fuzz/seeds_form -max_total_time=60
   The first byte chooses the dimension, the rest is the text. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forms/ast.h"
#include "forms/schur.h"

static void require(bool holds) {
  if (!holds) abort();
}

static gkt_scope *make_scope(gkt_context *ctx, int dim) {
  gkt_scope *s;
  int i;
  gkt_source q = {.text = "k*grad(u) + x"}, cycle = {.text = "1 + cycle"};
  require(gkt_scope_create(ctx, dim, &s) == GKT_OK);
  require(gkt_scope_add_field(s, "u", "v", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i) == GKT_OK);
  require(gkt_scope_add_field(s, "U", "V", gkt_shape_vector(dim), (gkt_element){GKT_LAGRANGE, 2}, &i) == GKT_OK);
  require(gkt_scope_add_coefficient(s, "f", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i) == GKT_OK);
  require(gkt_scope_add_coefficient(s, "S", gkt_shape_matrix(dim, dim), (gkt_element){GKT_LAGRANGE, 1}, &i) == GKT_OK);
  require(gkt_scope_add_coefficient(s, "r", gkt_shape_scalar(), (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 0}, &i) == GKT_OK);
  require(gkt_scope_add_constant(s, "k", &i) == GKT_OK);
  require(gkt_scope_add_expression(s, "q", &q, true) == GKT_OK);
  require(gkt_scope_add_expression(s, "cycle", &cycle, true) == GKT_OK);
  return s;
}

/* A refusal has a message with a place; none is said of success or an internal contradiction. */
static void check_outcome(gkt_context *ctx, gkt_status status) {
  require(status == GKT_OK || status == GKT_BAD_INPUT || status == GKT_UNAVAILABLE);
  require((status == GKT_OK) == (gkt_context_message(ctx)[0] == 0));
  require(status == GKT_OK || strstr(gkt_context_message(ctx), "column"));
  gkt_context_clear(ctx);
}

static void check_printing(gkt_context *ctx, const gkt_source *source) {
  gkt_ast *ast, *again;
  gkt_text printed = {.ctx = ctx};
  gkt_status status = gkt_ast_parse(ctx, source, true, &ast);
  check_outcome(ctx, status);
  if (status != GKT_OK) return;
  gkt_ast_print(ast, &printed);
  require(gkt_ast_parse(ctx, &(gkt_source){.text = printed.data}, true, &again) == GKT_OK);
  require(again->num_nodes == ast->num_nodes);
  for (int i = 0; i < ast->num_nodes; i++) {
    const gkt_ast_node *m = &ast->nodes[i], *n = &again->nodes[i];
    require(m->kind == n->kind && m->first == n->first && m->next == n->next && m->number == n->number);
  }
  gkt_ast_destroy(&again);
  gkt_ast_destroy(&ast);
  gkt_text_free(&printed);
}

static gkt_interval anything(const gkt_terminal *t, const void *user) {
  (void)t, (void)user;
  return (gkt_interval){-INFINITY, INFINITY};
}

/* Of two fields: taken apart, asked for what stands for the Schur complement of each. */
static void check_tangent(gkt_context *ctx, const gkt_form *tangent) {
  gkt_form *block;
  gkt_schur_forms found;
  gkt_status status = gkt_form_check_unknowns(tangent);
  require(status == GKT_OK || status == GKT_BAD_INPUT);
  gkt_context_clear(ctx);
  for (int i = 0; i < gkt_form_num_arguments(tangent, 0); i++)
    for (int j = 0; j < gkt_form_num_arguments(tangent, 1); j++) {
      int row = gkt_form_argument(tangent, 0, i), col = gkt_form_argument(tangent, 1, j);
      require(gkt_form_block(tangent, row, col, &block) == GKT_OK);
      gkt_form_destroy(&block);
      if (row != col) continue;
      status = gkt_form_find_schur(tangent, row, anything, NULL, &found);
      require(status == GKT_OK || status == GKT_UNAVAILABLE);
      require(status != GKT_OK || *found.why);
      if (status == GKT_OK) gkt_schur_forms_clear(&found);
      gkt_context_clear(ctx);
    }
}

static void check_form(gkt_context *ctx, gkt_scope *s, gkt_form_kind kind, const gkt_source *source) {
  const int fields[] = {gkt_scope_find_function(s, "u"), gkt_scope_find_function(s, "U")};
  gkt_form *form, *derivative, *tangent;
  gkt_status status = gkt_form_parse(s, kind, source, &form);
  check_outcome(ctx, status);
  if (status != GKT_OK) return;
  if (gkt_form_derivative(form, 2, fields, &derivative) == GKT_OK) {
    if (gkt_form_arity(derivative) == 2) check_tangent(ctx, derivative);
    else if (gkt_form_derivative(derivative, 2, fields, &tangent) == GKT_OK) {
      check_tangent(ctx, tangent);
      gkt_form_destroy(&tangent);
    }
    gkt_form_destroy(&derivative);
  }
  gkt_context_clear(ctx);
  gkt_form_destroy(&form);
}

static void check_expression(gkt_context *ctx, gkt_scope *s, const gkt_source *source) {
  gkt_expression *e;
  gkt_status status = gkt_expression_parse(s, source, &e);
  check_outcome(ctx, status);
  if (status != GKT_OK) return;
  gkt_expression_uses_fields(e);
  gkt_expression_destroy(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  gkt_context *ctx;
  char *text = calloc(size + 1, 1);
  if (size > 1) memcpy(text, data + 1, size - 1);
  require(text && gkt_context_create(&(gkt_context_options){.poison = true}, &ctx) == GKT_OK);
  gkt_scope *s = make_scope(ctx, size ? 1 + data[0] % 3 : 1);
  gkt_source source = {.text = text, .file = "a.yaml", .key = "form"};
  check_printing(ctx, &source);
  check_form(ctx, s, GKT_EQUATION, &source);
  check_form(ctx, s, GKT_ENERGY, &source);
  check_expression(ctx, s, &source);
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
  free(text);
  return 0;
}
