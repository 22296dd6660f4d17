"""Claim: a nonlinear problem file is solved by Newton's method with the exact tangent: quadratically, from its equation or its energy alike, along load steps, with conditions that
carry the inside along; rounding is told from failure; without an answer the status is 1 and the reason says where Newton's method stopped and what to try."""
import math
import os
import tempfile

from gkt import ROOT, Checks, command, run

check = Checks()
FORMS = "examples/forms"
folder = tempfile.TemporaryDirectory()


def solve(text, *args, status=0):
    path = os.path.join(folder.name, "p.yaml")
    open(path, "w").write(text)
    return run(path, "--backend", "interpreter", *args, status=status)


def relative(step):
    return [r / step["residuals"][0] for r in step["residuals"]]


# ---- quadratic: the exponent of the residual doubles, between the last iterate above 1e-2 and rounding ----
r = run(f"{FORMS}/nonlinear-diffusion.yaml")
history = relative(r["nonlinear"]["history"][0])
rates = [math.log(b) / math.log(a) for a, b in zip(history, history[1:]) if a < 1e-2 and b > 1e-13]
check.that(rates and min(rates) > 1.8, f"Newton's convergence: {history}, ratios of exponents {rates}")
n = r["nonlinear"]
check.that(n["iterations"] == len(history) - 1 == n["history"][0]["iterations"] and n["residual"] == history[-1] <= 1e-10, f"the report contradicts itself: {n}")
check.that(n["load_steps"] == 1 and n["load"] == 1 and not n["at_rounding"] and n["history"][0]["converged"], f"load steps: {n}")
text = command("run", f"{ROOT}/{FORMS}/nonlinear-diffusion.yaml", "--out", folder.name).stdout
line = f"  newton    {n['iterations']} iterations: " + " ".join(f"{x:.1e}" for x in history)
check.that(line in text, f"the summary lacks {line!r}:\n{text}")

# ---- an energy and its equation; threads ----
a, b = (run(f"{FORMS}/{name}.yaml", "--set", "solver.nonlinear.rtol=1e-13") for name in ("p-laplacian", "p-laplacian-equation"))
check.that(all(abs(a["errors"]["u"][k] - b["errors"]["u"][k]) <= 1e-10 for k in ("L2", "H1")), f"p-Laplacian by energy {a['errors']}, by equation {b['errors']}")
c = run(f"{FORMS}/p-laplacian.yaml", "--set", "solver.nonlinear.rtol=1e-13", "--threads", "1")
check.that(c["nonlinear"]["history"] == a["nonlinear"]["history"], "one thread and two give different residuals")

# ---- conditions arrive through the tangent: an affine stretch is known after the first step, whatever its size ----
BLOCK = """mesh: {box: {cells: [2, 2], shape: tri}}
fields: {u: {space: P2, shape: vector}}
constants: {mu: 1.0, lam: 2.0, s: 0.0}
let: {F: "I + grad(u)", J: "det(F)"}
energy: "(mu/2*(inner(F, F) - 2) - mu*ln(J) + lam/2*ln(J)^2)*dx - s*u[1]*ds(right)"
"""
AFFINE = BLOCK + 'conditions: [{on: boundary, value: "[1.5*x[0] + 0.2*x[1], -0.3*x[1]]"}]\nexact: {u: "[1.5*x[0] + 0.2*x[1], -0.3*x[1]]"}\n'
r = solve(AFFINE)
check.that(r["nonlinear"]["iterations"] == 1 and r["errors"]["u"]["H1"] < 1e-12, f"an affine stretch: {r['nonlinear']}, {r['errors']}")
r = solve(AFFINE, "--set", "initial={u: \"[1.5*x[0] + 0.2*x[1], -0.3*x[1]]\"}")
check.that(r["nonlinear"]["iterations"] == 0, f"from the solution itself: {r['nonlinear']}")
# a full step would turn cells inside out; what it is cut to keeps residuals finite
r = solve(AFFINE.replace("-0.3*x[1]", "-0.9*x[1]*(1 - 0.2*x[0])"), "--set", "exact={}")
check.that(r["status"] == "ok" and r["nonlinear"]["iterations"] > 1, f"a squeeze: {r['nonlinear']}")

# ---- rounding: F - F^-T at a strain of 1e-9 holds seven digits of the load ----
HELD = BLOCK + "conditions: [{on: left, value: 0}]\n"
r = solve(HELD, "--set", "constants.s=1e-9")
check.that(r["status"] == "ok" and r["nonlinear"]["at_rounding"] and r["nonlinear"]["residual"] > 1e-10, f"a tiny load: {r['nonlinear']}")
r = solve(HELD, "--set", "constants.s=1e-2")
check.that(r["status"] == "ok" and not r["nonlinear"]["at_rounding"], f"a small load: {r['nonlinear']}")

