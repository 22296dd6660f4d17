/* The MSH reader: the format line, the list of sections, physical names. */
#include <string.h>
#include <strings.h>

#include "meshes/msh.h"

/* 0: none that is read */
static int version_of(const char *word, size_t length) {
  static const char *const known[] = {"2", "2.0", "2.1", "2.2", "4", "4.0", "4.1"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strlen(known[i]) == length && memcmp(known[i], word, length) == 0) return known[i][0] - '0';
  return 0;
}

static gkt_status read_format(gkt_msh *f) {
  gkt_msh_cursor *c = &f->cursor;
  if (f->version) return gkt_msh_refuse(c, GKT_BAD_INPUT, "a second $MeshFormat%s", f->version == 1 ? ", or one behind $NOD" : "");
  const char *word;
  size_t length;
  int file_type, data_size, mark;
  GKT_TRY(gkt_msh_text_word(c, "the format version", &word, &length));
  f->version = version_of(word, length);
  f->is_40 = f->version == 4 && word[length - 1] != '1';
  if (!f->version)
    return gkt_msh_refuse(c, GKT_UNAVAILABLE, "MSH version %.*s is not available yet; 1, 2, 2.0 to 2.2, 4.0 and 4.1 are (Gmsh: Mesh.MshFileVersion)",
                          length < 20 ? (int)length : 20, word);
  GKT_TRY(gkt_msh_text_int(c, "the file type", &file_type));
  if (file_type != 0 && file_type != 1) return gkt_msh_refuse(c, GKT_BAD_INPUT, "file type 0 (text) or 1 (binary) was expected, found %d", file_type);
  if (f->is_40 && file_type == 1) return gkt_msh_refuse(c, GKT_UNAVAILABLE, "binary files of MSH version 4.0 are not available yet; those of 4.1 are (Gmsh: Mesh.MshFileVersion)");
  GKT_TRY(gkt_msh_text_int(c, "the data size", &data_size));
  if (data_size != 8) return gkt_msh_refuse(c, GKT_UNAVAILABLE, "a data size of %d is not available yet; 8 is", data_size);
  if (file_type == 0) return GKT_OK;
  GKT_TRY(gkt_msh_end_line(c));
  c->binary = true;
  GKT_TRY(gkt_msh_int(c, "the byte order mark", &mark));
  if (mark == 0x01000000) return gkt_msh_refuse(c, GKT_UNAVAILABLE, "the file was written with the other byte order; that is not available yet");
  if (mark != 1) return gkt_msh_refuse(c, GKT_BAD_INPUT, "the byte order mark is %d; 1 was expected", mark);
  return GKT_OK;
}

static void skip_blanks(gkt_msh_cursor *c) {
  while (c->at < c->length && (c->data[c->at] == ' ' || c->data[c->at] == '\t')) c->at++;
}

/* dim tag "name", on one line; without dim in MSH 2.0. What stands behind the name on its line is not needed (libMesh writes there). */
static gkt_status read_name(gkt_msh *f, gkt_msh_name *name) {
  gkt_msh_cursor *c = &f->cursor;
  GKT_TRY(gkt_msh_text_int(c, "the dimension of a physical name", &name->dim));
  skip_blanks(c);
  if (f->version != 4 && c->at < c->length && c->data[c->at] == '"') name->tag = name->dim, name->dim = -1;
  else GKT_TRY(gkt_msh_text_int(c, "the tag of a physical name", &name->tag));
  if (name->dim < -1 || name->dim > 3) return gkt_msh_refuse(c, GKT_BAD_INPUT, "a physical name of dimension %d", name->dim);
  skip_blanks(c);
  c->token = c->at;
  const char *begin = c->data + c->at, *line_end = memchr(begin, '\n', c->length - c->at);
  size_t left = line_end ? (size_t)(line_end - begin) : c->length - c->at;
  const char *end = left > 1 && *begin == '"' ? memchr(begin + 1, '"', left - 1) : NULL;
  if (!end || end == begin + 1 || memchr(begin, 0, (size_t)(end - begin))) return gkt_msh_refuse(c, GKT_BAD_INPUT, "a physical name in quotes was expected");
  GKT_TRY(gkt_calloc(f->ctx, end - begin, 1, &name->name));
  memcpy(name->name, begin + 1, (size_t)(end - begin - 1));
  c->at = line_end ? (size_t)(line_end - c->data) : c->length;
  return GKT_OK;
}

