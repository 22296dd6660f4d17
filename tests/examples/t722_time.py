"""Claim: the examples of examples/time give what theory says, at the sizes that stand in them: orders in time, energies that are kept or only fall, exact solutions of waves and
vortices; series hold the start, every output and the end; files of a series are there and listed; runs on the interpreter give the same; bad input is refused by one message."""
import glob
import math
import os
import tempfile
import xml.etree.ElementTree as xml

from gkt import Checks, command, order, run, ROOT

check = Checks()
SQUARE = "mesh={box: {cells: [16, 16], lower: [-1, -1], upper: [1, 1]}}"


def end_error(name, *sets, field="u"):
    args = [a for s in sets for a in ("--set", s)]
    return run(f"examples/time/{name}.yaml", *args)["errors"][field]["L2"]


# ---- orders in time: the mesh of the example is fine enough not to be seen
for name, scheme, steps, expected in [("heat", "euler", (0.1, 0.05), 1), ("heat", "crank-nicolson", (0.1, 0.05), 2), ("heat", "bdf2", (0.05, 0.025), 2),
                                      ("wave", "newmark", (0.02, 0.01), 2), ("wave", "generalized-alpha(0.8)", (0.02, 0.01), 2)]:
    errors = [end_error(name, f"time.scheme={scheme}", f"time.step={s}", "mesh.box.cells=[8,8]", "time.output_every=1000", "fields.u.space=P3") for s in steps]
    got = order(*errors)
    check.that(got > expected - 0.1, f"{name}, {scheme}: order {got:.2f} in time, expected {expected}")

# ---- heat: the series, and what is kept
with tempfile.TemporaryDirectory() as out:
    r = run("examples/time/heat.yaml", "--out", out, "--set", "mesh.box.cells=[8,8]")
    s = r["series"]
    check.that(s["time"] == [0, 0.25, 0.5, 0.75, 1] or max(abs(a - b) for a, b in zip(s["time"], [0, 0.25, 0.5, 0.75, 1])) < 1e-12, f"heat: times {s['time']}")
    check.that(len(s["heat"]) == len(s["middle"]) == 5 and s["middle"][0] == 1 and s["middle"][-1] == r["probes"]["middle"], f"heat: series {s}")
    check.that(all(a > b > 0 for a, b in zip(s["heat"], s["heat"][1:])), f"heat: {s['heat']} falls")
    check.that(r["counts"]["steps"] == 20 and r["counts"]["setups"] == 1 and r["counts"]["rejected"] == 0, f"heat: counts {r['counts']}")
    files = sorted(os.path.basename(f) for f in glob.glob(f"{out}/*"))
    check.that(files == ["heat.png", "heat.pvd"] + [f"heat_{i:04d}.vtu" for i in range(5)], f"heat: files {files}")
    listed = [(float(e.get("timestep")), e.get("file")) for e in xml.parse(f"{out}/heat.pvd").iter("DataSet")]
    check.that([f for _, f in listed] == files[2:] and [t for t, _ in listed] == s["time"], f"heat: listed {listed}")

# ---- the drum: the trapezoidal rule keeps the energy of a linear system to what the solver leaves
r = run("examples/time/wave.yaml", "--set", "mesh.box.cells=[8,8]")
energy = r["series"]["energy"]
check.that(max(abs(e / energy[0] - 1) for e in energy) < 1e-10, f"wave: energies {energy}")
check.that(abs(r["series"]["middle"][-1] - math.cos(2 * math.sqrt(2) * math.pi)) < 0.02, f"wave: {r['series']['middle']}")

explicit = run("examples/time/wave.yaml", "--set", "mesh.box.cells=[16,16]", "--set", "fields.u.space=P1", "--set", "time.scheme=central-difference")
check.that(explicit["counts"]["setups"] == 0 and explicit["errors"]["u"]["L2"] < 0.03, f"wave: {explicit['errors']} by central differences")

