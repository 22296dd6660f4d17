"""Claim: results of `compute` may be made from other results by name, in any order, with constants, names of `let` that are numbers, and functions; a cycle, an unknown name, what
varies in space are refused by name before anything is computed; what is not finite is null in the report, with a warning that says why."""
import json
import os
import tempfile

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
check.end()
