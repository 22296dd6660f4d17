/* Claim: YAML that is none, --set that leads nowhere, and values that contradict each other are refused with one message that names the place and what would be right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "problem/file/settings.h"

typedef struct {
  const char *text; /* after the lines of `base` */
  const char *head; /* how the message begins */
  const char *what; /* what else it says */
} refusal;

static gkt_context *context(void) {
  gkt_context *ctx;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.poison = true}, &ctx), GKT_OK);
  return ctx;
}

/* "is not available yet" and its status go together. */
static void check(gkt_context *ctx, gkt_status status, const char *text, const refusal *r) {
  const char *message = gkt_context_message(ctx);
  gkt_status expected = strstr(r->what, "is not available yet") ? GKT_UNAVAILABLE : GKT_BAD_INPUT;
  if (status != expected || strncmp(message, r->head, strlen(r->head)) != 0 || !strstr(message, r->what) || strchr(message, '\n'))
    fail_msg("%s\ngives status %d and\n  %s\nexpected status %d and\n  %s ... %s", text, status, message, expected, r->head, r->what);
  gkt_context_clear(ctx);
}

static void check_all(const char *base, const refusal *refusals, size_t count) {
  gkt_context *ctx = context();
  for (size_t i = 0; i < count; i++) {
    char text[1024];
    gkt_settings *s = NULL;
    snprintf(text, sizeof text, "%s%s", base, refusals[i].text);
    check(ctx, gkt_settings_parse(ctx, "a.yaml", text, strlen(text), 0, NULL, &s), text, &refusals[i]);
    assert_null(s);
  }
  gkt_context_destroy(&ctx);
}
#define CHECK_ALL(base, refusals) check_all(base, refusals, sizeof(refusals) / sizeof *(refusals))

static void yaml_that_is_none(void **state) {
  (void)state;
  static const refusal refusals[] = {
      {"", "a.yaml: line 1, column 1: nothing", "expected a mapping"},
      {"# only this\n", "a.yaml: line 1, column 1: nothing", "expected a mapping"},
      {"- a", "a.yaml: line 1, column 1: '- a': a list", "expected a mapping"},
      {"mesh", "a.yaml: line 1, column 1: 'mesh': text", "expected a mapping"},
      {"a: 1\n b: 2\n", "a.yaml: line 2, column 3: ':'", "in quotes"},
      {"a: 1\nb:\n\tc: 1\n", "a.yaml: line 3, column 1: '\\t': a tab", "expected spaces"},
      {"a: @x\n", "a.yaml: line 1, column 4: '@x'", "in quotes"},
      {"a: b: c\n", "a.yaml: line 1, column 5: ':'", "in quotes"},
      {"a: \"x\\qy\"\n", "a.yaml: line 1, column 6: '\\qy\"'", "unknown escape character"},
      {"a: \"x\\0y\"\n", "a.yaml: a: line 1, column 4: '\"x\\0y\"'", "zero character"},
      {"a: 1\nb: \xFF\n", "a.yaml: line 2, column 4: '\\xFF'", "expected printable text in UTF-8"},
      {"a: \x01\n", "a.yaml: line 1, column 4: '\\x01'", "expected printable text in UTF-8"},
      {"\xFF\xFE"
       "a",
       "a.yaml: line 1, column 1: text in UTF-16", "expected UTF-8"},
      {"---\na: 1\n---\nb: 2\n", "a.yaml: line 3, column 1: '---'", "a second document"},
      {"mesh: &m {}\n", "a.yaml: mesh: line 1, column 7: '&m {", "an anchor"},
      {"mesh: *m\n", "a.yaml: mesh: line 1, column 7: '*m'", "an alias"},
      {"mesh: !!map {}\n", "a.yaml: mesh: line 1, column 7: '!!map {", "a tag"},
      {"? [a]\n: 1\n", "a.yaml: line 1, column 3: '['", "not a key"},
      {"mesh: {}\ntitle: a\nmesh: {}\n", "a.yaml: line 3, column 1: 'mesh': given twice", "the first is on line 1"},
      {"a:\n  b: {c: 1, c: 2}\n", "a.yaml: a.b: line 2, column 13: 'c': given twice", "the first is on line 2"},
  };
  CHECK_ALL("", refusals);
}

static void depth_is_limited(void **state) {
  (void)state;
  gkt_context *ctx = context();
  gkt_settings *s = NULL;
  char text[1000] = "a: ";
  memset(text + 3, '[', 100);
  check(ctx, gkt_settings_parse(ctx, "a.yaml", text, strlen(text), 0, NULL, &s), text, &(refusal){"", "a.yaml: a.0.0.0", "line 1, column 67: '[': nested deeper than 64 levels"});
  gkt_context_destroy(&ctx);
}