static gkt_status read_names(gkt_msh *f) {
  gkt_msh_cursor *c = &f->cursor;
  int64_t announced;
  gkt_idx count;
  if (f->names) return gkt_msh_refuse(c, GKT_BAD_INPUT, "a second $PhysicalNames");
  GKT_TRY(gkt_msh_text_count(c, "the number of physical names", &announced));
  GKT_TRY(gkt_msh_room(c, announced, 8, "physical names", &count)); /* "0 1 "a"\n" */
  GKT_TRY(gkt_calloc(f->ctx, count, sizeof *f->names, &f->names));
  while (f->num_names < count) {
    gkt_msh_name *name = &f->names[f->num_names++];
    GKT_TRY(read_name(f, name));
    for (gkt_idx i = 0; i + 1 < f->num_names; i++)
      if (f->names[i].dim == name->dim && (f->names[i].tag == name->tag || strcmp(f->names[i].name, name->name) == 0))
        return gkt_msh_refuse(c, GKT_BAD_INPUT, "physical names of dimension %d: %d is '%s' and %d is '%s'", name->dim, f->names[i].tag, f->names[i].name, name->tag, name->name);
  }
  return GKT_OK;
}

static gkt_status read_nodes(gkt_msh *f) {
  if (f->has_nodes) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "a second $%s", f->cursor.section);
  f->has_nodes = true;
  return f->version == 4 ? gkt_msh_read_nodes4(f) : gkt_msh_read_nodes2(f);
}

static gkt_status read_elements(gkt_msh *f) {
  if (!f->has_nodes) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "$%s stands before the nodes", f->cursor.section);
  if (f->has_elements) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "a second $%s", f->cursor.section);
  f->has_elements = true;
  return f->version == 4 ? gkt_msh_read_elements4(f) : gkt_msh_read_elements2(f);
}

static gkt_status read_entities(gkt_msh *f) {
  gkt_msh_cursor *c = &f->cursor;
  const bool is_parts = c->section[0] == 'P';
  if (f->version != 4) return gkt_msh_refuse(c, GKT_BAD_INPUT, "$%s in a file of version %d", c->section, f->version);
  if (f->has_nodes) return gkt_msh_refuse(c, GKT_BAD_INPUT, "$%s stands behind $Nodes", c->section);
  if (is_parts ? f->has_parts : f->has_entities && !f->has_parts) return gkt_msh_refuse(c, GKT_BAD_INPUT, "a second $%s", c->section);
  return is_parts ? gkt_msh_read_parts4(f) : gkt_msh_read_entities4(f);
}

static gkt_status skip_section(gkt_msh *f) {
  gkt_msh_cursor *c = &f->cursor;
  char end[48];
  int n = snprintf(end, sizeof end, "\n$End%s", c->section);
  const char *found = memmem(c->data + c->at, c->length - c->at, end, (size_t)n);
  if (!found) {
    memcpy(end, "\n$END", 5);
    found = memmem(c->data + c->at, c->length - c->at, end, (size_t)n);
  }
  if (!found) return gkt_msh_refuse(c, GKT_BAD_INPUT, "the file ends inside $%s", c->section);
  c->at = (size_t)(found - c->data);
  return GKT_OK;
}

static gkt_status refuse_version(const gkt_msh *f) {
  const gkt_msh_cursor *c = &f->cursor;
  if (!f->version) return gkt_msh_refuse(c, GKT_BAD_INPUT, "$%s stands before $MeshFormat", c->section);
  return gkt_msh_refuse(c, GKT_BAD_INPUT, "$%s in a file of version %d", c->section, f->version);
}

static gkt_status read_body(gkt_msh *f) {
  static const struct {
    const char *name;
    gkt_status (*read)(gkt_msh *);
    int version;    /* of the file; 0: stands before or in any */
    bool is_binary; /* in binary files, from the next byte on */
  } known[] = {
      {"MeshFormat", read_format, 0, false}, {"PhysicalNames", read_names, 0, false}, {"Entities", read_entities, 2, true}, {"PartitionedEntities", read_entities, 2, true},
      {"Nodes", read_nodes, 2, true},        {"Elements", read_elements, 2, true},    {"NOD", read_nodes, 1, false},        {"NOE", read_nodes, 1, false},
      {"ELM", read_elements, 1, false}};
  gkt_msh_cursor *c = &f->cursor;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strcmp(c->section, known[i].name) != 0) continue;
    if (!f->version && known[i].version == 1) f->version = 1;
    if (known[i].version == 1 ? f->version != 1 : known[i].version > f->version) return refuse_version(f);
    if (c->binary && known[i].is_binary) GKT_TRY(gkt_msh_end_line(c));
    return known[i].read(f);
  }
  if (strcmp(c->section, "ParametricNodes") == 0) return gkt_msh_refuse(c, GKT_UNAVAILABLE, "$ParametricNodes is not available yet; $Nodes is (Gmsh: Mesh.SaveParametric=0)");
  return skip_section(f);
}

