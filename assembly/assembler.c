/* Assemblers: the plan of all maps of a form and of their reduces. Execution: execute.c, batch.c. */
#include <string.h>

#include "assembly/backend.h"
#include "meshes/mesh.h"

/* ---- creation ---- */
static gkt_status make_maps(gkt_assembler *a) {
  int integrals = a->form->num_integrals, blocks = gkt_mesh_num_blocks(a->mesh);
  GKT_TRY(gkt_calloc(a->ctx, (gkt_size)integrals * blocks, sizeof *a->maps, &a->maps));
  GKT_TRY(gkt_calloc(a->ctx, (gkt_size)integrals * blocks, sizeof *a->kernels, &a->kernels));
  GKT_TRY(gkt_calloc(a->ctx, (gkt_size)integrals * blocks * gkt_form_num_fields(a->form, 0) * gkt_form_num_fields(a->form, 1), sizeof *a->adders, &a->adders));
  for (int i = 0; i < integrals; i++)
    for (int b = 0; b < blocks; b++) {
      GKT_TRY(gkt_map_create(a->form, i, a->mesh, b, a->spaces, a->num_maps, &a->maps[a->num_maps]));
      a->num_maps++;
    }
  return GKT_OK;
}

/* Of several fields; sets of a batch of one field are added map by map, and each of them has the bits that it has alone. */
static void share_tensors(const gkt_assembler *a) {
  if (gkt_form_num_fields(a->form, 0) * gkt_form_num_fields(a->form, 1) == 1) return;
  for (int k = 0; k < a->num_maps; k++)
    for (int j = 0; j < k && a->maps[k]->into < 0; j++)
      if (a->maps[j]->into < 0) gkt_map_add_into(a->maps[k], a->maps[j]);
  for (int k = 0; k < a->num_maps; k++)
    if (a->maps[k]->into >= 0) gkt_map_take_places(a->maps[k], a->maps[a->maps[k]->into]);
}

bool gkt_map_has_work(const gkt_map *m) { return m->num_groups > 0 && m->num_couplings > 0; }

static gkt_status check_calls(const gkt_assembler *a, const gkt_backend_ops *backend) {
  for (int k = 0; k < a->num_maps && !backend->calls_program; k++)
    if (gkt_pointwise_num_calls(a->maps[k]->pointwise))
      return gkt_fail(a->ctx, GKT_UNAVAILABLE, "'%s' is a function of this program, which a GPU cannot call; expected the cpu or interpreter backend",
                      gkt_pointwise_call_name(a->maps[k]->pointwise, 0));
  return GKT_OK;
}

gkt_status gkt_assembler_source(const gkt_assembler *a, int integral, gkt_backend backend, bool sets, gkt_text *text) {
  const bool keeps = backend == GKT_BACKEND_CPU && !a->ctx->options.separate_rounding; /* with it bits are those of a device */
  GKT_TRY(check_calls(a, gkt_backend_row(backend)));
  gkt_map_emit_prelude(backend, text);
  for (int k = 0; k < a->num_maps; k++)
    if (gkt_map_has_work(a->maps[k]) && (integral < 0 || a->maps[k]->integral == &a->form->integrals[integral])) {
      gkt_map_emit(a->maps[k], (gkt_map_text){.sets = sets, .keeps = keeps}, text);
      for (int c = 0; c < a->maps[k]->num_couplings && backend == GKT_BACKEND_CPU && !sets && a->maps[k]->into < 0; c++)
        if (gkt_reduce_takes_sets(a->targets.all[a->maps[k]->couplings[c].target].reduce)) gkt_map_emit_add(a->maps[k], c, text);
    }
  return text->status;
}

static gkt_status copy_spaces(gkt_assembler *a, const gkt_space *const *spaces) {
  a->num_functions = gkt_form_num_functions(a->form);
  GKT_TRY(gkt_unless_exhausted(a->ctx, GKT_OK)); /* the cautious answer is more than callers have */
  GKT_TRY(gkt_spaces_retain(a->ctx, a->num_functions, spaces, &a->spaces));
  return gkt_alloc(a->ctx, a->num_functions, sizeof *a->set_values, &a->set_values);
}

