/* Filters of designs: what is common to them. */
#include "adjoint/filter.h"

#include <string.h>

#include "spaces/space.h"

static const char *const words[] = {
#define X(name, word) word,
    GKT_FILTER_LIST(X)
#undef X
};

gkt_status gkt_filter_read(gkt_context *ctx, const char *word, gkt_filter_kind *out) {
  int number;
  GKT_NEED(ctx, word, "word");
  GKT_NEED(ctx, out, "place for the kind");
  GKT_TRY(gkt_find_word(ctx, "filter", word, GKT_NUM_FILTERS, words, &number));
  *out = (gkt_filter_kind)number;
  return GKT_OK;
}

double gkt_filter_cell_size(const gkt_filter *f) {
  double volume = 0;
  for (gkt_idx i = 0; i < f->n; i++) volume += f->volumes[i];
  return pow(volume / f->n, 1.0 / f->dim);
}

gkt_status gkt_filter_too_small(const gkt_filter *f) {
  return gkt_fail(f->ctx, GKT_BAD_INPUT, "filter radius %g is below the size of the cells, %.3g: nothing would be averaged; expected 1.5 times that or more", f->radius,
                  gkt_filter_cell_size(f));
}

static bool has_masses(const gkt_space *space) {
  const gkt_element e = gkt_space_element(space);
  return (e.kind == GKT_DISCONTINUOUS_LAGRANGE && e.degree == 0) || (e.kind == GKT_LAGRANGE && e.degree == 1);
}

static gkt_status check(gkt_filter *f) {
  if (!has_masses(f->space) || gkt_space_block_size(f->space) != 1) return gkt_fail(f->ctx, GKT_BAD_INPUT, "filters serve scalar functions in DP0 or P1");
  if (f->kind < 0 || f->kind >= GKT_NUM_FILTERS) return gkt_fail(f->ctx, GKT_BAD_ARGUMENT, "filter: no such kind (%d)", (int)f->kind);
  if (!(f->radius > 0 && isfinite(f->radius))) return gkt_fail(f->ctx, GKT_BAD_INPUT, "filter radius is %g; expected a number above 0", f->radius);
  return GKT_OK;
}

/* ---- integrals of basis functions ---- */
gkt_status gkt_filter_measure(gkt_mesh *mesh, gkt_context *ctx, gkt_element element, const char *measure, double *out) {
  gkt_text text = {.ctx = ctx};
  gkt_status status;
  gkt_space *space = NULL;
  gkt_scope *scope = NULL;
  gkt_form *form = NULL;
  gkt_assembler *assembler = NULL;
  int number;
  GKT_GO(gkt_space_create(mesh, element, gkt_shape_scalar(), &space));
  GKT_GO(gkt_scope_create(ctx, gkt_mesh_dim(mesh), &scope));
  GKT_GO(gkt_scope_add_field(scope, "d", "w", gkt_shape_scalar(), element, &number));
  gkt_text_printf(&text, "w*%s", measure);
  GKT_GO(text.status);
  GKT_GO(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = text.data}, &form));
  const gkt_space *spaces[2] = {space, NULL};
  GKT_GO(gkt_assembler_create(form, mesh, spaces, &assembler));
  GKT_GO(gkt_assemble_vector(assembler, &(gkt_inputs){.spaces = spaces}, out));
done:
  gkt_text_free(&text);
  gkt_assembler_destroy(&assembler);
  gkt_form_destroy(&form);
  gkt_scope_destroy(&scope);
  gkt_space_destroy(&space);
  return status;
}

static gkt_status volume_of(const gkt_space *space, double *out) {
  gkt_mesh *mesh = gkt_space_mesh(space);
  double *cells = NULL;
  GKT_TRY(gkt_alloc(space->ctx, gkt_mesh_num_cells(mesh), sizeof *cells, &cells));
  const gkt_status status = gkt_filter_measure(mesh, space->ctx, (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 0}, "dx", cells);
  *out = 0;
  for (gkt_idx i = 0; status == GKT_OK && i < gkt_mesh_num_cells(mesh); i++) *out += cells[i];
  gkt_free(&cells);
  return status;
}

/* From nodes to dofs, in place. */
static void spread(gkt_idx nodes, int components, double *values) {
  for (gkt_idx i = nodes - 1; i >= 0; i--)
    for (int k = components - 1; k >= 0; k--) values[(gkt_size)i * components + k] = values[i];
}

gkt_status gkt_design_weights(const gkt_space *space, double *out) {
  const gkt_idx n = gkt_space_num_nodes(space);
  double volume;
  GKT_NEED(space->ctx, out, "array of weights");
  if (gkt_space_is_at_points(space)) GKT_TRY(gkt_space_weights(space, out));
  else if (has_masses(space)) GKT_TRY(gkt_filter_measure(gkt_space_mesh(space), space->ctx, gkt_space_element(space), "dx", out));
  else {
    GKT_TRY(volume_of(space, &volume));
    for (gkt_idx i = 0; i < n; i++) out[i] = volume / n;
  }
  spread(n, gkt_space_block_size(space), out);
  return GKT_OK;
}

