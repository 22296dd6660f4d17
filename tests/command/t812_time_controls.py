"""Claim: coefficients whose values are sought at times pass `verify: taylor`; values of a condition at its nodes are a control, of steady problems and in time, of one component or all; the gradient as a function is the same on any mesh, as its inner
product is that of the set; with `time` the state and the rate at the start are controls, as whole fields, filtered too, or through what an expression of other controls says in `initial`; t in it being the start in every run; each passes
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
SIGNALS = """
mesh: {box: {cells: [3, 3]}}
fields: {u: {space: P1, test: v}}
constants: {c: 10.0}
coefficients: {f: {space: DP0, value: "1 + t"}, g: {space: real, value: "0.5"}}
equation: "dt(u)*v*dx + (1 + u^2)*dot(grad(u), grad(v))*dx == c*f*v*dx + g*v*ds(right)"
conditions: [{on: left, value: "g*x[1]"}]
time: {end: 0.3, step: 0.05}
compute: {misfit: "0.5*(u - x[0])^2*dx", mean: "f*dx"}
controls: {f: {times: 3}, g: {times: 5}}
minimize: {end: misfit, running: "0.01*f^2*dx + 0.1*u^2*dx"}
optimizer: {method: none}
verify: taylor
solver: {rtol: 1e-13, nonlinear: {rtol: 1e-13}}
"""
START = """
mesh: {box: {cells: [4, 4]}}
fields: {u: {space: P1, test: v}}
constants: {k: 0.3}
coefficients: {a: {space: P1, value: "1 + x[0] + t"}, s: {space: P1, value: "1 + t*x[1]"}}
equation: "dt(u)*v*dx + k*dot(grad(u), grad(v))*dx == s*v*dx"
conditions: [{on: left, value: 0}]
initial: {u: "k*(1 + x[0] + t)*a + s^2"}
time: {start: 1, end: 1.4, step: 0.1}
controls: {k: {bounds: [0.1, 1]}, s: {times: 3}}
minimize: {end: "(u - 0.2)^2*dx"}
verify: taylor
solver: {rtol: 1e-13}
"""
VALUES = """
mesh: {box: {cells: [8, 8]}}
fields: {u: {space: P1, test: v}, w: {space: P1, shape: vector, test: z}}
constants: {c: 1.0}
equation: "(1 + u^2)*dot(grad(u), grad(v))*dx + u*v*dx + inner(grad(w), grad(z))*dx + dot(w, z)*dx == v*dx + u*z[0]*dx"
conditions:
  - {on: left, field: w, value: ["c", "x[1]"]}
  - {on: right, field: u, value: 0}
  - {on: top, field: w, component: 1, value: "x[0]*x[1]"}
