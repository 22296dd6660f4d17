#!/usr/bin/env python3
"""The cases of `galerkit bench assembly` with NGSolve (the Python registry: ngsolve), matrix only, on the same cells. Of degree 1 the basis is Galerkit's, and so is the norm of the
matrix; of degree 2 it is hierarchical, and told is the energy of the function x, which is the volume, 1.

    run_ngsolve.py OURS.json --json THEIRS.json [--repeat R]

Timed is `Assemble` of a bilinear form that was assembled before: its pattern is kept. One thread. Other cases than those of CASES are refused."""
import argparse
import itertools
import json
import time

import netgen.meshing
import ngsolve
import numpy
from ngsolve import CF, Grad, GridFunction, Id, InnerProduct, Sym, Trace, dx, grad, x, y, z

TETS_PER_BOX = {"tet": 6, "hex": 1}
K = 1 + x * x + y * y + z * z
LAM, MU = ngsolve.Parameter(1.25), ngsolve.Parameter(0.8)


def poisson(u, v, k, order):
    return k * grad(u) * grad(v) * dx(bonus_intorder=order)


def elasticity(u, v, k, order):
    e = lambda w: Sym(Grad(w))
    return k * (2 * MU * InnerProduct(e(u), e(v)) + LAM * Trace(Grad(u)) * Trace(Grad(v))) * dx(bonus_intorder=order)


# name: cell, degree, vector, form, space of k
CASES = {"poisson-p1": ("tet", 1, False, poisson), "elasticity-p1": ("tet", 1, True, elasticity), "poisson-p2": ("tet", 2, False, poisson), "elasticity-q1": ("hex", 1, True, elasticity)}


def cells_of(cell, n):
    """Corners [cells][4 or 8] of the unit box, nodes numbered with x fastest."""
    grid = numpy.arange((n + 1) ** 3).reshape(n + 1, n + 1, n + 1)  # [z][y][x]
    at = lambda d: grid[d[2]:n + d[2], d[1]:n + d[1], d[0]:n + d[0]].ravel()
    if cell == "hex":
        return numpy.stack([at(d) for d in [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)]], axis=1)
    tets = []
    for axes in itertools.permutations(range(3)):
        path = [numpy.zeros(3, int)]
        for axis in axes:
            path.append(path[-1] + numpy.eye(3, dtype=int)[axis])
        if round(numpy.linalg.det(numpy.diff(path, axis=0))) < 0:
            path[1], path[2] = path[2], path[1]
        tets.append(numpy.stack([at(d) for d in path], axis=1))
    return numpy.stack(tets, axis=1).reshape(-1, 4)


def make_box(cell, cells):
    n = round((cells / TETS_PER_BOX[cell]) ** (1 / 3))
    line = numpy.linspace(0, 1, n + 1)
    points = numpy.stack(numpy.meshgrid(line, line, line, indexing="ij")[::-1], axis=-1).reshape(-1, 3)
    mesh = netgen.meshing.Mesh(dim=3)
    mesh.AddPoints(numpy.ascontiguousarray(points))
    mesh.AddElements(dim=3, index=1, data=numpy.ascontiguousarray(cells_of(cell, n), dtype=numpy.int32), base=0)
    mesh.SetMaterial(1, "all")
    return ngsolve.Mesh(mesh)


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
    base = name.removesuffix("-varying")
    if base not in CASES:
        raise SystemExit(f"run_ngsolve: {name}: NGSolve has no such case; expected {', '.join(CASES)}")
    cell, degree, vector, form = CASES[base]
    box = make_box(cell, cells)
    V = (ngsolve.VectorH1 if vector else ngsolve.H1)(box, order=degree)
    k = CF(1)
    if name.endswith("-varying"):
        k = GridFunction(ngsolve.L2(box, order=0) if vector else ngsolve.H1(box, order=1))
        k.Set(K)
    u, v = V.TnT()
    a = ngsolve.BilinearForm(V)
    a += form(u, v, k, 0)
    seconds = times(repeat, a.Assemble)
    entries = numpy.array(a.mat.AsVector())
    norms = {"matrix": float(numpy.sqrt(numpy.sum(entries ** 2)))} if degree == 1 else {"energy": energy_of_x(V, a)}
    return {"name": name, "cells": cells, "dofs": V.ndof, "nonzeros": entries.size, "repeat": repeat, "matrix": seconds, "norms": norms}


def energy_of_x(V, a):
    w = GridFunction(V)
    w.Set(x)
    product = w.vec.CreateVector()
    product.data = a.mat * w.vec
    return ngsolve.InnerProduct(product, w.vec)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ours")
    parser.add_argument("--json", required=True)
    parser.add_argument("--repeat", type=int, default=10)
    args = parser.parse_args()
    ngsolve.SetNumThreads(1)
    cases = [measure(c["name"], c["cells"], args.repeat) for c in json.load(open(args.ours))["cases"]]
    json.dump({"program": f"NGSolve {ngsolve.__version__}", "cases": cases}, open(args.json, "w"), indent=2)


main()
