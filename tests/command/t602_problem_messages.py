"""Claim: what passes the settings but fails against the forms or the mesh is refused (status 2) with one line that names file, key, line, column and word and says what was
expected; words from a --set name that instead of the file. Problems without a valid answer give status 1 and the reason, also in the report; conflicts warn and name both lines."""
import json
import os
import tempfile

from gkt import Checks, command, has_gmsh

check = Checks()
folder = tempfile.TemporaryDirectory()
FILE = os.path.join(folder.name, "p.yaml")
BASE = {
    "mesh": "{box: {cells: [2, 2]}}",
    "fields": "{u: {space: P1, test: v}}",
    "equation": '"dot(grad(u), grad(v))*dx == 1*v*dx"',
    "conditions": "[{on: left, value: 0}]",
}
VECTOR = {"fields": "{u: {space: P1, shape: vector, test: v}}", "equation": '"inner(grad(u), grad(v))*dx"'}
HALVES = '{east: {cells: "x[0] < 0.5"}, west: {cells: "x[0] > 0.5"}}'
TRIANGLE = """$MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
2
1 1 "middle"
2 2 "all"
$EndPhysicalNames
$Nodes
4
1 0 0 0
2 1 0 0
3 1 1 0
4 0 1 0
$EndNodes
$Elements
3
1 1 2 1 1 1 3
2 2 2 2 1 1 2 3
3 2 2 2 1 1 3 4
$EndElements
"""


def put(name, text):
    open(os.path.join(folder.name, name), "w").write(text)


put("two.msh", TRIANGLE)
CURVED = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$PhysicalNames\n1\n0 1 \"inside\"\n$EndPhysicalNames\n$Nodes\n3\n1 0 0 0\n2 1 0 0\n3 0.5 0 0\n$EndNodes\n"
put("curved.msh", CURVED + "$Elements\n2\n1 15 2 1 1 3\n2 8 2 2 1 1 2 3\n$EndElements\n")
put("cut.msh", TRIANGLE[:-60])
put("none.msh", "not a mesh\n")
put("line.msh", "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$Nodes\n2\n1 0 0 0\n2 1 1 0\n$EndNodes\n$Elements\n1\n1 1 2 1 1 1 2\n$EndElements\n")


def problem(keys):
    return "".join(f"{key}: {value}\n" for key, value in {**BASE, **keys}.items() if value is not None)


def place(text):
    """Text without the marks around the word in <| |>, the word, its line and column."""
    begin = text.index("<|")
    word = text[begin + 2 : text.index("|>")]
    return text.replace("<|", "").replace("|>", ""), word, text.count("\n", 0, begin) + 1, begin - text.rfind("\n", 0, begin)


def run(text, *args):
    put("p.yaml", text)
    return command("run", FILE, "--backend", "interpreter", "--out", folder.name, *args)


def refused(keys, at, *what, set=None, skip=0):
    """set: the assignment that carries the word. skip: characters of the word that its place in the message leaves out."""
    text, word, line, column = place(set or problem(keys))
    origin = FILE
    if set:
        origin, text = f"--set {text}", problem(keys)
    r = run(text, *(["--set", place(set)[0]] if set else []))
    head = f"galerkit: {origin}: {at}: line {line}, column {column}: '{word}': "
    good = r.returncode == 2 and r.stderr.startswith(head) and r.stderr.count("\n") == 1 and not r.stdout and all(w in r.stderr for w in what)
    check.that(good, f"{text}expected status 2 and\n  {head} {' .. '.join(what)}\ngot status {r.returncode} and\n  {r.stderr}{r.stdout}")


# ---- names of sets ----
refused({"conditions": "[{on: <|lft|>, value: 0}]"}, "conditions.0.on", "no set of the mesh has this name; did you mean 'left'?", "the mesh has: boundary left right bottom top")
refused({"conditions": "\n  - {on: left, value: 0}\n  - {on: [right, <|front|>], value: 0}"}, "conditions.1.on.1", "the mesh has:")
refused({}, "conditions.0.on", "did you mean 'left'?", set="conditions.0.on=<|lefft|>")
refused({"equation": '"dot(grad(u), grad(v))*dx == v*ds(<|lft|>)"'}, "equation", "left")
refused({"equation": '"dot(grad(u), grad(v))*dx(<|steel|>) == v*ds"'}, "equation")
refused({}, "equation", set="equation=u*v*dx == v*ds(<|lft|>)")
refused({"compute": '{f: "u*ds(<|lft|>)"}'}, "compute.f", "left")
refused({"compute": "{f: {max: u, on: <|lft|>}}"}, "compute.f.on", "did you mean 'left'?")
refused({"mesh": "{file: two.msh}", "conditions": "[{on: middle, value: 0}]", "equation": '"u*v*dx == v*ds(<|middle|>)"'}, "equation")

