"""Claim: a run in time that ends, or is killed at any moment, goes on from its checkpoint as if there had been no break: the same series, the same files byte by byte, for schemes of one
and several steps, explicit and adaptive ones, linear and nonlinear problems, several fields and multipliers, histories, solvers that keep what they made; a finished run goes on to a later end; what is
on disk at a kill is whole; a restart file of another problem, another mesh, a later state, or a damaged one is refused by one message. GKT_LONG=1: more kills."""
import json
import os
import re
import random
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import xml.etree.ElementTree as xml

from gkt import BIN, Checks, ROOT, command

check = Checks()
LONG = bool(os.environ.get("GKT_LONG"))
SMALL = "mesh={box: {cells: [4, 4]}}"


def arguments(name, out, *sets):
    return ["run", os.path.join(ROOT, f"examples/{name if '/' in name else 'time/' + name}.yaml"), "--quiet", "--out", out, "--report", os.path.join(out, "report.json"), "--set", "time.checkpoint=a.h5", "--set", "output={file: a.vtu}",
            *[a for s in sets for a in ("--set", s)]]


def go(name, out, *sets, status=0):
    os.makedirs(out, exist_ok=True)
    r = command(*arguments(name, out, *sets))
    check.that(r.returncode == status, f"{name}, {sets}: status {r.returncode}: {r.stderr}")
    return json.load(open(os.path.join(out, "report.json"))) if status == 0 and r.returncode == 0 else r.stderr


def same_files(a, b):
    """Every file but reports and checkpoints, which hold how often a solver was set up."""
    names = lambda f: sorted(n for n in os.listdir(f) if n not in ("report.json", "a.h5"))
    return names(a) == names(b) and all(open(os.path.join(a, n), "rb").read() == open(os.path.join(b, n), "rb").read() for n in names(a))


# ---- going on
CASES = [("heat", 0.5, ["time.scheme=bdf2", "time.output_every=2"]),
         ("heat", 0.5, ["time.scheme=bdf2", "solver.linear=cg", "time.output_every=2"]),
         ("heat", 0.5, ["time.scheme=bdf2", 'solver.options="-ksp_type cg -pc_type gamg"', "time.output_every=2"]),
         ("heat", 0.5, ["time.scheme=crank-nicolson", "time.adaptive={rtol: 1e-3}", "time.step=0.25", "time.output_every=1"]),
         ("wave", 0.5, ["time.step=0.05", "time.output_every=2"]),
         ("heat", 0.5, ["time.scheme=bdf2", "time.output_every=2", "output.file=b.xdmf", "output.fields=[u, grad(u)]"]),
         ("wave", 0.5, ["fields.u.space=P1", "time.scheme=central-difference", "time.output_every=10"]),
         ("allen-cahn", 4, []), ("taylor-green", 0.25, []), ("twisted-bar", 0.5, ["mesh.box.cells=[1,1,3]", "time.step=0.25"]),
         ("history/cyclic-bar", 0.5, ["mesh.box.cells=[4]"]), ("history/damaged-bar", 1.5, ["mesh.box.cells=[4]"])]
for name, middle, sets in CASES:
    with tempfile.TemporaryDirectory() as folder:
        whole, parts = os.path.join(folder, "whole"), os.path.join(folder, "parts")
        sets = ([] if any("cells" in s for s in sets) else [SMALL]) + sets
        a = go(name, whole, *sets)
        go(name, parts, *sets, f"time.end={middle}")
        b = go(name, parts, *sets, "time.restart=a.h5")
        check.that(a["series"] == b["series"] and a["functionals"] == b["functionals"] and a["counts"]["steps"] == b["counts"]["steps"], f"{name}, {sets}: the series differ")
        check.that(same_files(whole, parts), f"{name}, {sets}: files differ: {sorted(os.listdir(whole))}, {sorted(os.listdir(parts))}")
        c = go(name, parts, *sets, "time.restart=a.h5")  # at its end already
        check.that(c["status"] == "ok" and c["series"] == a["series"] and c["functionals"] == a["functionals"], f"{name}, {sets}: a finished run")

# ---- a restart file from elsewhere is an input, beside the problem file or by its whole path; a checkpoint every third output, and of the end
with tempfile.TemporaryDirectory() as folder:
    first, second = os.path.join(folder, "first"), os.path.join(folder, "second")
    go("heat", first, SMALL, "time.end=0.5", "time.output_every=1", "time.checkpoint_every=3")
    r = go("heat", second, SMALL, f"time.restart={first}/a.h5", "time.output_every=1", "time.checkpoint=b.h5")
    listed = [e.get("file") for e in xml.parse(os.path.join(second, "a.pvd")).iter("DataSet")]
    check.that(len(r["series"]["time"]) == 21 and sorted(os.listdir(second)) == ["a.pvd", *listed, "b.h5", "report.json"], f"elsewhere: {listed}, {os.listdir(second)}")
    check.that(listed == [f"a_{i:04d}.vtu" for i in range(11, 21)], f"elsewhere: {listed}")

# ---- killed at any moment
KILL = [SMALL, "fields.u.space=P1", "time.step=0.002", "time.output_every=5", "time.scheme=bdf2"]


def is_left(name):
    """Killed in the moment in which it would have taken the place of another."""
    return re.fullmatch(r".*\.(?:pvd|xdmf|h5)\.[0-9a-f]{6}", name)


