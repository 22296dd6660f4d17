"""Stokes's problem for run_dolfinx_solve.py, as DOLFINx's own demonstration sets it up (demo_stokes, "nested matrix solver"): P2-P1, nested matrices, the pressure known up to a constant that
is told to PETSc, preconditioned by the block of the velocity and the mass of the pressure."""
import numpy
import ufl
from dolfinx import fem, mesh
from dolfinx.fem import petsc
from petsc4py import PETSc

from dolfinx_tools import JIT

# the demonstration's: MINRES, one cycle of GAMG for the velocity, the diagonal of the mass for the pressure
USUAL = "-ksp_type minres -pc_type fieldsplit -pc_fieldsplit_type additive -fieldsplit_u_ksp_type preonly -fieldsplit_u_pc_type gamg -fieldsplit_p_ksp_type preonly -fieldsplit_p_pc_type jacobi"


class Stokes:
    """Plans at creation; `assemble` makes the matrices, `operators` what a method is set up from."""

    def __init__(self, domain):
        self.V, self.Q = fem.VectorFunctionSpace(domain, ("P", 2)), fem.FunctionSpace(domain, ("P", 1))
        u, v, p, q = ufl.TrialFunction(self.V), ufl.TestFunction(self.V), ufl.TrialFunction(self.Q), ufl.TestFunction(self.Q)
        x = ufl.SpatialCoordinate(domain)
        load = ufl.as_vector([x[1] * x[2], -x[0] * x[2], x[0] * x[1]])
        facets = mesh.exterior_facet_indices(domain.topology)
        self.bcs = [fem.dirichletbc(numpy.zeros(3), fem.locate_dofs_topological(self.V, 2, facets), self.V)]
        compiled = lambda form: fem.form(form, jit_params=JIT)
        self.a = [[compiled(ufl.inner(ufl.grad(u), ufl.grad(v)) * ufl.dx), compiled(-p * ufl.div(v) * ufl.dx)], [compiled(-q * ufl.div(u) * ufl.dx), None]]
        self.mass, self.mean = compiled(p * q * ufl.dx), compiled(q * ufl.dx)
        self.L = [compiled(ufl.dot(load, v) * ufl.dx), compiled(ufl.inner(fem.Constant(domain, PETSc.ScalarType(0)), q) * ufl.dx)]
        self.nest, self.M = petsc.create_matrix_nest(self.a), petsc.create_matrix(self.mass)
        self.dofs = sum(W.dofmap.index_map.size_local * W.dofmap.bs for W in (self.V, self.Q))

    def assemble(self):
        self.nest.zeroEntries()
        petsc.assemble_matrix_nest(self.nest, self.a, bcs=self.bcs)
        self.nest.assemble()
        self.M.zeroEntries()
        petsc.assemble_matrix(self.M, self.mass)
        self.M.assemble()
        b = petsc.assemble_vector_nest(self.L)
        petsc.apply_lifting_nest(b, self.a, bcs=self.bcs)
        petsc.set_bc_nest(b, fem.bcs_by_block(fem.extract_function_spaces(self.L), self.bcs))
        self.parts = [[self.nest.getNestSubMatrix(i, j) for j in range(2)] for i in range(2)]
        self.A = PETSc.Mat().createNest([self.parts[0], [self.parts[1][0], None]])  # for vectors that are one array
        self.A.assemble()
        self.b = self.A.createVecLeft()
        self.b.array[:] = numpy.concatenate([part.array for part in b.getNestSubVecs()])
        self.describe()

    def describe(self):
        constant = self.A.createVecRight()
        constant.array[:] = self.of_pressure()
        constant.normalize()
        self.A.setNullSpace(PETSc.NullSpace().create(vectors=[constant]))
        for block in (self.parts[0][0], self.M):
            block.setOption(PETSc.Mat.Option.SPD, True)

    def of_pressure(self):
        return numpy.arange(self.dofs) >= self.V.dofmap.index_map.size_local * self.V.dofmap.bs

    def operators(self, usual):
        """The matrix for the preconditioner: block-diagonal with the mass, or, for a sweep from the pressure to the velocity, with its coupling and minus the mass."""
        if usual:
            blocks = [[self.parts[0][0], None], [None, self.M]]
        else:
            minus = self.M.copy()
            minus.scale(-1)
            blocks = [self.parts[0], [self.parts[1][0], minus]]
        P = PETSc.Mat().createNest(blocks)
        P.assemble()
        return P

    def tell_fields(self, ksp, P, usual):
        names = dict(zip("up", P.getNestISs()[0]))
        ksp.getPC().setFieldSplitIS(*((f, names[f]) for f in ("up" if usual else "pu")))

    def nonzeros(self):
        """Those of Galerkit, which also stores the diagonal of the pressure."""
        return int(sum(self.parts[i][j].getInfo()["nz_used"] for i, j in ((0, 0), (0, 1), (1, 0)))) + self.Q.dofmap.index_map.size_local

    def solution(self, x):
        """Norm and largest value over all dofs, the pressure's mean over the cube 0."""
        both, pressure = x.array.copy(), self.of_pressure()
        both[pressure] -= numpy.dot(petsc.assemble_vector(self.mean).array, both[pressure])
        return {"norm": float(numpy.linalg.norm(both)), "max": float(abs(both).max())}
