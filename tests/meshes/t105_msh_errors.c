/* Claim: broken MSH files are refused with a message that names the file, the line or byte, and what is wrong; nothing crashes on any cut or changed byte. */
#include <string.h>

#include "tests/gkt_test.h"
#include "tests/msh_writer.h"

static const char v4[] = "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n$PhysicalNames\n1\n1 7 \"left wall\"\n$EndPhysicalNames\n$Entities\n0 1 1 0\n4 0 0 0 0 1 0 1 7 2 1 -2\n"
                         "1 0 0 0 1 1 0 0 1 4\n$EndEntities\n$Nodes\n1 4 1 4\n2 1 0 4\n1\n2\n3\n4\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n$EndNodes\n"
                         "$Elements\n2 3 1 3\n1 4 1 1\n1 4 1\n2 1 2 2\n2 1 2 3\n3 1 3 4\n$EndElements\n";
static const char v2[] = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$Nodes\n4\n1 0 0 0\n2 1 0 0\n3 1 1 0\n4 0 1 0\n$EndNodes\n"
                         "$Elements\n3\n1 1 2 7 4 4 1\n2 2 2 1 1 1 2 3\n3 2 2 1 1 1 3 4\n$EndElements\n";
static const char named[] = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$PhysicalNames\n1\n2 5 \"1\"\n$EndPhysicalNames\n$Nodes\n4\n1 0 0 0\n2 1 0 0\n3 1 1 0\n4 0 1 0\n$EndNodes\n"
                            "$Elements\n2\n2 2 2 1 1 1 2 3\n3 2 2 2 1 1 3 4\n$EndElements\n";
static const char v1[] = "$NOD\n4\n1 0 0 0\n2 1 0 0\n3 1 1 0\n4 0 1 0\n$ENDNOD\n$ELM\n3\n1 1 7 4 2 4 1\n2 2 1 1 3 1 2 3\n3 2 1 1 3 1 3 4\n$ENDELM\n";

