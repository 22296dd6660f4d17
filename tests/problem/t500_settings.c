/* Claim: a valid problem file arrives in gkt_settings as written, key by key, with its defaults, and every byte of an expression carries its line and column in the file
   whatever the style of the scalar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "problem/file/schema.h"
#include "problem/file/settings.h"

static const char everything[] =
    "title: Heated bracket\n"
    "mesh: {box: {cells: [4, 5, 6], lower: [0, -1, 0], upper: [1, 1, 2.5], shape: tet}, refine: 1}\n"
    "regions:\n"
    "  bolts: {faces: [12, 17]}\n"
    "  rim: {edges: 3}\n"
    "  fixed: {where: \"x[0] < 1e-9\"}\n"
    "  top_half: {cells: \"x[1] > 0\"}\n"
    "let: {q: \"k*grad(u)\"}\n"
    "fields: {u: {space: P2, shape: vector, test: v}}\n"
    "constants: {k: 45.0, h0: 1.2e1}\n"
    "coefficients:\n"
    "  f: [0, -9.81, \"0\"]\n"
    "  rho: {space: DP0, value: \"0.5\"}\n"
    "  E: {space: DP0, regions: {steel: 210e9, \"soft rubber\": 1e7}, default: 1e9}\n"
    "equation: inner(q, grad(v))*dx == dot(f, v)*dx\n"
    "energy: \"0*u[0]*dx\"\n"
    "conditions:\n"
    "  - {on: [base, bolts], field: u, value: 0}\n"
    "  - {on: rim, component: 1, value: \"0.1*x[0]\"}\n"
    "initial: {u: \"0\"}\n"
    "solver: {linear: minres, rtol: 1e-8, options: \"-pc_type hypre\", nullspace: none, nonlinear: {rtol: 1e-6, atol: 1e-9, iterations: 7, load_steps: 4}}\n"
    "exact: {u: \"x\"}\n"
    "compute: {flux: \"1*ds(left, 'no t', t)\", peak: {max: \"norm(q)\"}, least: {min: \"u[0]\", on: left}}\n"
    "probes: {tip: {at: [1.0, 0.5, 0.0], field: u}, D: {at: [0, 1, 1], value: \"q[1,1]\"}, E1: {at: [0, 0, 0]}}\n"
    "output:\n"
    "  file: out/bracket.vtu\n"
    "  fields: [u, q]\n"
    "  picture: {file: bracket.png, color: \"u[0]\", warp: 50, view: xz, edges: true, title: Displacement}\n";

static gkt_settings *accept(gkt_context *ctx, const char *path, const char *text, int num_sets, const char *const *sets) {
  gkt_settings *s = NULL;
  gkt_status status = gkt_settings_parse(ctx, path, text, strlen(text), num_sets, sets, &s);
  if (status != GKT_OK) fail_msg("refused: %s", gkt_context_message(ctx));
  return s;
}

static gkt_context *context(void) {
  gkt_context *ctx;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.poison = true}, &ctx), GKT_OK);
  return ctx;
}

static void assert_mark(gkt_mark mark, int line, int column) {
  if (mark.line != line || mark.column != column) fail_msg("line %d, column %d; expected line %d, column %d", mark.line, mark.column, line, column);
}

static void mesh_and_regions(void **state) {
  (void)state;
  gkt_context *ctx = context();
  gkt_settings *s = accept(ctx, "cases/a.yaml", everything, 0, NULL);
  assert_string_equal(s->file, "cases/a.yaml");
  assert_string_equal(s->folder, "cases");
  assert_string_equal(s->title, "Heated bracket");
  assert_int_equal(s->mesh.kind, GKT_MESH_BOX);
  assert_int_equal(s->mesh.refine, 1);
  assert_int_equal(s->mesh.box.dim, 3);
  assert_int_equal(s->mesh.box.shape, GKT_TETRAHEDRON);
  assert_int_equal(s->mesh.box.cells[2], 6);
  assert_true(s->mesh.box.lower[1] == -1 && s->mesh.box.upper[2] == 2.5);
  assert_int_equal(s->num_regions, 4);
  assert_string_equal(s->regions[0].name.text, "bolts");
  assert_mark(s->regions[0].name.at->key->mark, 4, 3);
  assert_int_equal(s->regions[0].dim, 2);
  assert_int_equal(s->regions[0].num_tags, 2);
  assert_int_equal(s->regions[0].tags[1], 17);
  assert_int_equal(s->regions[1].dim, 1);
  assert_int_equal(s->regions[1].tags[0], 3);
  assert_string_equal(s->regions[2].where.text, "x[0] < 1e-9");
  assert_false(s->regions[2].where_cells);
  assert_true(s->regions[3].where_cells);
  gkt_settings_destroy(&s);
  assert_null(s);
  gkt_context_destroy(&ctx);
}

static void names(void **state) {
  (void)state;
  gkt_context *ctx = context();
  gkt_settings *s = accept(ctx, "a.yaml", everything, 0, NULL);
  assert_string_equal(s->folder, ".");
  assert_int_equal(s->num_lets, 1);
  assert_string_equal(s->lets[0].source.text, "k*grad(u)");
  assert_string_equal(s->lets[0].source.key, "let.q");
  assert_string_equal(s->lets[0].source.file, "a.yaml");
  assert_int_equal(s->num_fields, 1);
  assert_string_equal(s->fields[0].test.text, "v");
  assert_int_equal(s->fields[0].rank, 1);
  assert_int_equal(s->fields[0].size, 0);
  assert_int_equal(s->fields[0].element.degree, 2);
  assert_int_equal(s->fields[0].element.kind, GKT_LAGRANGE);
  assert_int_equal(s->num_constants, 2);
  assert_true(s->constants[0].value == 45 && s->constants[1].value == 12);
  assert_int_equal(s->num_coefficients, 3);
  assert_int_equal(s->coefficients[0].kind, GKT_COEFFICIENT_SYMBOLIC);
  assert_string_equal(s->coefficients[0].value.text, "[0,-9.81,0]");
  assert_mark(s->coefficients[0].value.marks[3], 12, 10);
  assert_mark(s->coefficients[0].value.marks[9], 12, 18);
  assert_int_equal(s->coefficients[1].kind, GKT_COEFFICIENT_DISCRETE);
  assert_true(s->coefficients[1].element.kind == GKT_DISCONTINUOUS_LAGRANGE && s->coefficients[1].element.degree == 0);
  assert_int_equal(s->coefficients[2].kind, GKT_COEFFICIENT_REGIONS);
  assert_int_equal(s->coefficients[2].num_regions, 2);
  assert_string_equal(s->coefficients[2].regions[1].name.text, "soft rubber");
  assert_string_equal(s->coefficients[2].regions[1].source.text, "1e7");
  assert_string_equal(s->coefficients[2].fallback.text, "1e9");
  gkt_settings_destroy(&s);
  gkt_context_destroy(&ctx);
}

static void tasks(void **state) {
  (void)state;
  gkt_context *ctx = context();
  gkt_settings *s = accept(ctx, "a.yaml", everything, 0, NULL);
  assert_string_equal(s->equation.text, "inner(q, grad(v))*dx == dot(f, v)*dx");
  assert_mark(s->equation.marks[0], 15, 11);
  assert_string_equal(s->energy.text, "0*u[0]*dx");
  assert_int_equal(s->num_conditions, 2);
  assert_int_equal(s->conditions[0].num_on, 2);
  assert_string_equal(s->conditions[0].on[1].text, "bolts");
  assert_int_equal(s->conditions[0].component, -1);
  assert_int_equal(s->conditions[1].num_on, 1);
  assert_string_equal(s->conditions[1].field.text, "u");
  assert_int_equal(s->conditions[1].component, 1);
  assert_string_equal(s->conditions[1].value.key, "conditions.1.value");
  assert_mark(s->conditions[1].at->mark, 19, 5);
  assert_int_equal(s->num_initial, 1);
  assert_int_equal(s->num_exact, 1);
  assert_int_equal(s->num_compute, 3);
  assert_int_equal(s->compute[0].kind, GKT_COMPUTE_FUNCTIONAL);
  assert_int_equal(s->compute[1].kind, GKT_COMPUTE_MAX);
  assert_null(s->compute[1].on.text);
  assert_int_equal(s->compute[2].kind, GKT_COMPUTE_MIN);
  assert_string_equal(s->compute[2].on.text, "left");
  assert_int_equal(s->num_probes, 3);
  assert_string_equal(s->probes[0].value.text, "u");
  assert_true(s->probes[0].num_at == 3 && s->probes[0].at[1] == 0.5);
  assert_string_equal(s->probes[1].value.text, "q[1,1]");
  assert_string_equal(s->probes[2].value.text, "u");
  gkt_settings_destroy(&s);
  gkt_context_destroy(&ctx);
}

static void solver_and_output(void **state) {
  (void)state;
  gkt_context *ctx = context();
  gkt_settings *s = accept(ctx, "a.yaml", everything, 0, NULL);
  assert_int_equal(s->solver.linear, GKT_LINEAR_MINRES);
  assert_true(s->solver.rtol == 1e-8);
  assert_string_equal(s->solver.options, "-pc_type hypre");
  assert_int_equal(s->solver.nullspace, GKT_NULLSPACE_NONE);
  assert_true(s->solver.nonlinear.rtol == 1e-6 && s->solver.nonlinear.atol == 1e-9 && s->solver.nonlinear.iterations == 7 && s->solver.nonlinear.load_steps == 4);
  assert_string_equal(s->output.file, "out/bracket.vtu");
  assert_int_equal(s->output.num_fields, 2);
  assert_string_equal(s->output.fields[1].source.text, "q");
  assert_string_equal(s->output.picture_file, "bracket.png");
  assert_string_equal(s->output.color.text, "u[0]");
  assert_null(s->output.warp.text);
  assert_true(s->output.warp_scale == 50);
  assert_string_equal(s->output.view, "xz");
  assert_true(s->output.edges);
  assert_string_equal(s->output.title, "Displacement");
  gkt_settings_destroy(&s);
  gkt_context_destroy(&ctx);
}

static const char shortest[] = "mesh: {box: {cells: [2, 3]}}\nfields: {u: {space: P1}}\nenergy: u*u*dx\n";

static const char *standard(const char *path) {
  for (int i = 0; i < gkt_schema_count(); i++)
    if (strcmp(gkt_schema_at(i)->path, path) == 0) return gkt_schema_at(i)->standard;
  return NULL;
}

/* What the schema's table calls the default, given in so many words, changes nothing. */
static void defaults_are_those_of_the_schema(void **state) {
  (void)state;
  static const char *const keys[] = {"mesh.refine",
                                     "fields.*.shape",
                                     "solver.linear",
                                     "solver.rtol",
                                     "solver.nullspace",
                                     "output.picture.warp",
                                     "output.picture.edges",
                                     "solver.nonlinear.rtol",
                                     "solver.nonlinear.atol",
                                     "solver.nonlinear.iterations",
                                     "solver.nonlinear.load_steps"};
  gkt_context *ctx = context();
  const char *file = "output.picture.file=a.png";
  gkt_settings *plain = accept(ctx, "a.yaml", shortest, 1, &file);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    char set[128];
    assert_non_null(standard(keys[i]));
    snprintf(set, sizeof set, "%s=%s", strcmp(keys[i], "fields.*.shape") ? keys[i] : "fields.u.shape", standard(keys[i]));
    gkt_settings *s = accept(ctx, "a.yaml", shortest, 2, (const char *const[]){file, set});
    assert_true(s->mesh.refine == plain->mesh.refine && s->fields[0].rank == plain->fields[0].rank && s->fields[0].size == plain->fields[0].size);
    assert_true(s->solver.linear == plain->solver.linear && s->solver.rtol == plain->solver.rtol && s->solver.nullspace == plain->solver.nullspace);
    assert_true(s->output.warp_scale == plain->output.warp_scale && s->output.edges == plain->output.edges);
    assert_true(s->solver.nonlinear.rtol == plain->solver.nonlinear.rtol && s->solver.nonlinear.atol == plain->solver.nonlinear.atol);
    assert_true(s->solver.nonlinear.iterations == plain->solver.nonlinear.iterations && s->solver.nonlinear.load_steps == plain->solver.nonlinear.load_steps);
    gkt_settings_destroy(&s);
  }
  assert_null(plain->mesh.unit);
  assert_int_equal(atoi(standard("mesh.order")), plain->mesh.order);
  assert_true(strtod(standard("mesh.box.lower"), NULL) == plain->mesh.box.lower[0] && strtod(standard("mesh.box.upper"), NULL) == plain->mesh.box.upper[0]);
  gkt_settings_destroy(&plain);
  gkt_context_destroy(&ctx);
}