static gkt_status begin_section(gkt_msh_cursor *c) {
  const char *word;
  size_t length;
  c->section[0] = 0;
  GKT_TRY(gkt_msh_text_word(c, "a section such as $Nodes", &word, &length));
  if (word[0] != '$' || length < 2 || length > sizeof c->section) return gkt_msh_refuse(c, GKT_BAD_INPUT, "a section such as $Nodes was expected");
  for (size_t i = 1; i < length; i++)
    if (word[i] < '!' || word[i] > '~') return gkt_msh_refuse(c, GKT_BAD_INPUT, "a section such as $Nodes was expected");
  memcpy(c->section, word + 1, length - 1);
  c->section[length - 1] = 0;
  return GKT_OK;
}

static gkt_status end_section(gkt_msh_cursor *c) {
  const char *word;
  char end[48];
  size_t length, n = (size_t)snprintf(end, sizeof end, "$End%s", c->section);
  GKT_TRY(gkt_msh_text_word(c, end, &word, &length));
  if (length != n || strncasecmp(word, end, 4) != 0 || memcmp(word + 4, end + 4, n - 4) != 0)
    return gkt_msh_refuse(c, GKT_BAD_INPUT, "%s was expected: the section holds more than it announces, or is damaged", end);
  return GKT_OK;
}

static bool is_at_end(gkt_msh_cursor *c) {
  while (c->at < c->length && strchr(" \t\r\n", c->data[c->at]) && c->data[c->at]) c->at++;
  return c->at == c->length;
}

static bool holds(const gkt_msh_cursor *c, const char *word) { return memmem(c->data, c->length, word, strlen(word)); }

static gkt_status read_sections(gkt_msh *f) {
  gkt_msh_cursor *c = &f->cursor;
  if (!holds(c, "$MeshFormat") && !holds(c, "$NOD") && !holds(c, "$NOE"))
    return gkt_fail(f->ctx, GKT_BAD_INPUT, "%s: not an MSH file of Gmsh: it has neither $MeshFormat nor $NOD", c->name);
  while (!is_at_end(c)) {
    GKT_TRY(begin_section(c));
    GKT_TRY(read_body(f));
    GKT_TRY(end_section(c));
  }
  if (!f->has_nodes || !f->has_elements) return gkt_fail(f->ctx, GKT_BAD_INPUT, "%s: the file has no $%s", c->name, f->has_nodes ? "Elements" : "Nodes");
  return GKT_OK;
}

static void free_lists(gkt_msh *f) {
  for (gkt_idx i = 0; i < f->num_names; i++) gkt_free(&f->names[i].name);
  gkt_free(&f->names);
  gkt_free(&f->entities);
  gkt_free(&f->physicals);
  gkt_free(&f->node_tags);
  gkt_free(&f->coords);
  gkt_free(&f->hash);
  for (int i = 0; i < GKT_MSH_TYPES; i++) {
    gkt_free(&f->elements[i].nodes);
    gkt_free(&f->elements[i].position);
  }
  gkt_free(&f->runs);
}

gkt_status gkt_mesh_parse(gkt_context *ctx, const char *name, const char *data, size_t length, gkt_mesh **out) {
  gkt_msh f = {.ctx = ctx, .cursor = {.ctx = ctx, .name = name, .data = data, .length = length}};
  gkt_status status;
  f.cursor.c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (!f.cursor.c_locale) return gkt_fail(ctx, GKT_NO_MEMORY, "out of memory: the C locale");
  GKT_GO(read_sections(&f));
  GKT_GO(gkt_msh_build(&f, out));
done:
  freelocale(f.cursor.c_locale);
  free_lists(&f);
  return status;
}

gkt_status gkt_mesh_read(gkt_context *ctx, const char *path, gkt_mesh **out) {
  char *data;
  size_t length;
  GKT_TRY(gkt_file_read(ctx, path, &data, &length));
  gkt_status status = gkt_mesh_parse(ctx, path, data, length, out);
  gkt_free(&data);
  return status;
}
