/* VTU, raw appended: an XML head that gives each array an offset, then the arrays as 8 bytes of length and little-endian numbers (VTK file formats, "XML file formats"). */
#include <string.h>

#include "meshes/vtu.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the head below says LittleEndian");

int gkt_vtu_cell_number(gkt_cell_type cell, int nodes_per_cell) {
  if (cell == GKT_TRIANGLE) return nodes_per_cell == 3 ? 5 : nodes_per_cell == 6 ? 22 : 0;
  if (cell == GKT_TETRAHEDRON) return nodes_per_cell == 4 ? 10 : nodes_per_cell == 10 ? 24 : 0;
  return 0;
}

int gkt_vtu_nodes_per_cell(int cell_number, gkt_cell_type *cell) {
  *cell = cell_number == 5 || cell_number == 22 ? GKT_TRIANGLE : GKT_TETRAHEDRON;
  return cell_number == 5 ? 3 : cell_number == 22 ? 6 : cell_number == 10 ? 4 : cell_number == 24 ? 10 : -1;
}

/* In a plane problem, vectors and tensors get the third direction that VTK expects. */
static bool is_padded(const gkt_vtu_array *a, int dim) { return dim == 2 && ((a->rank == 1 && a->num_components == 2) || (a->rank == 2 && a->num_components == 4)); }

static int components_written(const gkt_vtu_array *a, int dim) { return !is_padded(a, dim) ? a->num_components : a->rank == 1 ? 3 : 9; }

static gkt_size num_tuples(const gkt_vtu_grid *grid, const gkt_vtu_array *a) { return a->on_cells ? grid->num_cells : grid->num_nodes; }

static gkt_status check(gkt_context *ctx, const char *path, const gkt_vtu_grid *grid, int num_arrays, const gkt_vtu_array *arrays) {
  if (!gkt_vtu_cell_number(grid->cell, grid->nodes_per_cell) || grid->dim < 2 || grid->dim > 3)
    return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%s: VTU output of cells with %d nodes in %d dimensions; triangles (3, 6) and tetrahedra (4, 10) are written", path,
                    grid->nodes_per_cell, grid->dim);
  for (int i = 0; i < num_arrays; i++) {
    const gkt_vtu_array *a = arrays + i;
    if (!a->name || !a->values || a->num_components < 1 || a->rank < 0 || a->rank > 2)
      return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%s: VTU array %d lacks a name, values or components", path, i);
    for (int j = 0; j < i; j++)
      if (arrays[j].on_cells == a->on_cells && !strcmp(arrays[j].name, a->name)) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%s: two VTU arrays are named %s", path, a->name);
  }
  return GKT_OK;
}

static void array_head(FILE *f, const char *type, const char *name, int components, uint64_t *offset, gkt_size count, size_t size) {
  fprintf(f, "<DataArray type=\"%s\" Name=\"", type);
  gkt_xml_escape(f, name);
  fputs("\"", f);
  if (components > 1) fprintf(f, " NumberOfComponents=\"%d\"", components);
  fprintf(f, " format=\"appended\" offset=\"%llu\"/>\n", (unsigned long long)*offset);
  *offset += sizeof(uint64_t) + (uint64_t)count * size;
}

/* The first scalar is what a viewer colours by at first. */
static void section_head(FILE *f, const gkt_vtu_grid *grid, int num_arrays, const gkt_vtu_array *arrays, bool on_cells, uint64_t *offset) {
  const char *section = on_cells ? "CellData" : "PointData";
  fprintf(f, "<%s", section);
  for (int i = 0; i < num_arrays; i++) {
    if (arrays[i].on_cells != on_cells || arrays[i].num_components != 1) continue;
    fputs(" Scalars=\"", f);
    gkt_xml_escape(f, arrays[i].name);
    fputs("\"", f);
    break;
  }
  fputs(">\n", f);
  for (int i = 0; i < num_arrays; i++) {
    int components = components_written(arrays + i, grid->dim);
    if (arrays[i].on_cells == on_cells) array_head(f, "Float64", arrays[i].name, components, offset, num_tuples(grid, arrays + i) * components, sizeof(double));
  }
  fprintf(f, "</%s>\n", section);
}

