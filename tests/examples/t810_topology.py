"""Claim: the examples of examples/topology and examples/control give published designs: values at the start to 1e-6 or as printed, at the end within 0.05 % (moving asymptotes: 0.5 %), volumes as asked for;
each iteration assembles and sets up once, keeping the pattern's part, and its adjoint is solved by the same factor; a run that was killed goes on with the same bits; pictures and
films of iterations are there; `verify` passes a right gradient and fails a filtered one; bad input is refused by one message. GKT_LONG=1: finer meshes, the inverter."""
import glob
import json
import os
import signal
import subprocess
import tempfile
import time

from gkt import BIN, ROOT, Checks, command, run

check = Checks()
LONG = bool(os.environ.get("GKT_LONG"))
FOLDER = "examples/topology"


def sets(*texts):
    return [a for t in texts for a in ("--set", t)]


def near(got, wanted, part):
    return abs(got - wanted) <= part * abs(wanted)


def design(name, first, last, within, volume, *args, exact=1e-6):
    r = run(f"{FOLDER}/{name}.yaml", *sets("output={}", *args), timeout=3000)
    o = r["optimization"]
    start, end, n = o["history"][0]["objective"], o["objective"], len(o["history"])
    what = f"{name} {' '.join(args)}"
    check.that(first is None or near(start, first, exact), f"{what}: {start:.9g} at the start, published {first}")
    check.that(near(end, last, within), f"{what}: {end:.9g} at the end, published {last}")
    check.that(near(o["constraints"]["volume"], volume, 1e-4), f"{what}: volume {o['constraints']['volume']}, expected {volume}")
    c = o["counts"]
    check.that(c["solves"] == c["assemblies"] == c["setups"] == c["kept"] + 1 == n and c["adjoint_solves"] == n and c["adjoint_assemblies"] == c["adjoint_setups"] == 0,
               f"{what}: {n} iterates, counts {c}")
    return r


# ---- published designs
SENSITIVITY, DENSITY = "filter.rho.kind=sensitivity", "filter.rho.kind=density"
r = design("mbb", 1007.0221, 216.8137, 5e-4, 600)
check.that(near(r["functionals"]["compliance"], r["optimization"]["objective"], 1e-12) and r["optimization"]["converged"], f"mbb: {r['functionals']}")
design("heat-sink", None, 447.99, 1e-4, 640)
design("cantilever", None, 83.75, 5e-3, 0.5)
if LONG:
    design("mbb", 1007.0221, 233.7146, 5e-4, 600, DENSITY)
    design("mbb", 1033.0446, 219.5199, 5e-4, 600, SENSITIVITY, "mesh.box.cells=[150,50]")
    design("mbb", 1033.0446, 235.7337, 5e-4, 600, DENSITY, "mesh.box.cells=[150,50]")
    design("mbb", 1052.1190, 222.2857, 5e-4, 600, SENSITIVITY, "mesh.box.cells=[300,100]")
    design("inverter", None, -1.11319, 5e-4, 240)

# ---- a source by Newton's method with exact Hessian actions: as many iterations on each mesh, the error of piecewise constants against the closed form
for method, most in (("bnls", 3), ("bntr", 6)):
    rs = [run("examples/control/poisson.yaml", *sets("output={}", f"optimizer.method={method}", f"mesh.box.cells=[{n},{n}]")) for n in (8, 16, 32)]
    errors, n = [r["functionals"]["error"] for r in rs], [r["optimization"]["iterations"] for r in rs]
    check.that(max(n) - min(n) <= 1 and max(n) <= most and all(r["optimization"]["converged"] for r in rs), f"control by {method}: {n} iterations on three meshes")
    check.that(all(a / b > 1.9 for a, b in zip(errors, errors[1:])), f"control by {method}: errors {errors}")
check.that(rs[0]["optimization"]["counts"]["actions"] > 0 and rs[0]["optimization"]["counts"]["adjoint_assemblies"] == 0, f"control: counts {rs[0]['optimization']['counts']}")

# ---- a filter with projection: nearly black and white, the same on one and four threads
SMALL = ["mesh.box.cells=[30,10]", "output={}"]
steep = ["filter.rho.kind=helmholtz", "filter.rho.radius=4", "filter.rho.project={beta: [1, 4, 16], every: 8}", "optimizer.method=mma", "optimizer.iterations=30"]
one, four = (run(f"{FOLDER}/mbb.yaml", "--threads", t, *sets(*SMALL, *steep, 'compute.grey="4*rho*(1 - rho)/1200*dx"')) for t in (1, 4))
check.that(one["optimization"]["ended_by"].startswith("its iterations are used up"), f"projection: {one['optimization']['ended_by']}")
check.that(one["optimization"]["iterations"] == 30 and one["functionals"]["grey"] < 0.2, f"projection: {one['optimization']['iterations']} iterations, {one['functionals']}")
check.that([h["objective"] for h in one["optimization"]["history"]] == [h["objective"] for h in four["optimization"]["history"]], "projection: 1 and 4 threads differ")

# ---- gradients: Taylor's test passes, but for gradients that a filter has replaced; values alone
plain = ["mesh.box.cells=[12,4]", "output={}", "optimizer={method: none}", "verify=taylor"]
r = run(f"{FOLDER}/mbb.yaml", *sets(*plain, "filter.rho={kind: density, radius: 8, project: {beta: 3}}"))
g = r["gradients"]["rho"]
check.that(g["taylor"]["passed"] and abs(g["taylor"]["slope"] - 2) < 0.05 and g["norm"] > 0, f"verify: {g}")
check.that(r["optimization"]["method"] == "none" and len(r["optimization"]["history"]) == 1, f"none: {r['optimization']}")

