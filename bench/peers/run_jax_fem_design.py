#!/usr/bin/env python3
"""JAX-FEM: its ad_wrapper, which differentiates through its solver, by SciPy's direct solver (its option `umfpack_solver`)."""
from design import EMAX, EMIN, LENGTHS, NU, P, TRACTION, load, main

from importlib.metadata import version
import logging
import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as np
from jax_fem.generate_mesh import Mesh
from jax_fem.problem import Problem
from jax_fem.solver import ad_wrapper

logging.getLogger("jax_fem").setLevel(logging.WARNING)


class Plate(Problem):
    def get_tensor_map(self):
        def stress(grad_u, rho):
            strain = (grad_u + grad_u.T) / 2
            return (EMIN + rho[0] ** P * (EMAX - EMIN)) / (1 - NU**2) * ((1 - NU) * strain + NU * np.trace(strain) * np.eye(2))

        return stress

    def get_surface_maps(self):
        return [lambda u, x: np.array([0.0, -TRACTION])]

    def set_params(self, rho):
        self.internal_vars = [np.repeat(rho[:, None, None], self.fes[0].num_quads, axis=1)]


class Peer:
    def __init__(self, points, cells, rho):
        clamped = lambda x: np.isclose(x[0], 0.0)
        loaded = lambda x: np.isclose(x[0], LENGTHS[0]) & (x[1] < 3 + 1e-6)
        plate = Plate(Mesh(points, cells, "QUAD4"), vec=2, dim=2, ele_type="QUAD4", dirichlet_bc_info=[[clamped] * 2, [0, 1], [lambda x: 0.0] * 2], location_fns=[loaded])
        solve = ad_wrapper(plate, {"umfpack_solver": {}}, {"umfpack_solver": {}})
        forces = np.array(load(points))
        self.rho, self.derive = np.array(rho), jax.value_and_grad(lambda rho: np.sum(forces * solve(rho)[0]))

    def step(self, scale):
        value, gradient = self.derive(scale * self.rho)
        return value, gradient.block_until_ready()


main("JAX-FEM", version("jax-fem"), "SciPy's SuperLU", Peer)
