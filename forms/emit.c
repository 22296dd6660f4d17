/* C text of a pointwise function: straight-line code, one value per operation. A call into the mathematics library keeps a compiler from vectorizing its loop over lanes,
   so calls stand in loops of their own, between loops of plain arithmetic; values that cross loops are kept in small arrays. */
#include <ctype.h>
#include <string.h>

#include "forms/pointwise.h"

#define TEXT_OF(...) #__VA_ARGS__
#define TEXT(...) TEXT_OF(__VA_ARGS__)

static bool is_leaf(const gkt_step *step) { return gkt_op_arity(step->op) == 0; }
static bool is_silent(const gkt_step *step) { return is_leaf(step) || step->op == GKT_OP_ARGUMENT || step->op == GKT_OP_EXTERNAL; } /* no operation of a loop over lanes */

static bool is_call(const gkt_step *step) {
#define X(name, arity, word, takes, cost, ...) [GKT_OP_##name] = cost,
  static const gkt_op_cost costs[GKT_NUM_OPS] = {GKT_OP_LIST(X)};
#undef X
  return costs[step->op] == GKT_COST_CALL;
}

/* loop[i]: which loop computes step i. Even loops hold arithmetic, odd ones calls; arithmetic on the result of a call stands in a later loop. Custom functions are called for all
   lanes before an odd loop, which comes after those of their arguments. */
static int assign_loops(const gkt_pointwise *p, int *loop) {
  int last = 0;
  for (int i = 0; i < p->num_steps; i++) {
    const gkt_step *step = &p->steps[i];
    bool external = step->op == GKT_OP_EXTERNAL;
    loop[i] = is_call(step) || external ? 1 : 0;
    for (int j = 0; j < gkt_op_arity(step->op); j++) {
      int operand = loop[step->operands[j]];
      while (loop[i] < operand + external) loop[i] += 2;
    }
    if (loop[i] > last) last = loop[i];
  }
  return last + 1;
}

static void find_crossings(const gkt_pointwise *p, const int *loop, bool *crosses) {
  for (int i = 0; i < p->num_steps; i++)
    for (int j = 0; j < gkt_op_arity(p->steps[i].op); j++) {
      int operand = p->steps[i].operands[j];
      if (!is_silent(&p->steps[operand]) && loop[operand] != loop[i]) crosses[operand] = true;
    }
  for (int c = 0; c < p->num_calls; c++)
    for (int j = 0; j < p->calls[c].num_in; j++) crosses[p->calls[c].arguments[j]] = !is_silent(&p->steps[p->calls[c].arguments[j]]);
}

/* Digits that read back to the same number, whatever the locale's decimal point. */
static void emit_constant(gkt_text *text, double value) {
  char digits[64], *rest = digits;
  if (isnan(value)) gkt_text_printf(text, "(0.0 / 0.0)");
  else if (isinf(value)) gkt_text_printf(text, value > 0 ? "(1.0 / 0.0)" : "(-1.0 / 0.0)");
  else if (value == floor(value) && fabs(value) < 1e15) gkt_text_printf(text, value < 0 ? "(%.0f.0)" : "%.0f.0", value);
  else {
    snprintf(digits, sizeof digits, "%.16e", fabs(value));
    while (!isdigit((unsigned char)*++rest)) continue;
    gkt_text_printf(text, value < 0 ? "(-%c.%s)" : "%c.%s", digits[0], rest);
  }
}

typedef struct {
  const gkt_pointwise *p;
  const bool *crosses;
  gkt_text *text;
} emitter;

static void emit_operand(const emitter *e, int i) {
  const gkt_step *step = &e->p->steps[i];
  if (step->op == GKT_OP_CONSTANT) emit_constant(e->text, step->value);
  else if (step->op == GKT_OP_TERMINAL) gkt_text_printf(e->text, "in[%d][l]", step->input);
  else if (step->op == GKT_OP_EXTERNAL) gkt_text_printf(e->text, "r%d[%d][l]", step->call, step->input);
  else gkt_text_printf(e->text, e->crosses[i] ? "t%d[l]" : "t%d", i);
}

static bool is_letter(char c) { return isalnum((unsigned char)c) || c == '_'; }

/* The value's text in op_list.h, in which a, b, c that stand alone are the operands. */
static void emit_operation(const emitter *e, const gkt_step *step) {
#define X(name, arity, word, takes, cost, value, ...) [GKT_OP_##name] = #value,
  static const char *const values[GKT_NUM_OPS] = {GKT_OP_LIST(X)};
#undef X
  const char *text = values[step->op];
  for (const char *c = text; *c; c++) {
    bool alone = (c == text || !is_letter(c[-1])) && !is_letter(c[1]);
    if (alone && *c >= 'a' && *c <= 'c') emit_operand(e, step->operands[*c - 'a']);
    else gkt_text_printf(e->text, "%c", *c);
  }
}

