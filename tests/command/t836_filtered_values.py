"""Claim: values of conditions, coefficients on sets and values at times are filtered as designs are: gradients through the filter, and through a projection, have Taylor remainders of slope 2 in
problems at rest and in time; second derivatives serve Newton's method as for other designs; what forms see is smooth however rough what the optimizer changes is; the same bits with 1, 2 and
4 threads. What does not go is refused with its place, by `check` as by `run`."""
import os
import tempfile

from gkt import Checks, command, run

check = Checks()
REST = """
mesh: {box: {cells: [10, 8], shape: SHAPE}}
fields: {u: {space: P1, test: v}, w: {space: P1, shape: vector, test: z}}
regions: {inside: {cells: "x[0] < 0.6"}}
coefficients: {g: {space: P1, value: "x[1]"}, f: {space: P1, value: "0.4 + x[0]"}}
equation: "(dot(grad(u), grad(v)) + u^3*v + inner(grad(w), grad(z)) + u*z[0])*dx == 10*g*v*ds(top) + f*(z[0] + x[1]*z[1])*dx"
conditions: [{on: right, field: u, value: 0.3}, {on: left, field: w, value: ["0.1*x[1]", "0.2"]}]
controls: CONTROLS
filter: FILTER
minimize: "0.5*(u - x[0])^2*dx + dot(w, w)*dx + 1e-3*u*ds(top)"
optimizer: {method: METHOD, iterations: 8}
verify: taylor
solver: {rtol: 1e-13, nonlinear: {rtol: 1e-13}}
"""
TIME = """
mesh: {box: {cells: [8, 8], shape: tri}}
fields: {u: {space: P1, test: v}}
coefficients: {g: {space: P1, value: "0.4*sin(3*t)^2"}, f: {space: DP0, value: "t*x[0]"}}
equation: "(dt(u)*v + (1 + u^2)*dot(grad(u), grad(v)))*dx == 4*g*v*ds(top) + f*v*dx"
conditions: [{on: left, field: u, value: "x[1]*t"}, {on: right, field: u, value: 0}]
time: {end: 0.3, step: 0.05, scheme: bdf2}
controls: CONTROLS
filter: FILTER
minimize: {running: "0.5*(u - 0.3)^2*dx", end: "u^2*dx"}
optimizer: {method: none}
verify: taylor
solver: {rtol: 1e-13, nonlinear: {rtol: 1e-13}}
"""


def solve(text, *more, status=0):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "p.yaml")
        with open(path, "w") as f:
            f.write(text)
        return run(path, *more, status=status)


def fill(text, controls, filters, method="none", shape="tri"):
    for key, value in {"CONTROLS": controls, "FILTER": filters, "METHOD": method, "SHAPE": shape}.items():
        text = text.replace(key, value)
    return text


def slopes_are_right(name, text, *more):
    r = solve(text, *more)
    check.that(r["status"] == "ok" and r["gradients"], f"{name}: {r['status']} {r['reason']}")
    for control, g in r["gradients"].items():
        t = g.get("taylor") or {}
        check.that(t.get("passed"), f"{name}: {control}: {t}")
    return r


# ---- at rest ----
ON, BOTH = "{g: {on: [top, right], bounds: [0, 1]}, f: {on: inside}}", "{g: {radius: 0.4}, f: {kind: helmholtz, radius: 0.5}}"
for shape in ("tri", "quad"):
    slopes_are_right(f"on sets, {shape}", fill(REST, ON, BOTH, shape=shape))
slopes_are_right("conditions", fill(REST, '{"value(right)": {}, "value(left)": {}}', '{"value(right)": {radius: 0.4}, "value(left)": {radius: 0.3}}'))
slopes_are_right("a projection", fill(REST, ON, "{g: {radius: 0.4, project: {beta: 3}}}"))
for name, filters in [("", "{g: {radius: 0.4}, f: {radius: 0.5}}"), (" and projected", "{g: {radius: 0.4, project: {beta: 3}}}")]:
    r = slopes_are_right("second derivatives, filtered" + name, fill(REST, "{g: {on: [top, right]}, f: {on: inside}}", filters, "bnls"))
    check.that(r["optimization"]["objective"] < r["optimization"]["history"][0]["objective"] and r["optimization"]["counts"]["actions"] > 0, f"bnls{name}: {r['optimization']['ended_by']}")

# ---- in time ----
slopes_are_right("values at times on a set", fill(TIME, "{g: {on: top, times: 4}}", "{g: {radius: 0.4}}"))
slopes_are_right("values at times of conditions", fill(TIME, '{"value(left)": {times: 3}}', '{"value(left)": {radius: 0.4}}'))
for kind in ("density", "helmholtz"):
    slopes_are_right(f"values at times, {kind}", fill(TIME, "{f: {times: 3}}", f"{{f: {{kind: {kind}, radius: 0.3}}}}"))
slopes_are_right("values at times, projected", fill(TIME, "{g: {on: top, times: 3}}", "{g: {radius: 0.4, project: {beta: 2}}}"))

# ---- bits, and what is seen ----
text = fill(REST, ON, BOTH, "blmvm")
seen = [solve(text, "--threads", str(n)) for n in (1, 2, 4)]
rows = [[{k: v for k, v in row.items() if k != "seconds"} for row in s["optimization"]["history"]] for s in seen]
check.that(rows[0] == rows[1] == rows[2], "other bits with other numbers of threads")
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "p.yaml")
    rough = fill(REST, "{g: {on: top, bounds: [-2, 2]}}", "{g: {radius: 0.4}}").replace('value: "x[1]"', 'value: "cos(10*pi*x[0])"').replace("verify: taylor\n", 'compute: {size: "g^2*ds(top)"}\n')
    with open(path, "w") as f:
        f.write(rough)
    size = run(path)["functionals"]["size"]
    # an eigenvector of the filter: its values, divided by 1 + 4 (r/h)^2 with r = radius/(2 sqrt(3)), h = 0.1
    check.that(abs(size - (1 / (1 + 4 * 0.4**2 / 12 / 0.01)) ** 2 / 3) < 1e-9, f"the square of a smoothed zigzag of 1 is {size}")

# ---- refused, by check as by run ----
for name, controls, filters, words in [
    ("density", "{g: {on: top}}", "{g: {kind: density, radius: 0.4}}", "smoothed along them, by helmholtz alone"),
    ("a small radius", "{g: {on: top}}", "{g: {radius: 0.01}}", "below the size of the facets"),
    ("dimensions", "{g: {on: [top, inside]}}", "{g: {radius: 0.4}}", "of dimension 2, are not filtered"),
]:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "p.yaml")
        with open(path, "w") as f:
            f.write(fill(REST, controls, filters))
        for verb in ("run", "check"):
            r = command(verb, path)
            check.that(r.returncode == 2 and words in r.stderr and "line " in r.stderr and r.stderr.count("\n") == 1, f"{verb}, {name}: status {r.returncode}, {r.stderr}")
check.end()
