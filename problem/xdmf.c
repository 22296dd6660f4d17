/* a.xdmf and a.h5: many states in one file of numbers (kind "series" of store.h: the mesh once, a row of each array for each state) and, in XDMF, what a viewer is to make of it
   (https://www.xdmf.org, "XDMF Model and Format"). The grid and the values are those of VTU files. XDMF has no cells of degree above 2, and of pyramids those of 13 nodes. */
#include "problem/xdmf.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "meshes/lagrange.h"
#include "plot/vtu.h"
#include "problem/store.h"

enum { VERSION = 1, NAME = 80, LONG_NAME = NAME + 24 };
static const struct {
  const char *word;
  int number;                     /* in a mixed topology */
} kinds[GKT_NUM_CELL_TYPES][2] = {/* degree 1, 2 */
                                  [GKT_LINE] = {{"Polyline\" NodesPerElement=\"2", 2}, {"Edge_3", 34}},
                                  [GKT_TRIANGLE] = {{"Triangle", 4}, {"Triangle_6", 36}},
                                  [GKT_QUADRILATERAL] = {{"Quadrilateral", 5}, {"Quadrilateral_9", 35}},
                                  [GKT_TETRAHEDRON] = {{"Tetrahedron", 6}, {"Tetrahedron_10", 38}},
                                  [GKT_HEXAHEDRON] = {{"Hexahedron", 9}, {"Hexahedron_27", 50}},
                                  [GKT_PRISM] = {{"Wedge", 8}, {"Wedge_18", 41}},
                                  [GKT_PYRAMID] = {{"Pyramid", 7}, {"Pyramid_13", 39}}};

gkt_status gkt_xdmf_check(gkt_problem *p, int degree) {
  if (!p->settings->output.numbers_file || degree <= 2) return GKT_OK;
  const gkt_yaml *root = p->settings->mesh.from.at;
  while (root->parent) root = root->parent;
  return gkt_problem_refuse_key(p, GKT_BAD_INPUT, gkt_yaml_get(root, "output"), "file",
                                "XDMF has no cells of degree %d; expected fields of degree 1 or 2, or a file that ends in .vtu", degree);
}

/* ---- names: letters, digits and _ of those of the arrays, each once ---- */
static void plain_name(const char *name, char out[NAME]) {
  size_t n = 0;
  for (const char *c = name; *c && n + 8 < NAME; c++) out[n++] = (char)(isalnum((unsigned char)*c) ? *c : '_');
  while (n > 1 && out[n - 1] == '_') n--;
  out[n] = 0;
}

static void name_of(const gkt_shown *s, int i, char out[LONG_NAME]) {
  char name[NAME], other[NAME];
  int before = 0;
  plain_name(s->arrays[i].name, name);
  for (int k = 0; k < i; k++) plain_name(s->arrays[k].name, other), before += !strcmp(name, other);
  if (before) snprintf(out, LONG_NAME, "values/%s_%d", name, before + 1);
  else snprintf(out, LONG_NAME, "values/%s", name);
}

static gkt_store_array rows_of(const gkt_shown *s, int i, gkt_size rows, const char *name) {
  const gkt_vtu_array *a = &s->arrays[i];
  const int n = gkt_vtu_num_components(a, s->grid.dim);
  return (gkt_store_array){name, GKT_STORE_DOUBLE, n > 1 ? 3 : 2, {rows, gkt_vtu_num_tuples(&s->grid, a), n}};
}

/* ---- the file of numbers ---- */
static gkt_status write_points(gkt_problem *p, gkt_store *store, const gkt_shown *s) {
  const gkt_vtu_array points = {.name = "points", .rank = 1, .num_components = s->grid.dim, .values = s->grid.coords};
  double *padded = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(p->ctx, 3 * (gkt_size)s->grid.num_nodes, sizeof *padded, &padded));
  gkt_vtu_pad_array(&s->grid, &points, padded);
  GKT_GO(gkt_store_write(store, &(gkt_store_array){"mesh/points", GKT_STORE_DOUBLE, 2, {s->grid.num_nodes, 3}}, padded));
