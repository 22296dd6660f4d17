#include <string.h>

#include "plot/picture.h"
#include "problem/file/settings_reader.h"

/* AUTO where none is that word; words in the order of the enumeration. */
static int read_choice(const gkt_yaml *n, const char *const *words, int count) {
  for (int i = 1; n && i < count; i++)
    if (strcmp(n->text, words[i]) == 0) return i;
  return 0;
}

static gkt_status read_nonlinear(gkt_settings_reader *r, const gkt_yaml *n) {
  static const char *const rules[] = {"auto", "energy", "natural", "residual", "full"};
  const gkt_yaml *accept = gkt_yaml_get(n, "accept");
  const gkt_yaml *atol = gkt_yaml_get(n, "atol"), *steps = gkt_yaml_get(n, "load_steps");
  gkt_solver_settings *s = &r->s->solver;
  s->nonlinear.rtol = 1e-10, s->nonlinear.atol = 0, s->nonlinear.iterations = 30, s->nonlinear.load_steps = 1;
  gkt_settings_number(gkt_yaml_get(n, "rtol"), &s->nonlinear.rtol);
  gkt_settings_number(atol, &s->nonlinear.atol);
  gkt_settings_integer(gkt_yaml_get(n, "iterations"), &s->nonlinear.iterations);
  gkt_settings_integer(steps, &s->nonlinear.load_steps);
  s->nonlinear.accept = (gkt_acceptance)read_choice(accept, rules, 5);
  if (s->nonlinear.accept == GKT_ACCEPT_ENERGY && (r->s->equation.text || !r->s->energy.text))
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, accept, accept->text, "the residual is not the derivative of an energy; expected a problem with `energy` and without `equation`");
  if (s->nonlinear.atol < 0) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, atol, NULL, "a bound on a length; expected a number from 0");
  if (s->nonlinear.load_steps < 1 || s->nonlinear.load_steps > 100000)
    return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, steps, NULL, "out of range; expected a whole number from 1 to 100000");
  return GKT_OK;
}

static gkt_status read_solver(gkt_settings_reader *r) {
#define X(name, word, type, title) word,
  static const char *const methods[] = {GKT_LINEAR_METHOD_LIST(X)};
#undef X
  const gkt_yaml *solver = gkt_yaml_get(r->root, "solver"), *linear = gkt_yaml_get(solver, "linear"), *nullspace = gkt_yaml_get(solver, "nullspace");
  gkt_solver_settings *s = &r->s->solver;
  s->linear = (gkt_linear_method)read_choice(linear, methods, GKT_NUM_LINEAR_METHODS);
  s->rtol = 1e-10;
  gkt_settings_number(gkt_yaml_get(solver, "rtol"), &s->rtol);
  s->nullspace = nullspace && strcmp(nullspace->text, "none") == 0 ? GKT_NULLSPACE_NONE : GKT_NULLSPACE_AUTO;
  GKT_TRY(read_nonlinear(r, gkt_yaml_get(solver, "nonlinear")));
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(solver, "options"), &s->options));
  return gkt_settings_place(r, gkt_petsc_options_check(r->ctx, s->options), solver, "options");
}

static gkt_status read_every_field(gkt_settings_reader *r, gkt_output_settings *o) {
  o->num_fields = r->s->num_fields;
  GKT_TRY(gkt_memory_take(r->memory, o->num_fields, sizeof *o->fields, &o->fields));
  for (int i = 0; i < o->num_fields; i++) {
    o->fields[i].name = r->s->fields[i].name;
    o->fields[i].source = (gkt_source){.text = r->s->fields[i].name.text, .file = r->s->file, .key = "output.fields"};
  }
  return GKT_OK;
}

/* An expression or a list: each is its own name. NAME: expression. */
static gkt_status read_output_fields(gkt_settings_reader *r, const gkt_yaml *n, gkt_output_settings *o) {
  if (!n) return read_every_field(r, o);
  if (n->kind == GKT_YAML_MAP) return gkt_settings_sources(r, n, &o->num_fields, &o->fields);
  o->num_fields = n->kind == GKT_YAML_LIST ? n->count : 1;
  GKT_TRY(gkt_memory_take(r->memory, o->num_fields, sizeof *o->fields, &o->fields));
  const gkt_yaml *entry = n->kind == GKT_YAML_LIST ? n->first : n;
  for (int i = 0; i < o->num_fields; entry = entry->next, i++) {
    GKT_TRY(gkt_settings_source(r, entry, &o->fields[i].source));
    o->fields[i].name = (gkt_word){(char *)(uintptr_t)o->fields[i].source.text, entry};
  }
  return GKT_OK;
}

