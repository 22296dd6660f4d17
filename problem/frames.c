/* Pictures and films over time. So that pictures compare, colours span the values of all of them and every one shows the same part of space: what they show is kept in a file
   without a name until the end, and drawn then. Where colours are given and nothing moves, numbered pictures are drawn at once. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "problem/optimize.h"

const char *gkt_problem_note(const gkt_problem *p, double time, char note[64]) {
  snprintf(note, 64, p->design && !p->settings->time.at ? "iteration %.0f" : "t = %.6g", time);
  return note;
}

/* Which output is now, from 0; what stands for its time. */
static bool is_of_design(const gkt_problem *p) { return p->design && !p->settings->time.at; }
static gkt_size number_of(const gkt_problem *p) { return is_of_design(p) ? p->designing.iterate.iteration : p->series.count - 1; }
static double time_of(const gkt_problem *p) { return is_of_design(p) ? p->designing.iterate.iteration : p->inputs.time; }

/* The design that a step of a continuation begins with is the last one of the step before, which has its picture. */
static bool is_seen(const gkt_problem *p) {
  if (!is_of_design(p) || p->design->history.count < 2) return false;
  const gkt_series *h = &p->design->history;
  return h->rows[(h->count - 2) * h->width + GKT_DESIGN_ITERATION] == h->rows[(h->count - 1) * h->width + GKT_DESIGN_ITERATION];
}
/* Is the mesh another from picture to picture? */
static bool has_shapes(const gkt_problem *p) { return p->design && gkt_design_shape(p->design); }

/* ---- what is kept ---- */
static gkt_status refuse_store(gkt_problem *p, const char *verb) {
  return gkt_fail(p->ctx, GKT_IO, "cannot %s a temporary file for pictures over time: %s", verb, strerror(errno));
}

/* In $TMPDIR; without a name, so that nothing is left however the program ends. */
static gkt_status open_store(gkt_problem *p) {
  char *path = NULL;
  GKT_TRY(gkt_problem_temporary(p, ".values", "", &path));
  p->frames.store = fopen(path, "w+b");
  const gkt_status status = p->frames.store ? GKT_OK : refuse_store(p, "open");
  unlink(path);
  gkt_free(&path);
  return status;
}

static void extend(gkt_moments *f, gkt_problem *p, const gkt_view_of_problem *v) {
  const double factor = gkt_problem_picture_options(p).warp;
  for (gkt_idx i = 0; i < v->grid.num_nodes; i++) {
    if (isfinite(v->color[i])) f->limits[0] = fmin(f->limits[0], v->color[i]), f->limits[1] = fmax(f->limits[1], v->color[i]);
    for (int k = 0; (v->warp || has_shapes(p)) && k < p->dim; k++) {
      const double at = v->grid.coords[(gkt_size)i * p->dim + k] + (v->warp ? factor * v->warp[(gkt_size)i * p->dim + k] : 0);
      f->room[k] = fmin(f->room[k], at), f->room[3 + k] = fmax(f->room[3 + k], at);
    }
  }
}

static void begin(gkt_moments *f, int dim) {
  f->limits[0] = INFINITY, f->limits[1] = -INFINITY;
  for (int k = 0; k < 3; k++) f->room[k] = k < dim ? INFINITY : 0, f->room[3 + k] = k < dim ? -INFINITY : 0;
}

static bool write_frame(const gkt_problem *p, const gkt_view_of_problem *v) {
  FILE *store = p->frames.store;
  const size_t n = (size_t)v->grid.num_nodes, nd = n * (size_t)p->dim;
  return fwrite(v->color, sizeof *v->color, n, store) == n && (!v->warp || fwrite(v->warp, sizeof *v->warp, nd, store) == nd) &&
         (!has_shapes(p) || fwrite(v->grid.coords, sizeof *v->grid.coords, nd, store) == nd);
}

/* coords [num_nodes][dim] become those of the frame where the mesh moves. */
static bool read_frame(const gkt_problem *p, gkt_view_of_problem *v, double *coords) {
  FILE *store = p->frames.store;
  const size_t n = (size_t)v->grid.num_nodes, nd = n * (size_t)p->dim;
  return fread(v->color, sizeof *v->color, n, store) == n && (!v->warp || fread(v->warp, sizeof *v->warp, nd, store) == nd) &&
         (!has_shapes(p) || fread(coords, sizeof *coords, nd, store) == nd);
}

static gkt_status keep(gkt_problem *p, struct gkt_frame frame, const gkt_view_of_problem *v) {
  gkt_moments *f = &p->frames;
  if (!f->store) GKT_TRY(open_store(p));
  if (f->count == 0) begin(f, p->dim);
  if (f->count == f->capacity) {
    GKT_TRY(gkt_realloc(p->ctx, 2 * (gkt_size)f->capacity + 64, sizeof *f->list, &f->list));
    f->capacity = 2 * f->capacity + 64;
  }
  if (!write_frame(p, v)) return refuse_store(p, "write");
  extend(f, p, v);
  f->list[f->count++] = frame;
  return GKT_OK;
}

