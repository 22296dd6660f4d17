/* Claim: a film is an animated PNG whose pictures, put together as browsers do, are those that gkt_picture_write makes, pixel by pixel, though of later ones only what changed is
   stored; one that is not finished leaves no file; graphs have a curve for each array, gaps where values are not finite; odd requests are refused. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cairo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "core/core.h"
#include "galerkit/plot.h"

/* Fontconfig keeps what Cairo asked it for until the process ends. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libfontconfig\n"; }

enum { WIDTH = 240, HEIGHT = 180, FRAMES = 4 };
static const double flat[] = {0, 0, 1, 0, 1, 1, 0, 1};
static const gkt_idx two[] = {0, 1, 2, 0, 2, 3};
static const gkt_vtu_block two_block = {GKT_TRIANGLE, 1, 3, 2, two};
static const gkt_vtu_grid square = {.dim = 2, .num_nodes = 4, .coords = flat, .num_blocks = 1, .blocks = &two_block};
static const double values[FRAMES][4] = {{0, 1, 2, 1}, {0, 1, 2, 1}, {0.5, 1, 2, 1}, {2, 1, 0, NAN}}; /* the second is the first again, but for its note */
static const char *const notes[FRAMES] = {"t = 0", "t = 0", "t = 1", "t = 2"};
static const double limits[2] = {0, 2};

static gkt_context *ctx;
static char folder[] = "/tmp/gkt_t745_XXXXXX", film_path[64], path[64];

static int set_up(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return 1;
  snprintf(film_path, sizeof film_path, "%s/film.png", folder);
  snprintf(path, sizeof path, "%s/a.png", folder);
  return gkt_context_create(&(gkt_context_options){.poison = true}, &ctx);
}
static int tear_down(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  unlink(path), unlink(film_path);
  return rmdir(folder); /* fails if a temporary is left */
}
static void ok(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}
static gkt_picture_options options_of(int frame) { return (gkt_picture_options){.title = "Film", .note = notes[frame], .limits = limits, .width = WIDTH, .height = HEIGHT}; }

/* ---- a player ---- */
typedef struct {
  unsigned char data[1 << 16];
  size_t length, at;
} bytes;
static uint32_t number(const unsigned char *p) { return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]; }
static void append(bytes *b, const void *data, size_t length) {
  assert_true(b->length + length <= sizeof b->data);
  memcpy(b->data + b->length, data, length);
  b->length += length;
}
static void append_chunk(bytes *b, const char *kind, const unsigned char *data, uint32_t length) {
  unsigned char n[4] = {length >> 24 & 255, length >> 16 & 255, length >> 8 & 255, length & 255};
  append(b, n, 4), append(b, kind, 4), append(b, data, length);
  const uLong sum = crc32(crc32(0, (const Bytef *)kind, 4), data, length);
  for (int k = 0; k < 4; k++) n[k] = (unsigned char)(sum >> (24 - 8 * k) & 255);
  append(b, n, 4);
}
static cairo_status_t take(void *user, unsigned char *to, unsigned length) {
  bytes *b = user;
  memcpy(to, b->data + b->at, length);
  b->at += length;
  return CAIRO_STATUS_SUCCESS;
}
static uint32_t pixel_of(cairo_surface_t *s, int x, int y) {
  uint32_t p;
  memcpy(&p, cairo_image_surface_get_data(s) + (size_t)y * (size_t)cairo_image_surface_get_stride(s) + 4 * (size_t)x, 4);
  return p & 0xffffff;
}

static uint32_t screen[HEIGHT][WIDTH];
typedef struct {
  uint32_t width, height, left, top;
} control;

/* A PNG of the picture's own, onto the screen. */
static void show(bytes *png, const control *c) {
  append_chunk(png, "IEND", png->data, 0);
  cairo_surface_t *part = cairo_image_surface_create_from_png_stream(take, png);
  assert_int_equal(cairo_surface_status(part), CAIRO_STATUS_SUCCESS);
  assert_true(c->left + c->width <= WIDTH && c->top + c->height <= HEIGHT);
  for (uint32_t y = 0; y < c->height; y++)
    for (uint32_t x = 0; x < c->width; x++) screen[c->top + y][c->left + x] = pixel_of(part, (int)x, (int)y);
  cairo_surface_destroy(part);
}

