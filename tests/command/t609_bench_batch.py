"""Claim: `galerkit bench batch` compares a batch with one call for each set, says that they are equal, bit for bit, and writes what it prints; any problem file, any number of sets."""
import json
import os
import tempfile

from gkt import Checks, command

check = Checks()
folder = tempfile.TemporaryDirectory()
JSON = os.path.join(folder.name, "b.json")
SMALL = ["--set", "mesh.box.cells=[3, 3, 3]", "--repeat", "1"]


def bench(*args):
    r = command("bench", "batch", "--json", JSON, *SMALL, *args)
    check.that(r.returncode == 0 and not r.stderr, f"{args}: {r}")
    return json.load(open(JSON))["cases"], r.stdout


cases, out = bench("--case", "poisson-p1-varying", "--sets", "5", "--threads", "2")
c = cases[0]
check.that((c["name"], c["sets"], c["cells"], c["dofs"], c["repeat"]) == ("poisson-p1-varying", 5, 162, 64, 1), f"{c}")
for what in ("matrix", "vector"):
    t = c[what]
    check.that(t["equal"] and t["apart_cpu_seconds"] > 0 and abs(t["ratio"] * t["apart_cpu_seconds"] - t["batch_cpu_seconds"]) < 1e-12, f"{what}: {t}")
check.that("poisson-p1-varying" in out and out.count("\n") == 4, out)
file = os.path.join(os.environ["GKT_ROOT"], "examples/forms/elasticity.yaml")
c = bench(file, "--backend", "interpreter")[0][0]
check.that(c["sets"] == 16 and c["matrix"]["equal"] and c["vector"]["equal"], f"{c}")

r = command("bench", "batch", "--sets", "0")
check.that(r.returncode == 2 and r.stderr == "galerkit: --sets 0: expected a whole number from 1 to 10000\n", f"{r}")
r = command("bench", "assembly", "--sets", "3")
check.that(r.returncode == 2 and "--sets: not an option of `galerkit bench assembly`" in r.stderr, f"{r}")
check.end()
