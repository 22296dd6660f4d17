/* Which problem is it? By its text, key by key, and by the content of its mesh: what a state in time, or a data set, belongs to. */
#include <stdlib.h>
#include <string.h>

#include "core/cache.h"
#include "problem/problem.h"

/* ---- text ---- */
/* Keys that may be others: how far, how often and how well, where it is written to, and the mesh, which is asked itself. Of data sets tolerances count, as every bit does. */
static bool counts(gkt_identity of, const char *path) {
  static const char *const free_keys[][16] = {
      [GKT_OF_TIME] = {"title", "mesh.", "output.", "solver.", "time.end", "time.steps", "time.output_every", "time.checkpoint", "time.checkpoint_every", "time.restart"},
      [GKT_OF_SAMPLES] = {"title", "mesh.", "sample.count", "sample.batch", "sample.file"},
      [GKT_OF_DESIGNS] = {"title", "verify", "mesh.", "output.", "solver.", "optimizer.iterations", "optimizer.tolerance", "optimizer.change", "optimizer.checkpoint",
                          "optimizer.checkpoint_every", "optimizer.restart", "optimizer.memory", "time.output_every", "time.checkpoint", "time.checkpoint_every"}};
  for (int i = 0; free_keys[of][i]; i++) {
    const size_t n = strlen(free_keys[of][i]);
    if (!strncmp(path, free_keys[of][i], n) && (free_keys[of][i][n - 1] == '.' || !path[n])) return false;
  }
  return true;
}

static const char *free_words(gkt_identity of) {
  static const char *const words[] = {[GKT_OF_TIME] = "time.end, output, solver and mesh files",
                                      [GKT_OF_SAMPLES] = "sample.count (a larger one), sample.batch and the title",
                                      [GKT_OF_DESIGNS] = "when the optimizer stops, title, verify, output, solver and mesh files"};
  return words[of];
}

static void add_lines(gkt_identity of, const gkt_yaml *n, gkt_text *out) {
  char path[512];
  for (const gkt_yaml *entry = n->first; entry; entry = entry->next) add_lines(of, entry, out);
  gkt_yaml_path(n, path, sizeof path);
  if (n->kind != GKT_YAML_TEXT || !counts(of, path)) return;
  gkt_text_printf(out, "%s: ", path);
  for (const char *c = n->text; *c; c++) gkt_text_printf(out, "%c", *c == '\n' ? ' ' : *c);
  gkt_text_printf(out, "\n");
}

