/* Claim: how an MSH file is laid out changes nothing: text or binary, a header for each element or for many, tags of nodes in sequence, with gaps or in disorder, any number of
   threads; an element that must be refused is named as if all were read one by one. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meshes/mesh.h"
#include "tests/gkt_test.h"

typedef enum { IN_SEQUENCE, WITH_GAPS, IN_DISORDER } tagging;
typedef struct {
  bool v4, binary, single; /* single: a header for each element, as Gmsh writes version 2 */
  tagging tags;
  gkt_idx wrong; /* element that names a node that is not there; -1: none */
} layout;

typedef struct {
  char *data;
  size_t length;
  FILE *stream;
  bool v4, binary;
} msh_file;

static void put_text(msh_file *f, const char *text) { fputs(text, f->stream); }
static void put_number(msh_file *f, const char *format, double x) { fprintf(f->stream, format, x); }
static void put_int(msh_file *f, int x) {
  if (f->binary) fwrite(&x, sizeof x, 1, f->stream);
  else fprintf(f->stream, "%d ", x);
}
static void put_size(msh_file *f, int64_t x) {
  if (f->binary && f->v4) fwrite(&x, sizeof x, 1, f->stream);
  else put_int(f, (int)x);
}
static void put_double(msh_file *f, double x) {
  if (f->binary) fwrite(&x, sizeof x, 1, f->stream);
  else fprintf(f->stream, "%.17g ", x);
}
static void put_line(msh_file *f) {
  if (!f->binary) fputs("\n", f->stream);
}

/* In disorder the tags of the first third are in sequence, and nothing after it. */
static int64_t tag_of(const layout *l, gkt_idx node, gkt_idx count) {
  if (l->tags == IN_SEQUENCE) return node + 5;
  if (l->tags == WITH_GAPS) return 3 * (int64_t)node + 1;
  return node < count / 3 ? node : (int64_t)4 * count - node;
}

static void put_all_nodes(msh_file *f, const layout *l, const gkt_mesh *m) {
  gkt_idx n = m->num_nodes;
  put_text(f, "$Nodes\n");
  if (l->v4) put_size(f, 1), put_size(f, n), put_size(f, 1), put_size(f, 9), put_line(f), put_int(f, 3), put_int(f, 1), put_int(f, 0), put_size(f, n), put_line(f);
  else put_number(f, "%.0f\n", n);
  for (gkt_idx i = 0; i < n && l->v4; i++) put_size(f, tag_of(l, i, n)), put_line(f);
  for (gkt_idx i = 0; i < n; i++) {
    if (!l->v4) put_int(f, (int)tag_of(l, i, n));
    for (int d = 0; d < 3; d++) put_double(f, m->coords[3 * i + d]);
    put_line(f);
  }
  put_text(f, "\n$EndNodes\n");
}

/* Two entities take turns: runs of 1, 2, .. elements are alike. */
static int entity_of(gkt_idx cell) {
  int run = 1;
  for (gkt_idx left = cell; left >= run; run++) left -= run;
  return 1 + run % 2;
}

static void put_cell(msh_file *f, const layout *l, const gkt_mesh *m, gkt_idx c) {
  if (!l->v4 && l->binary && l->single) put_int(f, 4), put_int(f, 1), put_int(f, 2);
  put_size(f, c + 1);
  if (!l->v4 && !l->binary) put_int(f, 4), put_int(f, 2);
  if (!l->v4) put_int(f, entity_of(c)), put_int(f, entity_of(c));
  for (int i = 0; i < 4; i++) put_size(f, c == l->wrong && i == 2 ? 999999 : tag_of(l, m->cell_nodes[4 * c + i], m->num_nodes));
  put_line(f);
}

/* The end of the run of elements on one entity. */
static gkt_idx end_of_run(const gkt_mesh *m, gkt_idx c) {
  int entity = entity_of(c);
  while (c < m->num_cells && entity_of(c) == entity) c++;
  return c;
}

static void put_all_cells(msh_file *f, const layout *l, const gkt_mesh *m) {
  gkt_idx n = m->num_cells, blocks = 0;
  for (gkt_idx c = 0; c < n; c = end_of_run(m, c)) blocks++;
  put_text(f, "$Elements\n");
  if (!l->v4) put_number(f, "%.0f\n", n);
  else put_size(f, blocks), put_size(f, n), put_size(f, 1), put_size(f, n), put_line(f);
  if (!l->v4 && l->binary && !l->single) put_int(f, 4), put_int(f, n), put_int(f, 2);
  for (gkt_idx c = 0, end; c < n; c = end) {
    end = end_of_run(m, c);
    if (l->v4) put_int(f, 3), put_int(f, entity_of(c)), put_int(f, 4), put_size(f, end - c), put_line(f);
    for (gkt_idx i = c; i < end; i++) put_cell(f, l, m, i);
  }
  put_text(f, "\n$EndElements\n");
}

