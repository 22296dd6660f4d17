"""Claim: `galerkit bench adjoint` measures the gradient that `run` reports: value, norm and sizes are the same numbers; where a problem is linear nothing is assembled or set up for it,
also over a run in time, nor iterated for where it is self-adjoint, of Newton's method the tangent at the solution once; true residuals of both are met; any problem file with `minimize`; --size cuts the standard cases."""
import json
import os
import tempfile

from gkt import ROOT, Checks, command, run

check = Checks()
folder = tempfile.TemporaryDirectory()
path = lambda name: os.path.join(folder.name, name)
JSON = path("b.json")
KEYS = {"name", "backend", "reduce", "repeat", "cells", "dofs", "controls", "newton_iterations", "steps", "forward", "gradient", "ratio", "value", "gradient_norm", "method", "reason"}
COST = {"cpu_seconds", "assemblies", "setups", "iterations", "residual"}


def bench(*args, status=0):
    r = command("bench", "adjoint", "--json", JSON, *args)
    check.that(r.returncode == status, f"{args}: {r}")
    return json.load(open(JSON))["cases"], r


# ---- the standard cases, small ----
cases, r = bench("--size", 3, "--repeat", 1, "--threads", 1, "--backend", "interpreter", "--", "-ksp_rtol", "1e-12")
check.that([c["name"] for c in cases] == ["poisson", "compliance", "advection-diffusion", "neo-hookean", "burgers", "heat-20"], f"{cases}")
for c in cases:
    f, g = c["forward"], c["gradient"]
    check.that(set(c) == KEYS and set(f) == COST and set(g) == COST and c["name"] in r.stdout and not c["reason"], f"{c}")
    check.that(f["cpu_seconds"] > 0 and g["cpu_seconds"] > 0 and abs(c["ratio"] * f["cpu_seconds"] - g["cpu_seconds"]) < 1e-12, f"{c}")
    check.that(0 < f["residual"] <= 1e-10 and 0 < g["residual"] <= 1e-10 and c["value"] > 0 and c["gradient_norm"] > 0, f"{c}")
    newton = c["name"] in ("neo-hookean", "burgers")
    check.that((c["newton_iterations"] > 1) == newton and c["steps"] == (20 if c["name"] == "heat-20" else 0), f"{c}")
    once = c["name"] == "heat-20"  # whose matrices no control changes: the first run, which is not measured, has made them
    check.that(f["assemblies"] >= 1 - once and (g["assemblies"] == 1 and g["setups"] <= 1 if newton else g["assemblies"] == g["setups"] == 0), f"{c}")
by = {c["name"]: c for c in cases}
check.that((by["compliance"]["cells"], by["compliance"]["dofs"], by["compliance"]["controls"]) == (2 * 27, 3 * 7 * 16, 2 * 27), f"{by['compliance']}")
compliance = bench("--case", "compliance", "--size", 4, "--repeat", 1, "--set", "solver.linear=cg")[0][0]  # the adjoint is a multiple of the state: found, not iterated for
check.that(compliance["forward"]["iterations"] > 5 and compliance["gradient"]["iterations"] == 0 and compliance["gradient"]["residual"] <= 1e-10, f"{compliance}")
check.that(by["heat-20"]["controls"] == 2 * 4**3, f"{by['heat-20']}")

# ---- a problem file: what run says of it ----
FILE = path("p.yaml")
with open(FILE, "w") as file:
    file.write("""mesh: {box: {cells: [6, 5]}}
fields: {u: {space: P1, test: v}}
constants: {a: 2.0}
coefficients: {k: {space: DP0, value: "1 + x[0]"}}
equation: "k*(1 + u^2)*dot(grad(u), grad(v))*dx == a*v*dx"
conditions: [{on: left, field: u, value: 0}]
compute: {J: "0.5*u^2*ds(right)"}
controls: {k: {}, a: {}}
minimize: J
optimizer: {method: none}
""")
report = run(FILE)
case = bench(FILE, "--repeat", 2)[0][0]
norms = [report["gradients"][name]["norm"] for name in ("k", "a")]
check.that(abs(case["value"] / report["optimization"]["objective"] - 1) < 1e-9, f"{case}, {report['optimization']}")
check.that(abs(case["gradient_norm"] ** 2 / (norms[0] ** 2 + norms[1] ** 2) - 1) < 1e-8, f"{case}, {norms}")  # two solutions of Newton's method, to its tolerance
check.that(case["controls"] == 61 and case["dofs"] == report["dofs"] and case["newton_iterations"] == report["nonlinear"]["iterations"], f"{case}")

# ---- no answer; refused ----
case, r = bench("--case", "poisson", "--size", 6, "--set", "solver.linear=cg", "--", "-ksp_max_it", "2", status=1)
check.that("did not converge" in case[0]["reason"] and r.stderr.endswith("\n") and r.stderr.splitlines()[-1].startswith("galerkit: poisson: "), f"{r}")
for args, words in (
    (["--size", "0"], "--size 0: expected a whole number from 1 to 1000"),
    ([FILE, "--size", "4"], f"--size 4: {FILE} is no standard case; expected --set mesh.box.cells=[..] where its mesh is a box"),
    (["--case", "poissn"], "--case poissn: unknown; did you mean poisson?; expected poisson, compliance"),
    ([os.path.join(ROOT, "examples/forms/elasticity.yaml")], "elasticity.yaml: nothing is to be differentiated; expected the keys minimize and controls"),
):
    r = command("bench", "adjoint", *args)
    check.that(r.returncode == 2 and words in r.stderr and r.stderr.count("\n") == 1 and not r.stdout, f"{args}: {r}")
r = command("bench", "solve", "--size", "4")
check.that(r.returncode == 2 and "--size: not an option of `galerkit bench solve`" in r.stderr, f"{r}")
check.end()
