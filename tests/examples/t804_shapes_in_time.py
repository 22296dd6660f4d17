"""Claim: shapes are controls of runs in time. examples/shape/wall.yaml finds the thickness of a wall with order 2 in the cells; gradients by shapes pass Taylor tests with slope 2 for end and running
objectives, with other controls beside, initial values and conditions that hold x, limits, little memory, explicit steps and paths of loads; a run that was cut short goes on to the same designs; the
mesh of the end gives the same numbers again; what is not available is refused in one line with status 2."""
import os
import subprocess
import tempfile

from gkt import BIN, ROOT, Checks, order, run

check = Checks()
WALL = "examples/shape/wall.yaml"
SMALL = ("--backend", "interpreter", "--threads", "1")


def sets(*texts):
    return [a for t in texts for a in ("--set", t)]


def cells(n):
    return f"mesh.box.cells=[{4 * n}, {n}]"


# ---- what is known
with tempfile.TemporaryDirectory() as out:
    errors = []
    for n in (3, 6):
        r = run(WALL, *SMALL, "--out", out, *sets(cells(n), f"time.step={0.2 / n}", "output={mesh: wall.msh}"))
        check.that(r["optimization"]["converged"] and r["optimization"]["iterations"] < 30, f"wall: {r['optimization']['ended_by']}")
        errors.append(r["functionals"]["error"])
    check.that(errors[1] < 1e-3 and order(*errors) > 1.8, f"wall: {errors}")
    again = run(WALL, *SMALL, "--out", out, *sets(f"mesh={{file: {os.path.join(out, 'wall.msh')}}}", "output={}", "optimizer={method: none}", "time.step=0.05"))
    check.that(abs(again["functionals"]["misfit"] / r["functionals"]["misfit"] - 1) < 1e-6, f"wall read back: {again['functionals']}, {r['functionals']}")

# ---- Taylor remainders
FEW = [cells(2), "solver.rtol=1e-12", "output={}", "time={end: 0.3, step: 0.1}", "verify=taylor", "optimizer={method: none}", "constants={k: 0.7, a: 0.3}", "coefficients={rho: {space: DP0, value: '1 + x[0]*x[1]'}}", "compute={cold: 'dot(grad(T), grad(T))*dx', area: '1*dx'}"]
HEAT = ["equation=rho*dt(T)*v*dx + k*(1 + x[1])*dot(grad(T), grad(v))*dx == t*x[0]*v*ds(left) + a*v*dx", "initial={T: 'a*x[0]^2 + k*x[1]'}", "conditions=[{on: bottom, value: 'a*(1 + t)*x[0]^2'}]"]
WAVE = ["equation=rho*dtt(T)*v*dx + k*dot(grad(T), grad(v))*dx == t*x[0]*v*dx", "initial={T: 'a*x[0]^2', dt(T): 'x[1]*k'}", "conditions=[{on: top, value: 'x[0]*sin(t)'}]"]
LOADS = ["equation=(1 + T^2)*rho*dot(grad(T), grad(v))*dx == t*x[0]*v*ds(left)", "initial={}", "conditions=[{on: bottom, value: 't*x[0]'}]", "time.scheme=static"]
ALL = "controls={shape: {move: [right, top]}, k: {}, a: {}, rho: {}}"
for given in (
    [*HEAT, ALL, "minimize={running: cold, end: 'T^2*ds(right)'}"],
    [*HEAT, ALL, "minimize={running: '(T - x[0]*t)^2*ds(right)'}", "time.scheme=crank-nicolson", "filter={shape: {radius: 0.4}}"],
    [*HEAT, ALL, "minimize={end: 'T^8*dx'}", "time.scheme=ssp3", "time.step=0.003", "time.end=0.012"],
    [*WAVE, ALL, "minimize={running: cold, end: 'dt(T)^2*dx'}"],
    [*WAVE, ALL, "minimize={running: 'T^2*dx'}", "time.scheme=central-difference", "time.step=0.03"],
    [*LOADS, "controls={shape: {move: right}, rho: {}}", "minimize={running: cold, end: 'T^2*ds(right)'}"],
    [*HEAT, "controls={shape: {move: right, bounds: [-0.2, 0.2]}}", "minimize={running: cold}", "subject_to=[{value: area, lower: 0.62}, {value: {running: 'T*ds(right)'}, upper: 1}]", "optimizer={method: gcmma, iterations: 3}"],
    [*HEAT, "controls={shape: {move: right, bounds: [-0.2, 0.2]}}", "minimize={running: cold}", "time.step=0.01", "optimizer={method: blmvm, iterations: 2, memory: 20000}"],
):
    r = run(WALL, *SMALL, *sets(*FEW, *given))
    for name, g in r["gradients"].items():
        check.that(g["taylor"]["passed"] and abs(g["taylor"]["slope"] - 2) < 0.05, f"{given}: {name} {g}")
check.that(r["optimization"]["counts"]["repeated"] > 0, f"little memory: {r['optimization']['counts']}")

# ---- cut short and gone on with
with tempfile.TemporaryDirectory() as out:
    args = ("--out", out, *sets(cells(2), "time.step=0.1", "output={}", "optimizer={method: mma, move: 0.02, checkpoint: a.h5}"))
    whole = run(WALL, *SMALL, *args, *sets("optimizer.iterations=6"))["optimization"]["history"]
    run(WALL, *SMALL, *args, *sets("optimizer.iterations=3"))
    rest = run(WALL, *SMALL, *args, *sets("optimizer.iterations=6", "optimizer.restart=a.h5"))["optimization"]["history"]
    check.that([h["objective"] for h in rest] == [h["objective"] for h in whole], f"wall: {rest}, {whole}")

# ---- refused
for words, given in (
    ("through histories", ["history={s: {points: 1, update: s + T}}", "equation=dt(T)*v*dx + s*v*dx == v*dx"]),
    ("the coefficient 'g' is filled anew as t moves", ["coefficients={g: {space: P1, value: 't*x[1]'}}", "equation=dt(T)*v*dx == g*v*dx"]),
    ("h or a gradient stands in initial values", ["initial={T: 'h*x[0]'}"]),
    ("a field is tied", ["periodic=[{from: bottom, to: top}]"]),
    ("second derivatives", ["optimizer.method=bnls"]),
    ("displacements have both signs", ["optimizer.method=oc"]),
    ("runs by arc-length", ["equation=dot(grad(T), grad(v))*dx == t*v*dx", "conditions=[{on: left, value: 0}]", "time.scheme=arc-length", "initial={}"]),
):
    r = subprocess.run([os.path.join(BIN, "galerkit"), "run", os.path.join(ROOT, WALL), "--quiet", *SMALL, *sets(cells(2), "output={}", *given)], capture_output=True, text=True, timeout=100)
    lines = [line for line in r.stderr.splitlines() if line and not line.startswith("warning")]
    check.that(r.returncode == 2 and len(lines) == 1 and words in r.stderr and lines[0].count(": line ") <= 1, f"{given}: status {r.returncode}, '{words}' in {r.stderr}")
check.end()
