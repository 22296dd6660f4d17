"""Claim: a data set has the same bytes whatever the batch, the number of threads, kills on the way and extensions are, and no sample twice; the examples of examples/data make theirs; samples
without a valid answer are marked with their reasons, and the rest is as without them; a file of another problem, mesh or seed, a shorter count and wrong keys are refused by one message each,
status 2; what docs/problem-file.md shows in Python reads the file (where h5py is there). GKT_LONG=1: more kills, the examples as they stand."""
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

from gkt import BIN, Checks, ROOT, command

check = Checks()
LONG = bool(os.environ.get("GKT_LONG"))
EXAMPLES = {"darcy": ["mesh.box.cells=[8,8]"], "poisson": ["mesh.box.cells=[8,8]"], "burgers": ["mesh.box.cells=[16]", "time.step=0.1"], "beam": ["mesh.box.cells=[8,2]"]}


def arguments(name, out, *sets):
    path = name if "/" in name else os.path.join(ROOT, f"examples/data/{name}.yaml")
    return ["run", path, "--quiet", "--out", out, "--report", os.path.join(out, "report.json"), *[a for s in sets for a in (("--set", s) if not s.startswith("--") else s.split())]]


def go(name, out, *sets, status=0):
    os.makedirs(out, exist_ok=True)
    r = command(*arguments(name, out, *sets))
    check.that(r.returncode == status, f"{name} {sets}: status {r.returncode}: {r.stderr}")
    return json.load(open(os.path.join(out, "report.json"))) if r.returncode != 2 else r.stderr


def data(out, name):
    return open(os.path.join(out, f"{name}.h5"), "rb").read()


def is_killed(name, out, sets, wait):
    """Started and killed that long after."""
    os.makedirs(out, exist_ok=True)
    p = subprocess.Popen([os.path.join(BIN, "galerkit"), *arguments(name, out, *sets)], stderr=subprocess.DEVNULL)
    try:
        p.wait(wait)
        return False
    except subprocess.TimeoutExpired:
        p.send_signal(signal.SIGKILL)
        return p.wait() == -signal.SIGKILL


def kill_often(name, out, sets):
    """Until it is done, after a little longer each time."""
    wait = 0.05
    while is_killed(name, out, sets, wait * random.uniform(0.7, 1.4)):
        wait *= 1.12
    return go(name, out, *sets)["samples"]


# ---- the same bytes
with tempfile.TemporaryDirectory() as folder:
    at = lambda name: os.path.join(folder, name)
    random.seed(1)
    for name, sets in EXAMPLES.items():
        count = 30 if LONG else 10
        sets = ([] if LONG else sets) + [f"sample.count={count}"]
        r = go(name, at("whole"), *sets)["samples"]
        check.that((r["done"], r["failed"], r["found"]) == (count, 0, 0) and r["per_second"] > 0, f"{name}: {r}")
        whole = data(at("whole"), name)
        go(name, at("other"), *sets, "sample.batch=3", "--threads 1")
        check.that(data(at("other"), name) == whole, f"{name}: a batch of 3 on one thread gives other bytes")
        if name in ("poisson", "beam") and not LONG:
            continue
        go(name, at("short"), *sets, "sample.count=4")
        r = go(name, at("short"), *sets)["samples"]
        check.that(r["found"] == 4 and data(at("short"), name) == whole, f"{name}: extended from 4 samples: {r}")
        r = go(name, at("whole"), *sets)["samples"]
        check.that(r["found"] == count and data(at("whole"), name) == whole, f"{name}: run again: {r}")
    for k in range(8 if LONG else 2):
        name, sets = ("burgers", EXAMPLES["burgers"] + ["sample.count=12"]) if k % 2 else ("darcy", EXAMPLES["darcy"] + ["sample.count=60", "sample.batch=4"])
        go(name, at("all"), *sets)
        kill_often(name, at(f"killed{k}"), sets)
        check.that(data(at("all"), name) == data(at(f"killed{k}"), name), f"{name}: other bytes after kills")

