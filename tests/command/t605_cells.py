"""Claim: boxes of every shape and files of mixed cells run from a problem file: the report counts the cells by kind, `where` and `cells` name facets and cells of any kind with
their right measure, `refine` refines them all."""
import json
import os
import tempfile

from gkt import Checks, command, has_gmsh

check = Checks()
folder = tempfile.TemporaryDirectory()
FILE, REPORT = (os.path.join(folder.name, n) for n in ("p.yaml", "r.json"))


def run(mesh, cells, constrained):
    open(FILE, "w").write(
        f'mesh: {mesh}\nfields: {{u: {{space: P1, test: v}}}}\nregions: {{low: {{where: "x[0] < 1e-9"}}, part: {{cells: "x[0] < 0.5"}}}}\n'
        'equation: "inner(u, v)*dx == 2*v*dx"\nconditions: [{on: low, field: u, value: 2}]\n'
        'compute: {all: "1*dx", half: "1*dx(part)", side: "1*ds(low)", value: "u*dx"}\n'
    )
    r = command("run", FILE, "--backend", "interpreter", "--report", REPORT)
    check.that(r.returncode == 0, f"{mesh}: status {r.returncode}\n{r.stderr}")
    if r.returncode:
        return
    check.that(f"  mesh      {cells} of order 1" in r.stdout, f"{mesh}: expected '{cells}' in\n{r.stdout}")
    check.that(f" {constrained} of them constrained" in r.stdout, f"{mesh}: expected {constrained} constrained dofs in\n{r.stdout}")
    found = json.load(open(REPORT))["functionals"]
    for name, expected in {"all": 1, "half": 0.5, "side": 1, "value": 2}.items():
        check.that(abs(found[name] - expected) < 1e-9, f"{mesh}: {name} is {found[name]}, expected {expected}")  # a solution to 1e-10


run("{box: {cells: [4]}}", "4 lines", 1)
run("{box: {cells: [4], shape: line}, refine: 2}", "16 lines", 1)
run("{box: {cells: [4, 2], shape: tri}}", "16 triangles", 3)
run("{box: {cells: [4, 2], shape: quad}, refine: 1}", "32 quadrilaterals", 5)
run("{box: {cells: [4, 2, 1]}}", "48 tetrahedra", 6)
run("{box: {cells: [4, 20, 20], shape: hex}}", "1,600 hexahedra", 441)
run("{box: {cells: [2, 1, 1], shape: hex}, refine: 1}", "16 hexahedra", 9)

# one point in a quadrilateral does not see the checkerboard: nothing is proven of such a system, and without conditions it is singular by more than the constants
open(FILE, "w").write(
    'mesh: {box: {cells: [4, 4], shape: quad}}\nfields: {u: {space: P1, test: v}}\nequation: "dot(grad(u), grad(v))*dx(degree=1) == (x[0] - 0.5)*x[1]*v*dx"\n'
)
for degree, status in ((1, 1), (2, 0)):
    for way in ("", "(1 + dot(grad(u), grad(u)))*"):
        r = command("run", FILE, "--backend", "interpreter", "--set", f"equation={way}dot(grad(u), grad(v))*dx(degree={degree}) == (x[0] - 0.5)*(1 + x[1])*v*dx")
        told = "too few points to see every function" in r.stderr if status else "proven" in r.stdout
        check.that(r.returncode == status and told, f"{way} with quadrature of degree {degree}: status {r.returncode}\n{r.stderr}{r.stdout}")

GEO = """Point(1) = {0,0,0,0.5}; Point(2) = {1,0,0,0.5}; Point(3) = {1,1,0,0.5}; Point(4) = {0,1,0,0.5};
Line(1) = {1,2}; Line(2) = {2,3}; Line(3) = {3,4}; Line(4) = {4,1}; Line Loop(1) = {1,2,3,4}; Plane Surface(1) = {1}; Transfinite Surface {1};
Extrude {0,0,1} { Surface{1}; Layers{2}; Recombine; }
"""
if has_gmsh():
    open(os.path.join(folder.name, "prisms.geo"), "w").write(GEO)
    r = command("mesh", "prisms.geo", "-o", "prisms.msh", cwd=folder.name)
    check.that(r.returncode == 0, r.stderr)
    run("{file: prisms.msh}", "16 prisms", 9)
    run("{file: prisms.msh, refine: 1}", "128 prisms", 25)
else:
    check.skip("no galerkit-mesh")
check.end()
