"""Claim: the examples of examples/paths give the limit points, loads and branches of theory and literature, at the sizes that stand in them; the report holds limit points, the end of the
path and what branches off; a path that turns back and does not reach its end is no success; bad input is refused by one message."""
import math
import os
import tempfile

from gkt import Checks, command, emulated, run, CPU, ROOT

check = Checks()
host = emulated((), CPU)  # many steps


def near(got, wanted, tolerance, what):
    check.that(abs(got - wanted) <= tolerance * abs(wanted), f"{what}: {got}, expected {wanted}")


# ---- von Mises' truss: both limit points in closed form, the end on the way
r = run("examples/paths/truss.yaml")
H, L = 0.5, math.sqrt(1.25)
load = 2 * H**3 / L**3 / (3 * math.sqrt(3))
limits = r["path"]["limit_points"]
check.that(limits["kind"] == ["maximum", "minimum"] and r["path"]["ended_by"] == "end", f"truss: {r['path']}")
for k, sign in enumerate((1, -1)):
    near(limits["time"][k], sign * load, 1e-9, "truss, limit load")
    near(limits["drop"][k], H * (1 - sign / math.sqrt(3)), 1e-5, "truss, drop at the limit load")
check.that(r["series"]["time"][-1] == 0.1, f"truss: ends at {r['series']['time'][-1]}")
d = r["probes"]["drop"]
near(d * (d - H) * (d - 2 * H) / L**3, 0.1, 1e-9, "truss, load at the end")

# ---- a truss that would sway: the path stays upright and warns, once on each way
r = run("examples/paths/truss.yaml", "--set", "constants.H=1.6", "--set", "time={end: 0.5, step: 0.05, scheme: arc-length}")
check.that(sum("other solutions branch off" in w for w in r["warnings"]) == 2, f"truss: warnings {r['warnings']}")

# ---- Fung and Kaplan's shallow arch
r = run("examples/paths/shallow-arch.yaml")
a, EI, EA = 0.01, 1e6 * 0.01**3 / 12, 1e6 * 0.01
for k, sign in enumerate((1, -1)):
    b = sign * math.sqrt((a * a - 4 * EI / EA) / 3)
    near(r["path"]["limit_points"]["time"][k], math.pi**4 * (EI * (a - b) + EA * b * (a * a - b * b) / 4), 1e-4, "arch, limit load")
    near(r["path"]["limit_points"]["crown"][k], a - b, 1e-4, "arch, crown at the limit load")

# ---- Bratu: the fold, and two solutions for each t below
r = run("examples/paths/bratu.yaml", *host)
limits, s = r["path"]["limit_points"], r["series"]
near(limits["time"][0], 6.808124423, 2e-6, "Bratu, fold")
near(limits["middle"][0], 1.391661, 1e-5, "Bratu, middle at the fold")
check.that(r["path"]["ended_by"] == "steps" and len(s["time"]) == 9 and s["time"][-1] < 3, f"Bratu: {r['path']}, t = {s['time']}")
check.that(all(x < y for x, y in zip(s["middle"], s["middle"][1:])), f"Bratu: the middle grows all along: {s['middle']}")

# ---- a deep arch against DaDeppo and Schmidt: the limit load, and where the crown is then (0.61, 1.14 in drawings of the literature)
r = run("examples/paths/deep-arch.yaml", *host)
limits = r["path"]["limit_points"]
check.that(limits["kind"] == ["maximum"], f"deep arch: {r['path']}")
near(limits["time"][0], 8.97, 5e-3, "deep arch, limit load")
near(limits["crown"][0][0], 0.61, 1e-2, "deep arch, crown across")
near(limits["crown"][0][1], -1.14, 1e-2, "deep arch, crown down")

# ---- a column: next to nothing below Euler's load, the elastica beyond
r = run("examples/paths/column.yaml", *host)
euler = math.pi**2 / 4
below = [y for t, (_, y) in zip(r["series"]["time"], r["series"]["end"]) if t < 0.95 * euler]
check.that(len(below) > 5 and max(below) < 0.02, f"column: {below} below Euler's load")
check.that(r["series"]["time"][-1] == 4.648 and not r["path"]["limit_points"]["time"] and not r["warnings"], f"column: {r['path']}, {r['warnings']}")
near(r["functionals"]["turn"], 2 * math.pi / 3, 5e-3, "column, turn of the end")
for got, wanted in zip(r["probes"]["end"], (0.123, 0.803)):
    check.that(abs(got - wanted) < 7e-3, f"column: end at {got}, expected {wanted}")

# ---- load steps without arc length: rubber against the literature; a bar twisted by 360 degrees, whose first half is that by 180
r = run("examples/paths/cook.yaml", *host)
near(r["probes"]["corner"], 6.9, 6e-3, "Cook's membrane, corner")
near(r["functionals"]["volume"], 1440, 1e-5, "Cook's membrane, volume")
small = [*host, "--set", "mesh.box.cells=[2,2,6]", "--set", "time.step=0.25"]
half, whole = (run("examples/time/twisted-bar.yaml", *small, *more)["series"] for more in ([], ["--set", "let.angle=2*pi*t"]))
near(whole["strain"][2], half["strain"][4], 1e-8, "bar, strain energy at 180 degrees")
check.that(whole["strain"][4] > 4 * whole["strain"][2] and min(whole["least"]) > 0.3, f"bar: {whole}")

# ---- ends that are not reached, and bad input
r = run("examples/paths/bratu.yaml", *host, "--set", "time={end: 10, step: 3, scheme: arc-length}", "--set", "mesh.box.cells=[2,2]", status=1)
check.that("the path turned back at t = " in r["reason"] and "did not reach the end, 10; at t = " in r["reason"], r["reason"])
r = run("examples/paths/bratu.yaml", "--set", "time={end: 10, step: 1, scheme: static}", "--set", "mesh.box.cells=[4,4]", status=1)
check.that("at t = 6.81" in r["reason"] and r["reason"].endswith("expected a path by arc-length, which turns back there") and r["series"]["time"][-1] == 6, r["reason"])
for name, sets, message in [
    ("paths/truss", ["time={end: 0.1, step: 0.01, scheme: static, adaptive: {rtol: 1e-3}}"], "a path of loads has no errors in time"),
    ("time/struck-bar", ["time.scheme=central-difference", "time.adaptive.rtol=1e-3"], "not available yet with explicit schemes"),
    ("paths/truss", ["time.steps=0"], "expected a number of steps from 1"),
    ("paths/truss", ["time.adaptive.rtol=1e-3"], "arc lengths follow Newton's iterations and the turn of the path"),
    ("paths/truss", ["solver.nonlinear.accept=energy"], "past limit points the energy has no minimum"),
    ("paths/truss", ["time.restart=a.h5"], "not available yet along a path of arc length"),
    ("paths/truss", ["time.scheme=static", "time.longest=1"], "of scheme: arc-length alone"),
    ("paths/truss", ["time.scheme=arc-lenght"], "did you mean 'arc-length'?"),
    ("time/heat", ["time.scheme=arc-length"], "'arc-length': not for equations with dt"),
    ("time/heat", ["time.steps=4"], "of scheme: arc-length alone"),
]:
    refused = command("check", os.path.join(ROOT, f"examples/{name}.yaml"), *[x for s in sets for x in ("--set", s)])
    check.that(refused.returncode == 2 and message in refused.stderr and refused.stderr.count("\n") == 1, f"{name} {sets}: {refused.returncode}, {refused.stderr}")

check.end()
