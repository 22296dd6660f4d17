/* Claim: MSH of the versions 1, 2, 2.0, 2.1, 2.2, 4.0 and 4.1 give one and the same mesh with its groups and tags; sections that are not known stand anywhere; a mesh that was cut
   into partitions and saved whole is the whole mesh again, without its ghost cells; a group that lies on no cell is a warning and no set. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "meshes/mesh.h"

static gkt_context *ctx;
static char log_text[4096];
static void keep_log(void *user, gkt_log_level level, const char *message) {
  (void)user;
  if (level == GKT_LOG_WARNING) strcat(strcat(log_text, message), "\n");
}
static int setup(void **state) {
  (void)state;
  log_text[0] = 0;
  return gkt_context_create(&(gkt_context_options){.poison = true, .log = keep_log}, &ctx) != GKT_OK;
}

static int teardown(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}

static gkt_mesh *parse_bytes(const char *data, size_t length) {
  gkt_mesh *m = NULL;
  gkt_context_clear(ctx);
  if (gkt_mesh_parse(ctx, "test.msh", data, length, &m) != GKT_OK) fail_msg("%s\nof\n%s", gkt_context_message(ctx), data);
  return m;
}
static gkt_mesh *parse(const char *text) { return parse_bytes(text, strlen(text)); }

/* A unit square of two triangles; its left side is group 7 and curve 4, the triangles are group 1 and surface 1; node 1 is group 3. */
#define FORMAT(version) "$MeshFormat\n" version " 0 8\n$EndMeshFormat\n"
#define NODES "4\n1 0 0 0\n2 1 0 0\n3 1 1 0\n4 0 1 0\n"
#define NAMES "$PhysicalNames\n3\n0 3 \"corner\"\n1 7 \"left wall\"\n2 1 \"plate\"\n$EndPhysicalNames\n"
#define NODES2 "$Nodes\n" NODES "$EndNodes\n"
#define ENTITIES(point) "$Entities\n1 1 1 0\n1 0 0 0 " point "1 3\n4 0 0 0 0 1 0 1 7 0\n1 0 0 0 1 1 0 1 1 1 4\n$EndEntities\n"
#define NODES41 "$Nodes\n1 4 1 4\n2 1 0 4\n1\n2\n3\n4\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n$EndNodes\n"
#define ELEMENTS41 "$Elements\n3 4 1 4\n0 1 15 1\n9 1\n1 4 1 1\n1 4 1\n2 1 2 2\n2 1 2 3\n3 1 3 4\n$EndElements\n"
#define ELEMENTS2(partition) \
  "$Elements\n4\n9 15 " partition("3 1") " 1\n1 1 " partition("7 4") " 4 1\n2 2 " partition("1 1") " 1 2 3\n3 2 " partition("1 1") " 1 3 4\n$EndElements\n"
#define PLAIN(tags) "2 " tags
#define PART20(tags) "3 " tags " 2"
#define PART22(tags) "5 " tags " 2 1 -2"

