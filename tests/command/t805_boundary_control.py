"""Claim: what is sought on a boundary over time has exact gradients by every scheme: values of conditions at times, on one set or several, of normal components, whose start may depend on t; coefficients
at the nodes of sets alone, wherever t stands beside them in a condition, a flux or a source. Taylor remainders of slope 2, derivatives of constants beside differences, of values
beside those of numbers that say the same, the same bits with 1, 2 and 4 threads. What does not go is refused with its place."""
import os
import tempfile

from gkt import Checks, command, run

check = Checks()
LINE = """
mesh: {box: {cells: [7], shape: line}}
fields: {u: {space: P1, test: v}}
constants: {a: 0.8}
coefficients: {g: {space: P1, value: "1 + x[0]"}, q: {space: real, value: "1"}, c: {space: real, value: "0.8*sin(3*t)"}}
equation: "(EQUATION)*dx == 0*v*dx"
conditions: [{on: left, value: LEFT}, {on: right, value: RIGHT}]
time: {end: 0.3, step: STEP, scheme: SCHEME}
controls: CONTROLS
minimize: {running: "0.5*(u - 0.3)^2*dx", end: "u^3*dx"}
optimizer: {method: none}
verify: taylor
solver: {rtol: 1e-13, nonlinear: {rtol: 1e-13}}
"""
HEAT, WAVE, PLAIN = "dt(u)*v + (1 + u^2)*dot(grad(u), grad(v))", "dtt(u)*v + 0.2*dt(u)*v + dot(grad(u), grad(v)) + u^3*v", "(1 + u^2)*dot(grad(u), grad(v))"
SCHEMES = [("euler", HEAT, 0.06), ("crank-nicolson", HEAT, 0.06), ("theta(0.6)", HEAT, 0.06), ("midpoint", HEAT, 0.06), ("bdf2", HEAT, 0.06), ("generalized-alpha(0.5)", HEAT, 0.06),
           ("newmark", WAVE, 0.06), ("generalized-alpha(0.8)", WAVE, 0.06), ("static", PLAIN, 0.1), ("ssp3", HEAT, 0.0075), ("rk4", HEAT, 0.0075), ("central-difference", WAVE, 0.02)]
PLANE = """
mesh: {box: {cells: [4, 3], shape: tri}}
fields: {u: {space: P2, test: v}, w: {space: P1, shape: vector, test: z}}
coefficients: {g: {space: P1, value: "x[1]"}, f: {space: DP0, value: "1"}, q: {space: P1, value: "0.3"}}
regions: {inside: {cells: "x[0] < 0.6"}}
equation: "(dt(u)*v + (1 + u^2)*dot(grad(u), grad(v)) + dot(dt(w), z) + inner(grad(w), grad(z)))*dx == f*t*v*dx + q*(0.5 + t)*u*v*ds(bottom) + u*z[0]*dx"
conditions:
  - {on: [left, top], field: u, value: "x[1]*sin(3*t)*g"}
  - {on: right, field: u, value: "g*sin(2*t)"}
  - {on: bottom, field: w, value: ["t*x[1]", "0.2"]}
time: {end: 0.3, step: 0.1, scheme: crank-nicolson}
controls: CONTROLS
minimize: {running: "0.5*(u - 0.3)^2*dx + 0.1*dot(w, w)*ds(right)", end: "u^2*dx"}
optimizer: {method: none}
verify: taylor
solver: {rtol: 1e-13, nonlinear: {rtol: 1e-13}}
"""


TURNED = """
mesh: {box: {cells: [4, 4], shape: tri}}
fields: {u: {space: P1, shape: vector, test: v}}
coefficients: {g: {space: P1, value: "x[1]"}}
periodic: [{from: bottom, to: left, rotate: {angle: 90}}]
equation: "(dot(dt(u), v) + (1 + dot(u, u))*inner(grad(u), grad(v)))*dx == v[0]*dx"
conditions: [{on: right, component: normal, value: "x[1]*sin(2*t)"}, {on: top, value: "[g*t, 0.1]"}]
time: {end: 0.3, step: 0.1}
controls: {"value(right)": {times: 3}, g: {on: top}, "initial(u)": {}}
minimize: {running: "dot(u, u)*dx", end: "u[0]*ds(top)"}
optimizer: {method: none}
verify: taylor
solver: {rtol: 1e-13, nonlinear: {rtol: 1e-13}}
"""


def file(text):
    path = os.path.join(folder, "a.yaml")
    open(path, "w").write(text)
    return path


