#include <string.h>
#include <strings.h>

#include "problem/file/settings_reader.h"

gkt_status gkt_settings_path(gkt_settings_reader *r, const gkt_yaml *n, char **out) {
  if (!n) return GKT_OK;
  if (n->text[0] == '/' || strcmp(r->s->folder, ".") == 0) return gkt_settings_text(r, n, out);
  size_t room = strlen(r->s->folder) + n->length + 2;
  GKT_TRY(gkt_memory_take(r->memory, (gkt_size)room, 1, out));
  snprintf(*out, room, "%s/%s", strcmp(r->s->folder, "/") == 0 ? "" : r->s->folder, n->text);
  return GKT_OK;
}

static gkt_status read_corner(gkt_settings_reader *r, const gkt_yaml *n, int dim, double standard, double *out) {
  for (int i = 0; i < dim; i++) out[i] = standard;
  if (!n) return GKT_OK;
  if (n->count != dim) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, NULL, "%d numbers; expected %d, as in cells", n->count, dim);
  for (const gkt_yaml *entry = n->first; entry; entry = entry->next) gkt_settings_number(entry, out++);
  return GKT_OK;
}

static gkt_status read_shape(gkt_settings_reader *r, const gkt_yaml *n, gkt_box *box) {
  static const struct {
    const char *word;
    gkt_cell_type shape;
  } fits[3][2] = {{{"line", GKT_LINE}, {"line", GKT_LINE}}, {{"tri", GKT_TRIANGLE}, {"quad", GKT_QUADRILATERAL}}, {{"tet", GKT_TETRAHEDRON}, {"hex", GKT_HEXAHEDRON}}};
  int row = box->dim - 1;
  box->shape = fits[row][0].shape;
  for (int i = 0; i < 2; i++) {
    if (n && strcmp(n->text, fits[row][i].word) != 0) continue;
    box->shape = fits[row][n ? i : 0].shape;
    return GKT_OK;
  }
  return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n, n->text, "does not fit %d number%s in cells; expected %s%s%s", box->dim, box->dim > 1 ? "s" : "", fits[row][0].word,
                         row ? " or " : "", row ? fits[row][1].word : "");
}

static gkt_status read_box(gkt_settings_reader *r, const gkt_yaml *n, gkt_box *box) {
  const gkt_yaml *cells = gkt_yaml_get(n, "cells"), *lower = gkt_yaml_get(n, "lower"), *upper = gkt_yaml_get(n, "upper");
  box->dim = cells->count;
  gkt_idx *count = box->cells;
  for (const gkt_yaml *entry = cells->first; entry; entry = entry->next) gkt_settings_integer(entry, count++);
  GKT_TRY(read_corner(r, lower, box->dim, 0, box->lower));
  GKT_TRY(read_corner(r, upper, box->dim, 1, box->upper));
  for (int i = 0; i < box->dim; i++)
    if (!(box->upper[i] > box->lower[i]))
      return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, upper ? upper : lower, NULL, "upper %g is not above lower %g in direction %d; expected a box", box->upper[i], box->lower[i], i);
  return read_shape(r, gkt_yaml_get(n, "shape"), box);
}

static gkt_status read_geometry(gkt_settings_reader *r, const gkt_yaml *mesh, gkt_mesh_settings *m) {
  const gkt_yaml *min_size = gkt_yaml_get(mesh, "min_size");
  const size_t length = strlen(m->path);
  const bool script = length > 4 && strcasecmp(m->path + length - 4, ".geo") == 0; /* has sizes of its own */
  if (!gkt_yaml_get(mesh, "size") && !script) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, mesh, "size", "missing key; expected the edge length in metres, for example 0.004");
  gkt_settings_number(gkt_yaml_get(mesh, "size"), &m->size);
  gkt_settings_number(min_size, &m->min_size);
  if (m->size > 0 && m->min_size > m->size) return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, min_size, min_size->text, "above size; expected at most %g", m->size);
  gkt_settings_integer(gkt_yaml_get(mesh, "curvature"), &m->curvature);
  if (script) m->order = 0;
  gkt_settings_integer(gkt_yaml_get(mesh, "order"), &m->order);
  return gkt_settings_text(r, gkt_yaml_get(mesh, "unit"), &m->unit);
}

