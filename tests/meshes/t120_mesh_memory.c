/* Claim: whichever allocation fails, alone or with all that follow, whatever makes a mesh, names its parts, writes it or draws it says that it is out of memory, leaves nothing
   allocated, no file and no broken mesh. */
#include <dirent.h>
#include <unistd.h>

#include "tests/cells.h"
#include "tests/failing_memory.h"

#include "plot/vtu.h"

static const gkt_context_options poisoned = {.poison = true};

/* ---- readers ---- */
typedef struct {
  char path[1024], *data;
  size_t length;
} input;

static gkt_status use_mesh(gkt_mesh *mesh) {
  const gkt_idx cells[] = {0};
  GKT_TRY(gkt_mesh_topology(mesh));
  return gkt_mesh_add_set(mesh, "some", gkt_mesh_dim(mesh), 1, cells);
}

static gkt_status parse_mesh(gkt_context *ctx, void *user) {
  input *i = user;
  gkt_mesh *mesh = NULL;
  gkt_status status;
  GKT_GO(gkt_mesh_parse(ctx, i->path, i->data, i->length, &mesh));
  GKT_GO(use_mesh(mesh));
done:
  gkt_mesh_destroy(&mesh);
  return status;
}

static gkt_status name_tags(gkt_context *ctx, void *user) {
  input *i = user;
  gkt_mesh *mesh = NULL;
  const int tags[] = {1};
  gkt_status status;
  GKT_GO(gkt_mesh_parse(ctx, i->path, i->data, i->length, &mesh));
  GKT_GO(gkt_mesh_add_set_from_tags(mesh, "mine", gkt_mesh_dim(mesh) - 1, 1, tags));
done:
  gkt_mesh_destroy(&mesh);
  return status;
}

static gkt_status read_mesh(gkt_context *ctx, void *user) {
  gkt_mesh *mesh = NULL;
  gkt_status status = gkt_mesh_read(ctx, ((input *)user)->path, &mesh);
  gkt_mesh_destroy(&mesh);
  return status;
}

static gkt_status parse_vtu(gkt_context *ctx, void *user) {
  input *i = user;
  gkt_vtu_file *file = NULL;
  gkt_status status = gkt_vtu_parse(ctx, i->path, i->data, i->length, &file);
  gkt_vtu_destroy(&file);
  return status;
}

/* Files that are refused are for other tests. */
static bool is_good(attempt *work, input *i) {
  gkt_context *ctx;
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  bool good = work(ctx, i) == GKT_OK;
  gkt_context_destroy(&ctx);
  return good;
}

/* read: for the first good one only. */
static int fail_for_files_in(const char *folder, attempt *parse, attempt *read) {
  char path[512];
  int count = 0;
  snprintf(path, sizeof path, "%s/tests/fuzz/%s", getenv("GKT_ROOT"), folder);
  DIR *dir = opendir(path);
  assert_non_null(dir);
  for (struct dirent *e; (e = readdir(dir));) {
    input i = {0};
    gkt_context *ctx;
    snprintf(i.path, sizeof i.path, "%s/%s", path, e->d_name);
    if (e->d_name[0] == '.') continue;
    assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
    assert_int_equal(gkt_file_read(ctx, i.path, &i.data, &i.length), GKT_OK);
    gkt_context_destroy(&ctx);
    if (is_good(parse, &i)) {
      assert_true(fail_each(e->d_name, parse, &i, &poisoned) > 5);
      if (read && count == 0) assert_true(fail_each(e->d_name, read, &i, &poisoned) > 5);
      count++;
    }
    gkt_free(&i.data);
  }
  closedir(dir);
  return count;
}

static void readers_fail_cleanly(void **state) {
  (void)state;
  assert_true(fail_for_files_in("seeds_msh", parse_mesh, read_mesh) > 10);
  assert_true(fail_for_files_in("seeds_msh", name_tags, NULL) > 0);
  assert_true(fail_for_files_in("seeds_vtu", parse_vtu, NULL) > 10);
}