done:
  gkt_free(&padded);
  return status;
}

static bool is_mixed(const gkt_shown *s) { return s->grid.num_blocks > 1; }

/* of a mixed topology each cell with the number of its kind before it */
static int32_t *put_cells(const gkt_vtu_block *b, bool mixed, int32_t *to) {
  const int n = gkt_vtu_cell_num_nodes(b->cell, b->degree);
  int ours[GKT_MAX_BASIS];
  gkt_vtu_cell_order(b->cell, b->degree, ours);
  for (gkt_size c = 0; c < b->num_cells; c++) {
    if (mixed) *to++ = kinds[b->cell][b->degree - 1].number;
    for (int i = 0; i < n; i++) *to++ = b->nodes[c * b->nodes_per_cell + ours[i]];
  }
  return to;
}

static gkt_store_array cells_of(const gkt_shown *s) {
  const gkt_size cells = gkt_vtu_num_cells(&s->grid), entries = gkt_vtu_num_entries(&s->grid);
  if (is_mixed(s)) return (gkt_store_array){"mesh/cells", GKT_STORE_INT32, 1, {entries + cells}};
  return (gkt_store_array){"mesh/cells", GKT_STORE_INT32, 2, {cells, gkt_vtu_cell_num_nodes(s->blocks[0].cell, s->blocks[0].degree)}};
}

static gkt_status write_cells(gkt_problem *p, gkt_store *store, const gkt_shown *s) {
  const gkt_store_array array = cells_of(s);
  int32_t *cells = NULL, *at;
  gkt_status status;
  GKT_GO(gkt_alloc(p->ctx, array.extents[0] * (array.rank > 1 ? array.extents[1] : 1), sizeof *cells, &cells));
  at = cells;
  for (int b = 0; b < s->grid.num_blocks; b++) at = put_cells(&s->blocks[b], is_mixed(s), at);
  GKT_GO(gkt_store_write(store, &array, cells));
done:
  gkt_free(&cells);
  return status;
}

static gkt_status write_frame(gkt_problem *p, gkt_store *store, const gkt_shown *s, gkt_size rows) {
  char name[LONG_NAME];
  GKT_TRY(gkt_store_set_text(store, "galerkit", GKT_VERSION));
  GKT_TRY(write_points(p, store, s));
  GKT_TRY(write_cells(p, store, s));
  for (int i = 0; i < s->num_arrays; i++) {
    name_of(s, i, name);
    const gkt_store_array a = rows_of(s, i, rows, name);
    GKT_TRY(gkt_store_write(store, &a, NULL));
  }
  GKT_TRY(gkt_store_write(store, &(gkt_store_array){"time", GKT_STORE_DOUBLE, 1, {rows}}, NULL));
  return gkt_store_write(store, &(gkt_store_array){"count", GKT_STORE_INT64, 0, {0}}, &(int64_t){0});
}

/* Each row of each array, through a buffer of the largest. */
static gkt_status copy_rows(gkt_problem *p, gkt_store *from, gkt_store *to, const gkt_shown *s, gkt_size rows) {
  char name[LONG_NAME];
  gkt_size most = 1;
  double *row = NULL;
  gkt_status status;
  for (int i = 0; i < s->num_arrays; i++) {
    const gkt_size size = gkt_vtu_num_tuples(&s->grid, &s->arrays[i]) * gkt_vtu_num_components(&s->arrays[i], s->grid.dim);
    most = size > most ? size : most;
  }
  GKT_GO(gkt_alloc(p->ctx, most, sizeof *row, &row));
  for (int i = 0; i <= s->num_arrays; i++) {
    if (i < s->num_arrays) name_of(s, i, name);
    for (gkt_size r = 0; r < rows; r++) {
      GKT_GO(gkt_store_read_row(from, i < s->num_arrays ? name : "time", r, row));
      GKT_GO(gkt_store_write_row(to, i < s->num_arrays ? name : "time", r, row));
    }
  }
  GKT_GO(gkt_store_write_row(to, "count", 0, &(int64_t){rows}));
done:
  gkt_free(&row);
  return status;
}