# ---- samples that fail
LAWS = {
    "lin": 'mesh: {box: {cells: [4, 4]}}\nfields: {u: {space: P1, test: v}}\nconstants: {a: 1}\nequation: "dot(grad(u), grad(v))*dx == v*dx"\nconditions: [{on: left, value: "sqrt(a)"}]\n'
    "sample: {count: 12, file: lin.h5, draw: {a: {uniform: [-1, 1]}}}\n",
    "newton": 'mesh: {box: {cells: [4, 4]}}\nfields: {u: {space: P1, test: v}}\nconstants: {a: 1}\nequation: "(a + u^2)*dot(grad(u), grad(v))*dx == 10*v*dx"\nconditions: [{on: left, value: 0}]\n'
    "sample: {count: 12, file: newton.h5, draw: {a: {uniform: [-1, 1]}}}\nsolver: {nonlinear: {iterations: 12}}\n",
    "steps": 'mesh: {box: {cells: [4, 4]}}\nfields: {u: {space: P1, test: v}}\nconstants: {a: 1}\nequation: "dt(u)*v*dx + dot(grad(u), grad(v))*dx == a/(0.25 - t)*sqrt(a)*v*dx"\n'
    'initial: {u: "a"}\nconditions: [{on: left, value: 0}]\ntime: {end: 0.2, step: 0.1}\nsample: {count: 6, file: steps.h5, draw: {a: {uniform: [-1, 1]}}}\n',
}
with tempfile.TemporaryDirectory() as folder:
    for name, text in LAWS.items():
        path = os.path.join(folder, f"{name}.yaml")
        open(path, "w").write(text)
        r = go(path, folder)
        s = r["samples"]
        check.that(r["status"] == "ok" and 0 < s["failed"] < s["count"] and len(s["failures"]) == s["failed"] and all(f["reason"] for f in s["failures"]), f"{name}: {s}")
        check.that(any("have no valid answer" in w for w in r["warnings"]), f"{name}: no warning")
        good = next(i for i in range(s["count"]) if i not in [f["sample"] for f in s["failures"]])
        again = go(path, folder, "sample.count=20")["samples"]
        check.that(again["found"] == s["count"] and again["failures"][: s["failed"]] == s["failures"], f"{name}: failures of before are not told again")
        bytes_ = data(folder, name)
        go(path, os.path.join(folder, "one"), "sample.count=20", "sample.batch=1")
        check.that(data(os.path.join(folder, "one"), name) == bytes_, f"{name}: failed samples change others")
    path = os.path.join(folder, "none.yaml")
    open(path, "w").write(LAWS["lin"].replace("[-1, 1]", "[-2, -1]"))
    r = go(path, folder, "sample.file=none.h5", status=1)
    check.that(r["status"] == "failed" and "no sample has a valid answer" in r["reason"], f"all failed: {r['reason']}")

# ---- refusals
BASE = 'mesh: {box: {cells: [4, 4]}}\nfields: {u: {space: P1, test: v}}\nconstants: {a: 1, w: 0.5}\ncoefficients: {k: {space: P1, value: "1"}, s: "x[0]", r: {space: real, value: 1}}\nregions: {low: {where: "x[1] < w"}}\n' \
    'equation: "a*k*dot(grad(u), grad(v))*dx == v*dx"\nconditions: [{on: left, value: 0}]\n'
