"""Claim: `galerkit bench batch --backend cuda` prints what many sets cost on a GPU in one call: predicted, for the named architecture, with the floor (what every set must move) and beside one call for each set,
launches included. More sets cost little more than their own bytes and work: one launch does all."""
import json
import os
import tempfile

from gkt import Checks, command

check = Checks()
folder = tempfile.TemporaryDirectory()
JSON = os.path.join(folder.name, "b.json")
PART = {"predicted_for", "predicted_method", "predicted_of_each", "predicted_seconds_least", "predicted_seconds_most", "predicted_seconds_floor", "predicted_share_of_floor",
        "predicted_limit", "predicted_seconds_one_by_one"}
N = 6
cells, nodes = 6 * N**3, (N + 1) ** 3
entries = nodes + 2 * (3 * N * (N + 1) ** 2 + 3 * N**2 * (N + 1) + N**3)


def bench(*args):
    r = command("bench", "batch", "--backend", "cuda", "--json", JSON, *args)
    if "NVRTC" in r.stderr or "nvrtc" in r.stderr:
        check.skip(r.stderr.strip())
        check.end()
    check.that(r.returncode == 0, f"{args}: {r}")
    return json.load(open(JSON))["cases"][0], r.stdout


def of(sets):
    case, out = bench("--case", "coefficients-p1", "--set", f"mesh.box.cells=[{N}, {N}, {N}]", "--sets", str(sets))
    check.that(case["sets"] == sets and case["cells"] == cells and case["dofs"] == nodes and case["predicted_architecture"] == 90, f"{case}")
    check.that("predicted" in out and "nothing was measured" in out, out)
    for part in (case["matrix"], case["residual"]):
        check.that(set(part) == PART and part["predicted_method"] == "fused" and part["predicted_for"] == "H200", f"{part}")
        check.that(0 < part["predicted_seconds_floor"] <= part["predicted_seconds_least"] <= part["predicted_seconds_most"], f"{part}")
        check.that(part["predicted_seconds_most"] < part["predicted_seconds_one_by_one"] or sets == 1, f"{part}")
    return case


few, many = of(8), of(64)
for case in (few, many):
    # the coefficient is the only function that the matrix reads: connectivity, which its dof numbers are, and coordinates once, then values in and out of each set
    floor = (cells * 16 + nodes * 24 + case["sets"] * 8 * (nodes + entries)) / (cells * case["sets"])
    check.that(abs(case["matrix"]["predicted_of_each"]["floor_bytes"] / floor - 1) < 1e-9, f"{case['matrix']}: {floor}")
check.that(many["matrix"]["predicted_of_each"]["instructions"] <= few["matrix"]["predicted_of_each"]["instructions"] * (1 + 1e-9), "what a set costs does not grow")
check.that(many["matrix"]["predicted_seconds_one_by_one"] > 7.9 * few["matrix"]["predicted_seconds_one_by_one"], "calls one by one cost what they cost")
r = command("bench", "batch", "--backend", "cuda", "--architecture", "70")
check.that(r.returncode == 2 and "expected 80, 90 or 100" in r.stderr, f"{r}")
check.end()