refused({"mesh": "{file: curved.msh}", "conditions": None, "equation": '"u*v*dx == v*ds(<|inside|>)"'}, "equation", "1 of its 1 facets lie inside a cell")

# ---- regions ----
refused({"regions": '{a: {where: "<|x[0] < -1|>"}}'}, "regions.a.where", "holds nowhere", "facet of the outer boundary")
refused({"regions": '{a: {cells: "<|x[0] > 9|>"}}'}, "regions.a.cells", "holds nowhere", "centroid")
refused({"regions": '{a: {where: "x[0] < 1"}}'}, "regions.a.where", "holds nowhere", set="regions.a.where=<|x[0] > 7|>")
refused({"regions": "{<|a|>: {faces: [12, 17]}}"}, "regions.a", "no surface tags")
refused({"regions": '{<|left|>: {where: "x[0] < 0.1"}}'}, "regions.left", "has this name already; expected another")
refused({"regions": '{a: {where: "<|u < 1|>"}}'}, "regions.a.where", "expected x and constants only")
refused({"regions": '{a: {where: "<|x|>"}}'}, "regions.a.where", "this is a vector of 2; expected a scalar")

# ---- coefficients ----
refused({"coefficients": "{k: {space: DP0, regions: {<|steel|>: 1}}}"}, "coefficients.k.regions.steel", "no set of cells", "the mesh has: none")
refused({"regions": HALVES, "coefficients": "{k: {space: DP0, regions: {east: 1, <|wset|>: 2}}}"}, "coefficients.k.regions.wset", "did you mean 'west'?", "the mesh has: east west")
refused({"regions": '{a: {cells: "x[0] < 0.9"}, b: {cells: "x[0] > 0.4"}}', "coefficients": "{k: {space: DP0, regions: {a: 1, <|b|>: 2}}}"}, "coefficients.k.regions.b", "overlap those of 'a'")
refused({"regions": HALVES, "coefficients": "{<|k|>: {space: DP0, regions: {west: 1}}}"}, "coefficients.k", "is in none of its regions; expected", "default")
refused({"regions": HALVES, "coefficients": '{<|k|>: {space: DP0, regions: {east: 1, west: "[1, 2]"}}}'}, "coefficients.k", "different shapes")
refused({"coefficients": '{<|k|>: {space: DP0, value: "ln(x[0] - 1)"}}'}, "coefficients.k", "not finite at x = (0.", "ln(x[0] - 1) = nan, where x[0] - 1 = -0.", "expected a finite number")
refused({"coefficients": '{k: {space: DP0, value: "<|u + 1|>"}}'}, "coefficients.k.value", "expected x, t, constants and symbolic coefficients only")
refused({"coefficients": '{k: "1 + <|u|>"}'}, "coefficients.k")
refused({"let": '{k: "1 + <|w|>"}'}, "let.k")

# ---- conditions ----
refused({"conditions": '[{on: left, value: "<|1 + u|>"}]'}, "conditions.0.value", "contains the unknown; expected x, constants and coefficients only")
refused({"conditions": '[{on: left, value: "<|[1, 2]|>"}]'}, "conditions.0.value", "this is a vector of 2; expected a scalar")
refused({**VECTOR, "conditions": "[{on: left, value: <|1|>}]"}, "conditions.0.value", "this is a scalar; expected a vector of 2")
refused({**VECTOR, "conditions": '[{on: left, component: 1, value: "<|x|>"}]'}, "conditions.0.value", "this is a vector of 2; expected a scalar")
refused({**VECTOR, "mesh": "{file: two.msh}", "conditions": "[{on: boundary, component: <|2|>, value: 0}]"}, "conditions.0.component", "expected 0 to 1")
refused({"conditions": '[{on: <|left|>, value: "1/x[0]"}]'}, "conditions.0.on", "the value is", "at (0, 0)")
refused({"conditions": "[{on: <|left|>, value: 0}]", "fields": "{u: {space: DP0, test: v}}", "equation": '"u*v*dx == v*dx"'}, "conditions.0.on", "no node of the field's space")