def norms_of(text, *more):
    r = run(file(text), "--backend", "interpreter", *more)
    for name, g in r["gradients"].items() if "verify" in text else ():
        check.that(g["norm"] > 0 and g["taylor"]["passed"] and abs(g["taylor"]["slope"] - 2) < 0.05, f"{name}: {g} in {text}")
    return {name: g["norm"] for name, g in r["gradients"].items()}, r["optimization"]["objective"]


def unverified(text):
    return text.replace("verify: taylor", "")


def is_near(a, b, what, within=1e-9):
    check.that(abs(a - b) <= within * abs(b), f"{what}: {a}, expected {b}")


with tempfile.TemporaryDirectory() as folder:
    for scheme, equation, step in SCHEMES:
        text = LINE.replace("EQUATION", equation).replace("SCHEME", scheme).replace("STEP", str(step))
        # the one node of a side and a number are the same; beyond its sides a coefficient has no derivative here
        nodes = text.replace("LEFT", '"0.8*sin(3*t)"').replace("RIGHT", '"a*sin(2*t)*g"')
        values, J = norms_of(nodes.replace("CONTROLS", '{"value(left)": {times: 4}, g: {on: right}, a: {}}'))
        numbers, other = norms_of(unverified(text).replace("LEFT", "c").replace("RIGHT", '"2*a*sin(2*t)*q"').replace("CONTROLS", "{c: {times: 4}, q: {}}"))
        is_near(values["value(left)"], numbers["c"], f"{scheme}, values at times")
        is_near(J, other, f"{scheme}, its start")
        is_near(2 * values["g"], numbers["q"], f"{scheme}, a coefficient in the value")
        is_near(0.8 * values["a"], numbers["q"], f"{scheme}, a factor")
        if scheme not in ("bdf2", "newmark", "rk4"):
            continue
        loose = unverified(nodes.replace("CONTROLS", '{"value(left)": {times: 4}, a: {}}'))
        ends = [run(file(loose), "--backend", "interpreter", "--set", f"constants.a={a}")["optimization"]["objective"] for a in (0.8 - 1e-4, 0.8 + 1e-4)]
        is_near(values["a"], abs(ends[1] - ends[0]) / 2e-4, f"{scheme}, differences", 1e-5)
    # in the plane, of P2 and of vectors; all of g is what its nodes on the side and the rest are
    all_of = PLANE.replace("CONTROLS", '{"value(left, top)": {times: 3}, "value(right)": {times: 2}, q: {on: bottom, times: 2}, f: {on: inside}}')
    norms = [norms_of(all_of)] + [norms_of(unverified(all_of), "--threads", n) for n in (1, 2, 4)]
    check.that(all(n == norms[0] for n in norms), f"bits by threads: {norms}")
    whole, on, off = (norms_of(unverified(PLANE).replace("CONTROLS", "{g: {%s}}" % on))[0]["g"] for on in ("", "on: [left, top, right]", "on: right"))
    is_near(on, whole, "nodes of the conditions are all that count")
    check.that(off < on, f"one side: {off}, all: {on}")
    norms_of(TURNED)
    for controls, key, words in [
        ('{"value(left)": {times: 3}}', None, ("controls: line 12, column 12", "its condition (line 8) is on other sets as well", "expected value(left, top)")),
        ('{"value(top, left)": {times: 3}}', None, ("no condition on 'top, left'",)),
        ('{"value(right)": {}}', None, ("depends on t (line 9)", "expected `times`")),
        ('{"value(bottom, right)": {}}', None, ("no condition on 'bottom, right'", "known: left top right bottom")),
        ('{"value(left, top)": {times: 1}}', None, ("'1'", "from 2")),
        ('{"value(right)": {times: 2, on: right}}', None, ("'on'", "of coefficients with a space")),
        ('{g: {on: rigth}}', None, ("'rigth'", "right")),
        ('{f: {on: bottom}}', None, ("'bottom'", "no values lie on it")),
        ('{g: {on: right}}', "filter={g: {kind: density, radius: 0.2}}", ("by helmholtz alone",)),
    ]:
        r = command("check", file(PLANE.replace("CONTROLS", controls)), "--backend", "interpreter", *(("--set", key) if key else ()))
        check.that(r.returncode == 2 and r.stderr.count("\n") == 1 and all(w in r.stderr for w in words), f"{words}: status {r.returncode}, {r.stderr}")
check.end()