static void names_that_clash(void **state) {
  (void)state;
  static const refusal refusals[] = {
      {"let: {u: 1}", "a.yaml: let: line 4, column 7: 'u': a name in use in fields (line 2)", "expected another"},
      {"constants: {v: 1}", "a.yaml: constants: line 4, column 13: 'v': a name in use in fields.u.test (line 2)", "expected another"},
      {"let: {a: 1}\nconstants: {a: 1}", "a.yaml: let: line 4, column 7: 'a': a name in use in constants (line 5)", "expected another"},
      {"constants: {grad: 1}", "a.yaml: constants: line 4, column 13: 'grad': reserved", "expected another name"},
      {"coefficients: {x: 1}", "a.yaml: coefficients: line 4, column 16: 'x': reserved", "expected another name"},
      {"compute: {a b: 1*dx}", "a.yaml: compute: line 4, column 11: 'a b': not a name", "expected a letter"},
      {"exact: {w: 0}", "a.yaml: exact: line 4, column 9: 'w': not a field", "known: u"},
      {"initial: {U: 0}", "a.yaml: initial: line 4, column 11: 'U': not a field; did you mean 'u'?", "known: u"},
      {"probes: {p: {at: [0, 0], field: w}}", "a.yaml: probes.p.field: line 4, column 33: 'w': not a field", "known: u"},
  };
  CHECK_ALL("mesh: {box: {cells: [2, 2]}}\nfields: {u: {space: P1, test: v}}\nequation: u*v*dx == v*dx\n", refusals);
}