# ---- bubbles and reals ----
REAL = {"fields": "{c: {space: real}}", "equation": None, "energy": '"(c - x[0])^2*dx"', "conditions": None}
PLACE = "one number for the whole mesh, with no value by place; expected what varies in space"
refused({"fields": "{u: {space: <|P3B|>, test: v}}"}, "fields.u.space", "this space is not available yet; expected P1 to P4", "P1B or P2B (with bubbles), or real")
refused({"fields": "{u: {space: <|P1b|>, test: v}}"}, "fields.u.space", "unknown space; did you mean 'P1B'?")
refused({"fields": "{u: {space: <|Real|>, test: v}}"}, "fields.u.space", "unknown space; did you mean 'real'?")
refused({"mesh": "{box: {cells: [2, 2], shape: quad}}", "fields": "{u: {space: <|P2B|>, test: v}}"}, "fields.u.space", "P2B is not available on quadrilaterals, where P2 has a node inside already; expected P1B or P2")
refused({"fields": "{u: {space: P1B, test: v}}", "equation": '"<|div(grad(u))|>*v*dx == v*dx"'}, "equation", "second derivatives of 'u' (P1B) are not available yet")
refused({**REAL, "conditions": "[{on: <|left|>, value: 0}]"}, "conditions.0.on", "a real is one number for the whole mesh and no function of place", "expected an equation that determines it")
refused({**REAL, "probes": "{<|p|>: {at: [0.5, 0.5]}}"}, "probes.p", "'c' is " + PLACE)
refused({**REAL, "probes": '{<|p|>: {at: [0.5, 0.5], value: "c^2"}}'}, "probes.p", "'c^2' is " + PLACE)
refused({**REAL, "compute": "{top: {max: <|c|>}}"}, "compute.top.max", PLACE)
refused({**REAL, "initial": '{c: "<|x[0]|>"}'}, "initial.c", "this varies in space, and a real is one number for the whole mesh; expected a value without x")
refused({"coefficients": '{k: {space: real, value: "<|1 + x[0]|>"}}'}, "coefficients.k.value", "this varies in space, and a real is one number")
refused({"coefficients": "{k: {space: real, <|regions|>: {a: 1}}}"}, "coefficients.k", "a real is one number for the whole mesh; expected value, or space: DP0")
refused({**REAL, "energy": '"<|dot(grad(c), grad(c))*dx|>"'}, "energy")

# ---- forms ----
refused({"equation": '"<|(u - u)*v*dx == v*dx|>"'}, "equation", "u drops out; expected terms that hold it or its gradient")
refused({"equation": '"<|-div(grad(u))*v*dx == v*dx|>"'}, "equation", "second derivatives of P1 are zero: integrate by parts")
refused({"equation": '"dot(grad(u), grad(v))*dx == <|y|>*v*dx"'}, "equation", "here it is written x[1]")
refused({"equation": '"dot(grad(u), grad(v))*dx == v*<|f|>*dx"'}, "equation")
refused({"mesh": "{file: two.msh}", "equation": '"u*v*dx == x<|[2]|>*v*dx"'.replace("<|[2]|>", "[<|2|>]")}, "equation")

BENT = "second derivatives of 'u' (degree 1) are not available yet on quadrilaterals; expected straight lines, triangles and tetrahedra"
QUADS = {"mesh": "{box: {cells: [2, 2], shape: quad}}"}
refused({**QUADS, "equation": '"dot(grad(u), grad(v))*dx + <|div(grad(u))|>*v*dx == v*dx"'}, "equation", BENT)
refused({**QUADS, "output": '{file: a.vtu, fields: ["<|div(grad(u))|>"]}'}, "output.fields.0", BENT)
refused({**QUADS, "coefficients": "{f: {space: P1, value: 'x[0]*x[1]'}}", "compute": '{a: "<|div(grad(f))|>*dx"}'}, "compute.a", BENT.replace("'u'", "'f'"))  # all of it would be zero
refused({**QUADS, "coefficients": "{f: {space: P1, value: 'x[0]*x[1]'}}", "probes": '{p: {at: [0, 0], value: "<|div(grad(f))|>"}}'}, "probes.p.value", BENT.replace("'u'", "'f'"))

