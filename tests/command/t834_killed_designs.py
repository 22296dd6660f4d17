"""Claim: an optimization that is killed at any moment, again and again, goes on from its checkpoint; of mma and oc, with filters, a continuation and runs in time, to the bits of a run without a
break: history, results, multipliers, files; of methods that begin their approximations anew to the same optimum. What is on disk at a kill is whole. Seeded; GKT_LONG=1: more kills."""
import json
import os
import random
import re
import signal
import subprocess
import tempfile
import time

from gkt import BIN, CPU, Checks, ROOT, command

check = Checks()
dice = random.Random(11)
KILLS = 40 if os.environ.get("GKT_LONG") else 3
MBB = ("topology/mbb", ["mesh.box.cells=[12, 4]", "filter.rho.radius=8", "output={file: a.vtu}", "optimizer.iterations=120", "optimizer.change=0"])
HEAT = ("control/heat-source", ["mesh.box.cells=[4, 4]", "output={file: a.vtu}", "time.step=0.1"])
EXACT = [(MBB, ["optimizer.method=oc"]), (MBB, ["optimizer.method=mma", "filter.rho.kind=density"]),
         (MBB, ["optimizer.method=mma", "filter.rho={kind: density, radius: 8, project: {beta: [1, 2, 4], every: 7}}"]),
         (HEAT, ["optimizer={method: mma, iterations: 40, tolerance: 0}"])]
NEAR = [(HEAT, [f"optimizer={{method: {m}, iterations: 100, tolerance: 1e-7}}"]) for m in ("blmvm", "gcmma")] + [
    (("control/poisson", ["mesh.box.cells=[8, 8]", "output={file: a.vtu}"]), [f"optimizer={{method: {m}, iterations: 200, tolerance: 1e-7}}"]) for m in ("lmvm", "bnls", "gauss-newton")]


def arguments(case, out, *more):
    (name, small), sets = case
    return ["run", os.path.join(ROOT, f"examples/{name}.yaml"), *CPU, "--threads", "1", "--quiet", "--out", out, "--report", os.path.join(out, "report.json"),
            *[a for s in [*small, *sets, "optimizer.checkpoint=a.h5", *more] for a in ("--set", s)]]


def go(case, out, *more):
    os.makedirs(out, exist_ok=True)
    r = command(*arguments(case, out, *more))
    check.that(r.returncode == 0, f"{case}: status {r.returncode}: {r.stderr}")
    return json.load(open(os.path.join(out, "report.json")))


def seen(out):
    """Another value each time that the checkpoint has been replaced; 0: there is none."""
    try:
        s = os.stat(os.path.join(out, "a.h5"))
        return (s.st_ino, s.st_mtime_ns)
    except FileNotFoundError:
        return 0


def kill_once(case, out):
    """After the checkpoint has been replaced a few times, at the least, or before it was. True: it was killed, and did not end before."""
    restart, last, goal, count = ["optimizer.restart=a.h5"] if seen(out) else [], seen(out), dice.randrange(0, 8), 0
    p = subprocess.Popen([os.path.join(BIN, "galerkit"), *arguments(case, out, *restart)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while p.poll() is None and count < goal:
        now = seen(out)
        count, last = count + (now != last), now
        time.sleep(0.0005)
    time.sleep(dice.random() * (0.003 if goal else 0.15))
    p.send_signal(signal.SIGKILL)
    error = p.communicate()[1]
    check.that(p.returncode in (0, -signal.SIGKILL), f"{case}: {error}")
    return p.returncode != 0


def same_files(a, b):
    """Every file but reports and checkpoints, and what was killed in the moment in which it would have taken the place of another."""
    names = lambda f: sorted(n for n in os.listdir(f) if n not in ("report.json", "a.h5") and not re.fullmatch(r".*\.[0-9a-f]{6}", n))
    return names(a) == names(b) and all(open(os.path.join(a, n), "rb").read() == open(os.path.join(b, n), "rb").read() for n in names(a))


def without_clocks(o):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in o["history"]]


for case in EXACT + NEAR:
    with tempfile.TemporaryDirectory() as folder:
        whole, out = os.path.join(folder, "whole"), os.path.join(folder, "killed")
        a = go(case, whole)
        os.makedirs(out)
        killed = sum(kill_once(case, out) for k in range(KILLS))
        b = go(case, out, *(["optimizer.restart=a.h5"] if seen(out) else []))
        x, y = a["optimization"], b["optimization"]
        if case in EXACT:
            check.that(killed, f"{case}: no run was killed before its end")
            check.that(without_clocks(x) == without_clocks(y), f"{case}: the histories differ")
            check.that(all(x[k] == y[k] for k in ("objective", "gradient_norm", "constraints", "controls", "multipliers", "ended_by")), f"{case}: {x['controls']}, {y['controls']}")
            check.that(a["functionals"] == b["functionals"] and a["gradients"] == b["gradients"], f"{case}: results differ")
            check.that(same_files(whole, out), f"{case}: the files differ: {sorted(os.listdir(whole))}, {sorted(os.listdir(out))}")
        else:
            check.that(x["converged"] and y["converged"] and abs(x["objective"] - y["objective"]) <= 1e-6 * abs(x["objective"]), f"{case}: {x['objective']}, {y['objective']}, {y['ended_by']}")
            check.that([r["iteration"] for r in y["history"]] == list(range(len(y["history"]))), f"{case}: the history has gaps")
check.end()
