"""Claim: where designs beyond the last one have no state, no value or no gradient, an optimizer that comes to rest there says so, with the cause, in `ended_by` and a warning: for a matrix that
becomes singular, a root of what is negative, a fold of a nonlinear equation; of a pole that it steps across it says that the gradient is right and J is not smooth farther off; of neither that
its gradient might be wrong. Beside an optimum no such thing is said."""
import os
import json
import tempfile

from gkt import CPU, Checks, command

check = Checks()
FILE = """mesh: {box: {cells: [4, 4]}}
fields: {u: {space: P1, test: v}}
constants: {k: 1.0}
equation: "%s"
conditions: [{on: left, value: 0}]
controls: {k: {%s}}
minimize: "%s"
optimizer: {method: %s, iterations: 40}
"""
LINEAR, BELOW = "k*dot(grad(u), grad(v))*dx == v*dx", "bounds: [0, 10]"
SINGULAR, ROOT, FOLD = "the system is singular: equation and conditions leave 'u' undetermined", "sqrt(k) = nan, where k = -", "Newton's method did not converge"
CASES = [(LINEAR, BELOW, "0.5*(k + 1)^2*dx", SINGULAR), ("max(k, 0)*dot(grad(u), grad(v))*dx == v*dx", "", "0.5*(k + 1)^2*dx", SINGULAR),
         ("sqrt(k)*dot(grad(u), grad(v))*dx == v*dx", "", "0.5*(k + 1)^2*dx", ROOT),
         ("(1 + u^2)*dot(grad(u), grad(v))*dx - exp(u)*v*dx/k == v*dx", "", "0.5*(k - 0.1)^2*dx", FOLD)]

with tempfile.TemporaryDirectory() as folder:
    path, report = os.path.join(folder, "a.yaml"), os.path.join(folder, "report.json")

    def run(method, equation, bounds, objective):
        open(path, "w").write(FILE % (equation, bounds, objective, method))
        r = command("run", path, *CPU, "--quiet", "--out", folder, "--report", report)
        return r, json.load(open(report))["optimization"]

    for method in ("bnls", "bntr", "gauss-newton", "blmvm"):
        for case in CASES:
            r, o = run(method, *case[:3])
            text = f"{method}, {case}: {r.returncode}, {o['ended_by']}, {r.stderr}"
            check.that(not o["converged"] and case[3] in o["ended_by"] and "is not a finite number" in o["ended_by"], text)
            check.that("rounding" not in o["ended_by"] and "not that of the objective" not in o["ended_by"], text)
            check.that(case[3] in r.stderr, text)  # a warning, or why there is no answer
            check.that(r.returncode == (0 if "no step lessens" in o["ended_by"] else 1), text)
        r, o = run(method, LINEAR, "", "0.5*(k + 1)^2*dx")  # across the pole of the state, which this does not hold
        check.that(r.returncode == 0 and o["converged"] and abs(o["controls"]["k"] + 1) < 1e-5 and not r.stderr, f"{method}: {o}, {r.stderr}")
    r, o = run("blmvm", LINEAR, "", "1e-3*u^2*dx - u*dx")
    check.that(r.returncode == 1 and "it falls nearby as its gradient promises" in o["ended_by"], f"a pole: {r.returncode}, {o['ended_by']}")
check.end()