# ---- what is asked of the answer ----
refused({"probes": "{p: {at: <|[2, 0]|>}}"}, "probes.p.at", "outside the mesh; expected", "within [0, 1] x [0, 1]")
refused({"mesh": "{file: two.msh}", "conditions": None, "probes": "{p: {at: <|[2, 0, 0]|>}}"}, "probes.p.at", "3 coordinates; expected 2")
refused({"probes": "{p: {at: [0, 0]}}"}, "probes.p.at", "outside the mesh", set="probes.p.at=<|[0, -1]|>")
refused({"probes": '{p: {at: [0, 0], value: "<|u*n|>"}}'}, "probes.p.value", "n has no meaning at points")
refused({"compute": '{m: {max: "<|grad(u)|>"}}'}, "compute.m.max", "this is a vector of 2; expected a scalar")
refused({"exact": '{u: "<|[1, 2]|>"}'}, "exact.u", "this is a vector of 2; expected a scalar")
refused({"exact": '{u: "<|2*u|>"}'}, "exact.u", "contains the unknown")
refused({"initial": '{u: "<|[1, 2]|>"}'}, "initial.u", "this is a vector of 2; expected a scalar")
refused({"initial": '{u: "<|2*u|>"}'}, "initial.u", "what `initial` gives contains an unknown; expected x, constants and coefficients only")
refused({"initial": '{u: "<|n[0]|>"}'}, "initial.u", "n has no meaning at nodes")
refused({"initial": '{u: "<|1/x[0]|>"}', "equation": '"u^3*v*dx == v*dx"'}, "initial.u", "not finite at x = (0, 0): 1/x[0] = inf, where x[0] = 0 (3 of 9 nodes); expected a finite number")
refused({"output": '{file: a.vtu, fields: [u, "<|n|>"]}'}, "output.fields.1", "n has no meaning at points")
refused({"output": '{picture: {file: a.png, color: "<|I|>"}}'}, "output.picture.color", "a matrix has no colour")
refused({"output": '{picture: {file: a.png, warp: "<|u|>"}}'}, "output.picture.warp", "this is a scalar; expected a vector of 2")

# ---- meshes ----
refused({"mesh": "{file: <|absent.msh|>}"}, "mesh.file", "cannot open", "absent.msh: No such file")
refused({"mesh": "{file: <|cut.msh|>}"}, "mesh.file", os.path.join(folder.name, "cut.msh") + ":")
refused({"mesh": "{file: <|none.msh|>}"}, "mesh.file", "none.msh: not an MSH file")
refused({"mesh": "{file: <|line.msh|>}"}, "mesh.file", "the file holds lines and no cells of higher dimension")
refused({}, "mesh.file", "No such file", set="mesh={file: <|absent.msh|>}")
refused({"mesh": "{box: {cells: [2, 2]}, refine: <|30|>}"}, "mesh.refine", "cells; expected less than 2^31")
refused({"mesh": "{box: <|{cells: [90000, 90000]}|>}"}, "mesh.box")
if has_gmsh():
    refused({"mesh": "{geometry: <|absent.step|>, size: 1}"}, "mesh.geometry", "absent.step", "No such file")
    put("flat.geo", "Point(1) = {0, 0, 0};")
    refused({"mesh": "{geometry: <|flat.geo|>, size: 1}"}, "mesh.geometry", "holds no")
    put("cubic.geo", 'SetFactory("OpenCASCADE");\nRectangle(1) = {0, 0, 0, 1, 1};\nMesh.ElementOrder = 3;\n')
    refused({"mesh": "{geometry: <|cubic.geo|>, size: 1}"}, "mesh.geometry", "the mesh of cubic.geo: byte", "lines of order 3", "those of order 1 and 2 are (Mesh.ElementOrder)")
else:
    check.skip("galerkit-mesh is not built")

