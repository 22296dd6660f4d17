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

typedef struct {
  gkt_mesh *mesh;
  gkt_space *space;
  gkt_scope *scope;
  gkt_constraints *fixed;
} membrane;

static gkt_csr *assemble(const membrane *w, const char *text) {
  const gkt_space *spaces[] = {w->space, NULL};
  gkt_inputs inputs = {.spaces = spaces};
  gkt_form *form, *derivative;
  gkt_assembler *assembler;
  gkt_csr *matrix;
  must(gkt_form_parse(w->scope, GKT_EQUATION, &(gkt_source){.text = text}, &form));
  must(gkt_form_derivative(form, 0, &derivative));
  must(gkt_assembler_create(derivative, w->mesh, spaces, &assembler));
  must(gkt_assembler_matrix(assembler, &matrix));
  must(gkt_assemble_matrix(assembler, &inputs, matrix));
  gkt_constraints_eliminate(w->fixed, matrix);
  return matrix;
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
  membrane w;
  gkt_expression *zero;
  double lambda = 0, exact = 2 * acos(-1) * acos(-1);
  int f;
  Mat A, M;
  must(gkt_context_create(NULL, &ctx));
  must(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {32, 32}, {0, 0}, {1, 1}}, &w.mesh));
  must(gkt_mesh_topology(w.mesh));
  must(gkt_space_create(w.mesh, (gkt_element){GKT_LAGRANGE, 2}, gkt_shape_scalar(), &w.space));
  must(gkt_scope_create(ctx, 2, &w.scope));
  must(gkt_scope_add_field(w.scope, "u", "v", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 2}, &f));
  must(gkt_expression_parse(w.scope, &(gkt_source){.text = "0"}, &zero));
  must(gkt_constraints_create(w.space, &w.fixed));
  must(gkt_constraints_add(w.fixed, gkt_mesh_find_set(w.mesh, "boundary"), -1, zero, &(gkt_inputs){0}, "boundary"));
  gkt_csr *stiffness = assemble(&w, "dot(grad(u), grad(v))*dx"), *mass = assemble(&w, "u*v*dx");
  gkt_system_facts facts = {.symmetric = true, .positive = true, .block_size = 1, .dim = 2, .coords = gkt_space_coords(w.space), .constrained = gkt_constraints_mask(w.fixed)};
  must(gkt_petsc_mat_create(ctx, stiffness, &facts, &A));
  must(gkt_petsc_mat_create(ctx, mass, &facts, &M));
  if (iterate(A, M, &lambda) || MatDestroy(&A) || MatDestroy(&M)) return 1;
  printf("lambda = %.8f, 2 pi^2 = %.8f, relative error %.1e\n", lambda, exact, fabs(lambda / exact - 1));
  return fabs(lambda / exact - 1) < 1e-5 ? 0 : 1; /* h^4 of P2 */
}