static msh_file write_layout(const layout *l, const gkt_mesh *m) {
  msh_file f = {.v4 = l->v4, .binary = l->binary};
  f.stream = open_memstream(&f.data, &f.length);
  put_text(&f, l->v4 ? "$MeshFormat\n4.1 " : "$MeshFormat\n2.2 ");
  put_text(&f, l->binary ? "1 8\n" : "0 8\n");
  if (l->binary) put_int(&f, 1);
  put_text(&f, l->binary ? "\n$EndMeshFormat\n" : "$EndMeshFormat\n");
  put_all_nodes(&f, l, m);
  put_all_cells(&f, l, m);
  fclose(f.stream);
  return f;
}

/* Text, a header for each, one for all; text, binary of version 4. */
enum { NUM_KINDS = 5 };
static layout layout_of(int kind, int tags, gkt_idx wrong) {
  return (layout){.v4 = kind > 2, .binary = kind != 0 && kind != 3, .single = kind == 1, .tags = (tagging)tags, .wrong = wrong};
}

static gkt_mesh *box(void) {
  gkt_mesh *m;
  gkt_box options = {.shape = GKT_TETRAHEDRON, .dim = 3, .cells = {4, 3, 3}, .upper = {1, 2, 1}};
  assert_int_equal(gkt_mesh_box(ctx, &options, &m), GKT_OK);
  return m;
}

static const gkt_mesh_set *part(gkt_mesh *m, int entity) {
  char name[16];
  snprintf(name, sizeof name, "part %d", entity);
  if (!gkt_mesh_find_set_of_dim(m, name, 3)) assert_int_equal(gkt_mesh_add_set_from_tags(m, name, 3, 1, &entity), GKT_OK);
  return gkt_mesh_find_set_of_dim(m, name, 3);
}

static void assert_same_mesh(gkt_mesh *a, gkt_mesh *b) {
  assert_true(a->num_nodes == b->num_nodes && a->num_cells == b->num_cells);
  assert_memory_equal(a->coords, b->coords, sizeof *a->coords * (size_t)(3 * a->num_nodes));
  assert_memory_equal(a->cell_nodes, b->cell_nodes, sizeof *a->cell_nodes * (size_t)(4 * a->num_cells));
  assert_int_equal(a->tags[3].count, b->tags[3].count);
  for (int entity = 1; entity <= 2; entity++) {
    const gkt_mesh_set *x = part(a, entity), *y = part(b, entity);
    assert_int_equal(x->count, y->count);
    assert_memory_equal(x->entities, y->entities, sizeof *x->entities * (size_t)x->count);
  }
}

static void layouts_give_one_mesh(void **state) {
  static const int threads[] = {1, 2, 3, 4, 7};
  (void)state;
  gkt_mesh *m = box(), *first[2] = {NULL, NULL}; /* version 2 has physical groups */
  for (int kind = 0; kind < NUM_KINDS; kind++)
    for (int tags = 0; tags < 3; tags++)
      for (int t = 0; t < 5; t++) {
        layout l = layout_of(kind, tags, -1);
        msh_file f = write_layout(&l, m);
        gkt_mesh *read;
        ctx->options.threads = threads[t];
        if (gkt_mesh_parse(ctx, "test.msh", f.data, f.length, &read) != GKT_OK) fail_msg("layout %d %d: %s", kind, tags, gkt_context_message(ctx));
        if (!first[l.v4]) first[l.v4] = read;
        assert_same_mesh(first[l.v4], read);
        if (read != first[l.v4]) gkt_mesh_destroy(&read);
        free(f.data);
      }
  gkt_mesh_destroy(&first[0]);
  gkt_mesh_destroy(&first[1]);
  gkt_mesh_destroy(&m);
}

static void a_wrong_element_is_named(void **state) {
  (void)state;
  gkt_mesh *m = box();
  for (int kind = 0; kind < NUM_KINDS; kind++)
    for (gkt_idx wrong = 0; wrong < m->num_cells; wrong += 71) {
      layout l = layout_of(kind, wrong % 3, wrong);
      msh_file f = write_layout(&l, m);
      gkt_mesh *read = NULL;
      char words[80];
      gkt_context_clear(ctx);
      snprintf(words, sizeof words, "element %d names node 999999, which $Nodes does not hold", wrong + 1);
      assert_int_equal(gkt_mesh_parse(ctx, "test.msh", f.data, f.length, &read), GKT_BAD_INPUT);
      assert_null(read);
      if (!strstr(gkt_context_message(ctx), words)) fail_msg("'%s' lacks '%s'", gkt_context_message(ctx), words);
      free(f.data);
    }
  gkt_mesh_destroy(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(layouts_give_one_mesh, setup, teardown),
                                     cmocka_unit_test_setup_teardown(a_wrong_element_is_named, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