REFUSED = [("{count: 2, file: a.h5, draw: {b: {uniform: [0, 1]}}}", "'b': not a constant or a coefficient with a space; known: a w k r"),
           ("{count: 2, file: a.h5, draw: {s: {uniform: [0, 1]}}}", "a symbolic coefficient"),
           ("{count: 2, file: a.h5, draw: {a: {gaussian_field: {length: 1}}}}", "a constant, and a field is drawn for it"),
           ("{count: 2, file: a.h5, draw: {k: {normal: {}}}}", "a field, and one number is drawn for it"),
           ("{count: 2, file: a.h5, draw: {r: {sine_sum: {}}}}", "one number for the whole mesh"),
           ("{count: 2, file: a.h5, draw: {a: {uniform: [1, 0]}}}", "'0': not above 1"),
           ("{count: 2, file: a.h5, draw: {a: {uniform: [1]}}}", "1 number; expected two"),
           ("{count: 2, file: a.h5, draw: {a: {uniform: [0, 1], normal: {}}}}", "together with 'uniform'"),
           ("{count: 2, file: a.h5, draw: {a: {}}}", "expected one of: uniform normal"),
           ("{count: 2, file: a.h5, draw: {a: {normal: {}, exp: true}}}", "goes with fields; expected log_normal"),
           ("{count: 2, file: a.h5, draw: {k: {gaussian_field: {length: 1, smoothness: 5}}}}", "a smoothness of 5; expected above 0, to 3"),
           ("{count: 2, file: a.h5, draw: {k: {sine_sum: {terms: 300}}}}", "'300': out of range"),
           ("{count: 2, file: a.h5, draw: {w: {uniform: [0, 1]}}}", "regions are found once"),
           ("{count: 0, file: a.h5, draw: {a: {normal: {}}}}", "at least 1 sample"), ("{count: 2, batch: 0, file: a.h5, draw: {a: {normal: {}}}}", "at least 1 sample at once"),
           ("{count: 2, file: a.h5, draw: {}}", "nothing to draw"), ("{count: 2, file: a.vtu, draw: {a: {normal: {}}}}", "ends in .h5"),
           ("{count: 2, file: a.h5, draw: {a: {normal: {}}}}\noutput: {file: a.vtu}", "together with `sample`"), ("{count: 2, file: no/where/a.h5, draw: {a: {normal: {}}}}", "no/where/a.h5")]
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "a.yaml")
    for text, word in REFUSED:
        open(path, "w").write(BASE + "sample: " + text + "\n")
        r = command("run", path, "--quiet", "--out", folder)
        check.that(r.returncode == 2 and word in r.stderr and r.stderr.count("\n") == 1, f"{text}: status {r.returncode}, {r.stderr}")
    open(path, "w").write(BASE + "sample: {count: 3, file: a.h5, draw: {a: {uniform: [1, 2]}}}\n")
    check.that(command("check", path).returncode == 0, "check")
    open(os.path.join(folder, "arc.yaml"), "w").write(BASE.replace("== v*dx", "== t*v*dx") + "time: {end: 1, step: 0.5, scheme: arc-length}\nsample: {count: 3, file: b.h5, draw: {a: {uniform: [1, 2]}}}\n")
    r = command("run", os.path.join(folder, "arc.yaml"), "--quiet", "--out", folder)
    check.that(r.returncode == 2 and "not available yet for data sets" in r.stderr, f"arc length: {r.stderr}")
    go(path, folder)
    for sets, word in [(["sample.seed=1"], "sample.seed: 1"), (["constants.w=0.25"], "constants.w"), (["sample.count=2"], "room for 3 samples"), (["mesh.box.cells=[5,5]"], "another mesh"),
                       (["solver.rtol=1e-6"], "solver.rtol"), (["sample.draw.a.uniform=[1,3]"], "sample.draw.a.uniform")]:
        message = go(path, folder, *sets, status=2)
        check.that(word in message and message.count("\n") == 1, f"{sets}: {message}")
    open(os.path.join(folder, "a.h5"), "w").write("no data set")
    check.that("a.h5" in go(path, folder, status=2), "a file that is none")

# ---- as documented
try:
    import h5py  # noqa: F401

    text = open(f"{ROOT}/docs/problem-file.md").read().split("### Data sets")[1]
    problem, program = (re.search(f"```{kind}\n(.*?)```", text, re.S).group(1) for kind in ("yaml", "python"))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.yaml")
        open(path, "w").write(problem)
        go(path, folder, "sample.count=5", "mesh.box.cells=[6,6]")
        r = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True)
        check.that(r.returncode == 0 and r.stdout.startswith("(5, 49) (5, 49) (49, 2) 1."), f"the program of the document: {r.stdout}{r.stderr}")
except ImportError:
    check.skip("h5py is not installed")
check.end()