# ---- vortices: mass is kept, errors are those of the exact solution
r = run("examples/time/taylor-green.yaml", "--set", "mesh.box.cells=[8,8]")
check.that(r["errors"]["u"]["L2"] < 2e-3 and abs(r["functionals"]["outflow"]) < 1e-10, f"taylor-green: {r['errors']}, {r['functionals']}")
decay = r["series"]["energy"][-1] / r["series"]["energy"][0]
check.that(abs(decay - math.exp(-4 * math.pi**2 * 0.05 * 0.5)) < 2e-3, f"taylor-green: decay {decay}")

# ---- phases: the energy only falls
r = run("examples/time/allen-cahn.yaml", "--set", SQUARE, "--set", "output={}")
energy = r["series"]["energy"]
check.that(all(b <= a * (1 + 1e-9) for a, b in zip(energy, energy[1:])) and energy[-1] < 0.5 * energy[0], f"allen-cahn: energies {energy}")

# ---- the bar: d'Alembert. L = 2, c = 2: the end is at 2 pull L/E = 0.5 at t = 2 and back at 0 at t = 4
r = run("examples/time/struck-bar.yaml", "--set", "mesh.box.cells=[200]", "--set", "time.step=0.01", "--set", "time.output_every=10")
end = dict(zip((round(t, 6) for t in r["series"]["time"]), r["series"]["end"]))
for t, value in [(0, 0), (1, 0.25), (2, 0.5), (3, 0.25), (4, 0)]:
    check.that(abs(end[t] - value) < 0.01, f"bar: {end[t]} at {t}, expected {value}")

# ---- a path of loads: the energy of the twist grows, no cell is turned inside out, and a long step is cut
r = run("examples/time/twisted-bar.yaml", "--set", "mesh.box.cells=[2,2,6]", "--set", "time.step=0.25")
strain = r["series"]["strain"]
check.that(r["status"] == "ok" and len(strain) == 5 and abs(strain[0]) < 1e-12 and all(a < b for a, b in zip(strain, strain[1:])), f"bar: strain energies {strain}")
check.that(min(r["series"]["least"]) > 0.3, f"bar: least det F {r['series']['least']}")

# ---- the interpreter
for name in ("heat", "allen-cahn"):
    small = ["--set", "mesh={box: {cells: [4, 4]}}", "--set", "time.output_every=100"]
    a, b = (run(f"examples/time/{name}.yaml", *small, *more)["functionals"] for more in ([], ["--backend", "interpreter"]))
    check.that(all(abs(a[k] - b[k]) <= 1e-9 * abs(a[k]) for k in a), f"{name}: {a}, interpreter {b}")

# ---- bad input
for sets, message in [(["time.scheme=bdf3"], "time.scheme: line 1, column 13: 'bdf3': no such scheme; did you mean 'bdf2'?"),
                      (["time.end=0"], "not after the start, 0; expected a later time"),
                      (["time.step=3"], "longer than from start to end, which is 1; expected a shorter step"),
                      (["time.output_every=0"], "expected every n-th step, n from 1"),
                      (["equation=k*dot(grad(u), grad(v))*dx - v*dx"], "no rate in it, and the file has the key `time`"),
                      (["equation=dtt(u)*v*dx + k*dot(grad(u), grad(v))*dx"], "not for equations with dtt, which this one holds; expected newmark or generalized-alpha"),
                      (['initial={"dt(w)": 0}'], "not a field"),
                      (["initial.u=u"], "contains an unknown"),
                      (["time.scheme=rk4", "fields.u.space=P1"], "is not stable with rk4: the largest eigenvalue of the equation at the start is"),
                      (["time.scheme=static"], "not for equations with dt, which this one holds; expected a scheme for rates, such as bdf2"),
                      (["time.scheme=rk4"], "the masses of P2 on a triangle cannot be lumped at its nodes"),
                      (["time.scheme=ssp3", "fields.u.space=P1", "equation=(1+u^2)*dt(u)*v*dx"], "the masses depend on the state or on t")]:
    r = command("run", os.path.join(ROOT, "examples/time/heat.yaml"), *[a for s in sets for a in ("--set", s)])
    check.that(r.returncode == 2 and message in r.stderr and r.stderr.count("\n") == 1, f"{sets}: status {r.returncode}, {r.stderr}")
check.end()
