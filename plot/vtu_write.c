/* VTU, raw appended: an XML head that gives each array an offset, then the arrays as 8 bytes of length and little-endian numbers (VTK file formats, "XML file formats"). */
#include <string.h>

#include "meshes/lagrange.h"
#include "plot/vtu.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the head below says LittleEndian");

static gkt_status check(gkt_context *ctx, const char *path, const gkt_vtu_grid *grid, int num_arrays, const gkt_vtu_array *arrays) {
  GKT_TRY(gkt_vtu_check_grid(ctx, path, "VTU output", grid));
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
    int components = gkt_vtu_num_components(arrays + i, grid->dim);
    if (arrays[i].on_cells == on_cells) array_head(f, "Float64", arrays[i].name, components, offset, gkt_vtu_num_tuples(grid, arrays + i) * components, sizeof(double));
  }
  fprintf(f, "</%s>\n", section);
}

/* From 2.1 on VTK takes the edges of its Lagrange hexahedra in the order of its other hexahedra. More programs know 1.0. */
static const char *file_version(const gkt_vtu_grid *grid) {
  for (int b = 0; b < grid->num_blocks; b++)
    if (grid->blocks[b].degree > 2 && grid->blocks[b].cell == GKT_HEXAHEDRON) return "2.1";
  return "1.0";
}

static void write_head(FILE *f, const gkt_vtu_grid *grid, int num_arrays, const gkt_vtu_array *arrays) {
  const gkt_size num_cells = gkt_vtu_num_cells(grid);
  uint64_t offset = 0;
  fprintf(f, "<?xml version=\"1.0\"?>\n<VTKFile type=\"UnstructuredGrid\" version=\"%s\" byte_order=\"LittleEndian\" header_type=\"UInt64\">\n<UnstructuredGrid>\n",
          file_version(grid));
  fprintf(f, "<Piece NumberOfPoints=\"%d\" NumberOfCells=\"%lld\">\n", (int)grid->num_nodes, (long long)num_cells);
  section_head(f, grid, num_arrays, arrays, false, &offset);
  section_head(f, grid, num_arrays, arrays, true, &offset);
  fputs("<Points>\n", f);
  array_head(f, "Float64", "Points", 3, &offset, 3 * (gkt_size)grid->num_nodes, sizeof(double));
  fputs("</Points>\n<Cells>\n", f);
  array_head(f, "Int32", "connectivity", 1, &offset, gkt_vtu_num_entries(grid), sizeof(int32_t));
  array_head(f, "Int64", "offsets", 1, &offset, num_cells, sizeof(int64_t));
  array_head(f, "UInt8", "types", 1, &offset, num_cells, sizeof(uint8_t));
  fputs("</Cells>\n</Piece>\n</UnstructuredGrid>\n<AppendedData encoding=\"raw\">\n_", f);
}

static void put(FILE *f, const void *data, size_t bytes) { fwrite(data, 1, bytes, f); /* gkt_output_commit looks at the stream's state */ }

static void put_length(FILE *f, gkt_size count, size_t size) {
  uint64_t bytes = (uint64_t)count * size;
  put(f, &bytes, sizeof bytes);
}

static void put_padded(FILE *f, int dim, gkt_size count, int rank, const double *values) {
  double out[9];
  for (gkt_size i = 0; i < count; i++, values += rank == 1 ? dim : dim * dim) {
    gkt_vtu_pad(dim, rank, values, out);
    put(f, out, (size_t)(rank == 1 ? 3 : 9) * sizeof *out);
  }
}

static void put_array(FILE *f, const gkt_vtu_grid *grid, const gkt_vtu_array *a) {
  const gkt_size count = gkt_vtu_num_tuples(grid, a);
  const int n = gkt_vtu_num_components(a, grid->dim);
  put_length(f, count * n, sizeof(double));
  if (n != a->num_components) put_padded(f, grid->dim, count, a->rank, a->values);
  else put(f, a->values, (size_t)(count * n) * sizeof(double));
}

static void put_nodes(FILE *f, const gkt_vtu_block *block) {
  const int written = gkt_vtu_cell_num_nodes(block->cell, block->degree);
  int ours[GKT_MAX_BASIS];
  gkt_vtu_cell_order(block->cell, block->degree, ours);
  for (gkt_idx c = 0; c < block->num_cells; c++) {
    const gkt_idx *nodes = block->nodes + (gkt_size)c * block->nodes_per_cell;
    gkt_idx cell[GKT_MAX_BASIS];
    for (int i = 0; i < written; i++) cell[i] = nodes[ours[i]];
    put(f, cell, (size_t)written * sizeof *cell);
  }
}

static void put_offsets(FILE *f, const gkt_vtu_grid *grid) {
  int64_t end = 0;
  for (int b = 0; b < grid->num_blocks; b++)
    for (gkt_idx c = 0; c < grid->blocks[b].num_cells; c++) {
      end += gkt_vtu_cell_num_nodes(grid->blocks[b].cell, grid->blocks[b].degree);
      put(f, &end, sizeof end);
    }
}

static void put_types(FILE *f, const gkt_vtu_grid *grid) {
  for (int b = 0; b < grid->num_blocks; b++) {
    const uint8_t type = (uint8_t)gkt_vtu_cell_number(grid->blocks[b].cell, grid->blocks[b].degree);
    for (gkt_idx c = 0; c < grid->blocks[b].num_cells; c++) put(f, &type, sizeof type);
  }
}

static void put_grid(FILE *f, const gkt_vtu_grid *grid) {
  put_length(f, 3 * (gkt_size)grid->num_nodes, sizeof(double));
  put_padded(f, grid->dim, grid->num_nodes, 1, grid->coords);
  put_length(f, gkt_vtu_num_entries(grid), sizeof(gkt_idx));
  for (int b = 0; b < grid->num_blocks; b++) put_nodes(f, grid->blocks + b);
  put_length(f, gkt_vtu_num_cells(grid), sizeof(int64_t));
  put_offsets(f, grid);
  put_length(f, gkt_vtu_num_cells(grid), sizeof(uint8_t));
  put_types(f, grid);
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
