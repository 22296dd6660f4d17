/* The numbers of one DataArray: found (inline, or appended at an offset), decoded (ascii, base64, raw), converted to doubles. Every length is checked before it is used. */
#include <string.h>
#include <stdlib.h>

#include "plot/vtu.h"

typedef enum { FLOAT32, FLOAT64, INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, NUM_TYPES } number_type;
static const struct {
  const char *name;
  size_t size;
} types[NUM_TYPES] = {{"Float32", 4}, {"Float64", 8}, {"Int8", 1}, {"UInt8", 1}, {"Int16", 2}, {"UInt16", 2}, {"Int32", 4}, {"UInt32", 4}, {"Int64", 8}, {"UInt64", 8}};

static double number_at(const unsigned char *p, number_type type) {
#define AS(T)                        \
  {                                  \
    T value;                         \
    memcpy(&value, p, sizeof value); \
    return (double)value;            \
  }
  switch (type) {
  case FLOAT32: AS(float)
  case FLOAT64: AS(double)
  case INT8: AS(int8_t)
  case UINT8: AS(uint8_t)
  case INT16: AS(int16_t)
  case UINT16: AS(uint16_t)
  case INT32: AS(int32_t)
  case UINT32: AS(uint32_t)
  case INT64: AS(int64_t)
  case UINT64: AS(uint64_t)
  default: return 0;
  }
#undef AS
}

static gkt_status refuse(const gkt_vtu_encoding *e, const gkt_tag *tag, const char *what) {
  const gkt_slice name = gkt_xml_attribute(tag, "Name");
  return gkt_fail(e->ctx, GKT_BAD_INPUT, "%s: DataArray %.*s: %s", e->name, (int)(name.length < 80 ? name.length : 80), name.text ? name.text : "", what);
}

/* ---- base64: whole groups of 4 characters; white space between them is skipped ---- */
static int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : c == '=' ? -2 : c == ' ' || c == '\n' || c == '\r' || c == '\t' ? -3 : -1;
}

/* Decodes up to count bytes from *at; a '=' ends a stretch (VTK encodes head and data apart). Returns how many came. */
static size_t base64_decode(const char **at, const char *end, unsigned char *out, size_t count) {
  size_t have = 0;
  const char *p = *at;
  while (have < count) {
    int digits[4], n = 0;
    for (; p < end && n < 4; p++) {
      int digit = base64_digit(*p);
      if (digit == -1) break;
      if (digit != -3) digits[n++] = digit;
    }
    if (n < 4 || digits[0] < 0 || digits[1] < 0) break;
    const uint32_t bits = (uint32_t)digits[0] << 18 | (uint32_t)digits[1] << 12 | (uint32_t)(digits[2] < 0 ? 0 : digits[2]) << 6 | (uint32_t)(digits[3] < 0 ? 0 : digits[3]);
    const int bytes = digits[2] < 0 ? 1 : digits[3] < 0 ? 2 : 3;
    for (int i = 0; i < bytes && have < count; i++) out[have++] = (unsigned char)(bits >> (16 - 8 * i));
    if (bytes < 3 && have < count) break;
  }
  *at = p;
  return have;
}

static uint64_t length_at(const gkt_vtu_encoding *e, const unsigned char *p) {
  uint64_t wide = 0; /* little endian: a narrow head fills the low half */
  memcpy(&wide, p, e->wide_header ? 8 : 4);
  return wide;
}

/* The length and the data may be one stretch of base64 or two; which, shows where the length's own stretch would be padded: 8 bytes by one '=', 4 bytes by two. */
static gkt_status decode_base64(const gkt_vtu_encoding *e, const gkt_tag *tag, gkt_slice s, unsigned char *bytes, size_t want) {
  const size_t head = e->wide_header ? 8 : 4, head_text = e->wide_header ? 12 : 8;
  const char *at = s.text, *end = s.text + s.length;
  while (at < end && base64_digit(*at) == -3) at++;
  const bool apart = (size_t)(end - at) >= head_text && at[head_text - (e->wide_header ? 1 : 2)] == '=';
  unsigned char *all = NULL;
  gkt_status status = GKT_OK;
  GKT_TRY(gkt_calloc(e->ctx, (gkt_size)(head + want), 1, &all));
  size_t have;
  if (apart) {
    const char *head_end = at + head_text;
    have = base64_decode(&at, head_end, all, head);
    if (have == head) have += base64_decode(&head_end, end, all + head, want);
  } else have = base64_decode(&at, end, all, head + want);
  if (have < head + want || length_at(e, all) != want) status = refuse(e, tag, "the base64 data are damaged, or not as long as the number of points or cells asks for");
  else memcpy(bytes, all + head, want);
  gkt_free(&all);
  return status;
}

