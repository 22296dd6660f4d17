"""Claim: the table of bench/peers/registry_table.py shows figures only for an answer of the problem itself: the residual of bench/peers/common.py is that of plain loops over tetrahedra, the answer
passes, and one that is wrong, of another load, another condition, another shape, not finite, or too far from Galerkit's is refused by name, with status 1; what was skipped is shown and is no
error. No peer is needed, only numpy."""
import itertools
import json
import os
import subprocess
import sys
import tempfile

from gkt import ROOT, Checks

try:
    import numpy
except ImportError:  # another python3 than the system's, which has Debian's packages
    if sys.executable != "/usr/bin/python3" and subprocess.run(["/usr/bin/python3", "-c", "import numpy"], capture_output=True).returncode == 0:
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    print("skipped: numpy is not installed")
    sys.exit(0)
sys.path.insert(0, os.path.join(ROOT, "bench/peers"))
import common

check = Checks()
N = 3


def box():
    """Vertices of the unit cube's N^3 boxes, straight and bent a little so that no two cells are alike, and tetrahedra: six to a box, along its diagonal."""
    straight = numpy.array([p[::-1] for p in itertools.product(range(N + 1), repeat=3)]) / N
    number = lambda i: (i[2] * (N + 1) + i[1]) * (N + 1) + i[0]
    cells = []
    for corner in itertools.product(range(N), repeat=3):
        for order in itertools.permutations(range(3)):
            walk = [list(corner)]
            for axis in order:
                walk.append(walk[-1][:])
                walk[-1][axis] += 1
            cells.append([number(p) for p in walk])
    points = straight + 0.02 * numpy.sin(7 * straight[:, [1, 2, 0]])
    cells = numpy.array(cells)
    negative = numpy.linalg.det(points[cells[:, 1:]] - points[cells[:, :1]]) < 0
    cells[negative] = cells[negative][:, [0, 1, 3, 2]]
    return straight, points, cells


def plain_system(problem):
    """Dense A and b by loops over cells, hat functions and components."""
    c, n = problem.components, problem.dofs
    A, b = numpy.zeros((n, n)), numpy.zeros(n)
    for cell in problem.cells:
        x = problem.points[cell]
        hats = numpy.linalg.inv(numpy.column_stack([numpy.ones(4), x]))[1:].T
        volume = abs(numpy.linalg.det(x[1:] - x[0])) / 6
        for (i, p), (j, q) in itertools.product(itertools.product(range(4), range(c)), repeat=2):
            value = (p == q) * hats[i] @ hats[j]
            if c == 3:
                value = common.LAMBDA * hats[i][p] * hats[j][q] + common.MU * (value + hats[i][q] * hats[j][p])
            A[c * cell[i] + p, c * cell[j] + q] += volume * value
        for i, p in itertools.product(range(4), range(c)):
            b[c * cell[i] + p] += volume / 4 * problem.load[p]
    return A, b


def solution(problem, A, b):
    free = numpy.repeat(~problem.fixed, problem.components)
    u = numpy.zeros(problem.dofs)
    u[free] = numpy.linalg.solve(A[numpy.ix_(free, free)], b[free])
    return u.reshape(-1, problem.components), free


def result(folder, problem, program, u):
    common.write_result(os.path.join(folder, f"{problem.name}.{program}.jacobi"), u, {
        "program": program, "version": "1", "solver": "jacobi", "method": "by hand", "dofs": problem.dofs, "cells": len(problem.cells), "setup": 1.0,
        "assembly": 0.001 if program == "galerkit" else 0.002, "solve": 1.0, "iterations": None, "memory": 1e6})


def table(folder):
    return subprocess.run([sys.executable, os.path.join(ROOT, "bench/peers/registry_table.py"), folder], capture_output=True, text=True)


straight, points, cells = box()
for name in common.LOADS:
    fixed = (abs(straight - 0.5) == 0.5).any(axis=1) if name == "poisson" else straight[:, 0] == 0
    problem = common.Problem(name, points, cells, fixed)
    A, b = plain_system(problem)
    u, free = solution(problem, A, b)
    # sums of some hundred rounded terms
    check.that(common.residual(problem, u) < 1e-13, f"{name}: the answer's residual is {common.residual(problem, u)}")
    v = numpy.where(fixed[:, None], 0, numpy.sin(numpy.arange(problem.dofs)).reshape(u.shape))
    plain = numpy.linalg.norm((b - A @ v.ravel())[free]) / numpy.linalg.norm(b[free])
    check.that(abs(common.residual(problem, v) / plain - 1) < 1e-12, f"{name}: residual {common.residual(problem, v)}, by loops {plain}")
    moved = u + 1e-6 * abs(u).max() * fixed[:, None]
    wrong = {"scaled": 2 * u, "perturbed": u * (1 + 1e-7 * numpy.sin(numpy.arange(u.size)).reshape(u.shape)), "moved": moved, "flat": u.ravel(), "nan": u * numpy.nan, "none": 0 * u}
    for kind, w in wrong.items():
        check.that("residual" in common.refusal(problem, w, u), f"{name}: {kind} passes")
    check.that(not common.refusal(problem, u, u), f"{name}: the answer is refused: {common.refusal(problem, u, u)}")
    check.that("own residual" in common.refusal(problem, u, 2 * u), f"{name}: Galerkit's own wrong answer passes")
    # the difference that the residuals allow is above what they make: a residual of 5e-11 in the worst direction, the eigenvector of the smallest eigenvalue
    A = A[numpy.ix_(free, free)]
    small, vectors = numpy.linalg.eigh(A)
    near = u.ravel().copy()
    near[free] += 5e-11 * numpy.linalg.norm(b[free]) / small[0] * vectors[:, 0]
    near = near.reshape(u.shape)
    check.that(4.9e-11 < common.residual(problem, near) < 5.1e-11 and not common.refusal(problem, near, u), f"{name}: {common.refusal(problem, near, u)}")
    check.that(common.allowed(problem, u, (0, 5e-11)) < 100 * common.difference(near, u), f"{name}: {common.allowed(problem, u, (0, 5e-11))} allowed is no bound")
    with tempfile.TemporaryDirectory() as folder:
        problem.write(os.path.join(folder, f"{name}.npz"))
        result(folder, problem, "galerkit", u)
        result(folder, problem, "right", near)
        open(os.path.join(folder, f"{name}.absent.skipped"), "w").write("not installed: no such package\n")
        r = table(folder)
        lines = {line.split(" | ")[2]: line for line in r.stdout.split("\n")[2:] if line}
        check.that(r.returncode == 0 and set(lines) == {"galerkit 1", "right 1", "absent"}, f"{r}")
        check.that("1 : 2.0" in lines["right 1"] and "skipped: not installed: no such package" in lines["absent"], f"{lines}")
        result(folder, problem, "wrong", u * 1.001)
        r = table(folder)
        check.that(r.returncode == 1 and "refused: wrong 1 on " + name in r.stderr, f"a wrong answer: {r}")
        line = next(line for line in r.stdout.split("\n") if "wrong 1" in line)
        check.that("refused: residual 1.0e-03" in line and "1 : " not in line, line)
r = table(os.path.join(ROOT, "docs"))
check.that(r.returncode == 1 and "no PROBLEM.npz in" in r.stderr, f"a folder without results: {r}")
check.end()
