#!/usr/bin/env python3
"""JAX-FEM: tangent and residual by automatic differentiation in XLA, its `get_A`, and its own solve through PETSc (`petsc_solver`), which keeps the number of iterations to itself."""
from common import ASKED, LAMBDA, MU, main

from importlib.metadata import version
import logging
import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax.numpy as np
import numpy
from jax_fem.generate_mesh import Mesh
from jax_fem.problem import Problem
from jax_fem.solver import apply_bc_vec, get_A, petsc_solve
from petsc4py import PETSc

logging.getLogger("jax_fem").setLevel(logging.WARNING)
for key, value in {"ksp_rtol": ASKED, "ksp_norm_type": "unpreconditioned", "ksp_max_it": 10000}.items():
    PETSc.Options().setValue(key, value)


class Poisson(Problem):
    def custom_init(self, *load):
        self.load = np.array(load)

    def get_tensor_map(self):
        return lambda grad_u: grad_u

    def get_mass_map(self):
        return lambda u, x: -self.load


class Elasticity(Poisson):
    def get_tensor_map(self):
        return lambda grad_u: MU * (grad_u + grad_u.T) + LAMBDA * np.trace(grad_u) * np.eye(3)


class Peer:
    def __init__(self, problem):
        fixed, count = np.array(problem.fixed), problem.components
        conditions = [[lambda point, node: fixed[node]] * count, list(range(count)), [lambda point: 0.0] * count]
        self.problem = (Poisson if count == 1 else Elasticity)(
            Mesh(problem.points, problem.cells, "TET4"), vec=count, dim=3, ele_type="TET4", dirichlet_bc_info=conditions, additional_info=tuple(problem.load))
        multigrid = "hypre" if count == 1 else "gamg"
        self.solvers = {"jacobi": ("PETSc CG + Jacobi", lambda: self.solve("jacobi")), "amg": (f"PETSc CG + {multigrid}", lambda: self.solve(multigrid))}
        self.start = [np.zeros((len(problem.points), count))]

    def assemble(self):
        residual = np.concatenate([r.ravel() for r in self.problem.newton_update(self.start)])
        self.b = -apply_bc_vec(residual, self.start[0].ravel(), self.problem)
        self.A = get_A(self.problem)

    def solve(self, preconditioner):
        u = petsc_solve(self.A, self.b, "cg", preconditioner)
        return numpy.array(u).reshape(self.start[0].shape), None


main("JAX-FEM", version("jax-fem"), Peer)