static gkt_status build(gkt_filter *f) {
  GKT_TRY(check(f));
  GKT_TRY(gkt_alloc(f->ctx, f->n, sizeof *f->volumes, &f->volumes));
  GKT_TRY(gkt_filter_measure(gkt_space_mesh(f->space), f->ctx, gkt_space_element(f->space), "dx", f->volumes));
  return f->kind == GKT_FILTER_HELMHOLTZ ? gkt_helmholtz_create(f) : gkt_cone_create(f);
}

/* num_sets < 0: of the whole space */
static gkt_status create(const gkt_space *space, int num_sets, const char *const *sets, gkt_filter_kind kind, double radius, gkt_filter **out) {
  gkt_status status;
  gkt_filter *f = NULL;
  gkt_context *ctx = space->ctx;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *f, &f));
  *f = (gkt_filter){.ctx = gkt_context_retain(ctx), .kind = kind, .radius = radius, .dim = gkt_mesh_dim(gkt_space_mesh(space)), .n = gkt_space_num_nodes(space)};
  f->space = gkt_space_retain(space);
  GKT_GO(num_sets < 0 ? build(f) : gkt_filter_build_on(f, num_sets, sets));
done:
  if (status == GKT_OK) *out = f;
  else gkt_filter_destroy(&f);
  return status;
}

gkt_status gkt_filter_create(const gkt_space *space, gkt_filter_kind kind, double radius, gkt_filter **out) {
  GKT_NEED(space->ctx, out, "place for the filter");
  return create(space, -1, NULL, kind, radius, out);
}

gkt_status gkt_filter_create_on(const gkt_space *space, int num_sets, const char *const *sets, gkt_filter_kind kind, double radius, gkt_filter **out) {
  GKT_NEED(space->ctx, out, "place for the filter");
  GKT_NEED(space->ctx, sets, "names of sets");
  return create(space, num_sets < 0 ? 0 : num_sets, sets, kind, radius, out);
}

void gkt_filter_destroy(gkt_filter **filter) {
  gkt_filter *f = *filter;
  if (!f) return;
  gkt_cone_destroy(&f->cone);
  gkt_helmholtz_destroy(&f->helmholtz);
  gkt_boundary_filter_destroy(&f->on_sets);
  gkt_free(&f->places);
  gkt_free(&f->volumes);
  gkt_space_destroy((gkt_space **)&f->space);
  gkt_context_destroy(&f->ctx);
  gkt_free(filter);
}

const double *gkt_filter_volumes(const gkt_filter *f) { return f->volumes; }
gkt_size gkt_filter_size(const gkt_filter *f) { return f->n; }

static gkt_status check_arrays(const gkt_filter *f, const gkt_scalar *in, const gkt_scalar *out) {
  return in && out && in != out ? GKT_OK : gkt_fail(f->ctx, GKT_BAD_ARGUMENT, "filter: an array is missing, or one is in and out; expected two of %lld numbers", (long long)f->n);
}

gkt_status gkt_filter_apply(gkt_filter *f, const gkt_scalar *x, gkt_scalar *y) {
  GKT_TRY(check_arrays(f, x, y));
  if (f->places) return gkt_boundary_filter_apply(&f->on_sets, x, y);
  if (f->kind == GKT_FILTER_HELMHOLTZ) return gkt_helmholtz_apply(f, x, y);
  if (f->kind == GKT_FILTER_DENSITY) gkt_cone_apply(f, x, y);
  else memmove(y, x, (size_t)f->n * sizeof *y);
  return GKT_OK;
}

gkt_status gkt_filter_transpose(gkt_filter *f, const gkt_scalar *x, const gkt_scalar *g, gkt_scalar *out) {
  GKT_TRY(check_arrays(f, g, out));
  if (f->places) return gkt_boundary_filter_transpose(&f->on_sets, g, out);
  if (f->kind == GKT_FILTER_SENSITIVITY) GKT_TRY(check_arrays(f, x, out));
  if (f->kind == GKT_FILTER_HELMHOLTZ) return gkt_helmholtz_transpose(f, g, out);
  if (f->kind == GKT_FILTER_SENSITIVITY) gkt_cone_sensitivity(f, x, g, out);
  else gkt_cone_transpose(f, g, out);
  return GKT_OK;
}

/* ---- projection ---- */
static double whole(double beta, double eta) { return tanh(beta * eta) + tanh(beta * (1 - eta)); }

void gkt_project(double beta, double eta, gkt_size count, const gkt_scalar *x, gkt_scalar *y) {
  const double below = tanh(beta * eta), all = whole(beta, eta);
  for (gkt_size i = 0; i < count; i++) y[i] = (below + tanh(beta * (x[i] - eta))) / all;
}

void gkt_project_transpose(double beta, double eta, gkt_size count, const gkt_scalar *x, const gkt_scalar *g, gkt_scalar *out) {
  const double all = whole(beta, eta);
  for (gkt_size i = 0; i < count; i++) {
    const double t = tanh(beta * (x[i] - eta));
    out[i] += beta * (1 - t * t) / all * g[i];
  }
}

void gkt_project_second(double beta, double eta, gkt_size count, const gkt_scalar *x, const gkt_scalar *g, const gkt_scalar *direction, gkt_scalar *out) {
  const double all = whole(beta, eta);
  for (gkt_size i = 0; i < count; i++) {
    const double t = tanh(beta * (x[i] - eta));
    out[i] -= 2 * beta * beta * t * (1 - t * t) / all * g[i] * direction[i];
  }
}
