"""Claim: scripts/calibrate.py turns what gpu-check.sh measured into a card's line of the model of costs, by the arithmetic that docs/gpu.md gives: each constant follows from its stage,
what was not measured stays and is named, figures of the emulated device and of no device are refused. gpu-check.sh reads what compute-sanitizer says: a clean run passes, a race, a bad
address and a run that breaks off do not, and the first of what is found is in the JSON. All figures and all output here are made up."""
import copy
import json
import os
import stat
import subprocess
import tempfile

from gkt import ROOT, Checks

check = Checks()
folder = tempfile.TemporaryDirectory()
made_up = json.load(open(os.path.join(ROOT, "tests", "files", "gpu-check-made-up.json")))
cards = os.path.join(ROOT, "core", "device_cards.inc")


def calibrate(figures, *options):
    path, copied = os.path.join(folder.name, "gpu-check.json"), os.path.join(folder.name, "cards.inc")
    json.dump(figures, open(path, "w"))
    open(copied, "w").write(open(cards).read())
    r = subprocess.run([os.path.join(ROOT, "scripts", "calibrate.py"), path, copied, *options], capture_output=True, text=True)
    return r, {line.split(",")[0]: line for line in open(copied).read().splitlines() if line.startswith("GKT_CARD(")}


before = {line.split(",")[0]: line for line in open(cards).read().splitlines() if line.startswith("GKT_CARD(")}
r, after = calibrate(made_up)
check.that(r.returncode == 0 and after == before, f"nothing is written unasked: {r}")
check.that("measured 31 G cells a second, predicted before 22 to 43, limit DRAM" in r.stdout, r.stdout)
r, after = calibrate(made_up, "--write")
expected = 'GKT_CARD(90, 100, "H200", 2000000000, 233472, 4e+12, 5e+12, 0.9, 60, 120, 2e-06, 1e-06, "measured 1999-12-31 on a made-up device, driver 0.0, commit made-up")'
check.that(after.pop("GKT_CARD(90") == expected and before.pop("GKT_CARD(90") != expected, f"the line: {r.stdout}")
check.that(after == before, f"other cards: {after}")

# ---- a stage that failed, none at all ----
part = copy.deepcopy(made_up)
for stage in part["stages"]:
    if stage["stage"] == "launches":
        stage["status"] = 124
r, after = calibrate(part, "--write")
check.that("3e-06, 1.5e-06" in after["GKT_CARD(90"] and "not measured: launch, replay" in after["GKT_CARD(90"], f"what was not measured stays: {after}")
for name, change in {"emulated": {"emulated": True}, "go well": {"stages": []}}.items():
    r, _ = calibrate(made_up | change, "--write")
    check.that(r.returncode != 0 and name in r.stderr, f"{name}: {r}")
unknown = copy.deepcopy(made_up)
unknown["stages"][0]["result"][0]["architecture"] = 70
check.that("no card of sm_70" in calibrate(unknown)[0].stderr, "an architecture without a card")

# ---- compute-sanitizer ----
CLEAN = "========= COMPUTE-SANITIZER\n========= RACECHECK SUMMARY: 0 hazards displayed (0 errors, 0 warnings)\n========= ERROR SUMMARY: 0 errors"
RACE = ("========= COMPUTE-SANITIZER\n========= Error: Race reported between Write access at gkt_patch+0x1a0 and Read access at gkt_patch+0x2b0 [64 hazards]\n=========\n"
        "========= RACECHECK SUMMARY: 1 hazard displayed (1 error, 0 warnings)\n========= ERROR SUMMARY: 0 errors")
ADDRESS = "========= COMPUTE-SANITIZER\n========= Invalid __global__ read of size 8 bytes\n=========     at gkt_patch+0x90\n========= RACECHECK SUMMARY: 0 hazards displayed (0 errors, 1 warning)\n========= ERROR SUMMARY: 3 errors"
BROKEN = "========= COMPUTE-SANITIZER\n========= Error: Target application terminated before first instrumented API call"


def sanitized(output, code):
    fake = os.path.join(folder.name, "compute-sanitizer")
    open(fake, "w").write(f"#!/bin/sh\ncat <<'END'\n{output}\nEND\nexit {code}\n")
    os.chmod(fake, os.stat(fake).st_mode | stat.S_IXUSR)
    out = os.path.join(folder.name, "check")
    env = os.environ | {"GKT_DEVICE": "emulated", "GKT_SANITIZER": fake, "GKT_CHECK_STAGES": "racecheck memcheck"}
    r = subprocess.run(["bash", os.path.join(ROOT, "scripts", "gpu-check.sh"), out], capture_output=True, text=True, env=env, timeout=120)
    stages = {s["stage"]: s for s in json.load(open(os.path.join(out, "gpu-check.json")))["stages"]}
    check.that(set(stages) == {"device", "racecheck", "memcheck"}, f"stages that were asked for: {set(stages)}")
    return r.returncode, stages["racecheck"], stages["memcheck"]


if os.path.exists(os.path.join(os.environ["GKT_BUILD"], "lib", "libgalerkit_emulated.so")):
    status, races, memory = sanitized(CLEAN, 0)
    check.that(status == 0 and races["result"] == {"tool": "racecheck", "errors": 0, "warnings": 0, "first": "", "status": 0}, f"clean: {races}")
    check.that(memory["status"] == 0 and memory["result"]["errors"] == 0, f"clean: {memory}")
    status, races, memory = sanitized(RACE, 1)
    check.that(status == 2 and races["status"] != 0 and races["result"]["errors"] == 1 and "gkt_patch+0x1a0" in races["result"]["first"], f"a race: {races}")
    status, races, memory = sanitized(ADDRESS, 1)
    check.that(memory["status"] != 0 and memory["result"]["errors"] == 3 and memory["result"]["first"].startswith("Invalid __global__ read"), f"an address: {memory}")
    check.that(races["status"] != 0 and races["result"]["warnings"] == 1, f"a warning: {races}")
    status, races, memory = sanitized(BROKEN, 0)
    check.that(status == 2 and races["status"] == 3 and races["result"]["errors"] is None and "did not run to its end" in races["output"], f"broken off: {races}")
check.end()
