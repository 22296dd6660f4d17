"""Claim: a trial design at which nothing is found leaves no trace in the solves that follow; an objective or a constraint that is not a number at a state that exists ends a run by one
clear message, or shortens the step; norms of gradients, results and the objective of the report belong to the design that was reached; a restart may have another title and
`verify`, and goes on counting; derivatives that are not finite, kinks and what cannot be verified are told of; gauss-newton finds conductivities in as few iterations on each mesh."""
import json
import math
import os
import tempfile

from gkt import ROOT, Checks, command, run

check = Checks()
FOLDER = tempfile.TemporaryDirectory()

BRATU = """
mesh: {box: {cells: [6, 6], shape: quad}}
fields: {u: {space: P1, test: v}}
constants: {lam: 1.0}
equation: "dot(grad(u), grad(v))*dx - lam*exp(u)*v*dx == 0"
conditions: [{on: boundary, field: u, value: 0}]
solver: {rtol: 1e-12, nonlinear: {rtol: 1e-12}}
compute: {misfit: "10*(u - 0.5)^2*dx"}
controls: {lam: {bounds: [0, 30]}}
minimize: misfit
optimizer: {method: blmvm, iterations: 30, tolerance: 1e-8}
"""
LOG = """
mesh: {box: {cells: [4, 4], shape: quad}}
fields: {u: {space: P1, test: v}}
constants: {q: 100.0}
equation: "dot(grad(u), grad(v))*dx == q*v*dx"
conditions: [{on: boundary, field: u, value: 0}]
compute: {mean: "u*dx", cost: "10*mean - ln(mean) + 0*q"}
controls: {q: {bounds: [-1000, 1000]}}
minimize: cost
optimizer: {method: mma, iterations: 30}
"""


def write(name, text):
    path = os.path.join(FOLDER.name, name)
    open(path, "w").write(text)
    return path


def sets(*texts):
    return ["--backend", "interpreter"] + [a for t in texts for a in ("--set", t)]


def same(a, b, within=1e-12):
    return abs(a - b) <= within * abs(b)


# ---- past a fold there is no state: steps that lead there are cut, and what Newton's method left there is no first guess
bratu, log = write("bratu.yaml", BRATU), write("log.yaml", LOG)
r = run(bratu, *sets())
o = r["optimization"]
check.that(o["converged"] and o["objective"] < 0.5 * o["history"][0]["objective"], f"fold: {o['objective']}, {o['ended_by']}")
check.that(o["counts"]["evaluations"] > len(o["history"]), f"fold: no trial was cut, {o['counts']}")
check.that(o["objective"] == r["functionals"]["misfit"], f"fold: {o['objective']} is not {r['functionals']}")

# ---- norms are of the design that was reached, where a search ended elsewhere
r = run(bratu, *sets("constants.lam=5", "optimizer.options=-tao_ls_max_funcs 2"), status=1)
check.that("no step lessens" in r["optimization"]["ended_by"], f"norms: {r['optimization']['ended_by']}")
check.that(same(r["gradients"]["lam"]["norm"], r["optimization"]["gradient_norm"]), f"norms: {r['gradients']}, {r['optimization']['gradient_norm']}")

# ---- not a number at a state that exists
r = run(log, *sets("optimizer.method=mma"))
check.that(abs(r["functionals"]["cost"] - 1 - math.log(10)) < 1e-3 and r["optimization"]["counts"]["evaluations"] > len(r["optimization"]["history"]), f"mma: {r['functionals']}, {r['optimization']['counts']}")
for method in ("gcmma", "blmvm", "lmvm"):
    r = run(log, *sets(f"optimizer.method={method}", *(["controls={q: {}}"] if method == "lmvm" else [])))
    check.that(r["optimization"]["converged"] and abs(r["functionals"]["mean"] - 0.1) < 1e-5, f"{method}: {r['functionals']}, {r['optimization']['ended_by']}")
NONE = ["optimizer={method: none}", "constants.q=-1"]
r = run(log, *sets(*NONE), status=1)
check.that(r["reason"] == "no gradient: the objective is nan" and r["optimization"] is None, f"none: {r['reason']}")
r = run(log, *sets(*NONE, "minimize=mean", "subject_to=[{value: cost, upper: 1}]"), status=1)
check.that(r["reason"] == "no gradient: the constraint 'cost' is nan", f"none: {r['reason']}")

