/* Meshes the open geometry. One thread: HXT's result would depend on how several interleave, and a mesh has to be the same from run to run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gmshc.h>

#include "mesher.h"

enum { DELAUNAY_3D = 1, HXT_3D = 10, MAX_TYPES = 32 };

static void set(const char *option, double value) {
  int error;
  gmshOptionSetNumber(option, value, &error);
  if (error) warning("Gmsh does not know its option %s", option);
}

/* Sizes around points: the smallest of the balls' counts. Outside them the field is silent (1e22). */
static void set_balls(const options *o, double scale) {
  static const char axes[3][8] = {"XCenter", "YCenter", "ZCenter"};
  double fields[MAX_BALLS];
  int error;
  for (int i = 0; i < o->num_balls; i++) {
    const int field = gmshModelMeshFieldAdd("Ball", -1, &error);
    fields[i] = field;
    for (int k = 0; k < 3; k++) gmshModelMeshFieldSetNumber(field, axes[k], o->balls[i].center[k] / scale, &error);
    gmshModelMeshFieldSetNumber(field, "Radius", o->balls[i].radius / scale, &error);
    gmshModelMeshFieldSetNumber(field, "VIn", o->balls[i].size / scale, &error);
    gmshModelMeshFieldSetNumber(field, "VOut", 1e22, &error);
  }
  if (!o->num_balls) return;
  const int least = gmshModelMeshFieldAdd("Min", -1, &error);
  gmshModelMeshFieldSetNumbers(least, "FieldsList", fields, (size_t)o->num_balls, &error);
  gmshModelMeshFieldSetAsBackgroundMesh(least, &error);
  if (error) warning("--refine-at: Gmsh does not take it");
}

/* A size in millimetres where metres are meant, or a model read in the wrong unit. */
static void question_size(double size, double diagonal) {
  if (size > diagonal) warning("--size is %.3g m, but the whole model is %.3g m across: is the size in metres?", size, diagonal);
  if (size < diagonal / 5000) warning("--size is %.3g m, and the model is %.3g m across, so the mesh will be huge: are its unit and the size right?", size, diagonal);
}

static void set_sizes(const options *o, const geometry *g) {
  double size = o->size / g->scale, least = o->min_size / g->scale;
  if (!(size > 0) && g->kind != GEO) {
    size = g->diagonal / 20;
    notice(o, "no --size is given: %.3g m is used, 1/20 of the diagonal", size * g->scale);
  }
  if (!(least > 0) && o->curvature && size > 0) least = size / 10;
  if (o->size > 0) question_size(o->size, g->diagonal * g->scale);
  if (size > 0) set("Mesh.MeshSizeMax", size);
  if (least > 0) set("Mesh.MeshSizeMin", least);
  if (o->curvature) set("Mesh.MeshSizeFromCurvature", o->curvature);
  set_balls(o, g->scale);
}

/* The first entity of the dimension without elements; 0: none (tags count from 1). */
static int first_empty(int dim) {
  size_t n;
  int *tags = geometry_entities(dim, &n), empty = 0, type;
  for (size_t i = 0; i < n && !empty; i++)
    if (geometry_elements(dim, tags[i], &type) == 0) empty = tags[i];
  gmshFree(tags);
  return empty;
}

/* Curved elements of a kind with a Jacobian that is not positive at one of their nodes. At a pyramid's apex (its fifth node) it is no number. */
static size_t num_folded_of(int type, int tag) {
  double *nodes = NULL, *jacobians = NULL, *determinants = NULL, *points = NULL;
  size_t nodes_n, jacobians_n, determinants_n = 0, points_n, folded = 0;
  char *name = NULL;
  int error, dim, order, count, corners;
  gmshModelMeshGetElementProperties(type, &name, &dim, &order, &count, &nodes, &nodes_n, &corners, &error);
  const int apex = !error && dim == 3 && corners == 5 ? 4 : -1;
  if (!error) gmshModelMeshGetJacobians(type, nodes, nodes_n, &jacobians, &jacobians_n, &determinants, &determinants_n, &points, &points_n, tag, 0, 1, &error);
  if (error) determinants_n = 0;
  for (size_t e = 0; e < determinants_n / (size_t)count; e++) {
    bool bad = false;
    for (int q = 0; q < count; q++) bad |= q != apex && !(determinants[(size_t)count * e + (size_t)q] > 0);
    folded += bad;
  }
  gmshFree(name), gmshFree(nodes), gmshFree(jacobians), gmshFree(determinants), gmshFree(points);
  return folded;
}

