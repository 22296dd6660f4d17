"""What the peers from the Python registry share: two problems, the true residual of an answer, when it is refused, the times, one file per result.

A peer is a file run_NAME.py that ends with `main(NAME, VERSION, Peer)`. `Peer(problem)` converts the mesh; `assemble()` makes matrix and load; `solvers` has, under "jacobi" and where there is one
under "amg", a name and a function that solves for u [nodes][components] and returns it with the number of iterations (None: not told). Run as run_NAME.py PROBLEM.npz PREFIX: the times go to
PREFIX.SOLVER.json, u to PREFIX.SOLVER.npy. Times are CPU times of the whole process, all threads together: other work on the machine counts little, and further threads gain nothing. Only numpy
is needed here."""
import json
import resource
import sys
import time

import numpy

TOLERANCE = 1e-10  # of the true residual |b - A u| / |b| over the free dofs
ASKED = 0.9e-10  # of a solver that stops by a recurrence, which is not quite the true residual
E, NU = 1.0, 0.3
LAMBDA, MU = E * NU / ((1 + NU) * (1 - 2 * NU)), E / (2 * (1 + NU))
LOADS = {"poisson": (1.0,), "elasticity": (1.0, 1.0, 1.0)}  # f in -div grad u = f, and per volume in -div sigma(u) = f


class Problem:
    """P1 on tetrahedra. points [nodes][3], cells [cells][4] (positive volumes), fixed [nodes]: u = 0 there, in all components."""

    def __init__(self, name, points, cells, fixed):
        self.name, self.load = name, numpy.array(LOADS[name])
        self.points, self.cells, self.fixed = points, cells, fixed
        self.components = len(self.load)
        self.dofs = len(points) * self.components

    @staticmethod
    def read(path):
        with numpy.load(path) as f:
            return Problem(str(f["name"]), f["points"], f["cells"], f["fixed"])

    def write(self, path):
        numpy.savez(path, name=self.name, points=self.points, cells=self.cells, fixed=self.fixed)


def gradients(problem):
    """Gradients of the four hat functions [cells][4][3], and the volumes [cells]."""
    x = problem.points[problem.cells]
    edges = x[:, 1:] - x[:, :1]
    inverse = numpy.linalg.inv(edges).transpose(0, 2, 1)
    return numpy.concatenate([-inverse.sum(axis=1, keepdims=True), inverse], axis=1), numpy.linalg.det(edges) / 6


def gather(problem, of_cells):
    """Sum at the nodes [nodes][components] of what the cells give theirs [cells][4][components]."""
    nodes = problem.cells.ravel()
    columns = of_cells.reshape(len(nodes), -1).T
    return numpy.stack([numpy.bincount(nodes, column, len(problem.points)) for column in columns], axis=1)


def residual_vector(problem, u):
    """b - A u and b, [nodes][components], 0 at fixed nodes; cell by cell from the mesh, no peer's matrix in it."""
    hats, volumes = gradients(problem)
    flux = numpy.einsum("mac,mad->mcd", u[problem.cells], hats)
    if problem.name == "elasticity":
        strain = (flux + flux.transpose(0, 2, 1)) / 2
        flux = 2 * MU * strain + LAMBDA * numpy.trace(strain, axis1=1, axis2=2)[:, None, None] * numpy.eye(3)
    product = gather(problem, numpy.einsum("m,mad,mcd->mac", volumes, hats, flux))
    load = gather(problem, numpy.einsum("m,a,c->mac", volumes / 4, numpy.ones(4), problem.load))
    free = ~problem.fixed[:, None]
    return (load - product) * free, load * free


def residual(problem, u):
    """|b - A u| / |b| over the free dofs; infinite for what is no answer at all: another shape, not finite, not 0 where it is fixed."""
    if u.shape != (len(problem.points), problem.components) or not numpy.isfinite(u).all() or abs(u[problem.fixed]).max() > TOLERANCE * abs(u).max():
        return float("inf")
    r, b = residual_vector(problem, u)
    return float(numpy.linalg.norm(r) / numpy.linalg.norm(b))


def difference(u, ours):
    return float(numpy.linalg.norm(u - ours) / numpy.linalg.norm(ours))


def allowed(problem, ours, residuals):
    """How far two answers with these residuals may be apart, relative to `ours`: |u - v| <= (r1 + r2) |b| / (smallest eigenvalue). The eigenvalue is estimated by the Rayleigh quotient of the
    answer itself, which is above it, by a small factor for a body under an even load: ten times is allowed."""
    b = residual_vector(problem, ours)[1]
    eigenvalue = numpy.vdot(ours, b) / numpy.vdot(ours, ours)
    return float(10 * sum(residuals) * numpy.linalg.norm(b) / eigenvalue / numpy.linalg.norm(ours))


def refusal(problem, u, ours):
    """Why u is no answer, or another one than `ours`; empty if it is right."""
    r = [residual(problem, x) for x in (ours, u)]
    if not r[0] <= TOLERANCE:
        return f"Galerkit's own residual is {r[0]:.1e}"
    if not r[1] <= TOLERANCE:
        return f"residual {r[1]:.1e}, wanted {TOLERANCE:.0e}"
    apart, at_most = difference(u, ours), allowed(problem, ours, r)
    return "" if apart <= at_most else f"{apart:.1e} from Galerkit's answer, their residuals allow {at_most:.1e}"


def seconds(call):
    start = time.process_time()
    result = call()
    return time.process_time() - start, result


def first_and_warm(call, repeat):
    """Seconds of the first call, the least of `repeat` later ones, and the last result."""
    first, result = seconds(call)
    warm = []
    for _ in range(repeat):
        again, result = seconds(call)
        warm.append(again)
    return first, min(warm), result


def main(program, version, Peer):
    """Set-up is what a second call does not pay again: the package's import, the mesh, compilation, plans and caches of the first calls."""
    problem, prefix = Problem.read(sys.argv[1]), sys.argv[2]
    peer = Peer(problem)
    ready = time.process_time()
    first, assembly, _ = first_and_warm(peer.assemble, 3)
    ready += first - assembly
    for name, (method, solve) in peer.solvers.items():
        first, warm, (u, iterations) = first_and_warm(solve, 1)
        write_result(f"{prefix}.{name}", u, {
            "program": program, "version": version, "solver": name, "method": method, "dofs": problem.dofs, "cells": len(problem.cells), "setup": ready + first - warm,
            "assembly": assembly, "solve": warm, "iterations": iterations, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024})


def write_result(prefix, u, result):
    numpy.save(prefix + ".npy", u)
    with open(prefix + ".json", "w") as f:
        json.dump(result, f, indent=2)