static void expect_picture(int frame) {
  const gkt_picture_options o = options_of(frame);
  ok(gkt_picture_write(ctx, path, &square, values[frame], NULL, &o));
  cairo_surface_t *image = cairo_image_surface_create_from_png(path);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      if (screen[y][x] != pixel_of(image, x, y)) fail_msg("picture %d, pixel (%d,%d): %06x, expected %06x", frame, x, y, screen[y][x], pixel_of(image, x, y));
  cairo_surface_destroy(image);
}

static void begin_picture(bytes *png, const unsigned char *film, unsigned char *header, const control *c) {
  png->length = png->at = 0;
  append(png, film, 8);
  for (int k = 0; k < 4; k++) header[k] = (unsigned char)(c->width >> (24 - 8 * k) & 255), header[4 + k] = (unsigned char)(c->height >> (24 - 8 * k) & 255);
  append_chunk(png, "IHDR", header, 13);
}

/* Chunk by chunk: sums, numbers in sequence, each picture shown where the next begins. */
static void play(const unsigned char *film, size_t length) {
  static bytes png;
  unsigned char header[13];
  control c = {0};
  uint32_t sequence = 0, announced = 0;
  int shown = -1;
  for (size_t at = 8; at < length;) {
    const unsigned char *data = film + at + 8;
    const uint32_t n = number(film + at);
    const char *kind = (const char *)film + at + 4;
    assert_true(at + 12 + n <= length);
    assert_true(number(data + n) == (uint32_t)crc32(0, film + at + 4, n + 4));
    if (!memcmp(kind, "IHDR", 4)) memcpy(header, data, 13);
    if (!memcmp(kind, "acTL", 4)) announced = number(data);
    if ((!memcmp(kind, "fcTL", 4) || !memcmp(kind, "IEND", 4)) && shown >= 0) show(&png, &c), expect_picture(shown);
    if (!memcmp(kind, "fcTL", 4)) {
      assert_true(number(data) == sequence++);
      c = (control){number(data + 4), number(data + 8), number(data + 12), number(data + 16)};
      assert_true(data[20] == 0 && data[21] == 250 && data[22] == 3 && data[23] == 232); /* 250/1000 s */
      begin_picture(&png, film, header, &c), shown++;
      if (shown == 1) assert_true(c.width == 1 && c.height == 1); /* nothing changed */
      if (shown == 2) assert_true(c.width < WIDTH && c.height < HEIGHT);
    }
    if (!memcmp(kind, "IDAT", 4)) append_chunk(&png, "IDAT", data, n);
    if (!memcmp(kind, "fdAT", 4)) {
      assert_true(number(data) == sequence++);
      append_chunk(&png, "IDAT", data + 4, n - 4);
    }
    at += 12 + (size_t)n;
  }
  assert_true(shown == FRAMES - 1 && announced == FRAMES);
}

static void films_show_their_pictures(void **state) {
  (void)state;
  gkt_film *film;
  char *data;
  size_t length;
  ok(gkt_film_create(ctx, film_path, 0.25, &film));
  for (int k = 0; k < FRAMES; k++) {
    const gkt_picture_options o = options_of(k);
    ok(gkt_film_add(film, &square, values[k], NULL, &o));
  }
  assert_int_not_equal(access(film_path, F_OK), 0);
  ok(gkt_film_finish(&film));
  assert_null(film);
  ok(gkt_file_read(ctx, film_path, &data, &length));
  play((unsigned char *)data, length);
  gkt_free(&data);
}

static void refused(gkt_status status, gkt_status expected, const char *part) {
  if (status != expected || !strstr(gkt_context_message(ctx), part)) fail_msg("%d: %s; expected %s", (int)status, gkt_context_message(ctx), part);
  gkt_context_clear(ctx);
}

