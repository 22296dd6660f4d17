"""What the scripts that measure DOLFINx share, 0.5 (Debian: python3-dolfinx) and, for assembly, 0.11 (the Python registry): how kernels are compiled, meshes equal to Galerkit's, clocks."""
import logging
import os
import time

import numpy
import ufl
from dolfinx import mesh
from mpi4py import MPI

JIT = {"cffi_extra_compile_args": ["-O3", "-march=native", *os.environ.get("FLAGS", "").split()], "cffi_libraries": ["m"], "timeout": 600}
TETS_PER_BOX = {"tet": 6, "hex": 1}
logging.disable(logging.INFO)  # the compiler's command lines


def make_box(cell, cells):
    """The unit cube with as many cells as Galerkit has, cut in the same way."""
    n = round((cells / TETS_PER_BOX[cell]) ** (1 / 3))
    kind = mesh.CellType.tetrahedron if cell == "tet" else mesh.CellType.hexahedron
    box = mesh.create_box(MPI.COMM_SELF, [[0, 0, 0], [1, 1, 1]], [n, n, n], kind)
    count = box.topology.index_map(3).size_local
    if count != cells:
        raise SystemExit(f"dolfinx_tools: {count} cells, Galerkit has {cells}: expected a box with as many cells in each direction")
    return box


def section(data, name):
    start = data.index(b"$" + name + b"\n") + len(name) + 2
    return memoryview(data)[start:]


class Reader:
    def __init__(self, view):
        self.view, self.at = view, 0

    def take(self, kind, count):
        values = numpy.frombuffer(self.view, kind, count, self.at)
        self.at += values.nbytes
        return values


def read_tetrahedra(path):
    """Points [n][3] and tetrahedra [m][4] of an MSH 4.1 file, binary, as galerkit-mesh writes it."""
    data = open(path, "rb").read()
    nodes, elements = Reader(section(data, b"Nodes")), Reader(section(data, b"Elements"))
    blocks, count, _, largest = nodes.take("<u8", 4).tolist()
    points, number = numpy.empty((count, 3)), numpy.full(largest + 1, -1)
    at = 0
    for _ in range(blocks):
        nodes.take("<i4", 3)
        n = int(nodes.take("<u8", 1)[0])
        number[nodes.take("<u8", n)] = numpy.arange(at, at + n)
        points[at:at + n] = nodes.take("<f8", 3 * n).reshape(n, 3)
        at += n
    cells = []
    for _ in range(int(elements.take("<u8", 4)[0])):
        kind = elements.take("<i4", 3)[2]
        n, width = int(elements.take("<u8", 1)[0]), {15: 1, 1: 2, 2: 3, 4: 4}[int(kind)]
        rows = elements.take("<u8", n * (width + 1)).reshape(n, width + 1)
        if kind == 4:
            cells.append(number[rows[:, 1:]])
    return points, numpy.concatenate(cells)


def make_tetrahedra(path):
    points, cells = read_tetrahedra(path)
    return mesh.create_mesh(MPI.COMM_SELF, cells.astype(numpy.int64), points, ufl.Mesh(ufl.VectorElement("Lagrange", "tetrahedron", 1)))


class Clock:
    """with clock("name"): adds the least of its uses, by wall clock and by CPU time of all threads."""

    def __init__(self):
        self.seconds, self.cpu_seconds = {}, {}

    def __call__(self, name):
        self.name = name
        return self

    def __enter__(self):
        self.start = time.perf_counter(), time.process_time()

    def __exit__(self, *_):
        for kept, now, start in ((self.seconds, time.perf_counter(), self.start[0]), (self.cpu_seconds, time.process_time(), self.start[1])):
            kept[self.name] = min(kept.get(self.name, float("inf")), now - start)
