"""Claim: `periodic` and `component: normal` of a problem file do what the document says: values on tied sides are equal (turned by a rotation), known solutions are found in the plane
and in space, conditions on one side hold on the other, ties and conditions are counted, also for some of several fields; what is wrong is refused with file, key, line and word."""
import json
import math
import os
import re
import tempfile

from gkt import Checks, command

check = Checks()
folder = tempfile.TemporaryDirectory()
FILE = os.path.join(folder.name, "p.yaml")


def run(text, *args):
    """The report and the summary."""
    open(FILE, "w").write(text)
    report = os.path.join(folder.name, "r.json")
    r = command("run", FILE, "--backend", "interpreter", "--report", report, *args)
    if r.returncode:
        check.that(False, f"{text}status {r.returncode}\n{r.stderr}")
        return {"probes": {}, "errors": {"u": {}}, "functionals": {}}, ""
    return json.load(open(report)), r.stdout


def near(got, expected, tolerance, what):
    a, b = (x if isinstance(x, list) else [x] for x in (got, expected))
    check.that(None not in a and len(a) == len(b) and all(abs(x - y) <= tolerance for x, y in zip(a, b)), f"{what}: {got}, expected {expected}")


# ---- a cell without conditions: mean 0, and the four corners are one ----
CELL = """
mesh: {box: {cells: [N, N], shape: SHAPE}}
fields: {u: {space: P2, test: v}}
let: {e: "sin(2*pi*x[0] + 1)*cos(2*pi*x[1])"}
equation: "dot(grad(u), grad(v))*dx == 8*pi^2*e*v*dx(degree=8)"
periodic:
  - {from: left, to: right}
  - {from: bottom, to: top}
exact: {u: e}
probes: {a: {at: [0, 0]}, b: {at: [1, 0]}, c: {at: [0, 1]}, d: {at: [1, 1]}}
compute: {mean: "u*dx"}
"""
for shape in ("tri", "quad"):
    coarse, text = run(CELL.replace("SHAPE", shape).replace("N", "8"))
    fine, _ = run(CELL.replace("SHAPE", shape).replace("N", "16"))
    ratio = coarse["errors"]["u"].get("L2", 0) / fine["errors"]["u"].get("L2", 1)
    check.that(ratio > 2**2.9, f"{shape}: the error falls by {ratio}, expected 8")
    check.that("289 dofs, 0 of them constrained, 33 tied to others" in text, f"17^2 nodes, 16^2 of a torus:\n{text}")
    corners = [coarse["probes"].get(k) for k in "abcd"]
    near(corners, [corners[0]] * 4, 1e-14, "corners")
    near(coarse["functionals"].get("mean"), 0, 1e-12, "the mean")

# ---- a condition on one side, for one of two fields ----
TWO = """
mesh: {box: {cells: [4, 3]}}
fields:
  u: {space: P2, test: v}
  p: {space: P1, test: q}
equation: "dot(grad(u), grad(v))*dx + dot(grad(p), grad(q))*dx + (u - p)*q*dx == 0"
conditions:
  - {on: left, field: u, value: "1 + x[1]"}
  - {on: left, field: p, value: 0}
periodic:
  - {from: right, to: left, fields: FIELDS}
probes:
  a: {at: [1, 0.5], field: u}
  b: {at: [1, 1], field: u}
  c: {at: [1, 0.5], field: p}
"""
for fields, tied in (("u", (7, 0)), ("[p]", (0, 4)), ("[u, p]", (7, 4))):
    report, text = run(TWO.replace("FIELDS", fields))
    found = [int(x or 0) for x in re.findall(r"of them constrained(?:, (\d+) tied to others)?\n", text)]
    check.that(found == list(tied), f"fields {fields}: {found} are tied, expected {tied}")
    if tied[0]:
        near([report["probes"].get(k) for k in "ab"], [1.5, 2], 1e-11, "the partner of a condition")
    if tied[1]:
        near(report["probes"].get("c"), 0, 1e-11, "the partner of a condition")

# ---- a wedge of 90 degrees that turns: bottom to left about the corner; the far sides are pulled alike, so all is symmetric ----
WEDGE = """
mesh: {box: {cells: CELLS}}
fields: {u: {space: P2, shape: vector, test: w}}
constants: {mu: 1, lambda: 1.5}
equation: "2*mu*inner(sym(grad(u)), sym(grad(w)))*dx + lambda*div(u)*div(w)*dx == dot(n, w)*ds(right) + dot(n, w)*ds(top)"
conditions: CONDITIONS
periodic:
  - {from: bottom, to: left, rotate: {angle: 90AXIS}}
probes: {a: {at: [0.5, 0REST]}, b: {at: [0, 0.5REST]}, o: {at: [0, 0REST]}, c: {at: [1, 1REST]}}
"""
# biaxial tension of 1: strain 1/(2 (lambda + mu)) in the plane; with the ends held (plane strain) the same in space
report, _ = run(WEDGE.replace("CELLS", "[4, 4]").replace("CONDITIONS", "[]").replace("AXIS", "").replace("REST", ""))
near(report["probes"].get("a"), [0.1, 0], 1e-9, "tension, bottom")
near(report["probes"].get("b"), [0, 0.1], 1e-9, "tension, left")
near(report["probes"].get("c"), [0.2, 0.2], 1e-9, "tension, corner")
near(report["probes"].get("o"), [0, 0], 1e-12, "the axis")
ENDS = "[{on: [back, front], component: normal, value: 0}, {on: point, component: 1, value: 0}]\nregions: {point: {at: [1, 0, 0]}}"
report, _ = run(WEDGE.replace("CELLS", "[2, 2, 2]").replace("CONDITIONS", ENDS).replace("AXIS", ", axis: [0, 0, 2], point: [0, 0, 7]").replace("REST", ", 0.5"))
near(report["probes"].get("a"), [0.1, 0, 0], 1e-9, "tension in space, bottom")
near(report["probes"].get("b"), [0, 0.1, 0], 1e-9, "tension in space, left")

