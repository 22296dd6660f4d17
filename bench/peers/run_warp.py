#!/usr/bin/env python3
"""Warp (warp.fem) on the CPU, in double precision: bilinear and linear forms as integrands, the condition as a projector (applied by solve), CG of warp.optim.linear with the diagonal, as in its examples."""
from common import ASKED, LAMBDA, MU, main

import numpy
import warp as wp
import warp.fem as fem
from warp.optim.linear import cg, preconditioner
from warp.sparse import bsr_copy, bsr_from_triplets

wp.config.log_level = wp.LOG_WARNING
wp.set_device("cpu")
wp.set_module_options({"enable_backward": False})


@fem.integrand
def poisson(s: fem.Sample, u: fem.Field, v: fem.Field):
    return wp.dot(fem.grad(u, s), fem.grad(v, s))


@fem.integrand
def source(s: fem.Sample, v: fem.Field, load: wp.float64):
    return load * v(s)


@fem.integrand
def elasticity(s: fem.Sample, u: fem.Field, v: fem.Field, lam: wp.float64, mu: wp.float64):
    return wp.float64(2.0) * mu * wp.ddot(fem.D(u, s), fem.D(v, s)) + lam * fem.div(u, s) * fem.div(v, s)


@fem.integrand
def force(s: fem.Sample, v: fem.Field, load: wp.vec3d):
    return wp.dot(load, v(s))


class Peer:
    def __init__(self, problem):
        self.solvers = {"jacobi": ("CG + diagonal", self.solve)}
        positions = wp.array(problem.points, dtype=wp.vec3d)
        geometry = fem.Tetmesh(wp.array(problem.cells.astype(numpy.int32), dtype=int), positions)
        scalar = problem.components == 1
        space = fem.make_polynomial_space(geometry, degree=1, dtype=wp.float64 if scalar else wp.vec3d)
        domain = fem.Cells(geometry)
        self.u, self.v, self.quadrature = fem.make_trial(space, domain=domain), fem.make_test(space, domain=domain), fem.RegularQuadrature(domain, order=1)
        if scalar:
            self.forms, self.values, self.load = (poisson, source), {}, wp.float64(problem.load[0])
        else:
            self.forms, self.values, self.load = (elasticity, force), {"lam": wp.float64(LAMBDA), "mu": wp.float64(MU)}, wp.vec3d(*problem.load)
        nodes = numpy.flatnonzero(problem.fixed).astype(numpy.int32)
        rows = wp.array(nodes, dtype=int)
        block = wp.array(numpy.ones(len(nodes)), dtype=wp.float64) if scalar else wp.array(numpy.tile(numpy.eye(3), (len(nodes), 1, 1)), dtype=wp.mat33d)
        self.projector = bsr_from_triplets(len(problem.points), len(problem.points), rows, rows, block)
        self.A = None

    def assemble(self):
        """The first call makes the map from cells to entries, its fastest way; the later ones reuse it."""
        bilinear, linear = self.forms
        options = {"construction": "mapped_atomic", "capacity": "auto" if self.A is None else "reuse"}
        self.A = fem.integrate(bilinear, quadrature=self.quadrature, fields={"u": self.u, "v": self.v}, values=self.values, output=self.A, bsr_options=options)
        self.b = fem.integrate(linear, quadrature=self.quadrature, fields={"v": self.v}, values={"load": self.load}, output_dtype=type(self.load))

    def solve(self):
        A, b, x = bsr_copy(self.A), wp.clone(self.b), wp.zeros_like(self.b)
        fem.project_linear_system(A, b, self.projector, normalize_projector=False)
        iterations, _, _ = cg(A, b, x, tol=ASKED, atol=0.0, M=preconditioner(A, "diag"))
        return x.numpy().reshape(len(x), -1), int(iterations)


main("Warp", wp.__version__, Peer)
