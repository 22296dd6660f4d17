/* Reads a VTU file back for pictures. The file may be anything: every number is checked before it is used as a length or an index. */
#include <math.h>
#include <string.h>

#include "meshes/lagrange.h"
#include "plot/vtu.h"

typedef struct {
  gkt_vtu_encoding encoding;
  const char *at, *end;
  gkt_vtu_file *file;
  bool old_hexahedra; /* of Lagrange: the last two edges are exchanged before version 2.1 */
  gkt_size num_points, num_cells;
  double *connectivity, *offsets, *types;
} reader;

static gkt_status refuse(const reader *r, const char *what) { return gkt_fail(r->encoding.ctx, GKT_BAD_INPUT, "%s: %s", r->encoding.name, what); }

void gkt_vtu_destroy(gkt_vtu_file **out) {
  gkt_vtu_file *file = *out;
  if (!file) return;
  for (int i = 0; i < file->num_arrays; i++) {
    char *name = (char *)file->arrays[i].name;
    double *values = (double *)file->arrays[i].values;
    gkt_free(&name);
    gkt_free(&values);
  }
  gkt_free(&file->arrays);
  gkt_free(&file->coords);
  gkt_free(&file->nodes);
  gkt_free(&file->blocks);
  gkt_free(out);
}

/* ---- the head ---- */
/* "MAJOR.MINOR"; absent: 0.1 */
static bool is_before_2_1(gkt_slice version) {
  return !version.text || version.length < 3 || version.text[0] < '2' || (version.text[0] == '2' && version.text[1] == '.' && version.text[2] < '1');
}

static gkt_status read_root(reader *r, const gkt_tag *tag) {
  const gkt_slice type = gkt_xml_attribute(tag, "type"), order = gkt_xml_attribute(tag, "byte_order"), header = gkt_xml_attribute(tag, "header_type");
  if (!type.text || !gkt_slice_is(type, "UnstructuredGrid")) return refuse(r, "this VTK file holds no UnstructuredGrid");
  if (order.text && !gkt_slice_is(order, "LittleEndian"))
    return gkt_fail(r->encoding.ctx, GKT_UNAVAILABLE, "%s: reading big-endian VTU files is not available yet", r->encoding.name);
  if (gkt_xml_attribute(tag, "compressor").text)
    return gkt_fail(r->encoding.ctx, GKT_UNAVAILABLE, "%s: reading compressed VTU files (compressor=...) is not available yet; write it without compression", r->encoding.name);
  r->old_hexahedra = is_before_2_1(gkt_xml_attribute(tag, "version"));
  r->encoding.wide_header = header.text && gkt_slice_is(header, "UInt64");
  return GKT_OK;
}

static gkt_status read_piece(reader *r, const gkt_tag *tag) {
  uint64_t points, cells;
  if (r->num_points >= 0) return gkt_fail(r->encoding.ctx, GKT_UNAVAILABLE, "%s: reading VTU files of several pieces is not available yet", r->encoding.name);
  if (!gkt_xml_number(tag, "NumberOfPoints", &points) || !gkt_xml_number(tag, "NumberOfCells", &cells)) return refuse(r, "Piece lacks NumberOfPoints or NumberOfCells");
  if (points == 0 || cells == 0) return refuse(r, "the file holds no points or no cells");
  if (points > INT32_MAX / 16 || cells > INT32_MAX / 16) return refuse(r, "the file claims more points or cells than a picture is made of (134 million)");
  r->num_points = (gkt_size)points, r->num_cells = (gkt_size)cells;
  return GKT_OK;
}

/* Raw data may hold anything, '<' included, so the XML before it must not be searched for in it. */
static gkt_status find_appended(reader *r, const char *data, size_t length) {
  gkt_tag tag;
  const char *found = memmem(data, length, "<AppendedData", 13), *at = found;
  if (!found) return GKT_OK;
  if (!gkt_xml_next(&at, data + length, &tag)) return refuse(r, "AppendedData is malformed");
  const gkt_slice encoding = gkt_xml_attribute(&tag, "encoding");
  r->encoding.appended_base64 = encoding.text && gkt_slice_is(encoding, "base64");
  if (!r->encoding.appended_base64 && !(encoding.text && gkt_slice_is(encoding, "raw"))) return refuse(r, "the encoding of AppendedData is neither raw nor base64");
  const char *mark = memchr(at, '_', (size_t)(data + length - at));
  if (!mark) return refuse(r, "AppendedData does not begin with an underscore");
  r->encoding.appended = (gkt_slice){mark + 1, (size_t)(data + length - mark - 1)};
  r->end = found;
  return GKT_OK;
}

/* ---- arrays ---- */
static gkt_status keep_array(reader *r, const gkt_tag *tag, gkt_slice text, bool on_cells) {
  gkt_vtu_file *file = r->file;
  gkt_context *ctx = r->encoding.ctx;
  uint64_t components = 1;
  const gkt_slice name = gkt_xml_attribute(tag, "Name"), type = gkt_xml_attribute(tag, "type");
  if (!name.text || (type.text && gkt_slice_is(type, "String"))) return GKT_OK;
  if (gkt_xml_attribute(tag, "NumberOfComponents").text && (!gkt_xml_number(tag, "NumberOfComponents", &components) || components < 1 || components > 1000))
    return refuse(r, "NumberOfComponents of a DataArray is no number from 1 to 1000");
  GKT_TRY(gkt_realloc(ctx, file->num_arrays + 1, sizeof *file->arrays, &file->arrays));
  gkt_vtu_array *a = file->arrays + file->num_arrays;
  double *values;
  char *text_name;
  GKT_TRY(gkt_vtu_numbers(&r->encoding, tag, text, (on_cells ? r->num_cells : r->num_points) * (gkt_size)components, &values));
  if (gkt_xml_unescape(ctx, name, &text_name) != GKT_OK) {
    gkt_free(&values);
    return GKT_NO_MEMORY;
  }
  *a = (gkt_vtu_array){text_name, components == 1 ? 0 : components == 9 ? 2 : 1, (int)components, on_cells, values};
  file->num_arrays++;
  return GKT_OK;
}