static void values_that_contradict(void **state) {
  (void)state;
  static const refusal refusals[] = {
      {"conditions: [{on: left, value: 0, field: w}]", "a.yaml: conditions.0.field: line 4, column 42: 'w': not a field", "known: u"},
      {"conditions: [{on: left, value: 0, component: 1}]", "a.yaml: conditions.0.component: line 4, column 46: '1': field u is a scalar", "expected no component"},
      {"conditions: [{on: left, value: 0}, 7]", "a.yaml: conditions.1: line 4, column 36: '7': text", "expected a mapping"},
      {"conditions: [{on: [], value: 0}]", "a.yaml: conditions.0.on: line 4, column 19: '[]'", "expected the name of a set"},
      {"probes: {p: {at: [0, 0, 0]}}", "a.yaml: probes.p.at: line 4, column 18: '[0, 0, 0]': 3 coordinates", "expected 2"},
      {"probes: {p: {at: [0, 0], value: u, field: u}}", "a.yaml: probes.p: line 4, column 36: 'field': together with 'value' (line 4)", "one of: field value"},
      {"compute: {p: {max: 1, min: 2}}", "a.yaml: compute.p: line 4, column 23: 'min': together with 'max' (line 4)", "one of: max min"},
      {"compute: {p: {on: left}}", "a.yaml: compute.p: line 4, column 14: '{on: left}'", "one of: max min"},
      {"compute: {p: {max: 1, on: [left]}}", "a.yaml: compute.p.on: line 4, column 27: '[left]': a list", "expected the name of a set"},
      {"coefficients: {a: {space: P1}}", "a.yaml: coefficients.a: line 4, column 19: '{space: P1}'", "one of: value regions"},
      {"coefficients: {a: {space: P1, value: 1, regions: {b: 1}}}", "a.yaml: coefficients.a: line 4, column 41: 'regions': together with 'value'", "one of"},
      {"coefficients: {a: {space: P1, value: 1, default: 3}}", "a.yaml: coefficients.a: line 4, column 41: 'default'", "goes with regions"},
      {"coefficients: {a: {space: P1, regions: {}}}", "a.yaml: coefficients.a.regions: line 4, column 40: '{}'", "expected {REGION: value"},
      {"coefficients: {a: {space: DP5, value: 1}}", "a.yaml: coefficients.a.space: line 4, column 27: 'DP5'", "this space is not available yet; expected"},
      {"coefficients: {a: [1, {b: 2}]}", "a.yaml: coefficients.a.1: line 4, column 23: '{b: 2}': a mapping", "expected an expression"},
      {"regions: {a: {}}", "a.yaml: regions.a: line 4, column 14: '{}'", "one of: solids faces edges points at where cells"},
      {"regions: {a: {faces: 1, edges: 2}}", "a.yaml: regions.a: line 4, column 25: 'edges': together with 'faces'", "one of"},
      {"regions: {a: {faces: [1, x]}}", "a.yaml: regions.a.faces.1: line 4, column 26: 'x': not a whole number", "expected a whole number from 1"},
      {"solver: {linear: CG}", "a.yaml: solver.linear: line 4, column 18: 'CG': unknown choice; did you mean 'cg'?", "auto direct cg gmres bicgstab minres"},
      {"solver: {rtol: 1e-1000}", "a.yaml: solver.rtol: line 4, column 16: '1e-1000': out of range", "between 0 and 1"},
      {"constants: {a: 1e999}", "a.yaml: constants.a: line 4, column 16: '1e999': not a number", "expected a number"},
      {"constants: {a: 0x10}", "a.yaml: constants.a: line 4, column 16: '0x10': not a number", "expected a number"},
      {"constants: {a: \"1,5\"}", "a.yaml: constants.a: line 4, column 16: '1,5': not a number", "expected a number"},
      {"constants: {a: }", "a.yaml: constants.a: line 4, column 16: '': nothing given", "expected a number"},
      {"let: {a: \" \"}", "a.yaml: let.a: line 4, column 10: ' ': blank", "expected an expression"},
      {"output: {file: a.vtk}", "a.yaml: output.file: line 4, column 16: 'a.vtk'", "ends in .vtu"},
      {"output: {picture: {file: a.png, warp: 5}}", "a.yaml: output.picture.warp: line 4, column 39: '5': no vector field", "expected 0"},
      {"output: {picture: {file: a.png, section: half}}", "a.yaml: output.picture.section: line 4, column 42: 'half': not a section", "expected x, y or z = a number"},
      {"output: {picture: {file: a.png, isolines: 101}}", "a.yaml: output.picture.isolines: line 4, column 43: '101': out of range", "expected 0 to 100"},
      {"output: {fields: {\" \": u}}", "a.yaml: output.fields: line 4, column 19: ' ': an empty name", "expected any text"},
      {"output: {file: a.vtu, fields: [u, 2*u, u]}", "a.yaml: output.fields.2: line 4, column 40: 'u': the name of an array before it", "expected each once"},
      {"solver: {nonlinear: {iterations: 10000000000}}", "a.yaml: solver.nonlinear.iterations: line 4, column 34: '10000000000': too large", "expected a whole number"},
      {"output: {fields: {}}", "a.yaml: output.fields: line 4, column 18: '{}': a mapping", "expected an expression, a list of expressions, or a mapping"},
      {"output: {picture: {file: a.png, wrap: 5}}", "a.yaml: output.picture: line 4, column 33: 'wrap': unknown key in output.picture; did you mean 'warp'?",
       "known: file color warp"},
      {"let: {a: 1, b: dt(u)+t}", "a.yaml: let.b: line 4, column 16: 'dt'", "time, in a problem without the key `time`; expected time: {end: .., step: ..}"},
      {"let: {a: '1+\n   t'}", "a.yaml: let.a: line 5, column 4: 't'", "time, in a problem without the key `time`; expected time: {end: .., step: ..}"},
      {"compute: {a: \"u*ds('t', t)*t\"}", "a.yaml: compute.a: line 4, column 28: 't'", "time, in a problem without the key `time`; expected time: {end: .., step: ..}"},
      {"solver: {nonlinear: {rtol: 1}}", "a.yaml: solver.nonlinear.rtol: line 4, column 28: '1'", "between 0 and 1"},
      {"solver: {nonlinear: {atol: -1}}", "a.yaml: solver.nonlinear.atol: line 4, column 28: '-1'", "expected a number from 0"},
      {"solver: {nonlinear: {iterations: -1}}", "a.yaml: solver.nonlinear.iterations: line 4, column 34: '-1'", "whole number from 0"},
      {"solver: {nonlinear: {load_steps: 0}}", "a.yaml: solver.nonlinear.load_steps: line 4, column 34: '0': out of range", "expected a whole number from 1"},
      {"solver: {nonlinear: {steps: 2}}", "a.yaml: solver.nonlinear: line 4, column 22: 'steps': unknown key", "known: rtol atol iterations load_steps"},
      {"minimise: u", "a.yaml: line 4, column 1: 'minimise': unknown key; did you mean 'minimize'?", "known: title mesh"},
  };
  CHECK_ALL("mesh: {box: {cells: [2, 2]}}\nfields: {u: {space: P1, test: v}}\nequation: u*v*dx == v*dx\n", refusals);
}

