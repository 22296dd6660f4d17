"""Claim: `galerkit bench design` runs the optimizer that `run` runs: the same objective after as many iterations; parts of an iteration add up; each is assembled, set up and solved once,
its adjoint, a multiple of the state, by no iteration at all; any problem file with an optimizer; what is not one, or has no answer, says so."""
import json
import os
import tempfile

from gkt import Checks, command, run

check = Checks()
folder = tempfile.TemporaryDirectory()
path = lambda name: os.path.join(folder.name, name)
JSON = path("b.json")
KEYS = {"name", "iterations", "cells", "dofs", "cpu_seconds", "iterations_per_second", "linear_iterations", "residual", "objective", "violation", "method", "reason"}
PARTS = {"assemble", "setup", "solve", "other", "total"}


def bench(*args, status=0):
    r = command("bench", "design", "--json", JSON, *args)
    check.that(r.returncode == status, f"{args}: {r}")
    return json.load(open(JSON))["cases"], r


cases, r = bench("--size", 4, "--repeat", 2, "--threads", 1, "--set", "filter.rho.radius=0.5", "--set", "solver.linear=cg")
check.that([c["name"] for c in cases] == ["cantilever-oc", "cantilever-mma"], f"{cases}")
for c in cases:
    s = c["cpu_seconds"]
    check.that(set(c) == KEYS and set(s) == PARTS and c["name"] in r.stdout and not c["reason"] and not r.stderr, f"{c}")
    check.that(all(s[k] > 0 for k in PARTS) and abs(s["assemble"] + s["setup"] + s["solve"] + s["other"] - s["total"]) < 1e-12 and c["iterations_per_second"] > 0, f"{s}")
    check.that((c["iterations"], c["cells"], c["dofs"]) == (2, 2 * 4**3, 3 * 9 * 25) and c["linear_iterations"] > 5 and 0 < c["residual"] <= 1e-10, f"{c}")
    check.that(c["objective"][1] < 0.9 * c["objective"][0] and c["violation"] < 1e-3, f"{c}")

# ---- a problem file, as run has it ----
FILE = path("p.yaml")
with open(FILE, "w") as file:
    file.write("""mesh: {box: {cells: [12, 6], upper: [2, 1]}}
fields: {u: {space: P1, shape: vector, test: v}}
coefficients: {rho: {space: DP0, value: "0.5"}}
equation: "(0.001 + rho^3)*inner(sym(grad(u)), sym(grad(v)))*dx == -v[1]*ds(right)"
conditions: [{on: left, field: u, value: 0}]
compute: {work: "-u[1]*ds(right)", volume: "rho/2*dx"}
controls: {rho: {bounds: [0.01, 1]}}
minimize: work
subject_to: [{value: volume, upper: 0.5}]
optimizer: {method: mma, iterations: 4, tolerance: 0}
""")
for linear in ("direct", "cg"):
    report = run(FILE, "--set", f"solver.linear={linear}")["optimization"]
    case = bench(FILE, "--repeat", 3, "--set", f"solver.linear={linear}")[0][0]
    check.that(abs(case["objective"][1] / report["objective"] - 1) < 1e-9 and case["iterations"] == 3, f"{case}, {report}")
    n = report["counts"]
    check.that(n["solves"] == n["assemblies"] == n["setups"] == n["kept"] + 1 == 5 and n["adjoint_assemblies"] == n["adjoint_setups"] == 0, f"{linear}: {n}")

# ---- no answer; refused ----
case, r = bench(FILE, "--set", "subject_to=[{value: volume, upper: 0.005}]", status=1)
check.that("volume" in case[0]["reason"] and r.stderr.splitlines()[-1] == f"galerkit: {FILE}: {case[0]['reason']}", f"{case}, {r}")
case, r = bench(FILE, "--set", "solver.linear=cg", "--", "-ksp_max_it", "2", status=1)  # no state at the start
check.that(case[0]["iterations"] == 0 and case[0]["cpu_seconds"]["total"] is None and "did not converge" in case[0]["reason"] and case[0]["reason"] in r.stderr.splitlines()[-1], f"{case}, {r}")
r = command("bench", "design", FILE, "--set", "filter={rho: {kind: density, radius: 0.01}}")
check.that(r.returncode == 2 and "filter" in r.stderr and "below the size of the cells" in r.stderr and not r.stdout, f"{r}")
for name, sets, what in (("none", ["optimizer.method=none", "subject_to=[]"], "optimizer.method: line 1, column 18: 'none': the gradient alone, by no optimizer; expected a method"),):
    r = command("bench", "design", FILE, *[a for t in sets for a in ("--set", t)])
    check.that(r.returncode == 2 and what in r.stderr and not r.stdout and r.stderr.count("\n") == 1, f"{name}: {r}")
case, r = bench(FILE, "--set", "optimizer.change=9", status=1)  # any step is small enough
check.that(case[0]["iterations"] == 0 and case[0]["reason"].startswith("no iteration to count: the optimizer ended after 1") and case[0]["reason"] in r.stderr, f"{case}, {r}")
r = command("bench", "desing")
check.that(r.returncode == 2 and "did you mean design?" in r.stderr and r.stderr.count("\n") == 1, f"{r}")
check.end()
