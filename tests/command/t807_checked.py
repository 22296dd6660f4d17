"""Claim: `check` refuses what `run` refuses before it computes, by the same one line, at the key that is at fault: options and methods of optimizers, words for PETSc, schemes that do not serve an
equation, files to go on from, results that have no meaning, two outputs of one name; what it lets pass runs, and it writes nothing."""
import os
import tempfile

from gkt import Checks, command

check = Checks()
FOLDER = tempfile.TemporaryDirectory()
PLATE = """mesh: {box: {cells: [3, 3], shape: quad}}
fields: {u: {space: P1, test: v}}
constants: {a: 0.7, q: 1.0}
coefficients: {k: {space: DP0, value: "1 + x[0]"}}
equation: "k*dot(grad(u),grad(v))*dx == q*v*dx"
conditions: [{on: left, value: 0}, {on: right, value: "a*x[1]"}]
compute: {J: "(u - 0.3)^2*dx", V: "k*dx"}
controls: {k: {bounds: [0.1, 5]}}
minimize: J
optimizer: {method: none}
"""
HEAT = """mesh: {box: {cells: [3], shape: line}}
fields: {u: {space: P1, test: v}}
constants: {a: 1.0}
equation: "dt(u)*v*dx + a*dot(grad(u), grad(v))*dx == v*dx"
conditions: [{on: left, field: u, value: 0}]
time: {end: 0.04, step: 0.02, scheme: euler}
compute: {m: "u*dx"}
"""
WAVE = """mesh: {box: {cells: [3], shape: line}}
fields: {u: {space: P1, test: v}}
equation: "dtt(u)*v*dx + dot(grad(u), grad(v))*dx == v*dx"
conditions: [{on: left, field: u, value: "sin(t)"}]
time: {end: 0.04, step: 0.02}
"""
FLOW = """mesh: {box: {cells: [2, 2]}}
fields: {u: {space: P2, shape: vector, test: v}, p: {space: P1, test: q}}
energy: "(0.5*inner(grad(u), grad(u))^2 - p*div(u) - u[0])*dx"
conditions: [{on: boundary, field: u, value: [0, 0]}]
"""
DRAWN = "sample={count: 2, file: s.h5, draw: {a: {uniform: [1, 2]}}}"


def both(text, sets, backend="interpreter"):
    path = os.path.join(FOLDER.name, "p.yaml")
    open(path, "w").write(text)
    args = [path, *[a for s in sets for a in ("--set", s)], "--quiet", "--out", "out", "--backend", backend]
    return [command(c, *args, cwd=FOLDER.name) for c in ("check", "run")]


# ---- refused by both, by one line, at the key ----
for text, sets, place, message in [
    (PLATE, ["optimizer.method=oc"], "optimizer.method: line 1, column 18: 'oc'", "serves one constraint, as a volume with an upper limit, but there are 0"),
    (PLATE, ["optimizer.method=oc", "subject_to=[{value: V, lower: 1, upper: 9}]"], "optimizer.method: line 1, column 18: 'oc'", "serves a constraint with one limit"),
    (PLATE, ["optimizer.method=lmvm"], "optimizer.method: line 1, column 18: 'lmvm'", "takes no bounds; blmvm is the same with bounds"),
    (PLATE, ["optimizer.method=blmvm", "subject_to=[{value: V, upper: 9}]"], "optimizer.method: line 1, column 18: 'blmvm'", "takes no constraints beside bounds"),
    (PLATE, ["optimizer.method=mma", "controls.k={}"], "controls: line 8, column 12: 'k'", "no bounds, which mma needs on both sides"),
    (PLATE, ["optimizer.method=mma", "optimizer.change=-1"], "optimizer.change: line 1, column 18: '-1'", "the change to stop at is -1; expected a number from 0"),
    (PLATE, ["optimizer={method: mma, tolerance: -1, change: -1}"], "optimizer.tolerance: line 1, column 36: '-1'", "the tolerance is -1; expected a number from 0, below 1"),
    (PLATE, ["optimizer.tolerance=-1"], "optimizer.tolerance: line 1, column 21: '-1'", "the tolerance is -1"),  # of no method as well
    (PLATE, ["optimizer={method: blmvm, options: garbage}"], "optimizer.options: line 1, column 36: 'garbage'", "a name like -pc_type was expected"),
    (PLATE, ["optimizer={method: mma, restart: none.h5}"], "optimizer.restart: line 1, column 34: 'none.h5'", "cannot open"),
    (PLATE, ["solver.options=-ksp_type cg gmres"], "solver.options: line 1, column 16: '-ksp_type cg gmres'", "'gmres': a name like -pc_type was expected"),
    (PLATE, ["optimizer={method: mma, checkpoint: a.h5}", "output.file=a.xdmf"], "output.file: line 1, column 13: 'a.xdmf'", "its numbers are to be in a.h5, which is optimizer.checkpoint"),
    (PLATE, ["output.picture={file: a.png, film: {file: a.png}}"], "output.picture.film.file: line 1", "a.png is output.picture.file as well; expected two names"),
    (HEAT, ["time.scheme=rk4", "equation=(1 + u^2)*dt(u)*v*dx + dot(grad(u), grad(v))*dx == v*dx"], "time.scheme: line 1, column 13: 'rk4'", "the masses depend on the state"),
    (HEAT, ["time.scheme=central-difference"], "time.scheme: line 1", "'u' has no dtt in the equation"),
    (HEAT, ["time.adaptive={rtol: 1e-3, atol: -1}"], "time.adaptive.atol: line 1, column 34", "expected a number from 0"),
    (HEAT, ["time.restart=none.h5"], "time.restart: line 1, column 14: 'none.h5'", "cannot open"),
    (HEAT, ["time.scheme=arc-length", "equation=dot(grad(u), grad(v))*dx + u^3*v*dx == t*v*dx", "solver.nonlinear.load_steps=3"], "solver.nonlinear.load_steps: line 1", "a path, which has steps of its own"),
    (HEAT, ["minimize={running: dt(m)}", "controls={a: {}}"], "minimize.running: line 1, column 20: 'dt'", "the rate of a number that is made from results"),
    (HEAT, ["compute.r=2*dtt(m)"], "compute.r: line 1, column 13: 'dtt'", "the rate of a number"),
    (HEAT, ["time.checkpoint=a.h5", "output.file=a.xdmf"], "output.file: line 1, column 13: 'a.xdmf'", "its numbers are to be in a.h5, which is time.checkpoint"),
    (HEAT, ["output={picture: {file: a.png}, graph: {file: a.png, values: [m]}}"], "output.graph.file: line 1", "a.png is output.picture.file as well"),
    (WAVE, ["time.scheme=newmark(0.2, 0.5)"], "time.scheme: line 1, column 13: 'newmark(0.2, 0.5)'", "u'' would grow from step to step"),
    (FLOW, ["solver.nonlinear.accept=energy"], "solver.nonlinear.accept: line 1, column 25: 'energy'", "p is a multiplier"),
]:
    checked, ran = both(text, sets)
    check.that(checked.returncode == 2 and ran.returncode == 2 and checked.stderr == ran.stderr and checked.stderr.count("\n") == 1, f"{sets}: check {checked}\nrun {ran}")
    check.that(place in checked.stderr and message in checked.stderr, f"{sets}: expected '{place}' and '{message}':\n{checked.stderr}")
