"""Claim: every fenced sh block of docs/gpu.md runs as it stands, with its yaml block as problem.yaml, on a machine with or without a GPU."""
import os
import re
import subprocess
import tempfile

from gkt import BIN, ROOT, Checks

check = Checks()
text = open(os.path.join(ROOT, "docs", "gpu.md")).read()
(problem,) = re.findall(r"^```yaml\n(.*?)^```", text, re.S | re.M)
blocks = re.findall(r"^```sh\n(.*?)^```", text, re.S | re.M)
check.that(len(blocks) >= 2, "no sh blocks in docs/gpu.md")
env = {k: v for k, v in os.environ.items() if k not in ("GKT_DEVICE", "GKT_BACKEND")}
env["PATH"] = os.pathsep.join([BIN, os.path.join(ROOT, "scripts"), env["PATH"]])
for block in blocks:
    if "emulated" in block and not env.get("GKT_EMULATOR"):
        check.skip("the emulated device is not built")
        continue
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, "problem.yaml"), "w").write(problem)
        r = subprocess.run(["bash", "-e", "-c", block], capture_output=True, text=True, cwd=folder, env=env, timeout=280)
        check.that(r.returncode == 0, f"{block}status {r.returncode}\n{r.stdout}{r.stderr}")
check.end()
