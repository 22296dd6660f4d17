"""Claim: Stokes flow by the command, with a direct solver, has the orders of theory in P2 and P1 on triangles and quadrilaterals (velocity 3 in L2 and 2 in H1, pressure 2), the same by
the interpreter, and by an iteration with the same bits for 1, 2 and 4 threads; a report for a person names each field; files hold each field with its own values on the nodes of the highest degree, pictures show the first or what `color` says, and
extremes are looked for at the nodes of the field's own degree; a condition on a pressure is warned of, spaces that do not go together too."""
import json
import os
import tempfile

from gkt import Checks, command, order, read_vtu

check = Checks()
folder = tempfile.TemporaryDirectory()
FILE = os.path.join(folder.name, "p.yaml")
REPORT = os.path.join(folder.name, "r.json")
STOKES = """title: Stokes
mesh: {box: {cells: [8, 8], shape: tri}}
fields: {u: {space: P2, shape: vector, test: v}, p: {space: P1, test: q}}
coefficients:
  ue: "[sin(pi*x[0])*cos(pi*x[1]), -cos(pi*x[0])*sin(pi*x[1])]"
  pe: "sin(pi*x[0])*sin(pi*x[1]) - 4/pi^2"
  f: "[2*pi^2*sin(pi*x[0])*cos(pi*x[1]) + pi*cos(pi*x[0])*sin(pi*x[1]), -2*pi^2*cos(pi*x[0])*sin(pi*x[1]) + pi*sin(pi*x[0])*cos(pi*x[1])]"
equation: "inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx == dot(f, v)*dx"
conditions: [{on: boundary, field: u, value: ue}]
exact: {u: ue, p: pe}
solver: {linear: direct}
"""


def run(text, *args):
    open(FILE, "w").write(text)
    r = command("run", FILE, "--report", REPORT, "--out", folder.name, *args)
    check.that(r.returncode == 0, f"{args}: status {r.returncode}\n{r.stderr}")
    return json.load(open(REPORT)), r


# ---- orders ----
for shape in ("tri", "quad"):
    reports = [run(STOKES, "--set", f"mesh.box.cells=[{n},{n}]", "--set", f"mesh.box.shape={shape}")[0] for n in (8, 16)]
    for field, norm, theory in (("u", "L2", 3), ("u", "H1", 2), ("p", "L2", 2)):
        found = order(*(r["errors"][field][norm] for r in reports))
        check.that(found >= theory - 0.1, f"{shape}: order {found:.2f} of {field} in {norm}, expected {theory}")
    check.that(reports[0]["fields"] == {"u": {"space": "P2", "dofs": 578}, "p": {"space": "P1", "dofs": 81}} and reports[0]["dofs"] == 659, f"{reports[0]['fields']}")
compiled, r = run(STOKES)
for line in ("fields    u: P2, 2 components; 578 dofs, 128 of them constrained", "p: P1; 81 dofs, 0 of them constrained", "together 659 dofs", "no condition fixes p; its mean is set to 0"):
    check.that(line in r.stdout, f"'{line}' is missing in\n{r.stdout}")
interpreted = run(STOKES, "--backend", "interpreter")[0]
for field in "up":
    for norm in ("L2", "H1"):
        a, b = compiled["errors"][field][norm], interpreted["errors"][field][norm]
        check.that(abs(a - b) <= 1e-9 * a, f"{field} {norm}: {a} compiled, {b} interpreted")

# ---- any number of threads, by the iteration whose preconditioner has the pressure's mass matrix ----
by_threads = [run(STOKES, "--threads", t, "--set", "solver.linear=gmres")[0] for t in (1, 2, 4)]
check.that("fields" in by_threads[0]["linear"]["method"] and 0 < by_threads[0]["linear"]["iterations"] < 60, f"{by_threads[0]['linear']['method']}: {by_threads[0]['linear']['iterations']} iterations")
check.that(all(r["errors"] == by_threads[0]["errors"] and r["linear"]["residual"] == by_threads[0]["linear"]["residual"] for r in by_threads), "bits for 1, 2 and 4 threads")

