/* Named sets of entities. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "meshes/mesh.h"

int gkt_mesh_num_sets(const gkt_mesh *m) { return m->num_sets; }
const gkt_mesh_set *gkt_mesh_get_set(const gkt_mesh *m, int set) { return set >= 0 && set < m->num_sets ? m->sets[set] : NULL; }

const gkt_mesh_set *gkt_mesh_find_set_of_dim(const gkt_mesh *m, const char *name, int dim) {
  for (int s = 0; s < m->num_sets; s++)
    if (m->sets[s]->dim == dim && strcmp(m->sets[s]->name, name) == 0) return m->sets[s];
  return NULL;
}

const gkt_mesh_set *gkt_mesh_find_set(const gkt_mesh *m, const char *name) {
  const gkt_mesh_set *set = NULL;
  for (int d = m->dim - 1; d >= 0 && !set; d--) set = gkt_mesh_find_set_of_dim(m, name, d);
  if (!set) set = gkt_mesh_find_set_of_dim(m, name, m->dim);
  return set ? set : gkt_mesh_find_set_of_dim(m, name, GKT_PLACES);
}

static int compare(const void *a, const void *b) {
  gkt_idx x = *(const gkt_idx *)a, y = *(const gkt_idx *)b;
  return (x > y) - (x < y);
}

/* Long lists by marks on all entities. */
static gkt_status mark_distinct(gkt_context *ctx, gkt_idx num_entities, gkt_idx *x, gkt_idx *n) {
  bool *marked;
  gkt_idx kept = 0;
  GKT_TRY(gkt_calloc(ctx, num_entities, sizeof *marked, &marked));
  for (gkt_idx i = 0; i < *n; i++) marked[x[i]] = true;
  for (gkt_idx i = 0; i < num_entities; i++)
    if (marked[i]) x[kept++] = i;
  *n = kept;
  gkt_free(&marked);
  return GKT_OK;
}

static gkt_status sort_distinct(gkt_context *ctx, gkt_idx num_entities, gkt_idx *x, gkt_idx *n) {
  gkt_idx kept = 0;
  bool ascending = true;
  for (gkt_idx i = 1; i < *n && ascending; i++) ascending = x[i - 1] < x[i];
  if (ascending) return GKT_OK;
  if (*n > num_entities / 64) return mark_distinct(ctx, num_entities, x, n);
  qsort(x, (size_t)*n, sizeof *x, compare);
  for (gkt_idx i = 0; i < *n; i++)
    if (i == 0 || x[i] != x[i - 1]) x[kept++] = x[i];
  *n = kept;
  return GKT_OK;
}

static gkt_status check_set(gkt_mesh *m, const char *name, int dim, gkt_idx count, const gkt_idx *entities) {
  if (!name || !*name) return gkt_fail(m->ctx, GKT_BAD_ARGUMENT, "a set of mesh entities needs a name");
  if (dim < 0 || dim > m->dim) return gkt_fail(m->ctx, GKT_BAD_ARGUMENT, "set '%s' of dimension %d: the mesh has dimensions 0 to %d", name, dim, m->dim);
  if (dim > 0 && dim < m->dim) GKT_TRY(dim == m->dim - 1 ? gkt_mesh_find_facets(m) : gkt_mesh_build_entities(m, dim));
  if (gkt_mesh_find_set_of_dim(m, name, dim)) return gkt_fail(m->ctx, GKT_BAD_INPUT, "the mesh already has a set '%s' of dimension %d", name, dim);
  if (count < 0) return gkt_fail(m->ctx, GKT_BAD_ARGUMENT, "set '%s' of %d entities", name, count);
  for (gkt_idx i = 0; i < count; i++)
    if (entities[i] < 0 || entities[i] >= m->num_entities[dim])
      return gkt_fail(m->ctx, GKT_BAD_INPUT, "set '%s' names the entity %d of dimension %d; those are 0 to %d", name, entities[i], dim, m->num_entities[dim] - 1);
  return GKT_OK;
}

/* One block: the set, a copy of what it holds, its name. */
static gkt_status append(gkt_mesh *m, const char *name, size_t bytes, const void *contents, gkt_mesh_set **out) {
  size_t letters = strlen(name) + 1;
  gkt_mesh_set *set = NULL;
  GKT_TRY(gkt_realloc(m->ctx, (gkt_size)(m->num_sets + 1) * (gkt_size)sizeof *m->sets, 1, &m->sets));
  GKT_TRY(gkt_calloc(m->ctx, (gkt_size)(sizeof *set + bytes + letters), 1, &set));
  if (bytes > 0) memcpy(set + 1, contents, bytes);
  set->name = memcpy((char *)(set + 1) + bytes, name, letters);
  m->sets[m->num_sets++] = *out = set;
  return GKT_OK;
}

