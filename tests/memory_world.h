/* What tests of systems without memory make and destroy: a mesh, a form and its system, and what stands on it. Included behind tests/failing_memory.h. */
#ifndef GKT_TESTS_MEMORY_WORLD_H
#define GKT_TESTS_MEMORY_WORLD_H
#include "core/core.h"
#include "galerkit/adjoint.h"
#include "galerkit/sample.h"
#include "galerkit/time.h"
#include "galerkit/time_adjoint.h"

typedef struct { /* NULL: not made */
  gkt_mesh *mesh;
  gkt_space *V, *at, *cells;
  gkt_scope *scope;
  gkt_form *form;
  gkt_expression *value, *update;
  gkt_system *system;
  gkt_vector *u;
  gkt_time *time, *again;
  gkt_trajectory *trajectory;
  gkt_gaussian *field;
  gkt_form *goal;
  gkt_adjoint *adjoint;
  gkt_functional *J;
} world;
typedef gkt_status world_step(gkt_context *, world *);

static inline void clear_world(world *w) {
  gkt_gaussian_destroy(&w->field);
  gkt_trajectory_destroy(&w->trajectory);
  gkt_time_destroy(&w->time), gkt_time_destroy(&w->again);
  gkt_functional_destroy(&w->J), gkt_adjoint_destroy(&w->adjoint), gkt_form_destroy(&w->goal);
  gkt_vector_destroy(&w->u);
  gkt_system_destroy(&w->system);
  gkt_expression_destroy(&w->value), gkt_expression_destroy(&w->update);
  gkt_form_destroy(&w->form);
  gkt_scope_destroy(&w->scope);
  gkt_space_destroy(&w->V), gkt_space_destroy(&w->at), gkt_space_destroy(&w->cells);
  gkt_mesh_destroy(&w->mesh);
}

/* An attempt for fail_each_in_turn. user: world_step *const [], ended by NULL, until one fails. */
static inline gkt_status run_in_world(gkt_context *ctx, void *user) {
  world w = {0};
  gkt_status status = GKT_OK;
  for (world_step *const *step = user; *step && status == GKT_OK; step++) status = (*step)(ctx, &w);
  if (status == GKT_OK && ctx->exhausted) status = GKT_NO_MEMORY; /* facts that memory was not enough to look for are no facts */
  clear_world(&w);
  return status;
}

static const gkt_context_options in_world = {.backend = GKT_BACKEND_INTERPRETER, .threads = 1};
#endif
