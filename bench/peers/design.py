"""What scripts/bench-adjoint.sh has in common: the cantilever of examples/topology/cantilever.yaml, 60 x 30 squares, at one design, whose compliance and gradient each program computes, again and
again with other values, as an iteration of an optimizer does; and whether they agree.

A peer is a file run_NAME_design.py that ends with `main(NAME, VERSION, solver, Peer)`. `Peer(points, cells, rho_of_centroids)` makes what stays; `step(scale)` returns J and dJ/drho [cells] at the
design times scale, J by dofs' loads. Seconds are CPU seconds of the process, all threads together, of a warm step; set-up is what a second step does not pay again."""
import json
import sys
import time

import numpy

SIDES, LENGTHS = (60, 30), (60.0, 30.0)
EMAX, EMIN, NU, P, TRACTION = 70000.0, 70.0, 0.3, 3, -100.0
DESIGN = "0.5 + 0.2*sin(x[0]/5)*cos(x[1]/7)"
AGREEMENT = 1e-8  # of J and of the gradient's norm, relative: residuals are below 1e-10, and compliance is an energy


def design(centroids):
    return 0.5 + 0.2 * numpy.sin(centroids[:, 0] / 5) * numpy.cos(centroids[:, 1] / 7)


def mesh():
    """Points [nodes][2], squares [cells][4], around."""
    nx, ny = SIDES
    points = numpy.array([(x, y) for y in range(ny + 1) for x in range(nx + 1)], dtype=float)
    first = numpy.array([y * (nx + 1) + x for y in range(ny) for x in range(nx)])
    return points, numpy.stack([first, first + 1, first + nx + 2, first + nx + 1], axis=1)


def load(points):
    """Forces [nodes][2] of the traction over x = 60, y <= 3."""
    forces = numpy.zeros_like(points)
    for y in range(3):
        for end in (y, y + 1):
            forces[(points[:, 0] == SIDES[0]) & (points[:, 1] == end), 1] += TRACTION / 2
    return forces


def seconds(call):
    start = time.process_time()
    result = call()
    return time.process_time() - start, result


def main(program, version, solver, Peer, repeat=5):
    points, cells = mesh()
    ready = time.process_time()
    peer = Peer(points, cells, design(points[cells].mean(axis=1)))
    first, _ = seconds(lambda: peer.step(1.001))
    warm = []
    for k in reversed(range(repeat)):
        spent, (value, gradient) = seconds(lambda: peer.step(1 + 1e-4 * k))
        warm.append(spent)
    result = {"program": program, "version": version, "solver": solver, "setup": ready + first - min(warm), "step": min(warm), "value": float(value), "norm": float(numpy.linalg.norm(gradient))}
    with open(sys.argv[1], "w") as f:
        json.dump(result, f, indent=2)
