/* Functions of the shape and element of another one, which stages add beside it: adjoint states, directions, gradients. No text can name them, so arrays of callers that hold none
   of them need no place for them either. */
#include <string.h>

#include "forms/type.h"

static gkt_status add(gkt_scope *s, const char *name, int function, int *out) {
  const gkt_function *f = &s->functions[function];
  GKT_TRY(gkt_scope_check_count(s, name));
  gkt_function twin = {.role = GKT_ROLE_TWIN, .shape = f->shape, .element = f->element, .partner = function, .rates = {-1, -1}, .shifts = {-1, -1, -1}};
  GKT_TRY(gkt_realloc(s->ctx, s->num_functions + 1, sizeof *s->functions, &s->functions));
  GKT_TRY(gkt_strdup(s->ctx, name, &twin.name));
  s->functions[s->num_functions] = twin;
  *out = s->num_functions++;
  return GKT_OK;
}

gkt_status gkt_scope_twin(gkt_scope *s, const char *what, int function, int *out) {
  gkt_text name = {.ctx = s->ctx};
  gkt_text_printf(&name, "%s(%s)", what, s->functions[function].name);
  gkt_status status = name.status;
  if (status == GKT_OK) *out = gkt_scope_find_function(s, name.data);
  if (status == GKT_OK && *out < 0) status = add(s, name.data, function, out);
  gkt_text_free(&name);
  return status;
}

static bool holds(const gkt_form *form, int function) {
  for (int i = 0; i < form->arity; i++)
    if (gkt_functions_hold(&form->arguments[i], function)) return true;
  return gkt_form_depends_on(form, function);
}

int gkt_form_num_functions(const gkt_form *form) {
  int n = form->scope->num_functions;
  while (n > 0 && form->scope->functions[n - 1].role == GKT_ROLE_TWIN && !holds(form, n - 1)) n--;
  return n;
}
