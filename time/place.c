/* Where the vectors of a problem in time stand. Its start is found on the host; from there on they are on the device, where the system works there. */
#include "time/time.h"

enum { MOST_VECTORS = 26 };
static int list(gkt_time *t, gkt_vector **out[MOST_VECTORS]) {
  int n = 0;
  out[n++] = &t->u, out[n++] = &t->rate, out[n++] = &t->acceleration;
  for (int k = GKT_U0; k < GKT_NUM_PARTS; k++) out[n++] = &t->parts[k];
  for (int k = 0; k < GKT_MAX_STAGES; k++)
    for (int order = 0; order < 3; order++) out[n++] = &t->known[k][order];
  for (int k = 0; k < 3; k++) out[n++] = &t->past[k];
  out[n++] = &t->averaged[0], out[n++] = &t->averaged[1];
  out[n++] = &t->masses, out[n++] = &t->earlier_u, out[n++] = &t->start_rate, out[n++] = &t->earlier_acceleration;
  return n;
}

gkt_status gkt_time_move_vector(const gkt_time *t, gkt_where where, gkt_vector **v) {
  gkt_vector *moved = NULL;
  gkt_status status;
  if (!*v || gkt_vector_where(*v) == where) return GKT_OK;
  GKT_GO(gkt_vector_create_on(t->ctx, where, gkt_vector_size(*v), &moved));
  GKT_GO(gkt_vector_to(*v, moved));
  gkt_vector_destroy(v);
  *v = moved, moved = NULL;
done:
  gkt_vector_destroy(&moved);
  return status;
}

/* What states show, on the host, and where conditions hold. */
static gkt_status make_room(gkt_time *t, gkt_where where) {
  const gkt_layout *l = gkt_system_layout(t->system);
  for (int k = 0; where == GKT_ON_DEVICE && k < 3; k++)
    if (!t->shown[k]) GKT_TRY(gkt_system_vector(t->system, &t->shown[k]));
  gkt_mask_destroy(&t->constrained);
  return gkt_mask_create(t->ctx, where, l->num_owned, l->constrained, &t->constrained);
}

gkt_status gkt_time_move(gkt_time *t, gkt_where where) {
  gkt_vector **vectors[MOST_VECTORS];
  const int count = list(t, vectors);
  GKT_TRY(make_room(t, where));
  for (int k = 0; k < count; k++) GKT_TRY(gkt_time_move_vector(t, where, vectors[k]));
  return GKT_OK;
}

gkt_status gkt_time_settle(gkt_time *t) {
  gkt_where where;
  if (t->options.scheme.kind == GKT_SCHEME_ARC_LENGTH) return GKT_OK; /* paths are followed on the host */
  GKT_TRY(gkt_system_where(t->system, &where));
  return gkt_time_move(t, where);
}

/* A device that failed says so at the next call with a status; its values are none. */
static const gkt_vector *show(const gkt_vector *v, gkt_vector *on_host) {
  if (gkt_vector_where(v) == GKT_ON_HOST) return v;
  if (gkt_vector_to(v, on_host) != GKT_OK) gkt_vector_fill(on_host, NAN);
  return on_host;
}

gkt_state gkt_time_state(const gkt_time *t) {
  return (gkt_state){show(gkt_time_shown_u(t), t->shown[0]), show(t->rate, t->shown[1]), show(gkt_time_shown_acceleration(t), t->shown[2]), t->time};
}

void gkt_time_clear_place(gkt_time *t) {
  for (int k = 0; k < 3; k++) gkt_vector_destroy(&t->shown[k]);
  gkt_mask_destroy(&t->constrained);
}