# ---- accepted, but no valid answer ----
NEUMANN = {"conditions": None}
START = {"equation": '"(2 + ln(k*u + b))*dot(grad(u), grad(v))*dx == v*dx"', "constants": "{k: 3, b: -1}"}
FREE = {**VECTOR, "conditions": None, "equation": '"inner(sym(grad(u)), sym(grad(v)))*dx == v[1]*ds(left) - v[1]*ds(right)"'}
for keys, reason in [
    (NEUMANN, "incompatible load: no condition fixes u"),
    (FREE, "incompatible load: no condition fixes u, so its load (sources and boundary fluxes together) must have no moment, but in the x-y plane"),
    ({**VECTOR, "equation": '"inner(grad(u), grad(v))*dx == v[1]*dx"', "conditions": "[{on: left, component: 0, value: 0}]"}, "the system is singular: equation and conditions leave component 1 of 'u' undetermined"),
    ({"coefficients": '{k: "ln(x[0] - 2)"}', "equation": '"k*dot(grad(u), grad(v))*dx == v*dx"'}, f"{FILE}: equation: line 3: not finite near x = (0"),
    (START, f"{FILE}: equation: line 3: not finite near x = (0"),
]:
    report = os.path.join(folder.name, "r.json")
    r = run(problem(keys), "--report", report, "--quiet")
    check.that(r.returncode == 1 and r.stderr.startswith(f"galerkit: {reason}") and r.stderr.count("\n") == 1, f"{reason}: status {r.returncode}\n{r.stderr}")
    j = json.load(open(report))
    check.that(j["status"] == "failed" and j["reason"].startswith(reason) and j["functionals"] is None, f"{reason}: report {j['status']}, {j['reason']}")

for keys, what in [
    (START, "ln(k*u + b) = nan, where k*u + b = -1; the first guess is 0: expected an `initial`"),
    ({"equation": '"dot(grad(u), grad(v))/grad(u)[1]*dx == v*dx"', "initial": "{u: 'x[0]'}"}, "grad(u)[0]/grad(u)[1] = inf, where grad(u)[0] = 1 and grad(u)[1] = 0; expected an `initial`"),
    ({"equation": '"sqrt(u)*v*dx == v*dx"'}, "0.5/sqrt(u) = inf, where sqrt(u) = 0; the first guess is 0"),  # the residual is finite, the tangent is not
    ({"equation": '"conditional(u < 1, u^3, ln(u - 1)) * v*dx == ln(u - 2)*v*ds(right)"', "fields": "{u: {space: P1, test: v}}", "constants": "{c: 2}"}, "ln(u - 2) = nan, where u - 2 = -2"),
    ({**VECTOR, "equation": '"inner(inv(I + grad(u)), grad(v))*dx == v[0]*dx"', "initial": '{u: "[-x[0], 0]"}'}, "= 0; expected an `initial`"),
]:
    r = run(problem(keys), "--quiet")
    check.that(r.returncode == 1 and what in r.stderr, f"expected {what}, got status {r.returncode}\n{r.stderr}")

# ---- accepted with a warning ----
r = run(problem({"conditions": "\n  - {on: left, value: 0}\n  - {on: bottom, value: 1}"}))
check.that(r.returncode == 0 and r.stderr == "warning: conditions disagree on 1 shared dof: line 5 on 'left' gives 0, line 6 on 'bottom' gives 1; the later one wins\n", r.stderr)
r = run(problem({"conditions": "\n  - {on: left, value: 0}\n  - {on: bottom, value: 0}"}), "--set", "conditions.1.value=2")
check.that(r.returncode == 0 and "line 5 on 'left' gives 0, --set conditions.1.value=2 on 'bottom' gives 2" in r.stderr, r.stderr)
r = run(problem({"conditions": '\n  - {on: left, value: "x[1]"}\n  - {on: bottom, value: "2*x[0]"}'}))
check.that(r.returncode == 0 and not r.stderr, f"equal values at a corner are no conflict: {r.stderr}")
r = run(problem({"initial": "{u: 1}"}))
check.that(r.returncode == 0 and r.stderr == f"warning: {FILE}: initial.u: not used: the problem is linear\n", r.stderr)
r = run(problem({"output": "{fields: [u]}"}))
check.that(r.returncode == 0 and r.stderr == f"warning: {FILE}: output.fields: line 5: not used: output.file is not given\n", r.stderr)
REPORT = os.path.join(folder.name, "r.json")
r = run(problem({"initial": "{u: 1}", "output": "{fields: [u]}"}), "--report", REPORT, "--", "-ksp_mx_it", "5")
warnings = json.load(open(REPORT))["warnings"]
check.that(r.stderr.splitlines() == ["warning: " + w for w in warnings] and len(warnings) == 3, f"the report holds every stage's warnings, once each: {warnings}\n{r.stderr}")
check.that(all(f"\n  warning   {w}\n" in r.stdout for w in warnings), r.stdout)
r = run(problem({}), "--report", REPORT)
check.that(r.returncode == 0 and json.load(open(REPORT))["warnings"] == [] and "warning" not in r.stdout, "nothing to warn of")
check.end()
