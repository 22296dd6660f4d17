"""Claim: an optimization of runs in time that stopped goes on from its checkpoint, with moving asymptotes to the bits of a run without a break, whatever memory states had; rows of all
iterations are in the history, files and series those of the last run; another problem is refused by the key that differs."""
import json
import os
import tempfile

from gkt import Checks, command

check = Checks()
TEXT = """
mesh: {box: {cells: [4, 4]}}
fields: {u: {space: P1, test: v}}
coefficients: {f: {space: DP0, value: "1"}}
equation: "dt(u)*v*dx + (1 + u^2)*dot(grad(u), grad(v))*dx == 10*f*v*dx"
conditions: [{on: left, value: 0}]
time: {end: 0.3, step: 0.05}
compute: {misfit: "0.5*(u - x[0])^2*dx", heat: "f*dx"}
controls: {f: {bounds: [0, 4]}}
minimize: {end: misfit, running: "0.01*f^2*dx"}
subject_to: [{value: heat, upper: 0.8}]
optimizer: {method: mma, iterations: ITERATIONS, tolerance: 0, checkpoint: b.h5}
output: {file: a.xdmf}
"""


def go(iterations, *more, status=0):
    path = os.path.join(folder, "a.yaml")
    open(path, "w").write(TEXT.replace("ITERATIONS", str(iterations)))
    r = command("run", path, "--quiet", "--backend", "interpreter", "--out", folder, "--report", os.path.join(folder, "r.json"), *more)
    check.that(r.returncode == status, f"{more}: status {r.returncode}, {r.stderr}")
    return json.load(open(os.path.join(folder, "r.json"))) if status == 0 else r.stderr


with tempfile.TemporaryDirectory() as folder:
    whole = go(8)
    os.remove(os.path.join(folder, "b.h5"))
    go(3)
    rest = go(8, "--set", "optimizer.restart=b.h5", "--set", "optimizer.memory=20000", "--set", "time.output_every=2")
    rows = [[[row[k] for k in ("iteration", "objective", "gradient_norm")] for row in r["optimization"]["history"]] for r in (whole, rest)]
    check.that([row[0] for row in rows[1]] == list(range(9)), f"{rows[1]}")
    for a, b in zip(*rows):
        check.that(a[0] == b[0] and abs(a[1] - b[1]) <= 1e-9 * abs(a[1]) and abs(a[2] - b[2]) <= 1e-6 * abs(rows[0][0][2]), f"{a}, {b}")
    check.that(rest["series"]["time"] == [whole["series"]["time"][i] for i in (0, 2, 4, 6)] and rest["optimization"]["counts"]["repeated"] > 0, f"{rest['series']['time']}")
    check.that("time.step" in go(8, "--set", "optimizer.restart=b.h5", "--set", "time.step=0.1", status=2), "another step is another problem")
    # without a change of memory every bit is the same
    go(3)
    rest = go(8, "--set", "optimizer.restart=b.h5")
    check.that([row["objective"] for row in rest["optimization"]["history"]] == [row["objective"] for row in whole["optimization"]["history"]], "bits")
check.end()
