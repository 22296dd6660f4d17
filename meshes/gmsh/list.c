/* --list: the numbers by which a problem file names what a CAD file does not name. */
#include <stdio.h>
#include <string.h>
#include <math.h>
#include <gmshc.h>

#include "mesher.h"

static const char *type_of(int dim, int tag, char text[40]) {
  char *type = NULL;
  int error;
  gmshModelGetType(dim, tag, &type, &error);
  snprintf(text, 40, "%s", !error && type && *type ? type : "-");
  gmshFree(type);
  return text;
}

/* Names of the physical groups that the entity belongs to. */
static const char *groups_of(int dim, int tag, char *text, size_t room) {
  int *groups = NULL, error;
  size_t n = 0, used = 0;
  text[0] = 0;
  gmshModelGetPhysicalGroupsForEntity(dim, tag, &groups, &n, &error);
  for (size_t i = 0; !error && i < n && used < room; i++) {
    char *name = NULL;
    gmshModelGetPhysicalName(dim, groups[i], &name, &error);
    used += (size_t)snprintf(text + used, room - used, "%s%s", i ? ", " : "  ", name && *name ? name : "(group without name)");
    gmshFree(name);
  }
  gmshFree(groups);
  return text;
}

/* Volume, area or length, and centroid. Only OpenCASCADE knows; otherwise the middle of the box stands in and the measure is NaN. */
static void measure(int dim, int tag, const double box[6], double *size, double centroid[3]) {
  int error = 0, error_center = 0;
  *size = NAN;
  for (int k = 0; k < 3; k++) centroid[k] = 0.5 * (box[k] + box[k + 3]);
  if (dim == 0) return;
  gmshModelOccGetMass(dim, tag, size, &error);
  if (error) *size = NAN;
  else gmshModelOccGetCenterOfMass(dim, tag, centroid, centroid + 1, centroid + 2, &error_center);
}

static const char *number(double x, char text[16]) {
  if (isnan(x)) snprintf(text, 16, "-");
  else snprintf(text, 16, "%.5g", x);
  return text;
}

/* OpenCASCADE's boxes are a tolerance too wide, which would show as 1e-10 instead of 0. */
static double snap(double x, double diagonal) { return fabs(x) < 1e-7 * diagonal ? 0 : x; }

static void list_entity(const geometry *g, int dim, int tag) {
  double box[6], size, centroid[3];
  int error;
  char type[40], groups[400], text[16], triple[3][64];
  gmshModelGetBoundingBox(dim, tag, box, box + 1, box + 2, box + 3, box + 4, box + 5, &error);
  if (error) memset(box, 0, sizeof box);
  measure(dim, tag, box, &size, centroid);
  const double *const points[] = {centroid, box, box + 3};
  for (int i = 0; i < 3; i++) {
    double x[3];
    for (int k = 0; k < 3; k++) x[k] = snap(points[i][k], g->diagonal) * g->scale;
    snprintf(triple[i], sizeof triple[i], "(%.5g, %.5g, %.5g)", x[0], x[1], x[2]);
  }
  type_of(dim, tag, type);
  groups_of(dim, tag, groups, sizeof groups);
  if (dim == 0) say("%7d  %s%s", tag, triple[0], groups);
  else say("%7d  %-16s %-12s %-32s %-32s %s%s", tag, type, number(size * pow(g->scale, dim), text), triple[0], triple[1], triple[2], groups);
}

verdict list_entities(const options *o, const geometry *g) {
  static const char *const plural[] = {"points", "edges", "faces", "solids"}, *const measures[] = {"", "length", "area", "volume"}, *const powers[] = {"", "m", "m2", "m3"};
  const char *stated = g->kind == STEP ? step_unit(o->input) : NULL;
  say("%s: %zu solids, %zu faces, %zu edges, %zu points; %s%s%severything below is in metres", o->input, g->count[3], g->count[2], g->count[1], g->count[0],
      stated ? "the file's unit is " : "", stated ? stated : "", stated ? ", " : "");
  for (int dim = 3; dim >= 0; dim--) {
    size_t n;
    int *tags = geometry_entities(dim, &n);
    char head[40];
    snprintf(head, sizeof head, "%s [%s]", measures[dim], powers[dim]);
    if (n && dim) say("\n%-7s  %-16s %-12s %-32s %-32s %s", plural[dim], "type", head, "centroid", "box from", "to");
    else if (n) say("\n%-7s  %s", plural[dim], "position");
    for (size_t i = 0; i < n; i++) list_entity(g, dim, tags[i]);
    gmshFree(tags);
  }
  return DONE;
}