# ---- a derivative that is not finite where the value is: no valid gradient, named; the end of an optimizer that begins there
ROOTED = 'compute.cost="sqrt(mean)"'
r = run(log, *sets(ROOTED, "constants.q=0", "optimizer={method: none}", "verify=taylor"), status=1)
check.that(r["reason"] == "no gradient: the derivative of the functional by 'mean' is not finite at the solution" and r["optimization"]["objective"] == 0, f"root: {r['reason']}")
for method in ("mma", "gcmma", "blmvm"):
    r = run(log, *sets(ROOTED, "constants.q=0", f"optimizer.method={method}"), status=1)
    check.that(r["reason"].startswith("optimizer: ") and r["reason"].endswith("iteration 0: no gradient: the derivative of the functional by 'mean' is not finite at the solution"), f"root: {r['reason']}")
r = run(log, *sets('compute.cost="10*mean - sqrt(mean)"', "constants.q=1", "optimizer.method=blmvm"))
check.that(r["optimization"]["converged"] and abs(r["functionals"]["mean"] - 1 / 400) < 1e-6, f"root: {r['functionals']}")

# ---- kinks of numbers made of numbers are told of
for text, word in (("abs(mean - 1)", "abs"), ("max(mean, 0.1*q)", "max"), ("mean + min(q, 3)", "min")):
    r = command("run", log, "--out", FOLDER.name, *sets(f'compute.cost="{text}"', "optimizer={method: none}"))
    warnings = [line for line in r.stderr.splitlines() if line.startswith("warning")]
    check.that(r.returncode == 0 and len(warnings) == 1 and f"holds {word} of what the controls move" in warnings[0] and "'mean'" in warnings[0], f"kinks, {text}: {r.stderr}")
r = command("run", log, "--out", FOLDER.name, *sets('compute.cost="mean*abs(2 - 5)"', "optimizer={method: none}"))
check.that(r.returncode == 0 and "kinks" not in r.stderr, f"kinks of numbers: {r.stderr}")

# ---- numbers made of numbers hold the controls of now
r = run(log, *sets("optimizer={method: blmvm}", "constants.q=1", 'compute.cost="10*mean - ln(mean) + 0.1*q"'))
check.that(same(r["optimization"]["objective"], r["functionals"]["cost"]), f"derived: {r['optimization']['objective']}, {r['functionals']}")
mean = r["functionals"]["mean"]
check.that(math.isclose(r["functionals"]["cost"], 10 * mean - math.log(mean) + 0.1 * mean * (1 / run(log, *sets("optimizer={method: none}", "constants.q=1"))["functionals"]["mean"]), rel_tol=1e-9),
           f"derived: {r['functionals']} of another q")

# ---- what a restart may change
with tempfile.TemporaryDirectory() as out:
    args = ["run", bratu, "--out", out, "--report", f"{out}/r.json", *sets("optimizer.checkpoint=a.h5", "optimizer.iterations=1")]
    r = command(*args)
    check.that(r.returncode == 0, f"checkpoint: {r.stderr}")
    r = command(*args, "--set", "optimizer.restart=a.h5", "--set", "optimizer.iterations=2", "--set", "title=again", "--set", "verify=taylor")
    check.that(r.returncode == 0 and "goes on from iteration" in r.stderr, f"restart with title and verify: {r.returncode} {r.stderr}")
    # ---- what it goes on counting: the design that it goes on from is solved again, seconds are those of both runs
    path = os.path.join(ROOT, "examples/topology/mbb.yaml")
    args = ["--set", "mesh.box.cells=[12, 4]", "--set", "output={}", "--set", "filter={}", "--set", "optimizer={method: mma, checkpoint: b.h5}"]
    reports = []
    for more in (["optimizer.iterations=8"], ["optimizer.iterations=4"], ["optimizer.iterations=8", "optimizer.restart=b.h5"]):
        r = command("run", path, "--quiet", "--out", out, "--report", f"{out}/r.json", *args, *sets(*more))
        check.that(r.returncode == 0, f"restart, {more}: {r.stderr}")
        reports.append(json.load(open(f"{out}/r.json"))["optimization"])
    whole, half, rest = (r["counts"] for r in reports)
    for key in ("evaluations", "gradients", "solves", "assemblies", "adjoint_solves"):
        check.that(rest[key] == whole[key] + 1 and half[key] == 5, f"counts of a restart: {key} {rest[key]} after {half[key]}, {whole[key]} without a break")
    seconds = [h["seconds"] for h in reports[2]["history"]]
    check.that(seconds == sorted(seconds) and seconds[4] >= reports[1]["history"][-1]["seconds"], f"seconds of a restart: {seconds}")