controls: CONTROLS
minimize: "0.5*(u - 1)^2*dx + 0.5*dot(w, w)*dx + 0.01*value_right^2*ds(right) + 0.1*w[1]^2*ds(top)"
optimizer: {method: none}
verify: taylor
solver: {rtol: 1e-13, nonlinear: {rtol: 1e-13}}
probes: {middle: {at: [1, 0.5], value: gradient_value_right}}
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
    # values at times, of fields and of numbers, and what they are at first
    r = run(file(SIGNALS), "--backend", "interpreter")
    for name, g in r["gradients"].items():
        check.that(g["norm"] > 0 and g["taylor"]["passed"] and abs(g["taylor"]["slope"] - 2) < 0.05, f"by {name}: {g}")
    check.that(all(abs(f - (1 + t)) < 1e-12 for t, f in zip(r["series"]["time"], r["series"]["mean"])), f"{r['series']['mean']}")
    for given, words in [("times: 1", ("controls.f", "'1'", "from 2")), ("g: {times: 5}", ("'times'", "coefficients with a space")), ("f: {}", ("'f'", "expected one that does not, or `times`"))]:
        text = SIGNALS.replace("f: {times: 3}", given) if given.startswith("f") else SIGNALS.replace("times: 3", given) if given.startswith("t") else SIGNALS.replace("g: {times: 5}", "c: {times: 5}")
        r = command("check", file(text), "--backend", "interpreter")
        check.that(r.returncode == 2 and all(w in r.stderr for w in words), f"{words}: {r.stderr}")
    # t in `initial` is the start in every run, the last with its results as well
    for method in ("none", "blmvm"):
        r = run(file(START), "--backend", "interpreter", "--set", f"optimizer={{method: {method}, iterations: 3}}")
        for name, g in r["gradients"].items():
            check.that(g["norm"] > 0 and g["taylor"]["passed"] and abs(g["taylor"]["slope"] - 2) < 0.05, f"{method}, by {name}: {g}")
        check.that(abs(r["optimization"]["objective"] / r["functionals"]["objective_end"] - 1) < 1e-9, f"{method}: {r['optimization']['objective']}, {r['functionals']}")
    # values of conditions
    names = '{"value(left)": {}, "value(right)": {bounds: [-1, 2]}, "value(top)": {}}'
    for text in (VALUES, VALUES.replace('"(1 + u^2)', '"dt(u)*v*dx + (1 + u^2)').replace("minimize: ", "minimize: {running: ").replace('top)"', 'top)"}') + "time: {end: 0.2, step: 0.05}\n"):
        middle = []
        for n in (8, 16):
            r = run(file(text.replace("CONTROLS", names)), "--backend", "interpreter", "--set", f"mesh.box.cells=[{n}, {n}]")
            for name, g in r["gradients"].items():
                check.that(g["norm"] > 0 and g["taylor"]["passed"] and abs(g["taylor"]["slope"] - 2) < 0.05, f"by {name}: {g}")
            middle.append(r["probes"]["middle"])
        check.that(abs(middle[1] / middle[0] - 1) < 0.05, f"gradient_value_right on two meshes: {middle}")
    r = run(file(VALUES.replace("CONTROLS", names).replace("optimizer: {method: none}", "optimizer: {tolerance: 1e-5}").replace("probes", "#")), "--backend", "interpreter")
    check.that(r["optimization"]["converged"] and r["optimization"]["objective"] < r["optimization"]["history"][0]["objective"], f"{r['optimization']['ended_by']}")
    for controls, words in [('{"value(both)": {}}', ("controls: line 10, column 12: 'value(both)': no condition on 'both'", "known: left right top")),
                            ('{"value(left)": {}, c: {}}', ("'c': nothing depends on this control",))]:
        text = VALUES.replace("CONTROLS", controls).replace("value_right", "0").replace("probes", "#")
        r = command("check", file(text), "--backend", "interpreter")
        check.that(r.returncode == 2 and all(w in r.stderr for w in words), f"{words}: {r.stderr}")
    for given, words in [("value: [0, 1]}", ("'value(top)'", "two conditions are there, of lines 8 and 9")), ("on: [top, bottom]", ("line 9", "on other sets as well")), ("t*x[0]", ("depends on t (line 9)", "the same at all times"))]:
        text = VALUES.replace("CONTROLS", '{"value(top)": {}}')
        if "[0, 1]" in given:
            text = text.replace("on: right, field: u, value: 0", "on: top, field: u, value: 0").replace("value_right", "value_top").replace("probes", "#")
        elif "bottom" in given:
            text = text.replace("on: top", given).replace("value_right", "0").replace("probes", "#")
        else:
            text = text.replace("x[0]*x[1]", given).replace("value_right", "0").replace("probes", "#").replace('"(1 + u^2)', '"dt(u)*v*dx + (1 + u^2)') + "time: {end: 0.2, step: 0.05}\n"
        r = command("check", file(text), "--backend", "interpreter")
        check.that(r.returncode == 2 and all(w in r.stderr for w in words), f"{words}: {r.stderr}")
    r = command("check", os.path.join(os.environ["GKT_ROOT"], "examples/control/poisson.yaml"), "--set", 'controls={"initial(u)": {}}')
    check.that(r.returncode == 2 and "the file has no `time`" in r.stderr, r.stderr)
check.end()
