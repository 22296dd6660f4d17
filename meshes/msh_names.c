/* The elements of an MSH file give names and tags to the nodes, edges, facets and cells that they lie on. */
#include <stdlib.h>
#include <string.h>

#include "meshes/msh.h"

typedef struct {
  int dim, tag;
  gkt_idx run;
} member; /* a run belongs to a physical group */

static gkt_status find_entities(gkt_msh_builder *b, int type) {
  const gkt_msh_type *t = &gkt_msh_types[type];
  const gkt_msh_elements *e = &b->f->elements[type];
  int corners = gkt_cell_topologies[t->cell].num_vertices;
  if (gkt_msh_is_cell_type(b, type) || e->count == 0) return GKT_OK;
  if (t->dim == 1 && b->dim == 3) GKT_TRY(gkt_mesh_build_entities(b->mesh, 1));
  GKT_TRY(gkt_alloc(b->f->ctx, e->count, sizeof *b->entities[type], &b->entities[type]));
  for (gkt_idx i = 0; i < e->count; i++) {
    gkt_idx vertices[8];
    bool used = true;
    for (int j = 0; j < corners; j++) {
      vertices[j] = b->node_of[e->nodes[(gkt_size)t->num_nodes * i + j]];
      used = used && vertices[j] >= 0;
    }
    b->entities[type][i] = !used ? -1 : t->dim == 0 ? vertices[0] : gkt_mesh_entity_find(b->mesh, t->dim, corners, vertices);
  }
  return GKT_OK;
}

static int compare_members(const void *a, const void *b) {
  const member *x = a, *y = b;
  if (x->dim != y->dim) return (x->dim > y->dim) - (x->dim < y->dim);
  return x->tag != y->tag ? (x->tag > y->tag) - (x->tag < y->tag) : (x->run > y->run) - (x->run < y->run);
}

static bool is_of(const gkt_msh_name *name, int dim) { return name->dim < 0 || name->dim == dim; }

static void group_name(const gkt_msh *f, int dim, int tag, char text[GKT_LABEL], const char **name) {
  snprintf(text, GKT_LABEL, "%d", tag);
  *name = text;
  for (gkt_idx i = 0; i < f->num_names; i++)
    if (is_of(&f->names[i], dim) && f->names[i].tag == tag) *name = f->names[i].name;
}

static gkt_status set_aside(const gkt_msh_builder *b, const char *name, int dim, const char *why) {
  gkt_log(b->f->ctx, GKT_LOG_WARNING, "%s: the physical group '%s' (dimension %d) cannot be used: %s", b->f->cursor.name, name, dim, why);
  return gkt_mesh_add_absent(b->mesh, name, dim, why);
}

/* Construction lines, a surface beside the solids: such a group is no fault of the mesh, but nothing can hold on it. */
static gkt_status set_stray_aside(const gkt_msh_builder *b, int type, gkt_idx element, const char *name) {
  static const char *const words[] = {"a node", "an edge", "a facet"};
  char text[GKT_LABEL], why[2 * GKT_LABEL];
  const int dim = gkt_msh_types[type].dim;
  gkt_msh_label_element(b->f, type, element, text, sizeof text);
  snprintf(why, sizeof why, "%s of it is not %s of any cell", text, words[dim == b->dim - 1 ? 2 : dim]);
  return set_aside(b, name, dim, why);
}

static gkt_status add_group(gkt_msh_builder *b, const member *members, gkt_idx num_members) {
  const gkt_msh *f = b->f;
  char text[GKT_LABEL];
  const char *name;
  gkt_idx *list = NULL, count = 0;
  gkt_size size = 0;
  gkt_status status;
  group_name(f, members->dim, members->tag, text, &name);
  if (gkt_mesh_find_set_of_dim(b->mesh, name, members->dim)) /* 7, and another whose name is "7" */
    return gkt_mesh_refuse(b->mesh, &b->labels, "two physical groups of dimension %d are called '%s', one by its number; expected names that are no numbers of others",
                           members->dim, name);
  for (gkt_idx i = 0; i < num_members; i++) size += f->runs[members[i].run].count;
  GKT_GO(gkt_alloc(f->ctx, size, sizeof *list, &list));
  for (gkt_idx i = 0; i < num_members; i++) {
    if (i > 0 && members[i].run == members[i - 1].run) continue; /* an entity that names its group twice */
    const gkt_msh_run *run = &f->runs[members[i].run];
    for (gkt_idx e = run->first; e < run->first + run->count; e++) {
      list[count] = b->entities[run->type][e];
      if (list[count++] >= 0) continue;
      status = set_stray_aside(b, run->type, e, name);
      goto done;
    }
  }
  GKT_GO(gkt_mesh_add_set(b->mesh, name, members->dim, count, list));
done:
  gkt_free(&list);
  return status;
}

static gkt_idx list_members(const gkt_msh *f, member *members) {
  gkt_idx n = 0;
  for (gkt_idx r = 0; r < f->num_runs; r++) {
    const gkt_msh_run *run = &f->runs[r];
    int dim = gkt_msh_types[run->type].dim, count = run->physical > 0;
    const int *tags = &run->physical;
    const gkt_msh_entity *e = f->version == 4 ? gkt_msh_find_entity(f, dim, run->entity) : NULL;
    if (e) {
      count = e->count;
      tags = f->physicals + e->first;
    }
    for (int i = 0; i < count; i++, n++)
      if (members) members[n] = (member){.dim = dim, .tag = tags[i], .run = r};
  }
  return n;
}