static gkt_status decode_raw(const gkt_vtu_encoding *e, const gkt_tag *tag, gkt_slice s, unsigned char *bytes, size_t want) {
  const size_t head = e->wide_header ? 8 : 4;
  if (s.length < head || s.length - head < want) return refuse(e, tag, "its data end behind the end of the file");
  if (length_at(e, (const unsigned char *)s.text) != want) return refuse(e, tag, "it is not as long as the number of points or cells asks for");
  memcpy(bytes, s.text + head, want);
  return GKT_OK;
}

static gkt_status decode_ascii(const gkt_vtu_encoding *e, const gkt_tag *tag, gkt_slice s, gkt_size count, double *out) {
  const char *p = s.text, *end = s.text + s.length;
  for (gkt_size i = 0; i < count; i++) {
    char word[64], *stop;
    size_t n = 0;
    while (p < end && strchr(" \t\r\n", *p)) p++;
    while (p < end && !strchr(" \t\r\n", *p) && n + 1 < sizeof word) word[n++] = *p++;
    word[n] = 0;
    out[i] = strtod(word, &stop);
    if (!n || *stop) return refuse(e, tag, n ? "a word of its text is not a number" : "it has fewer numbers than the number of points or cells asks for");
  }
  return GKT_OK;
}

/* The stretch of the file in which the array's data begin; *ascii, *base64: how they are written. */
static gkt_status locate(const gkt_vtu_encoding *e, const gkt_tag *tag, gkt_slice *text, bool *ascii, bool *base64) {
  const gkt_slice format = gkt_xml_attribute(tag, "format");
  uint64_t offset;
  *ascii = !format.text || gkt_slice_is(format, "ascii");
  *base64 = format.text && gkt_slice_is(format, "binary");
  if (*ascii || *base64) return GKT_OK;
  if (!gkt_slice_is(format, "appended")) return refuse(e, tag, "its format is none of ascii, binary, appended");
  *base64 = e->appended_base64;
  if (!e->appended.text) return refuse(e, tag, "it is appended, but the file has no AppendedData");
  if (!gkt_xml_number(tag, "offset", &offset) || offset > e->appended.length) return refuse(e, tag, "its offset is missing, or behind the end of the file");
  *text = (gkt_slice){e->appended.text + offset, e->appended.length - (size_t)offset};
  return GKT_OK;
}

gkt_status gkt_vtu_numbers(const gkt_vtu_encoding *e, const gkt_tag *tag, gkt_slice text, gkt_size count, double **out) {
  const gkt_slice type_name = gkt_xml_attribute(tag, "type");
  int type = 0;
  bool ascii, base64;
  unsigned char *bytes = NULL;
  double *values = NULL;
  gkt_status status = GKT_OK;
  while (type < NUM_TYPES && !gkt_slice_is(type_name, types[type].name)) type++;
  if (type == NUM_TYPES) return refuse(e, tag, "its type is none of Float32, Float64, Int8 .. Int64, UInt8 .. UInt64");
  GKT_TRY(locate(e, tag, &text, &ascii, &base64));
  if (count < 0 || (size_t)count > text.length) return refuse(e, tag, "its data end behind the end of the file"); /* each number takes a byte or more */
  GKT_TRY(gkt_calloc(e->ctx, count, sizeof *values, &values));
  if (ascii) GKT_GO(decode_ascii(e, tag, text, count, values));
  else {
    const size_t size = types[type].size, want = (size_t)count * size;
    GKT_GO(gkt_calloc(e->ctx, (gkt_size)want, 1, &bytes));
    GKT_GO(base64 ? decode_base64(e, tag, text, bytes, want) : decode_raw(e, tag, text, bytes, want));
    for (gkt_size i = 0; i < count; i++) values[i] = number_at(bytes + (size_t)i * size, (number_type)type);
  }
  *out = values;
  values = NULL;
done:
  gkt_free(&bytes);
  gkt_free(&values);
  return status;
}