static gkt_status check_output_fields(gkt_settings_reader *r, const gkt_yaml *n, const gkt_output_settings *o) {
  for (int i = 0; n && i < o->num_fields; i++)
    for (int k = 0; k < i; k++)
      if (!strcmp(o->fields[i].name.text, o->fields[k].name.text))
        return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, o->fields[i].name.at, o->fields[i].name.text, "the name of an array before it; expected each once");
  if (n && !o->file) gkt_log(r->ctx, GKT_LOG_WARNING, "%s: output.fields: line %d: not used: output.file is not given", r->s->file, n->mark.line);
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

static bool is_true(const gkt_yaml *n) { return n && strcmp(n->text, "true") == 0; }

static gkt_status read_section(gkt_settings_reader *r, const gkt_yaml *n, gkt_output_settings *o) {
  gkt_section s;
  if (!n) return GKT_OK;
  gkt_settings_word(n, &o->section);
  if (gkt_section_read(n->text, &s)) return GKT_OK;
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "not a section; expected x, y or z = a number, for example x=0.5");
}

static gkt_status read_isolines(gkt_settings_reader *r, const gkt_yaml *n, gkt_output_settings *o) {
  gkt_settings_integer(n, &o->isolines);
  return o->isolines <= GKT_MOST_ISOLINES ? GKT_OK : gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "out of range; expected 0 to %d", GKT_MOST_ISOLINES);
}

/* ---- in time ---- */
static gkt_status expect_time(gkt_settings_reader *r, const gkt_yaml *n) {
  if (!n || r->s->time.at) return GKT_OK;
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, n->key->text,
                         "of a problem in time, in a file without the key `time`; expected time: {end: .., step: ..}, or no such entry");
}

/* Designs have one state after the other, too. */
static gkt_status expect_states(gkt_settings_reader *r, const gkt_yaml *n) { return r->s->optimize.at ? GKT_OK : expect_time(r, n); }

static gkt_status read_range(gkt_settings_reader *r, const gkt_yaml *n, gkt_output_settings *o) {
  if (!n) return GKT_OK;
  if (n->count == 2) gkt_settings_number(n->first, &o->range[0]), gkt_settings_number(n->first->next, &o->range[1]);
  return o->range[0] < o->range[1] ? GKT_OK : gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, NULL, "not a range of values; expected a lower and a higher number, as [0, 1]");
}

static gkt_status read_film(gkt_settings_reader *r, const gkt_yaml *n, struct gkt_film_settings *film) {
  const gkt_yaml *every = gkt_yaml_get(n, "every"), *seconds = gkt_yaml_get(n, "seconds");
  film->every = 1, film->seconds = 0.1;
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(n, "file"), &film->file));
  gkt_settings_integer(every, &film->every);
  gkt_settings_number(seconds, &film->seconds);
  if (film->every < 1) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, every, every->text, "expected every n-th output, n from 1");
  if (film->seconds < 1e-3 || film->seconds > 60) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, seconds, seconds->text, "out of range; expected 0.001 to 60 s for each picture");
  return GKT_OK;
}

static gkt_status refuse_value(gkt_settings_reader *r, const gkt_yaml *n) {
  const gkt_settings *s = r->s;
  const char *words[64];
  int count = 0;
  for (int i = 0; i < s->num_compute && count < 64; i++) words[count++] = s->compute[i].name.text;
  for (int i = 0; i < s->num_probes && count < 64; i++) words[count++] = s->probes[i].name.text;
  const char *near = gkt_nearest_word(n->text, count, words);
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "no result of that name; %s%s%sexpected a name of compute or probes", near ? "did you mean '" : "", near ? near : "",
                         near ? "'? " : "");
}

static bool is_result(const gkt_settings *s, const char *name) {
  for (int i = 0; i < s->num_compute; i++)
    if (!strcmp(s->compute[i].name.text, name)) return true;
  for (int i = 0; i < s->num_probes; i++)
    if (!strcmp(s->probes[i].name.text, name)) return true;
  return false;
}

static gkt_status read_graph(gkt_settings_reader *r, const gkt_yaml *n, struct gkt_graph_settings *graph) {
  const gkt_yaml *values = gkt_yaml_get(n, "values"), *entry = values && values->kind == GKT_YAML_LIST ? values->first : values;
  if (!n) return GKT_OK;
  GKT_TRY(expect_time(r, n));
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(n, "file"), &graph->file));
  graph->title = r->s->title;
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(n, "title"), &graph->title));
  graph->num_values = values->kind == GKT_YAML_LIST ? values->count : 1;
  GKT_TRY(gkt_memory_take(r->memory, graph->num_values, sizeof *graph->values, &graph->values));
  for (int i = 0; i < graph->num_values; entry = entry->next, i++) {
    if (!is_result(r->s, entry->text)) return refuse_value(r, entry);
    gkt_settings_word(entry, &graph->values[i]);
  }
  return GKT_OK;
}

