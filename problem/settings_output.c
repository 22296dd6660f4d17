#include <string.h>

#include "problem/settings_reader.h"

static gkt_status read_nonlinear(gkt_settings_reader *r, const gkt_yaml *n) {
  const gkt_yaml *atol = gkt_yaml_get(n, "atol"), *steps = gkt_yaml_get(n, "load_steps");
  gkt_solver_settings *s = &r->s->solver;
  s->nonlinear.rtol = 1e-10, s->nonlinear.atol = 0, s->nonlinear.iterations = 30, s->nonlinear.load_steps = 1;
  gkt_settings_number(gkt_yaml_get(n, "rtol"), &s->nonlinear.rtol);
  gkt_settings_number(atol, &s->nonlinear.atol);
  gkt_settings_integer(gkt_yaml_get(n, "iterations"), &s->nonlinear.iterations);
  gkt_settings_integer(steps, &s->nonlinear.load_steps);
  if (s->nonlinear.atol < 0) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, atol, NULL, "a bound on a length; expected a number from 0");
  if (s->nonlinear.load_steps < 1 || s->nonlinear.load_steps > 100000)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, steps, NULL, "out of range; expected a whole number from 1 to 100000");
  return GKT_OK;
}

static gkt_status read_solver(gkt_settings_reader *r) {
  static const char *const methods[] = {"auto", "direct", "cg", "gmres", "bicgstab", "minres"}; /* in the order of gkt_linear_method */
  const gkt_yaml *solver = gkt_yaml_get(r->root, "solver"), *linear = gkt_yaml_get(solver, "linear"), *nullspace = gkt_yaml_get(solver, "nullspace");
  gkt_solver_settings *s = &r->s->solver;
  s->linear = GKT_LINEAR_AUTO;
  for (int i = 0; linear && i < 6; i++)
    if (strcmp(linear->text, methods[i]) == 0) s->linear = (gkt_linear_method)i;
  s->rtol = 1e-10;
  gkt_settings_number(gkt_yaml_get(solver, "rtol"), &s->rtol);
  s->nullspace = nullspace && strcmp(nullspace->text, "none") == 0 ? GKT_NULLSPACE_NONE : GKT_NULLSPACE_AUTO;
  GKT_TRY(read_nonlinear(r, gkt_yaml_get(solver, "nonlinear")));
  return gkt_settings_text(r, gkt_yaml_get(solver, "options"), &s->options);
}

static gkt_status read_output_fields(gkt_settings_reader *r, const gkt_yaml *n, gkt_output_settings *o) {
  int count = !n ? r->s->num_fields : n->kind == GKT_YAML_LIST ? n->count : 1;
  GKT_TRY(gkt_memory_take(r->memory, count, sizeof *o->fields, &o->fields));
  o->num_fields = count;
  for (int i = 0; !n && i < count; i++) {
    o->fields[i].name = r->s->fields[i].name;
    o->fields[i].source = (gkt_source){.text = r->s->fields[i].name.text, .file = r->s->file, .key = "output.fields"};
  }
  if (!n) return GKT_OK;
  int i = 0;
  for (const gkt_yaml *entry = n->kind == GKT_YAML_LIST ? n->first : n; i < count; entry = entry->next, i++) {
    GKT_TRY(gkt_settings_source(r, entry, &o->fields[i].source));
    o->fields[i].name = (gkt_word){(char *)(uintptr_t)o->fields[i].source.text, entry};
  }
  return GKT_OK;
}

/* A number magnifies the first vector field; anything else is a displacement as it stands. */
static gkt_status read_warp(gkt_settings_reader *r, const gkt_yaml *n, gkt_output_settings *o) {
  if (!n) return GKT_OK;
  if (n->kind != GKT_YAML_TEXT || !gkt_word_number(n->text, &o->warp_scale)) {
    o->warp_scale = 1;
    return gkt_settings_source(r, n, &o->warp);
  }
  for (int i = 0; i < r->s->num_fields; i++)
    if (r->s->fields[i].rank == 1) return GKT_OK;
  return o->warp_scale == 0 ? GKT_OK : gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "no vector field to magnify; expected 0, or an expression for the displacement");
}

static gkt_status read_picture(gkt_settings_reader *r, const gkt_yaml *n, gkt_output_settings *o) {
  if (!n) return GKT_OK;
  const gkt_yaml *edges = gkt_yaml_get(n, "edges"), *title = gkt_yaml_get(n, "title");
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(n, "file"), &o->picture_file));
  GKT_TRY(gkt_settings_source(r, gkt_yaml_get(n, "color"), &o->color));
  GKT_TRY(read_warp(r, gkt_yaml_get(n, "warp"), o));
  o->edges = edges && strcmp(edges->text, "true") == 0;
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(n, "view"), &o->view));
  o->title = r->s->title;
  return gkt_settings_text(r, title, &o->title);
}

gkt_status gkt_settings_read_output(gkt_settings_reader *r) {
  const gkt_yaml *output = gkt_yaml_get(r->root, "output");
  gkt_output_settings *o = &r->s->output;
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(r->root, "title"), &r->s->title));
  GKT_TRY(read_solver(r));
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(output, "file"), &o->file));
  GKT_TRY(read_output_fields(r, gkt_yaml_get(output, "fields"), o));
  return read_picture(r, gkt_yaml_get(output, "picture"), o);
}