/* ---- boxes, refinement ---- */
static gkt_status make_and_refine(gkt_context *ctx, void *user) {
  gkt_mesh *mesh = NULL, *fine = NULL;
  gkt_status status;
  GKT_GO(gkt_mesh_box(ctx, user, &mesh));
  GKT_GO(use_mesh(mesh));
  GKT_GO(gkt_mesh_refine(mesh, &fine));
  GKT_GO(gkt_mesh_topology(fine));
done:
  gkt_mesh_destroy(&mesh);
  gkt_mesh_destroy(&fine);
  return status;
}

static void boxes_fail_cleanly(void **state) {
  static const gkt_cell_type shapes[] = {GKT_LINE, GKT_TRIANGLE, GKT_QUADRILATERAL, GKT_TETRAHEDRON, GKT_HEXAHEDRON};
  (void)state;
  for (int i = 0; i < 5; i++) {
    gkt_box box = {.shape = shapes[i], .dim = gkt_cell_topologies[shapes[i]].dim, .cells = {2, 1, 1}, .upper = {1, 1, 1}};
    assert_true(fail_each("box", make_and_refine, &box, &poisoned) > 10);
  }
}

static gkt_status refine_mixture(gkt_context *ctx, void *user) {
  const gkt_mesh *given = user;
  gkt_cell_block blocks[GKT_NUM_CELL_TYPES];
  gkt_mesh *mesh = NULL, *fine = NULL;
  gkt_status status;
  for (int b = 0; b < gkt_mesh_num_blocks(given); b++) blocks[b] = *gkt_mesh_block(given, b);
  GKT_GO(gkt_mesh_from_blocks(ctx, gkt_mesh_dim(given), gkt_mesh_num_nodes(given), gkt_mesh_coords(given), gkt_mesh_num_blocks(given), blocks, &mesh));
  GKT_GO(use_mesh(mesh));
  GKT_GO(gkt_mesh_refine(mesh, &fine));
  GKT_GO(gkt_mesh_topology(fine));
done:
  gkt_mesh_destroy(&mesh);
  gkt_mesh_destroy(&fine);
  return status;
}

static void mixtures_fail_cleanly(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++) {
    gkt_context *ctx;
    assert_int_equal(gkt_context_create(&poisoned, &ctx), GKT_OK);
    gkt_mesh *mesh = test_mesh(ctx, TEST_MIXED, dim, 2, 1, 0);
    assert_true(fail_each("mixture", refine_mixture, mesh, &poisoned) > 20);
    gkt_mesh_destroy(&mesh);
    gkt_context_destroy(&ctx);
  }
}

/* ---- output ---- */
typedef struct {
  char folder[64], vtu[80], png[80];
  gkt_vtu_grid grid;
  gkt_picture_options options;
  gkt_scalar *values;
} drawing;

static gkt_status write_vtu(gkt_context *ctx, void *user) {
  drawing *d = user;
  const gkt_vtu_array array = {.name = "u", .num_components = 1, .values = d->values};
  return gkt_vtu_write(ctx, d->vtu, &d->grid, 1, &array);
}

static gkt_status draw(gkt_context *ctx, void *user) {
  drawing *d = user;
  return gkt_picture_write(ctx, d->png, &d->grid, d->values, NULL, &d->options);
}

static gkt_status draw_file(gkt_context *ctx, void *user) {
  drawing *d = user;
  return gkt_picture_from_vtu(ctx, d->vtu, "u", d->png, &d->options);
}

static gkt_status draw_film(gkt_context *ctx, void *user) {
  drawing *d = user;
  gkt_film *film = NULL;
  gkt_status status;
  GKT_GO(gkt_film_create(ctx, d->png, 0.1, &film));
  for (int k = 0; k < 2; k++) GKT_GO(gkt_film_add(film, &d->grid, d->values, NULL, &d->options));
  GKT_GO(gkt_film_finish(&film));
done:
  gkt_film_destroy(&film);
  return status;
}

