/* Inside of a pointwise function: the steps (one static value each), which emit.c prints, and the bytecode with registers, which bytecode.c makes and runs. */
#ifndef GKT_FORMS_POINTWISE_H
#define GKT_FORMS_POINTWISE_H
#include "forms/op.h"

typedef struct {
  gkt_op op;
  int operands[3]; /* earlier steps; unused: 0 */
  int input;       /* TERMINAL */
  double value;    /* CONSTANT */
} gkt_step;

typedef enum { GKT_SPACE_IN, GKT_SPACE_CONSTANTS, GKT_SPACE_WORK, GKT_SPACE_OUT, GKT_NUM_SPACES } gkt_space_kind;
typedef struct {
  gkt_space_kind space;
  int index; /* times LANES: the offset in its space */
} gkt_place;
typedef struct {
  int op;                        /* gkt_op, or GKT_COPY */
  gkt_place operands[3], result; /* unused operands repeat the first; the result may be where an operand was */
} gkt_instruction;
enum { GKT_COPY = GKT_NUM_OPS };

struct gkt_pointwise {
  gkt_context *ctx;
  int num_inputs, num_outputs, num_steps;
  gkt_terminal *inputs; /* [num_inputs], sorted by kind, function, component, direction */
  int *outputs;         /* [num_outputs] steps */
  gkt_step *steps;      /* [num_steps] operands first */
  int num_registers, num_instructions;
  gkt_scalar *constants;         /* [num_constants][LANES] */
  gkt_instruction *instructions; /* [num_instructions] */
};

gkt_status gkt_bytecode_create(gkt_pointwise *) GKT_MUST_CHECK; /* from the steps */
#endif
