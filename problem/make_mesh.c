#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "problem/problem.h"

/* Messages name the geometry, not the file between. */
static gkt_status read_meshed(gkt_problem *p, const char *path) {
  const gkt_word *from = &p->settings->mesh.from;
  gkt_text name = {.ctx = p->ctx};
  char *data = NULL;
  size_t length;
  gkt_status status;
  gkt_text_printf(&name, "the mesh of %s", from->text);
  GKT_GO(name.status);
  GKT_GO(gkt_file_read(p->ctx, path, &data, &length));
  GKT_GO(gkt_problem_place(p, gkt_mesh_parse(p->ctx, name.data, data, length, &p->mesh), from));
done:
  gkt_free(&data);
  gkt_text_free(&name);
  return status;
}

static gkt_status mesh_geometry(gkt_problem *p) {
  char *path = NULL;
  GKT_TRY(gkt_problem_temporary(p, ".msh", "", &path));
  gkt_status status = gkt_problem_mesh_geometry(p, path);
  if (status == GKT_OK) status = read_meshed(p, path);
  unlink(path);
  gkt_free(&path);
  return status;
}

static gkt_status refine(gkt_problem *p) {
  const gkt_mesh_settings *m = &p->settings->mesh;
  gkt_word key = {NULL, gkt_yaml_get(m->from.at->parent, "refine")};
  double cells = gkt_mesh_num_cells(p->mesh) * exp2((double)m->refine * gkt_mesh_dim(p->mesh)); /* each becomes 2^dim */
  if (cells > INT32_MAX) return gkt_problem_refuse(p, GKT_BAD_INPUT, &key, "%.3g cells; expected less than 2^31", cells);
  for (int i = 0; i < m->refine; i++) {
    gkt_mesh *fine = NULL;
    GKT_TRY(gkt_problem_place(p, gkt_mesh_refine(p->mesh, &fine), &key));
    gkt_mesh_destroy(&p->mesh);
    p->mesh = fine;
  }
  return GKT_OK;
}

static gkt_status make(gkt_problem *p) {
  const gkt_mesh_settings *m = &p->settings->mesh;
  switch (m->kind) {
  case GKT_MESH_FILE: GKT_TRY(gkt_problem_place(p, gkt_mesh_read(p->ctx, m->path, &p->mesh), &m->from)); break;
  case GKT_MESH_GEOMETRY: GKT_TRY(mesh_geometry(p)); break;
  case GKT_MESH_BOX: GKT_TRY(gkt_problem_place(p, gkt_mesh_box(p->ctx, &m->box, &p->mesh), &m->from)); break;
  }
  return refine(p);
}

gkt_status gkt_problem_make_mesh(gkt_problem *p) {
  double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  GKT_TRY(gkt_problem_stage(p, "mesh"));
  if (!p->mesh_is_given) GKT_TRY(make(p));
  GKT_TRY(gkt_mesh_find_facets(p->mesh));
  p->timings[GKT_TIME_MESH] = gkt_seconds() - start, p->cpu[GKT_TIME_MESH] = gkt_cpu_seconds() - cpu;
  return GKT_OK;
}
