"""Claim: VTK's own reader finds in a.xdmf and a.h5 what it finds in the VTU files of the same run: times, points, kinds of cells, their nodes in order, every array; linear and quadratic
cells, meshes of several kinds. GKT_VTK: a python that has vtkmodules.vtkIOXdmf2 (the registry's vtk has; Debian's python3-vtk9 has not), else the one that runs this; without it is skipped."""
import os
import subprocess
import sys
import tempfile

from gkt import Checks, ROOT, command, has_gmsh

check = Checks()
PYTHON = os.environ.get("GKT_VTK", sys.executable)
COMPARE = r"""
import sys
from vtkmodules.vtkIOXdmf2 import vtkXdmfReader
from vtkmodules.vtkIOXML import vtkXMLUnstructuredGridReader
from vtkmodules.vtkCommonExecutionModel import vtkStreamingDemandDrivenPipeline as pipeline

def first(o):
    while hasattr(o, "GetNumberOfBlocks"):
        o = o.GetBlock(0)
    return o

def tuples(a):
    return [a.GetTuple(i) for i in range(a.GetNumberOfTuples())]

x = vtkXdmfReader()
x.SetFileName("a.xdmf")
x.UpdateInformation()
info = x.GetOutputInformation(0)
times = [info.Get(pipeline.TIME_STEPS(), i) for i in range(info.Length(pipeline.TIME_STEPS()))] if info.Has(pipeline.TIME_STEPS()) else [0]
print(*times)
for i, t in enumerate(times):
    x.UpdateTimeStep(t)
    r = vtkXMLUnstructuredGridReader()
    r.SetFileName(sys.argv[1] % i if "%" in sys.argv[1] else sys.argv[1])
    r.Update()
    a, b = first(x.GetOutputDataObject(0)), r.GetOutput()
    assert tuples(a.GetPoints().GetData()) == tuples(b.GetPoints().GetData()), "points"
    assert a.GetNumberOfCells() == b.GetNumberOfCells() > 0
    for c in range(a.GetNumberOfCells()):
        kinds = a.GetCellType(c), b.GetCellType(c)
        assert kinds[0] == kinds[1] or kinds == (4, 3), kinds  # a line of two nodes is a polyline
        nodes = [[g.GetCell(c).GetPointId(k) for k in range(g.GetCell(c).GetNumberOfPoints())] for g in (a, b)]
        assert nodes[0] == nodes[1], nodes
    for d, e in ((a.GetPointData(), b.GetPointData()), (a.GetCellData(), b.GetCellData())):
        for k in range(e.GetNumberOfArrays()):
            assert tuples(d.GetArray(e.GetArrayName(k))) == tuples(e.GetArray(k)), e.GetArrayName(k)
"""
if subprocess.run([PYTHON, "-c", "from vtkmodules.vtkIOXdmf2 import vtkXdmfReader"], capture_output=True).returncode:
    check.skip("VTK with its reader of XDMF is not installed")
    check.end()


def compare(name, files, problem, *sets):
    with tempfile.TemporaryDirectory() as out:
        for file in ("a.vtu", "a.xdmf"):
            r = command("run", problem, "--quiet", "--out", out, *[a for s in [*sets, f"output.file={file}"] for a in ("--set", s)])
            assert r.returncode == 0, f"{name}: {r.stderr}"
        r = subprocess.run([PYTHON, "-c", COMPARE, files], capture_output=True, text=True, cwd=out)
        check.that(r.returncode == 0, f"{name}: {r.stderr}")
        return [float(t) for t in r.stdout.split()]


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "a.yaml")
    open(path, "w").write("""
mesh: {box: {cells: [2, 2]}}
fields: {u: {space: P1, shape: vector, test: v}, p: {space: P1, test: q}}
equation: "inner(u, v)*dx + p*q*dx == dot(x, v)*dx + (1 + x[0]^2)*q*dx"
output: {file: a.vtu, fields: {u: u, p: p, "g/r <a> & b": "grad(u)", n: "dot(u, u)"}}
""")
    for cells, shape in (("[3]", "line"), ("[3,2]", "tri"), ("[2,2]", "quad"), ("[2,2,1]", "tet"), ("[2,2,1]", "hex")):
        for u, p in (("P1", "P1"), ("P2", "DP0"), ("P1", "DP1")):
            compare(f"{shape}, {u}, {p}", "a.vtu", path, f"mesh.box.cells={cells}", f"mesh.box.shape={shape}", f"fields.u.space={u}", f"fields.p.space={p}")
if has_gmsh():
    for sets in (["fields.T.space=P1"], ["fields.T.space=P2"], ["fields.T.space=P1", "mesh.order=2"]):
        compare(f"mixed, {sets}", "a.vtu", os.path.join(ROOT, "examples/meshes/mixed.yaml"), *sets, "output={file: a.vtu, fields: {T: T, q: grad(T)}}")
times = compare("heat", "a_%04d.vtu", os.path.join(ROOT, "examples/time/heat.yaml"), "mesh.box.cells=[8,8]", "output={file: a.vtu, fields: [u, grad(u)]}")
check.that(len(times) == 5 and times[-1] == 1, f"heat: times {times}")
check.end()
