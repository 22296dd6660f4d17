"""Claim: mistakes that several fields and ties invite are refused before anything is computed (status 2) with one line that names the file, the key, the line and the name at fault; a pair of
spaces that is not stable is a warning that names both fields."""
import os
import tempfile

from gkt import Checks, command

check = Checks()
folder = tempfile.TemporaryDirectory()
BASE = {
    "mesh": "{box: {cells: [4, 4]}}",
    "fields": "{u: {space: P2, shape: vector, test: v}, p: {space: P1, test: q}}",
    "equation": '"(inner(grad(u), grad(v)) - p*div(v) - q*div(u))*dx == v[0]*dx"',
    "conditions": "[{on: [bottom, top, left], field: u, value: 0}]",
}
MEAN = {
    "fields": "{u: {space: P2, test: v}, c: {space: real, test: d}}",
    "equation": '"(dot(grad(u), grad(v)) + c*v + u*d)*dx == x[0]*v*dx"',
    "conditions": "[]",
}
# the left side is cut in two, the right one is not
UNLIKE = """$MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
2
1 1 "left"
1 2 "right"
$EndPhysicalNames
$Nodes
5
1 0 0 0
2 1 0 0
3 1 1 0
4 0 1 0
5 0 0.4 0
$EndNodes
$Elements
6
1 1 2 1 1 4 5
2 1 2 1 1 5 1
3 1 2 2 2 2 3
4 2 2 3 3 1 2 5
5 2 2 3 3 2 3 5
6 2 2 3 3 3 4 5
$EndElements
"""
open(os.path.join(folder.name, "unlike.msh"), "w").write(UNLIKE)


def run(keys):
    text = "".join(f"{key}: {value}\n" for key, value in {**BASE, **keys}.items() if value is not None)
    file = os.path.join(folder.name, "p.yaml")
    open(file, "w").write(text)
    return file, text, command("run", file, "--backend", "interpreter", "--out", folder.name)


def refused(what, keys, at, *words):
    """at: the key that the message begins with; words: what it names."""
    file, text, r = run(keys)
    line = 1 + text[: text.index("\n" + at.split(".")[0] + ":") + 1].count("\n")
    head = f"galerkit: {file}: {at}: line {line}, column "
    good = r.returncode == 2 and r.stderr.startswith(head) and r.stderr.count("\n") == 1 and not r.stdout and all(w in r.stderr for w in words)
    check.that(good, f"{what}: status {r.returncode}, expected 2 and one line '{head}..' with {words}\n{r.stderr}{r.stdout}")


refused("a field without a test", {"fields": "{u: {space: P2, shape: vector, test: v}, p: {space: P1}}"}, "fields.p", "test")
refused("a field without an equation", {"equation": '"(inner(grad(u), grad(v)) - p*div(v))*dx == v[0]*dx"'}, "fields.p.test", "'q'")
refused("an equation without its field", {"equation": '"(inner(grad(u), grad(v)) - q*div(u))*dx == v[0]*dx"'}, "fields.p", "'p'")
refused("a condition without a field", {"conditions": "[{on: left, value: 0}]"}, "conditions.0", "field", "u", "p")
refused("a condition on a field that is not there", {"conditions": "[{on: left, field: w, value: 0}]"}, "conditions.0.field", "'w'", "u", "p")
refused("a probe without a field", {"probes": "{a: {at: [0.5, 0.5]}}"}, "probes.a", "field", "u", "p")
refused("an exact solution of nothing", {"exact": "{w: 0}"}, "exact", "'w'", "u", "p")
refused("a first guess of nothing", {"initial": "{w: 0}"}, "initial", "'w'", "u", "p")
refused("two fields of one name", {"fields": "{u: {space: P2, shape: vector, test: v}, v: {space: P1, test: q}}"}, "fields", "'v'")
refused("two fields of one test", {"fields": "{u: {space: P2, shape: vector, test: v}, p: {space: P1, test: v}}"}, "fields.p.test", "'v'")
refused("a condition on a multiplier", {**MEAN, "conditions": "[{on: left, field: c, value: 0}]"}, "conditions.0.field", "'c'", "real")
refused("a multiplier at a place", {**MEAN, "probes": "{a: {at: [0.5, 0.5], field: c}}"}, "probes.a.field", "'c'", "real")
refused("a multiplier in no equation", {**MEAN, "equation": '"(dot(grad(u), grad(v)) + dot(grad(c), grad(v)) + u*d)*dx == x[0]*v*dx"'}, "fields.c", "'c'", "drops out")
refused("unlike meshes", {**MEAN, "mesh": "{file: unlike.msh}", "periodic": "[{from: left, to: right}]"}, "periodic.0.from", "'left' and 'right' are not cut alike")
refused("sides that no translation brings together", {**MEAN, "periodic": "[{from: left, to: top}]"}, "periodic.0.from", "'left' and 'top' are not cut alike")
refused("a side that is not there", {**MEAN, "periodic": "[{from: left, to: rigth}]"}, "periodic.0.to", "'rigth'", "right")
refused("a side tied to itself", {**MEAN, "periodic": "[{from: left, to: left}]"}, "periodic.0.from", "'left' is to match itself")
refused("a side tied for a field that is not there", {**MEAN, "periodic": "[{from: left, to: right, fields: [w]}]"}, "periodic.0.fields.0", "'w'", "u c")
refused("the normal part of a scalar", {"conditions": "[{on: left, field: p, component: normal, value: 0}]"}, "conditions.0.component", "normal", "p")

# equal degrees: pressures that no velocity feels. What is solved is told, and which spaces are at fault
for name, fields in (("P1", "{u: {space: P1, shape: vector, test: v}, p: {space: P1, test: q}}"), ("P2", "{u: {space: P2, shape: vector, test: v}, p: {space: P2, test: q}}")):
    file, text, r = run({"fields": fields})
    lines = [line for line in r.stderr.split("\n") if "stable" in line]
    check.that(r.returncode != 2 and len(lines) == 1 and all(w in lines[0] for w in ("u", "p", name)), f"{name} for both: expected a warning that the pair is not stable, got {r.returncode}\n{r.stderr}")
file, text, r = run({})
check.that(r.returncode == 0 and "stable" not in r.stderr, f"Taylor and Hood's pair is warned of\n{r.stderr}")
check.end()
