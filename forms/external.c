/* Custom functions as nodes: calls, their derivatives, their values at a point. */
#include "forms/external.h"

#include <string.h>

void gkt_externals_free(gkt_externals *e) {
  for (int i = 0; i < e->count; i++) {
    gkt_free(&e->records[i]->name);
    gkt_free(&e->records[i]->zeros);
    gkt_free(&e->records[i]);
  }
  gkt_free(&e->records);
  e->count = 0;
}

static gkt_status fill(gkt_context *ctx, const char *name, const gkt_external *law, gkt_external_record *r) {
  r->law = *law;
  r->num_results = gkt_shape_size(law->result);
  for (int i = 0; i < law->num_arguments; i++) {
    r->num_inputs += gkt_shape_size(law->arguments[i]);
    if (i < law->num_arguments - law->num_history) r->num_derived = r->num_inputs;
  }
  int n = r->num_results, m = r->num_derived;
  GKT_TRY(gkt_strdup(ctx, name, &r->name));
  GKT_TRY(gkt_calloc(ctx, (gkt_size)n * m, sizeof *r->zeros, &r->zeros));
  if (law->zeros) memcpy(r->zeros, law->zeros, (size_t)(n * m) * sizeof *r->zeros);
  r->law.zeros = r->zeros;
  return GKT_OK;
}

gkt_status gkt_graph_add_external(gkt_graph *g, const char *name, const gkt_external *law, int *number) {
  gkt_externals *e = gkt_graph_externals(g);
  gkt_context *ctx = gkt_graph_context(g);
  gkt_external_record *r = NULL;
  gkt_status status;
  GKT_TRY(gkt_realloc(ctx, e->count + 1, sizeof *e->records, &e->records));
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *r, &r));
  GKT_GO(fill(ctx, name, law, r));
  e->records[e->count] = r;
  *number = e->count++;
  return GKT_OK;
done:
  gkt_free(&r->name);
  gkt_free(&r);
  return status;
}

/* ---- nodes ---- */
gkt_node gkt_external_list(gkt_graph *g, int count, const gkt_node *arguments) {
  gkt_node list = GKT_ZERO;
  for (int i = 0; i < count; i++) list = gkt_graph_make(g, GKT_OP_ARGUMENT, list, arguments[i], 0);
  return list;
}

gkt_node gkt_external_value(gkt_graph *g, int number, int component, gkt_node list) {
  return gkt_graph_external(g, (gkt_terminal){.function = (int16_t)number, .component = (int16_t)component}, list);
}

int gkt_external_arguments(const gkt_graph *g, gkt_node n, gkt_node *out) {
  const gkt_node_data *data = gkt_graph_get(g, n);
  int count = gkt_external_of(g, data)->num_inputs;
  for (int j = count; j-- > 0;) {
    data = gkt_graph_get(g, data->a);
    out[j] = data->b;
  }
  return count;
}

/* A declared symmetry makes one node of two entries. */
static gkt_node tangent_entry(gkt_graph *g, const gkt_node_data *value, int k, int j) {
  const gkt_external_record *r = gkt_external_of(g, value);
  gkt_terminal what = value->terminal;
  if (r->law.symmetric && j < k) {
    int t = k;
    k = j, j = t;
  }
  if (r->zeros[k * r->num_derived + j]) return GKT_ZERO;
  what.kind = 1, what.component = (int16_t)k, what.direction = (int8_t)j;
  return gkt_graph_external(g, what, value->a);
}

gkt_status gkt_external_check_derivable(const gkt_graph *g, gkt_node n, const gkt_node *derivative) {
  const gkt_node_data *data = gkt_graph_get(g, n);
  const gkt_external_record *r = gkt_external_of(g, data);
  gkt_context *ctx = gkt_graph_context(g);
  gkt_node arguments[GKT_MAX_EXTERNAL_INPUTS];
  int count = gkt_external_arguments(g, n, arguments);
  if (data->terminal.kind)
    return gkt_fail(ctx, GKT_UNAVAILABLE, "the second derivative of '%s' is not available: expected a form that needs its tangent only, which is all that is given", r->name);
  if (!r->law.tangent) return gkt_fail(ctx, GKT_BAD_INPUT, "the derivative of '%s' is needed, but it was added without a tangent; expected one", r->name);
  for (int j = r->num_derived; j < count; j++)
    if (derivative[arguments[j]] != GKT_ZERO) return gkt_fail(ctx, GKT_BAD_INPUT, "the derivative of '%s' by its history is needed; its tangent has none", r->name);
  return GKT_OK;
}

gkt_node gkt_external_derive(gkt_graph *g, gkt_node n, const gkt_node *derivative) {
  gkt_node_data value = *gkt_graph_get(g, n);
  gkt_node arguments[GKT_MAX_EXTERNAL_INPUTS], sum = GKT_ZERO;
  int count = gkt_external_arguments(g, n, arguments);
  for (int j = 0; j < count; j++)
    if (derivative[arguments[j]] != GKT_ZERO) sum = gkt_add(g, sum, gkt_mul(g, tangent_entry(g, &value, value.terminal.component, j), derivative[arguments[j]]));
  return sum;
}

/* ---- at a point ---- */
static void gather(const gkt_graph *g, gkt_node n, const gkt_scalar *values, gkt_scalar *in) {
  gkt_node arguments[GKT_MAX_EXTERNAL_INPUTS];
  int count = gkt_external_arguments(g, n, arguments);
  for (int j = 0; j < count; j++) in[j] = values[arguments[j]];
}

gkt_scalar gkt_external_apply(const gkt_graph *g, gkt_node n, const gkt_scalar *values) {
  const gkt_node_data *data = gkt_graph_get(g, n);
  const gkt_external_record *r = gkt_external_of(g, data);
  gkt_scalar in[GKT_MAX_EXTERNAL_INPUTS], out[GKT_MAX_EXTERNAL_OUTPUTS];
  gather(g, n, values, in);
  (data->terminal.kind ? r->law.tangent : r->law.function)(r->law.user, 1, 1, in, out);
  return out[data->terminal.kind ? data->terminal.component * r->num_derived + data->terminal.direction : data->terminal.component];
}

bool gkt_external_slopes(const gkt_graph *g, gkt_node n, const gkt_scalar *values, gkt_scalar *row) {
  const gkt_node_data *data = gkt_graph_get(g, n);
  const gkt_external_record *r = gkt_external_of(g, data);
  gkt_scalar in[GKT_MAX_EXTERNAL_INPUTS], out[GKT_MAX_EXTERNAL_OUTPUTS];
  int first = data->terminal.component * r->num_derived;
  if (data->terminal.kind || !r->law.tangent) return false;
  gather(g, n, values, in);
  r->law.tangent(r->law.user, 1, 1, in, out);
  for (int j = 0; j < r->num_inputs; j++) row[j] = j >= r->num_derived || r->zeros[first + j] ? 0 : out[first + j];
  return true;
}
