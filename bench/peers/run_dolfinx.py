#!/usr/bin/env python3
"""The cases of `galerkit bench assembly` with DOLFINx, kernels compiled -O3 -march=native and $FLAGS: 0.5 (Debian: python3-dolfinx) into PETSc's matrix, 0.11 (the Python registry:
dolfinx-solver-real) into its own, dolfinx.la.MatrixCSR. That one refuses blocks whose rows and columns have different sizes, as velocity by pressure, ("Non-square blocksize
unsupported in Python"), so a problem of several fields is one mixed element there, in a matrix of single entries.

    run_dolfinx.py OURS.json --json THEIRS.json [--repeat R]

OURS.json is what `galerkit bench assembly --json` wrote: its names say which cases to run, its cells how fine. Timed is the reassembly of the matrix (set to zero, cells added,
finished) and of the residual; constants and coefficients are packed before. Pattern, form compilation and mesh are outside. One process, one thread."""
import argparse
import json
import os
import time

import dolfinx
import numpy
import ufl
from dolfinx import fem

from dolfinx_tools import JIT, make_box

NATIVE = hasattr(fem, "functionspace")  # from 0.8 on
if NATIVE:
    import basix.ufl
else:
    from dolfinx.fem import petsc


def varying(x):
    return 1 + x[0] ** 2 + x[1] ** 2 + x[2] ** 2


def initial(x):
    return 0.1 * numpy.sin(numpy.stack([x[1], x[2], x[0]]))


START = (initial, lambda x: 0 * x[0], lambda x: numpy.cos(x[2]))  # of u, p, c


def poisson(u, v, k, dx):
    return k * ufl.dot(ufl.grad(u), ufl.grad(v)) * dx - v * ufl.dx


def elasticity(u, v, k, dx):
    lam, mu = (fem.Constant(u.function_space.mesh, numpy.float64(c)) for c in (1.25, 0.8))
    return k * (2 * mu * ufl.inner(ufl.sym(ufl.grad(u)), ufl.sym(ufl.grad(v))) + lam * ufl.div(u) * ufl.div(v)) * dx - v[2] * ufl.dx


def neo_hookean(u, v, k, dx):
    lam, mu = (fem.Constant(u.function_space.mesh, numpy.float64(c)) for c in (1.25, 0.8))
    F = ufl.Identity(3) + ufl.grad(u)
    J = ufl.det(F)
    energy = k * (mu / 2 * (ufl.inner(F, F) - 3) - mu * ufl.ln(J) + lam / 2 * ufl.ln(J) ** 2) * dx
    return ufl.derivative(energy, u, v)


def exact(degree):
    """The measure that is exact for a term. Left to itself DOLFINx takes the points of the highest degree for all terms, which is slower by half; DEGREES=estimated has it do so."""
    return ufl.dx if os.environ.get("DEGREES") == "estimated" else ufl.dx(metadata={"quadrature_degree": degree})


def carried(u, v):
    return ufl.inner(ufl.grad(u) * u, v) * exact(5) + 0.01 * ufl.inner(ufl.grad(u), ufl.grad(v)) * exact(2)


def burgers(u, v, k, dx):
    return carried(u, v)


def navier_stokes(w, t):
    (u, p), (v, q) = w[:2], t[:2]
    return carried(u, v) - (p * ufl.div(v) + q * ufl.div(u)) * exact(2)


def boussinesq(w, t):
    (u, _, c), (v, _, d) = w, t
    return navier_stokes(w, t) - c * v[2] * exact(4) + ufl.dot(u, ufl.grad(c)) * d * exact(5) + 0.01 * ufl.dot(ufl.grad(c), ufl.grad(d)) * exact(2)


