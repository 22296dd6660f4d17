#include <stdio.h>
#include <gmshc.h>

#include "mesher.h"

#ifdef __SANITIZE_ADDRESS__
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) { return 1; } /* OpenCASCADE leaves memory behind, which the end of the program frees */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "alloc_dealloc_mismatch=0"; } /* Gmsh 4.8 deletes an array of its prisms of order 2 as if it were one thing */
#endif

/* Before the geometry is read, so that a .geo file's own choices win over these. What Gmsh prints is read by the process that watches. */
static void set_defaults(void) {
  static const struct {
    const char *option;
    double value;
  } defaults[] = {{"General.Terminal", 1}, {"General.NumThreads", 1}, {"Mesh.Algorithm", 6}, {"Mesh.Algorithm3D", 10}, {"Mesh.RandomSeed", 1}};
  int error;
  for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) gmshOptionSetNumber(defaults[i].option, defaults[i].value, &error);
}

static const char *const plural[] = {"points", "edges", "faces", "solids"};

static void report(const options *o, const geometry *g, int dim) {
  size_t *tags = NULL, n = 0, params_n, coords_n;
  double *coords = NULL, *params = NULL;
  int error, type = 0;
  if (o->quiet) return;
  gmshModelMeshGetNodes(&tags, &n, &coords, &coords_n, &params, &params_n, -1, -1, 0, 0, &error);
  const size_t elements = geometry_elements(dim, -1, &type);
  say("%s: %zu nodes, %zu elements of order %d in %zu %s", o->output, n, elements, element_order(type), g->count[dim], plural[dim]);
  gmshFree(tags), gmshFree(coords), gmshFree(params);
}

static verdict mesh(const options *o, const geometry *g) {
  const int dim = o->dim ? o->dim : g->kind != GEO || g->count[3] ? 3 : g->count[2] ? 2 : 1;
  if (g->count[dim] == 0)
    return refuse("%s holds no %s (%zu solids, %zu faces, %zu edges)%s", o->input, plural[dim], g->count[3], g->count[2], g->count[1],
                  dim == 3 && g->count[2] ? ": export a closed solid, or mesh its faces with --dim 2" : "");
  verdict v = generate(o, g, dim);
  if (v == DONE) drop_construction_points(dim);
  watch_stage(WRITING);
  if (v == DONE) v = write_mesh(o, g);
  if (v == DONE) report(o, g, dim);
  return v;
}

static verdict run(const options *o) {
  geometry g;
  int error;
#if GMSH_API_VERSION_MAJOR > 4 || GMSH_API_VERSION_MINOR >= 9
  gmshInitialize(0, NULL, 0, 0, &error);
#else
  gmshInitialize(0, NULL, 0, &error);
#endif
  if (error) return fail("Gmsh does not start");
  set_defaults();
  verdict v = o->list ? DONE : try_output(o);
  if (v == DONE) v = geometry_open(o, &g);
  watch_stage(MESHING);
  if (v == DONE) v = o->list ? list_entities(o, &g) : mesh(o, &g);
  gmshFinalize(&error);
  return v;
}

int main(int argc, char **argv) {
  static options o;
  const bool settled = settle_addresses(argv);
  say_begin();
  const verdict v = options_parse(argc, argv, &o);
  if (v != DONE) return v;
  if (o.help) print_usage();
  else if (o.version) say("galerkit-mesh, with Gmsh %s", GMSH_API_VERSION);
  else {
    if (!settled) notice(&o, "addresses cannot be fixed here: the mesh of a CAD file may differ from run to run");
    return watch(&o, run);
  }
  return DONE;
}
