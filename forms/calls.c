/* Calls of custom functions in a pointwise function: one for each list of arguments, function and kind (values or tangent), whatever is used of it. */
#include "forms/pointwise.h"

int gkt_pointwise_num_calls(const gkt_pointwise *p) { return p->num_calls; }
const gkt_call_data *gkt_pointwise_calls(const gkt_pointwise *p) { return p->call_data; }
const char *gkt_pointwise_call_name(const gkt_pointwise *p, int call) { return p->calls[call].external->name; }

static gkt_call call_of(const gkt_graph *g, const gkt_pointwise *p, int step) {
  const gkt_node_data *data = gkt_graph_get(g, p->steps[step].input);
  gkt_call call = {.external = gkt_external_of(g, data), .tangent = data->terminal.kind, .list = p->steps[step].operands[0], .first = step};
  call.num_in = call.external->num_inputs;
  call.num_out = call.external->num_results * (call.tangent ? call.external->num_derived : 1);
  return call;
}

static int find(const gkt_pointwise *p, const gkt_call *call) {
  int c = 0;
  while (c < p->num_calls && !(p->calls[c].list == call->list && p->calls[c].external == call->external && p->calls[c].tangent == call->tangent)) c++;
  return c;
}

static gkt_status list_arguments(gkt_pointwise *p, gkt_call *call) {
  GKT_TRY(gkt_alloc(p->ctx, call->num_in, sizeof *call->arguments, &call->arguments));
  for (int j = call->num_in, step = call->list; j-- > 0; step = p->steps[step].operands[0]) call->arguments[j] = p->steps[step].operands[1];
  return GKT_OK;
}

static gkt_status add(gkt_pointwise *p, gkt_call *call) {
  const gkt_external *law = &call->external->law;
  GKT_TRY(gkt_realloc(p->ctx, p->num_calls + 1, sizeof *p->calls, &p->calls));
  GKT_TRY(gkt_realloc(p->ctx, p->num_calls + 1, sizeof *p->call_data, &p->call_data));
  GKT_TRY(list_arguments(p, call));
  p->call_data[p->num_calls] = (gkt_call_data){call->tangent ? law->tangent : law->function, law->user};
  p->calls[p->num_calls++] = *call;
  return GKT_OK;
}

gkt_status gkt_calls_create(const gkt_graph *g, gkt_pointwise *p) {
  for (int i = 0; i < p->num_steps; i++) {
    if (p->steps[i].op != GKT_OP_EXTERNAL) continue;
    const gkt_terminal what = gkt_graph_get(g, p->steps[i].input)->terminal;
    gkt_call call = call_of(g, p, i);
    int number = find(p, &call);
    if (number == p->num_calls) GKT_TRY(add(p, &call));
    p->steps[i].call = number;
    p->steps[i].input = what.kind ? what.component * call.external->num_derived + what.direction : what.component;
  }
  return GKT_OK;
}

void gkt_calls_destroy(gkt_pointwise *p) {
  for (int c = 0; c < p->num_calls; c++) gkt_free(&p->calls[c].arguments);
  gkt_free(&p->calls);
  gkt_free(&p->call_data);
}
