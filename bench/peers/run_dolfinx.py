#!/usr/bin/env python3
"""The cases of `galerkit bench assembly` with DOLFINx 0.5 (Debian: python3-dolfinx), kernels compiled -O3 -march=native.

    run_dolfinx.py OURS.json --json THEIRS.json [--repeat R]

OURS.json is what `galerkit bench assembly --json` wrote: its names say which cases to run, its cells how fine. Timed is the reassembly of the matrix (set to zero, cells added,
finished) and of the residual; constants and coefficients are packed before. Pattern, form compilation and mesh are outside. One process, one thread."""
import argparse
import json
import time

import dolfinx
import numpy
import ufl
from dolfinx import fem
from dolfinx.fem import petsc
from petsc4py import PETSc

from dolfinx_tools import JIT, make_box


def varying(x):
    return 1 + x[0] ** 2 + x[1] ** 2 + x[2] ** 2


def initial(x):
    return 0.1 * numpy.sin(numpy.stack([x[1], x[2], x[0]]))


def poisson(u, v, k, dx):
    return k * ufl.dot(ufl.grad(u), ufl.grad(v)) * dx - v * ufl.dx


def elasticity(u, v, k, dx):
    lam, mu = (fem.Constant(u.function_space.mesh, PETSc.ScalarType(c)) for c in (1.25, 0.8))
    return k * (2 * mu * ufl.inner(ufl.sym(ufl.grad(u)), ufl.sym(ufl.grad(v))) + lam * ufl.div(u) * ufl.div(v)) * dx - v[2] * ufl.dx


def neo_hookean(u, v, k, dx):
    lam, mu = (fem.Constant(u.function_space.mesh, PETSc.ScalarType(c)) for c in (1.25, 0.8))
    F = ufl.Identity(3) + ufl.grad(u)
    J = ufl.det(F)
    energy = k * (mu / 2 * (ufl.inner(F, F) - 3) - mu * ufl.ln(J) + lam / 2 * ufl.ln(J) ** 2) * dx
    return ufl.derivative(energy, u, v)


# name: cell, degree, vector, form, quadrature degree (None: estimated), space of k
CASES = {
    "poisson-p1": ("tet", 1, False, poisson, None, ("P", 1)),
    "elasticity-p1": ("tet", 1, True, elasticity, None, ("DG", 0)),
    "poisson-p2": ("tet", 2, False, poisson, None, ("P", 1)),
    "elasticity-q1": ("hex", 1, True, elasticity, 2, ("DG", 0)),
    "elasticity-q2": ("hex", 2, True, elasticity, 4, ("DG", 0)),
    "neo-hookean-p2": ("tet", 2, True, neo_hookean, 2, ("DG", 0)),
}


def make_forms(name, cells):
    cell, degree, vector, form, quadrature, k_space = CASES[name.removesuffix("-varying")]
    box = make_box(cell, cells)
    V = (fem.VectorFunctionSpace if vector else fem.FunctionSpace)(box, ("P", degree))
    u, v, k = fem.Function(V), ufl.TestFunction(V), 1
    if name.endswith("-varying"):
        k = fem.Function(fem.FunctionSpace(box, k_space))
        k.interpolate(varying)
    residual = form(u, v, k, ufl.dx if quadrature is None else ufl.dx(metadata={"quadrature_degree": quadrature}))
    return V, u, form is neo_hookean, residual, ufl.derivative(residual, u)


def wave(V):
    """sin(1 + c + x + 2y + 3z) in component c at each node."""
    w, components = fem.Function(V), V.dofmap.bs
    rows = lambda x: numpy.stack([numpy.sin(1 + c + x[0] + 2 * x[1] + 3 * x[2]) for c in range(components)])
    w.interpolate(rows if components > 1 else lambda x: rows(x)[0])
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


def measure(name, cells, repeat):
    V, u, nonlinear, residual, tangent = make_forms(name, cells)
    w = wave(V)
    if nonlinear:
        u.interpolate(initial)
    else:
        u.x.array[:] = w.x.array
    start = time.perf_counter()
    R, A_form = fem.form(residual, jit_params=JIT), fem.form(tangent, jit_params=JIT)
    compiled = time.perf_counter() - start
    start = time.perf_counter()
    A = petsc.create_matrix(A_form)
    pattern = time.perf_counter() - start
    b = petsc.create_vector(R)
    packed = [(petsc._pack_constants(f), petsc._pack_coefficients(f)) for f in (A_form, R)]

    def assemble_matrix():
        A.zeroEntries()
        petsc.assemble_matrix(A, A_form, constants=packed[0][0], coeffs=packed[0][1])
        A.assemble()

    def assemble_vector():
        b.array[:] = 0
        petsc.assemble_vector(b, R, constants=packed[1][0], coeffs=packed[1][1])

    result = {"name": name, "cells": cells, "dofs": V.dofmap.index_map.size_local * V.dofmap.bs, "repeat": repeat,
              "seconds": {"compile": compiled, "pattern": pattern}, "matrix": times(repeat, assemble_matrix), "vector": times(repeat, assemble_vector)}
    product = A * w.vector
    result["nonzeros"] = int(A.getInfo()["nz_used"])
    # numpy sums in parts; PETSc's own Frobenius norm is one running sum, which is off in the eleventh digit
    result["norms"] = {"matrix": float(numpy.sqrt(numpy.sum(A.getValuesCSR()[2] ** 2))), "product": product.norm(), "residual": b.norm()}
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
