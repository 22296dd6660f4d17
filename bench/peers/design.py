"""What scripts/bench-adjoint.sh has in common: cantilevers at one design, whose compliance and gradient each program computes, again and again with other values, as an iteration of an optimizer
does; whether they solve the same problem, and whether they agree.

`plane`: examples/topology/cantilever.yaml, 60 x 30 squares in plane stress; `space-N`: examples/topology/mosaic.yaml on 2N x N x N hexahedra. E = EMIN + rho^3 (EMAX - EMIN).
A peer is a file run_NAME_design.py that ends with `main(NAME, VERSION, Peer)`, run as run_NAME_design.py CASE RESULT.json. `Peer(case)` makes what stays and names its `solver`; `forward(rho)` returns
J = sum(forces * u), u [nodes][dim] and a function that returns dJ/drho [cells]. Seconds are CPU seconds of the process, all threads together, of warm calls; set-up is what later ones do not pay."""
import json
import resource
import sys
import time

import numpy

EMAX, EMIN, NU, P = 70000.0, 70.0, 0.3, 3
RESIDUAL = 1e-10  # of the true residual |b - A u| / |b| over the free dofs
AGREEMENT = 1e-8  # of J and of the gradient's norm, relative: compliance is an energy, its error that of u squared, that of its gradient a multiple of the residual


class Case:
    """points [nodes][dim], cells [cells][2^dim] of sides `sides` in VTK's order, rho [cells], forces [nodes][dim], clamped [nodes]; `text` is rho as Galerkit reads it."""

    def __init__(self, name):
        n = 0 if name == "plane" else int(name.removeprefix("space-"))
        self.name, self.dim = name, 3 if n else 2
        counts, lengths = ((2 * n, n, n), (2.0, 1.0, 1.0)) if n else ((60, 30), (60.0, 30.0))
        self.text = "0.5 + 0.2*sin(3*x[0])*cos(2*x[1])*cos(x[2])" if n else "0.5 + 0.2*sin(x[0]/5)*cos(x[1]/7)"
        self.end, self.sides = lengths[0], numpy.divide(lengths, counts)
        self.points, self.cells = lattice(counts, self.sides)
        x = self.points[self.cells].mean(axis=1).T
        self.rho = eval(self.text, {"x": x, "sin": numpy.sin, "cos": numpy.cos})
        self.clamped = self.points[:, 0] < 1e-9
        self.forces = numpy.zeros_like(self.points)
        self.forces[:, -1] = load(self)

    def galerkit(self):
        """The arguments of `galerkit bench adjoint` that make it this case."""
        file = "cantilever" if self.dim == 2 else "mosaic"
        cells = [] if self.dim == 2 else ["--set", "mesh.box.cells=[{}, {}, {}]".format(*numpy.rint(numpy.ptp(self.points, axis=0) / self.sides).astype(int))]
        return [f"examples/topology/{file}.yaml", *cells, "--set", f"coefficients.rho.value={self.text}"]


def lattice(counts, sides):
    """Points, x fastest, and cells with their corners around."""
    strides = numpy.cumprod([1, *(c + 1 for c in counts[:-1])])
    index = numpy.indices([c + 1 for c in reversed(counts)]).reshape(len(counts), -1)[::-1].T
    first = numpy.indices(tuple(reversed(counts))).reshape(len(counts), -1)[::-1].T @ strides
    around = [0, strides[0], strides[0] + strides[1], strides[1]]
    return index * sides, first[:, None] + numpy.array(around + [a + strides[2] for a in around] if len(counts) == 3 else around)


def load(case):
    """Along the last axis at each node: the traction -100 on x = 60, y <= 3, or -1 on x = 2, by its share of the facets there."""
    corners = case.cells[:, [1, 2, 5, 6][: 2 ** (case.dim - 1)]]
    x = case.points[corners]
    loaded = numpy.all((abs(x[..., 0] - case.end) < 1e-9) & ((x[..., 1] < 3 + 1e-6) | (case.dim == 3)), axis=1)
    traction = (-1.0 if case.dim == 3 else -100.0) * numpy.prod(case.sides[1:]) / corners.shape[1]
    return traction * numpy.bincount(corners[loaded].ravel(), minlength=len(case.points))


def stiffness(dim, E=1.0):
    """C [i][j][k][l] of plane stress, or of a body."""
    lam, mu = E * NU / (1 - NU**2) if dim == 2 else E * NU / ((1 + NU) * (1 - 2 * NU)), E / (2 * (1 + NU))
    I = numpy.eye(dim)
    return lam * numpy.einsum("ij,kl->ijkl", I, I) + mu * (numpy.einsum("ik,jl->ijkl", I, I) + numpy.einsum("il,jk->ijkl", I, I))


def cell_matrix(case):
    """Of a cell of E = 1 [corners * dim][corners * dim]."""
    signs = numpy.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]])[: 2**case.dim, : case.dim]
    matrix, gauss = 0, (numpy.array([-1, 1]) / numpy.sqrt(3) + 1) / 2
    for q in numpy.stack(numpy.meshgrid(*[gauss] * case.dim), -1).reshape(-1, case.dim):
        values, slopes = numpy.where(signs, q, 1 - q), numpy.where(signs, 1, -1) / case.sides
        hats = numpy.stack([slopes[:, d] * numpy.delete(values, d, axis=1).prod(axis=1) for d in range(case.dim)], axis=1)
        matrix = matrix + numpy.einsum("aj,ijkl,bl->aibk", hats, stiffness(case.dim), hats) * numpy.prod(case.sides) / 2**case.dim
    return matrix.reshape(2 * [len(signs) * case.dim])


def residual(case, rho, u):
    """|b - A u| / |b| over the free dofs, cell by cell, no peer's matrix in it; infinite for what is not 0 where it is clamped."""
    if u.shape != case.points.shape or not numpy.isfinite(u).all() or abs(u[case.clamped]).max() > RESIDUAL * abs(u).max():
        return float("inf")
    of_cells = (EMIN + rho**P * (EMAX - EMIN))[:, None] * (u[case.cells].reshape(len(rho), -1) @ cell_matrix(case))
    products = [numpy.bincount(case.cells.ravel(), of_cells.reshape(-1, case.dim)[:, d], len(u)) for d in range(case.dim)]
    left = (case.forces - numpy.stack(products, axis=1))[~case.clamped]
    return float(numpy.linalg.norm(left) / numpy.linalg.norm(case.forces[~case.clamped]))


def seconds(call, *args):
    start = time.process_time()
    result = call(*args)
    return time.process_time() - start, result


def main(program, version, Peer, repeat=5, enough=30.0):
    """At least one warm step, at most `repeat`, none begun after `enough` seconds."""
    case, out = Case(sys.argv[1]), sys.argv[2]
    begun = time.process_time()
    peer = Peer(case)
    steps = []
    for k in reversed(range(repeat + 1)):
        if k and len(steps) > 1 and sum(map(sum, steps)) > enough:
            continue
        rho = (1 + 1e-4 * k) * case.rho
        forward, (value, u, derive) = seconds(peer.forward, rho)
        backward, gradient = seconds(derive)
        steps.append((forward, backward))
        if len(steps) == 1:
            ready = time.process_time() - begun
    least = [min(s[i] for s in steps[1:]) for i in (0, 1)]
    with open(out, "w") as f:
        json.dump({"program": program, "version": version, "solver": peer.solver, "setup": ready - sum(least), "forward": least[0], "gradient": least[1], "residual": residual(case, rho, numpy.asarray(u)),
                   "value": float(value), "norm": float(numpy.linalg.norm(gradient)), "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}, f, indent=2)