check.that(os.listdir(FOLDER.name) == ["p.yaml"], f"{os.listdir(FOLDER.name)}")

# ---- what is there already: data sets, checkpoints ----
checked, ran = both(HEAT, [DRAWN])
check.that(checked.returncode == 0 and ran.returncode == 0, f"{checked} {ran}")
data = os.path.join(FOLDER.name, "out", "s.h5")
before = open(data, "rb").read()
for sets, backend, message in [([DRAWN, "constants.a=2"], "interpreter", "is of another problem"), ([DRAWN, "mesh.box.cells=[4]"], "interpreter", "is of another mesh"),
                               ([DRAWN, "sample.count=1"], "interpreter", "has room for 2 samples already"),
                               ([DRAWN, "sample.count=3"], "cpu", "was begun with the backend interpreter, this is cpu, whose last bits may differ; expected --backend interpreter, or another file")]:
    path = os.path.join(FOLDER.name, "p.yaml")
    args = [path, *[a for s in sets for a in ("--set", s)], "--quiet", "--backend", backend, "--out", "out"]
    checked, ran = [command(c, *args, cwd=FOLDER.name) for c in ("check", "run")]
    check.that(checked.returncode == 2 and ran.returncode == 2 and checked.stderr == ran.stderr and message in checked.stderr and checked.stderr.count("\n") == 1, f"{sets}, {backend}: {checked}\n{ran}")
check.that(open(data, "rb").read() == before, "a data set that was refused was written to")
checked, ran = both(HEAT, ["time.checkpoint=c.h5"])
checked, ran = [command(c, os.path.join(FOLDER.name, "p.yaml"), "--quiet", "--out", "out", "--set", "time.checkpoint=c.h5", "--set", "time.restart=c.h5", "--set", "time.end=0.02", cwd=FOLDER.name) for c in ("check", "run")]
check.that(checked.returncode == 2 and checked.stderr == ran.stderr and "is at t = 0.04, and time.end is 0.02; expected a later end" in checked.stderr, f"{checked}\n{ran}")

# ---- what passes runs ----
for text, sets in [(PLATE, ["optimizer={method: mma, iterations: 2}"]), (PLATE, ["optimizer={method: oc, iterations: 1}", "minimize='-J'", "subject_to=[{value: V, upper: 9}]"]), (HEAT, ["time.restart=c.h5", "time.checkpoint=c.h5", "time.end=0.06"]),
                   (WAVE, ["time.scheme=newmark(0.25, 0.5)"])]:
    checked, ran = both(text, sets)
    check.that(checked.returncode == 0 and ran.returncode in (0, 1), f"{sets}: {checked}\n{ran}")
check.end()