static void defaults(void **state) {
  (void)state;
  gkt_context *ctx = context();
  gkt_settings *s = accept(ctx, "a.yaml", shortest, 0, NULL);
  assert_null(s->title);
  assert_int_equal(s->mesh.box.shape, GKT_TRIANGLE);
  assert_int_equal(s->mesh.order, 1);
  assert_int_equal(s->mesh.refine, 0);
  assert_true(s->mesh.box.lower[1] == 0 && s->mesh.box.upper[1] == 1);
  assert_int_equal(s->fields[0].rank, 0);
  assert_null(s->fields[0].test.text);
  assert_null(s->equation.text);
  assert_int_equal(s->solver.linear, GKT_LINEAR_AUTO);
  assert_true(s->solver.rtol == 1e-10);
  assert_null(s->solver.options);
  assert_int_equal(s->solver.nullspace, GKT_NULLSPACE_AUTO);
  assert_null(s->output.file);
  assert_null(s->output.picture_file);
  assert_int_equal(s->output.num_fields, 1);
  assert_string_equal(s->output.fields[0].name.text, "u");
  gkt_settings_destroy(&s);
  gkt_context_destroy(&ctx);
}

static void meshes_from_files(void **state) {
  (void)state;
  gkt_context *ctx = context();
  const char *sets[] = {"mesh={file: ../m/a.msh}"};
  gkt_settings *s = accept(ctx, "/data/cases/a.yaml", shortest, 1, sets);
  assert_int_equal(s->mesh.kind, GKT_MESH_FILE);
  assert_string_equal(s->mesh.path, "/data/cases/../m/a.msh");
  gkt_settings_destroy(&s);
  sets[0] = "mesh={geometry: /cad/b.step, size: 0.004, min_size: 1e-3, curvature: 24, order: 2, unit: mm}";
  s = accept(ctx, "a.yaml", shortest, 1, sets);
  assert_int_equal(s->mesh.kind, GKT_MESH_GEOMETRY);
  assert_string_equal(s->mesh.path, "/cad/b.step");
  assert_true(s->mesh.size == 0.004 && s->mesh.min_size == 1e-3);
  assert_true(s->mesh.curvature == 24 && s->mesh.order == 2);
  assert_string_equal(s->mesh.unit, "mm");
  gkt_settings_destroy(&s);
  sets[0] = "mesh={geometry: b.geo}"; /* a script has sizes and an order of its own */
  s = accept(ctx, "a.yaml", shortest, 1, sets);
  assert_true(s->mesh.size == 0 && s->mesh.order == 0);
  gkt_settings_destroy(&s);
  gkt_context_destroy(&ctx);
}