static size_t num_folded(int dim, int tag) {
  size_t num_types = 0, folded = 0;
  int *types = NULL, error;
  gmshModelMeshGetElementTypes(&types, &num_types, dim, tag, &error);
  for (size_t i = 0; !error && i < num_types; i++) folded += num_folded_of(types[i], tag);
  gmshFree(types);
  return folded;
}

static size_t count_folded(void) {
  size_t n, folded = 0;
  int *tags = geometry_entities(3, &n);
  for (size_t i = 0; i < n; i++) folded += num_folded(3, tags[i]);
  gmshFree(tags);
  return folded;
}

/* Following a curved face can turn an element of a coarse mesh inside out: Gmsh untangles what it can, and what is left is an error. */
static verdict unfold(const options *o) {
  int error;
  size_t folded = count_folded();
  if (!folded) return DONE;
  notice(o, "%zu curved elements are folded; untangling", folded);
  gmshModelMeshOptimize("HighOrder", 0, 1, NULL, 0, &error);
  folded = count_folded();
  return folded ? fail("%zu elements of order 2 stay folded on curved faces: choose a smaller --size, --curvature 12 or more, or --order 1", folded) : DONE;
}

/* Whether quadrilaterals lie on the faces, once these are meshed. */
static bool has_quadrilaterals(void) {
  enum { QUADRILATERAL = 3, OF_9_NODES = 10, OF_8_NODES = 16 };
  int *types = NULL, error;
  size_t num_types = 0;
  bool found = false;
  gmshModelMeshGenerate(2, &error);
  gmshModelMeshGetElementTypes(&types, &num_types, 2, -1, &error);
  for (size_t i = 0; i < num_types; i++) found |= types[i] == QUADRILATERAL || types[i] == OF_9_NODES || types[i] == OF_8_NODES;
  gmshFree(types);
  return found;
}

/* true: every entity of the dimension has elements. */
static bool attempt(int dim) {
  int error;
  gmshModelMeshGenerate(dim, &error);
  return !error && !first_empty(dim);
}

static verdict explain(const options *o, int dim) {
  const int face = first_empty(2), solid = dim == 3 ? first_empty(3) : 0; /* faces first: a solid fails because of them */
  if (!face && !solid) return fail("%s: meshing failed: %s", o->input, gmsh_error());
  if (face) return fail("%s: face %d could not be meshed; a smaller --size, or mending it in the CAD program, may help", o->input, face);
  return fail("%s: solid %d could not be filled: %s; a smaller --size, or mending it in the CAD program, may help", o->input, solid, gmsh_error());
}

verdict generate(const options *o, const geometry *g, int dim) {
  int error, type = 0;
  double algorithm;
  set_sizes(o, g);
  if (o->delaunay) set("Mesh.Algorithm3D", DELAUNAY_3D);
  if (o->order) set("Mesh.ElementOrder", o->order);
  gmshOptionGetNumber("Mesh.Algorithm3D", &algorithm, &error);
  const bool by_script = !first_empty(dim);
  if (!by_script && dim == 3 && g->kind == GEO && (int)algorithm == HXT_3D && has_quadrilaterals()) set("Mesh.Algorithm3D", DELAUNAY_3D); /* HXT cannot set pyramids on them */
  gmshOptionGetNumber("Mesh.Algorithm3D", &algorithm, &error);
  const bool may_retry = !by_script && dim == 3 && (int)algorithm == HXT_3D;
  watch_retries(may_retry);
  const bool meshed = by_script || attempt(dim);
  if (!meshed && may_retry && !first_empty(2)) return AGAIN;
  watch_retries(false);
  if (!meshed) return explain(o, dim);
  if (geometry_elements(dim, -1, &type) == 0) return fail("%s: the mesh is empty", o->input);
  if (by_script && o->order && o->order != element_order(type)) gmshModelMeshSetOrder(o->order, &error);
  geometry_elements(dim, -1, &type);
  return dim == 3 && element_order(type) > 1 ? unfold(o) : DONE;
}
