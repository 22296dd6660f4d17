/* Films: animated PNG. Cairo makes a PNG of each picture, whose chunks become those of a film: the pixels of later pictures stand in fdAT instead of IDAT, behind an fcTL each that
   says where they go and how long they stay (PNG Specification, third edition, 11.3.6). */
#include <cairo.h>
#include <math.h>
#include <string.h>
#include <zlib.h>

#include "plot/picture_page.h"

struct gkt_film {
  gkt_context *ctx;
  gkt_output *out;
  char *path;
  int num_frames, num_chunks; /* chunks that have a number */
  int milliseconds;           /* of each */
  int width, height, stride;  /* of the pictures; 0 before the first */
  unsigned char *before;      /* [height][stride]: the picture before */
  long count_at;              /* where in the file the number of pictures stands */
  unsigned char *png;         /* the picture as a PNG */
  gkt_size length, room;
};
typedef struct { /* what changed */
  int left, top, width, height;
} part;

/* ---- chunks ---- */
static void put(unsigned char *to, uint32_t value) { to[0] = value >> 24 & 255, to[1] = value >> 16 & 255, to[2] = value >> 8 & 255, to[3] = value & 255; }
static uint32_t get(const unsigned char *from) { return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3]; }

/* Length, kind and first, then more, and the sum that guards both. */
static void write_chunk(FILE *f, const char *kind, const unsigned char *first, uint32_t first_length, const unsigned char *more, uint32_t length) {
  unsigned char number[4];
  uLong sum = crc32(crc32(0, (const Bytef *)kind, 4), first, first_length);
  if (length) sum = crc32(sum, more, length);
  put(number, first_length + length);
  fwrite(number, 1, 4, f), fwrite(kind, 1, 4, f), fwrite(first, 1, first_length, f);
  if (length) fwrite(more, 1, length, f);
  put(number, (uint32_t)sum);
  fwrite(number, 1, 4, f);
}

static void write_control(gkt_film *film, const part *p) {
  unsigned char data[26] = {0};
  const uint32_t numbers[5] = {(uint32_t)film->num_chunks++, (uint32_t)p->width, (uint32_t)p->height, (uint32_t)p->left, (uint32_t)p->top};
  for (int k = 0; k < 5; k++) put(data + 4 * k, numbers[k]);
  data[20] = (unsigned char)(film->milliseconds >> 8), data[21] = film->milliseconds & 255, data[22] = 1000 >> 8, data[23] = 1000 & 255;
  write_chunk(gkt_output_stream(film->out), "fcTL", data, sizeof data, NULL, 0);
}

static void write_count(gkt_film *film) {
  unsigned char data[8] = {0}; /* pictures; 0: over and over */
  put(data, (uint32_t)film->num_frames);
  write_chunk(gkt_output_stream(film->out), "acTL", data, sizeof data, NULL, 0);
}

/* The chunks of one picture's PNG. */
static void copy_chunks(gkt_film *film, const part *p) {
  FILE *f = gkt_output_stream(film->out);
  const bool first = film->num_frames == 0;
  unsigned char number[4];
  bool begun = false;
  for (gkt_size at = 8; at + 12 <= film->length;) {
    const unsigned char *chunk = film->png + at;
    const uint32_t length = get(chunk);
    if (first && !memcmp(chunk + 4, "IHDR", 4)) {
      fwrite(film->png, 1, 8, f), write_chunk(f, "IHDR", chunk + 8, length, NULL, 0);
      film->count_at = ftell(f), write_count(film);
    }
    if (!memcmp(chunk + 4, "IDAT", 4)) {
      if (!begun) write_control(film, p);
      begun = true;
      if (!first) put(number, (uint32_t)film->num_chunks++);
      if (first) write_chunk(f, "IDAT", chunk + 8, length, NULL, 0);
      else write_chunk(f, "fdAT", number, 4, chunk + 8, length);
    }
    at += 12 + (gkt_size)length;
  }
  film->num_frames++;
}

/* ---- pixels ---- */
static bool row_differs(const gkt_film *film, const unsigned char *now, int y) {
  return memcmp(now + (size_t)y * film->stride, film->before + (size_t)y * film->stride, 4 * (size_t)film->width) != 0;
}

static bool column_differs(const gkt_film *film, const unsigned char *now, int x, const part *p) {
  for (int y = p->top; y < p->top + p->height; y++)
    if (memcmp(now + (size_t)y * film->stride + 4 * (size_t)x, film->before + (size_t)y * film->stride + 4 * (size_t)x, 4) != 0) return true;
  return false;
}

/* One pixel where nothing changed: a picture is at least that. */
static part find_change(const gkt_film *film, const unsigned char *now) {
  int top = 0, bottom = film->height, left = 0, right = film->width;
  if (film->num_frames == 0) return (part){0, 0, film->width, film->height};
  while (top < bottom && !row_differs(film, now, top)) top++;
  while (bottom > top && !row_differs(film, now, bottom - 1)) bottom--;
  if (top == bottom) return (part){0, 0, 1, 1};
  const part rows = {0, top, film->width, bottom - top};
  while (!column_differs(film, now, left, &rows)) left++;
  while (!column_differs(film, now, right - 1, &rows)) right--;
  return (part){left, top, right - left, bottom - top};
}

