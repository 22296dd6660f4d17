"""Claim: `galerkit run --backend cuda` is refused with status 2 and the reason where there is no usable device; where the device fails while it computes (memory, a launch, a compilation,
a device that goes away) the status is 1, with one message of what was being done and a report that says so, and outputs of an earlier run stay whole."""
import json
import os
import subprocess
import tempfile

from gkt import BIN, Checks

check = Checks()
PROBLEM = """mesh: {box: {cells: [4, 4]}}
fields: {u: {space: P1, test: v}}
equation: "dot(grad(u), grad(v))*dx == v*dx"
conditions: [{on: boundary, value: 0}]
output: {file: a.vtu}
"""
FAILURES = {
    "alloc:4": "out of memory on emulated device: ",
    "alloc:9+": "out of memory on emulated device: ",
    "launch:3": "emulated device: the launch of gkt_",
    "compile:1": "the compiler of the device (emulated) refused",
    "load:1": "emulated device: loading kernels failed",
    "open:1": "emulated device cannot be opened",
    "any:25+": "emulated device",
}
with tempfile.TemporaryDirectory() as folder:
    problem, report, output = (os.path.join(folder, name) for name in ("p.yaml", "r.json", "a.vtu"))
    open(problem, "w").write(PROBLEM)

    def run(cache="cache", **environment):
        env = dict(os.environ, XDG_CACHE_HOME=os.path.join(folder, cache), GKT_DEVICE="emulated", **environment)
        command = [os.path.join(BIN, "galerkit"), "run", problem, "--backend", "cuda", "--quiet", "--out", folder, "--report", report]
        return subprocess.run(command, capture_output=True, text=True, env=env, timeout=200)

    r = run(GKT_EMULATOR="/nowhere.so")
    check.that(r.returncode == 2 and r.stderr.startswith("galerkit: no GPU can be used: GKT_EMULATOR: /nowhere.so") and r.stderr.count("\n") == 1, f"no device: status {r.returncode}\n{r.stderr}")
    check.that(r.stderr.endswith("; the backends cpu and interpreter need none\n"), f"no device: {r.stderr}")
    r = run()
    check.that(r.returncode == 0 and not r.stderr, f"on the emulated device: status {r.returncode}\n{r.stderr}")
    whole = open(output, "rb").read()
    for what, said in FAILURES.items():
        r = run(cache="empty" + what if what == "compile:1" else "cache", GKT_EMULATED_FAIL=what)
        check.that(r.returncode == 1 and r.stderr.count("\n") == 1 and said in r.stderr, f"{what}: status {r.returncode}, expected 1 and '{said}'\n{r.stderr}")
        told = json.load(open(report))
        check.that(told["status"] == "failed" and said in told["reason"], f"{what}: the report says {told['status']}, {told['reason']}")
        check.that(open(output, "rb").read() == whole, f"{what}: the output of before was changed")
    check.that(run().returncode == 0, "it runs again")
check.end()