static void sets_are_applied(void **state) {
  (void)state;
  gkt_context *ctx = context();
  const char *sets[] = {"conditions.0.value=7", "solver.rtol=1e-6", "conditions.0.on=[a, b, c]", "coefficients.f=x",
                        "constants.new=3",      "title=",           "mesh.box.cells.1=9",        "solver.rtol=1e-7"};
  gkt_settings *s = accept(ctx, "a.yaml", everything, 8, sets);
  assert_string_equal(s->conditions[0].value.text, "7");
  assert_string_equal(s->conditions[0].value.file, "--set conditions.0.value=7");
  assert_mark(s->conditions[0].value.marks[0], 1, 20);
  assert_int_equal(s->conditions[0].num_on, 3);
  assert_true(s->solver.rtol == 1e-7);
  assert_string_equal(s->coefficients[0].value.text, "x");
  assert_int_equal(s->num_constants, 3);
  assert_true(s->constants[2].value == 3);
  assert_string_equal(s->title, "");
  assert_int_equal(s->mesh.box.cells[1], 9);
  gkt_settings_destroy(&s);
  s = accept(ctx, "a.yaml", shortest, 2, (const char *const[]){"output.picture.file=a.png", "output.picture.warp=\"[x[0], 0]\""});
  assert_string_equal(s->output.picture_file, "a.png");
  assert_string_equal(s->output.warp.text, "[x[0], 0]");
  assert_true(s->output.warp_scale == 1);
  gkt_settings_destroy(&s);
  s = accept(ctx, "a.yaml", shortest, 5,
             (const char *const[]){"output.fields={flux: grad(u), u: u}", "output.average=true", "output.picture.file=a.png", "output.picture.section=y = -2e-1",
                                   "output.picture.isolines=7"});
  assert_int_equal(s->output.num_fields, 2);
  assert_string_equal(s->output.fields[0].name.text, "flux");
  assert_string_equal(s->output.fields[0].source.text, "grad(u)");
  assert_true(s->output.average && s->output.isolines == 7);
  assert_string_equal(s->output.section.text, "y = -2e-1");
  gkt_settings_destroy(&s);
  gkt_context_destroy(&ctx);
}

