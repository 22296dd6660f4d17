"""Claim: examples/control in time find what is known: heating within bounds against its optimum in closed form, with order 1 in the source's cells and the conditions of optimality in
each; the temperature of a side, at all times or as it changes, and a flux over time, that made what is seen, to what the optimizer leaves; stiffness and toughness of what softens; the start of a wave from its edge against the closed form, with order 2; each in a few iterations."""
import glob
import os
import tempfile

from gkt import ROOT, Checks, command, order, read_vtu, run

check = Checks()
SMALL = ("--backend", "interpreter", "--set", "output={}")


def go(name, n, *more):
    r = run(f"examples/control/{name}.yaml", *SMALL, "--set", f"mesh.box.cells=[{n}, {n}]", *more)
    check.that(r["optimization"]["converged"] and r["optimization"]["iterations"] <= 40, f"{name}: {r['optimization']['iterations']} iterations, {r['optimization']['ended_by']}")
    n = r["optimization"]["counts"]
    if name == "heat-source":  # no control changes its matrix
        check.that(n["setups"] == 1 and n["assemblies"] == 1 and n["solves"] > 10 and n["adjoint_setups"] == 0, f"{name}: {n}")
    return r["functionals"]["error"]


# heating: errors in the L2 norm, of a source whose own is 0.7
errors = [go("heat-source", n) for n in (6, 12)]
check.that(errors[1] < 0.05 and order(*errors) > 0.9, f"heat-source: {errors}")
with tempfile.TemporaryDirectory() as folder:
    r = command("run", os.path.join(ROOT, "examples/control/heat-source.yaml"), "--quiet", "--backend", "interpreter", "--out", folder, "--set", "mesh.box.cells=[6, 6]", "--set", "output={file: a.vtu, fields: [q, gradient_q]}")
    assert r.returncode == 0, r.stderr
    end = read_vtu(sorted(glob.glob(os.path.join(folder, "*.vtu")))[-1])
    kinds = {"lower": 0, "upper": 0, "between": 0}
    for q, g in zip(end["CellData", "q"], end["CellData", "gradient_q"]):
        kind = "lower" if q < 0.3 + 1e-6 else "upper" if q > 1 - 1e-6 else "between"
        kinds[kind] += 1
        # alpha q + p, of the size of alpha; what the optimizer leaves is 1e-5 of that of the start
        check.that(0.3 - 1e-9 <= q <= 1 + 1e-9 and (g > -1e-7 if kind == "lower" else g < 1e-7 if kind == "upper" else abs(g) < 1e-7), f"q = {q}, gradient {g}")
    check.that(min(kinds.values()) > 5, f"{kinds}")
# a side: known values, of which some are at the bound
error = go("heat-boundary", 6)
check.that(error < 1e-5, f"heat-boundary: {error}")
r = run("examples/control/heat-side.yaml", *SMALL, "--set", "mesh.box.cells=[6, 6]")
check.that(r["optimization"]["converged"] and max(r["series"]["off"]) < 1e-8, f"heat-side: {r['optimization']['ended_by']}, {r['series']['off']}")
# a flux over time: q is 2 at most
r = run("examples/control/heat-flux.yaml", *SMALL, "--set", "mesh.box.cells=[6, 6]")
check.that(r["optimization"]["converged"] and max(r["series"]["off"]) < 1e-5, f"heat-flux: {r['optimization']['ended_by']}, {r['series']['off']}")
# elastic and plastic constants from a path of displacements
r = run("examples/control/plastic-path.yaml", *SMALL, "--set", "mesh.box.cells=[4]", "--set", "time.step=0.1")
found = r["optimization"]["controls"]
check.that(r["optimization"]["converged"] and all(abs(v - 1) < 1e-4 for v in found.values()), f"plastic-path: {r['optimization']['ended_by']}, {r['functionals']}, {found}")
# stiffness and toughness where damage rests, and what is found where it lags
for more, near in (((), True), (("--set", "time={end: 1, step: 0.1, scheme: static}"), False)):
    r = run("examples/control/toughness.yaml", *SMALL, "--set", "mesh.box.cells=[2]", *more, "--set", "time.step=0.2")
    found = r["optimization"]["controls"]
    check.that(r["optimization"]["converged"] and all((abs(v - 1) < 1e-4) == near for v in found.values()), f"toughness: {r['optimization']['ended_by']}, {found}")
# a wave
errors = [go("wave", n) for n in (6, 12)]
check.that(errors[1] < 0.01 and order(*errors) > 1.9, f"wave: {errors}")
check.end()
