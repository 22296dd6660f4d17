"""Claim: with `time` a problem file's objective is what stands at the end plus the trapezoidal sum of what runs, as the series has both; gradients are differences of runs, and pass
`verify: taylor`, for schemes of both orders, with all states kept or a part of them; limits may be of either kind. What cannot be is refused with its place."""
import os
import tempfile

from gkt import Checks, command, run

check = Checks()
HEAT = """
title: heat
mesh: {box: {cells: [4, 3]}}
fields: {u: {space: P1, test: v}}
constants: {a: 0.3, b: 0.2}
coefficients: {f: {space: DP0, value: "1 + x[0]"}}
equation: "dt(u)*v*dx + (1 + b*u^2)*dot(grad(u), grad(v))*dx == f*v*dx + a*t*v*ds(right)"
conditions: [{on: left, value: "b*t"}]
initial: {u: "x[0]"}
time: {end: 0.2, step: 0.02, scheme: SCHEME}
compute: {misfit: "0.5*(u - x[0])^2*dx", price: "0.5*f^2*dx", end: "misfit + 0.01*a^2*price", power: "t*u^2*ds(right) + 0.1*b*u*dx"}
controls: {f: {}, a: {}, b: {}}
minimize: {end: end, running: power}
optimizer: {method: none}
solver: {rtol: 1e-13, nonlinear: {rtol: 1e-13}}
"""
RATES = HEAT.replace('power: "', 'power: "u*dt(u)*dx + ')
BAR = """
mesh: {box: {cells: [6]}}
fields: {u: {space: P2, test: v}}
constants: {E: 200, H: 20, limit: 0.25}
history: {ep: {points: 2, update: "ep + flow"}, length: {points: 2, update: "length + abs(flow)"}}
let: {trial: "E*(grad(u)[0] - ep)", flow: "sign(trial)*max(abs(trial) - limit - H*length, 0)/(E + H)", stress: "trial - E*flow"}
equation: "(1 + x[0])*stress*grad(v)[0]*dx == 0"
conditions: [{on: left, value: 0}, {on: right, value: "0.004*sin(6*t)"}]
time: {end: 1, step: 0.1, scheme: static}
compute: {misfit: "1e4*(u - 0.003*x[0])^2*dx"}
controls: {H: {}, limit: {}}
minimize: {running: misfit}
optimizer: {method: none}
solver: {linear: direct}
"""
WAVE = RATES.replace("dt(u)*v*dx", "dtt(u)*v*dx + 0.1*dt(u)*v*dx")


def file(text, scheme="bdf2"):
    path = os.path.join(folder, "a.yaml")
    open(path, "w").write(text.replace("SCHEME", scheme))
    return path


def integral(series, name):
    t, y = series["time"], series[name]
    return sum((t[i + 1] - t[i]) * (y[i] + y[i + 1]) / 2 for i in range(len(t) - 1))


def objective(path, constant, x):
    return run(path, "--backend", "interpreter", "--set", f"constants.{constant}={x!r}")["optimization"]["objective"]


def refused(text, *words, env=None):
    r = command("check", file(text), "--backend", "interpreter", env=env)
    check.that(r.returncode == 2 and r.stderr.count("\n") == 1 and all(w in r.stderr for w in words), f"{words}: status {r.returncode}, {r.stderr}")