/* ---- marks. Capital letters occur once in each of these texts, so a search tells where a byte of the value stands in the raw text. ---- */
static void find_raw(const char *raw, char letter, gkt_mark *out) {
  *out = (gkt_mark){1, 1};
  for (const char *p = raw; *p && *p != letter; p++) {
    if (*p == '\n' || (*p == '\r' && p[1] != '\n')) *out = (gkt_mark){out->line + 1, 1};
    else if (((unsigned char)*p & 0xC0) != 0x80 && *p != '\r') out->column++;
  }
}

static void check_scalar(gkt_context *ctx, const char *raw, const char *expected) {
  gkt_memory *memory;
  gkt_yaml *root;
  gkt_source source;
  gkt_yaml_origin origin = {"m.yaml", raw, strlen(raw)};
  assert_int_equal(gkt_memory_create(ctx, &memory), GKT_OK);
  assert_int_equal(gkt_yaml_parse(memory, &origin, 0, &root), GKT_OK);
  assert_int_equal(gkt_yaml_source(memory, gkt_yaml_get(root, "k"), &source), GKT_OK);
  assert_string_equal(source.text, expected);
  for (size_t i = 0; source.text[i]; i++) {
    gkt_mark mark;
    if (source.text[i] < 'A' || source.text[i] > 'Z') continue;
    find_raw(raw, source.text[i], &mark);
    assert_mark(source.marks[i], mark.line, mark.column);
  }
  gkt_memory_destroy(&memory);
}