/* Keys that steer the meshing of a geometry mean nothing elsewhere. */
static gkt_status refuse_geometry_keys(gkt_settings_reader *r, const gkt_yaml *mesh) {
  for (const gkt_yaml *n = mesh->first; n; n = n->next)
    if (gkt_word_in(n->key->text, "size min_size curvature order unit"))
      return gkt_yaml_refuse(r->ctx, GKT_BAD_INPUT, n->key, n->key->text, "this key goes with geometry; expected a mesh without it");
  return GKT_OK;
}

static gkt_status read_mesh(gkt_settings_reader *r) {
  gkt_mesh_settings *m = &r->s->mesh;
  const gkt_yaml *mesh = gkt_yaml_get(r->root, "mesh"), *from;
  m->order = 1;
  GKT_TRY(gkt_settings_one_of(r, mesh, "file geometry box", false, &from));
  m->from.at = from;
  if (from->kind == GKT_YAML_TEXT) gkt_settings_word(from, &m->from);
  gkt_settings_integer(gkt_yaml_get(mesh, "refine"), &m->refine);
  m->kind = strcmp(from->key->text, "box") == 0 ? GKT_MESH_BOX : strcmp(from->key->text, "file") == 0 ? GKT_MESH_FILE : GKT_MESH_GEOMETRY;
  if (m->kind != GKT_MESH_BOX) GKT_TRY(gkt_settings_path(r, from, &m->path));
  if (m->kind == GKT_MESH_GEOMETRY) return read_geometry(r, mesh, m);
  GKT_TRY(refuse_geometry_keys(r, mesh));
  return m->kind == GKT_MESH_BOX ? read_box(r, from, &m->box) : GKT_OK;
}

static gkt_status read_tags(gkt_settings_reader *r, const gkt_yaml *n, gkt_region_settings *region) {
  bool list = n->kind == GKT_YAML_LIST;
  region->num_tags = list ? n->count : 1;
  GKT_TRY(gkt_memory_take(r->memory, region->num_tags, sizeof *region->tags, &region->tags));
  int i = 0;
  for (const gkt_yaml *entry = list ? n->first : n; i < region->num_tags; entry = entry->next) gkt_settings_integer(entry, &region->tags[i++]);
  return GKT_OK;
}

/* One point, or a list of them; the schema saw to it that all have as many coordinates. */
static gkt_status read_places(gkt_settings_reader *r, const gkt_yaml *n, gkt_region_settings *region) {
  bool several = n->first->kind == GKT_YAML_LIST;
  region->num_places = several ? n->count : 1;
  region->num_at = several ? n->first->count : n->count;
  GKT_TRY(gkt_memory_take(r->memory, region->num_places, sizeof *region->places, &region->places));
  const gkt_yaml *point = several ? n->first : n;
  for (int i = 0; i < region->num_places; i++, point = point->next) {
    double *x = region->places[i];
    for (const gkt_yaml *entry = point->first; entry; entry = entry->next) gkt_settings_number(entry, x++);
  }
  return GKT_OK;
}

static gkt_status read_region(gkt_settings_reader *r, const gkt_yaml *n, gkt_region_settings *region) {
  static const char *const kinds[] = {"points", "edges", "faces", "solids"}; /* by dimension */
  const gkt_yaml *by;
  gkt_settings_name(n, &region->name);
  GKT_TRY(gkt_settings_one_of(r, n, "solids faces edges points at where cells", false, &by));
  if (strcmp(by->key->text, "at") == 0) return read_places(r, by, region);
  region->where_cells = strcmp(by->key->text, "cells") == 0;
  if (region->where_cells || strcmp(by->key->text, "where") == 0) return gkt_settings_source(r, by, &region->where);
  while (strcmp(by->key->text, kinds[region->dim]) != 0) region->dim++;
  return read_tags(r, by, region);
}

gkt_status gkt_settings_read_mesh(gkt_settings_reader *r) {
  const gkt_yaml *regions = gkt_yaml_get(r->root, "regions");
  gkt_settings *s = r->s;
  GKT_TRY(read_mesh(r));
  GKT_TRY(gkt_memory_take(r->memory, regions ? regions->count : 0, sizeof *s->regions, &s->regions));
  for (const gkt_yaml *n = regions ? regions->first : NULL; n; n = n->next) GKT_TRY(read_region(r, n, &s->regions[s->num_regions++]));
  return GKT_OK;
}
