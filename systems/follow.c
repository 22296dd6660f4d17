/* Discrete coefficients whose values depend on t. They are filled once for each time at which a step looks at the residual, and looking there then chooses among arrays: so an
   iteration over two stages fills nothing, and the end of a step is known as the next one begins. */
#include "forms/form.h"
#include "systems/system.h"

gkt_system_followed *gkt_system_find_followed(const gkt_system *s, int function) {
  for (int i = 0; i < s->num_followed; i++)
    if (s->followed[i].function == function) return &s->followed[i];
  return NULL;
}

void gkt_system_clear_followed(gkt_system *s) {
  for (int i = 0; i < s->num_followed; i++)
    for (int m = 0; m < GKT_NUM_MOMENTS; m++) gkt_free(&s->followed[i].values[m]);
  gkt_free(&s->followed);
  s->num_followed = 0;
}

/* ---- moments ---- */
static int find_moment(const gkt_system *s, gkt_scalar time) {
  for (int m = 0; m < GKT_NUM_MOMENTS; m++)
    if (s->has_moment[m] && s->moments[m] == time) return m;
  return -1;
}

static bool is_needed(const gkt_system *s, gkt_scalar time) {
  bool needed = time == s->inputs.time;
  for (int k = 0; k < s->num_stages; k++) needed = needed || time == s->stages[k].time;
  return needed;
}

/* There are more than are needed. */
static int free_moment(const gkt_system *s) {
  int m = 0;
  while (m < GKT_NUM_MOMENTS - 1 && s->has_moment[m] && is_needed(s, s->moments[m])) m++;
  return m;
}

void gkt_system_look_at(gkt_system *s, gkt_scalar time) {
  const int m = s->num_followed ? find_moment(s, time) : -1;
  for (int i = 0; i < s->num_followed; i++) s->values[s->followed[i].function] = m < 0 ? NULL : s->followed[i].values[m];
}

gkt_status gkt_system_follow(gkt_system *s, gkt_scalar time) {
  if (!s->num_followed) return GKT_OK;
  if (find_moment(s, time) < 0) {
    const int m = free_moment(s);
    s->has_moment[m] = false;
    for (int i = 0; i < s->num_followed; i++) GKT_TRY(s->followed[i].fill(s->followed[i].user, time, s->followed[i].values[m]));
    s->moments[m] = time, s->has_moment[m] = true;
  }
  gkt_system_look_at(s, s->inputs.time);
  return GKT_OK;
}

gkt_status gkt_system_refill(gkt_system *s) {
  GKT_TRY(gkt_unless_exhausted(s->ctx, GKT_OK)); /* what the change makes stale was asked */
  for (int m = 0; m < GKT_NUM_MOMENTS; m++) s->has_moment[m] = false;
  for (int i = 0; i < s->num_followed; i++) gkt_system_set_values(s, s->followed[i].function, NULL);
  for (int k = 0; k < s->num_stages; k++) GKT_TRY(gkt_system_follow(s, s->stages[k].time));
  return gkt_system_follow(s, s->inputs.time);
}

/* ---- what is followed ---- */
static gkt_status check(const gkt_system *s, const char *name, int function, gkt_values_at *fill) {
  if (function < 0 || function >= s->num_functions || !s->scope->functions[function].follows_time)
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: '%s' is no discrete coefficient of which gkt_scope_follow_time has said that it depends on t", name);
  if (!s->spaces[function]) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: no space is given for '%s'", name);
  return fill ? GKT_OK : gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: no function is given that fills the values of '%s'", name);
}

gkt_status gkt_system_follow_coefficient(gkt_system *s, const char *name, gkt_values_at *fill, void *user) {
  const int function = gkt_scope_find_function(s->scope, name);
  gkt_system_followed *f = gkt_system_find_followed(s, function);
  GKT_TRY(check(s, name, function, fill));
  if (!f) {
    GKT_TRY(gkt_realloc(s->ctx, s->num_followed + 1, sizeof *s->followed, &s->followed));
    f = &s->followed[s->num_followed++];
    *f = (gkt_system_followed){.function = function};
  }
  f->fill = fill, f->user = user;
  for (int m = 0; m < GKT_NUM_MOMENTS; m++)
    if (!f->values[m]) GKT_TRY(gkt_calloc(s->ctx, gkt_space_num_dofs(s->spaces[function]), sizeof **f->values, &f->values[m]));
  return gkt_system_refill(s);
}
