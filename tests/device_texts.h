/* The texts of kernels that the gallery compiles for a device: of the problems of examples/ that show forms, on boxes, of elements of every kind of cell, of the files of kernels.
 */
#ifndef GKT_TESTS_DEVICE_TEXTS_H
#define GKT_TESTS_DEVICE_TEXTS_H
#include <glob.h>

#include "assembly/elements.h"
#include "assembly/patches_emit.h"
#include "problem/problem.h"
#include "systems/system.h"
#include "tests/element_meshes.h"

/* plain: a scalar form of degree 1 or 2, or one of a vector of degree 1, on simplices: no local memory is wanted. */
typedef void text_visitor(void *user, const char *name, bool plain, const char *text);

static inline const char *root(void) { return getenv("GKT_ROOT") ? getenv("GKT_ROOT") : "."; }

/* ---- one assembler ---- */
static inline bool is_plain(const gkt_assembler *a) {
  const gkt_functions *arguments = &a->form->arguments[0];
  for (int b = 0; b < gkt_mesh_num_blocks(a->mesh); b++) {
    const gkt_cell_block *block = gkt_mesh_block(a->mesh, b);
    const gkt_cell_topology *t = &gkt_cell_topologies[block->cell];
    if (t->num_vertices != t->dim + 1 || block->nodes_per_cell != t->num_vertices) return false;
  }
  if (arguments->count != 1) return false;
  const gkt_space *space = a->spaces[arguments->functions[0]];
  const gkt_element element = gkt_space_element(space);
  return (element.kind == GKT_LAGRANGE || element.kind == GKT_DISCONTINUOUS_LAGRANGE) && element.degree <= (gkt_space_block_size(space) == 1 ? 2 : 1);
}

static inline void hand_over(const gkt_assembler *a, const char *name, const char *part, gkt_status status, gkt_text *text, text_visitor *visit, void *user) {
  char whole[256];
  snprintf(whole, sizeof whole, "%s:%s", name, part);
  if (status == GKT_OK) visit(user, whole, is_plain(a), text->data);
  else if (status != GKT_UNAVAILABLE) fail_msg("%s: %s", whole, gkt_context_message(a->ctx)); /* custom functions run on a CPU */
  gkt_context_clear(a->ctx);
  gkt_text_free(text);
}

static inline void visit_fused(const gkt_assembler *a, int target, const char *name, const char *part, text_visitor *visit, void *user) {
  char why[200], number[32];
  gkt_patch_shares shares;
  gkt_text text = {.ctx = a->ctx};
  if (!a->targets.all[target].reduce) return;
  must(gkt_patch_shares_create(a, target, &shares, why), name);
  snprintf(number, sizeof number, "%s:fused%.0d", part, target);
  if (!*why && shares.num_shares) hand_over(a, name, number, gkt_patches_source(&shares, false, &text), &text, visit, user);
  gkt_patch_shares_clear(&shares);
}

static inline void visit_assembler(const gkt_assembler *a, const char *name, const char *part, text_visitor *visit, void *user) {
  char whole[64];
  gkt_text text = {.ctx = a->ctx};
  snprintf(whole, sizeof whole, "%s:segmented", part);
  hand_over(a, name, whole, gkt_elements_source(a, false, &text), &text, visit, user);
  for (int k = 0; k < a->targets.count; k++) visit_fused(a, k, name, part, visit, user);
}

/* ---- problems ---- */
static inline void visit_problem(const char *path, text_visitor *visit, void *user) {
  gkt_context *own;
  gkt_problem *problem;
  char name[256];
  const char *at = strstr(path, "examples/") + strlen("examples/");
  snprintf(name, sizeof name, "%.*s", (int)(strlen(at) - strlen(".yaml")), at);
  must(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .reduce = GKT_REDUCE_SEGMENTED}, &own), name);
  if (gkt_problem_read(own, path, NULL, &problem) || gkt_problem_check(problem)) fail_msg("%s", gkt_context_message(own));
  visit_assembler(problem->system->residual_assembler, name, "residual", visit, user);
  visit_assembler(problem->system->tangent_assembler, name, "tangent", visit, user);
  gkt_problem_destroy(&problem);
  gkt_context_destroy(&own);
}

static inline bool has_box(const char *path) {
  char *text;
  size_t length;
  must(gkt_file_read(ctx, path, &text, &length), path);
  bool found = strstr(text, "geometry:") == NULL;
  gkt_free(&text);
  return found;
}

static inline void visit_problems(text_visitor *visit, void *user) {
  static const char *const folders[] = {"forms", "flow", "several", "ties"};
  for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
    char pattern[1024];
    glob_t files;
    snprintf(pattern, sizeof pattern, "%s/examples/%s/*.yaml", root(), folders[f]);
    assert_int_equal(glob(pattern, 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++)
      if (has_box(files.gl_pathv[i])) visit_problem(files.gl_pathv[i], visit, user);
    globfree(&files);
  }
}

/* ---- elements ---- */
static inline void visit_element(mesh_kind kind, gkt_element element, text_visitor *visit, void *user) {
  field_kind k = {mesh_kinds[kind].name, mesh_kinds[kind].dim, element.degree, 1};
  field_problem p;
  char name[128];
  snprintf(name, sizeof name, "%s,%s%d", k.name, element.kind == GKT_REAL ? "real" : element.kind == GKT_BUBBLE ? "bubble" : "P", element.degree);
  for (char *c = name; *c; c++) *c = *c == ' ' ? '-' : *c;
  begin_problem_of(&p, &k, unit_mesh(kind, mesh_kinds[kind].fewest), element);
  must(gkt_mesh_add_places(p.mesh, "spot", 1, (double[]){0.4, 0.3, 0.2}), "spot");
  pose_problem(
      &p, "((1 + u^2)*dot(grad(u), grad(v)) + u^3*v)*dx(degree=2) + h*u*(v + dot(grad(v), n))*ds(degree=2) + u*(v + dot(grad(u), grad(v)))*dP(spot) == x[0]*v*dx(degree=2)", "0");
  visit_assembler(p.vector, name, "residual", visit, user);
  visit_assembler(p.matrix, name, "tangent", visit, user);
  end_problem(&p);
}

static inline void visit_elements(text_visitor *visit, void *user) {
  for (mesh_kind kind = 0; kind < COLUMNS; kind++)                                               /* whose text is that of the mixture before */
    for (int degree = 1; degree <= (kind == TETRAHEDRA ? 4 : 2); degree += degree < 2 ? 1 : 2) { /* 4: sums over nodes are loops */
      visit_element(kind, (gkt_element){GKT_LAGRANGE, degree}, visit, user);
      if (degree == 1 && (kind == LINES || kind == MIXED_PLANE || kind == MIXED_SPACE)) visit_element(kind, (gkt_element){GKT_BUBBLE, 1}, visit, user);
      if (degree == 1 && (kind == LINES || kind == MIXED_SPACE)) visit_element(kind, (gkt_element){GKT_REAL, 0}, visit, user);
    }
}
#endif