# ---- files, pictures, extremes, probes: w of degree 1 is 3 y, u of degree 2 is (x^2, y^2), g is cell data ----
THREE = """mesh: {box: {cells: [2, 2], shape: tri}}
fields: {w: {space: P1, test: a}, u: {space: P2, shape: vector, test: b}, g: {space: DP0, test: c}}
equation: "(dot(grad(w), grad(a)) + inner(grad(u), grad(b)) + 2*div(b) + (g - grad(w)[1])*c)*dx == 2*dot(b, n)*ds"
conditions: [{on: boundary, field: w, value: "3*x[1]"}, {on: boundary, field: u, value: "[x[0]^2, x[1]^2]"}]
compute: {peak: {max: "-w*(w - 1.2)"}, peak2: {max: "-w*(w - 1.2) + 1e-30*u[0]"}}
probes: {a: {at: [0.5, 0.25], field: u}, b: {at: [0.5, 0.25], field: w}, d: {at: [0.4, 0.25], value: "g*u[0]"}}
output: {file: o.vtu, picture: {file: o.png}}
"""
THREE = THREE.replace(" + 2*div(b)", " + 2*(b[0] + b[1])").replace(" == 2*dot(b, n)*ds", "")
report, r = run(THREE)
vtu = read_vtu(os.path.join(folder.name, "o.vtu"))
points = [vtu["Points", next(name for section, name in vtu if section == "Points")][i : i + 3] for i in range(0, 3 * 25, 3)]
check.that(set(vtu) >= {("PointData", "w"), ("PointData", "u"), ("CellData", "g")}, f"arrays {set(vtu)}")
check.that(len(vtu["PointData", "w"]) == 25 and len(vtu["PointData", "u"]) == 75 and len(vtu["CellData", "g"]) == 8, "sizes of the arrays")
check.that(all(abs(value - 3 * x[1]) < 1e-9 for value, x in zip(vtu["PointData", "w"], points)), "w in the file")
check.that(all(abs(vtu["PointData", "u"][3 * i + d] - x[d] ** 2) < 1e-9 for i, x in enumerate(points) for d in range(2)), "u in the file")
check.that(all(abs(value - 3) < 1e-9 for value in vtu["CellData", "g"]), "g in the file")
check.that(os.path.getsize(os.path.join(folder.name, "o.png")) > 1000, "the picture")
for name, value in (("a", [0.25, 0.0625]), ("b", 0.75), ("d", 3 * 0.16)):
    found = report["probes"][name]
    check.that(all(abs(f - v) < 1e-9 for f, v in zip(*([x] if isinstance(x, float) else x for x in (found, value)))), f"probe {name}: {found}, expected {value}")
# w(w - 1.2) at the nodes of P1: y = 0, 0.5, 1; of P2: 0.25, too
check.that(abs(report["functionals"]["peak"]) < 1e-9, f"peak {report['functionals']['peak']}")
check.that(abs(report["functionals"]["peak2"] - 0.75 * 0.45) < 1e-9, f"peak2 {report['functionals']['peak2']}")
run(THREE, "--set", "output.picture.color=u[1]", "--set", "output.picture.warp=0.1", "--set", "output.fields=[w, 'w + g', 'norm(u)']")
vtu = read_vtu(os.path.join(folder.name, "o.vtu"))
check.that(len(vtu["CellData", "w + g"]) == 8, "an expression of fields of degree 1 and 0 is cell data")
check.that(len(vtu["PointData", "norm(u)"]) == len(vtu["PointData", "w"]) == 48, "an expression of degree 2 stands apart in each cell, and w with it")

# ---- warnings ----
report, r = run(STOKES, "--set", "conditions=[{on: boundary, field: u, value: ue}, {on: right, field: p, value: pe}]")
check.that(any("conditions.1.on" in w and "a condition on p, a pressure, takes its equation away there" in w for w in report["warnings"]), f"{report['warnings']}")
report, r = run(STOKES, "--set", "fields.u.space=P1B")
check.that(not report["warnings"] or "stable" not in str(report["warnings"]), f"{report['warnings']}")
open(FILE, "w").write(STOKES)
r = command("run", FILE, "--out", folder.name, "--set", "fields.u.space=P1")
check.that("u in P1 and p in P1 are not inf-sup stable on triangles" in r.stderr, r.stderr)
check.end()