# name: cell, degree, vector, form, quadrature degree (None: estimated), space of k
CASES = {
    "poisson-p1": ("tet", 1, False, poisson, None, ("P", 1)),
    "elasticity-p1": ("tet", 1, True, elasticity, None, ("DG", 0)),
    "poisson-p2": ("tet", 2, False, poisson, None, ("P", 1)),
    "elasticity-q1": ("hex", 1, True, elasticity, 2, ("DG", 0)),
    "elasticity-q2": ("hex", 2, True, elasticity, 4, ("DG", 0)),
    "neo-hookean-p2": ("tet", 2, True, neo_hookean, 2, ("DG", 0)),
    "burgers-p2": ("tet", 2, True, burgers, None, None),
}
# of several fields, on tetrahedra: form, degree and vector for each field
MIXED = {"navier-stokes": (navier_stokes, ((2, True), (1, False))), "boussinesq": (boussinesq, ((2, True), (1, False), (2, False)))}
NONLINEAR = ("neo-hookean-p2", "burgers-p2", *MIXED)


def make_space(box, element, vector):
    if NATIVE:
        return fem.functionspace(box, (*element, (3,)) if vector else element)
    return (fem.VectorFunctionSpace if vector else fem.FunctionSpace)(box, element)


def make_mixed_space(box, fields):
    if NATIVE:
        return fem.functionspace(box, basix.ufl.mixed_element([basix.ufl.element("P", "tetrahedron", degree, shape=(3,) if vector else ()) for degree, vector in fields]))
    element = lambda degree, vector: (ufl.VectorElement if vector else ufl.FiniteElement)("P", "tetrahedron", degree)
    return fem.FunctionSpace(box, ufl.MixedElement([element(*f) for f in fields]))


def make_mixed_forms(name, cells):
    form, fields = MIXED[name]
    V = make_mixed_space(make_box("tet", cells), fields)
    w = fem.Function(V)
    residual = form(ufl.split(w), ufl.TestFunctions(V))
    return V, w, residual, ufl.derivative(residual, w)


def make_forms(name, cells):
    if name in MIXED:
        return make_mixed_forms(name, cells)
    cell, degree, vector, form, quadrature, k_space = CASES[name.removesuffix("-varying")]
    box = make_box(cell, cells)
    V = make_space(box, ("P", degree), vector)
    u, v, k = fem.Function(V), ufl.TestFunction(V), 1
    if name.endswith("-varying"):
        k = fem.Function(make_space(box, k_space, False))
        k.interpolate(varying)
    residual = form(u, v, k, ufl.dx if quadrature is None else ufl.dx(metadata={"quadrature_degree": quadrature}))
    return V, u, residual, ufl.derivative(residual, u)


def interpolate(w, name, functions):
    """One function for each field."""
    for part, f in zip([w.sub(i) for i in range(len(MIXED[name][1]))] if name in MIXED else [w], functions):
        part.interpolate(f)


def wave(V, name):
    """sin(1 + c + x + 2y + 3z) in component c of each field at each of its nodes."""
    w, rows = fem.Function(V), lambda x, count: numpy.stack([numpy.sin(1 + c + x[0] + 2 * x[1] + 3 * x[2]) for c in range(count)])
    vectors = [vector for _, vector in MIXED[name][1]] if name in MIXED else [V.dofmap.bs > 1]
    interpolate(w, name, [(lambda x: rows(x, 3)) if vector else (lambda x: rows(x, 1)[0]) for vector in vectors])
    return w


def times(repeat, assemble):
    assemble()
    wall, cpu = [], []
    for _ in range(repeat):
        start = time.perf_counter(), time.process_time()
        assemble()
        wall.append(time.perf_counter() - start[0])
        cpu.append(time.process_time() - start[1])
    return {"min_seconds": min(wall), "median_seconds": float(numpy.median(wall)), "cpu_seconds": min(cpu)}


class Petsc:
    """Matrix and residual in PETSc's."""

    def __init__(self, A_form, R):
        self.A, self.b, self.forms = petsc.create_matrix(A_form), petsc.create_vector(R), (A_form, R)
        self.packed = [(petsc._pack_constants(f), petsc._pack_coefficients(f)) for f in self.forms]

    def assemble_matrix(self):
        self.A.zeroEntries()
        petsc.assemble_matrix(self.A, self.forms[0], constants=self.packed[0][0], coeffs=self.packed[0][1])
        self.A.assemble()

    def assemble_vector(self):
        self.b.array[:] = 0
        petsc.assemble_vector(self.b, self.forms[1], constants=self.packed[1][0], coeffs=self.packed[1][1])

    def figures(self, w):
        # numpy sums in parts; PETSc's own Frobenius norm is one running sum, which is off in the eleventh digit
        offsets, columns, entries = self.A.getValuesCSR()
        return offsets, columns, entries, (self.A * w.vector).array, self.b.array


