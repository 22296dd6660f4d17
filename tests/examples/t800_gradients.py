"""Claim: the examples of examples/adjoint give gradients that Taylor remainders confirm, with slope 2; by constants they are the differences of runs; the adjoint system of a linear
problem assembles and sets up nothing, that of a Newton solve the tangent once."""
from gkt import Checks, run

check = Checks()
SMALL = ("--set", "mesh.box.cells=[6, 6]", "--set", "output={}", "--backend", "interpreter")


def value(name, constant, x):
    r = run(f"examples/adjoint/{name}.yaml", *SMALL, "--set", f"constants.{constant}={x!r}", "--set", "solver={rtol: 1e-13, nonlinear: {rtol: 1e-13}}", "--set", "verify=taylor")
    return r["optimization"]["objective"]


for name, constant, at, again in [("conductivity", "q", 4.0, 0), ("cavity", "speed", 1.0, 1)]:
    r = run(f"examples/adjoint/{name}.yaml", *SMALL)
    for control, g in r["gradients"].items():
        t = g["taylor"]
        check.that(t["passed"] and abs(t["slope"] - 2) < 0.05 and g["norm"] > 0, f"{name}, {control}: {g}")
    counts = r["optimization"]["counts"]
    check.that(counts["adjoint_solves"] == 1 and counts["adjoint_assemblies"] == again and counts["adjoint_setups"] == again, f"{name}: {counts}")
    h = 1e-3 * at
    difference = (value(name, constant, at + h) - value(name, constant, at - h)) / (2 * h)
    check.that(abs(abs(difference) / r["gradients"][constant]["norm"] - 1) < 1e-5, f"{name}: by {constant} {r['gradients'][constant]['norm']}, by differences {difference}")
check.end()
