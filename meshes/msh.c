/* The MSH reader: the format line, the list of sections, physical names. */
#include <string.h>

#include "meshes/msh.h"

static gkt_status read_format(gkt_msh *f) {
  gkt_msh_cursor *c = &f->cursor;
  const char *word;
  size_t length;
  int file_type, data_size, mark;
  GKT_TRY(gkt_msh_text_word(c, "the format version", &word, &length));
  f->is_version4 = length == 3 && memcmp(word, "4.1", 3) == 0;
  if (!f->is_version4 && !(length == 3 && memcmp(word, "2.2", 3) == 0))
    return gkt_msh_refuse(c, GKT_UNAVAILABLE, "MSH version %.*s is not available yet; 2.2 and 4.1 are (Gmsh: Mesh.MshFileVersion)", length < 20 ? (int)length : 20, word);
  GKT_TRY(gkt_msh_text_int(c, "the file type", &file_type));
  if (file_type != 0 && file_type != 1) return gkt_msh_refuse(c, GKT_BAD_INPUT, "file type 0 (text) or 1 (binary) was expected, found %d", file_type);
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

/* dim tag "name", on one line. */
static gkt_status read_name(gkt_msh *f, gkt_msh_name *name) {
  gkt_msh_cursor *c = &f->cursor;
  GKT_TRY(gkt_msh_text_int(c, "the dimension of a physical name", &name->dim));
  if (name->dim < 0 || name->dim > 3) return gkt_msh_refuse(c, GKT_BAD_INPUT, "a physical name of dimension %d", name->dim);
  GKT_TRY(gkt_msh_text_int(c, "the tag of a physical name", &name->tag));
  while (c->at < c->length && (c->data[c->at] == ' ' || c->data[c->at] == '\t')) c->at++;
  c->token = c->at;
  const char *begin = c->data + c->at, *line_end = memchr(begin, '\n', c->length - c->at);
  size_t left = line_end ? (size_t)(line_end - begin) : c->length - c->at;
  const char *end = left > 1 && *begin == '"' ? memchr(begin + 1, '"', left - 1) : NULL;
  if (!end || end == begin + 1 || memchr(begin, 0, (size_t)(end - begin))) return gkt_msh_refuse(c, GKT_BAD_INPUT, "a physical name in quotes was expected");
  GKT_TRY(gkt_calloc(f->ctx, end - begin, 1, &name->name));
  memcpy(name->name, begin + 1, (size_t)(end - begin - 1));
  c->at = (size_t)(end + 1 - c->data);
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
  if (f->has_nodes) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "a second $Nodes");
  f->has_nodes = true;
  return f->is_version4 ? gkt_msh_read_nodes4(f) : gkt_msh_read_nodes2(f);
}

static gkt_status read_elements(gkt_msh *f) {
  if (!f->has_nodes) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "$Elements stands before $Nodes");
  if (f->has_elements) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "a second $Elements");
  f->has_elements = true;
  return f->is_version4 ? gkt_msh_read_elements4(f) : gkt_msh_read_elements2(f);
}

static gkt_status read_entities(gkt_msh *f) {
  if (!f->is_version4) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "$Entities in a file of version 2.2");
  if (f->has_entities || f->has_nodes) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, f->has_nodes ? "$Entities stands behind $Nodes" : "a second $Entities");
  return gkt_msh_read_entities4(f);
}

static gkt_status skip_section(gkt_msh *f) {
  gkt_msh_cursor *c = &f->cursor;
  char end[48];
  int n = snprintf(end, sizeof end, "\n$End%s", c->section);
  const char *found = memmem(c->data + c->at, c->length - c->at, end, (size_t)n);
  if (!found) return gkt_msh_refuse(c, GKT_BAD_INPUT, "the file ends inside $%s", c->section);
  c->at = (size_t)(found - c->data);
  return GKT_OK;
}

static gkt_status read_body(gkt_msh *f) {
  static const struct {
    const char *name;
    gkt_status (*read)(gkt_msh *);
    bool is_binary; /* in binary files, from the next byte on */
  } known[] = {{"PhysicalNames", read_names, false}, {"Entities", read_entities, true}, {"Nodes", read_nodes, true}, {"Elements", read_elements, true}};
  static const char *const later[] = {"PartitionedEntities", "GhostElements", "ParametricNodes"};
  gkt_msh_cursor *c = &f->cursor;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strcmp(c->section, known[i].name) != 0) continue;
    if (c->binary && known[i].is_binary) GKT_TRY(gkt_msh_end_line(c));
    return known[i].read(f);
  }
  for (size_t i = 0; i < sizeof later / sizeof *later; i++)
    if (strcmp(c->section, later[i]) == 0) return gkt_msh_refuse(c, GKT_UNAVAILABLE, "$%s is not available yet", c->section);
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
  if (length != n || memcmp(word, end, n) != 0) return gkt_msh_refuse(c, GKT_BAD_INPUT, "%s was expected: the section holds more than it announces, or is damaged", end);
  return GKT_OK;
}

static bool is_at_end(gkt_msh_cursor *c) {
  while (c->at < c->length && strchr(" \t\r\n", c->data[c->at]) && c->data[c->at]) c->at++;
  return c->at == c->length;
}

static gkt_status read_sections(gkt_msh *f) {
  gkt_msh_cursor *c = &f->cursor;
  if (c->length < 11 || memcmp(c->data, "$MeshFormat", 11) != 0) return gkt_fail(f->ctx, GKT_BAD_INPUT, "%s: not an MSH file of Gmsh: it does not begin with $MeshFormat", c->name);
  GKT_TRY(begin_section(c));
  GKT_TRY(read_format(f));
  GKT_TRY(end_section(c));
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
