"""Claim: a path of arc length that ends after some steps, or is killed, goes on from its checkpoint with the same bits as one that did not: series, limit points, files, histories; so do static
paths that are repeated. A step of a static path that lands on another solution than the one it came from is warned of, and steep paths and steady loads are not."""
import json
import os
import tempfile

from gkt import CPU, Checks, ROOT, command, emulated, run

check = Checks()
host = emulated((), CPU)


def same(name, first, second, *sets):
    """A run in one piece and one in two, of the same file. Both write checkpoints, at which solvers forget their past."""
    path = os.path.join(ROOT, f"examples/{name}.yaml")
    sets = [a for s in sets for a in ("--set", s)]
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "a.h5")
        whole = run(path, *host, *sets, "--set", second, "--set", "time.checkpoint=whole.h5")
        for more in (["--set", first, "--set", f"time.checkpoint={file}"], ["--set", second, "--set", f"time.restart={file}"]):
            r = command("run", path, "--quiet", *host, *sets, *more, "--out", folder, "--report", os.path.join(folder, "r.json"))
            check.that(r.returncode == 0, f"{name} {more}: {r.returncode}, {r.stderr}")
        rest = json.load(open(os.path.join(folder, "r.json")))
        for key in ("series", "path", "functionals", "probes"):
            check.that(whole[key] == rest[key], f"{name}, {key} in two pieces: {rest[key]}, expected {whole[key]}")
        check.that(whole["counts"]["steps"] == rest["counts"]["steps"] and whole["counts"]["newton"] == rest["counts"]["newton"], f"{name}: {rest['counts']}, expected {whole['counts']}")
        return whole


r = same("paths/bratu", "time.steps=3", "time.steps=8", "mesh.box.cells=[4,4]")
check.that(len(r["path"]["limit_points"]["time"]) == 1, f"bratu: {r['path']}")
r = same("paths/truss", "time.steps=9", "time.steps=14", "time={end: 5, step: 0.01, scheme: arc-length}", "probes={drop: {at: [0], value: '-u[1]'}}")
check.that(len(r["path"]["limit_points"]["time"]) == 2, f"truss: {r['path']}")
same("history/breaking-bar", "time.steps=22", "time.steps=38")
same("history/damaged-bar", "time.end=0.5", "time.end=1", "time.repeat={rtol: 1e-6}")

# ---- jumps: an arch that snaps, a column that goes to one side while its imperfection leads to the other, loads that jump
LAW = """
mesh: {box: {cells: [3]}}
fields: {u: {space: DP0, test: v}}
let: {load: "tanh(20*(t - 0.52))"}
equation: "(u + 0.1*u^3 - load)*v*dx == 0"
time: {end: 1, step: 0.1, scheme: static}
compute: {u: "u*dx"}
"""
with tempfile.TemporaryDirectory() as folder:
    law = os.path.join(folder, "law.yaml")
    open(law, "w").write(LAW)
    for name, sets, jumps in [
        ("paths/shallow-arch", ["time={end: 0.2, step: 0.1, scheme: static}"], "between t = 0.1 and t = 0.2 'w' moves by 0.0127 of the 0.0127"),
        ("paths/column", ["time={end: 2.75, step: 0.25, scheme: static}"], "between t = 2.484375 and t = 2.5 'u' moves by"),
        ("paths/column", ["time={end: 2.6, step: 0.04, scheme: static}"], None),  # steep, and the path of the imperfection
        (law, [], None),
        (law, ["let.load=min(t, 0.3) + 10*max(t - 0.52, 0)"], None),  # rests, and goes on
        (law, ["let.load=conditional(t < 0.52, 0.1*t, 1)"], "between t = 0.51875 and t = 0.525 'u' moves by 0.87 of the 0.872"),
    ]:
        r = run(name if os.path.isabs(name) else f"examples/{name}.yaml", *host, *[x for s in sets for x in ("--set", s)])
        found = [w for w in r["warnings"] if "the path of before ends" in w]
        check.that(len(found) == (jumps is not None) and (not jumps or jumps in found[0]), f"{name} {sets}: {found}, expected {jumps}")
        if name == "paths/column":
            check.that((r["probes"]["end"][1] < 0) == bool(jumps), f"column: {r['probes']}")
    r = run(law, *host, "--set", "let.load=conditional(t < 0.52, 0.1*t, 1)", "--set", "time.end=0.6")  # what is looked at on the way changes nothing
    u = r["functionals"]["u"]
    check.that(abs(u + 0.1 * u**3 - 1) < 1e-12 and r["series"]["time"][-1] == 0.6, f"law: {u}")
check.end()