static bool has_group(const gkt_mesh *m, const gkt_msh_name *name) {
  const bool is_set = name->dim < 0 ? gkt_mesh_find_set(m, name->name) != NULL : gkt_mesh_find_set_of_dim(m, name->name, name->dim) != NULL;
  return is_set || gkt_mesh_why_absent(m, name->name, name->dim);
}

static gkt_status add_groups(gkt_msh_builder *b) {
  const gkt_msh *f = b->f;
  gkt_idx n = list_members(f, NULL);
  member *members = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(f->ctx, n, sizeof *members, &members));
  list_members(f, members);
  qsort(members, (size_t)n, sizeof *members, compare_members);
  for (gkt_idx first = 0, end; first < n; first = end) {
    for (end = first + 1; end < n && members[end].dim == members[first].dim && members[end].tag == members[first].tag;) end++;
    GKT_GO(add_group(b, members + first, end - first));
  }
  for (gkt_idx i = 0; i < f->num_names; i++) {
    const gkt_msh_name *name = &f->names[i];
    if (!has_group(b->mesh, name)) GKT_GO(set_aside(b, name->name, name->dim, "it holds no elements"));
  }
done:
  gkt_free(&members);
  return status;
}

static int whole_entity(const gkt_msh *f, int dim, int tag) {
  const gkt_msh_entity *e = f->version == 4 ? gkt_msh_find_entity(f, dim, tag) : NULL;
  return e ? e->whole : tag;
}

static gkt_status add_tags(gkt_msh_builder *b, int dim) {
  const gkt_msh *f = b->f;
  gkt_entity_tags *tags = &b->mesh->tags[dim];
  gkt_size count = 0;
  gkt_idx narrow;
  for (gkt_idx r = 0; r < f->num_runs; r++) count += gkt_msh_types[f->runs[r].type].dim == dim ? f->runs[r].count : 0;
  GKT_TRY(gkt_narrow(f->ctx, count, "elements", &narrow));
  GKT_TRY(gkt_alloc(f->ctx, count, sizeof *tags->entities, &tags->entities));
  GKT_TRY(gkt_alloc(f->ctx, count, sizeof *tags->tags, &tags->tags));
  for (gkt_idx r = 0; r < f->num_runs; r++) {
    const gkt_msh_run *run = &f->runs[r];
    const int tag = whole_entity(f, dim, run->entity);
    if (gkt_msh_types[run->type].dim != dim || tag == 0) continue; /* 0: none */
    for (gkt_idx e = run->first; e < run->first + run->count; e++) {
      if (b->entities[run->type][e] < 0) continue; /* meshed, but apart from the cells: construction lines */
      tags->entities[tags->count] = b->entities[run->type][e];
      tags->tags[tags->count++] = tag;
    }
  }
  return GKT_OK;
}

/* A group `boundary` of facets stands in the place of the built-in set; one of edges, points or cells stands beside it. */
static void compare_boundary(const gkt_msh_builder *b) {
  const gkt_mesh *m = b->mesh;
  const gkt_mesh_set *own = gkt_mesh_find_set_of_dim(m, "boundary", b->dim - 1);
  gkt_idx outer = 0, found = 0;
  for (int d = 0; d < b->dim - 1 && own && !m->has_own_boundary; d++)
    if (gkt_mesh_find_set_of_dim(m, "boundary", d))
      gkt_log(m->ctx, GKT_LOG_WARNING, "%s: the file's group `boundary` has dimension %d, but that name means the %d outer facets of the mesh where a condition asks for it",
              b->f->cursor.name, d, own->count);
  if (!own) return;
  for (gkt_idx f = 0; f < m->num_entities[b->dim - 1]; f++) outer += gkt_facet_is_outer(&m->facets[f]);
  for (gkt_idx i = 0; i < own->count; i++) found += gkt_facet_is_outer(&m->facets[own->entities[i]]);
  if (m->has_own_boundary && (found < outer || own->count > found))
    gkt_log(m->ctx, GKT_LOG_WARNING, "%s: `boundary` is the group of that name in the file, %d of the %d outer facets", b->f->cursor.name, found, outer);
}

static bool has_facets(const gkt_msh_builder *b, int physical) {
  for (gkt_idx r = 0; r < b->f->num_runs; r++)
    if (gkt_msh_types[b->f->runs[r].type].dim == b->dim - 1 && b->f->runs[r].physical == physical) return true;
  return false;
}

static bool names_own_boundary(const gkt_msh_builder *b) {
  for (gkt_idx i = 0; i < b->f->num_names; i++) {
    const gkt_msh_name *name = &b->f->names[i];
    if (strcmp(name->name, "boundary") == 0 && (name->dim < 0 ? has_facets(b, name->tag) : name->dim == b->dim - 1)) return true;
  }
  return false;
}

gkt_status gkt_msh_name_entities(gkt_msh_builder *b) {
  b->mesh->has_own_boundary = names_own_boundary(b);
  GKT_TRY(gkt_mesh_find_facets_of(b->mesh, &b->labels, false));
  for (int t = 0; t < GKT_MSH_TYPES; t++) GKT_TRY(find_entities(b, t));
  GKT_TRY(add_groups(b));
  compare_boundary(b);
  for (int d = 0; d <= b->dim; d++) GKT_TRY(add_tags(b, d));
  return GKT_OK;
}