def check_disk(out, whole):
    """What has its name is whole: the bytes of the run that was not killed, lists of what is there."""
    for n in os.listdir(out):
        path = os.path.join(out, n)
        if n.endswith(".vtu"):
            check.that(open(path, "rb").read() == open(os.path.join(whole, n), "rb").read(), f"killed: {n} differs")
        elif n.endswith(".pvd"):
            listed = [e.get("file") for e in xml.parse(path).iter("DataSet")]
            check.that(listed and all(os.path.exists(os.path.join(out, f)) for f in listed), f"killed: {n} lists what is not there")
        elif n.endswith(".xdmf"):
            check.that(os.path.exists(os.path.join(out, "b.h5")) and xml.parse(path).getroot().tag == "Xdmf", f"killed: {n}")
        else:
            check.that(n in ("a.h5", "b.h5", "report.json") or is_left(n), f"killed: {n} is left")


def kill_once(out, sets, when):
    p = subprocess.Popen([os.path.join(BIN, "galerkit"), *arguments("heat", out, *sets)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while p.poll() is None and not when():
        time.sleep(0.002)
    time.sleep(dice.random() * 0.01)
    p.send_signal(signal.SIGKILL)
    p.wait()


def steps_of(out):
    """How often the checkpoint has been replaced since it was last looked at, at least."""
    try:
        return os.stat(os.path.join(out, "a.h5")).st_ino
    except FileNotFoundError:
        return 0


dice = random.Random(7)
for file in ("a.vtu", "b.xdmf"):
    sets = KILL + [f"output.file={file}"]
    with tempfile.TemporaryDirectory() as folder:
        whole, out = os.path.join(folder, "whole"), os.path.join(folder, "killed")
        a = go("heat", whole, *sets)
        os.makedirs(out)
        for k in range(30 if LONG else 4):
            before, goal, seen = steps_of(out), dice.randrange(1, 8 if LONG else 20), set()

            def when():
                seen.add(steps_of(out))
                return len(seen - {before, 0}) >= goal

            kill_once(out, sets + (["time.restart=a.h5"] if before else []), when)
            check_disk(out, whole)
        check.that(os.path.exists(os.path.join(out, "a.h5")), "killed: no checkpoint")
        b = go("heat", out, *sets, *(["time.restart=a.h5"] if steps_of(out) else []))
        for n in filter(is_left, os.listdir(out)):
            os.remove(os.path.join(out, n))
        check.that(a["series"] == b["series"] and same_files(whole, out), f"killed, {file}: {sorted(set(os.listdir(whole)) ^ set(os.listdir(out)))}")

with tempfile.TemporaryDirectory() as folder:
    out = os.path.join(folder, "whole")
    go("heat", out, *KILL)

    # ---- refused
    good = os.path.join(out, "a.h5")
    data = bytearray(open(good, "rb").read())
    at = data.find(struct.pack("<d", 25.0))  # the number of unknowns, in the record
    check.that(at > 0, "the record is not found")
    data[at + 8 * 20] ^= 1
    open(os.path.join(folder, "bent.h5"), "wb").write(data)
    open(os.path.join(folder, "cut.h5"), "wb").write(data[: len(data) // 2])
    open(os.path.join(folder, "text.h5"), "w").write("no HDF5")
    refused = os.path.join(folder, "refused")
    for sets, message in [(["time.restart=none.h5"], "none.h5': cannot open"), ([f"time.restart={folder}/text.h5"], "text.h5: no HDF5 file, or a damaged one"),
                          ([f"time.restart={folder}/cut.h5"], "damaged"), ([f"time.restart={folder}/bent.h5"], "bent.h5: damaged: its numbers are not those that were written"),
                          (["constants.k=0.2"], "is of another problem: there `constants.k: 0.1`, here `constants.k: 0.2`"),
                          (["constants.more=1"], "is of another problem: `constants.more: 1` is here, not there"),
                          (["time.scheme=euler"], "there `time.scheme: bdf2`, here `time.scheme: euler`"), (["time.step=0.004"], "there `time.step: 0.002`, here `time.step: 0.004`"),
                          (["compute.more=1*dx"], "`compute.more: 1*dx` is here, not there"), (["mesh.box.cells=[5,4]"], "is of another mesh: its nodes, cells or sets differ"),
                          (["mesh.box.upper=[1,1.1]"], "is of another mesh"), (["time.end=0.5"], "is at t = 1, and time.end is 0.5; expected a later end"),
                          (["time.restart=a.vtu"], "expected one that ends in .h5"), (["time.checkpoint_every=0"], "expected every n-th output, n from 1")]:
        args = KILL + ([] if any("restart" in s for s in sets) else [f"time.restart={good}"]) + sets
        error = go("heat", refused, *args, status=2)
        check.that(message in error and error.count("\n") == 1 and not [n for n in os.listdir(refused) if n != "report.json"], f"{sets}: {error} {os.listdir(refused)}")
    other = os.path.join(folder, "other")
    go("heat", other, *KILL, "output.file=b.xdmf", "time.end=0.1")
    error = go("heat", other, *KILL, "output.file=b.xdmf", "output.fields=[u, grad(u)]", "time.restart=a.h5", status=2)  # before anything is computed
    check.that("b.h5: it holds no 'values/grad_u'" in error, f"another list of fields: {error}")
check.end()