static gkt_status copy_ties(gkt_assembler *a, const gkt_ties *const *ties) {
  GKT_TRY(gkt_calloc(a->ctx, a->num_functions, sizeof *a->ties, &a->ties));
  for (int f = 0; ties && f < a->num_functions; f++) a->ties[f] = ties[f];
  return GKT_OK;
}

gkt_status gkt_assembler_create(const gkt_form *form, gkt_mesh *mesh, const gkt_space *const *spaces, gkt_assembler **out) {
  return gkt_assembler_create_tied(form, mesh, spaces, NULL, out);
}

void gkt_assembler_name_target(const gkt_assembler *a, int target, size_t size, char *what) {
  static const char *const results[] = {"number", "vector", "matrix"};
  const int columns = a->targets.num_fields[1];
  int n = snprintf(what, size, "%s", results[a->form->arity]);
  for (int w = 0; w < a->form->arity && a->targets.count > 1 && n < (int)size; w++)
    n += snprintf(what + n, size - (size_t)n, w ? ", %s" : " (%s",
                  gkt_scope_function_name(a->form->scope, a->form->arguments[w].functions[w ? target % columns : target / columns]));
  if (a->form->arity && a->targets.count > 1 && n < (int)size) snprintf(what + n, size - (size_t)n, ")");
}

bool gkt_assembler_turns(const gkt_assembler *a) {
  for (int f = 0; f < a->num_functions; f++)
    if (a->ties[f] && gkt_ties_turns(a->ties[f])) return true;
  return false;
}

gkt_status gkt_assembler_create_tied(const gkt_form *form, gkt_mesh *mesh, const gkt_space *const *spaces, const gkt_ties *const *ties, gkt_assembler **out) {
  gkt_context *ctx = form->scope->ctx;
  gkt_assembler *a = NULL;
  const gkt_backend_ops *backend;
  gkt_status status;
  if (form->scope->dim != gkt_mesh_dim(mesh))
    return gkt_fail(ctx, GKT_BAD_ARGUMENT, "assembler: the form is written for %d dimensions, the mesh has %d", form->scope->dim, gkt_mesh_dim(mesh));
  GKT_TRY(gkt_backend_find(ctx, &backend));
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *a, &a));
  a->ctx = ctx, a->form = gkt_form_retain(form), a->mesh = gkt_mesh_retain(mesh), a->backend = backend;
  GKT_GO(gkt_flat_check(form->scope, mesh));
  GKT_GO(copy_spaces(a, spaces));
  GKT_GO(copy_ties(a, ties));
  GKT_GO(make_maps(a));
  GKT_GO(check_calls(a, backend));
  share_tensors(a);
  double start = gkt_seconds();
  GKT_GO(gkt_targets_create(form, mesh, a->spaces, a->ties, backend->on_device, a->num_maps, a->maps, &a->targets));
  a->info.pattern_seconds = gkt_seconds() - start;
  a->info.backend = backend->name;
  GKT_GO(backend->plan(a));
done:
  if (status == GKT_OK) *out = a;
  else gkt_assembler_destroy(&a);
  return status;
}

void gkt_assembler_destroy(gkt_assembler **assembler) {
  gkt_assembler *a = *assembler;
  if (!a) return;
  a->backend->destroy(a);
  for (int k = 0; k < a->num_maps; k++) gkt_map_destroy(&a->maps[k]);
  gkt_free(&a->maps);
  gkt_free(&a->kernels);
  gkt_free(&a->adders);
  gkt_spaces_release(a->num_functions, &a->spaces);
  gkt_free(&a->ties);
  gkt_free(&a->set_values);
  gkt_targets_clear(&a->targets);
  gkt_mesh_destroy(&a->mesh);
  gkt_form_destroy(&a->form); /* and with it, perhaps, the context */
  gkt_free(assembler);
}

const gkt_form *gkt_assembler_form(const gkt_assembler *a) { return a->form; }
void gkt_assembler_get_info(const gkt_assembler *a, gkt_assembler_info *out) { *out = a->info; }

gkt_status gkt_assembler_matrix(gkt_assembler *a, gkt_csr **out) {
  if (a->form->arity != 2) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "assembly: a form of arity %d has no matrix", a->form->arity);
  return gkt_targets_matrix(&a->targets, out);
}