typedef struct {
  const char *base, *from, *to; /* the first occurrence of `from` is replaced */
  gkt_status status;
  const char *words;
} edit;
static const edit edits[] = {
    {v4, "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n", "", GKT_BAD_INPUT, "test.msh: not an MSH file of Gmsh: it has neither $MeshFormat nor $NOD"},
    {v4, "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n", "$Nodes\n$MeshFormat\n", GKT_BAD_INPUT, "test.msh:1: $Nodes stands before $MeshFormat"},
    {v4, "4.1 0", "3 0", GKT_UNAVAILABLE, "test.msh:2: MSH version 3 is not available yet; 1, 2, 2.0 to 2.2, 4.0 and 4.1 are"},
    {v4, "4.1 0", "4.2 0", GKT_UNAVAILABLE, "test.msh:2: MSH version 4.2 is not available yet"},
    {v4, "4.1 0", "4.0 1", GKT_UNAVAILABLE, "test.msh:2: binary files of MSH version 4.0 are not available yet"},
    {v4, "$EndMeshFormat", "$EndMeshFormat $MeshFormat", GKT_BAD_INPUT, "test.msh:3: a second $MeshFormat"},
    {v4, "0 8", "3 8", GKT_BAD_INPUT, "test.msh:2: file type 0 (text) or 1 (binary)"},
    {v4, "0 8", "0 4", GKT_UNAVAILABLE, "data size of 4"},
    {v4, "$EndMeshFormat", "$MeshFormat", GKT_BAD_INPUT, "test.msh:3: $EndMeshFormat was expected"},
    {v4, "\n1\n1 7", "\n-1\n1 7", GKT_BAD_INPUT, "test.msh:5: the number of physical names was expected in $PhysicalNames, found the negative -1"},
    {v4, "\n1\n1 7", "\n9999999\n1 7", GKT_BAD_INPUT, "test.msh:5: $PhysicalNames announces 9999999 physical names; the rest of the file has room for"},
    {v4, "1 7 \"left wall\"", "1 7 left", GKT_BAD_INPUT, "test.msh:6: a physical name in quotes was expected"},
    {v4, "1 7 \"left wall\"", "1 7 \"left", GKT_BAD_INPUT, "a physical name in quotes"},
    {v4, "1 7 \"left wall\"", "5 7 \"left wall\"", GKT_BAD_INPUT, "a physical name of dimension 5"},
    {v4, "\n1\n1 7 \"left wall\"", "\n2\n1 7 \"a\"\n1 7 \"b\"", GKT_BAD_INPUT, "7 is 'a' and 7 is 'b'"},
    {v4, "\n1\n1 7 \"left wall\"", "\n2\n1 7 \"a\"\n1 8 \"a\"", GKT_BAD_INPUT, "7 is 'a' and 8 is 'a'"},
    {v4, "0 1 1 0\n", "0 2 1 0\n", GKT_BAD_INPUT, "test.msh:12: an entity tag was expected in $Entities, found '$EndEntities': the section holds less than it announces"},
    {v4, "0 1 1 0\n", "0 2 0 0\n1 0 0 0 0 1 0 0 0\n", GKT_BAD_INPUT, "$EndEntities was expected"},
    {v4, "0 1 1 0\n4 ", "0 1 1 0\nx ", GKT_BAD_INPUT, "test.msh:10: an entity tag was expected in $Entities, found 'x'"},
    {v4, "1 4 1 4\n", "1 5 1 4\n", GKT_BAD_INPUT, "the blocks of $Nodes hold 1 nodes less than it announces"},
    {v4, "1 4 1 4\n", "1 3 1 4\n", GKT_BAD_INPUT, "test.msh:15: a block of 4 nodes, where $Nodes has 3 left"},
    {v4, "1 4 1 4\n", "1 400000000000000000 1 4\n", GKT_BAD_INPUT, "test.msh:14: $Nodes announces 400000000000000000 nodes; the rest of the file has room for"},
    {v4, "1 4 1 4\n", "1 99999999999999999999 1 4\n", GKT_BAD_INPUT, "found '99999999999999999999'"},
    {v4, "1 4 1 4\n", "1 -4 1 4\n", GKT_BAD_INPUT, "found the negative -4"},
    {v4, "2 1 0 4\n", "2 9 0 4\n", GKT_BAD_INPUT, "test.msh:15: $Nodes names entity 9 of dimension 2, which $Entities does not hold"},
    {v4, "2 1 0 4\n", "7 1 0 4\n", GKT_BAD_INPUT, "an entity of dimension 7"},
    {v4, "2 1 0 4\n", "2 1 3 4\n", GKT_BAD_INPUT, "0 or 1 (parametric)"},
    {v4, "\n1\n2\n3\n", "\n1\n2\n2\n", GKT_BAD_INPUT, "test.msh:18: node tag 2 occurs twice"},
    {v4, "\n1\n2\n3\n", "\n1\n-2\n3\n", GKT_BAD_INPUT, "a node tag was expected in $Nodes, found the negative -2"},
    {v2, "2 1 0 0\n", "-2 1 0 0\n", GKT_BAD_INPUT, "node tag -2: tags are not negative"},
    {v4, "1 1 0\n0 1 0", "1 nan 0\n0 1 0", GKT_BAD_INPUT, "test.msh:22: node 3 has the coordinate nan; coordinates are finite numbers"},
    {v4, "1 1 0\n0 1 0", "1 1e999 0\n0 1 0", GKT_BAD_INPUT, "node 3 has the coordinate inf"},
    {v4, "1 1 0\n0 1 0", "1 1,5 0\n0 1 0", GKT_BAD_INPUT, "test.msh:22: a coordinate was expected in $Nodes, found '1,5'"},
    {v4, "0 1 0\n$EndNodes", "0 1\n$EndNodes", GKT_BAD_INPUT, "found '$EndNodes': the section holds less than it announces"},
    {v4, "0 1 0\n$EndNodes", "0 1 0 5\n$EndNodes", GKT_BAD_INPUT, "test.msh:23: $EndNodes was expected: the section holds more than it announces"},
    {v4, "0 1 0\n$EndNodes", "0 1 0.5\n$EndNodes", GKT_BAD_INPUT, "z runs from 0 to 0.5: it must be the same in all nodes"},
    {v4, "2 3 1 3\n", "2 4 1 3\n", GKT_BAD_INPUT, "the blocks of $Elements hold 1 elements less"},
    {v4, "2 3 1 3\n", "2 2 1 3\n", GKT_BAD_INPUT, "a block of 2 elements, where $Elements has 1 left"},
    {v4, "1 4 1 1\n1 4 1", "1 4 1 1\n1 4 9", GKT_BAD_INPUT, "test.msh:28: element 1 names node 9, which $Nodes does not hold"},
    {v4, "1 4 1 1\n1 4 1", "1 4 2 1\n1 4 1 2", GKT_BAD_INPUT, "elements of type 2 have dimension 2, their entity has 1"},
    {v4, "1 4 1 1\n1 4 1", "1 5 1 1\n1 4 1", GKT_BAD_INPUT, "$Elements names entity 5 of dimension 1"},
    {v4, "2 1 2 2\n", "2 1 16 2\n", GKT_UNAVAILABLE,
     "test.msh:29: serendipity quadrilaterals of 8 nodes (Gmsh's element type 16) are not available; cells of order 2 with all nodes are (Mesh.SecondOrderIncomplete=0)"},
    {v4, "2 1 2 2\n", "2 1 17 2\n", GKT_UNAVAILABLE, "serendipity hexahedra of 20 nodes"},
    {v4, "2 1 2 2\n", "2 1 18 2\n", GKT_UNAVAILABLE, "serendipity prisms of 15 nodes"},
    {v4, "2 1 2 2\n", "2 1 19 2\n", GKT_UNAVAILABLE, "serendipity pyramids of 13 nodes"},
    {v4, "2 1 2 2\n", "2 1 29 2\n", GKT_UNAVAILABLE, "tetrahedra of order 3 (Gmsh's element type 29) are not available yet; those of order 1 and 2 are"},
    {v4, "2 1 2 2\n", "2 1 20 2\n", GKT_UNAVAILABLE, "Gmsh's element type 20 is not available yet"},
    {v4, "2 1 2 2\n", "2 1 999 2\n", GKT_BAD_INPUT, "element type 999 does not exist"},
    {v4, "3 1 3 4", "3 1 3 1", GKT_BAD_INPUT, "test.msh: element 3 (line 31) is degenerate (no volume); its vertices: (0, 0), (1, 1), (0, 0)"},
    {v4, "3 1 3 4", "3 3 1 2", GKT_BAD_INPUT, "test.msh: element 3 (line 31) repeats the vertices of element 2 (line 30)"},
    {v4, "3 1 3 4", "3 1 2 4", GKT_BAD_INPUT, "element 2 (line 30) and element 3 (line 31) overlap"},
    {v4, "2 1 2 2\n2 1 2 3\n3 1 3 4", "", GKT_BAD_INPUT, "the dimension of an entity was expected"},
    {v4, "2 3 1 3\n1 4 1 1\n1 4 1\n2 1 2 2\n2 1 2 3\n3 1 3 4", "1 1 1 3\n1 4 1 1\n1 4 1", GKT_BAD_INPUT,
     "test.msh: the file holds lines and no cells of higher dimension, so the mesh lies along x, but y runs from 0 to 1: it must be the same in all nodes"},
    {v4, "2 3 1 3\n1 4 1 1\n1 4 1\n2 1 2 2\n2 1 2 3\n3 1 3 4", "0 0 0 0", GKT_BAD_INPUT, "the file holds no elements"},
    {v4, "$Elements", "$Other", GKT_BAD_INPUT, "the file ends inside $Other"},
    {v4, "$EndElements", "$EndElements $Nodes", GKT_BAD_INPUT, "a second $Nodes"},
    {v4, "$EndElements", "$EndElements $Elements", GKT_BAD_INPUT, "a second $Elements"},
    {v4, "$EndElements", "$EndElements rubbish", GKT_BAD_INPUT, "test.msh:32: a section such as $Nodes was expected"},
    {v4, "$EndEntities", "$EndEntities\n$Entities\n0 0 0 0\n$EndEntities", GKT_BAD_INPUT, "a second $Entities"},
    {v4, "$EndEntities", "$EndEntities\n$PartitionedEntities\n2\n99\n", GKT_BAD_INPUT, "$PartitionedEntities announces 99 ghost entities; the rest of the file has room for"},
    {v4, "$EndEntities", "$EndEntities\n$PartitionedEntities\n2\n0\n0 1 0 0\n4 1 4 1 1 0 0 0 0 0 0 0 0\n$EndPartitionedEntities", GKT_BAD_INPUT,
     "$PartitionedEntities holds entity 4 of dimension 1 twice"},
    {v4, "$EndEntities", "$EndEntities\n$PartitionedEntities\n2\n0\n0 1 0 0\n4 1 4 -1", GKT_BAD_INPUT, "the number of partitions of an entity was expected"},
    {v4, "$EndNodes", "$EndNodes\n$PartitionedEntities\n1\n0\n0 0 0 0\n$EndPartitionedEntities", GKT_BAD_INPUT, "$PartitionedEntities stands behind $Nodes"},
    {v4, "$Nodes", "$ParametricNodes", GKT_UNAVAILABLE, "$ParametricNodes is not available yet"},
    {v4, "$Nodes", "$NOD", GKT_BAD_INPUT, "test.msh:13: $NOD in a file of version 4"},
    {v4, "$EndNodes", "$EndNodes\n$Entities\n0 0 0 0\n$EndEntities", GKT_BAD_INPUT, "$Entities stands behind $Nodes"},
    {v4, "$EndPhysicalNames", "$EndPhysicalNames\n$Elements\n0 0 0 0\n$EndElements", GKT_BAD_INPUT, "$Elements stands before the nodes"},
    {v2, "$Nodes\n4", "$Nodes\n5", GKT_BAD_INPUT, "test.msh:10: a node tag was expected in $Nodes, found '$EndNodes'"},
    {v2, "$Nodes\n4", "$Nodes\n3", GKT_BAD_INPUT, "test.msh:9: $EndNodes was expected"},
    {v2, "$Nodes\n4", "$Nodes\n2000000000", GKT_BAD_INPUT, "announces 2000000000 nodes"},
    {v2, "$Nodes\n4", "$Nodes\n-4", GKT_BAD_INPUT, "the negative -4"},
    {v2, "2 1 0 0\n", "2 1 -inf 0\n", GKT_BAD_INPUT, "test.msh:7: node 2 has the coordinate -inf"},
    {v2, "2 1 0 0\n", "1 1 0 0\n", GKT_BAD_INPUT, "node tag 1 occurs twice"},
    {v2, "$Elements\n3", "$Elements\n30", GKT_BAD_INPUT, "announces 30 elements"},
    {v2, "$Elements\n3", "$Elements\n4", GKT_BAD_INPUT, "test.msh:16: an element tag was expected"},
    {v2, "1 1 2 7 4 4 1", "1 1 -2 7 4 4 1", GKT_BAD_INPUT, "an element with -2 tags"},
    {v2, "1 1 2 7 4 4 1", "1 15 2 7 4 6", GKT_BAD_INPUT, "element 1 names node 6"},
    {v2, "1 1 2 7 4 4 1", "1 17 2 7 4 4 1", GKT_UNAVAILABLE, "test.msh:13: serendipity hexahedra of 20 nodes"},
    {v2, "3 2 2 1 1 1 3 4", "3 2 2 1 1 1 2 3", GKT_BAD_INPUT, "element 3 (line 15) repeats the vertices of element 2 (line 14)"},
    {v2, "3 2 2 1 1 1 3 4", "3 9 2 1 1 1 3 4 2 2 2", GKT_UNAVAILABLE, "order 1 and of order 2 in one mesh"},
    {v2, "1 0 0 0\n2 1 0 0\n3 1 1 0\n4 0 1 0\n", "1 0 0 0\n2 1 0 0\n3 1 0 1\n4 0 0 1\n", GKT_BAD_INPUT,
     "z runs from 0 to 1: it must be the same in all nodes (for a solid, save its volumes: put them into a physical group, or set Mesh.SaveAll; or turn the mesh: y is the same"},
    {v2, "$EndNodes", "$EndNodes\n$Entities\n0 0 0 0\n$EndEntities", GKT_BAD_INPUT, "$Entities in a file of version 2"},
    {named, "3 2 2 2 1", "3 2 2 5 1", GKT_BAD_INPUT, "test.msh: two physical groups of dimension 2 are called '1', one by its number"},
    {v1, "$NOD", "$Nodes", GKT_BAD_INPUT, "not an MSH file"},
    {v1, "$ELM", "$Elements", GKT_BAD_INPUT, "test.msh:8: $Elements in a file of version 1"},
    {v1, "$ENDNOD", "$ENDNOE", GKT_BAD_INPUT, "test.msh:7: $EndNOD was expected"},
    {v1, "1 1 7 4 2 4 1", "1 1 7 4 3 4 1", GKT_BAD_INPUT, "test.msh:10: element 1 has 3 nodes; its type 1 has 2"},
    {v1, "1 1 7 4 2 4 1", "1 1 7 4 2 4 9", GKT_BAD_INPUT, "test.msh:10: element 1 names node 9, which $NOD does not hold"},
    {v1, "3 2 1 1 3 1 3 4", "3 2 1 1 3 1 3", GKT_BAD_INPUT, "the section holds less than it announces"},
    {v1, "$ENDELM", "$ENDELM\n$MeshFormat\n2.2 0 8\n$EndMeshFormat", GKT_BAD_INPUT, "a second $MeshFormat, or one behind $NOD"},
};