static void meshes_that_contradict(void **state) {
  (void)state;
  static const refusal refusals[] = {
      {"mesh: {}", "a.yaml: mesh: line 3, column 7: '{}'", "one of: file geometry box"},
      {"mesh:", "a.yaml: mesh: line 3, column 6: ''", "one of: file geometry box"},
      {"mesh: {file: a.msh, box: {cells: [1, 1]}}", "a.yaml: mesh: line 3, column 21: 'box': together with 'file'", "one of"},
      {"mesh: {file: a.msh, size: 2}", "a.yaml: mesh: line 3, column 21: 'size'", "goes with geometry"},
      {"mesh: {file: a.step}", "a.yaml: mesh.file: line 3, column 14: 'a.step'", "ends in .msh"},
      {"mesh: {geometry: a.step}", "a.yaml: mesh: line 3, column 7: 'size': missing key", "edge length in metres"},
      {"mesh: {geometry: a.step, size: 1, min_size: 2}", "a.yaml: mesh.min_size: line 3, column 45: '2': above size", "expected at most 1"},
      {"mesh: {box: {cells: [2], shape: tri}}", "a.yaml: mesh.box.shape: line 3, column 33: 'tri': does not fit 1 number in cells", "expected line"},
      {"mesh: {box: {cells: [2, 2, 2, 2]}}", "a.yaml: mesh.box.cells: line 3, column 21: '[2, 2, 2, 2]': a list", "1 to 3 whole numbers"},
      {"mesh: {box: {cells: [2, 0]}}", "a.yaml: mesh.box.cells.1: line 3, column 25: '0': out of range", "whole numbers from 1"},
      {"mesh: {box: {cells: [2, 2], lower: [0, 0, 0]}}", "a.yaml: mesh.box.lower: line 3, column 36: '[0, 0, 0]': 3 numbers", "expected 2"},
      {"mesh: {box: {cells: [2, 2], lower: [1, 0]}}", "a.yaml: mesh.box.lower: line 3, column 36: '[1, 0]': upper 1 is not above lower 1", "in direction 0"},
      {"mesh: {box: {cells: [2, 2], shape: tet}}", "a.yaml: mesh.box.shape: line 3, column 36: 'tet'", "expected tri or quad"},
      {"mesh: {box: {cells: [2, 2, 2], shape: quad}}", "a.yaml: mesh.box.shape: line 3, column 39: 'quad'", "expected tet or hex"},
      {"mesh: {box: {cells: [2, 2], shape: triangle}}", "a.yaml: mesh.box.shape: line 3, column 36: 'triangle': unknown choice; did you mean 'tri'?", "line tri quad tet hex"},
  };
  CHECK_ALL("fields: {u: {space: P1, test: v}}\nequation: u*v*dx == v*dx\n", refusals);
}

static void fields_and_forms(void **state) {
  (void)state;
  static const refusal refusals[] = {
      {"fields: {u: {space: P1}}", "a.yaml: line 1, column 1: 'equation': missing key", "expected equation, energy or both"},
      {"fields: {u: {space: P1}}\nequation: u*dx", "a.yaml: fields.u: line 2, column 13: 'test': missing key", "an equation (line 3)"},
      {"fields: {}\nenergy: 1", "a.yaml: fields: line 2, column 9: '{}': no field", "expected {NAME: {space: P2}}"},
      {"fields: {u: {space: P1}, p: {space: P1}}\nenergy: 1\nconditions: [{on: left, value: 0}]", "a.yaml: conditions.0: line 4, column 14: 'field': missing key",
       "there are several fields, expected which of them is meant: u p"},
      {"fields: {u: {space: P1}, p: {space: P1}}\nenergy: 1\nprobes: {a: {at: [0, 0]}}", "a.yaml: probes.a: line 4, column 13: 'field': missing key",
       "there are several fields, expected which of them is meant: u p"},
      {"fields: {u: {space: P1, test: v}, p: {space: P1}}\nequation: 1", "a.yaml: fields.p: line 2, column 38: 'test': missing key", "expected the name of the test function"},
      {"fields: {u: {space: P1, test: v}, p: {space: P1, test: v}}\nequation: 1", "a.yaml: fields.p.test: line 2, column 56: 'v'", "a name in use in fields.u.test"},
      {"fields: {u: {space: P1, test: u}}\nenergy: 1", "a.yaml: fields.u.test: line 2, column 31: 'u': a name in use in fields", "expected another"},
      {"fields: {u: {space: P5}}\nenergy: 1", "a.yaml: fields.u.space: line 2, column 21: 'P5'", "this space is not available yet; expected"},
      {"fields: {u: {space: P0}}\nenergy: 1", "a.yaml: fields.u.space: line 2, column 21: 'P0': unknown space; did you mean 'DP0'?", "P1 to P4"},
      {"fields: {u: {space: p2}}\nenergy: 1", "a.yaml: fields.u.space: line 2, column 21: 'p2': unknown space; did you mean 'P2'?", "P1 to P4"},
      {"fields: {u: {space: CG1}}\nenergy: 1", "a.yaml: fields.u.space: line 2, column 21: 'CG1': unknown space", "P1 to P4"},
      {"fields: {u: {space: P1, shape: vector(12)}}\nenergy: 1", "a.yaml: fields.u.shape: line 2, column 32: 'vector(12)': unknown shape", "n from 1 to 9"},
      {"fields: {u: {spce: P1}}\nenergy: 1", "a.yaml: fields.u: line 2, column 14: 'spce': unknown key in fields.u; did you mean 'space'?; known: space shape test", ""},
      {"fields: {u: {space: P1, shape: vector}}\nenergy: 1\nconditions: [{on: a, component: 2, value: 0}]",
       "a.yaml: conditions.0.component: line 4, column 33: '2': no such component", "expected 0 to 1"},
  };
  CHECK_ALL("mesh: {box: {cells: [2, 2]}}\n", refusals);
}

