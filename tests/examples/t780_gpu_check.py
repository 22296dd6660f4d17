"""Claim: scripts/gpu-check.sh keeps valid JSON after every stage. On the emulated device all stages pass, with no rates; without a device it says so after the first one, with status 1;
cut short, it keeps what was done."""
import json
import os
import subprocess
import tempfile

from gkt import ROOT, Checks

check = Checks()
script = os.path.join(ROOT, "scripts", "gpu-check.sh")
rates = ("seconds", "bytes_per_second", "random_loads_per_second", "ordered_loads_per_second", "wavefronts_per_random_load")


def run(folder, **environment):
    env = {k: v for k, v in os.environ.items() if k != "GKT_DEVICE"} | environment
    r = subprocess.run(["bash", script, folder], capture_output=True, text=True, env=env, timeout=280)
    return r, json.load(open(os.path.join(folder, "gpu-check.json")))


with tempfile.TemporaryDirectory() as folder:
    r, found = run(folder, CUDA_VISIBLE_DEVICES="")
    check.that(r.returncode == 1, f"without a device: status {r.returncode}\n{r.stdout}{r.stderr}")
    check.that(len(found["stages"]) == 1 and found["finished"], f"without a device: {found}")
    check.that(found["stages"][0]["result"][0]["error"] and "gpu-check: " in r.stdout, f"without a device: {found}\n{r.stdout}")
    check.that(found["date"].endswith("Z") and found["commit"] and found["emulated"] is False, f"the head: {found}")
emulator = os.path.join(os.environ["GKT_BUILD"], "lib", "libgalerkit_emulated.so")
if os.environ.get("GKT_EMULATOR") or os.path.exists(emulator):
    with tempfile.TemporaryDirectory() as folder:
        r, found = run(folder, GKT_DEVICE="emulated")
        check.that(r.returncode == 0 and found["finished"] and found["emulated"], f"emulated: status {r.returncode}\n{r.stdout}{r.stderr}\n{open(os.path.join(folder, 'gpu-check.log')).read()[-3000:]}")
        for stage in found["stages"]:
            check.that(stage["status"] == 0, f"{stage['stage']}: {stage}")
        for name in ("copy", "gather"):
            (result,) = [s["result"][0] for s in found["stages"] if s["stage"] == name] or [{}]
            check.that(result.get("emulated") is True, f"{name} does not say that it is emulated: {result}")
            check.that(all(result.get(k) is None for k in rates), f"{name} has a rate: {result}")
    with tempfile.TemporaryDirectory() as folder:
        r, found = run(folder, GKT_DEVICE="emulated", GKT_CHECK_SECONDS="0")
        check.that(r.returncode == 2 and found["finished"], f"no time: status {r.returncode}, {found}")
        check.that(found["stages"][-1]["status"] == 124, f"no time: {found['stages'][-1]}")
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(["bash", script, folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | {"GKT_DEVICE": "emulated"}, start_new_session=True)
        for _ in range(2):
            process.stdout.readline()
        os.killpg(process.pid, 9)
        process.communicate()
        found = json.load(open(os.path.join(folder, "gpu-check.json")))
        check.that(len(found["stages"]) >= 2 and not found["finished"], f"killed: {found}")
else:
    check.skip("the emulated device is not built")
check.end()