# ---- verify: a change that has no value accuses no gradient; changes go into the bounds, each value by its size
EDGE = ["optimizer={method: none}", "constants.q=1", "verify=taylor", 'compute.cost="mean*conditional(q < 1, sqrt(q - 2), 1)"']
r = run(log, *sets(*EDGE, "controls={q: {}}"), status=1)
check.that(r["reason"].startswith("verify: the gradient by q could not be verified: ") and "is not finite" in r["reason"], f"verify: {r['reason']}")
r = run(log, *sets(*EDGE, "controls={q: {bounds: [1, 2]}}"))
check.that(r["gradients"]["q"]["taylor"]["passed"], f"verify into the bounds: {r['gradients']}")
STIFF = """
mesh: {box: {cells: [4, 4], shape: quad}}
regions: {soft: {cells: "x[0] < 0.5"}}
fields: {u: {space: P1, test: v}}
coefficients: {E: {space: DP0, regions: {soft: 1e-6}, default: 1e6}}
equation: "E*dot(grad(u), grad(v))*dx == v*dx"
conditions: [{on: boundary, value: 0}]
minimize: "u*dx"
controls: {E: {}}
optimizer: {method: none}
verify: taylor
"""
r = run(write("stiff.yaml", STIFF), *sets())
check.that(r["gradients"]["E"]["taylor"]["passed"], f"verify of values far apart: {r['gradients']}")

# ---- verify beside a filter that makes of the gradient what is none: the gradient itself is compared, and both norms are told
BEAM = ["mesh.box.cells=[6, 2]", "output={}", "optimizer={method: none}", "verify=taylor"]
plain = run("examples/topology/mbb.yaml", *sets(*BEAM, "filter={}"))["gradients"]["rho"]
for kind in ("sensitivity", "gradient", "density"):
    args = [os.path.join(ROOT, "examples/topology/mbb.yaml"), "--out", FOLDER.name, *sets(*BEAM, f"filter={{rho: {{kind: {kind}, radius: 24}}}}")]
    r = command("run", *args, "--report", f"{FOLDER.name}/v.json")
    g = json.load(open(f"{FOLDER.name}/v.json"))["gradients"]["rho"]
    replaced = kind != "density"
    check.that(r.returncode == 0 and g["taylor"]["passed"] and (not same(g["norm"], g["taylor"]["norm"])) == replaced, f"verify, {kind}: {g} {r.stderr}")
    check.that(same(g["taylor"]["norm"], plain["norm"] if replaced else g["norm"], 1e-9), f"verify, {kind}: {g}, {plain}")
    told = f"norm {g['norm']:.6e} as its filter replaces it, which is not verified; the gradient itself: norm {g['taylor']['norm']:.6e}; Taylor"
    check.that((told in r.stdout) == replaced and ("not verified" in r.stdout) == replaced, f"verify, {kind}: {r.stdout}")

# ---- least squares: as few iterations on each mesh, and the minimum that the Hessian leads to
SENSORS = """
mesh: {box: {cells: [8, 8], shape: tri}}
regions: {sensors: {at: [[0.2, 0.2], [0.2, 0.5], [0.2, 0.8], [0.5, 0.2], [0.5, 0.5], [0.5, 0.8], [0.8, 0.2], [0.8, 0.5], [0.8, 0.8]]}}
fields: {T: {space: P1, test: v}}
constants: {alpha: 1e-5}
coefficients: {k: {space: P1, value: "1"}, reading: "0.04*sin(pi*x[0])*sin(pi*x[1])*(1 + 0.4*x[0])"}
equation: "k*dot(grad(T), grad(v))*dx == v*dx"
conditions: [{on: boundary, value: 0}]
compute: {misfit: "0.5*(T - reading)^2*dP(sensors)", rough: "0.5*dot(grad(k), grad(k))*dx", cost: "misfit + alpha*rough"}
controls: {k: {bounds: [0.05, 20]}}
minimize: cost
optimizer: {method: gauss-newton}
"""
sensors = write("sensors.yaml", SENSORS)
newton = run(sensors, *sets("optimizer.method=bnls"))["optimization"]
found = [run(sensors, *sets(f"mesh.box.cells=[{n},{n}]"))["optimization"] for n in (8, 16)]
check.that(all(o["converged"] and o["method"] == "gauss-newton" and o["iterations"] <= 10 for o in found), f"gauss-newton: {[(o['iterations'], o['ended_by']) for o in found]}")
check.that(same(found[0]["objective"], newton["objective"], 1e-6), f"gauss-newton: {found[0]['objective']}, bnls {newton['objective']}")
r = command("run", sensors, *sets("filter={k: {kind: density, radius: 0.3, project: {beta: 2}}}"))
check.that(r.returncode == 0, f"gauss-newton with a projection: {r.stderr}")
check.end()