static void marks_of_every_style(void **state) {
  (void)state;
  gkt_context *ctx = context();
  check_scalar(ctx, "k: A*B\n", "A*B");
  check_scalar(ctx, "a: 1\nk:   A +\n      B\n\n\n  - C  # note\nb: 2\n", "A + B\n\n- C");
  check_scalar(ctx, "k: 'A''s  B'\n", "A's  B");
  check_scalar(ctx, "a: 1\nk: 'A \t\n   B\n\n   ''C'\n", "A B\n'C");
  check_scalar(ctx, "k: \"A\\tB \\\n    C\\\n D\\x20\\u00e9E\n  F\"\n",
               "A\tB CD \xC3\xA9"
               "E F");
  check_scalar(ctx,
               "{a: [1], k: \"\xC3\xA9\xE2\x88\x87"
               "A\" }",
               "\xC3\xA9\xE2\x88\x87"
               "A");
  check_scalar(ctx, "k: |\n  A\n    B\n\n  C\n\na: 1\n", "A\n  B\n\nC\n");
  check_scalar(ctx, "k: |4-\n     A\n\n    B\n\n", " A\n\nB");
  check_scalar(ctx, "k: |+ # note - +\n  A\n\n\na: 1\n", "A\n\n\n");
  check_scalar(ctx, "k: >\n  A\n  B\n\n  C\n    D\n  E\na: 1\n", "A B\nC\n  D\nE\n");
  check_scalar(ctx, "k: >-\r\n\r\n  A\r\n  B\r\n\r\n\r\n  C\r\n", "\nA B\n\nC");
  check_scalar(ctx, "k: >1+\n  A\n B\n  C", " A\nB\n C");
  check_scalar(ctx, "k: [A, 'B', [\"C\"]]", "[A,B,[C]]");
  gkt_context_destroy(&ctx);
}

static void an_escape_stands_at_its_backslash(void **state) {
  (void)state;
  gkt_context *ctx = context();
  gkt_settings *s = accept(ctx, "a.yaml", "mesh: {box: {cells: [2, 3]}}\nfields: {u: {space: P1}}\nenergy: \"u\\x2A\\\n   u*dx\"\n", 0, NULL);
  assert_string_equal(s->energy.text, "u*u*dx");
  assert_mark(s->energy.marks[0], 3, 10);
  assert_mark(s->energy.marks[1], 3, 11);
  assert_mark(s->energy.marks[2], 4, 4);
  assert_mark(s->energy.marks[6], 4, 8);
  gkt_settings_destroy(&s);
  gkt_context_destroy(&ctx);
}

static void a_byte_order_mark_is_no_column(void **state) {
  (void)state;
  gkt_context *ctx = context();
  gkt_settings *s = accept(ctx, "a.yaml",
                           "\xEF\xBB\xBF"
                           "energy: u*u*dx\nmesh: {box: {cells: [2, 3]}}\nfields: {u: {space: P1}}\n",
                           0, NULL);
  assert_mark(s->energy.marks[0], 1, 9);
  gkt_settings_destroy(&s);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(mesh_and_regions),
                                     cmocka_unit_test(names),
                                     cmocka_unit_test(tasks),
                                     cmocka_unit_test(solver_and_output),
                                     cmocka_unit_test(defaults),
                                     cmocka_unit_test(defaults_are_those_of_the_schema),
                                     cmocka_unit_test(meshes_from_files),
                                     cmocka_unit_test(sets_are_applied),
                                     cmocka_unit_test(marks_of_every_style),
                                     cmocka_unit_test(an_escape_stands_at_its_backslash),
                                     cmocka_unit_test(a_byte_order_mark_is_no_column)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
