/* Messages of what passes the settings but fails against the mesh: `FILE: KEY: line L, column C: 'WORD': what; what was expected`, or `--set a.b=value: ..`. */
#include <stdarg.h>
#include <string.h>

#include "forms/type.h"
#include "meshes/mesh.h"
#include "problem/problem.h"
#include "problem/file/schema.h"

/* Where the word stands: as the name of a key, or as a value, which has another place. */
static gkt_mark mark_of(const gkt_word *word) {
  const gkt_yaml *at = word->at;
  bool is_key = at->key && word->text == at->key->text && at->key->origin == at->origin;
  return is_key ? at->key->mark : at->mark;
}

void gkt_problem_print_word(const gkt_word *word, char place[GKT_YAML_PLACE]) { gkt_yaml_place(word->at, mark_of(word), word->text, GKT_YAML_PLACE, place); }

gkt_status gkt_problem_refuse(gkt_problem *p, gkt_status status, const gkt_word *word, const char *format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return gkt_yaml_refuse_at(p->ctx, status, word->at, mark_of(word), word->text, "%s", text);
}

gkt_status gkt_problem_refuse_key(gkt_problem *p, gkt_status status, const gkt_yaml *map, const char *key, const char *format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return gkt_yaml_refuse(p->ctx, status, gkt_yaml_get(map, key), NULL, "%s", text);
}

gkt_status gkt_problem_refuse_text(gkt_problem *p, gkt_status status, const gkt_source *source, const char *format, ...) {
  va_list args;
  va_start(args, format);
  status = gkt_source_fail_list(p->ctx, status, source, 0, (int)strlen(source->text), format, args);
  va_end(args);
  return status;
}

/* One that has a place of its own keeps it. */
static bool has_place(const gkt_problem *p, const char *message) {
  const char *file = p->settings->root->origin->label;
  return (!strncmp(message, file, strlen(file)) && message[strlen(file)] == ':') || !strncmp(message, "--set ", 6) || !strncmp(message, "command line: ", 14);
}

/* The first PETSc option that the message names is one of these. */
static bool names_one_of(const char *message, const char *options) {
  static const char *const heads[] = {"PETSc options: ", "one of "};
  char name[100];
  if (!options || strncmp(message, heads[0], strlen(heads[0]))) return false;
  message += strlen(heads[0]);
  if (!strncmp(message, heads[1], strlen(heads[1]))) message += strlen(heads[1]);
  snprintf(name, sizeof name, "%.*s", (int)strcspn(message, " :"), message);
  return strstr(options, name);
}

/* Solvers are called from many places, and their options stand in one. */
gkt_status gkt_problem_place_options(gkt_problem *p, gkt_status status) {
  const char *message = gkt_context_message(p->ctx);
  const gkt_yaml *at = gkt_yaml_get(gkt_yaml_get(p->settings->root, "solver"), "options");
  char place[GKT_YAML_PLACE];
  if (status <= 0 || !names_one_of(message, p->petsc_options)) return status;
  if (!at || !names_one_of(message, p->settings->solver.options)) return gkt_fail_in(p->ctx, status, "command line");
  gkt_problem_print_word(&(gkt_word){(char *)(uintptr_t)at->text, at}, place);
  return gkt_fail_in(p->ctx, status, place);
}

gkt_status gkt_problem_place(gkt_problem *p, gkt_status status, const gkt_word *word) {
  char place[GKT_YAML_PLACE];
  status = gkt_problem_place_options(p, status);
  if (status <= 0 || has_place(p, gkt_context_message(p->ctx))) return status;
  gkt_problem_print_word(word, place);
  return gkt_fail_in(p->ctx, status, place);
}

static gkt_status refuse_set(gkt_problem *p, const gkt_word *word, int dim) {
  const char *why = gkt_mesh_why_absent(p->mesh, word->text, dim);
  if (why) return gkt_problem_refuse(p, GKT_BAD_INPUT, word, "the mesh file has a group of this name, but %s", why);
  gkt_text known = {.ctx = p->ctx};
  char near[80];
  for (int i = 0; i < gkt_mesh_num_sets(p->mesh); i++) {
    const gkt_mesh_set *set = gkt_mesh_get_set(p->mesh, i);
    if (dim < 0 || set->dim == dim) gkt_text_printf(&known, "%s%s", known.length ? " " : "", set->name);
  }
  gkt_status status = known.status;
  gkt_word_near(word->text, known.data ? known.data : "", near, sizeof near);
  if (status == GKT_OK)
    status = gkt_problem_refuse(p, GKT_BAD_INPUT, word, "no set of %s has this name%s; the mesh has: %s", dim < 0 ? "the mesh" : "cells", near, known.data ? known.data : "none");
  gkt_text_free(&known);
  return status;
}

gkt_status gkt_problem_find_set(gkt_problem *p, const gkt_word *word, int dim, const gkt_mesh_set **out) {
  *out = dim < 0 ? gkt_mesh_find_set(p->mesh, word->text) : gkt_mesh_find_set_of_dim(p->mesh, word->text, dim);
  if (!*out) return refuse_set(p, word, dim);
  return (*out)->count ? GKT_OK : gkt_problem_refuse(p, GKT_BAD_INPUT, word, "an empty set, which matches nothing; expected one that holds something");
}

gkt_status gkt_problem_check_shape(gkt_problem *p, const gkt_source *source, const gkt_expression *value, gkt_shape shape) {
  gkt_shape s = value->value.shape;
  char expected[40], given[40];
  if (gkt_expression_is_zero(value) || gkt_shapes_are_equal(s, shape)) return GKT_OK;
  return gkt_problem_refuse_text(p, GKT_BAD_INPUT, source, "this is %s; expected %s", gkt_shape_text(s, given), gkt_shape_text(shape, expected));
}

gkt_status gkt_problem_check_real(gkt_problem *p, const gkt_source *source, const gkt_expression *value, gkt_element element) {
  if (element.kind != GKT_REAL || !gkt_expression_varies(value)) return GKT_OK;
  return gkt_problem_refuse_text(p, GKT_BAD_INPUT, source, "this varies in space, and a real is one number for the whole mesh; expected a value without x");
}