static cairo_status_t keep_bytes(void *user, const unsigned char *data, unsigned length) {
  gkt_film *film = user;
  if (film->length + length > film->room) {
    film->room = 2 * film->room + length;
    if (gkt_realloc(film->ctx, film->room, 1, &film->png) != GKT_OK) return CAIRO_STATUS_NO_MEMORY;
  }
  memcpy(film->png + film->length, data, length);
  film->length += length;
  return CAIRO_STATUS_SUCCESS;
}

static gkt_status encode(gkt_film *film, unsigned char *pixels, const part *p) {
  cairo_surface_t *view = cairo_image_surface_create_for_data(pixels + (size_t)p->top * film->stride + 4 * (size_t)p->left, CAIRO_FORMAT_RGB24, p->width, p->height, film->stride);
  film->length = 0;
  const cairo_status_t status = cairo_surface_write_to_png_stream(view, keep_bytes, film);
  cairo_surface_destroy(view);
  if (status == CAIRO_STATUS_SUCCESS) return GKT_OK;
  return gkt_fail(film->ctx, status == CAIRO_STATUS_NO_MEMORY ? GKT_NO_MEMORY : GKT_LIBRARY, "%s: Cairo cannot write a picture of the film: %s", film->path,
                  cairo_status_to_string(status));
}

static gkt_status take_size(gkt_film *film, cairo_surface_t *image) {
  const int width = cairo_image_surface_get_width(image), height = cairo_image_surface_get_height(image);
  if (film->num_frames && (width != film->width || height != film->height))
    return gkt_fail(film->ctx, GKT_BAD_ARGUMENT, "%s: a picture of %d x %d pixels in a film of %d x %d", film->path, width, height, film->width, film->height);
  film->width = width, film->height = height, film->stride = cairo_image_surface_get_stride(image);
  return film->before ? GKT_OK : gkt_calloc(film->ctx, (gkt_size)film->stride * height, 1, &film->before);
}

gkt_status gkt_film_take(gkt_film *film, cairo_surface_t *image) {
  cairo_surface_flush(image);
  GKT_TRY(take_size(film, image));
  unsigned char *pixels = cairo_image_surface_get_data(image);
  const part p = find_change(film, pixels);
  GKT_TRY(encode(film, pixels, &p));
  copy_chunks(film, &p);
  memcpy(film->before, pixels, (size_t)film->stride * film->height);
  return GKT_OK;
}

/* ---- the film ---- */
gkt_status gkt_film_create(gkt_context *ctx, const char *path, double seconds, gkt_film **out) {
  gkt_film *film = NULL;
  gkt_status status;
  if (!(seconds >= 1e-3 && seconds <= 60)) return gkt_fail(ctx, GKT_BAD_INPUT, "%s: %g s for each picture of a film; expected 0.001 to 60", path, seconds);
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *film, &film));
  film->ctx = gkt_context_retain(ctx), film->milliseconds = (int)lround(1000 * seconds);
  GKT_GO(gkt_strdup(ctx, path, &film->path));
  GKT_GO(gkt_output_open(ctx, path, &film->out));
  *out = film;
  film = NULL;
done:
  gkt_film_destroy(&film);
  return status;
}

gkt_status gkt_film_add(gkt_film *film, const gkt_vtu_grid *grid, const gkt_scalar *values, const gkt_scalar *displacement, const gkt_picture_options *options) {
  return gkt_picture_write_on(film->ctx, &(gkt_canvas){film->path, film}, grid, values, displacement, options);
}

gkt_status gkt_film_finish(gkt_film **film) {
  gkt_film *f = *film;
  gkt_status status = GKT_OK;
  if (f->num_frames == 0) status = gkt_fail(f->ctx, GKT_BAD_ARGUMENT, "%s: a film without pictures", f->path);
  else {
    FILE *stream = gkt_output_stream(f->out);
    write_chunk(stream, "IEND", f->png, 0, NULL, 0);
    if (fseek(stream, f->count_at, SEEK_SET) != 0)
      status = gkt_fail(f->ctx, GKT_IO, "%s: a film needs a file, not a pipe: how many pictures it has is written at its end", f->path);
    else write_count(f), status = gkt_output_commit(&f->out);
  }
  gkt_film_destroy(film);
  return status;
}

void gkt_film_destroy(gkt_film **film) {
  gkt_film *f = *film;
  if (!f) return;
  gkt_output_discard(&f->out);
  gkt_free(&f->path), gkt_free(&f->before), gkt_free(&f->png);
  gkt_context_destroy(&f->ctx);
  gkt_free(film);
}