/* The calls that stand before a loop. */
static void emit_calls(const emitter *e, const int *loop, int number) {
  for (int c = 0; c < e->p->num_calls; c++) {
    const gkt_call *call = &e->p->calls[c];
    if (loop[call->first] != number) continue;
    gkt_text_printf(e->text, "  GKT_FOR_LANES(l) {\n");
    for (int j = 0; j < call->num_in; j++) {
      gkt_text_printf(e->text, "    a%d[%d][l] = ", c, j);
      emit_operand(e, call->arguments[j]);
      gkt_text_printf(e->text, ";\n");
    }
    gkt_text_printf(e->text, "  }\n  calls[%d].function(calls[%d].user, GKT_LANES, GKT_LANES, a%d[0], r%d[0]);\n", c, c, c, c);
  }
}

static void emit_loop(const emitter *e, const int *loop, int number) {
  gkt_text_printf(e->text, "  GKT_FOR_LANES(l) {\n");
  for (int i = 0; i < e->p->num_steps; i++) {
    const gkt_step *step = &e->p->steps[i];
    if (is_silent(step) || loop[i] != number) continue;
    gkt_text_printf(e->text, e->crosses[i] ? "    t%d[l] = " : "    const gkt_scalar t%d = ", i);
    emit_operation(e, step);
    gkt_text_printf(e->text, ";\n");
  }
  for (int i = 0; i < e->p->num_outputs; i++) {
    if (loop[e->p->outputs[i]] != number) continue;
    gkt_text_printf(e->text, "    out[%d][l] = ", i);
    emit_operand(e, e->p->outputs[i]);
    gkt_text_printf(e->text, ";\n");
  }
  gkt_text_printf(e->text, "  }\n");
}

static bool loop_is_empty(const gkt_pointwise *p, const int *loop, int number) {
  for (int i = 0; i < p->num_steps; i++)
    if (loop[i] == number && !is_silent(&p->steps[i])) return false;
  for (int i = 0; i < p->num_outputs; i++)
    if (loop[p->outputs[i]] == number) return false;
  return true;
}

void gkt_pointwise_emit(const gkt_pointwise *p, const char *name, gkt_text *text) {
  int *loop = NULL;
  bool *crosses = NULL;
  gkt_status status = text->status;
  if (status != GKT_OK) return;
  GKT_GO(gkt_calloc(p->ctx, p->num_steps, sizeof *loop, &loop));
  GKT_GO(gkt_calloc(p->ctx, p->num_steps, sizeof *crosses, &crosses));
  int num_loops = assign_loops(p, loop);
  find_crossings(p, loop, crosses);
  gkt_text_printf(text, "GKT_POINT void %s(const gkt_scalar (*GKT_RESTRICT in)[GKT_LANES], gkt_scalar (*GKT_RESTRICT out)[GKT_LANES]%s) {\n", name,
                  p->num_calls ? ", const gkt_call_data *calls" : "");
  gkt_text_printf(text, "  (void)in;\n  (void)out;\n");
  for (int i = 0; i < p->num_steps; i++)
    if (crosses[i]) gkt_text_printf(text, "  gkt_scalar t%d[GKT_LANES];\n", i);
  for (int c = 0; c < p->num_calls; c++) gkt_text_printf(text, "  gkt_scalar a%d[%d][GKT_LANES], r%d[%d][GKT_LANES];\n", c, p->calls[c].num_in, c, p->calls[c].num_out);
  emitter e = {p, crosses, text};
  for (int i = 0; i < num_loops; i++) {
    emit_calls(&e, loop, i);
    if (!loop_is_empty(p, loop, i)) emit_loop(&e, loop, i);
  }
  gkt_text_printf(text, "}\n");
done:
  if (text->status == GKT_OK) text->status = status;
  gkt_free(&loop);
  gkt_free(&crosses);
}

void gkt_emit_prelude(gkt_backend backend, gkt_text *text) {
  if (backend == GKT_BACKEND_CUDA) gkt_text_printf(text, "#define GKT_POINT GKT_FUNCTION\n#define GKT_LANES 1\n#define GKT_FOR_LANES(l) for (int l = 0; l < GKT_LANES; l++)\n");
  else
    gkt_text_printf(text,
                    "#include <math.h>\n#include <stddef.h>\n#include <stdint.h>\ntypedef double gkt_scalar;\ntypedef int32_t gkt_idx;\n"
                    "#define GKT_POINT static inline\n#define GKT_RESTRICT restrict\n#define GKT_LANES %d\n"
                    "#define GKT_FOR_LANES(l) _Pragma(\"omp simd\") for (int l = 0; l < GKT_LANES; l++)\n",
                    (int)GKT_LANES);
  gkt_text_printf(text, "%s\n%s\n", TEXT(GKT_CALL_DATA), TEXT(GKT_OP_HELPERS(GKT_POINT)));
}
