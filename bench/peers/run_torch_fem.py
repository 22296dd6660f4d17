#!/usr/bin/env python3
"""torch-fem: its models Solid and SolidHeat, the element matrices and loads that they integrate, and its sparse_solve: CG with the diagonal, and with multigrid, which is its own choice."""
from common import ASKED, E, NU, main

from importlib.metadata import version

import torch
from torchfem import Solid, SolidHeat
from torchfem.materials import IsotropicConductivity3D, IsotropicElasticity3D
from torchfem.sparse import sparse_solve

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


class Peer:
    def __init__(self, problem):
        nodes, cells = torch.from_numpy(problem.points), torch.from_numpy(problem.cells)
        self.model = SolidHeat(nodes, cells, IsotropicConductivity3D(1.0)) if problem.components == 1 else Solid(nodes, cells, IsotropicElasticity3D(E, NU))
        self.model.constraints[torch.from_numpy(problem.fixed)] = True
        self.constrained = torch.nonzero(self.model.constraints.ravel()).ravel()
        self.load = torch.from_numpy(problem.load)
        self.solvers = {"jacobi": ("CG + Jacobi", lambda: self.solve("jacobi")), "amg": ("CG + AMG (its choice)", lambda: self.solve("amg"))}

    @torch.no_grad()
    def assemble(self):
        self.K = self.model.assemble_matrix(self.model.k0(), self.constrained)
        self.f = self.model.integrate_body_load(self.load).ravel()
        self.f[self.constrained] = 0.0

    @torch.no_grad()
    def solve(self, preconditioner):
        u, _, _, iterations = sparse_solve(self.K, self.f, self.model.near_null_space(), stol=ASKED, method="cg", preconditioner=preconditioner)
        return u.reshape(self.model.n_nod, -1).numpy(), iterations


main("torch-fem", version("torch-fem"), Peer)