static gkt_status draw_numbers(gkt_context *ctx, void *user) {
  drawing *d = user;
  const gkt_graph_curve curves[2] = {{"a", d->values}, {"b", d->values}};
  return gkt_graph_write(ctx, d->png, d->grid.num_nodes, d->values, 2, curves, &d->options);
}

static void only_file_in(const char *folder, const char *name) {
  DIR *dir = opendir(folder);
  for (struct dirent *e; (e = readdir(dir));)
    if (e->d_name[0] != '.' && strcmp(e->d_name, name)) fail_msg("%s is left", e->d_name);
  closedir(dir);
}

static void fail_for_drawing(gkt_mesh *mesh, const char *section) {
  drawing d = {.folder = "/tmp/gkt-memory-XXXXXX"};
  gkt_vtu_block blocks[GKT_NUM_CELL_TYPES];
  int dim = gkt_mesh_dim(mesh);
  assert_non_null(mkdtemp(d.folder));
  snprintf(d.vtu, sizeof d.vtu, "%s/a.vtu", d.folder), snprintf(d.png, sizeof d.png, "%s/a.png", d.folder);
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) {
    const gkt_cell_block *from = gkt_mesh_block(mesh, b);
    blocks[b] = (gkt_vtu_block){from->cell, from->order, from->nodes_per_cell, from->num_cells, from->nodes};
  }
  d.grid = (gkt_vtu_grid){dim, gkt_mesh_num_nodes(mesh), gkt_mesh_coords(mesh), gkt_mesh_num_blocks(mesh), blocks};
  d.values = calloc((size_t)d.grid.num_nodes, sizeof *d.values);
  for (gkt_idx i = 0; i < d.grid.num_nodes; i++) d.values[i] = d.grid.coords[i * dim] + 0.5 * d.grid.coords[i * dim + dim - 1];
  d.options = (gkt_picture_options){.title = "title", .label = "u", .section = section, .width = 200, .height = 150, .isolines = 4, .edges = true};
  assert_true(fail_each("vtu", write_vtu, &d, &poisoned) > 2);
  only_file_in(d.folder, "a.vtu");
  assert_true(fail_each("picture", draw, &d, &poisoned) > 5);
  unlink(d.png);
  assert_true(fail_each("film", draw_film, &d, &poisoned) > 10);
  unlink(d.png);
  assert_true(fail_each("graph", draw_numbers, &d, &poisoned) > 2);
  unlink(d.png);
  assert_true(fail_each("picture of a file", draw_file, &d, &poisoned) > 10);
  unlink(d.png);
  only_file_in(d.folder, "a.vtu");
  unlink(d.vtu);
  assert_int_equal(rmdir(d.folder), 0);
  free(d.values);
}

static void outputs_fail_cleanly(void **state) {
  static const struct {
    int kind, dim, order;
    const char *section;
  } cases[] = {{GKT_LINE, 1, 1, NULL}, {TEST_MIXED, 2, 1, NULL}, {TEST_MIXED, 2, 2, "x=0.4"}, {TEST_MIXED, 3, 1, NULL}, {TEST_MIXED, 3, 2, "x=0.4"}};
  (void)state;
  for (int i = 0; i < (int)(sizeof cases / sizeof *cases); i++) {
    gkt_context *ctx;
    assert_int_equal(gkt_context_create(&poisoned, &ctx), GKT_OK);
    gkt_mesh *mesh = test_mesh(ctx, cases[i].kind, cases[i].dim, 2, cases[i].order, 0.05);
    fail_for_drawing(mesh, cases[i].section);
    gkt_mesh_destroy(&mesh);
    gkt_context_destroy(&ctx);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(readers_fail_cleanly), cmocka_unit_test(boxes_fail_cleanly), cmocka_unit_test(mixtures_fail_cleanly),
                                     cmocka_unit_test(outputs_fail_cleanly)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
