/* Lists of functions, ascending by number: arguments of forms. */
#include "forms/form.h"

gkt_status gkt_functions_set(gkt_context *ctx, gkt_functions *f, int count, const int *functions) {
  GKT_TRY(gkt_realloc(ctx, count, sizeof *f->functions, &f->functions));
  for (int n = 0; n < count; n++) {
    int k = n;
    for (; k > 0 && f->functions[k - 1] > functions[n]; k--) f->functions[k] = f->functions[k - 1];
    if (k > 0 && f->functions[k - 1] == functions[n]) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "form: function %d is given twice; expected different ones", functions[n]);
    f->functions[k] = functions[n];
  }
  f->count = count;
  return GKT_OK;
}

gkt_status gkt_functions_unite(gkt_context *ctx, const gkt_functions *a, const gkt_functions *b, gkt_functions *out) {
  int *both, count = 0;
  GKT_TRY(gkt_alloc(ctx, (gkt_size)a->count + b->count, sizeof *both, &both));
  for (int k = 0; k < a->count; k++) both[count++] = a->functions[k];
  for (int k = 0; k < b->count; k++)
    if (!gkt_functions_hold(a, b->functions[k])) both[count++] = b->functions[k];
  gkt_status status = gkt_functions_set(ctx, out, count, both);
  gkt_free(&both);
  return status;
}

bool gkt_functions_hold(const gkt_functions *f, int function) {
  for (int k = 0; k < f->count; k++)
    if (f->functions[k] == function) return true;
  return false;
}

bool gkt_functions_are_equal(const gkt_functions *a, const gkt_functions *b) {
  for (int k = 0; k < a->count && k < b->count; k++)
    if (a->functions[k] != b->functions[k]) return false;
  return a->count == b->count;
}
