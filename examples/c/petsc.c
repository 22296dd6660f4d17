/* The lowest frequency of a square membrane with PETSc's own objects: inverse iteration on A u = lambda M u, A by Galerkit as a PETSc matrix, the solver and its options the
   caller's. lambda = 2 pi^2. Build with PETSc's flags as well: $(pkg-config --cflags --libs galerkit PETSc ompi-c). */
#include <galerkit/galerkit.h>
#include <galerkit/petsc.h>
#include <math.h>
#include <petscksp.h>
#include <stdio.h>
#include <stdlib.h>

static gkt_context *ctx;
static void must(gkt_status status) {
  if (status == GKT_OK) return;
  fprintf(stderr, "petsc: %s\n", gkt_context_message(ctx));
  exit(1);
}

/* The tangent of a form as a PETSc matrix over *csr, with what the system knows of it: symmetry, conditions, near-null-space. */
static Mat assemble(gkt_scope *scope, gkt_mesh *mesh, const gkt_space *V, gkt_expression *zero, const char *text, gkt_csr **csr) {
  gkt_form *form;
  gkt_system *system;
  gkt_vector *u;
  gkt_system_facts facts;
  Mat A;
  must(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = text}, &form));
  must(gkt_system_create(form, mesh, 1, (int[]){0}, (const gkt_space *const[]){V, NULL}, &system));
  must(gkt_system_constrain(system, &(gkt_condition){.set = gkt_mesh_find_set(mesh, "boundary"), .component = -1, .value = zero}));
  must(gkt_system_vector(system, &u));
  must(gkt_system_matrix(system, csr));
  must(gkt_system_tangent(system, &(gkt_state){.u = u}, (gkt_shifts){.value = 1}, *csr));
  must(gkt_system_get_facts(system, &facts));
  must(gkt_petsc_mat_create(ctx, *csr, &facts, &A));
  return A;
}

static PetscErrorCode iterate(Mat A, Mat M, double *lambda) {
  KSP ksp;
  Vec u, Mu;
  PetscScalar size;
  PetscCall(KSPCreate(PETSC_COMM_SELF, &ksp));
  PetscCall(KSPSetOperators(ksp, A, A));
  PetscCall(PetscOptionsSetValue(NULL, "-mine_ksp_type", "cg"));
  PetscCall(PetscOptionsSetValue(NULL, "-mine_pc_type", "gamg"));
  PetscCall(PetscOptionsSetValue(NULL, "-mine_ksp_rtol", "1e-10"));
  PetscCall(KSPSetOptionsPrefix(ksp, "mine_"));
  PetscCall(KSPSetFromOptions(ksp));
  PetscCall(MatCreateVecs(A, &u, &Mu));
  PetscCall(VecSet(u, 1));
  for (int i = 0; i < 20; i++) {
    PetscCall(MatMult(M, u, Mu));
    PetscCall(VecDot(u, Mu, &size));
    PetscCall(VecScale(Mu, 1 / sqrt(size))); /* u'Mu = 1 from here on */
    PetscCall(KSPSolve(ksp, Mu, u));
    PetscCall(VecDot(u, Mu, &size));
    *lambda = 1 / size;
  }
  PetscCall(VecDestroy(&u));
  PetscCall(VecDestroy(&Mu));
  return KSPDestroy(&ksp);
}

int main(void) {
  const gkt_element P2 = {GKT_LAGRANGE, 2};
  gkt_mesh *mesh;
  gkt_space *V;
  gkt_scope *scope;
  gkt_expression *zero;
  gkt_csr *stiffness, *mass;
  double lambda = 0, exact = 2 * acos(-1) * acos(-1);
  int f;
  must(gkt_context_create(NULL, &ctx));
  must(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {32, 32}, {0, 0}, {1, 1}}, &mesh));
  must(gkt_mesh_topology(mesh));
  must(gkt_space_create(mesh, P2, gkt_shape_scalar(), &V));
  must(gkt_scope_create(ctx, 2, &scope));
  must(gkt_scope_add_field(scope, "u", "v", gkt_shape_scalar(), P2, &f));
  must(gkt_expression_parse(scope, &(gkt_source){.text = "0"}, &zero));
  Mat A = assemble(scope, mesh, V, zero, "dot(grad(u), grad(v))*dx", &stiffness), M = assemble(scope, mesh, V, zero, "u*v*dx", &mass);
  if (iterate(A, M, &lambda) || MatDestroy(&A) || MatDestroy(&M)) return 1;
  printf("lambda = %.8f, 2 pi^2 = %.8f, relative error %.1e\n", lambda, exact, fabs(lambda / exact - 1));
  return fabs(lambda / exact - 1) < 1e-5 ? 0 : 1; /* h^4 of P2 */
}