# ---- no condition: the mean is fixed, the load must balance ----
FREE = """mesh: {box: {cells: [4, 4], shape: tri}}
fields: {u: {space: P2, test: v}}
coefficients: {w: "cos(pi*x[0])"}
equation: "(1 + dot(grad(u), grad(u)))*dot(grad(u), grad(v))*dx == (1 + dot(grad(w), grad(w)))*dot(grad(w), grad(v))*dx"
compute: {mean: "u*dx"}
"""
r = solve(FREE)
check.that(r["status"] == "ok" and abs(r["functionals"]["mean"]) < 1e-12, f"pure Neumann: {r['nonlinear']}, {r['functionals']}")
r = solve(FREE.replace('*dx"\ncompute', '*dx + v*dx"\ncompute'), status=1)
check.that(r["status"] == "failed" and "incompatible load" in r["reason"], f"incompatible load: {r['reason']}")
# a guess with large gradients hides no load: 1e-5 beside 1e9
r = solve(FREE.replace('*dx"\ncompute', '*dx + 1e-5*v*dx"\ncompute') + 'initial: {u: "1000*x[0]^2"}\n', status=1)
check.that(r["status"] == "failed" and "incompatible load" in r["reason"], f"an incompatible load under a far guess: {r['reason']}")

# ---- no answer ----
BRATU = f"{FORMS}/bratu.yaml"
r = run(BRATU, "--set", "constants.lam=3.6", status=1)  # solutions end at 3.5138
check.that(r["status"] == "not_converged" and r["functionals"] is None and r["errors"] is None, f"beyond the fold: {r['status']}")
check.that(all(w in r["reason"] for w in ("Newton's method did not converge", "residual", "load_steps", "initial")), f"beyond the fold: {r['reason']}")
r = run(BRATU, "--set", "constants.lam=3.6", "--set", "solver.nonlinear.load_steps=4", status=1)
check.that("in the load step from " in r["reason"] and 0 < r["nonlinear"]["load"] < 1 and not r["nonlinear"]["history"][-1]["converged"], f"beyond the fold by load steps: {r['reason']}")
r = run(BRATU, "--set", "solver.nonlinear.iterations=2", status=1)
check.that(r["nonlinear"]["iterations"] == 2 and "its iterations are used up after 2 iterations" in r["reason"], f"two iterations: {r['reason']}")

# the fold, found by where Newton's method fails: lam = 8 theta^2 / cosh(theta)^2 at theta tanh(theta) = 1, 3.51383
theta = 1.2
for _ in range(50):
    theta -= (theta * math.tanh(theta) - 1) / (math.tanh(theta) + theta / math.cosh(theta) ** 2)
fold, low, high = 8 * theta**2 / math.cosh(theta) ** 2, 3.4, 3.6
for _ in range(9):
    middle = (low + high) / 2
    good = command("run", f"{ROOT}/{BRATU}", "--set", f"constants.lam={middle}", "--set", "mesh.box={cells: [16]}", "--set", "exact={}", "--set", "solver.nonlinear.load_steps=4").returncode == 0
    low, high = (middle, high) if good else (low, middle)
check.that(low - 1e-3 < fold < high + 1e-3, f"the fold of Bratu's problem: between {low} and {high}, expected {fold}")  # 1e-3: what 16 cells of P2 and rounding at the fold leave

r = run(f"{FORMS}/p-laplacian.yaml", "--set", "initial.u=0", status=1)  # no direction is known where the tangent vanishes
check.that("no direction" in r["reason"] or "singular" in r["reason"], f"a p-Laplacian from a constant: {r['reason']}")

# ---- the named case: plain Newton loses its way, continuation goes it ----
STRETCH = "examples/nonlinear/stretch.yaml"
r = run(STRETCH, "--set", "solver.nonlinear.load_steps=1", status=1)
check.that(r["status"] == "not_converged" and r["nonlinear"]["load"] == 0, f"stretch in one step: {r['status']}, {r['reason']}")
r = run(STRETCH)
check.that(r["status"] == "ok" and r["nonlinear"]["load_steps"] >= 8 and r["nonlinear"]["load"] == 1, f"stretch: {r['reason']}")
check.that(abs(r["functionals"]["volume"] - 2) < 0.05, f"stretch: {r['functionals']}")  # nearly incompressible: 2 before

# ---- a linear problem is as it was ----
r = run(f"{FORMS}/robin.yaml", "--set", "mesh.box.cells=[3,3,3]")
check.that(set(r["nonlinear"]) == {"iterations", "residual"} and r["nonlinear"]["iterations"] == 1, f"a linear problem: {r['nonlinear']}")
check.end()
