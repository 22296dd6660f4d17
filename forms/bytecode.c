/* The interpreter: steps become instructions on LANES points at a time. Inputs and constants are read where they are, outputs are written in place, everything between
   lives in registers of the caller's workspace, each reused once its value has been read for the last time. */
#include "forms/pointwise.h"

typedef struct {
  gkt_pointwise *p;
  gkt_place *places; /* [num_steps]: where the value of a step is */
  int *last_use;     /* [num_steps]: the last step that reads it */
  int *free;         /* [num_free] registers */
  int num_free, num_constants;
} allocator;

static void extend_use(allocator *a, int step, int user) { a->last_use[step] = a->last_use[step] < user ? user : a->last_use[step]; }

static void find_last_uses(allocator *a) {
  for (int i = 0; i < a->p->num_steps; i++) {
    const gkt_step *step = &a->p->steps[i];
    a->last_use[i] = i;
    for (int j = 0; j < gkt_op_arity(step->op); j++) a->last_use[step->operands[j]] = i;
  }
  for (int c = 0; c < a->p->num_calls; c++)
    for (int j = 0; j < a->p->calls[c].num_in; j++) extend_use(a, a->p->calls[c].arguments[j], a->p->calls[c].first);
}

/* Outputs that are operations are computed in place; the first of several equal ones. */
static void place_outputs(allocator *a) {
  for (int i = 0; i < a->p->num_steps; i++) a->places[i] = (gkt_place){GKT_SPACE_WORK, -1};
  for (int i = a->p->num_outputs - 1; i >= 0; i--) a->places[a->p->outputs[i]] = (gkt_place){GKT_SPACE_OUT, i};
}

static void place_leaf(allocator *a, int i) {
  const gkt_step *step = &a->p->steps[i];
  if (step->op == GKT_OP_TERMINAL) a->places[i] = (gkt_place){GKT_SPACE_IN, step->input};
  else {
    for (int l = 0; l < GKT_LANES; l++) a->p->constants[a->num_constants * GKT_LANES + l] = step->value;
    a->places[i] = (gkt_place){GKT_SPACE_CONSTANTS, a->num_constants++};
  }
}

static void release(allocator *a, int operand, int i) {
  bool external = a->p->steps[operand].op == GKT_OP_EXTERNAL; /* calls have registers of their own */
  if (a->places[operand].space != GKT_SPACE_WORK || a->last_use[operand] != i || external) return;
  a->last_use[operand] = -1; /* once, if it stands twice */
  a->free[a->num_free++] = a->places[operand].index;
}

static void release_operands(allocator *a, int i) {
  const gkt_step *step = &a->p->steps[i];
  for (int j = 0; j < gkt_op_arity(step->op); j++) release(a, step->operands[j], i);
}

static gkt_instruction *append(allocator *a, int op, gkt_place from, gkt_place to) {
  gkt_instruction *instruction = &a->p->instructions[a->p->num_instructions++];
  *instruction = (gkt_instruction){.op = op, .operands = {from, from, from}, .result = to};
  return instruction;
}

/* Arguments in, the call, one number out. A call has its registers for itself, one after the other, so that numbers can be read at any later step. */
static void append_external(allocator *a, int i) {
  const gkt_step *step = &a->p->steps[i];
  gkt_call *call = &a->p->calls[step->call];
  if (call->first == i) {
    call->in = a->p->num_registers, call->out = call->in + call->num_in;
    a->p->num_registers = call->out + call->num_out;
    for (int j = 0; j < call->num_in; j++) append(a, GKT_COPY, a->places[call->arguments[j]], (gkt_place){GKT_SPACE_WORK, call->in + j});
    append(a, GKT_CALL, (gkt_place){GKT_SPACE_WORK, call->in}, (gkt_place){GKT_SPACE_WORK, call->out})->call = step->call;
    for (int j = 0; j < call->num_in; j++) release(a, call->arguments[j], i);
  }
  gkt_place number = {GKT_SPACE_WORK, call->out + step->input};
  if (a->places[i].space == GKT_SPACE_OUT) append(a, GKT_COPY, number, a->places[i]);
  else a->places[i] = number;
}

