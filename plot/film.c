/* Films: animated PNG. The pixels of later pictures stand in fdAT instead of IDAT, behind an fcTL each that says where they go and how long they stay (PNG Specification, third
   edition, 11.3.6). */
#include <cairo.h>
#include <math.h>
#include <string.h>

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
};
typedef struct { /* what changed */
  int left, top, width, height;
} part;

/* ---- chunks ---- */
static void write_control(gkt_film *film, const part *p) {
  const uint32_t numbers[5] = {(uint32_t)film->num_chunks++, (uint32_t)p->width, (uint32_t)p->height, (uint32_t)p->left, (uint32_t)p->top};
  const unsigned char delay[6] = {(unsigned char)(film->milliseconds >> 8), film->milliseconds & 255, 1000 >> 8, 1000 & 255};
  gkt_png_chunk(gkt_output_stream(film->out), "fcTL", 5, numbers, sizeof delay, delay);
}

/* Pictures; 0: over and over */
static void write_count(gkt_film *film) { gkt_png_chunk(gkt_output_stream(film->out), "acTL", 2, (const uint32_t[]){(uint32_t)film->num_frames, 0}, 0, NULL); }

static void write_picture(gkt_film *film, const part *p, gkt_size length, const unsigned char *data) {
  FILE *f = gkt_output_stream(film->out);
  const bool first = film->num_frames == 0;
  if (first) gkt_png_begin(f, film->width, film->height), film->count_at = ftell(f), write_count(film);
  write_control(film, p);
  const uint32_t number = first ? 0 : (uint32_t)film->num_chunks++;
  gkt_png_chunk(f, first ? "IDAT" : "fdAT", !first, &number, (size_t)length, data);
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
  const gkt_pixels changed = {p.width, p.height, film->stride, pixels + (size_t)p.top * film->stride + 4 * (size_t)p.left};
  unsigned char *data;
  gkt_size length;
  GKT_TRY(gkt_png_compress(film->ctx, &changed, &length, &data));
  write_picture(film, &p, length, data);
  gkt_free(&data);
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
    gkt_png_chunk(stream, "IEND", 0, NULL, 0, NULL);
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
  gkt_free(&f->path), gkt_free(&f->before);
  gkt_context_destroy(&f->ctx);
  gkt_free(film);
}
