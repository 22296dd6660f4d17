"""Claim: a discrete coefficient whose values depend on t is interpolated wherever a step looks: where its space holds the value, every scheme gives what the symbolic coefficient
gives, in source, mass, stiffness and conditions, by regions, adaptively, along a path of loads and after a restart, which goes on bit by bit; where it does not, orders in time stay.
What does not go together is refused by name."""
import json
import os
import struct
import tempfile


from gkt import Checks, command, order, run

check = Checks()
os.environ.setdefault("GKT_DEVICE", "emulated")
DEVICE = ["--backend", "cuda"]
VALUES = {"f": "sin(3*t)*x[0]", "k": "1 + 0.5*cos(5*t)*x[0]", "m": "1 + t*x[1]", "g": "exp(t)*x[0]", "r": "t"}


def problem(path, discrete, equation, scheme, step=0.05, space="P1", end=0.2, **more):
    coefficients = {n: {"space": space, "value": v} if discrete else v for n, v in VALUES.items() if n != "r"}
    coefficients["r"] = {"space": "DP0", "regions": {"west": "t", "east": "1 - t"}} if discrete else "conditional(x[0] < 0.5, t, 1 - t)"
    p = {"mesh": {"box": {"cells": [4, 4]}}, "regions": {"west": {"cells": "x[0] < 0.5"}, "east": {"cells": "x[0] > 0.5"}}, "fields": {"u": {"space": "P1", "test": "v"}}, "coefficients": coefficients,
         "equation": equation, "conditions": [{"field": "u", "on": "left", "value": "g"}, {"field": "u", "on": "right", "value": "g"}],
         "time": {"end": end, "step": step, "scheme": scheme}, "initial": {"u": "x[0]"},
         "compute": {"square": "u^2*dx", "load": "f*dx", "sides": "r*dx"}, "output": {"file": "a.vtu", "fields": {"u": "u", "f": "f"}}}
    for key, value in more.items():
        p[key] = {**p.get(key, {}), **value} if isinstance(value, dict) else value
    if "sample" in p:
        del p["output"]
    with open(path, "w") as file:
        json.dump(p, file)
    return path


def near(a, b, size):
    return all(abs(x - y) <= size * max(1, abs(y)) for k in b for x, y in zip(a[k], b[k]))