static gkt_status once(reader *r, const gkt_tag *tag, gkt_slice text, gkt_size count, double **out) {
  if (*out) return refuse(r, "one of Points, connectivity, offsets, types is given twice");
  return gkt_vtu_numbers(&r->encoding, tag, text, count, out);
}

/* Connectivity is as long as the last offset says, which may come later in the file: its tag is kept until then. */
typedef struct {
  gkt_tag tag;
  gkt_slice text;
  bool found;
} held_array;

static gkt_status read_data_array(reader *r, const gkt_tag *tag, gkt_slice text, gkt_slice section, held_array *connectivity) {
  const gkt_slice name = gkt_xml_attribute(tag, "Name");
  if (r->num_points < 0) return gkt_slice_is(section, "FieldData") ? GKT_OK : refuse(r, "a DataArray stands outside Piece");
  if (gkt_slice_is(section, "PointData")) return keep_array(r, tag, text, false);
  if (gkt_slice_is(section, "CellData")) return keep_array(r, tag, text, true);
  if (gkt_slice_is(section, "Points")) return once(r, tag, text, 3 * r->num_points, &r->file->coords);
  if (!gkt_slice_is(section, "Cells") || !name.text) return GKT_OK;
  if (gkt_slice_is(name, "offsets")) return once(r, tag, text, r->num_cells, &r->offsets);
  if (gkt_slice_is(name, "types")) return once(r, tag, text, r->num_cells, &r->types);
  if (gkt_slice_is(name, "connectivity")) *connectivity = (held_array){*tag, text, true};
  return GKT_OK;
}

static bool is_section(gkt_slice name) {
  return gkt_slice_is(name, "PointData") || gkt_slice_is(name, "CellData") || gkt_slice_is(name, "Points") || gkt_slice_is(name, "Cells") || gkt_slice_is(name, "FieldData");
}

static gkt_status read_tags(reader *r, held_array *connectivity) {
  gkt_tag tag;
  gkt_slice section = {"", 0};
  bool rooted = false;
  while (gkt_xml_next(&r->at, r->end, &tag)) {
    if (tag.closes) continue;
    if (gkt_slice_is(tag.name, "VTKFile")) {
      rooted = true;
      GKT_TRY(read_root(r, &tag));
    } else if (!rooted) return refuse(r, "this is not a VTU file: it does not begin with VTKFile");
    else if (gkt_slice_is(tag.name, "Piece")) GKT_TRY(read_piece(r, &tag));
    else if (is_section(tag.name)) section = tag.name;
    else if (gkt_slice_is(tag.name, "DataArray")) {
      gkt_slice text = {tag.end, 0}; /* up to the next tag: </DataArray>, or what VTK says about the array, which is skipped */
      while (!tag.empty && text.text + text.length < r->end && text.text[text.length] != '<') text.length++;
      GKT_TRY(read_data_array(r, &tag, text, section, connectivity));
    }
  }
  if (r->at != r->end) return refuse(r, "its XML is malformed");
  return rooted ? GKT_OK : refuse(r, "this is not a VTU file: it has no VTKFile");
}

static gkt_status read_all(reader *r, const char *data, size_t length) {
  held_array connectivity = {.found = false};
  GKT_TRY(find_appended(r, data, length));
  GKT_TRY(read_tags(r, &connectivity));
  if (r->num_points < 0 || !r->file->coords || !r->offsets || !r->types || !connectivity.found) return refuse(r, "it lacks Points, or connectivity, offsets and types of Cells");
  const double last = r->offsets[r->num_cells - 1];
  if (!(last >= 1 && last <= (double)GKT_MAX_BASIS * (double)r->num_cells)) return refuse(r, "the last offset of the cells does not fit their number");
  GKT_TRY(gkt_vtu_numbers(&r->encoding, &connectivity.tag, connectivity.text, (gkt_size)last, &r->connectivity));
  return gkt_vtu_build(&(gkt_vtu_cells){.name = r->encoding.name,
                                        .old_hexahedra = r->old_hexahedra,
                                        .num_points = r->num_points,
                                        .num_cells = r->num_cells,
                                        .connectivity = r->connectivity,
                                        .offsets = r->offsets,
                                        .types = r->types},
                       r->file);
}

gkt_status gkt_vtu_parse(gkt_context *ctx, const char *name, const char *data, size_t length, gkt_vtu_file **out) {
  reader r = {.encoding = {.ctx = ctx, .name = name}, .at = data, .end = data + length, .num_points = -1, .num_cells = -1};
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *r.file, &r.file));
  r.file->ctx = ctx;
  gkt_status status = read_all(&r, data, length);
  gkt_free(&r.connectivity);
  gkt_free(&r.offsets);
  gkt_free(&r.types);
  if (status != GKT_OK) gkt_vtu_destroy(&r.file);
  else *out = r.file;
  return status;
}