static char *edited(const edit *e) {
  const char *at = strstr(e->base, e->from);
  assert_non_null(at);
  char *text = malloc(strlen(e->base) + strlen(e->to) + 1);
  sprintf(text, "%.*s%s%s", (int)(at - e->base), e->base, e->to, at + strlen(e->from));
  return text;
}

static void edits_are_refused_in_words(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
    gkt_mesh *m = NULL;
    char *text = edited(&edits[i]);
    gkt_context_clear(ctx);
    gkt_status status = gkt_mesh_parse(ctx, "test.msh", text, strlen(text), &m);
    if (status != edits[i].status || !strstr(gkt_context_message(ctx), edits[i].words))
      fail_msg("edit %zu ('%s' to '%s'): status %d, '%s'; expected '%s'", i, edits[i].from, edits[i].to, status, gkt_context_message(ctx), edits[i].words);
    assert_null(m);
    free(text);
  }
}

static void what_was_edited_is_right(void **state) {
  (void)state;
  const char *const bases[] = {v4, v2, v1};
  for (int i = 0; i < 3; i++) {
    gkt_mesh *m = NULL;
    assert_int_equal(gkt_mesh_parse(ctx, "test.msh", bases[i], strlen(bases[i]), &m), GKT_OK);
    assert_int_equal(gkt_mesh_find_set(m, i == 0 ? "left wall" : "7")->count, 1);
    gkt_mesh_destroy(&m);
  }
}