static int compare(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* lines [count]: into text, whose line ends become NUL */
static gkt_status split(gkt_context *ctx, char *text, char ***lines, int *count) {
  int n = 0;
  for (const char *c = text; *c; c++) n += *c == '\n';
  GKT_TRY(gkt_calloc(ctx, n + 1, sizeof **lines, lines));
  for (int i = 0; i < n; i++) {
    (*lines)[i] = text;
    text = strchr(text, '\n');
    *text++ = 0;
  }
  *count = n;
  return GKT_OK;
}

gkt_status gkt_problem_describe(gkt_problem *p, gkt_identity of, char **out) {
  gkt_text text = {.ctx = p->ctx}, sorted = {.ctx = p->ctx};
  char **lines = NULL;
  int count;
  gkt_status status;
  gkt_text_printf(&text, "%s", "");
  add_lines(of, p->settings->root, &text);
  GKT_GO(text.status);
  GKT_GO(split(p->ctx, text.data, &lines, &count));
  qsort(lines, (size_t)count, sizeof *lines, compare);
  gkt_text_printf(&sorted, "%s", "");
  for (int i = 0; i < count; i++) gkt_text_printf(&sorted, "%s\n", lines[i]);
  GKT_GO(sorted.status);
  *out = sorted.data, sorted.data = NULL;
done:
  gkt_free(&lines);
  gkt_text_free(&text);
  gkt_text_free(&sorted);
  return status;
}

static gkt_status refuse_line(gkt_problem *p, gkt_identity of, const char *file, const char *theirs, const char *ours) {
  if (theirs && ours) return gkt_fail(p->ctx, GKT_BAD_INPUT, "%s is of another problem: there `%.200s`, here `%.200s`; only %s may be others", file, theirs, ours, free_words(of));
  return gkt_fail(p->ctx, GKT_BAD_INPUT, "%s is of another problem: `%.200s` is %s; only %s may be others", file, theirs ? theirs : ours,
                  theirs ? "there, not here" : "here, not there", free_words(of));
}

static bool same_key(const char *a, const char *b) {
  const size_t n = strcspn(a, ":");
  return n == strcspn(b, ":") && !strncmp(a, b, n);
}

static gkt_status compare_lines(gkt_problem *p, gkt_identity of, const char *file, char *const *theirs, int num_theirs, char *const *ours, int num_ours) {
  int i = 0;
  while (i < num_theirs && i < num_ours && !strcmp(theirs[i], ours[i])) i++;
  const char *a = i < num_theirs ? theirs[i] : NULL, *b = i < num_ours ? ours[i] : NULL;
  if (!a && !b) return GKT_OK;
  if (a && b && !same_key(a, b)) *(strcmp(a, b) < 0 ? &b : &a) = NULL; /* the smaller is missing in the other */
  return refuse_line(p, of, file, a, b);
}

gkt_status gkt_problem_compare(gkt_problem *p, gkt_identity of, const char *file, const char *lines) {
  char *ours = NULL, *theirs = NULL, **our_lines = NULL, **their_lines = NULL;
  int num_ours, num_theirs;
  gkt_status status;
  GKT_GO(gkt_problem_describe(p, of, &ours));
  GKT_GO(gkt_strdup(p->ctx, lines, &theirs));
  GKT_GO(split(p->ctx, ours, &our_lines, &num_ours));
  GKT_GO(split(p->ctx, theirs, &their_lines, &num_theirs));
  GKT_GO(compare_lines(p, of, file, their_lines, num_theirs, our_lines, num_ours));
done:
  gkt_free(&ours), gkt_free(&theirs);
  gkt_free(&our_lines), gkt_free(&their_lines);
  return status;
}

/* ---- mesh ---- */
static void add_sets(const gkt_mesh *mesh, gkt_hash *hash) {
  for (int i = 0; i < gkt_mesh_num_sets(mesh); i++) {
    const gkt_mesh_set *set = gkt_mesh_get_set(mesh, i);
    gkt_hash_add(hash, set->name, strlen(set->name));
    gkt_hash_add(hash, &set->dim, sizeof set->dim);
    if (set->entities) gkt_hash_add(hash, set->entities, (size_t)set->count * sizeof *set->entities);
    if (set->places) gkt_hash_add(hash, set->places, (size_t)set->count * (size_t)gkt_mesh_dim(mesh) * sizeof *set->places);
  }
}

void gkt_problem_hash_mesh(const gkt_problem *p, char out[GKT_HASH_TEXT]) {
  if (p->first_mesh[0]) {
    memcpy(out, p->first_mesh, GKT_HASH_TEXT);
    return;
  }
  gkt_hash hash = gkt_hash_start();
  gkt_hash_add(&hash, gkt_mesh_coords(p->mesh), (size_t)gkt_mesh_num_nodes(p->mesh) * (size_t)gkt_mesh_dim(p->mesh) * sizeof(double));
  for (int b = 0; b < gkt_mesh_num_blocks(p->mesh); b++) {
    const gkt_cell_block *block = gkt_mesh_block(p->mesh, b);
    gkt_hash_add(&hash, &block->cell, sizeof block->cell);
    gkt_hash_add(&hash, block->nodes, (size_t)block->num_cells * (size_t)block->nodes_per_cell * sizeof *block->nodes);
  }
  add_sets(p->mesh, &hash);
  hash = gkt_hash_finish(hash);
  snprintf(out, GKT_HASH_TEXT, "%016llx%016llx", (unsigned long long)hash.lanes[0], (unsigned long long)hash.lanes[1]);
}