# ---- killed and gone on with: the same bits
with tempfile.TemporaryDirectory() as out:
    args = sets(*SMALL, "optimizer.iterations=40", "optimizer.change=0", "optimizer.method=mma", "optimizer.checkpoint=a.h5", "optimizer.checkpoint_every=3")
    whole = run(f"{FOLDER}/mbb.yaml", *args)["optimization"]
    cmd = [os.path.join(BIN, "galerkit"), "run", os.path.join(ROOT, FOLDER, "mbb.yaml"), "--quiet", "--out", out, *args]
    p = subprocess.Popen(cmd)
    while p.poll() is None and not os.path.exists(f"{out}/a.h5"):
        time.sleep(0.002)
    p.send_signal(signal.SIGKILL)
    p.wait()
    for name in glob.glob(f"{out}/*"):
        check.that(os.path.basename(name) == "a.h5", f"killed: {name} is left")
    r = command("run", os.path.join(ROOT, FOLDER, "mbb.yaml"), "--out", out, "--report", f"{out}/r.json", *args, *sets("optimizer.restart=a.h5"))
    check.that(r.returncode == 0 and "goes on from iteration" in r.stderr, f"restart: status {r.returncode}\n{r.stderr}")
    rest = json.load(open(f"{out}/r.json"))["optimization"]
    keys = ("iteration", "objective", "gradient_norm", "change")
    check.that([[h[k] for k in keys] for h in rest["history"]] == [[h[k] for k in keys] for h in whole["history"]], "restart: another history than that of a run without a break")
    r = command("run", os.path.join(ROOT, FOLDER, "mbb.yaml"), "--out", out, *args, *sets("optimizer.restart=a.h5", "optimizer.move=0.1"))
    check.that(r.returncode == 2 and "of another problem" in r.stderr and "optimizer.move" in r.stderr, f"restart of another problem: {r.returncode} {r.stderr}")

# ---- gone on with in the midst of the run, where the states before are forgotten: the same bits
for method in ("mma", "oc"):
    with tempfile.TemporaryDirectory() as out:
        args = [os.path.join(ROOT, FOLDER, "mbb.yaml"), "--quiet", "--out", out, *sets(*SMALL, "optimizer.change=0", "optimizer.tolerance=0", f"optimizer.method={method}")]
        args += sets("optimizer.checkpoint=a.h5")
        histories = []
        for ends in (["optimizer.iterations=14"], ["optimizer.iterations=6"], ["optimizer.iterations=14", "optimizer.restart=a.h5"]):
            r = command("run", *args, "--report", f"{out}/r.json", *sets(*ends))
            check.that(r.returncode == 0, f"{method}, {ends}: {r.stderr}")
            histories.append([[h[k] for k in keys] for h in json.load(open(f"{out}/r.json"))["optimization"]["history"]])
        whole, begun, rest = histories
        check.that(begun == whole[:7], f"{method}: fewer iterations have another history")
        check.that(rest == whole, f"{method}: gone on with after 6 iterations, iterate {next((i for i, (a, b) in enumerate(zip(rest, whole)) if a != b), None)} is another one")

# ---- pictures and a film of iterations
with tempfile.TemporaryDirectory() as out:
    run(f"{FOLDER}/mbb.yaml", "--out", out, *sets("mesh.box.cells=[30,10]", "optimizer.iterations=4", "output.picture={file: m.png, color: rho, every: 2, film: {file: f.png}}"))
    files = sorted(os.path.basename(f) for f in glob.glob(f"{out}/*"))
    check.that(files == ["f.png", "m.png", "m_0000.png", "m_0002.png", "m_0004.png"], f"pictures: {files}")

# ---- bad input: status 2, one message with the place
REFUSED = [
    (["optimizer.method=blmvm", "subject_to=[]"], "filter", "its filter replaces the gradient by what is none"),
    (["controls.rho.bounds=[1,0]"], "controls.rho.bounds", "bounds the wrong way round"),
    (["controls.rho.bounds=[0.6,1]"], "controls: line", "infeasible start: value 0.5 at dof 0 is outside of the bounds 0.6 to 1"),
    (["filter.rho.radius=0.5"], "filter: line", "filter radius 0.5 is below the size of the cells, 1"),
    (["filter.rho.kind=cone"], "filter.rho.kind", "expected"),
    (["minimize=complaince"], "minimize", "did you mean 'compliance'?"),
    (["subject_to=[{value: volume}]"], "subject_to", "no limit; expected upper, lower or both"),
    (["subject_to=[{value: volume, upper: 1, lower: 2}]"], "subject_to", "contradicts the lower limit, 2"),
    (["controls={rho: {}, mu: {}}"], "controls", "not a constant or a coefficient with a space; did you mean 'nu'?"),
    (["controls={\"value(load)\": {}}"], "controls", "no condition on 'load'"),
    (["optimizer.method=lmvm", "filter={}"], "optimizer", "takes no constraints beside bounds"),
    (["optimizer.method=mma", "controls.rho={}"], "controls", "no bounds, which mma needs on both sides"),
    (["constants.unused=1", "controls.unused={}"], "controls", "unused"),
    (["compute.top={max: rho}", "minimize=top"], "minimize", "an extreme value, which has no derivative"),
]
for given, key, message in REFUSED:
    r = command("check" if key != "optimizer" else "run", os.path.join(ROOT, FOLDER, "mbb.yaml"), *sets("mesh.box.cells=[12,4]", "mesh.box.upper=[12,4]", "regions.load.at=[0,4]", "regions.support.at=[12,0]", *given))
    lines = [line for line in r.stderr.splitlines() if not line.startswith("warning")]
    check.that(r.returncode == 2 and len(lines) == 1 and message in lines[0] and key.split(":")[0] in lines[0], f"{given}: status {r.returncode}\n{r.stderr}")
check.end()