static msh_file variant(int v) {
  gkt_mesh *box = NULL;
  assert_int_equal(gkt_mesh_box(ctx, &(gkt_box){.shape = GKT_TRIANGLE, .dim = 2, .cells = {1, 1}, .upper = {1, 1}}, &box), GKT_OK);
  msh_file f = write_msh(box, 1, v / 2, v % 2);
  gkt_mesh_destroy(&box);
  return f;
}

/* Each prefix in its own allocation, so that sanitizers see a byte read too far. */
static void every_cut_is_refused(void **state) {
  (void)state;
  for (int v = 0; v < 4; v++) {
    msh_file f = variant(v);
    for (size_t n = 0; n + 1 < f.length; n++) { /* the last byte is a line end */
      gkt_mesh *m = NULL;
      char *cut = malloc(n + 1);
      memcpy(cut, f.data, n);
      cut[n] = '$';
      gkt_context_clear(ctx);
      gkt_status status = gkt_mesh_parse(ctx, "test.msh", cut, n, &m);
      if (status <= 0 || strncmp(gkt_context_message(ctx), "test.msh:", 9) != 0) fail_msg("variant %d cut at %zu: status %d, '%s'", v, n, status, gkt_context_message(ctx));
      assert_null(m);
      free(cut);
    }
    free(f.data);
  }
}

