#!/usr/bin/env python3
"""TensorMesh: an assembler with the design as data of elements, its Condenser, and the differentiable solve of its library torch-sla: in the plane by SciPy's direct solver, in space by CG with multigrid,
which keeps the number of iterations to itself."""
from design import EMAX, EMIN, P, RESIDUAL, main, stiffness

from importlib.metadata import version

import meshio
import torch
import torch_sla
from tensormesh import Condenser, ElementAssembler, Mesh

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


class Body(ElementAssembler):
    def __post_init__(self, C):
        self.C = C

    def forward(self, gradu, gradv, E):
        return E * torch.einsum("j,ijkl,l->ik", gradu, self.C, gradv)


class Peer:
    def __init__(self, case):
        mesh = Mesh.from_meshio(meshio.Mesh(case.points, [("quad" if case.dim == 2 else "hexahedron", case.cells)]), reorder=True)
        self.points, self.forces, self.shape = mesh.points, torch.from_numpy(case.forces), case.points.shape
        self.matrix = Body.from_mesh(mesh, C=torch.from_numpy(stiffness(case.dim)))
        self.condenser = Condenser(torch.from_numpy(case.clamped.repeat(case.dim)))
        self.solver = "SciPy's SuperLU" if case.dim == 2 else "CG + AMG"
        self.options = {"backend": "scipy", "method": "lu"} if case.dim == 2 else {"backend": "pytorch", "method": "cg", "preconditioner": "amg", "atol": 1e-30, "rtol": RESIDUAL / 2}

    def forward(self, rho):
        rho = torch.tensor(rho, requires_grad=True)
        K = self.matrix(self.points, element_data={"E": EMIN + rho**P * (EMAX - EMIN)})
        u = self.condenser.recover(torch_sla.solve(*self.condenser(K, self.forces.ravel()), **self.options)).reshape(self.shape)
        value = torch.sum(self.forces * u)
        return value.item(), u.detach().numpy(), lambda: torch.autograd.grad(value, rho)[0].numpy()


main("TensorMesh", version("tensormesh-fem"), Peer)
