/* Claim: on every kind of cell, in one to three dimensions, mixed too, a vector in P2 and a scalar in P1 that are coupled in cells, on sides and by a nonlinear term are found as
   the polynomials that they are, also where conditions hold one of them only and the mesh is not that of the other's nodes. */
#include "tests/cells.h"
#include "tests/several_unknowns.h"

/* u = (x^2 .. with y, z), p = 1 + x - y + .. ; what is left over by them is the right-hand side, as text: the language integrates it exactly */
static void polynomials_are_found(void **unused) {
  (void)unused;
  static const char *const us[] = {"", "[x[0]^2 + 1]", "[x[0]*x[1] - x[1], x[0]^2]", "[x[0]*x[1], x[2]^2 - x[0], x[1]*x[2] + 2]"};
  static const char *const grads[] = {"", "[[2*x[0]]]", "[[x[1], x[0] - 1], [2*x[0], 0]]", "[[x[1], x[0], 0], [-1, 0, 2*x[2]], [0, x[2], x[1]]]"};
  static const char *const ps[] = {"", "1 + 2*x[0]", "1 + 2*x[0] - x[1]", "1 + 2*x[0] - x[1] + 3*x[2]"};
  static const char *const slopes[] = {"", "[2]", "[2, -1]", "[2, -1, 3]"};
  static const struct {
    int cells, dim, n;
  } kinds[] = {{GKT_LINE, 1, 3},       {GKT_TRIANGLE, 2, 2}, {GKT_QUADRILATERAL, 2, 2}, {TEST_LAYERS, 2, 2}, {GKT_TETRAHEDRON, 3, 2},
               {GKT_HEXAHEDRON, 3, 2}, {GKT_PRISM, 3, 2},    {GKT_PYRAMID, 3, 2},       {TEST_MIXED, 3, 2}};
  for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
    const int dim = kinds[kind].dim;
    const gkt_element P1 = {GKT_LAGRANGE, 1}, P2 = {GKT_LAGRANGE, 2};
    gkt_mesh *mesh = test_mesh(ctx, kinds[kind].cells, dim, kinds[kind].n, 1, 0);
    world w = open_world(ctx, mesh, (const gkt_element[]){P1, P2, P1}, (const gkt_shape[]){gkt_shape_scalar(), gkt_shape_vector(dim), gkt_shape_scalar()});
    char text[2000], ue[200], slope[100];
    snprintf(ue, sizeof ue, "%s", us[dim]), snprintf(slope, sizeof slope, "%s", slopes[dim]);
    snprintf(text, sizeof text,
             "(inner(grad(u) - %s, grad(v)) + (p - (%s))*div(v) + (p*u[0] - (%s)*(%s)[0])*v[0])*dx"
             " + (dot(grad(p) - %s, grad(q)) + (div(u) - tr(%s))*q)*dx + (p - (%s))*q*ds + (u[0] - (%s)[0])*q*ds(left)",
             grads[dim], ps[dim], ps[dim], ue, slope, grads[dim], ps[dim], ue);
    make_system(&w, GKT_EQUATION, text, 2, (const int[]){U, P});
    hold(&w, U, "boundary", ue);
    gkt_vector *x = solve(&w);
    for (int b = 0; b < 2; b++) {
      const gkt_layout_block *l = &gkt_system_layout(w.system)->blocks[b];
      const gkt_space *space = w.spaces[l->function];
      gkt_scalar *exact = malloc((size_t)l->count * sizeof *exact);
      gkt_expression *e;
      ok(gkt_expression_parse(w.scope, &(gkt_source){.text = b ? ue : ps[dim]}, &e));
      ok(gkt_interpolate(e, space, &(gkt_inputs){.spaces = w.spaces}, exact));
      const double error = largest_difference(l->count, gkt_vector_read(x) + l->first, exact);
      if (!(error <= 1e-8)) fail_msg("mesh %zu: %s is off by %g", kind, l->name, error); /* Newton's 1e-10, condition */
      gkt_expression_destroy(&e);
      free(exact);
    }
    gkt_vector_destroy(&x);
    close_world(&w);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(polynomials_are_found)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
