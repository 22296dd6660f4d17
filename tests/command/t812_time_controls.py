"""Claim: with `time` the state and the rate at the start are controls, as whole fields, filtered too, or through what an expression of other controls says in `initial`; each passes
`verify: taylor`. What does not go is refused with its place."""
import os
import tempfile

from gkt import Checks, command, run

check = Checks()
WAVE = """
mesh: {box: {cells: [5, 4]}}
fields: {u: {space: P1, test: v}}
constants: {a: 0.3, c: 1.5}
coefficients: {f: {space: DP0, value: "1 + x[0]"}, g: {space: P1, value: "x[1]*x[0]"}}
equation: "dtt(u)*v*dx + 0.1*dt(u)*v*dx + dot(grad(u), grad(v))*dx == f*v*dx + a*t*v*ds(right)"
conditions: [{on: left, value: 0}]
initial: {u: "sin(pi*x[0])", "dt(u)": "c^2*g*x[0] + f*x[0]"}
time: {end: 0.2, step: 0.02, scheme: newmark}
compute: {misfit: "0.5*(u - x[0])^2*dx"}
controls: CONTROLS
minimize: {end: misfit, running: "0.5*u^2*ds(right)"}
optimizer: {method: none}
verify: taylor
solver: {rtol: 1e-13}
"""


def file(text):
    path = os.path.join(folder, "a.yaml")
    open(path, "w").write(text)
    return path


def refused(controls, *words):
    r = command("check", file(WAVE.replace("CONTROLS", controls)), "--backend", "interpreter")
    check.that(r.returncode == 2 and r.stderr.count("\n") == 1 and all(w in r.stderr for w in words), f"{words}: status {r.returncode}, {r.stderr}")


with tempfile.TemporaryDirectory() as folder:
    for controls, more in [('{f: {}, a: {}, "initial(u)": {}, g: {}, c: {}}', ""), ('{"initial(dt(u))": {}, g: {}}', 'initial: {u: "g*x[0]"}'),
                           ('{"initial(u)": {bounds: [-1, 2]}}', 'filter: {"initial(u)": {kind: helmholtz, radius: 0.5}}')]:
        text = WAVE.replace("CONTROLS", controls) + ("" if more.startswith("initial") else more)
        if more.startswith("initial"):
            text = "\n".join(more if line.startswith("initial:") else line for line in text.split("\n"))
        r = run(file(text), "--backend", "interpreter")
        for name, g in r["gradients"].items():
            check.that(g["norm"] > 0 and g["taylor"]["passed"] and abs(g["taylor"]["slope"] - 2) < 0.05, f"{controls}, by {name}: {g}")
    refused('{"initial(w)": {}}', "controls: line 11, column 12: 'initial(w)': 'w' is no field", "known: u")
    refused('{"initial(u)": {}, "initial(dt(w))": {}}', "column 30: 'initial(dt(w))': 'w' is no field", "expected initial(FIELD) or initial(dt(FIELD))")
    refused('{"initial(u)": {bounds: [0, 0.5]}}', "infeasible start")
    refused('{"initial(dt(u))": {}, c: {}}', "'c': nothing depends on this control")
    r = command("check", os.path.join(os.environ["GKT_ROOT"], "examples/control/poisson.yaml"), "--set", 'controls={"initial(u)": {}}')
    check.that(r.returncode == 2 and "the file has no `time`" in r.stderr, r.stderr)
check.end()