static void odd_films_are_refused(void **state) {
  (void)state;
  const gkt_picture_options o = options_of(0);
  gkt_picture_options other = o;
  gkt_film *film;
  unlink(film_path);
  refused(gkt_film_create(ctx, film_path, 0, &film), GKT_BAD_INPUT, "0.001 to 60");
  refused(gkt_film_create(ctx, "/nowhere/film.png", 1, &film), GKT_IO, "/nowhere/film.png");
  ok(gkt_film_create(ctx, film_path, 1, &film));
  refused(gkt_film_finish(&film), GKT_BAD_ARGUMENT, "without pictures");
  ok(gkt_film_create(ctx, film_path, 1, &film));
  ok(gkt_film_add(film, &square, values[0], NULL, &o));
  other.width = 200;
  refused(gkt_film_add(film, &square, values[0], NULL, &other), GKT_BAD_ARGUMENT, "a picture of 200 x 180 pixels in a film of 240 x 180");
  other = o, other.limits = (const double[]){1, 1};
  refused(gkt_film_add(film, &square, values[0], NULL, &other), GKT_BAD_INPUT, "colours from 1 to 1");
  gkt_film_destroy(&film);
  gkt_film_destroy(&film);
  assert_int_not_equal(access(film_path, F_OK), 0);
}

/* The value 2 of colours from 0 to 4 is their middle; a box with room around leaves the square small. */
static void limits_and_room_hold(void **state) {
  (void)state;
  static const double twos[] = {2, 2, 2, 2}, wide[2] = {0, 4}, room[6] = {-4, -4, 0, 5, 5, 0};
  const gkt_picture_options o = {.limits = wide, .room = room, .width = WIDTH, .height = HEIGHT};
  ok(gkt_picture_write(ctx, path, &square, twos, NULL, &o));
  cairo_surface_t *image = cairo_image_surface_create_from_png(path);
  int count = 0;
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH / 2 + 30; x++) count += pixel_of(image, x, y) == 0x21918c; /* (33, 145, 140), the middle of viridis */
  if (count < 100 || count > 600) fail_msg("%d pixels of the middle colour", count);     /* (side/9)^2 of a side of 160 pixels is 316 */
  cairo_surface_destroy(image);
}

static bool is_near(uint32_t p, int red, int green, int blue) { return abs((int)(p >> 16) - red) <= 2 && abs((int)(p >> 8 & 255) - green) <= 2 && abs((int)(p & 255) - blue) <= 2; }

static void graphs_have_their_curves(void **state) {
  (void)state;
  const double x[] = {0, 1, 2, 3, 4}, a[] = {1, 1, 1, 1, 1}, b[] = {0, 0, NAN, 0, 0};
  const gkt_graph_curve curves[] = {{"a", a}, {"b", b}};
  ok(gkt_graph_write(ctx, path, 5, x, 2, curves, &(gkt_picture_options){.title = "Two", .label = "t"}));
  cairo_surface_t *image = cairo_image_surface_create_from_png(path);
  int first = 0, second = 0, in_gap = 0; /* pixels of their colours: below the legend, b between x = 1.2 and 2.8 */
  for (int y = 110; y < 800; y++)
    for (int px = 80; px < 1140; px++) {
      const uint32_t p = pixel_of(image, px, y);
      first += is_near(p, 48, 105, 143), second += is_near(p, 214, 94, 0), in_gap += is_near(p, 214, 94, 0) && px > 420 && px < 800;
    }
  if (first < 800 || second < 300 || second > 2 * first || in_gap) fail_msg("%d pixels of a, %d of b, %d in its gap", first, second, in_gap);
  cairo_surface_destroy(image);
  refused(gkt_graph_write(ctx, path, 5, x, 0, curves, NULL), GKT_BAD_ARGUMENT, "expected 1 to 8");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(films_show_their_pictures), cmocka_unit_test(odd_films_are_refused), cmocka_unit_test(limits_and_room_hold),
                                     cmocka_unit_test(graphs_have_their_curves)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
