/* Opens a geometry, and says how many metres its unit is. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <gmshc.h>

#include "mesher.h"

static bool find_kind(const char *path, geometry *g) {
  static const struct {
    const char *extension;
    file_kind kind;
  } kinds[] = {{".step", STEP}, {".stp", STEP}, {".iges", IGES}, {".igs", IGES}, {".brep", BREP}, {".geo", GEO}};
  const char *dot = strrchr(path, '.');
  for (size_t i = 0; dot && i < sizeof kinds / sizeof *kinds; i++)
    if (!strcasecmp(dot, kinds[i].extension)) {
      g->kind = kinds[i].kind, g->extension = kinds[i].extension;
      return true;
    }
  return false;
}

/* STEP and IGES state their unit, and OpenCASCADE converts it to millimetres: the model is meshed in those, where CAD tolerances were meant, and scaled when it is written. */
static double choose_scale(const options *o, file_kind kind) {
  const char *stated = kind == STEP ? step_unit(o->input) : NULL;
  if (kind == BREP || kind == GEO) return o->unit ? unit_in_metres(o->unit) : 1;
  if (o->unit && stated && strcmp(o->unit, stated)) warning("%s states its unit as %s, --unit says %s; the file's own %s is used", o->input, stated, o->unit, stated);
  if (o->unit && !stated) notice(o, "%s: the file states its own unit, which is used; --unit %s is not", o->input, o->unit);
  return 1e-3;
}

static verdict check_readable(const options *o) {
  FILE *f = fopen(o->input, "rb");
  if (!f) return refuse("cannot open %s: %s", o->input, strerror(errno));
  errno = 0;
  const int c = fgetc(f), error = errno;
  fclose(f);
  return c != EOF ? DONE : refuse("cannot read %s: %s", o->input, error ? strerror(error) : "the file is empty");
}

/* Gmsh reads a script by lines, and of a last line without a line break often only the first statement: what follows would be missing without a word. */
static verdict check_last_line(const options *o) {
  FILE *f = fopen(o->input, "rb");
  bool ended = false, more = false;
  for (int c; f && (c = fgetc(f)) != EOF;) {
    more = c != '\n' && (more || (ended && !strchr(" \t\r", c)));
    ended = c != '\n' && (ended || c == ';');
  }
  if (f) fclose(f);
  return more ? refuse("%s: the last line has no line break at its end, and Gmsh may leave out what stands behind its first ';'; expected a line break", o->input) : DONE;
}

static void measure(geometry *g) {
  double b[6];
  int error;
  for (int d = 0; d < 4; d++) gmshFree(geometry_entities(d, g->count + d));
  gmshModelGetBoundingBox(-1, -1, b, b + 1, b + 2, b + 3, b + 4, b + 5, &error);
  g->diagonal = error ? 0 : sqrt(pow(b[3] - b[0], 2) + pow(b[4] - b[1], 2) + pow(b[5] - b[2], 2));
  if (!isfinite(g->diagonal)) g->diagonal = 0;
}

static int ascending(const void *a, const void *b) { return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b); }

int *geometry_entities(int dim, size_t *count) {
  int *tags = NULL, error;
  size_t n = 0;
  gmshModelGetEntities(&tags, &n, dim, &error);
  if (error) n = 0;
  for (size_t i = 0; i < n / 2; i++) tags[i] = tags[2 * i + 1];
  *count = n / 2;
  if (n) qsort(tags, n / 2, sizeof *tags, ascending);
  return tags;
}

static bool open_file(const options *o, const geometry *g) {
  const char *path = g->kind == GEO ? o->input : settle_file(o, g->extension);
  int error;
  if (path != o->input) watch_temporary(0, path);
  gmshOpen(path, &error);
  if (path != o->input) unlink(path);
  watch_temporary(0, NULL);
  if (error) refuse("%s: Gmsh cannot read it: %s", o->input, gmsh_error());
  return !error;
}

