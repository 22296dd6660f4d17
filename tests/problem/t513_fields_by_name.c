/* Claim: the fields of a problem file are the unknowns of its system, in the order of the file; space and values of each go by name and stand in the one vector of the solution;
   first guesses, conditions and exact solutions belong to the field that they name; the report names spaces, dofs and errors by field. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "galerkit/problem.h"
#include "tests/gkt_test.h"

/* Solution: w = 1 + x, u = (x y, 0), whose couplings are of degree 2. s is a number: the mean of w, 1.5 */
static const char text[] = "mesh: {box: {cells: [2, 3], shape: quad}}\n"
                           "fields: {w: {space: P1, test: a}, u: {space: P2, shape: vector, test: b}, s: {space: P1, test: c}}\n"
                           "coefficients: {ue: '[x[0]*x[1], 0]', we: '1 + x[0]'}\n"
                           "initial: {s: '2', w: '1 + x[0]'}\n"
                           "equation: >\n"
                           "  (dot(grad(w), grad(a)) + inner(grad(u), grad(b)) + w*u[0]*b[1] + (s^2 - 2.25)*c + w*div(u)*a)*dx\n"
                           "  == (we*ue[0]*b[1] + we*x[1]*a)*dx + a*ds(right) - a*ds(left)\n"
                           "conditions:\n"
                           "  - {on: boundary, field: u, value: ue}\n"
                           "  - {on: [left, right], field: w, value: we}\n"
                           "exact: {u: ue, w: we, s: '1.5'}\n";

static void ok(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

static void fields_go_by_name(void **unused) {
  (void)unused;
  static const struct {
    const char *name, *space;
    int degree, components;
  } fields[] = {{"w", "P1", 1, 1}, {"u", "P2", 2, 2}, {"s", "P1", 1, 1}};
  gkt_problem *p;
  bool valid;
  ok(gkt_problem_parse(ctx, "a.yaml", text, strlen(text), NULL, &p));
  ok(gkt_problem_check(p));
  const gkt_layout *layout = gkt_system_layout(gkt_problem_system(p));
  gkt_scalar *all = gkt_vector_values(gkt_problem_solution(p)), *values;
  const gkt_space *space;
  assert_int_equal(layout->num_blocks, 3);
  for (int i = 0; i < 3; i++) {
    ok(gkt_problem_values(p, fields[i].name, &space, &values));
    assert_string_equal(layout->blocks[i].name, fields[i].name);
    assert_true(values == all + layout->blocks[i].first);
    assert_int_equal(gkt_space_num_dofs(space), layout->blocks[i].count);
    assert_int_equal(gkt_space_element(space).degree, fields[i].degree);
    assert_int_equal(gkt_space_block_size(space), fields[i].components);
    for (gkt_idx k = 0; k < gkt_space_num_nodes(space); k++) { /* the guess, which conditions are not in yet */
      const double x = gkt_space_coords(space)[2 * k];
      assert_true(fabs(values[k * fields[i].components] - (i == 0 ? 1 + x : i == 1 ? 0 : 2)) <= 1e-15);
    }
  }
  ok(gkt_problem_run(p, &valid));
  if (!valid) fail_msg("%s", gkt_problem_reason(p));
  json_t *report = json_loads(gkt_problem_report_json(p), 0, NULL), *by_name = json_object_get(report, "fields"), *errors = json_object_get(report, "errors");
  assert_int_equal(json_object_size(by_name), 3);
  assert_int_equal(json_object_size(errors), 3);
  for (int i = 0; i < 3; i++) {
    json_t *field = json_object_get(by_name, fields[i].name), *error = json_object_get(errors, fields[i].name);
    assert_string_equal(json_string_value(json_object_get(field, "space")), fields[i].space);
    assert_int_equal(json_integer_value(json_object_get(field, "dofs")), layout->blocks[i].count);
    assert_true(json_real_value(json_object_get(error, "L2")) <= 1e-9 && json_real_value(json_object_get(error, "H1")) <= 1e-8); /* polynomials; Newton's 1e-10 */
  }
  assert_int_equal(json_integer_value(json_object_get(report, "dofs")), layout->num_owned);
  json_decref(report);
  gkt_problem_destroy(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(fields_go_by_name)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
