"""Claim: `time.lump` lumps the masses of the fields that it names, at the nodes of their elements as explicit schemes lump all: implicit steps with it go to what explicit ones go
to, also of vectors, several fields, P2 with bubbles and nonlinear masses, and on a device; what cannot be lumped is refused by name. Explicit steps take `adaptive`: they stay near what errors allow, are counted, hit outputs,
go on from a checkpoint with the same bits, and are those of the host on a device."""
import json
import os
import tempfile

from gkt import Checks, command, run

check = Checks()
os.environ.setdefault("GKT_DEVICE", "emulated")
DEVICE = ["--backend", "cuda"]


def problem(path, equation, time, fields=None, **more):
    p = {"mesh": {"box": {"cells": [3, 3]}}, "fields": fields or {"u": {"space": "P1", "test": "v"}}, "constants": {"k": 0.05}, "equation": equation,
         "conditions": [{"field": "u", "on": "left", "value": "0.5*sin(3*t)"}], "initial": {"u": "x[0]"}, "time": {"end": 0.4, "step": 0.02, **time}, "compute": {"square": "u^2*dx"}}
    p.update(more)
    with open(path, "w") as file:
        json.dump(p, file)
    return path


HEAT = "(1 + x[0])*dt(u)*v*dx + 0.5*dt(u)*v*ds(right) + k*dot(grad(u), grad(v))*dx == (1 + t)*x[1]*v*dx"
WAVE = "(1 + x[0])*dtt(u)*v*dx + 0.1*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx == x[1]*v*dx"
BUBBLES = {"u": {"space": "P2B", "test": "v"}}
VECTOR = {"u": {"space": "P1", "shape": "vector", "test": "v"}, "p": {"space": "P1", "test": "q"}}
BOTH = "dot(dt(u), v)*dx + k*inner(grad(u), grad(v))*dx + dot(grad(p), v)*dx - v[0]*dx + dt(p)*q*dx + (p - u[0])*q*dx"
with tempfile.TemporaryDirectory() as d:
    file, here = os.path.join(d, "a.yaml"), ["--out", d, "--backend", "interpreter"]

    # ---- one way to lump: implicit steps go where explicit ones go, which consistent masses do not
    for equation, fields, implicit, explicit, lump, more in [
            (HEAT, None, "crank-nicolson", "rk4", ["u"], {}), (HEAT, BUBBLES, "crank-nicolson", "rk4", "u", {}), (WAVE, BUBBLES, "newmark", "central-difference", ["u"], {}),
            (BOTH, VECTOR, "bdf2", "ssp3", ["u", "p"], {"conditions": [{"field": "u", "on": "left", "value": "[0, 0.5*sin(3*t)]"}], "initial": {"u": "[0, x[0]]", "p": 0}, "compute": {"square": "dot(u, u)*dx"}})]:
        fine = {"step": 0.001}
        lumped, consistent, reference = (run(problem(file, equation, {"scheme": s, **t}, fields, **more), *here)["functionals"]["square"]
                                         for s, t in ((implicit, {"lump": lump, **fine}), (implicit, fine), (explicit, fine)))
        check.that(abs(lumped - reference) < 0.02 * abs(consistent - reference), f"{implicit}, {lump}, {fields}: {lumped}, consistent {consistent}, {explicit} {reference}")

    # ---- what a nonlinear mass is, where it is lumped: u' u^2 = 1 at each node, with nothing that couples them
    got = run(problem(file, "(1 + u^2)*dt(u)*v*dx == v*dx(degree=1)", {"scheme": "crank-nicolson", "lump": "u", "step": 0.005}, conditions=[], initial={"u": 0}), *here, "--set", "compute.square=u*dx")["functionals"]["square"]
    check.that(abs(got + got**3 / 3 - 0.4) < 1e-5, f"u + u^3/3 = t: u = {got}")

    # ---- adaptive explicit steps
    NONLINEAR = HEAT.replace("k*dot", "(1 + 20*u^2)*k*dot")
    for equation, scheme, implicit in [(NONLINEAR, "ssp3", "crank-nicolson"), (NONLINEAR, "rk4", "crank-nicolson"), (WAVE.replace("k*dot", "(1 + 20*u^2)*k*dot"), "central-difference", "newmark")]:
        loose = {"scheme": scheme, "step": 0.1, "adaptive": {"rtol": 1e-5}}
        a, b = (run(problem(file, equation, t), *here) for t in (loose, {"scheme": implicit, "lump": "u", "step": 0.0005}))
        check.that(a["series"]["time"] == [0.1 * k for k in range(4)] + [0.4] and abs(a["functionals"]["square"] - b["functionals"]["square"]) < 2e-4 * b["functionals"]["square"],
                   f"{scheme}: {a['series']}, {implicit} {b['functionals']}")
        check.that(a["counts"]["rejected"] > 0 and a["counts"]["steps"] > 4 and a["counts"]["newton"] == a["counts"]["linear"] == 0, f"{scheme}: {a['counts']}")
        run(problem(file, equation, {**loose, "end": 0.2, "checkpoint": "c.h5"}), *here)
        rest = run(problem(file, equation, {**loose, "restart": "c.h5"}), *here)
        check.that(rest["functionals"] == a["functionals"], f"{scheme}: goes on to {rest['functionals']}, in one {a['functionals']}")

    # ---- a device sums the same
    for equation, time in [(HEAT, {"scheme": "bdf2", "lump": "u", "step": 0.1}), (HEAT, {"scheme": "rk4", "end": 0.05}),
                           (HEAT.replace("k*dot", "(1 + 20*u^2)*k*dot"), {"scheme": "rk4", "end": 0.2, "step": 0.1, "adaptive": {"rtol": 1e-3}}),
                           (WAVE.replace("k*dot", "(1 + 20*u^2)*k*dot"), {"scheme": "central-difference", "end": 0.2, "step": 0.1, "adaptive": {"rtol": 1e-2}})]:
        a, b = (run(problem(file, equation, time, mesh={"box": {"cells": [2, 2]}}), "--out", d, *more)["functionals"]["square"] for more in (["--backend", "interpreter"], DEVICE))
        check.that(abs(a - b) < 1e-10 * abs(a), f"{time}: on a device {b}, on the host {a}")

    # ---- so it does of what newmark shows where a condition moves
    means = {"compute": {"square": "u^2*dx", "second": "dtt(u)*dx"}, "mesh": {"box": {"cells": [2, 2]}}}
    a, b = (run(problem(file, WAVE, {"scheme": "newmark", "step": 0.05}, **means), "--out", d, *more)["series"]["second"] for more in (["--backend", "interpreter"], DEVICE))
    check.that(len(a) == 9 and all(abs(x - y) < 1e-8 * max(map(abs, a)) for x, y in zip(a, b)), f"u'': on a device {b}, on the host {a}")

    # ---- refusals
    for equation, time, fields, text in [
            (HEAT, {"lump": ["w"]}, None, "time.lump.0: line 1, column"),
            (HEAT, {"lump": ["w"]}, None, "'w': not a field"),
            (HEAT, {"lump": [2]}, None, "not a name"),
            (HEAT, {"lump": "u"}, {"u": {"space": "P2", "test": "v"}}, "the masses of P2 on a triangle cannot be lumped at its nodes: some would be 0; expected P1"),
            (HEAT, {"scheme": "rk4"}, {"u": {"space": "P2", "test": "v"}}, "the masses of P2 on a triangle cannot be lumped"),
            (WAVE, {"scheme": "newmark(0.2, 0.5)"}, None, "newmark(0.2, 0.5): where conditions move, or a multiplier holds a constraint, u'' would grow from step to step"),
            (HEAT, {"scheme": "rk4", "lump": "u"}, None, "an explicit scheme lumps the masses of all fields; expected no such key"),
            ("k*dot(grad(u), grad(v))*dx == t*v*dx", {"scheme": "static", "lump": "u"}, None, "a path of loads has no masses; expected no such key"),
            ("dt(u)*v*dx + k*dot(grad(u), grad(v))*dx + (p - u)*q*dx", {"lump": ["u", "p"]}, {"u": {"space": "P1", "test": "v"}, "p": {"space": "P1", "test": "q"}}, "holds no rate of p"),
            ("dt(u)*v*dx + dot(grad(dt(u)), grad(v))*dx == v*dx", {"lump": "u"}, None, "highest rate beside the gradient of the test function"),
            ("dt(u)*v*dx + h*grad(u)[0]*v*dx == v*dx", {"lump": "u", "scheme": "rk4"}, None, "expected no such key")]:
        r = command("run", problem(file, equation, time, fields), *here)
        check.that(r.returncode == 2 and text in r.stderr and r.stderr.count("\n") == 1, f"{time}: {r.returncode}, {r.stderr}; expected {text}")
check.end()