static const struct {
  const char *name, *text;
} versions[] = {
    {"4.1", FORMAT("4.1") NAMES ENTITIES("") NODES41 ELEMENTS41},
    {"4.0", FORMAT("4") NAMES ENTITIES("0 0 0 ") "$Nodes\n1 4\n1 2 1 4\n1 0 0 0 .5 .5\n2 1 0 0 .5 .5\n3 1 1 0 .5 .5\n4 0 1 0 .5 .5\n$EndNodes\n"
                                                 "$Elements\n3 4\n1 0 15 1\n9 1\n4 1 1 1\n1 4 1\n1 2 2 2\n2 1 2 3\n3 1 3 4\n$EndElements\n"},
    {"2.2", FORMAT("2.2") NAMES NODES2 ELEMENTS2(PLAIN)},
    {"2.2, partitions", FORMAT("2.2") NAMES NODES2 ELEMENTS2(PART22)},
    {"2.1", FORMAT("2.1") NAMES NODES2 ELEMENTS2(PART20)},
    {"2", FORMAT("2") NAMES NODES2 ELEMENTS2(PLAIN)},
    {"2.0, names without dimensions", FORMAT("2.0") "$PhysicalNames\n3\n3 \"corner\"\n7\"left wall\"\n1 \"plate\" and more\n$EndPhysicalNames\n" NODES2 ELEMENTS2(PART20)},
    {"1", "$NOD\n" NODES "$ENDNOD\n$ELM\n4\n9 15 3 1 1 1\n1 1 7 4 2 4 1\n2 2 1 1 3 1 2 3\n3 2 1 1 3 1 3 4\n$ENDELM\n" NAMES},
    {"unknown sections", "$Comments\n$Nodes 1 2\n$EndComments\n" FORMAT("2.2") "$Comments\n$EndComments\n" NAMES "$Other\n1 2 $Nodes\n$EndOther\n" NODES2
                                                                               "$PARA\nx\n$ENDPARA\n" ELEMENTS2(PLAIN) "$Comments\r\nlast\r\n$EndComments\r\n"},
    {"nodes from 0", FORMAT("2.2") NAMES "$Nodes\n4\n0 0 0 0\n2 1 0 0\n3 1 1 0\n4 0 1 0\n$EndNodes\n"
                                         "$Elements\n4\n9 15 2 3 1 0\n1 1 2 7 4 4 0\n2 2 2 1 1 0 2 3\n3 2 2 1 1 0 3 4\n$EndElements\n"},
    /* surface 1 became the parts 2 and 3, with the seam 9 between them, and the ghosts 5 and 6 */
    {"4.1, partitions", FORMAT("4.1") NAMES ENTITIES(
                            "") "$PartitionedEntities\n2\n2\n5 1\n6 2\n1 2 2 0\n8 0 1 2 1 2 0 0 0 1 3\n8 1 4 1 2 0 0 0 0 1 0 1 7 0\n9 2 1 2 1 2 0 0 0 1 1 0 0 2 8 -8\n"
                                "2 2 1 1 1 0 0 0 1 1 0 1 1 1 9\n3 2 1 1 2 0 0 0 1 1 0 1 1 0\n$EndPartitionedEntities\n"
                                "$Nodes\n2 4 1 4\n0 8 0 1\n1\n0 0 0\n2 2 0 3\n2\n3\n4\n1 0 0\n1 1 0\n0 1 0\n$EndNodes\n"
                                "$Elements\n6 7 1 4\n0 8 15 1\n9 1\n1 8 1 1\n1 4 1\n1 9 1 1\n5 1 3\n2 2 2 1\n2 1 2 3\n2 5 2 2\n3 1 3 4\n2 1 2 3\n2 3 2 1\n3 1 3 4\n$EndElements\n"
                                "$GhostElements\n1\n3 2 1 1\n$EndGhostElements\n"},
};

static void assert_same(const char *name, const gkt_mesh *a, const gkt_mesh *b) {
  static const char *const sets[] = {"corner", "left wall", "plate", "boundary"};
  if (a->num_nodes != b->num_nodes || a->num_cells != b->num_cells) fail_msg("%s: %d nodes, %d cells", name, b->num_nodes, b->num_cells);
  assert_memory_equal(a->coords, b->coords, (size_t)(a->num_nodes * a->dim) * sizeof *a->coords);
  assert_memory_equal(a->cell_nodes, b->cell_nodes, (size_t)(3 * a->num_cells) * sizeof *a->cell_nodes);
  for (int i = 0; i < 4; i++) {
    const gkt_mesh_set *x = gkt_mesh_find_set(a, sets[i]), *y = gkt_mesh_find_set(b, sets[i]);
    if (!x || !y) fail_msg("%s: no set '%s'", name, sets[i]);
    assert_int_equal(x->dim, y->dim);
    assert_int_equal(x->count, y->count);
    assert_memory_equal(x->entities, y->entities, (size_t)x->count * sizeof *x->entities);
  }
  assert_int_equal(a->num_sets, b->num_sets);
}

/* By the numbers of the CAD model: also where a partition has its own. */
static void assert_tags(const char *name, gkt_mesh *m) {
  for (int d = 0; d <= 2; d++) {
    char set[8];
    const int tag = d == 1 ? 4 : 1;
    snprintf(set, sizeof set, "tag%d", d);
    if (gkt_mesh_add_set_from_tags(m, set, d, 1, &tag) != GKT_OK) fail_msg("%s: %s", name, gkt_context_message(ctx));
    assert_int_equal(gkt_mesh_find_set(m, set)->count, d == 2 ? 2 : 1);
    assert_int_equal(m->tags[d].count, d == 2 ? 2 : 1);
  }
}

