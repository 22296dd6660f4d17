"""Claim: gradient_NAME in outputs is the gradient by a control as a function of its space: its cells times their volumes are the derivatives, whose norm the report has, and their sum
the change of the objective with the control everywhere; of steady problems and of runs in time, the same on any mesh; a name that the file has taken is the file's; forms,
conditions, `initial` and histories do not know it."""
import glob
import json
import math
import os
import tempfile

from gkt import Checks, command, read_vtu

check = Checks()
STEADY = """
mesh: {box: {cells: [6, 4]}}
fields: {u: {space: P1, test: v}}
constants: {shift: 0.0}
coefficients: {f: {space: DP0, value: "1 + x[0] + shift"}, g: {space: P1, value: "x[1]"}}
equation: "dot(grad(u), grad(v))*dx + u*v*dx == f*v*dx + g*v*ds(right)"
conditions: [{on: left, value: 0}]
controls: {f: {}, g: {}}
minimize: "0.5*u^2*dx"
optimizer: {method: none}
solver: {rtol: 1e-13}
output: {file: a.vtu, fields: [u, gradient_f, gradient_g]}
"""
TIME = STEADY.replace("dot(grad(u), grad(v))*dx +", "dt(u)*v*dx + dot(grad(u), grad(v))*dx +").replace('"0.5*u^2*dx"', '{end: "0.5*u^2*dx", running: "t*u*dx"}') + "time: {end: 0.3, step: 0.1}\n"


def go(text, *sets):
    path = os.path.join(folder, "a.yaml")
    open(path, "w").write(text)
    r = command("run", path, "--quiet", "--backend", "interpreter", "--out", folder, "--report", os.path.join(folder, "r.json"), *sets)
    assert r.returncode == 0, r.stderr
    return json.load(open(os.path.join(folder, "r.json")))


with tempfile.TemporaryDirectory() as folder:
    for text in (STEADY, TIME):
        sums = []
        for cells in ((6, 4), (12, 8)):
            for old in glob.glob(os.path.join(folder, "*.vtu")):
                os.remove(old)
            r = go(text, "--set", f"mesh.box.cells=[{cells[0]}, {cells[1]}]")
            arrays = [read_vtu(path) for path in sorted(glob.glob(os.path.join(folder, "*.vtu")))]
            volume = 1 / (2 * cells[0] * cells[1])
            g = [volume * x for x in arrays[-1]["CellData", "gradient_f"]]
            check.that(all(a["CellData", "gradient_f"] == arrays[0]["CellData", "gradient_f"] for a in arrays), "the gradient is the same in all files")
            norm = r["gradients"]["f"]["norm"]
            check.that(abs(math.sqrt(sum(x * x for x in g)) / norm - 1) < 1e-12, f"norm {norm}, of the file {math.sqrt(sum(x * x for x in g))}")
            difference = [go(text, "--set", f"mesh.box.cells=[{cells[0]}, {cells[1]}]", "--set", f"constants.shift={h}", "--set", "output={}")["optimization"]["objective"] for h in (1e-3, -1e-3)]
            difference = (difference[0] - difference[1]) / 2e-3
            check.that(abs(sum(g) / difference - 1) < 1e-6, f"sum {sum(g)}, by differences {difference}")
            sums.append(sum(g))
        check.that(abs(sums[1] / sums[0] - 1) < 0.05, f"on two meshes: {sums}")
    taken = STEADY.replace("{f: {space", "{gradient_f: {space: DP0, value: 3}, f: {space")
    go(taken)
    arrays = read_vtu(os.path.join(folder, "a.vtu"))
    check.that(set(arrays["CellData", "gradient_f"]) == {3.0}, "the file's own coefficient of that name")
    path = os.path.join(folder, "a.yaml")
    # what gives the solution cannot know a gradient by it
    held = TIME.replace("== f*v*dx", "== (f + q)*v*dx") + 'history: {q: {points: 2, initial: "INITIAL", update: "UPDATE"}}\n'
    for text, place in [(STEADY.replace("0.5*u^2*dx", "0.5*u^2*dx + gradient_f*dx"), "minimize"), (STEADY.replace("value: 0", 'value: "0.1 + gradient_f"'), "conditions.0.value: line 7, column 39"),
                        (TIME + 'initial: {u: "x[0]*gradient_g"}\n', "initial.u: line"), (held.replace("INITIAL", "gradient_f").replace("UPDATE", "q + u"), "history.q.initial: line"),
                        (held.replace("INITIAL", "0").replace("UPDATE", "q + gradient_f"), "history.q.update: line")]:
        open(path, "w").write(text)
        r = command("check", path)
        check.that(r.returncode == 2 and r.stderr.count("\n") == 1 and "unknown name" in r.stderr and "'gradient_" in r.stderr and place in r.stderr, f"{place}: {r.stderr}")
check.end()