static void write_head(FILE *f, const gkt_vtu_grid *grid, int num_arrays, const gkt_vtu_array *arrays) {
  uint64_t offset = 0;
  fputs("<?xml version=\"1.0\"?>\n<VTKFile type=\"UnstructuredGrid\" version=\"1.0\" byte_order=\"LittleEndian\" header_type=\"UInt64\">\n<UnstructuredGrid>\n", f);
  fprintf(f, "<Piece NumberOfPoints=\"%d\" NumberOfCells=\"%d\">\n", (int)grid->num_nodes, (int)grid->num_cells);
  section_head(f, grid, num_arrays, arrays, false, &offset);
  section_head(f, grid, num_arrays, arrays, true, &offset);
  fputs("<Points>\n", f);
  array_head(f, "Float64", "Points", 3, &offset, 3 * (gkt_size)grid->num_nodes, sizeof(double));
  fputs("</Points>\n<Cells>\n", f);
  array_head(f, "Int32", "connectivity", 1, &offset, (gkt_size)grid->num_cells * grid->nodes_per_cell, sizeof(int32_t));
  array_head(f, "Int64", "offsets", 1, &offset, grid->num_cells, sizeof(int64_t));
  array_head(f, "UInt8", "types", 1, &offset, grid->num_cells, sizeof(uint8_t));
  fputs("</Cells>\n</Piece>\n</UnstructuredGrid>\n<AppendedData encoding=\"raw\">\n_", f);
}

static void put(FILE *f, const void *data, size_t bytes) { fwrite(data, 1, bytes, f); /* gkt_output_commit looks at the stream's state */ }

static void put_length(FILE *f, gkt_size count, size_t size) {
  uint64_t bytes = (uint64_t)count * size;
  put(f, &bytes, sizeof bytes);
}

/* rows x cols blocks of `from` into 3-wide rows of zeros: vectors 1 x 2 -> 1 x 3, tensors 2 x 2 -> 3 x 3, coordinates. */
static void put_padded(FILE *f, gkt_size count, int rows, const double *values) {
  for (gkt_size i = 0; i < count; i++, values += 2 * rows) {
    double out[9] = {0};
    for (int r = 0; r < rows; r++) memcpy(out + 3 * r, values + 2 * r, 2 * sizeof *out);
    put(f, out, (size_t)(rows == 1 ? 3 : 9) * sizeof *out);
  }
}

static void put_array(FILE *f, const gkt_vtu_grid *grid, const gkt_vtu_array *a) {
  gkt_size count = num_tuples(grid, a);
  put_length(f, count * components_written(a, grid->dim), sizeof(double));
  if (is_padded(a, grid->dim)) put_padded(f, count, a->rank, a->values);
  else put(f, a->values, (size_t)count * (size_t)a->num_components * sizeof(double));
}

static void put_grid(FILE *f, const gkt_vtu_grid *grid) {
  const gkt_size entries = (gkt_size)grid->num_cells * grid->nodes_per_cell;
  const uint8_t type = (uint8_t)gkt_vtu_cell_number(grid->cell, grid->nodes_per_cell);
  put_length(f, 3 * (gkt_size)grid->num_nodes, sizeof(double));
  if (grid->dim == 2) put_padded(f, grid->num_nodes, 1, grid->coords);
  else put(f, grid->coords, 3 * (size_t)grid->num_nodes * sizeof(double));
  put_length(f, entries, sizeof(gkt_idx));
  put(f, grid->cells, (size_t)entries * sizeof(gkt_idx));
  put_length(f, grid->num_cells, sizeof(int64_t));
  for (int64_t end = grid->nodes_per_cell; end <= entries; end += grid->nodes_per_cell) put(f, &end, sizeof end);
  put_length(f, grid->num_cells, sizeof type);
  for (gkt_idx c = 0; c < grid->num_cells; c++) put(f, &type, sizeof type);
}

gkt_status gkt_vtu_write(gkt_context *ctx, const char *path, const gkt_vtu_grid *grid, int num_arrays, const gkt_vtu_array *arrays) {
  gkt_output *out;
  GKT_TRY(check(ctx, path, grid, num_arrays, arrays));
  GKT_TRY(gkt_output_open(ctx, path, &out));
  FILE *f = gkt_output_stream(out);
  write_head(f, grid, num_arrays, arrays);
  for (int on_cells = 0; on_cells < 2; on_cells++)
    for (int i = 0; i < num_arrays; i++)
      if (arrays[i].on_cells == (on_cells == 1)) put_array(f, grid, arrays + i);
  put_grid(f, grid);
  fputs("\n</AppendedData>\n</VTKFile>\n", f);
  return gkt_output_commit(&out);
}
