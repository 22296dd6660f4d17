#!/usr/bin/env python3
"""scikit-fem: its stock forms laplace and linear_elasticity; its solver_iter_pcg, with its diagonal and, as in its example 9, with smoothed aggregation of PyAMG."""
from common import ASKED, LAMBDA, MU, main

import numpy
import pyamg
import skfem
import skfem.utils
from skfem.models.elasticity import linear_elasticity
from skfem.models.poisson import laplace


def rigid_modes(points):
    """Translations and rotations, [3 nodes][6]."""
    rotations = [numpy.cross(axis, points) for axis in numpy.eye(3)]
    return numpy.stack([*(numpy.tile(axis, (len(points), 1)) for axis in numpy.eye(3)), *rotations], axis=-1).reshape(-1, 6)


class Peer:
    def __init__(self, problem):
        mesh = skfem.MeshTet(problem.points.T.copy(), problem.cells.T.copy())
        scalar = skfem.ElementTetP1()
        load = problem.load
        if problem.components == 1:
            self.basis = skfem.Basis(mesh, scalar, intorder=1)
            self.bilinear, self.linear, self.modes = laplace, skfem.LinearForm(lambda v, w: load[0] * v), None
        else:
            self.basis = skfem.Basis(mesh, skfem.ElementVector(scalar), intorder=1)
            self.bilinear, self.linear = linear_elasticity(LAMBDA, MU), skfem.LinearForm(lambda v, w: sum(load[i] * v[i] for i in range(3)))
            self.modes = rigid_modes(problem.points)
        self.fixed = self.basis.nodal_dofs[:, problem.fixed].ravel()
        self.solvers = {"jacobi": ("CG + diagonal", lambda: self.solve(skfem.utils.build_pc_diag)), "amg": ("CG + PyAMG", lambda: self.solve(self.multigrid))}

    def assemble(self):
        self.A, self.b = self.bilinear.assemble(self.basis), self.linear.assemble(self.basis)

    def multigrid(self, A):
        free = numpy.setdiff1d(numpy.arange(self.basis.N), self.fixed)
        return pyamg.smoothed_aggregation_solver(A, B=None if self.modes is None else self.modes[free]).aspreconditioner()

    def solve(self, preconditioner):
        steps = []
        A, b, x, free = skfem.condense(self.A, self.b, D=self.fixed)
        x = skfem.solve(A, b, x, free, solver=skfem.solver_iter_pcg(M=preconditioner(A.tocsr()), rtol=ASKED, callback=lambda _: steps.append(0)))
        return x[self.basis.nodal_dofs].T, len(steps)


main("scikit-fem", skfem.__version__, Peer)
