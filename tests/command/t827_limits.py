"""Claim: the largest load whose displacement stays within a limit is found wherever the limit stands, on the right side or within the integral beside 0, from both sides of it, by mma and gcmma; what is violated is no answer; several limits of
one number, and of what runs beside what stands at the end, each have an entry of their own; objectives without bound and continuations that were not finished are told of in words, interrupted runs too."""
import json
import math
import os
import signal
import subprocess
import tempfile
import time

from gkt import BIN, Checks, command, run

check = Checks()
FOLDER = tempfile.TemporaryDirectory()
BAR = """
mesh: {box: {cells: [8], shape: line}}
fields: {u: {space: P2, test: v}}
constants: {q: 2e-5}
equation: "dot(grad(u), grad(v))*dx == q*v*dx"
conditions: [{on: left, value: 0}]
compute: {tip: "u*ds(right)", beyond: "(u - 8e-5)*ds(right)", load: "q*dx"}
controls: {q: {bounds: [0, 1]}}
maximize: load
subject_to: [{value: beyond, upper: 0}]
optimizer: {method: mma, iterations: 50, tolerance: 1e-9}
"""


def file(text, name="a.yaml"):
    path = os.path.join(FOLDER.name, name)
    open(path, "w").write(text)
    return path


def near(a, b, tolerance):
    return math.isclose(a, b, rel_tol=tolerance)


def sets(*texts):
    return [part for text in texts for part in ("--set", text)]


bar = file(BAR)
for method in ("mma", "gcmma"):
    for start in (2e-5, 1.5999e-4, 9e-4):
        for limits in ([], ["subject_to=[{value: tip, upper: 8e-5}]"]):
            found = run(bar, *sets(f"optimizer.method={method}", f"constants.q={start}", *limits))["optimization"]
            check.that(near(found["objective"], 1.6e-4, 1e-5), f"{method} from {start} with {limits}: {found['objective']}, expected 1.6e-4 ({found['ended_by']})")
r = run(bar, *sets("constants.q=9e-4", "optimizer.iterations=0"), status=1)
check.that("is 0.00037, above its limit 0" in r["reason"], f"a violated constraint: {r['reason']}")

# ---- several limits of one number
r = run(bar, *sets("subject_to=[{value: tip, upper: 8e-5}, {value: tip, lower: 1e-5}, {value: tip, upper: 9e-5}]"))["optimization"]
names = {"tip_upper_1", "tip_lower", "tip_upper_3"}
check.that(set(r["constraints"]) == set(r["multipliers"]) == set(r["history"][0]["constraints"]) == names, f"names: {r['constraints']}, {r['multipliers']}")
check.that(near(r["multipliers"].get("tip_upper_1", 0), 2, 1e-6), f"multipliers: {r['multipliers']}, expected 2 for the limit that holds back")
HEAT = BAR.replace('"dot', '"dt(u)*v*dx + dot').replace("maximize", "time: {end: 0.4, step: 0.1}\nmaximize").split("subject_to")[0]
HEAT += "subject_to: [{value: {running: tip}, upper: 1e-5}, {value: {end: tip}, upper: 1}]\noptimizer: {iterations: 3}\n"
text = command("run", file(HEAT), "--out", FOLDER.name).stdout
check.that("; tip_running " in text and "; tip_end " in text, f"a limit of what runs beside one at the end: {text}")

# ---- ends
FREE = BAR.replace("{bounds: [0, 1]}", "{}").replace("8e-5", "8").split("subject_to")[0] + "optimizer: {method: METHOD, iterations: 50}\n"
for method in ("lmvm", "blmvm", "bnls", "bntr", "gauss-newton"):
    r = run(file(FREE.replace("METHOD", method)), status=1)
    check.that("the objective has no bound" in r["reason"] and "the objective has no bound" in r["optimization"]["ended_by"], f"{method}, without bound: {r['reason']}")
STEPS = BAR.replace("== q*v", "== p*q*v").replace("{q: 2e-5}", "{q: 2e-5, p: 1}").replace("tolerance: 1e-9", "tolerance: 0, continuation: {p: [1, 2, 3]}, every: 5")
steps = file(STEPS)
for count, told in (("9", ["p = 2 instead of 3", "step 2 of 3", "more than 10 iterations"]), ("12", [])):
    warned = [w for w in run(steps, *sets(f"optimizer.iterations={count}"))["warnings"] if "infeasible start" not in w]
    check.that(len(warned) == bool(told) and all(word in warned[0] for word in told), f"{count} iterations: {warned}")
r = command("run", steps, *sets("optimizer.method=none"), "--out", FOLDER.name)
check.that(r.returncode == 2 and "'continuation'" in r.stderr and "expected the values in `constants`" in r.stderr, f"a continuation without an optimizer: {r.stderr}")

# ---- an interrupt, within a solve or between two: after the first iterate, which is written down
long = file(BAR.replace("cells: [8]", "cells: [2000]").replace("iterations: 50, tolerance: 1e-9", "iterations: 100000, tolerance: 0, checkpoint: long.h5"))
report, kept = (os.path.join(FOLDER.name, name) for name in ("long.json", "long.h5"))
with subprocess.Popen([os.path.join(BIN, "galerkit"), "run", long, "--quiet", "--out", FOLDER.name, "--report", report], stderr=subprocess.PIPE, text=True) as p:
    while p.poll() is None and not os.path.exists(kept):
        time.sleep(0.02)
    p.send_signal(signal.SIGINT)
    p.communicate(timeout=100)
r = json.load(open(report))["optimization"]
check.that(r and ("interrupted" in r["ended_by"] or "cancelled" in r["ended_by"]), f"interrupted: {r and r['ended_by']}")
check.end()
