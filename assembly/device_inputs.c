/* Coordinates, constants and values of functions on a device. */
#include "assembly/device_inputs.h"

#include "assembly/elements.h"
#include "meshes/mesh.h"

bool gkt_assembler_reads(const gkt_assembler *a, int function) {
  for (int k = 0; k < a->num_maps; k++)
    if (gkt_map_has_work(a->maps[k]) && gkt_map_reads(a->maps[k], function)) return true;
  return false;
}

static gkt_status share_coords(gkt_device_inputs *in) {
  const gkt_size count = (gkt_size)gkt_mesh_num_nodes(in->a->mesh) * gkt_mesh_dim(in->a->mesh);
  void *at;
  GKT_TRY(gkt_device_share(in->device, gkt_mesh_coords(in->a->mesh), count, sizeof(gkt_scalar), "coordinates", &at));
  in->coords.at = at, in->coords.count = count, in->version = in->a->mesh->version;
  return GKT_OK;
}

gkt_status gkt_device_inputs_create(const gkt_assembler *a, gkt_device *device, gkt_device_inputs *in) {
  *in = (gkt_device_inputs){.a = a, .device = device};
  GKT_TRY(gkt_calloc(a->ctx, a->num_functions, sizeof *in->values, &in->values));
  GKT_TRY(gkt_calloc(a->ctx, a->num_functions, sizeof *in->values_now, &in->values_now));
  GKT_TRY(gkt_calloc(a->ctx, a->num_functions, sizeof *in->ties, &in->ties));
  GKT_TRY(gkt_device_ties_create(a, device, in->ties));
  for (int f = 0; f < a->num_functions; f++)
    if (gkt_assembler_reads(a, f)) GKT_TRY(gkt_device_alloc(device, gkt_space_num_dofs(a->spaces[f]), sizeof(gkt_scalar), "values of a field", &in->values[f]));
  GKT_TRY(share_coords(in));
  return gkt_device_alloc(device, gkt_scope_num_constants(a->form->scope), sizeof(gkt_scalar), "constants", &in->constants);
}

void gkt_device_inputs_clear(gkt_device_inputs *in) {
  if (!in->a) return;
  for (int f = 0; in->values && f < in->a->num_functions; f++) gkt_device_free(in->device, &in->values[f]);
  gkt_device_ties_clear(in->a, in->device, in->ties);
  gkt_device_unshare(in->device, in->coords.at);
  in->coords = (gkt_scalars){0};
  gkt_device_free(in->device, &in->constants);
  gkt_free(&in->ties);
  gkt_free(&in->values);
  gkt_free(&in->values_now);
}

gkt_size gkt_device_inputs_bytes(const gkt_device_inputs *in) {
  gkt_size count = in->coords.count + in->constants.count;
  for (int f = 0; f < in->a->num_functions; f++) count += in->values[f].count;
  return count * (gkt_size)sizeof(gkt_scalar);
}

/* Nodes that nobody was handed to move stay where they are. */
gkt_status gkt_device_inputs_send_coords(gkt_device_inputs *in) {
  const gkt_mesh *mesh = in->a->mesh;
  if (in->keeps_coords || (!mesh->moves && in->version == mesh->version)) return GKT_OK;
  in->version = mesh->version;
  return gkt_device_upload(in->device, gkt_mesh_coords(in->a->mesh), in->coords.at, in->coords.count * (gkt_size)sizeof(gkt_scalar));
}

gkt_status gkt_device_inputs_send(gkt_device_inputs *in, const gkt_inputs *inputs) {
  GKT_TRY(gkt_device_inputs_send_coords(in));
  GKT_TRY(gkt_device_ties_update(in->a, in->device, in->ties));
  for (int f = 0; f < in->a->num_functions; f++) {
    const gkt_scalars *own = &in->values[f];
    if (!own->at) continue;
    in->values_now[f] = inputs->where == GKT_ON_DEVICE ? inputs->values[f] : own->at;
    if (inputs->where == GKT_ON_HOST) GKT_TRY(gkt_device_upload(in->device, inputs->values[f], own->at, own->count * (gkt_size)sizeof(gkt_scalar)));
  }
  if (!inputs->constants) return GKT_OK;
  return gkt_device_upload(in->device, inputs->constants, in->constants.at, in->constants.count * (gkt_size)sizeof(gkt_scalar));
}