gkt_status gkt_mesh_add_set(gkt_mesh *m, const char *name, int dim, gkt_idx count, const gkt_idx *entities) {
  gkt_mesh_set *set;
  GKT_TRY(check_set(m, name, dim, count, entities));
  GKT_TRY(append(m, name, (size_t)count * sizeof *entities, entities, &set));
  gkt_idx *copy = (gkt_idx *)(set + 1);
  set->dim = dim, set->count = count, set->entities = copy;
  gkt_status status = sort_distinct(m->ctx, m->num_entities[dim], copy, &set->count);
  if (status != GKT_OK) gkt_free(&m->sets[--m->num_sets]);
  return status;
}

gkt_status gkt_mesh_add_places(gkt_mesh *m, const char *name, gkt_idx count, const double *coords) {
  gkt_mesh_set *set;
  if (!name || !*name) return gkt_fail(m->ctx, GKT_BAD_ARGUMENT, "a set of places needs a name");
  if (count < 1) return gkt_fail(m->ctx, GKT_BAD_ARGUMENT, "set '%s' of %d places", name, count);
  if (gkt_mesh_find_set_of_dim(m, name, GKT_PLACES)) return gkt_fail(m->ctx, GKT_BAD_INPUT, "the mesh already has a set '%s' of places", name);
  for (gkt_size i = 0; i < (gkt_size)count * m->dim; i++)
    if (!isfinite(coords[i])) return gkt_fail(m->ctx, GKT_BAD_INPUT, "set '%s': coordinate %d of place %d is not finite", name, (int)(i % m->dim), (int)(i / m->dim));
  GKT_TRY(append(m, name, (size_t)count * (size_t)m->dim * sizeof *coords, coords, &set));
  set->dim = GKT_PLACES, set->count = count, set->places = (double *)(set + 1);
  return GKT_OK;
}

gkt_status gkt_mesh_add_absent(gkt_mesh *m, const char *name, int dim, const char *why) {
  GKT_TRY(gkt_realloc(m->ctx, m->num_absent + 1, sizeof *m->absent, &m->absent));
  gkt_absent_group *group = &m->absent[m->num_absent++];
  *group = (gkt_absent_group){.dim = dim};
  GKT_TRY(gkt_strdup(m->ctx, name, &group->name));
  return gkt_strdup(m->ctx, why, &group->why);
}

const char *gkt_mesh_why_absent(const gkt_mesh *m, const char *name, int dim) {
  for (int i = 0; i < m->num_absent; i++) {
    const gkt_absent_group *group = &m->absent[i];
    if ((dim < 0 || group->dim == dim) && strcmp(group->name, name) == 0) return group->why;
  }
  return NULL;
}

static const char *const tag_kinds[] = {"point", "curve", "surface", "volume"};

static int compare_ints(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}

static gkt_status refuse_tag(gkt_mesh *m, const char *name, int dim, int tag) {
  const gkt_entity_tags *t = &m->tags[dim];
  gkt_text text = {.ctx = m->ctx};
  int *sorted = NULL, shown = 0;
  gkt_status status;
  if (t->count == 0) return gkt_fail(m->ctx, GKT_BAD_INPUT, "set '%s': the mesh holds no %s tags, so not %d", name, tag_kinds[dim], tag);
  GKT_GO(gkt_alloc(m->ctx, t->count, sizeof *sorted, &sorted));
  memcpy(sorted, t->tags, (size_t)t->count * sizeof *sorted);
  qsort(sorted, (size_t)t->count, sizeof *sorted, compare_ints);
  for (gkt_idx i = 0; i < t->count && shown <= 40; i++) {
    if (i > 0 && sorted[i] == sorted[i - 1]) continue;
    if (shown == 40) gkt_text_printf(&text, " ...");
    else gkt_text_printf(&text, " %d", sorted[i]);
    shown++;
  }
  GKT_GO(text.status);
  status = gkt_fail(m->ctx, GKT_BAD_INPUT, "set '%s': the mesh holds no %s %d; there are%s", name, tag_kinds[dim], tag, text.data);
done:
  gkt_free(&sorted);
  gkt_text_free(&text);
  return status;
}

static bool is_among(int count, const int *numbers, int number) {
  for (int i = 0; i < count; i++)
    if (numbers[i] == number) return true;
  return false;
}

gkt_status gkt_mesh_add_set_from_tags(gkt_mesh *m, const char *name, int dim, int num_tags, const int *tags) {
  if (dim < 0 || dim > m->dim) return gkt_fail(m->ctx, GKT_BAD_ARGUMENT, "set '%s' of dimension %d: the mesh has dimensions 0 to %d", name, dim, m->dim);
  const gkt_entity_tags *t = &m->tags[dim];
  gkt_idx *list = NULL, count = 0;
  gkt_status status;
  for (int i = 0; i < num_tags; i++)
    if (!is_among(t->count, t->tags, tags[i])) return refuse_tag(m, name, dim, tags[i]);
  GKT_TRY(gkt_alloc(m->ctx, t->count, sizeof *list, &list));
  for (gkt_idx i = 0; i < t->count; i++)
    if (is_among(num_tags, tags, t->tags[i])) list[count++] = t->entities[i];
  status = gkt_mesh_add_set(m, name, dim, count, list);
  gkt_free(&list);
  return status;
}