class Native:
    """In DOLFINx's own, whose blocks are compact."""

    def __init__(self, A_form, R):
        self.A, self.b, self.forms = fem.create_matrix(A_form), fem.create_vector(R.function_spaces[0]), (A_form, R)
        self.packed = [(fem.pack_constants(f), fem.pack_coefficients(f)) for f in self.forms]

    def assemble_matrix(self):
        self.A.data[:] = 0
        fem.assemble_matrix(self.A, self.forms[0], constants=self.packed[0][0], coeffs=self.packed[0][1])

    def assemble_vector(self):
        self.b.array[:] = 0
        fem.assemble_vector(self.b.array, self.forms[1], constants=self.packed[1][0], coeffs=self.packed[1][1])

    def figures(self, w):
        rows, cols = self.A.block_size
        counts = numpy.diff(self.A.indptr)
        blocks, x = self.A.data.reshape(-1, rows, cols), w.x.array.reshape(-1, cols)
        product = numpy.add.reduceat(numpy.einsum("kij,kj->ki", blocks, x[self.A.indices]), self.A.indptr[:-1], axis=0)  # no row is empty
        assert counts.min() > 0
        return self.A.indptr, self.A.indices, self.A.data, product, self.b.array


def count_coupled(V, name, offsets, columns, entries):
    """How many entries lie in blocks of fields that the form couples, or on the diagonal, which Galerkit always stores. A mixed element stores the other blocks, too, all zero."""
    field, count = numpy.empty(len(offsets) - 1, dtype=int), len(MIXED[name][1])
    for i in range(count):
        dofs = V.sub(i).dofmap.list
        field[(dofs if NATIVE else dofs.array).ravel()] = i
    rows = numpy.repeat(numpy.arange(len(field)), numpy.diff(offsets))
    pair = count * field[rows] + field[columns]
    there = (numpy.bincount(pair, abs(entries)) > 0)[pair] | (rows == columns)
    return int(there.sum())


def measure(name, cells, repeat):
    V, u, residual, tangent = make_forms(name, cells)
    w = wave(V, name)
    if name.removesuffix("-varying") in NONLINEAR:
        interpolate(u, name, START)
    else:
        u.x.array[:] = w.x.array
    start = time.perf_counter()
    R, A_form = (fem.form(f, **{"jit_options" if NATIVE else "jit_params": JIT}) for f in (residual, tangent))
    compiled = time.perf_counter() - start
    start = time.perf_counter()
    system = (Native if NATIVE else Petsc)(A_form, R)
    pattern = time.perf_counter() - start
    result = {"name": name, "cells": cells, "dofs": V.dofmap.index_map.size_local * V.dofmap.bs, "repeat": repeat, "seconds": {"compile": compiled, "pattern": pattern},
              "matrix": times(repeat, system.assemble_matrix), "vector": times(repeat, system.assemble_vector)}
    *pattern, entries, product, b = system.figures(w)
    result["nonzeros"] = count_coupled(V, name, *pattern, entries) if name in MIXED else len(entries)
    norm = lambda x: float(numpy.sqrt(numpy.sum(x ** 2)))
    result["norms"] = {"matrix": norm(entries), "product": norm(product), "residual": norm(b)}
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ours")
    parser.add_argument("--json", required=True)
    parser.add_argument("--repeat", type=int, default=10)
    args = parser.parse_args()
    cases = [measure(c["name"], c["cells"], args.repeat) for c in json.load(open(args.ours))["cases"]]
    json.dump({"program": f"DOLFINx {dolfinx.__version__}", "cases": cases}, open(args.json, "w"), indent=2)


main()