static void sets_that_lead_nowhere(void **state) {
  (void)state;
  static const refusal refusals[] = {
      {"a", "--set a: no assignment", "expected KEY.KEY=VALUE"},
      {"=1", "--set =1: no assignment", "expected KEY.KEY=VALUE"},
      {"a.b=1", "--set a.b=1: line 1, column 1: 'a': unknown key", "known: title mesh"},
      {"solver.rtl=1", "--set solver.rtl=1: solver: line 1, column 8: 'rtl': unknown key in solver; did you mean 'rtol'?", "known: linear rtol"},
      {"mesh.box.cells.7=1", "--set mesh.box.cells.7=1: mesh.box.cells: line 1, column 16: '7'", "expected a number from 0 to 1"},
      {"mesh.box.cells.x=1", "--set mesh.box.cells.x=1: mesh.box.cells: line 1, column 16: 'x'", "expected a number from 0 to 1"},
      {"mesh..box=1", "--set mesh..box=1: mesh: line 1, column 6: ''", "expected KEY.KEY=VALUE"},
      {"mesh.box= a: b: c", "--set mesh.box= a: b: c: line 1, column 15: ':'", "in quotes"},
      {"equation.x=1", "--set equation.x=1: equation: line 1, column 10: 'x': equation is text (line 3)", "set it as a whole"},
      {"conditions.1.value=1", "--set conditions.1.value=1: line 1, column 1: 'conditions': a list that is not there", "expected 0, which begins it"},
      {"fields.u.space=Q2", "--set fields.u.space=Q2: fields.u.space: line 1, column 16: 'Q2': unknown space; did you mean 'P2'?", "P1 to P4"},
      {"equation=u*\nt", "--set equation=u*...: equation: line 2, column 1: 't'", "time, in a problem without the key `time`; expected time: {end: .., step: ..}"},
      {"equation=[u*v*dx, v*dx]", "--set equation=[u*v*dx, v*dx]: equation: line 1, column 10: '[u*v*dx, v*dx]'",
       "a list; expected one text, in which the terms of all fields are added"},
      {"title=[1]", "--set title=[1]: title: line 1, column 7: '[1]': a list", "expected text"},
      {"title=a\n---\nb", "--set title=a...: line 2, column 1: '---'", "a second document"},
  };
  static const char base[] = "mesh: {box: {cells: [2, 2]}}\nfields: {u: {space: P1, test: v}}\nequation: u*v*dx == v*dx\n";
  gkt_context *ctx = context();
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    gkt_settings *s = NULL;
    check(ctx, gkt_settings_parse(ctx, "a.yaml", base, strlen(base), 1, &refusals[i].text, &s), refusals[i].text, &refusals[i]);
    assert_null(s);
  }
  gkt_context_destroy(&ctx);
}

static void a_file_that_is_not_there(void **state) {
  (void)state;
  gkt_context *ctx = context();
  gkt_settings *s = NULL;
  assert_int_equal(gkt_settings_read(ctx, "/nowhere/a.yaml", 0, NULL, &s), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "/nowhere/a.yaml"));
  assert_null(s);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(yaml_that_is_none),      cmocka_unit_test(depth_is_limited),        cmocka_unit_test(names_that_clash),
                                     cmocka_unit_test(values_that_contradict), cmocka_unit_test(meshes_that_contradict),  cmocka_unit_test(fields_and_forms),
                                     cmocka_unit_test(sets_that_lead_nowhere), cmocka_unit_test(a_file_that_is_not_there)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
