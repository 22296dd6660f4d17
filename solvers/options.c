/* PETSc options of one solve. Split into words here, so that what PETSc would silently skip is refused by name. */
#include <ctype.h>
#include <stdatomic.h>
#include <string.h>

#include "galerkit/solver.h"
#include "solvers/petsc.h"

void gkt_petsc_options_begin(gkt_petsc *petsc, gkt_petsc_options *out) {
  static atomic_uint count; /* a number per solve: two solves never share a prefix */
  *out = (gkt_petsc_options){.petsc = petsc};
  snprintf(out->prefix, sizeof out->prefix, "gkt%u_", atomic_fetch_add(&count, 1));
}

static bool is_name(const char *word) { return word[0] == '-' && (isalpha((unsigned char)word[1]) || word[1] == '_'); }

bool gkt_petsc_next_word(const char **text, gkt_petsc_word *out) {
  const char *begin = *text;
  while (isspace((unsigned char)*begin)) begin++;
  char quote = *begin == '\'' || *begin == '"' ? *begin : 0;
  const char *inside = quote ? begin + 1 : begin, *end = inside;
  if (!*inside) return false;
  while (*end && (quote ? *end != quote : !isspace((unsigned char)*end))) end++;
  *text = quote && *end ? end + 1 : end;
  *out = (gkt_petsc_word){begin, inside, (size_t)(*text - begin), (size_t)(end - inside), !quote && is_name(inside)};
  return true;
}

/* Next word of *text into word, quotes taken off; false at the end. */
static bool next_word(const char **text, char *word, bool *name) {
  gkt_petsc_word w;
  if (!gkt_petsc_next_word(text, &w)) return false;
  memcpy(word, w.inside, w.inside_length);
  word[w.inside_length] = 0;
  *name = w.is_name;
  return true;
}

static int find(const gkt_petsc_options *o, const char *name) {
  size_t skip = strlen(o->prefix) + 1;
  for (int i = 0; i < o->num_names; i++)
    if (!strcmp(o->names[i].name + skip, name + 1)) return i;
  return -1;
}

static gkt_status set(gkt_petsc_options *o, const char *name, const char *value, bool given) {
  gkt_status status = GKT_OK;
  gkt_text full = {.ctx = o->petsc->ctx};
  int at = find(o, name);
  if (at >= 0 && o->names[at].given && !given) return GKT_OK;
  gkt_text_printf(&full, "-%s%s", o->prefix, name + 1);
  GKT_GO(full.status);
  if (at < 0) {
    GKT_GO(gkt_realloc(o->petsc->ctx, o->num_names + 1, sizeof *o->names, &o->names));
    GKT_GO(gkt_strdup(o->petsc->ctx, full.data, &o->names[at = o->num_names].name));
    o->num_names++;
  }
  o->names[at].given = given;
  GKT_PETSC(o->petsc, PetscOptionsSetValue(NULL, full.data, value));
done:
  gkt_text_free(&full);
  return status;
}

/* Each with its value, NULL: none; o NULL: they are only looked at. */
static gkt_status read(gkt_context *ctx, const char *text, gkt_petsc_options *o, bool given) {
  gkt_status status = GKT_OK;
  char *name = NULL, *value = NULL;
  const char *at = text ? text : "";
  bool named = false, more;
  GKT_GO(gkt_alloc(ctx, (gkt_size)strlen(at) + 1, 1, &name));
  GKT_GO(gkt_alloc(ctx, (gkt_size)strlen(at) + 1, 1, &value));
  more = next_word(&at, name, &named);
  while (more) {
    if (!named) GKT_GO(gkt_fail(ctx, GKT_BAD_INPUT, "PETSc options: '%s': a name like -pc_type was expected here (each name takes at most one value)", name));
    more = next_word(&at, value, &named);
    bool has_value = more && !named;
    if (o) GKT_GO(set(o, name, has_value ? value : NULL, given));
    if (has_value) more = next_word(&at, name, &named);
    else if (more) strcpy(name, value);
  }
done:
  gkt_free(&name);
  gkt_free(&value);
  return status;
}

gkt_status gkt_petsc_options_insert(gkt_petsc_options *o, const char *text, bool given) { return read(o->petsc->ctx, text, o, given); }

gkt_status gkt_petsc_options_check(gkt_context *ctx, const char *text) { return read(ctx, text, NULL, false); }

bool gkt_petsc_options_has(const gkt_petsc_options *o, const char *name) {
  int at = find(o, name);
  return at >= 0 && o->names[at].given;
}

bool gkt_petsc_options_begin_with(const gkt_petsc_options *o, const char *begin) {
  size_t skip = strlen(o->prefix) + 1;
  for (int i = 0; i < o->num_names; i++)
    if (o->names[i].given && !strncmp(o->names[i].name + skip, begin + 1, strlen(begin) - 1)) return true;
  return false;
}