static void versions_agree(void **state) {
  (void)state;
  gkt_mesh *first = parse(versions[0].text);
  assert_int_equal(first->num_cells, 2);
  assert_int_equal(gkt_mesh_find_set(first, "boundary")->count, 4);
  for (size_t i = 1; i < sizeof versions / sizeof *versions; i++) {
    gkt_mesh *m = parse(versions[i].text);
    assert_same(versions[i].name, first, m);
    assert_tags(versions[i].name, m);
    gkt_mesh_destroy(&m);
  }
  gkt_mesh_destroy(&first);
  assert_string_equal(log_text, "");
}

/* ---- binary: what the text of the partitions says, in bytes ---- */
typedef struct {
  char data[2048];
  size_t length;
} bytes;
static void put(bytes *b, const void *from, size_t size) {
  assert_true(b->length + size <= sizeof b->data);
  memcpy(b->data + b->length, from, size);
  b->length += size;
}
static void put_text(bytes *b, const char *text) { put(b, text, strlen(text)); }

/* i: 4 bytes; n: 8 bytes; d: a double; blanks between. */
static void put_numbers(bytes *b, const char *kinds, const double *values) {
  for (size_t i = 0; kinds[i]; i++) {
    const int32_t small = (int32_t)values[i];
    const uint64_t large = (uint64_t)values[i];
    if (kinds[i] == 'i') put(b, &small, sizeof small);
    if (kinds[i] == 'n') put(b, &large, sizeof large);
    if (kinds[i] == 'd') put(b, &values[i], sizeof values[i]);
  }
}
#define PUT(b, kinds, ...) put_numbers(b, kinds, (const double[]){__VA_ARGS__})

static void put_partitions(bytes *b) {
  put_text(b, "$PartitionedEntities\n");
  PUT(b, "nniiii", 2, 2, 5, 1, 6, 2);
  PUT(b, "nnnn", 1, 2, 2, 0);
  PUT(b, "iiiniidddni", 8, 0, 1, 2, 1, 2, 0, 0, 0, 1, 3);
  PUT(b,
      "iiinidddddd"
      "nin",
      8, 1, 4, 1, 2, 0, 0, 0, 0, 1, 0, 1, 7, 0);
  PUT(b,
      "iiiniidddddd"
      "nnii",
      9, 2, 1, 2, 1, 2, 0, 0, 0, 1, 1, 0, 0, 2, 8, -8);
  PUT(b,
      "iiinidddddd"
      "nini",
      2, 2, 1, 1, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 9);
  PUT(b,
      "iiinidddddd"
      "nin",
      3, 2, 1, 1, 2, 0, 0, 0, 1, 1, 0, 1, 1, 0);
  put_text(b, "\n$EndPartitionedEntities\n");
}

static void binary_partitions_are_the_same_mesh(void **state) {
  (void)state;
  bytes b = {.length = 0};
  const int32_t one = 1;
  put_text(&b, "$MeshFormat\n4.1 1 8\n"), put(&b, &one, 4), put_text(&b, "\n$EndMeshFormat\n" NAMES "$Entities\n");
  PUT(&b,
      "nnnn"
      "idddni"
      "iddddddnin"
      "iddddddnini",
      1, 1, 1, 0, 1, 0, 0, 0, 1, 3, 4, 0, 0, 0, 0, 1, 0, 1, 7, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 4);
  put_text(&b, "\n$EndEntities\n");
  put_partitions(&b);
  put_text(&b, "$Nodes\n");
  PUT(&b,
      "nnnn"
      "iiinnddd"
      "iiinnnn"
      "ddddddddd",
      2, 4, 1, 4, 0, 8, 0, 1, 1, 0, 0, 0, 2, 2, 0, 3, 2, 3, 4, 1, 0, 0, 1, 1, 0, 0, 1, 0);
  put_text(&b, "\n$EndNodes\n$Elements\n");
  PUT(&b,
      "nnnn"
      "iiinnn"
      "iiinnnn"
      "iiinnnn",
      6, 7, 1, 4, 0, 8, 15, 1, 9, 1, 1, 8, 1, 1, 1, 4, 1, 1, 9, 1, 1, 5, 1, 3);
  PUT(&b,
      "iiinnnnn"
      "iiinnnnnnnnn"
      "iiinnnnn",
      2, 2, 2, 1, 2, 1, 2, 3, 2, 5, 2, 2, 3, 1, 3, 4, 2, 1, 2, 3, 2, 3, 2, 1, 3, 1, 3, 4);
  put_text(&b, "\n$EndElements\n");
  gkt_mesh *first = parse(versions[0].text), *m = parse_bytes(b.data, b.length);
  assert_same("binary", first, m);
  assert_tags("binary", m);
  gkt_mesh_destroy(&m);
  gkt_mesh_destroy(&first);
}

