"""Claim: on every kind of cell, in one to three dimensions, mixed too, a field of degree 1 to 4 whose solution is a polynomial of that degree is written to VTU with its values at the
nodes of that degree; derived expressions, under names of their own, as their polynomials one degree below (cell data for degree 1), or averaged at the nodes; of bubbles what P has, a real in every cell; VTK itself, where its Python
module is installed, finds the same between the nodes. The same files are drawn again by `plot`."""
import os
import tempfile

from gkt import Checks, command, read_vtu

check = Checks()
folder = tempfile.TemporaryDirectory()
try:
    import vtk
except ImportError:
    vtk = None

TYPES = {"line": [3, 21, 68, 68], "tri": [5, 22, 69, 69], "quad": [9, 28, 70, 70], "tet": [10, 24, 71, 71], "hex": [12, 29, 72, 72]}
NODES = {"line": lambda k: k + 1, "tri": lambda k: (k + 1) * (k + 2) // 2, "quad": lambda k: (k + 1) ** 2, "tet": lambda k: (k + 1) * (k + 2) * (k + 3) // 6, "hex": lambda k: (k + 1) ** 3}


def rows(values, width):
    return [values[i : i + width] for i in range(0, len(values), width)]


def problem(mesh, dim, k, more=""):
    u = " + ".join(f"{d + 1}*x[{d}]^{k}" for d in range(dim))
    load = " + ".join(f"{-(d + 1) * k * (k - 1)}*x[{d}]^{max(k - 2, 0)}" for d in range(dim))
    return f"""mesh: {mesh}
fields: {{u: {{space: P{k}, test: v}}}}
equation: "dot(grad(u), grad(v))*dx == ({load})*v*dx"
conditions: [{{on: boundary, value: "{u}"}}]
output: {{file: o.vtu, fields: {{temperature: u, flux: "grad(u)", shifted: "u + 1"}}{more}}}
"""


def solve(name, text):
    path = os.path.join(folder.name, name + ".yaml")
    open(path, "w").write(text)
    r = command("run", path, "--quiet", "--backend", "interpreter", "--out", folder.name)
    check.that(r.returncode == 0, f"{name}: {r.stderr}")
    return read_vtu(os.path.join(folder.name, "o.vtu")) if r.returncode == 0 else None


def polynomial(x, k, dim):
    return sum((d + 1) * x[d] ** k for d in range(dim))


def gradient(x, k, dim):
    return [(d + 1) * k * x[d] ** (k - 1) if d < dim else 0 for d in range(3)]


def differs(a, b):
    """The largest difference; solutions are exact up to rounding times the condition of a small system."""
    return max(abs(p - q) for p, q in zip(a, b))


def probe_with_vtk(name, k, dim):
    """VTK's own interpolation in the middle of each cell (of the coordinates too) against the polynomial there."""
    reader = vtk.vtkXMLUnstructuredGridReader()
    reader.SetFileName(os.path.join(folder.name, "o.vtu"))
    reader.Update()
    grid = reader.GetOutput()
    values = grid.GetPointData().GetArray("temperature")
    worst = 0
    for c in range(grid.GetNumberOfCells()):
        cell, x, part = grid.GetCell(c), [0, 0, 0], vtk.reference(0)
        at, weights = [0.3, 0.25 if dim > 1 else 0, 0.2 if dim > 2 else 0], [0] * cell.GetNumberOfPoints()
        cell.EvaluateLocation(part, at, x, weights)
        found = sum(w * values.GetValue(cell.GetPointId(i)) for i, w in enumerate(weights))
        worst = max(worst, abs(found - polynomial(x, k, dim)))
    check.that(worst < 1e-9, f"{name}: VTK differs by {worst} between the nodes")


def check_values(name, a, k, dim, averaged):
    points = rows(a["Points", "Points"], 3)
    check.that(differs(a["PointData", "temperature"], [polynomial(x, k, dim) for x in points]) < 1e-9, f"{name}: the field")
    section = "PointData" if averaged or k > 1 else "CellData"
    flux, shifted = rows(a[section, "flux"], 3), a[section, "shifted"]
    if section == "CellData":
        check.that(max(differs(f, gradient([0] * 3, 1, dim)) for f in flux) < 1e-9, f"{name}: the flux in cells")
        return
    check.that(len(flux) == len(points) and max(differs(f, gradient(x, k, dim)) for f, x in zip(flux, points)) < 1e-8, f"{name}: the flux at nodes")
    if averaged:  # at nodes the means are exact, as u is continuous
        check.that(differs(shifted, [1 + polynomial(x, k, dim) for x in points]) < 1e-9, f"{name}: the averaged expression")


def check_cells(name, a, expected):
    """expected: {VTK's type: nodes of a cell}"""
    ends, types = a["Cells", "offsets"], a["Cells", "types"]
    sizes = [end - start for start, end in zip([0] + ends, ends)]
    check.that(set(zip(types, sizes)) == set(expected.items()), f"{name}: cells {set(zip(types, sizes))}, expected {expected}")


for shape, dim in (("line", 1), ("tri", 2), ("quad", 2), ("tet", 3), ("hex", 3)):
    for k in range(1, 5):
        for averaged in (False, True) if k in (1, 2) else (k == 3,):
            name = f"{shape} P{k}{' averaged' if averaged else ''}"
            a = solve(name.replace(" ", "_"), problem(f"{{box: {{cells: {[2] * dim}, shape: {shape}}}}}", dim, k, ", average: true" if averaged else ""))
            if not a:
                continue
            check_cells(name, a, {TYPES[shape][k - 1]: NODES[shape](k)})
            check_values(name, a, k, dim, averaged)
            if vtk:
                probe_with_vtk(name, k, dim)

# ---- bubbles are left out: the field at the nodes of P; reals are cell data, the same in every cell ----
for shape, dim in (("line", 1), ("tri", 2), ("quad", 2), ("tet", 3), ("hex", 3)):
    for k in (1, 2) if shape in ("tri", "tet") else (1,):
        name = f"{shape} P{k}B"
        a = solve(name.replace(" ", "_"), problem(f"{{box: {{cells: {[2] * dim}, shape: {shape}}}}}", dim, k).replace(f"P{k},", f"P{k}B,"))
        if a:
            check_cells(name, a, {TYPES[shape][k - 1]: NODES[shape](k)})
            check_values(name, a, k, dim, False)
text = 'mesh: {box: {cells: [2, 2], shape: quad}}\nfields: {c: {space: real}}\nenergy: "(c - x[0])^2*dx"\noutput: {file: o.vtu, fields: [c]}\n'
a = solve("real", text)
check.that(a and differs(a["CellData", "c"], [0.5] * 4) < 1e-15 and len(a["CellData", "c"]) == 4, f"a real: {a}")

# ---- mixtures, from Gmsh files of version 2.2 ----
SQUARES = ["0 0 0", "1 0 0", "2 0 0", "0 1 0", "1 1 0", "2 1 0"]
COLUMN = ["0 0 0", "1 0 0", "1 1 0", "0 1 0", "0 0 1", "1 0 1", "1 1 1", "0 1 1", "0.5 0.5 1.5", "2 0 0", "2 0 1"]
MIXTURES = {  # Gmsh's types: 2 triangle, 3 quadrilateral, 5 hexahedron, 6 prism, 7 pyramid
    "square and triangles": (2, SQUARES, ["3 1 2 5 4", "2 2 3 6", "2 2 6 5"], {"tri": None, "quad": None}),
    "cube, pyramid and prism": (3, COLUMN, ["5 1 2 3 4 5 6 7 8", "7 5 6 7 8 9", "6 2 10 3 6 11 7"], {12: 8, 13: 6, 14: 5}),
}
for name, (dim, nodes, cells, kinds) in MIXTURES.items():
    mesh = ["$MeshFormat", "2.2 0 8", "$EndMeshFormat", "$Nodes", str(len(nodes)), *(f"{i + 1} {x}" for i, x in enumerate(nodes)), "$EndNodes", "$Elements", str(len(cells))]
    mesh += [f"{i + 1} {c.split()[0]} 2 1 1 {' '.join(c.split()[1:])}" for i, c in enumerate(cells)] + ["$EndElements", ""]
    open(os.path.join(folder.name, "m.msh"), "w").write("\n".join(mesh))
    for k in range(1, 5 if dim == 2 else 3):
        a = solve(f"mixture_{dim}_{k}", problem("{file: m.msh}", dim, k))
        if not a:
            continue
        expected = {TYPES[s][k - 1]: NODES[s](k) for s in kinds} if dim == 2 else kinds if k == 1 else {29: 27, 32: 18, 27: 13}
        check_cells(f"{name} P{k}", a, expected)
        check_values(f"{name} P{k}", a, k, dim, False)
        for options in (["--field", "temperature", "--isolines", "5"], ["--field", "flux", "--section", "x=0.5", "--edges"], ["--field", "shifted", "--view", "xy"]):
            r = command("plot", os.path.join(folder.name, "o.vtu"), "-o", os.path.join(folder.name, "o.png"), *options)
            check.that(r.returncode == 0 and open(os.path.join(folder.name, "o.png"), "rb").read(4) == b"\x89PNG", f"plot {name} P{k} {options}: {r}")
if not vtk:
    check.skip("VTK's own interpolation: the Python module vtk is not installed")
check.end()
