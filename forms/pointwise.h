/* Inside of a pointwise function: the steps (one static value each), which emit.c prints, and the bytecode with registers, which bytecode.c makes and runs. */
#ifndef GKT_FORMS_POINTWISE_H
#define GKT_FORMS_POINTWISE_H
#include "forms/external.h"
#include "forms/op.h"

typedef struct {
  gkt_op op;
  int operands[3]; /* earlier steps; unused: 0 */
  int input;       /* TERMINAL: of the inputs; EXTERNAL: which number of the call's */
  int call;        /* EXTERNAL */
  double value;    /* CONSTANT */
} gkt_step;

/* One call of a custom function for all numbers that are used of it. */
typedef struct {
  const gkt_external_record *external;
  bool tangent;
  int list;            /* the step of its last ARGUMENT */
  int first;           /* the first step that reads it: the call is made there */
  int num_in, num_out; /* scalars */
  int *arguments;      /* [num_in] steps */
  int in, out;         /* of the interpreter: first registers */
} gkt_call;

typedef enum { GKT_SPACE_IN, GKT_SPACE_CONSTANTS, GKT_SPACE_WORK, GKT_SPACE_OUT, GKT_NUM_SPACES } gkt_space_kind;
typedef struct {
  gkt_space_kind space;
  int index; /* times LANES: the offset in its space */
} gkt_place;
typedef struct {
  int op;                        /* gkt_op, GKT_COPY, or GKT_CALL */
  int call;                      /* of GKT_CALL, which has no operands */
  gkt_place operands[3], result; /* unused operands repeat the first; the result may be where an operand was */
} gkt_instruction;
enum { GKT_COPY = GKT_NUM_OPS, GKT_CALL };

struct gkt_pointwise {
  gkt_context *ctx;
  int num_inputs, num_outputs, num_steps;
  gkt_terminal *inputs; /* [num_inputs], sorted by kind, function, component, direction */
  int *outputs;         /* [num_outputs] steps */
  gkt_step *steps;      /* [num_steps] operands first */
  int num_calls;
  gkt_call *calls;          /* [num_calls] by `first` */
  gkt_call_data *call_data; /* [num_calls] */
  int num_registers, num_instructions;
  gkt_scalar *constants;         /* [num_constants][LANES] */
  gkt_instruction *instructions; /* [num_instructions] */
};

gkt_status gkt_calls_create(const gkt_graph *, gkt_pointwise *) GKT_MUST_CHECK; /* calls.c: from the steps, whose `input` is still their node */
void gkt_calls_destroy(gkt_pointwise *);
gkt_status gkt_bytecode_create(gkt_pointwise *) GKT_MUST_CHECK; /* from the steps */
#endif
