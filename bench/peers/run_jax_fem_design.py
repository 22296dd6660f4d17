#!/usr/bin/env python3
"""JAX-FEM: its ad_wrapper, which differentiates through its solver: in the plane by SciPy's direct solver (its option `umfpack_solver`), in space by PETSc. It keeps the number of iterations to itself."""
from design import EMAX, EMIN, P, RESIDUAL, main, stiffness

from importlib.metadata import version
import logging
import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as np
from jax_fem.generate_mesh import Mesh
from jax_fem.problem import Problem
from jax_fem.solver import ad_wrapper
from petsc4py import PETSc

logging.getLogger("jax_fem").setLevel(logging.WARNING)
for key, value in {"ksp_rtol": RESIDUAL / 4, "ksp_max_it": 10000}.items():
    PETSc.Options().setValue(key, value)


class Body(Problem):
    def custom_init(self, dim, traction):
        self.C, self.traction = np.array(stiffness(dim)), np.array(traction)

    def get_tensor_map(self):
        return lambda grad_u, rho: (EMIN + rho[0] ** P * (EMAX - EMIN)) * np.einsum("ijkl,kl->ij", self.C, grad_u)

    def get_surface_maps(self):
        return [lambda u, x: -self.traction]

    def set_params(self, rho):
        self.internal_vars = [np.repeat(rho[:, None, None], self.fes[0].num_quads, axis=1)]


class Peer:
    def __init__(self, case):
        clamped = lambda x: np.isclose(x[0], 0.0)
        loaded = lambda x: np.isclose(x[0], case.end) & ((x[1] < 3 + 1e-6) | (case.dim == 3))
        element, traction = ("QUAD4", [0, -100.0]) if case.dim == 2 else ("HEX8", [0, 0, -1.0])
        conditions = [[clamped] * case.dim, list(range(case.dim)), [lambda x: 0.0] * case.dim]
        body = Body(Mesh(case.points, case.cells, element), vec=case.dim, dim=case.dim, ele_type=element, dirichlet_bc_info=conditions, location_fns=[loaded], additional_info=(case.dim, traction))
        self.solver, options = ("SciPy's SuperLU", {"umfpack_solver": {}}) if case.dim == 2 else ("PETSc BiCGStab(l) + GAMG", {"petsc_solver": {"ksp_type": "bcgsl", "pc_type": "gamg"}})
        self.solve, self.forces = ad_wrapper(body, options, options), np.array(case.forces)

    def forward(self, rho):
        value, derive, u = jax.vjp(self.compliance, np.array(rho), has_aux=True)
        return value.block_until_ready(), u, lambda: derive(np.array(1.0))[0].block_until_ready()

    def compliance(self, rho):
        u = self.solve(rho)[0]
        return np.sum(self.forces * u), u


main("JAX-FEM", version("jax-fem"), Peer)
