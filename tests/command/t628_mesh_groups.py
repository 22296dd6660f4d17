"""Claim: a group of a mesh file that lies on no cell is a warning, and refused only where a condition, an integral, a coefficient or a result uses it; a group `boundary` of the file
stands for what the file says."""
import os
import tempfile

from gkt import Checks, command

MESH = """$MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
4
1 7 "wall"
1 8 "beside"
2 9 "nowhere"
1 5 "%s"
$EndPhysicalNames
$Nodes
6
1 0 0 0
2 1 0 0
3 1 1 0
4 0 1 0
5 2 0 0
6 3 0 0
$EndNodes
$Elements
6
1 1 2 7 4 4 1
2 1 2 7 4 2 4
3 1 2 8 5 5 6
4 1 2 5 6 1 2
5 2 2 1 1 1 2 3
6 2 2 1 1 1 3 4
$EndElements
"""
PROBLEM = """
mesh: {file: %s.msh}
fields: {u: {space: P1, test: v}}
equation: dot(grad(u), grad(v))*dx == v*dx
conditions: [{on: %s, value: 0}]
compute: {length: 1*ds(%s)}
"""
WARNING = "warning: %s.msh: the physical group '%s' (dimension %d) cannot be used: %s\n"
check = Checks()


def run(folder, mesh, *args, on="bottom", length="bottom"):
    with open(os.path.join(folder, "a.yaml"), "w") as file:
        file.write(PROBLEM % (mesh, on, length))
    return command("run", "a.yaml", "--backend", "interpreter", *args, cwd=folder)


def refused(r, what):
    check.that(r.returncode == 2 and what in r.stderr.splitlines()[-1] and "Traceback" not in r.stderr, f"status {r.returncode}, expected 2 and '{what}'\n{r.stderr}")


with tempfile.TemporaryDirectory() as folder:
    for name in ("bottom", "boundary"):
        with open(os.path.join(folder, f"{name}.msh"), "w") as file:
            file.write(MESH % name)
    r = run(folder, "bottom")
    check.that(r.returncode == 0 and "length" in r.stdout, f"groups beside the cells, unused: {r}")
    for group, dim, why in (("wall", 1, "element 2 (line 23) of it is not a facet of any cell"), ("beside", 1, "element 3 (line 24) of it is not a facet of any cell"), ("nowhere", 2, "it holds no elements")):
        check.that(WARNING % ("bottom", group, dim, why) in r.stderr, f"no warning of {group}: {r.stderr}")
        if dim == 1:
            refused(run(folder, "bottom", on=group), f"'{group}': the mesh file has a group of this name, but {why}")
            refused(run(folder, "bottom", length=group), f"'{group}': the mesh file has a group of this name, but {why}")
            refused(run(folder, "bottom", "--set", "mesh.refine=1", length=group), f"'{group}': the mesh file has a group of this name, but {why}")
            refused(run(folder, "bottom", "--set", f"compute.top={{max: u, on: {group}}}"), f"'{group}': the mesh file has a group of this name, but {why}")
    refused(run(folder, "bottom", "--set", "coefficients.k={space: DP0, regions: {nowhere: 1}, default: 2}"), "'nowhere': the mesh file has a group of this name, but it holds no elements")
    r = run(folder, "boundary", on="boundary", length="boundary")
    check.that(r.returncode == 0 and "`boundary` is the group of that name in the file, 1 of the 4 outer facets" in r.stderr, f"boundary: {r}")
    check.that("length = 1\n" in r.stdout, f"the length of `boundary`: {r.stdout}")
check.end()