/* A file of this many rows takes the place of the one that is there; what it has comes along. */
static gkt_status make_file(gkt_problem *p, const gkt_shown *s, gkt_size rows) {
  gkt_xdmf *x = &p->xdmf;
  gkt_store *made = NULL;
  char *path = NULL;
  gkt_status status;
  GKT_GO(gkt_problem_out_path(p, p->settings->output.numbers_file, &path));
  GKT_GO(gkt_store_create(p->ctx, path, "series", VERSION, &made));
  GKT_GO(write_frame(p, made, s, rows));
  if (x->store) GKT_GO(copy_rows(p, x->store, made, s, x->rows));
  GKT_GO(gkt_store_commit(&made));
  gkt_store_close(&x->store);
  GKT_GO(gkt_store_open(p->ctx, path, true, "series", VERSION, NULL, &x->store));
  x->capacity = rows;
done:
  gkt_store_close(&made);
  gkt_free(&path);
  return status;
}

/* ---- XDMF ---- */
static const char *file_part(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static void add_dimensions(gkt_text *t, const gkt_store_array *a, int from) {
  gkt_text_printf(t, "Dimensions=\"");
  for (int d = from; d < a->rank; d++) gkt_text_printf(t, "%s%lld", d > from ? " " : "", (long long)a->extents[d]);
  gkt_text_printf(t, "\"");
}

static void add_item(gkt_problem *p, gkt_text *t, const gkt_store_array *a) {
  gkt_text_printf(t, "<DataItem ");
  add_dimensions(t, a, 0);
  gkt_text_printf(t, " NumberType=\"%s\" Precision=\"%d\" Format=\"HDF\">", a->type == GKT_STORE_DOUBLE ? "Float" : "Int", a->type == GKT_STORE_DOUBLE ? 8 : 4);
  for (const char *c = file_part(p->settings->output.numbers_file); *c; c++) gkt_text_printf(t, *c == '&' ? "&amp;" : *c == '<' ? "&lt;" : *c == '>' ? "&gt;" : "%c", *c);
  gkt_text_printf(t, ":/%s</DataItem>", a->name);
}

static void add_mesh(gkt_problem *p, gkt_text *t, const gkt_shown *s) {
  const gkt_store_array cells = cells_of(s), points = {"mesh/points", GKT_STORE_DOUBLE, 2, {s->grid.num_nodes, 3}};
  gkt_text_printf(t, "<Topology TopologyType=\"%s\" NumberOfElements=\"%lld\">", is_mixed(s) ? "Mixed" : kinds[s->blocks[0].cell][s->blocks[0].degree - 1].word,
                  (long long)gkt_vtu_num_cells(&s->grid));
  add_item(p, t, &cells);
  gkt_text_printf(t, "</Topology>\n<Geometry GeometryType=\"XYZ\">");
  add_item(p, t, &points);
  gkt_text_printf(t, "</Geometry>\n");
}

/* One row, as a hyperslab of all. */
static void add_array(gkt_problem *p, gkt_text *t, const gkt_shown *s, int i, gkt_size row) {
  char name[LONG_NAME];
  name_of(s, i, name);
  const gkt_vtu_array *a = &s->arrays[i];
  const gkt_store_array all = rows_of(s, i, p->xdmf.capacity, name);
  const int n = gkt_vtu_num_components(a, s->grid.dim);
  gkt_text_printf(t, "<Attribute Name=\"");
  for (const char *c = a->name; *c; c++)
    gkt_text_printf(t, *c == '&' ? "&amp;" : *c == '<' ? "&lt;" : *c == '>' ? "&gt;" : *c == '"' ? "&quot;" : (unsigned char)*c < 32 ? " " : "%c", *c);
  gkt_text_printf(t, "\" AttributeType=\"%s\" Center=\"%s\"><DataItem ItemType=\"HyperSlab\" ",
                  n == 1                   ? "Scalar"
                  : a->rank == 1 && n == 3 ? "Vector"
                  : n == 9                 ? "Tensor"
                                           : "Matrix",
                  a->on_cells ? "Cell" : "Node");
  add_dimensions(t, &all, 1);
  gkt_text_printf(t, "><DataItem Dimensions=\"3 %d\" NumberType=\"Int\" Format=\"XML\">%lld", all.rank, (long long)row);
  for (int k = all.rank - 1; k > 0; k--) gkt_text_printf(t, " 0");
  for (int k = all.rank; k > 0; k--) gkt_text_printf(t, " 1");
  gkt_text_printf(t, " 1");
  for (int d = 1; d < all.rank; d++) gkt_text_printf(t, " %lld", (long long)all.extents[d]);
  gkt_text_printf(t, "</DataItem>");
  add_item(p, t, &all);
  gkt_text_printf(t, "</DataItem></Attribute>\n");
}

static gkt_status add_entry(gkt_problem *p, const gkt_shown *s, gkt_size row, double time) {
  gkt_text *t = &p->list.text;
  t->ctx = p->ctx;
  gkt_text_printf(t, "<Grid Name=\"%lld\" GridType=\"Uniform\">\n", (long long)row);
  if (p->settings->time.at) gkt_text_printf(t, "<Time Value=\"%.17g\"/>\n", time);
  add_mesh(p, t, s);
  for (int i = 0; i < s->num_arrays; i++) add_array(p, t, s, i, row);
  gkt_text_printf(t, "</Grid>\n");
  return t->status;
}

gkt_status gkt_xdmf_write_list(gkt_problem *p) {
  const bool in_time = p->settings->time.at;
  char *path = NULL;
  gkt_output *out = NULL;
  gkt_status status;
  GKT_GO(gkt_problem_out_path(p, p->settings->output.file, &path));
  GKT_GO(gkt_output_open(p->ctx, path, &out));
  FILE *f = gkt_output_stream(out);
  fprintf(f, "<?xml version=\"1.0\"?>\n<Xdmf Version=\"3.0\">\n<Domain>\n%s", in_time ? "<Grid Name=\"series\" GridType=\"Collection\" CollectionType=\"Temporal\">\n" : "");
  if (p->list.text.length) fwrite(p->list.text.data, 1, p->list.text.length, f);
  fprintf(f, "%s</Domain>\n</Xdmf>\n", in_time ? "</Grid>\n" : "");
  GKT_GO(gkt_output_commit(&out));
  p->list.lags = false;
done:
  gkt_output_discard(&out);
  gkt_free(&path);
  return status;
}

/* All entries anew: of what is there, in a file of another length. At once, as what is listed is to be there. */
static gkt_status list_rows(gkt_problem *p, const gkt_shown *s) {
  double time;
  gkt_text_free(&p->list.text);
  p->list.text = (gkt_text){.ctx = p->ctx};
  for (gkt_size r = 0; r < p->xdmf.rows; r++) {
    GKT_TRY(gkt_store_read_row(p->xdmf.store, "time", r, &time));
    GKT_TRY(add_entry(p, s, r, time));
  }
  return gkt_xdmf_write_list(p);
}

/* ---- states ---- */
static gkt_status write_row(gkt_problem *p, const gkt_shown *s, double time) {
  gkt_xdmf *x = &p->xdmf;
  char name[LONG_NAME];
  double *padded = NULL;
  gkt_status status = GKT_OK;
  for (int i = 0; i < s->num_arrays; i++) {
    name_of(s, i, name);
    gkt_free(&padded);
    GKT_GO(gkt_alloc(p->ctx, gkt_vtu_num_tuples(&s->grid, &s->arrays[i]) * gkt_vtu_num_components(&s->arrays[i], s->grid.dim), sizeof *padded, &padded));
    gkt_vtu_pad_array(&s->grid, &s->arrays[i], padded);
    GKT_GO(gkt_store_write_row(x->store, name, x->rows, padded));
  }
  GKT_GO(gkt_store_write_row(x->store, "time", x->rows, &time));
  GKT_GO(gkt_store_write_row(x->store, "count", 0, &(int64_t){x->rows + 1}));
  GKT_GO(add_entry(p, s, x->rows, time));
  x->rows++;
done:
  gkt_free(&padded);
  return status;
}

gkt_status gkt_xdmf_add(gkt_problem *p, double time) {
  gkt_xdmf *x = &p->xdmf;
  gkt_shown shown;
  gkt_status status;
  GKT_GO(gkt_problem_show(p, &shown));
  if (x->rows == x->capacity) { /* a path may have more states than were planned */
    GKT_GO(make_file(p, &shown, x->store ? 2 * x->capacity + 8 : gkt_problem_outputs_ahead(p)));
    GKT_GO(list_rows(p, &shown));
  }
  GKT_GO(write_row(p, &shown, time));
  p->list.lags = true;
done:
  gkt_shown_clear(&shown);
  return status;
}

gkt_status gkt_xdmf_finish(gkt_problem *p) {
  if (p->list.lags) GKT_TRY(gkt_xdmf_write_list(p));
  return p->xdmf.store ? gkt_store_commit(&p->xdmf.store) : GKT_OK;
}

gkt_status gkt_problem_write_steady_xdmf(gkt_problem *p) {
  GKT_TRY(gkt_xdmf_add(p, 0));
  return gkt_xdmf_finish(p);
}

/* ---- going on ---- */
static gkt_status check_file(gkt_problem *p, const gkt_shown *s, gkt_size *capacity) {
  char name[LONG_NAME];
  gkt_store_array cells = cells_of(s), points = {"mesh/points", GKT_STORE_DOUBLE, 2, {s->grid.num_nodes, 3}}, time = {"time", GKT_STORE_DOUBLE, 1, {-1}};
  GKT_TRY(gkt_store_check(p->xdmf.store, &points));
  GKT_TRY(gkt_store_check(p->xdmf.store, &cells));
  GKT_TRY(gkt_store_check(p->xdmf.store, &time));
  *capacity = time.extents[0];
  for (int i = 0; i < s->num_arrays; i++) {
    name_of(s, i, name);
    gkt_store_array a = rows_of(s, i, time.extents[0], name);
    GKT_TRY(gkt_store_check(p->xdmf.store, &a));
  }
  return GKT_OK;
}

/* Rows up to the time from which the run goes on. */
static gkt_status count_rows(gkt_problem *p) {
  gkt_xdmf *x = &p->xdmf;
  int64_t count;
  double time;
  GKT_TRY(gkt_store_read(x->store, &(gkt_store_array){"count", GKT_STORE_INT64, 0, {0}}, &count));
  if (count < 0 || count > x->capacity)
    return gkt_fail(p->ctx, GKT_BAD_INPUT, "%s: damaged: %lld rows of %lld", gkt_store_path(x->store), (long long)count, (long long)x->capacity);
  for (x->rows = 0; x->rows < count; x->rows++) {
    GKT_TRY(gkt_store_read_row(x->store, "time", x->rows, &time));
    if (!(time <= p->march_from + 1e-9 * p->settings->time.step)) break;
  }
  return GKT_OK;
}

gkt_status gkt_xdmf_resume(gkt_problem *p) {
  gkt_xdmf *x = &p->xdmf;
  gkt_shown shown = {0};
  char *path = NULL;
  gkt_status status;
  GKT_GO(gkt_problem_out_path(p, p->settings->output.numbers_file, &path));
  if (access(path, F_OK)) goto done; /* it began elsewhere, and this file begins here */
  GKT_GO(gkt_problem_show(p, &shown));
  GKT_GO(gkt_store_open(p->ctx, path, true, "series", VERSION, NULL, &x->store));
  GKT_GO(check_file(p, &shown, &x->capacity));
  GKT_GO(count_rows(p));
  const gkt_size needed = x->rows + gkt_problem_outputs_ahead(p);
  if (needed > x->capacity) GKT_GO(make_file(p, &shown, needed));
  GKT_GO(list_rows(p, &shown));
done:
  gkt_shown_clear(&shown);
  gkt_free(&path);
  return status;
}
