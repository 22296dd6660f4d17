"""Claim: results of `compute` may be made from other results by name, in any order, with constants, names of `let` that are numbers, and functions; a cycle, an unknown name, what
varies in space are refused by name before anything is computed; what is not finite is null in the report, with a warning that says why. Reals are numbers, too."""
import json
import os
import tempfile

import gkt
from gkt import Checks, command

check = Checks()
folder = tempfile.TemporaryDirectory()
FILE = os.path.join(folder.name, "p.yaml")
TEXT = """mesh: {box: {cells: [4]}}
fields: {u: {space: P1, test: v}}
constants: {k: 2, F: 3, area: 9}
let: {D: "k*F^2", q: "k*grad(u)"}
equation: "dot(grad(u), grad(v))*dx == F*v*dx"
conditions: [{on: [left, right], value: 0}]
compute:
  per_cent: "100*ratio"
  ratio: "out/in_"
  out: "-dot(grad(u), n)*ds(right)"
  in_: "F*dx"
  top: {max: u}
  scaled: "D*top + max(k, in_)^2 + sin(pi*k)"
  area: "1*dx"
  double: "2*area"
  t: "1*dx"
"""


def run(*sets, status=0):
    open(FILE, "w").write(TEXT)
    report = os.path.join(folder.name, "r.json")
    if os.path.exists(report):
        os.remove(report)
    r = command("run", FILE, "--backend", "interpreter", "--quiet", "--report", report, *[x for s in sets for x in ("--set", s)])
    check.that(r.returncode == status, f"{sets}: status {r.returncode}, expected {status}: {r.stderr}")
    return r.stderr, json.load(open(report)) if os.path.exists(report) else None


message, report = run()
f = report["functionals"]
check.that(abs(f["in_"] - 3) < 1e-14 and abs(f["out"] - 1.125) < 1e-13 and abs(f["top"] - 0.375) < 1e-13, f"the plain ones: {f}")
# the exact values of these formulas, with the rounding of a few operations
for name, value in (("ratio", f["out"] / f["in_"]), ("per_cent", 100 * f["out"] / f["in_"]), ("scaled", 18 * f["top"] + 9), ("double", 2)):
    check.that(abs(f[name] - value) <= 1e-13 * abs(value), f"{name}: {f[name]}, expected {value}")
check.that(list(f) == ["per_cent", "ratio", "out", "in_", "top", "scaled", "area", "double", "t"], f"the order of the file: {list(f)}")
message, report = run("compute.ratio=out/(top - top*out/out)")
check.that(report["functionals"]["ratio"] is None and report["functionals"]["per_cent"] is None and report["status"] == "ok", f"a division by 0: {report['functionals']}")
check.that("compute.ratio: line 1: not finite: " in message and "= inf, where out = 1.125 and top - " in message and "the report holds null" in message, f"a division by 0: {message}")
for given, says in (
    ("compute.ratio=per_cent/2", "'ratio': a cycle: ratio -> per_cent -> ratio; expected names that do not need themselves"),
    ("compute.ratio=ratio", "'ratio': a cycle: ratio -> ratio"),
    ("compute.ratio=out/inn", "column 19: 'inn': unknown name; did you mean 'in_'? known here: out, in_, top, area, k, F, per_cent, ratio, scaled, double, D"),
    ("compute.ratio=2*u", "column 17: 'u': it varies in space, and no measure integrates it; expected integrand*dx or integrand*ds, or a number made from other results and constants"),
    ("compute.ratio=norm(q)/out", "column 20: 'q': it varies in space"),
    ("compute.ratio=x[0]", "column 15: 'x': it varies in space"),
    ("compute.per_cent=[out, out]", "'[out,out]': this is a vector of 2; expected a scalar"),
    ("compute.ratio=out/", "column 19: end of text: expected a number, a name or '('"),
    ("compute.ratio=out*dx", "column 15: 'out': unknown name"),
):
    message, _ = run(given, status=2)
    check.that(says in message, f"{given}: {message}")

# ---- reals are results by their names, before a result of the same name: the balance of examples/reals/radiating-body.yaml by bisection ----
r = gkt.run("examples/reals/radiating-body.yaml", "--backend", "interpreter")
low, high = 200.0, 1000.0
for _ in range(80):
    middle = (low + high) / 2
    surplus = 0.07 * 0.8 * 5.670374419e-8 * (middle**4 - 293.15**4) + 0.02 * 5 * (middle - 293.15) - 50
    low, high = (middle, high) if surplus < 0 else (low, middle)
f = r["functionals"]
check.that(abs(r["reals"]["T"] - low) < 1e-7 and f["celsius"] == r["reals"]["T"] - 273.15, f"a radiating block: {r['reals']}, {f}, expected {low}")
check.that(abs(f["radiated"] + f["cooled"] - f["given"]) < 1e-8 * f["given"], f"the balance of heat: {f}")
TEXT = """mesh: {box: {cells: [3, 2], shape: quad}}
fields: {c: {space: real, shape: tensor}}
coefficients: {k: {space: real, value: "2"}}
let: {half: "c[0,1]/2"}
energy: "inner(c - [[x[0], x[1]^2], [k, 0]], c - [[x[0], x[1]^2], [k, 0]])*dx"
compute: {c: "c[0,0]", both: "half + c[0,0]", trace: "tr(c)*k", whole: "c[1,0]*dx"}
"""
message, report = run()
f = report["functionals"]
check.that(all(abs(f[n] - value) < 1e-14 for n, value in (("c", 1 / 2), ("both", 1 / 6 + 1 / 2), ("trace", 1), ("whole", 2))), f"a tensor of reals: {f}")
check.that(all(abs(a - b) < 1e-14 for a, b in zip(report["reals"]["c"], (1 / 2, 1 / 3, 2, 0))), f"the report's reals: {report['reals']}")
check.end()