/* IGES holds the faces of a solid one by one, as some STEP and BREP files do: where they close up to a tolerance, they are sewn into solids. */
static void sew_faces(const options *o, geometry *g) {
  static const double tolerances[] = {1e-6, 1e-5, 1e-4};
  size_t faces = g->count[2];
  if (g->kind == GEO || g->count[3] || !faces) return;
  for (size_t i = 0; i < sizeof tolerances / sizeof *tolerances && !g->count[3]; i++) {
    int *healed = NULL, error = 0;
    size_t n = 0;
    gmshModelOccHealShapes(&healed, &n, NULL, 0, tolerances[i] * g->diagonal, 0, 0, 0, 1, 1, &error);
    gmshFree(healed);
    if (!error) gmshModelOccSynchronize(&error);
    if (error) return;
    measure(g);
    if (g->count[3]) notice(o, "the file holds %zu faces and no solid; they are sewn into %zu solids, up to %.2g m", faces, g->count[3], tolerances[i] * g->diagonal * g->scale);
  }
}

/* Solids of a CAD file that touch hold a face each where they do: meshed so, they would share no node, and nothing would pass between them. Such faces are made one.
   (A .geo file says itself what is one.) */
static bool join_solids(const options *o, const geometry *g) {
  size_t n;
  int error = 0;
  gmshFree(geometry_entities(3, &n));
  if (g->kind == GEO || n < 2) return true;
  gmshModelOccRemoveAllDuplicates(&error);
  if (!error) gmshModelOccSynchronize(&error);
  if (error) refuse("%s: where its %zu solids touch they cannot be joined: %s", o->input, n, gmsh_error());
  return !error;
}

int element_order(int type) {
  char *name = NULL;
  double *nodes = NULL;
  size_t nodes_n;
  int error, dim, order, count, corners;
  gmshModelMeshGetElementProperties(type, &name, &dim, &order, &count, &nodes, &nodes_n, &corners, &error);
  gmshFree(name), gmshFree(nodes);
  return error ? 0 : order;
}

verdict geometry_open(const options *o, geometry *g) {
  int error;
  *g = (geometry){.scale = 1};
  if (!find_kind(o->input, g)) return refuse("%s: the extension is none of .step, .stp, .iges, .igs, .brep, .geo", o->input);
  verdict v = check_readable(o);
  if (v == DONE && g->kind == GEO) v = check_last_line(o);
  if (v != DONE) return v;
  g->scale = choose_scale(o, g->kind);
  if (g->kind == STEP) gmshOptionSetString("Geometry.OCCTargetUnit", "MM", &error);          /* Gmsh 4.8 can set it for STEP only; IGES comes in millimetres anyway */
  else if (o->size > 0) gmshOptionSetNumber("Mesh.MeshSizeMax", o->size / g->scale, &error); /* where a script can read it, to count its layers by */
  if (!open_file(o, g)) return REFUSED;
  measure(g);
  sew_faces(o, g);
  if (!join_solids(o, g)) return REFUSED;
  measure(g);
  if (!g->count[0] && !g->count[1] && !g->count[2] && !g->count[3]) return refuse("%s: the file holds no geometry", o->input);
  return DONE;
}

/* How many elements the entity has; *type: of the last kind among them. */
size_t geometry_elements(int dim, int tag, int *type) {
  int *types = NULL, error;
  size_t num_types = 0, **tags = NULL, *tags_n = NULL, tags_nn = 0, **nodes = NULL, *nodes_n = NULL, nodes_nn = 0, total = 0;
  gmshModelMeshGetElements(&types, &num_types, &tags, &tags_n, &tags_nn, &nodes, &nodes_n, &nodes_nn, dim, tag, &error);
  if (error) return 0;
  for (size_t i = 0; i < num_types; i++) {
    total += tags_n[i];
    *type = types[i];
  }
  for (size_t i = 0; i < tags_nn; i++) gmshFree(tags[i]);
  for (size_t i = 0; i < nodes_nn; i++) gmshFree(nodes[i]);
  gmshFree(types), gmshFree(tags), gmshFree(tags_n), gmshFree(nodes), gmshFree(nodes_n);
  return total;
}