void gkt_petsc_options_drop(gkt_petsc_options *o, const char *name) {
  int kept = 0, only = name ? find(o, name) : -1;
  for (int i = 0; i < o->num_names; i++) {
    if (o->names[i].given || (name && i != only)) {
      o->names[kept++] = o->names[i];
      continue;
    }
    (void)!PetscOptionsClearValue(NULL, o->names[i].name);
    gkt_free(&o->names[i].name);
  }
  o->num_names = kept;
}

/* ---- what PETSc refuses ---- */
/* Its text without the place in its sources, and without our prefix. */
static void take_text(const gkt_petsc_options *o, size_t size, char *out) {
  const char *from = o->petsc->text, *place = strrchr(from, '('), *prefix;
  while (place && place > from && isspace((unsigned char)place[-1])) place--;
  snprintf(out, size, "%.*s", place ? (int)(place - from) : (int)strlen(from), from);
  while ((prefix = strstr(out, o->prefix))) memmove(out + (prefix - out), prefix + strlen(o->prefix), strlen(prefix + strlen(o->prefix)) + 1);
}

static bool holds_word(const char *text, const char *word) {
  for (const char *at = text; *word && (at = strstr(at, word)); at++) {
    const char before = at == text ? ' ' : at[-1], after = at[strlen(word)];
    if (!isalnum((unsigned char)before) && !isalnum((unsigned char)after) && before != '_' && after != '_') return true;
  }
  return false;
}

/* "-ksp_type nonsense" */
static void print_option(const gkt_petsc_options *o, int i, size_t size, char *out) {
  char value[200] = "";
  if (PetscOptionsGetString(NULL, NULL, o->names[i].name, value, sizeof value, NULL) != 0) *value = 0;
  snprintf(out, size, "-%s%s%s", o->names[i].name + 1 + strlen(o->prefix), *value ? " " : "", value);
}

/* The one whose value, or else whose name, stands in the text, or which is the only one; -1: any of them. */
static int find_at_fault(const gkt_petsc_options *o, const char *text) {
  char option[300];
  int count = 0, only = -1;
  for (int i = 0; i < o->num_names; i++) {
    if (!o->names[i].given) continue;
    print_option(o, i, sizeof option, option);
    const char *value = strchr(option, ' ');
    if (value && holds_word(text, value + 1)) return i;
    count++, only = i;
  }
  for (int i = 0; i < o->num_names; i++)
    if (o->names[i].given && holds_word(text, o->names[i].name + 1 + strlen(o->prefix))) return i;
  return count == 1 ? only : -1;
}

gkt_status gkt_petsc_options_blame(const gkt_petsc_options *o, gkt_status status) {
  gkt_context *ctx = o->petsc->ctx;
  char text[sizeof o->petsc->text], option[300];
  gkt_text list = {.ctx = ctx};
  bool any = false;
  for (int i = 0; i < o->num_names; i++) any = any || o->names[i].given;
  if (status != GKT_LIBRARY || !any || !o->petsc->text[0]) return status;
  take_text(o, sizeof text, text);
  const int fault = find_at_fault(o, text);
  for (int i = 0; i < o->num_names; i++) {
    if (!o->names[i].given || (fault >= 0 && i != fault)) continue;
    print_option(o, i, sizeof option, option);
    gkt_text_printf(&list, "%s%s", list.length ? " " : fault < 0 ? "one of " : "", option);
  }
  gkt_context_clear(ctx);
  status = list.status == GKT_OK ? gkt_fail(ctx, GKT_BAD_INPUT, "PETSc options: %s: %s", list.data, text) : list.status;
  gkt_text_free(&list);
  return status;
}

void gkt_petsc_warn_unused(gkt_context *ctx, const char *name) {
  gkt_log(ctx, GKT_LOG_WARNING, "PETSc option -%s was not used: misspelled, or of a method that did not run", name);
}

void gkt_petsc_options_warn_unused(const gkt_petsc_options *o) {
  for (int i = 0; i < o->num_names; i++) {
    PetscBool used = PETSC_TRUE;
    if (!o->names[i].given || PetscOptionsUsed(NULL, o->names[i].name + 1, &used) != 0 || used) continue;
    gkt_petsc_warn_unused(o->petsc->ctx, o->names[i].name + strlen(o->prefix) + 1);
  }
}

void gkt_petsc_options_end(gkt_petsc_options *o) {
  for (int i = 0; i < o->num_names; i++) o->names[i].given = false;
  gkt_petsc_options_drop(o, NULL);
  gkt_free(&o->names);
}
