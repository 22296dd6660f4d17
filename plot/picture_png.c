/* Pictures as PNG (PNG Specification, third edition). Rows by differences to the pixel on the left, lightly compressed: a third of the time of Cairo's choice, files a fifth
 * larger. */
#include <string.h>
#include <zlib.h>

#include "plot/picture_page.h"

enum { LEVEL = 3, SUB = 1 }; /* of zlib; the filter */

static void put(unsigned char *to, uint32_t value) { to[0] = value >> 24 & 255, to[1] = value >> 16 & 255, to[2] = value >> 8 & 255, to[3] = value & 255; }

void gkt_png_chunk(FILE *f, const char *kind, int num_numbers, const uint32_t *numbers, size_t length, const unsigned char *data) {
  unsigned char head[32], at[8];
  for (int i = 0; i < num_numbers; i++) put(head + 4 * i, numbers[i]);
  const size_t own = 4 * (size_t)num_numbers;
  uLong sum = crc32(crc32(0, (const Bytef *)kind, 4), head, (uInt)own);
  if (length) sum = crc32(sum, data, (uInt)length);
  put(at, (uint32_t)(own + length)), put(at + 4, (uint32_t)sum);
  fwrite(at, 1, 4, f), fwrite(kind, 1, 4, f), fwrite(head, 1, own, f);
  if (length) fwrite(data, 1, length, f);
  fwrite(at + 4, 1, 4, f);
}

void gkt_png_begin(FILE *f, int width, int height) {
  static const unsigned char signature[8] = {137, 'P', 'N', 'G', '\r', '\n', 26, '\n'}, colors[5] = {8, 2, 0, 0, 0}; /* bits; red, green, blue */
  fwrite(signature, 1, sizeof signature, f);
  gkt_png_chunk(f, "IHDR", 2, (const uint32_t[]){(uint32_t)width, (uint32_t)height}, sizeof colors, colors);
}

static void filter(const gkt_pixels *p, unsigned char *to) {
  for (int y = 0; y < p->height; y++) {
    const unsigned char *from = p->data + (size_t)y * (size_t)p->stride;
    uint32_t before = 0;
    *to++ = SUB;
    for (int x = 0; x < p->width; x++) {
      uint32_t color;
      memcpy(&color, from + 4 * (size_t)x, sizeof color);
      for (int shift = 16; shift >= 0; shift -= 8) *to++ = (unsigned char)((color >> shift) - (before >> shift));
      before = color;
    }
  }
}

gkt_status gkt_png_compress(gkt_context *ctx, const gkt_pixels *pixels, gkt_size *length, unsigned char **out) {
  const uLong size = (uLong)pixels->height * (3 * (uLong)pixels->width + 1);
  uLongf room = compressBound(size);
  unsigned char *rows = NULL, *to = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(ctx, (gkt_size)size, 1, &rows));
  GKT_GO(gkt_alloc(ctx, (gkt_size)room, 1, &to));
  filter(pixels, rows);
  if (compress2(to, &room, rows, size, LEVEL) != Z_OK) GKT_GO(gkt_fail(ctx, GKT_NO_MEMORY, "out of memory for a picture of %d x %d pixels", pixels->width, pixels->height));
  *length = (gkt_size)room, *out = to, to = NULL;
done:
  gkt_free(&rows), gkt_free(&to);
  return status;
}