with tempfile.TemporaryDirectory() as folder:
    for text, scheme in [(HEAT, "crank-nicolson"), (RATES, "bdf2"), (RATES.replace("step: 0.02", "step: 0.01"), "ssp3"), (WAVE, "newmark"), (WAVE, "central-difference")]:
        path = file(text, scheme)
        r = run(path, "--backend", "interpreter", "--set", "verify=taylor")
        o = r["optimization"]
        check.that(all(g["taylor"]["passed"] and abs(g["taylor"]["slope"] - 2) < 0.05 for g in r["gradients"].values()), f"{scheme}: {r['gradients']}")
        check.that(o["counts"]["adjoint_solves"] == 1 and o["counts"]["solves"] == 2, f"{scheme}: {o['counts']}")
        expected = r["functionals"]["end"] + integral(r["series"], "power")
        check.that(abs(o["objective"] - expected) < 1e-12 * abs(expected), f"{scheme}: {o['objective']}, the series {expected}")
        for name, x in [("a", 0.3), ("b", 0.2)] if scheme in ("bdf2", "newmark") else []:
            difference = (objective(path, name, x + 1e-4) - objective(path, name, x - 1e-4)) / 2e-4
            check.that(abs(abs(difference) / r["gradients"][name]["norm"] - 1) < 1e-6, f"{scheme}: by {name} {r['gradients'][name]['norm']}, by differences {difference}")
        # u, its rates and what a scheme looks back at: less than ten states, and five such records are the fewest
        less = run(path, "--backend", "interpreter", "--set", f"optimizer.memory={8 * 20 * 10 * 5}")
        check.that(less["optimization"]["counts"]["repeated"] > 0 and o["counts"]["repeated"] == 0, f"{scheme}: {less['optimization']['counts']}")
        for name, g in r["gradients"].items():
            check.that(abs(less["gradients"][name]["norm"] / g["norm"] - 1) < 1e-9, f"{scheme}, less memory: by {name} {less['gradients'][name]}, {g}")
    disk = run(file(HEAT), "--backend", "interpreter", "--set", "optimizer.memory=8000", "--set", "optimizer.disk=1e6")
    check.that(disk["optimization"]["counts"]["repeated"] == 0, f"on a disk: {disk['optimization']['counts']}")
    # lengths of steps that errors choose are held while gradients are looked at
    r = run(file(HEAT), "--backend", "interpreter", "--set", "verify=taylor", "--set", "time.adaptive={rtol: 1e-4, atol: 1e-6}")
    check.that(all(g["taylor"]["passed"] for g in r["gradients"].values()) and len(set(r["series"]["step"])) > 2, f"adaptive: {r['gradients']}")
    # what a material remembers: the yield stress and the hardening of a bar from how it moved
    r = run(file(BAR), "--backend", "interpreter", "--set", "verify=taylor")
    check.that(all(g["taylor"]["passed"] and g["norm"] > 1e-4 for g in r["gradients"].values()), f"histories: {r['gradients']}")
    # limits: of an end and of what runs; the heat that went in through the source is then what is allowed
    limited = HEAT.replace("optimizer: {method: none}", "optimizer: {iterations: 30}\nsubject_to: [{value: {running: heat}, lower: 0.04}, {value: left, lower: 0.56}]")
    limited = limited.replace('compute: {', 'compute: {heat: "f*t*dx", left: "u*dx", ').replace("f: {}, a: {}, b: {}", "f: {bounds: [0, 12]}").replace("minimize: {end: end, running: power}", "minimize: end")
    r = run(file(limited), "--backend", "interpreter")
    c = r["optimization"]["constraints"]
    check.that(abs(c["heat"] - integral(r["series"], "heat")) < 1e-12 and abs(c["heat"] - 0.04) < 1e-6, f"{c}, {integral(r['series'], 'heat')}")
    check.that(c["left"] == r["functionals"]["left"] and c["left"] > 0.56 - 1e-6, f"{c}, {r['functionals']}")
    # what cannot be
    refused(HEAT.replace("dt(u)*v*dx + ", "").replace("SCHEME", "arc-length"), "a.yaml: time.scheme: line 10", "'arc-length'", "not available yet")
    refused(HEAT.replace("{method: none}", "{method: bnls}"), "optimizer.method: line 14", "'bnls'", "not available yet")
    refused(HEAT.replace("minimize: {", "minimize: {begin: end, "), "minimize: line 13, column 12: 'begin': unknown key", "end running")
    refused(HEAT.replace("minimize: {end: end, running: power}", "minimize: {}"), "minimize: line 13", "expected end, running or both")
    refused(HEAT.replace("time: {end: 0.2, step: 0.02, scheme: SCHEME}", "").replace("dt(u)*v*dx + ", "").replace("a*t*v", "a*v").replace("b*t", "b").replace("t*u^2", "u^2"), "minimize", "of problems with the key `time`")
    refused(HEAT.replace("{method: none}", "{memory: 1000}"), "optimizer.memory: line 14", "expected at least")
    for key, given in [("memory", "0.5"), ("memory", "1e300"), ("memory", "1e19"), ("disk", "0.5"), ("disk", "1e300")]:
        text = HEAT.replace("{method: none}", f"{{memory: 8000, disk: {given}}}" if key == "disk" else f"{{memory: {given}}}")
        refused(text, f"a.yaml: optimizer.{key}: line 14, column ", f"'{given}': out of range; expected a number of bytes from 1 to 9e18")
    nowhere = os.path.join(folder, "none")
    refused(HEAT.replace("{method: none}", "{memory: 8000, disk: 1e6}"), "optimizer.disk: line 14", f"cannot make a temporary file in '{nowhere}'", "expected a folder", env={**os.environ, "TMPDIR": nowhere})
    refused(HEAT.replace("f: {}, a: {}, b: {}", "f: {}, initial(u): {}, initial(dt(u)): {}"), "controls.initial(dt(u)): line 12", "the equation holds no dtt(u); expected")
    refused(HEAT.replace("scheme: SCHEME", "restart: b.h5"), "time: line 10", "'restart'", "`minimize` (line 13)")
check.end()