HEAT = "m*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx - (f + r)*v*dx"
STIFF = "dt(u)*v*dx + 0.01*k*dot(grad(u), grad(v))*dx - (f + r)*v*dx"
WAVE = "m*dtt(u)*v*dx + k*dot(grad(u), grad(v))*dx - (f + r)*v*dx"
LOADS = "(1 + u^2)*k*dot(grad(u), grad(v))*dx - (f + r)*v*dx"
LINEAR = "dt(u)*v*dx + dot(grad(u), grad(v))*dx - (f + r)*v*dx"
with tempfile.TemporaryDirectory() as d:
    file, here = os.path.join(d, "a.yaml"), ["--out", d]

    # ---- as symbolic ones
    for equation, scheme, time in [(HEAT, "euler", {}), (HEAT, "crank-nicolson", {}), (HEAT, "midpoint", {}), (HEAT, "theta(0.7)", {}), (HEAT, "bdf2", {}),
                                   (HEAT, "bdf2", {"adaptive": {"rtol": 1e-3}}), (HEAT, "generalized-alpha(0.5)", {}), (LINEAR, "crank-nicolson", {}), (LINEAR, "rk4", {"step": 0.002, "end": 0.01}),
                                   (STIFF, "rk4", {"step": 0.02}), (STIFF, "ssp3", {"step": 0.02}), (WAVE, "newmark", {}), (WAVE, "generalized-alpha(0.5)", {}),
                                   (WAVE.replace("m*", ""), "central-difference", {"step": 0.02}), (LOADS, "static", {}), (HEAT.replace("k*", "(1 + u^2)*k*"), "crank-nicolson", {})]:
        a, b = (run(problem(file, discrete, equation, scheme, time=time), *here) for discrete in (True, False))
        check.that(a["status"] == b["status"] == "ok", f"{equation}, {scheme}: {a['status']} {a['reason']}, {b['status']} {b['reason']}")
        check.that(near(a["series"], b["series"], 1e-8), f"{equation}, {scheme} {time}: {a['series']}, symbolic {b['series']}")
        check.that(a["counts"]["assemblies"] == b["counts"]["assemblies"], f"{equation}, {scheme}: {a['counts']}, symbolic {b['counts']}")
    check.that(a["series"]["load"][0] == 0 and a["series"]["load"][-1] > 0.2, f"loads {a['series']['load']}")

    # ---- with a device, which has the values of each stage
    a, b = (run(problem(file, True, HEAT, "crank-nicolson", step=0.1, mesh={"box": {"cells": [2, 2]}}), *here, *more) for more in (["--backend", "interpreter"], DEVICE))
    check.that(near(a["series"], b["series"], 1e-9), f"device: {b['series']}, host {a['series']}")

    # ---- orders in time, where nothing interpolates exactly
    for scheme, expected in [("euler", 1), ("crank-nicolson", 2), ("bdf2", 2)]:
        ends = [run(problem(file, True, HEAT, scheme, step=0.2 / n, space="P2"), *here, "--set", "coefficients.f.value=sin(9*t + x[0])")["functionals"]["square"] for n in (8, 16, 256)]
        got = order(abs(ends[0] - ends[2]), abs(ends[1] - ends[2]))
        check.that(got > expected - 0.1, f"{scheme}: order {got:.2f}, expected {expected}")

    # ---- a restart has the same bits
    whole = run(problem(file, True, HEAT, "crank-nicolson"), *here)
    run(problem(file, True, HEAT, "crank-nicolson", time={"end": 0.1, "checkpoint": "c.h5"}), *here)
    rest = run(problem(file, True, HEAT, "crank-nicolson", time={"restart": "c.h5"}), *here)
    check.that(rest["series"]["square"][-1] == whole["series"]["square"][-1] and rest["series"]["load"] == whole["series"]["load"], f"restart: {rest['series']}, whole {whole['series']}")

    # ---- data sets, of a constant that stands in the equation: one that is almost 1, and the middle at the end among the numbers in the file
    sampled = {"constants": {"c": 1}, "sample": {"count": 2, "draw": {"c": {"uniform": [1, 1 + 1e-12]}}, "file": "s.h5"}}
    scaled = HEAT.replace("k*", "c*k*")
    expected = run(problem(file, False, scaled, "bdf2", constants={"c": 1}, probes={"middle": {"at": [0.5, 0.5], "value": "u"}}), *here)["probes"]["middle"]
    r = command("run", problem(file, True, scaled, "bdf2", **sampled), *here)
    data = open(os.path.join(d, "s.h5"), "rb").read() if r.returncode == 0 else b""
    found = sum(abs(x - expected) < 1e-9 for (x,) in struct.iter_unpack("<d", data[:len(data) // 8 * 8]))
    check.that(found >= 2, f"samples: status {r.returncode}, {r.stderr}; {expected} stands {found} times in the file")

    # ---- refused
    for equation, scheme, more, message in [
            (HEAT.replace("dt(u)", "dt(f*u)"), "bdf2", {}, "the rate of 'f', a discrete coefficient whose values depend on t, is not available yet; expected a symbolic one"),
            (HEAT, "rk4", {}, "the masses depend on the state or on t"),
            (LOADS, "arc-length", {}, "its values depend on t, which is not available yet along a path of arc length; expected a symbolic coefficient, or scheme: static"),
            (HEAT, "bdf2", {"coefficients": {"f": {"space": "P1", "value": "c*t"}}, **sampled}, "drawn for 'f', whose values depend on t, which is not available yet"),
            (HEAT, "bdf2", {"coefficients": {"f": {"space": "P1", "value": "1/(1 - t)"}}, "time": {"start": 1, "end": 2}}, "expected a finite number")]:
        r = command("run", problem(file, True, equation, scheme, **more), *here)
        check.that(r.returncode == 2 and message in r.stderr and r.stderr.count("\n") == 1, f"{equation} {scheme} {more}: status {r.returncode}, {r.stderr}")
    r = command("run", problem(file, True, HEAT, "bdf2", coefficients={"f": {"space": "P1", "value": "1/(0.1 - t)"}}), *here)
    check.that(r.returncode == 1 and "expected a finite number" in r.stderr, f"a pole on the way: status {r.returncode}, {r.stderr}")
check.end()