/* ---- drawing ---- */
/* a.png: a_0012.png */
static gkt_status draw_numbered(gkt_problem *p, const struct gkt_frame *frame, const gkt_view_of_problem *v, gkt_picture_options options) {
  const char *file = p->settings->output.picture_file;
  gkt_text name = {.ctx = p->ctx};
  char *path = NULL, note[64];
  gkt_status status;
  options.note = gkt_problem_note(p, frame->time, note);
  gkt_text_printf(&name, "%.*s_%04d.png", (int)(strlen(file) - strlen(".png")), file, (int)frame->output);
  GKT_GO(name.status);
  GKT_GO(gkt_problem_out_path(p, name.data, &path));
  GKT_GO(gkt_picture_write(p->ctx, path, &v->grid, v->color, v->warp, &options));
done:
  gkt_text_free(&name);
  gkt_free(&path);
  return status;
}

gkt_status gkt_problem_add_frame(gkt_problem *p) {
  const gkt_output_settings *o = &p->settings->output;
  const gkt_size k = number_of(p);
  struct gkt_frame frame = {k, time_of(p), o->every && k % o->every == 0, o->film.file && k % o->film.every == 0};
  gkt_view_of_problem v;
  gkt_status status;
  if ((!frame.numbered && !frame.filmed) || is_seen(p)) return GKT_OK;
  GKT_GO(gkt_problem_view(p, &v));
  const gkt_picture_options options = gkt_problem_picture_options(p);
  if (frame.numbered && options.limits && !v.warp && !has_shapes(p)) {
    GKT_GO(draw_numbered(p, &frame, &v, options));
    frame.numbered = false;
  }
  if (frame.numbered || frame.filmed) GKT_GO(keep(p, frame, &v));
done:
  gkt_problem_view_clear(&v);
  return status;
}

/* The state at the end is the last picture of a film, whatever number it has. */
static gkt_status add_end(gkt_problem *p) {
  const gkt_size k = number_of(p);
  gkt_view_of_problem v;
  gkt_status status;
  if (!p->settings->output.film.file || k % p->settings->output.film.every == 0) return GKT_OK;
  GKT_GO(gkt_problem_view(p, &v));
  GKT_GO(keep(p, (struct gkt_frame){k, time_of(p), false, true}, &v));
done:
  gkt_problem_view_clear(&v);
  return status;
}

static gkt_status draw_frame(gkt_problem *p, const struct gkt_frame *frame, gkt_view_of_problem *v, double *coords, gkt_picture_options options, gkt_film *film) {
  char note[64];
  if (!read_frame(p, v, coords)) return refuse_store(p, "read");
  GKT_TRY(gkt_problem_stage(p, "pictures"));
  if (frame->numbered) GKT_TRY(draw_numbered(p, frame, v, options));
  options.note = gkt_problem_note(p, frame->time, note);
  options.width = 800, options.height = 600;
  return frame->filmed ? gkt_film_add(film, &v->grid, v->color, v->warp, &options) : GKT_OK;
}

static gkt_status draw_frames(gkt_problem *p, gkt_view_of_problem *v, gkt_film *film) {
  const gkt_moments *f = &p->frames;
  double *coords = NULL;
  gkt_status status = GKT_OK;
  gkt_picture_options options = gkt_problem_picture_options(p);
  if (!options.limits && f->limits[1] - f->limits[0] > 1e-12 * fmax(fabs(f->limits[0]), fabs(f->limits[1]))) options.limits = f->limits;
  if (v->warp || has_shapes(p)) options.room = f->room;
  if (fflush(f->store) || fseek(f->store, 0, SEEK_SET)) return refuse_store(p, "write");
  if (has_shapes(p)) {
    GKT_TRY(gkt_alloc(p->ctx, (gkt_size)v->grid.num_nodes * p->dim, sizeof *coords, &coords));
    v->grid.coords = coords;
  }
  for (int i = 0; i < f->count; i++) GKT_GO(draw_frame(p, &f->list[i], v, coords, options, film));
done:
  gkt_free(&coords);
  return status;
}

static gkt_status open_film(gkt_problem *p, gkt_film **film) {
  const gkt_output_settings *o = &p->settings->output;
  char *path = NULL;
  gkt_status status = GKT_OK;
  if (!o->film.file) return GKT_OK;
  GKT_GO(gkt_problem_out_path(p, o->film.file, &path));
  GKT_GO(gkt_film_create(p->ctx, path, o->film.seconds, film));
done:
  gkt_free(&path);
  return status;
}

gkt_status gkt_problem_finish_frames(gkt_problem *p) {
  gkt_view_of_problem v;
  gkt_film *film = NULL;
  gkt_status status;
  GKT_TRY(add_end(p));
  if (p->frames.count == 0) return GKT_OK;
  GKT_GO(gkt_problem_view(p, &v)); /* grid and room for values */
  GKT_GO(open_film(p, &film));
  GKT_GO(draw_frames(p, &v, film));
  if (film) GKT_GO(gkt_film_finish(&film));
done:
  gkt_film_destroy(&film);
  gkt_problem_view_clear(&v);
  gkt_problem_forget_frames(p);
  return status;
}

void gkt_problem_forget_frames(gkt_problem *p) {
  if (p->frames.store) fclose(p->frames.store);
  gkt_free(&p->frames.list);
  p->frames = (gkt_moments){.store = NULL};
}