static gkt_status read_picture(gkt_settings_reader *r, const gkt_yaml *n, gkt_output_settings *o) {
  if (!n) return GKT_OK;
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(n, "file"), &o->picture_file));
  GKT_TRY(gkt_settings_source(r, gkt_yaml_get(n, "color"), &o->color));
  GKT_TRY(read_warp(r, gkt_yaml_get(n, "warp"), o));
  GKT_TRY(read_section(r, gkt_yaml_get(n, "section"), o));
  GKT_TRY(read_isolines(r, gkt_yaml_get(n, "isolines"), o));
  o->edges = is_true(gkt_yaml_get(n, "edges"));
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(n, "view"), &o->view));
  o->title = r->s->title;
  GKT_TRY(read_range(r, gkt_yaml_get(n, "range"), o));
  GKT_TRY(expect_states(r, gkt_yaml_get(n, "every")));
  GKT_TRY(expect_states(r, gkt_yaml_get(n, "film")));
  gkt_settings_integer(gkt_yaml_get(n, "every"), &o->every);
  if (gkt_yaml_get(n, "film")) GKT_TRY(read_film(r, gkt_yaml_get(n, "film"), &o->film));
  return gkt_settings_text(r, gkt_yaml_get(n, "title"), &o->title);
}

/* The numbers of a.xdmf are in a.h5. */
static gkt_status name_numbers(gkt_settings_reader *r, gkt_output_settings *o) {
  const size_t stem = o->file ? strlen(o->file) - strlen(strrchr(o->file, '.')) : 0;
  if (!o->file || strcmp(o->file + stem, ".xdmf") != 0) return GKT_OK;
  GKT_TRY(gkt_memory_take(r->memory, (gkt_size)stem + 4, 1, &o->numbers_file));
  sprintf(o->numbers_file, "%.*s.h5", (int)stem, o->file);
  return GKT_OK;
}

/* Each file has one writer. */
static gkt_status check_files(gkt_settings_reader *r) {
  const gkt_settings *s = r->s;
  const gkt_output_settings *o = &s->output;
  const gkt_yaml *output = gkt_yaml_get(r->root, "output"), *picture = gkt_yaml_get(output, "picture");
  const struct {
    const char *path, *key;
    const gkt_yaml *at;
  } files[] = {{s->time.checkpoint, "time.checkpoint", gkt_yaml_get(gkt_yaml_get(r->root, "time"), "checkpoint")},
               {s->optimize.checkpoint, "optimizer.checkpoint", gkt_yaml_get(gkt_yaml_get(r->root, "optimizer"), "checkpoint")},
               {o->mesh_file, "output.mesh", gkt_yaml_get(output, "mesh")},
               {o->picture_file, "output.picture.file", gkt_yaml_get(picture, "file")},
               {o->film.file, "output.picture.film.file", gkt_yaml_get(gkt_yaml_get(picture, "film"), "file")},
               {o->graph.file, "output.graph.file", gkt_yaml_get(gkt_yaml_get(output, "graph"), "file")},
               {o->numbers_file, "output.file", gkt_yaml_get(output, "file")}};
  for (int i = 0; i < (int)(sizeof files / sizeof *files); i++)
    for (int k = 0; files[i].path && k < i; k++) {
      if (!files[k].path || strcmp(files[i].path, files[k].path)) continue;
      return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, files[i].at, files[i].at->text,
                             files[i].path == o->numbers_file ? "its numbers are to be in %s, which is %s; expected two names" : "%s is %s as well; expected two names",
                             files[i].path, files[k].key);
    }
  return GKT_OK;
}

gkt_status gkt_settings_read_output(gkt_settings_reader *r) {
  const gkt_yaml *output = gkt_yaml_get(r->root, "output");
  gkt_output_settings *o = &r->s->output;
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(r->root, "title"), &r->s->title));
  GKT_TRY(read_solver(r));
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(output, "file"), &o->file));
  GKT_TRY(gkt_settings_text(r, gkt_yaml_get(output, "mesh"), &o->mesh_file));
  GKT_TRY(name_numbers(r, o));
  GKT_TRY(read_output_fields(r, gkt_yaml_get(output, "fields"), o));
  GKT_TRY(check_output_fields(r, gkt_yaml_get(output, "fields"), o));
  o->average = is_true(gkt_yaml_get(output, "average"));
  GKT_TRY(read_graph(r, gkt_yaml_get(output, "graph"), &o->graph));
  GKT_TRY(read_picture(r, gkt_yaml_get(output, "picture"), o));
  return check_files(r);
}
