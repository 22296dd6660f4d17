#!/usr/bin/env python3
"""TensorMesh: its stock assemblers, its Condenser, and CG of its library torch-sla, which keeps the number of iterations to itself."""
from common import ASKED, E, NU, main

from importlib.metadata import version

import meshio
import torch
import torch_sla
from tensormesh import Condenser, LaplaceElementAssembler, LinearElasticityElementAssembler, Mesh, NodeAssembler

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def load_assembler(load):
    class Load(NodeAssembler):
        def forward(self, v):
            return load[0] * v if len(load) == 1 else load * v

    return Load


class Peer:
    def __init__(self, problem):
        mesh = Mesh.from_meshio(meshio.Mesh(problem.points, [("tetra", problem.cells)]))
        load = torch.from_numpy(problem.load)
        self.solvers = {"jacobi": ("CG + Jacobi", lambda: self.solve("jacobi")), "amg": ("CG + AMG", lambda: self.solve("amg"))}
        self.shape = (len(problem.points), problem.components)
        self.points = mesh.points
        self.matrix = LaplaceElementAssembler.from_mesh(mesh) if problem.components == 1 else LinearElasticityElementAssembler.from_mesh(mesh, E=E, nu=NU)
        self.vector = load_assembler(load).from_mesh(mesh)
        self.condenser = Condenser(torch.from_numpy(problem.fixed.repeat(problem.components)))

    @torch.no_grad()
    def assemble(self):
        self.K, self.b = self.matrix(self.points), self.vector(self.points).ravel()

    @torch.no_grad()
    def solve(self, preconditioner):
        K, b = self.condenser(self.K, self.b)
        u = torch_sla.solve(K, b, method="cg", backend="pytorch", preconditioner=preconditioner, atol=ASKED * float(b.norm()))
        return self.condenser.recover(u).reshape(self.shape).numpy(), None


main("TensorMesh", version("tensormesh-fem"), Peer)
