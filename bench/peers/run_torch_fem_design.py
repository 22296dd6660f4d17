#!/usr/bin/env python3
"""torch-fem: the stiffness tensors of its model are the design's, and its `solve` differentiates with respect to the design; below 10,000 dofs by SciPy's direct solver, which is its own choice, above
by its CG with multigrid."""
from design import EMAX, EMIN, NU, P, RESIDUAL, main

from importlib.metadata import version

import torch
from torchfem import Planar, Solid
from torchfem.materials import IsotropicElasticity3D, IsotropicElasticityPlaneStress
from torchfem.sparse import describe_method, resolve_method

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


class Peer:
    def __init__(self, case):
        make, law = (Planar, IsotropicElasticityPlaneStress) if case.dim == 2 else (Solid, IsotropicElasticity3D)
        one = torch.ones(len(case.cells))
        self.model = make(torch.from_numpy(case.points), torch.from_numpy(case.cells), law(one, NU * one))
        self.model.constraints[torch.from_numpy(case.clamped)] = True
        self.model.forces = torch.from_numpy(case.forces)
        self.C = self.model.material.C.clone()
        self.solver = describe_method(resolve_method(case.points.size, None), "cpu", None).replace(" |", ",")

    def forward(self, rho):
        rho = torch.tensor(rho, requires_grad=True)
        self.model.material.C = (EMIN + rho**P * (EMAX - EMIN))[:, None, None, None, None] * self.C
        u = self.model.solve(stol=RESIDUAL / 2, rtol=RESIDUAL, differentiable_parameters=rho)[0]
        value = torch.sum(self.model.forces * u)
        return value.item(), u.detach().numpy(), lambda: torch.autograd.grad(value, rho)[0].numpy()


main("torch-fem", version("torch-fem"), Peer)