static void append_operation(allocator *a, int i) {
  const gkt_step *step = &a->p->steps[i];
  gkt_instruction *instruction = &a->p->instructions[a->p->num_instructions++];
  instruction->op = (int)step->op;
  for (int j = 0; j < 3; j++) instruction->operands[j] = a->places[step->operands[j < gkt_op_arity(step->op) ? j : 0]];
  release_operands(a, i);
  if (a->places[i].space == GKT_SPACE_WORK) a->places[i].index = a->num_free ? a->free[--a->num_free] : a->p->num_registers++;
  instruction->result = a->places[i];
}

static void append_copies(allocator *a) {
  for (int i = 0; i < a->p->num_outputs; i++) {
    gkt_place from = a->places[a->p->outputs[i]];
    if (from.space == GKT_SPACE_OUT && from.index == i) continue;
    append(a, GKT_COPY, from, (gkt_place){GKT_SPACE_OUT, i});
  }
}

gkt_status gkt_bytecode_create(gkt_pointwise *p) {
  gkt_status status;
  allocator a = {.p = p};
  GKT_GO(gkt_alloc(p->ctx, p->num_steps, sizeof *a.places, &a.places));
  GKT_GO(gkt_alloc(p->ctx, p->num_steps, sizeof *a.last_use, &a.last_use));
  GKT_GO(gkt_alloc(p->ctx, p->num_steps, sizeof *a.free, &a.free));
  GKT_GO(gkt_alloc(p->ctx, (gkt_size)p->num_steps * GKT_LANES, sizeof *p->constants, &p->constants));
  gkt_size room = (gkt_size)p->num_steps + p->num_outputs;
  for (int c = 0; c < p->num_calls; c++) room += p->calls[c].num_in + 1;
  GKT_GO(gkt_alloc(p->ctx, room, sizeof *p->instructions, &p->instructions));
  find_last_uses(&a);
  place_outputs(&a);
  for (int i = 0; i < p->num_steps; i++) {
    if (gkt_op_arity(p->steps[i].op) == 0) place_leaf(&a, i);
    else if (p->steps[i].op == GKT_OP_EXTERNAL) append_external(&a, i);
    else if (p->steps[i].op != GKT_OP_ARGUMENT) append_operation(&a, i);
  }
  append_copies(&a);
done:
  gkt_free(&a.places);
  gkt_free(&a.last_use);
  gkt_free(&a.free);
  return status;
}

/* r = op(x, y, z) lane by lane; r may be x, y or z. */
static void run(int op, const gkt_scalar *x, const gkt_scalar *y, const gkt_scalar *z, gkt_scalar *r) {
  switch (op) {
#define X(name, arity, word, takes, cost, value, ...)         \
  case GKT_OP_##name:                                         \
    _Pragma("omp simd") for (int l = 0; l < GKT_LANES; l++) { \
      const gkt_scalar a = x[l], b = y[l], c = z[l];          \
      (void)a, (void)b, (void)c;                              \
      r[l] = value;                                           \
    }                                                         \
    break;
    GKT_OP_LIST(X)
#undef X
  default:
    for (int l = 0; l < GKT_LANES; l++) r[l] = x[l];
  }
}

void gkt_pointwise_eval(const gkt_pointwise *p, const gkt_scalar *in, gkt_scalar *workspace, gkt_scalar *out) {
  const gkt_scalar *const from[GKT_NUM_SPACES] = {in, p->constants, workspace, out};
  gkt_scalar *const to[GKT_NUM_SPACES] = {NULL, NULL, workspace, out};
#define AT(spaces, place) (spaces[(place).space] + (gkt_size)(place).index * GKT_LANES)
  for (const gkt_instruction *k = p->instructions; k < p->instructions + p->num_instructions; k++)
    if (k->op == GKT_CALL) p->call_data[k->call].function(p->call_data[k->call].user, GKT_LANES, GKT_LANES, AT(from, k->operands[0]), AT(to, k->result));
    else run(k->op, AT(from, k->operands[0]), AT(from, k->operands[1]), AT(from, k->operands[2]), AT(to, k->result));
#undef AT
}
