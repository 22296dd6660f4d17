/* Where adjoints stand: where the state does that they are asked for at. */
#include "adjoint/adjoint.h"
#include "assembly/assembler.h"
#include "core/vector.h"

/* ---- vectors ---- */
gkt_status gkt_adjoint_settle(gkt_adjoint *a, gkt_where where) {
  gkt_vector **const vectors[] = {&a->lambda, &a->right, &a->part, &a->lambda_at, &a->du, &a->dlambda};
  for (int i = 0; i < 6; i++) {
    gkt_vector *moved = NULL;
    if (!*vectors[i] || gkt_vector_where(*vectors[i]) == where) continue;
    if (*vectors[i] == a->lambda || *vectors[i] == a->lambda_at) a->lambda_of = NULL; /* it is another's */
    GKT_TRY(gkt_vector_create_on(a->ctx, where, gkt_system_num_dofs(a->s), &moved));
    gkt_vector_destroy(vectors[i]);
    *vectors[i] = moved;
  }
  return GKT_OK;
}

const gkt_scalar *gkt_adjoint_values(const gkt_vector *v) { return gkt_vector_where(v) == GKT_ON_DEVICE ? gkt_vector_address(v) : gkt_vector_read(v); }

gkt_status gkt_adjoint_plan_add_vector(const gkt_adjoint *a, gkt_adjoint_plan *p, const gkt_inputs *inputs, double weight, gkt_idx first, gkt_idx count, gkt_vector *out) {
  if (!p->form || weight == 0) return GKT_OK;
  GKT_TRY(gkt_adjoint_plan_ahead(a, true, p));
  if (gkt_vector_where(out) == GKT_ON_HOST) return gkt_adjoint_plan_add(a, p, inputs, weight, count, gkt_vector_values(a->part), gkt_vector_values(out) + first);
  GKT_TRY(gkt_assemble_to(p->assembler, 1, inputs, gkt_vector_address(a->part), GKT_ON_DEVICE));
  return gkt_device_vector_axpy(gkt_vector_device(out), count, weight, gkt_vector_address(a->part), gkt_vector_address(out) + first);
}

/* ---- what is evaluated on the host, as values at quadrature points and in conditions are ---- */
static gkt_status fetch_function(const gkt_adjoint *a, int function, const gkt_inputs *given, gkt_scalar **own, const gkt_scalar **out) {
  const gkt_system *s = a->s;
  const bool is_data = function < s->num_functions && gkt_system_find_block(s, gkt_field_of(s->scope, function)) < 0;
  gkt_device *device;
  *out = is_data ? s->values[function] : NULL;
  if (is_data || !a->spaces[function] || !given->values[function]) return GKT_OK;
  const gkt_size count = gkt_space_num_dofs(a->spaces[function]);
  GKT_TRY(gkt_device_open(a->ctx, &device));
  GKT_TRY(gkt_alloc(a->ctx, count, sizeof **own, own));
  *out = *own;
  return gkt_device_download(device, given->values[function], *own, count * (gkt_size)sizeof **own);
}

gkt_status gkt_adjoint_bring(const gkt_adjoint *a, const gkt_inputs *given, gkt_brought_inputs *out) {
  gkt_status status;
  *out = (gkt_brought_inputs){.inputs = *given, .num = a->num_functions};
  if (given->where == GKT_ON_HOST) return GKT_OK;
  GKT_GO(gkt_calloc(a->ctx, a->num_functions, sizeof *out->own, &out->own));
  GKT_GO(gkt_calloc(a->ctx, a->num_functions, sizeof *out->values, &out->values));
  for (int f = 0; f < a->num_functions; f++) GKT_GO(fetch_function(a, f, given, &out->own[f], &out->values[f]));
  out->inputs.values = out->values, out->inputs.where = GKT_ON_HOST;
done:
  if (status != GKT_OK) gkt_adjoint_leave(out);
  return status;
}

void gkt_adjoint_leave(gkt_brought_inputs *b) {
  for (int f = 0; b->own && f < b->num; f++) gkt_free(&b->own[f]);
  gkt_free(&b->own);
  gkt_free(&b->values);
}