# ---- slip along a slanted side: a strip at 45 degrees of the box, sheared by its weight, slides down ----
SLIP = """
mesh: {file: strip.msh}
fields: {u: {space: P1, shape: vector, test: w}}
equation: "inner(grad(u), grad(w))*dx + dot(u, w)*dx == dot([0, -1], w)*dx"
conditions:
  - {on: wall, component: normal, value: 0}
probes: {a: {at: [0, 0]}, b: {at: [1, 1]}}
"""
open(os.path.join(folder.name, "strip.msh"), "w").write("""$MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
1
1 1 "wall"
$EndPhysicalNames
$Nodes
3
1 0 0 0
2 1 1 0
3 0 1 0
$EndNodes
$Elements
2
1 1 2 1 1 1 2
2 2 2 2 1 1 2 3
$EndElements
""")
report, _ = run(SLIP)
for k in "ab":
    u = report["probes"].get(k, [None, None])
    check.that(None not in u and abs(u[0] - u[1]) <= 1e-14 and u[1] < -0.1, f"slip along the diagonal: {u}")

# ---- messages ----
BASE = """mesh: {box: {cells: CELLS}}
fields: {u: {space: P1, test: v}, p: {space: DP0, test: q}, w: {space: P1, shape: vector, test: z}}
equation: "u*v*dx + p*q*dx + dot(w, z)*dx == v*dx"
"""


def refused(line, key, where, what, cells="[4, 4]", fields=BASE):
    open(FILE, "w").write(fields.replace("CELLS", cells) + line + "\n")
    r = command("run", FILE, "--backend", "interpreter")
    head = f"{FILE}: {key}: line 4, column {line.index(where) + 1}:" if where else ""
    check.that(r.returncode == 2 and head in r.stderr and what in r.stderr, f"{line}\nstatus {r.returncode}: {r.stderr}expected {head} .. {what}")


refused("periodic: [{from: left, to: top}]", "periodic.0.from", "left", "'left': 'left' and 'top' are not cut alike: 4 facets of 'left' have no partner, the first at x = (0, 0.125), where 'top' should have one like it at x = (0.5, 0.625)")
refused("periodic: [{from: left, to: top}]", "periodic.0.from", "left", "not cut alike", cells="[4, 3]")
refused("periodic: [{from: left, to: left}]", "periodic.0.from", "left", "'left' is to match itself; expected two sets")
refused("periodic: [{from: left, to: boundary}]", "periodic.0.from", "left", "'left' and 'boundary' share 4 facets")
refused("periodic: [{from: left, to: rigth}]", "periodic.0.to", "rigth", "did you mean 'right'?")
refused("periodic: [{from: left}]", "", "", "'to': missing key; expected the name of a set of the mesh")
refused("periodic: [{from: left, to: right, fields: [u, p]}]", "periodic.0.fields.1", "p]", "'p': DP0, whose cells share no values that could be tied; expected a continuous field")
refused("periodic: [{from: left, to: right, fields: q}]", "periodic.0.fields", "q}", "not a field; known: u p w")
refused("periodic: [{from: left, to: right, rotate: {}}]", "", "", "'angle': missing key")
refused("periodic: [{from: left, to: right, rotate: {angle: 360}}]", "periodic.0.rotate.angle", "360", "expected degrees between -360 and 360, not 0")
refused("periodic: [{from: left, to: right, rotate: {angle: 9, axis: [0, 0, 1]}}]", "periodic.0.rotate.axis", "[0, 0, 1]", "in the plane the axis stands on it")
refused("periodic: [{from: left, to: right, rotate: {angle: 9, point: [1]}}]", "periodic.0.rotate.point", "[1]", "1 coordinates; expected 2, as the mesh has")
refused("periodic: [{from: left, to: right, rotate: {angle: 9}}]", "periodic.0.rotate", "{angle", "an axis is missing", cells="[2, 2, 2]")
refused("periodic: [{from: left, to: right, rotate: {angle: 9}}]", "periodic.0.from", "left", "not cut alike")
refused("conditions: [{on: left, field: u, component: normal, value: 0}]", "conditions.0.component", "normal", "field u has no normal component; expected a field of shape vector")
refused("conditions: [{on: left, field: w, component: norml, value: 0}]", "conditions.0.component", "norml", "expected a whole number from 0, or normal")
refused("conditions: [{on: left, field: w, component: normal, value: [0, 1]}]", "", "", "expected a scalar")
refused("conditions: [{on: point, field: w, component: normal, value: 0}]\nregions: {point: {at: [0, 0]}}", "conditions.0.on", "point", "expected facets, of dimension 1")
check.end()
