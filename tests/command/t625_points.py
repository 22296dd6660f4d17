"""Claim: points by coordinates, point groups of Gmsh and named inner facets serve where the documents say: conditions hold on all nodes of inner facets, in the plane and in space, of
continuous and discontinuous fields; `at` names nodes for `on` and places for dP; what cannot be is refused with the nearest node, the distance, the place."""
import json
import os
import tempfile

from gkt import Checks, command, has_gmsh

check = Checks()
folder = tempfile.TemporaryDirectory()
FILE = os.path.join(folder.name, "p.yaml")


def run(text, *args, status=0):
    open(FILE, "w").write(text)
    report = os.path.join(folder.name, "r.json")
    r = command("run", FILE, "--backend", "interpreter", "--quiet", "--report", report, *args)
    check.that(r.returncode == status, f"{text}status {r.returncode}, expected {status}: {r.stderr}")
    return r.stderr if status else json.load(open(report))


SQUARE = """mesh: {box: {cells: [4, 4]}}
regions: {pin: {at: [0.25, 0.5]}, corners: {at: [[0, 0], [1, 0], [1, 1], [0, 1]]}, off: {at: [0.3, 0.5]}, out: {at: [0.5, 2]}}
fields: {u: {space: P1, test: v}}
equation: "u*v*dx == 100*v*dx"
conditions: [{on: pin, value: 7}, {on: corners, value: "x[0] + 2*x[1]"}]
compute: {there: "u*dP(pin)", all: "u*dP(pin, corners)", count: "1*dP(off, pin, corners)", most: {max: u, on: corners}}
probes: {pin: {at: [0.25, 0.5]}, corner: {at: [1, 1]}}
"""
r = run(SQUARE)
f = r["functionals"]
check.that(abs(r["probes"]["pin"] - 7) < 1e-12 and abs(r["probes"]["corner"] - 3) < 1e-12, f"conditions at points: {r['probes']}")
check.that(abs(f["there"] - 7) < 1e-12 and abs(f["all"] - 13) < 1e-12 and abs(f["count"] - 6) < 1e-12 and abs(f["most"] - 3) < 1e-12, f"sums over points: {f}")
for sets, says in (
    (("conditions.0.on=off",), "conditions.0.on: line 1, column 17: 'off': no node of the field's space stands at (0.3, 0.5); the nearest is (0.25, 0.5), 0.05 away"),
    (("compute.most.on=off",), "compute.most.on: line 1, column 17: 'off': no node of the field's space stands at (0.3, 0.5); the nearest is (0.25, 0.5), 0.05 away"),
    (("compute.there=u*dP(out)",), "column 20: 'out': the place (0.5, 2) lies outside of the mesh"),
    (("compute.there=u*dP(left)",), "column 20: 'left': this set consists of facets, but dP sums over points (sets of points: pin, corners, off, out)"),
    (("compute.there=u*dP",), "column 17: 'dP': sums over named points; expected dP(NAME)"),
    (("regions.pin.at=[1]",), "regions.pin.at: line 1, column 16: '[1]': 1 coordinates; expected 2, as the mesh has"),
    (("regions.pin.at=[[0, 0], [1]]",), "regions.pin.at.1: line 1, column 25: '[1]': 1 coordinates; expected 2, as the first point has"),
    (("regions.pin.at=[]",), "regions.pin.at: line 1, column 16: '[]': a list; expected a list of 1 to 3 numbers, or a list of such lists"),
    (("regions.left={at: [0, 0]}",), "the mesh has this name already"),
):
    message = run(SQUARE, *[x for s in sets for x in ("--set", s)], status=2)
    check.that(says in message, f"{sets}: {message}")

if not has_gmsh():
    check.skip("galerkit-mesh is not built")
    check.end()
open(os.path.join(folder.name, "two.geo"), "w").write(
    """SetFactory("OpenCASCADE"); Rectangle(1) = {0, 0, 0, 1, 1}; Rectangle(2) = {1, 0, 0, 1, 1};
BooleanFragments{ Surface{1}; Delete; }{ Surface{2}; Delete; }
Mesh.MeshSizeMax = 0.25; Physical Curve("mid") = {2}; Physical Point("ends") = {1, 2}; Physical Surface("all") = {1, 2};
"""
)
open(os.path.join(folder.name, "cubes.geo"), "w").write(
    """SetFactory("OpenCASCADE"); Box(1) = {0, 0, 0, 1, 1, 1}; Box(2) = {1, 0, 0, 1, 1, 1};
BooleanFragments{ Volume{1}; Delete; }{ Volume{2}; Delete; }
Mesh.MeshSizeMax = 0.5; Physical Surface("mid") = {2}; Physical Point("ends") = {1, 2}; Physical Volume("all") = {1, 2};
"""
)
for geometry, dim in (("two.geo", 2), ("cubes.geo", 3)):
    for space in ("P2", "DP1"):
        at = [1, 0.37, 0.61][:dim]
        r = run(
            f"""mesh: {{geometry: {geometry}}}
fields: {{u: {{space: {space}, test: v}}}}
equation: "u*v*dx == 100*v*dx"
conditions: [{{on: mid, value: "5 + x[1]"}}]
compute: {{least: {{min: "u - x[1]", on: mid}}, most: {{max: "u - x[1]", on: mid}}, ends: "1*dP(ends)"}}
probes: {{inside: {{at: {at}}}, left: {{at: {[0.5] + at[1:]}}}}}
"""
        )
        f = r["functionals"]
        continuous = space == "P2"  # else at the ends of the facets cells count that only touch there
        check.that((not continuous or (abs(f["least"] - 5) < 1e-11 and abs(f["most"] - 5) < 1e-11)) and abs(r["probes"]["inside"] - 5.37) < 1e-11, f"{geometry}, {space}, on inner facets: {r['functionals']} {r['probes']}")
        check.that(r["probes"]["left"] > 20 and abs(f["ends"] - 2) < 1e-13, f"{geometry}, {space}, elsewhere: {r['probes']} {f}")
check.end()
