/* Custom functions as the language sees them: their declaration, and a call typed. */
#include <string.h>

#include "forms/type.h"

int gkt_scope_find_external(const gkt_scope *s, const char *name) {
  const gkt_externals *e = gkt_graph_get_externals(s->graph);
  for (int i = 0; i < e->count; i++)
    if (!strcmp(e->records[i]->name, name)) return i;
  return -1;
}

/* ---- declaration ---- */
static gkt_status check_symmetry(const gkt_scope *s, const char *name, const gkt_external *law, int num_derived) {
  int n = gkt_shape_size(law->result), first = gkt_shape_size(law->arguments[0]);
  if (law->symmetric && first != n)
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "'%s': declared symmetric, but its result has %d components and its first argument %d; expected as many", name, n, first);
  for (int k = 0; law->symmetric && law->zeros && k < n; k++)
    for (int j = 0; j < k; j++)
      if (law->zeros[k * num_derived + j] != law->zeros[j * num_derived + k])
        return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "'%s': declared symmetric, but of the derivatives [%d][%d] and [%d][%d] one only is declared zero; expected both or none", name,
                        j, k, k, j);
  return GKT_OK;
}

static gkt_status check_law(const gkt_scope *s, const char *name, const gkt_external *law) {
  int num_derived = 0;
  if (law->num_arguments < 1 || law->num_arguments > GKT_MAX_ARGUMENTS)
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "'%s': %d arguments; expected 1 to %d", name, law->num_arguments, GKT_MAX_ARGUMENTS);
  if (law->num_history < 0 || law->num_history > law->num_arguments - (law->tangent != NULL))
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "'%s': %d of %d arguments are history; expected 0 or more, and one that is none for a tangent", name, law->num_history,
                    law->num_arguments);
  if (!law->function) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "'%s': no function is given", name);
  if (!law->tangent && (law->zeros || law->symmetric)) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "'%s': no tangent is given; expected nothing to be declared of it", name);
  GKT_TRY(gkt_scope_check_shape(s, law->result));
  for (int i = 0; i < law->num_arguments; i++) {
    GKT_TRY(gkt_scope_check_shape(s, law->arguments[i]));
    num_derived += i < law->num_arguments - law->num_history ? gkt_shape_size(law->arguments[i]) : 0;
  }
  return check_symmetry(s, name, law, num_derived);
}

gkt_status gkt_scope_add_external(gkt_scope *s, const char *name, const gkt_external *law, int *external) {
  GKT_TRY(gkt_scope_check_name(s, name));
  GKT_TRY(check_law(s, name, law));
  if (gkt_graph_get_externals(s->graph)->count == INT16_MAX) return gkt_fail(s->ctx, GKT_BAD_INPUT, "'%s': more than %d custom functions", name, INT16_MAX);
  return gkt_graph_add_external(s->graph, name, law, external);
}

/* ---- a call ---- */
void gkt_external_usage(const gkt_external_record *r, char text[GKT_USAGE]) {
  char shape[40];
  int length = snprintf(text, GKT_USAGE, "%s(", r->name);
  for (int i = 0; i < r->law.num_arguments && length < GKT_USAGE; i++)
    length += snprintf(text + length, (size_t)(GKT_USAGE - length), "%s%s", i ? ", " : "", gkt_shape_text(r->law.arguments[i], shape));
  if (length < GKT_USAGE) snprintf(text + length, (size_t)(GKT_USAGE - length), ")");
}

static gkt_status fail_call(gkt_typing *t, const gkt_external_record *r, int argument, int count) {
  char usage[GKT_USAGE], shape[40];
  gkt_external_usage(r, usage);
  if (argument >= 0) return gkt_type_fail(t, GKT_BAD_INPUT, argument, "this is %s; expected %s", gkt_shape_text(gkt_value_of(t, argument)->shape, shape), usage);
  return gkt_type_fail_word(t, GKT_BAD_INPUT, t->current, "takes %d argument%s, here are %d; expected %s", r->law.num_arguments, r->law.num_arguments > 1 ? "s" : "", count, usage);
}

/* nodes [num_inputs]: the components of all arguments. */
static gkt_status collect(gkt_typing *t, const gkt_external_record *r, gkt_node *nodes) {
  int count = 0, at = 0;
  for (int i = t->ast->nodes[t->current].first; i >= 0; i = t->ast->nodes[i].next) count++;
  if (count != r->law.num_arguments) return fail_call(t, r, -1, count);
  for (int i = t->ast->nodes[t->current].first, k = 0; i >= 0; i = t->ast->nodes[i].next, k++) {
    const gkt_value *v = gkt_value_of(t, i);
    bool zero = t->values[i].zero;
    if (!zero && !gkt_shape_same(v->shape, r->law.arguments[k])) return fail_call(t, r, i, count);
    for (int c = 0; c < gkt_shape_size(r->law.arguments[k]); c++) nodes[at++] = zero ? GKT_ZERO : v->nodes[c];
  }
  return GKT_OK;
}

static int find_called(const gkt_typing *t) {
  const gkt_externals *e = gkt_graph_get_externals(t->scope->graph);
  for (int i = 0; i < e->count; i++)
    if (gkt_ast_word_is(t->ast, t->current, e->records[i]->name)) return i;
  return -1;
}

gkt_status gkt_type_custom_call(gkt_typing *t, gkt_value *out) {
  gkt_graph *g = t->scope->graph;
  gkt_node nodes[GKT_MAX_EXTERNAL_INPUTS];
  int number = find_called(t);
  if (number < 0) return gkt_type_unknown_function(t);
  const gkt_external_record *r = gkt_graph_get_externals(g)->records[number];
  GKT_TRY(collect(t, r, nodes));
  gkt_node list = gkt_external_list(g, r->num_inputs, nodes);
  out->shape = r->law.result;
  for (int k = 0; k < r->num_results; k++) out->nodes[k] = gkt_external_value(g, number, k, list);
  return GKT_OK;
}
