#!/usr/bin/env python3
"""Steps of the heat and of the wave equation with DOLFINx 0.11 (the Python registry: dolfinx-solver-real), kernels compiled -O3 -march=native: run_dolfinx_time.py heat|wave BOXES STEP COUNT

P1 on a cube of BOXES boxes an edge, cut into tetrahedra; COUNT steps of length STEP, of which the first five are not counted. Printed as JSON: CPU seconds of a step, by ways, and the
norm of u at the end. `usual` goes over the cells in each step, as the FEniCS project's tutorials do (https://jsdokken.com/dolfinx-tutorial/chapter2/heat_code.html), `matrices`
multiplies by matrices that are kept. Heat: implicit Euler, CG from the last solution to a true residual of 1e-10, operator and preconditioner kept; the wave: central differences
with lumped masses. One process, one thread."""
import json
import sys
import time

import numpy
import ufl
from dolfinx import fem, mesh
from dolfinx.fem import petsc
from mpi4py import MPI
from petsc4py import PETSc

SKIPPED, RTOL = 5, 1e-10
JIT = {"cffi_extra_compile_args": ["-O3", "-march=native"], "cffi_libraries": ["m"], "timeout": 600}
kind, boxes, step, count = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
box = mesh.create_unit_cube(MPI.COMM_SELF, boxes, boxes, boxes)
V = fem.functionspace(box, ("Lagrange", 1))
u, v, x = ufl.TrialFunction(V), ufl.TestFunction(V), ufl.SpatialCoordinate(box)
box.topology.create_connectivity(2, 3)
fixed = fem.locate_dofs_topological(V, 2, mesh.exterior_facet_indices(box.topology))
condition = fem.dirichletbc(PETSc.ScalarType(0), fixed, V)
compiled = lambda form: fem.form(form, jit_options=JIT)
start = lambda y: numpy.sin(numpy.pi * y[0]) * numpy.sin(numpy.pi * y[1]) * numpy.sin(numpy.pi * y[2])


def matrix(form, bcs=()):
    A = petsc.assemble_matrix(compiled(form), bcs=list(bcs))
    A.assemble()
    return A


def timed(advance):
    """CPU seconds of a step."""
    for k in range(count):
        if k == SKIPPED:
            begun = time.process_time()
        advance()
    return (time.process_time() - begun) / (count - SKIPPED)


def heat(way, preconditioner):
    before = fem.Function(V)
    before.interpolate(start)
    before.x.array[fixed] = 0
    a = u * v * ufl.dx + step * ufl.dot(ufl.grad(u), ufl.grad(v)) * ufl.dx
    L = compiled((before + step * (1 + x[0])) * v * ufl.dx)
    A, M = matrix(a, [condition]), matrix(u * v * ufl.dx)
    A.setOption(PETSc.Mat.Option.SPD, True)
    load = petsc.assemble_vector(compiled(step * (1 + x[0]) * v * ufl.dx))
    solution, b, r = fem.Function(V), A.createVecRight(), A.createVecRight()
    solution.x.array[:] = before.x.array
    X, B = solution.x.petsc_vec, before.x.petsc_vec
    ksp = PETSc.KSP().create(MPI.COMM_SELF)
    ksp.setOperators(A)
    ksp.setType("cg")
    ksp.setNormType(PETSc.KSP.NormType.UNPRECONDITIONED)
    ksp.getPC().setType(preconditioner)
    ksp.setInitialGuessNonzero(True)
    ksp.setTolerances(rtol=RTOL, atol=0)
    ksp.setUp()
    iterations = []

    def advance():
        if way == "usual":
            with b.localForm() as local:
                local.set(0)
            petsc.assemble_vector(b, L)
        else:
            M.mult(B, b)
            b.axpy(1, load)
        petsc.set_bc(b, [condition])
        ksp.solve(b, X)
        iterations.append(ksp.getIterationNumber())
        before.x.array[:] = solution.x.array

    seconds = timed(advance)
    A.mult(X, r)
    r.aypx(-1, b)
    return {"seconds": seconds, "iterations": sum(iterations[SKIPPED:]) / (count - SKIPPED), "residual": r.norm() / b.norm(), "norm": X.norm()}


def wave(way):
    now = fem.Function(V)
    now.interpolate(start)
    now.x.array[fixed] = 0
    form, K = compiled(ufl.dot(ufl.grad(now), ufl.grad(v)) * ufl.dx), matrix(ufl.dot(ufl.grad(u), ufl.grad(v)) * ufl.dx)
    masses = petsc.assemble_vector(compiled(fem.Constant(box, 1.0) * v * ufl.dx)).array.copy()
    inverse = 1 / masses
    inverse[fixed] = 0
    rate, force = numpy.zeros_like(now.x.array), K.createVecRight()

    def accelerate():
        if way == "usual":
            with force.localForm() as local:
                local.set(0)
            petsc.assemble_vector(force, form)
        else:
            K.mult(now.x.petsc_vec, force)
        return -force.array_r * inverse

    state = {"a": accelerate()}

    def advance():
        rate[:] += 0.5 * step * state["a"]
        now.x.array[:] += step * rate
        state["a"] = accelerate()
        rate[:] += 0.5 * step * state["a"]

    return {"seconds": timed(advance), "norm": now.x.petsc_vec.norm()}


runs = {}
for way in ("usual", "matrices"):
    if kind == "wave":
        runs[way] = wave(way)
    for preconditioner in ("jacobi", "icc", "gamg") if kind == "heat" else ():
        runs[f"{way}, CG + {preconditioner}"] = heat(way, preconditioner)
print(json.dumps({"dofs": V.dofmap.index_map.size_local, "runs": runs}))