static void no_changed_byte_crashes(void **state) {
  (void)state;
  static const char bytes[] = {0, 1, (char)0x7f, (char)0x80, (char)0xff, '9', '-', ' ', '$', '\n'};
  for (int v = 0; v < 4; v++) {
    msh_file f = variant(v);
    for (size_t n = 0; n < f.length; n++)
      for (size_t b = 0; b < sizeof bytes; b++) {
        gkt_mesh *m = NULL;
        char keep = f.data[n];
        f.data[n] = bytes[b];
        gkt_context_clear(ctx);
        gkt_status status = gkt_mesh_parse(ctx, "test.msh", f.data, f.length, &m);
        assert_true((status == GKT_OK) == (m != NULL));
        assert_true(status == GKT_OK || (status > 0 && gkt_context_message(ctx)[0]));
        gkt_mesh_destroy(&m);
        f.data[n] = keep;
      }
    free(f.data);
  }
}

static void binary_marks_are_checked(void **state) {
  (void)state;
  msh_file f = variant(3);
  gkt_mesh *m = NULL;
  char *mark = strstr(f.data, "1 8\n") + 4;
  memcpy(mark, "\0\0\0\1", 4);
  assert_int_equal(gkt_mesh_parse(ctx, "test.msh", f.data, f.length, &m), GKT_UNAVAILABLE);
  assert_non_null(strstr(gkt_context_message(ctx), "byte 20: the file was written with the other byte order"));
  gkt_context_clear(ctx);
  memcpy(mark, "\0\0\1\0", 4);
  assert_int_equal(gkt_mesh_parse(ctx, "test.msh", f.data, f.length, &m), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "byte 20: the byte order mark is 65536; 1 was expected"));
  free(f.data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_was_edited_is_right, setup, teardown), cmocka_unit_test_setup_teardown(edits_are_refused_in_words, setup, teardown),
      cmocka_unit_test_setup_teardown(every_cut_is_refused, setup, teardown), cmocka_unit_test_setup_teardown(no_changed_byte_crashes, setup, teardown),
      cmocka_unit_test_setup_teardown(binary_marks_are_checked, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
