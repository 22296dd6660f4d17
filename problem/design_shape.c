/* The shape as a control: the variables are displacements of boundaries, smoothed along them where the file has a filter, and extended into the mesh by elasticity. */
#include <math.h>
#include <string.h>

#include "problem/optimize.h"

gkt_design_control *gkt_design_shape(const struct gkt_design *d) {
  for (int i = 0; i < d->num_controls; i++)
    if (d->controls[i].extension) return &d->controls[i];
  return NULL;
}

static gkt_status create_extension(gkt_problem *p, gkt_design_control *c) {
  const gkt_shape_settings *s = &p->settings->optimize.shape;
  const char **moves = NULL;
  gkt_hold *holds = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(p->ctx, s->num_moves, sizeof *moves, &moves));
  GKT_GO(gkt_calloc(p->ctx, s->num_holds, sizeof *holds, &holds));
  for (int i = 0; i < s->num_moves; i++) moves[i] = s->moves[i].text;
  for (int i = 0; i < s->num_holds; i++) holds[i] = (gkt_hold){s->holds[i].text, s->components[i]};
  GKT_GO(gkt_extension_create(p->mesh, s->num_moves, moves, s->num_holds, holds, &c->extension));
done:
  gkt_free(&moves);
  gkt_free(&holds);
  return gkt_problem_place(p, status, &c->settings->name);
}

gkt_status gkt_design_add_shape(gkt_problem *p, gkt_design_control *c) {
  GKT_TRY(create_extension(p, c));
  if (c->filtered_by) GKT_TRY(gkt_problem_place(p, gkt_extension_filter(c->extension, c->filtered_by->radius), &c->filtered_by->name));
  c->size = gkt_extension_size(c->extension), c->num_values = (gkt_size)gkt_mesh_dim(p->mesh) * gkt_mesh_num_nodes(p->mesh);
  gkt_problem_hash_mesh(p, p->first_mesh);
  GKT_TRY(gkt_alloc(p->ctx, c->size, sizeof *c->smooth, &c->smooth));
  GKT_TRY(gkt_alloc(p->ctx, c->num_values, sizeof *c->values, &c->values));
  memcpy(c->values, gkt_mesh_coords(p->mesh), (size_t)c->num_values * sizeof *c->values);
  return GKT_OK;
}

static void describe_cell(const gkt_problem *p, const gkt_scalar *coords, gkt_idx cell, char *out, size_t size) {
  double x[3] = {0};
  const gkt_cell_block *block = gkt_mesh_block(p->mesh, 0);
  for (int b = 0; cell >= block->num_cells; block = gkt_mesh_block(p->mesh, ++b)) cell -= block->num_cells;
  for (int i = 0; i < block->nodes_per_cell; i++)
    for (int k = 0; k < p->dim; k++) x[k] += coords[(gkt_size)block->nodes[(gkt_size)cell * block->nodes_per_cell + i] * p->dim + k] / block->nodes_per_cell;
  snprintf(out, size, "(%.4g", x[0]);
  for (int k = 1; k < p->dim; k++) snprintf(out + strlen(out), size - strlen(out), ", %.4g", x[k]);
  snprintf(out + strlen(out), size - strlen(out), ")");
}

/* Nothing is solved on cells that are inside out: the mesh stays what it was. */
gkt_status gkt_design_set_shape(gkt_problem *p, gkt_design_control *c, int number, const gkt_scalar *x) {
  char place[96];
  gkt_idx turned;
  GKT_TRY(gkt_extension_smooth(c->extension, x, c->smooth));
  GKT_TRY(gkt_extension_apply(c->extension, c->smooth, c->values, &turned));
  p->design->is_whole = turned < 0;
  if (turned < 0) {
    gkt_problem_forget_spaces(p);
    return gkt_adjoint_set_control(p->design->adjoint, number, c->values);
  }
  describe_cell(p, c->values, turned, place, sizeof place);
  snprintf(p->reason, sizeof p->reason, "shape: a cell near %s would be inside out", place);
  return GKT_OK;
}

gkt_status gkt_design_take_back_shape(gkt_design_control *c, gkt_scalar *out) {
  memset(c->before, 0, (size_t)c->size * sizeof *c->before);
  GKT_TRY(gkt_extension_transpose(c->extension, c->slope, c->before));
  return gkt_extension_smooth_transpose(c->extension, c->before, out);
}