/* ---- groups that lie on no cell ---- */
#define STRAY                                                                                             \
  FORMAT("2.2")                                                                                           \
  "$PhysicalNames\n4\n1 7 \"wall\"\n1 8 \"beside\"\n3 9 \"solid\"\n1 5 \"boundary\"\n$EndPhysicalNames\n" \
  "$Nodes\n6\n1 0 0 0\n2 1 0 0\n3 1 1 0\n4 0 1 0\n5 2 0 0\n6 3 0 0\n$EndNodes\n"                          \
  "$Elements\n6\n1 1 2 7 4 4 1\n2 1 2 7 4 2 4\n3 1 2 8 5 5 6\n4 1 2 6 6 1 2\n5 2 2 1 1 1 2 3\n6 2 2 1 1 1 3 4\n$EndElements\n"

static void assert_why(const gkt_mesh *m, const char *name, int dim, const char *why) {
  assert_null(gkt_mesh_find_set(m, name));
  assert_string_equal(gkt_mesh_why_absent(m, name, dim), why);
  assert_string_equal(gkt_mesh_why_absent(m, name, -1), why);
}

static void assert_strays(const gkt_mesh *m) {
  assert_why(m, "wall", 1, "element 2 (line 23) of it is not a facet of any cell");
  assert_why(m, "beside", 1, "element 3 (line 24) of it is not a facet of any cell");
  assert_why(m, "solid", 3, "it holds no elements");
  assert_why(m, "boundary", 1, "it holds no elements");
  assert_null(gkt_mesh_why_absent(m, "6", 1));
  assert_null(gkt_mesh_why_absent(m, "wall", 2));
}

static void a_group_on_no_cell_is_no_set(void **state) {
  (void)state;
  gkt_mesh *m = parse(STRAY), *fine = NULL;
  assert_strays(m);
  assert_int_equal(gkt_mesh_find_set(m, "6")->count, 1);
  assert_non_null(strstr(log_text, "test.msh: the physical group 'wall' (dimension 1) cannot be used: element 2 (line 23) of it is not a facet of any cell\n"));
  assert_non_null(strstr(log_text, "test.msh: the physical group 'solid' (dimension 3) cannot be used: it holds no elements\n"));
  assert_int_equal(gkt_mesh_refine(m, &fine), GKT_OK);
  assert_strays(fine);
  gkt_mesh_destroy(&fine);
  gkt_mesh_destroy(&m);
}

/* ---- the name `boundary` ---- */
static void assert_boundary(const char *names, int count, const char *words) {
  char text[1024];
  snprintf(text, sizeof text, FORMAT("2.2") "%s" NODES2 ELEMENTS2(PLAIN), names);
  log_text[0] = 0;
  gkt_mesh *m = parse(text);
  assert_int_equal(gkt_mesh_find_set(m, "boundary")->count, count);
  assert_int_equal(gkt_mesh_find_set(m, "boundary")->dim, 1);
  if (words ? !strstr(log_text, words) : log_text[0] != 0) fail_msg("'%s'", log_text);
  gkt_mesh_destroy(&m);
}

static void boundary_is_the_facets_of_the_file_or_all(void **state) {
  (void)state;
  assert_boundary("", 4, NULL);
  assert_boundary("$PhysicalNames\n1\n1 7 \"boundary\"\n$EndPhysicalNames\n", 1, "`boundary` is the group of that name in the file, 1 of the 4 outer facets");
  assert_boundary("$PhysicalNames\n1\n7 \"boundary\"\n$EndPhysicalNames\n", 1, "1 of the 4 outer facets"); /* of all dimensions */
  assert_boundary("$PhysicalNames\n1\n3 \"boundary\"\n$EndPhysicalNames\n", 4, "the file's group `boundary` has dimension 0, but that name means the 4 outer facets");
  assert_boundary("$PhysicalNames\n1\n0 3 \"boundary\"\n$EndPhysicalNames\n", 4, "has dimension 0");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(versions_agree, setup, teardown), cmocka_unit_test_setup_teardown(binary_partitions_are_the_same_mesh, setup, teardown),
      cmocka_unit_test_setup_teardown(a_group_on_no_cell_is_no_set, setup, teardown), cmocka_unit_test_setup_teardown(boundary_is_the_facets_of_the_file_or_all, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
