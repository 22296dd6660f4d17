"""Claim: `galerkit bench assembly` and `solve` with `--backend cuda` print what they cost on a GPU: predicted, for the named architecture, with its share of the floor, at 1, 10 and 30 million
cells from counts whose size is told. The file calls nothing a measurement that is none; without a GPU it says why nothing was measured. Bytes are those of the mesh."""
import json
import os
import tempfile

from gkt import Checks, command

check = Checks()
folder = tempfile.TemporaryDirectory()
JSON = os.path.join(folder.name, "b.json")
EACH = {"tensors", "dram_bytes", "l2_bytes", "wavefronts", "fp64", "instructions", "floor_bytes"}
PART = {"predicted_for", "predicted_method", "counted_on", "items", "predicted_of_each", "predicted_seconds_least", "predicted_seconds_most", "predicted_share_of_floor",
        "predicted_limit", "predicted_launches", "predicted_blocks", "predicted_resident", "predicted_at", "measured_seconds"}


def bench(what, *args):
    r = command("bench", what, "--backend", "cuda", "--json", JSON, *args)
    if "NVRTC" in r.stderr or "nvrtc" in r.stderr:
        check.skip(r.stderr.strip())
        check.end()
    check.that(r.returncode == 0, f"{args}: {r}")
    return json.load(open(JSON)), r.stdout


def names(value):
    """Of all keys in which a number stands."""
    if isinstance(value, dict):
        return {k for k, v in value.items() if isinstance(v, (int, float)) and not isinstance(v, bool)} | {n for v in value.values() for n in names(v)}
    return {n for v in value for n in names(v)} if isinstance(value, list) else set()


def look(part, n, items, card="H200", by="extrapolated"):
    check.that(set(part) == PART and set(part["predicted_of_each"]) == EACH, f"{part}")
    check.that(part["counted_on"] == n and part["items"] == items and part["predicted_for"] == card, f"{part}")
    least, most = part["predicted_seconds_least"], part["predicted_seconds_most"]
    check.that(0 < least <= most and 0 < part["predicted_share_of_floor"] <= 1, f"{part}")
    check.that([a["items"] for a in part["predicted_at"]] == [1e6, 1e7, 3e7] and {a["by"] for a in part["predicted_at"]} == {by}, f"{part}")
    check.that(part["predicted_blocks"] > 0 and part["predicted_resident"] > 0 and part["predicted_launches"] >= 1, f"{part}")
    at = [a["predicted_seconds_most"] / a["items"] for a in part["predicted_at"]]
    check.that(max(at) < most / n, f"launches and idle multiprocessors of a small mesh: {part}")
    check.that(all(0 < a["counted_on"] <= n for a in part["predicted_at"]), f"plans no larger than the one at hand: {part}")
    check.that(by == "extrapolated" or 0.9 < at[2] / at[1] <= 1, f"in proportion: {part}")


# ---- P1 Poisson on a box of 6^3 boxes of six tetrahedra ----
N = 6
cells, nodes = 6 * N**3, (N + 1) ** 3
edges = 3 * N * (N + 1) ** 2 + 3 * N**2 * (N + 1) + N**3
SMALL = ["--case", "poisson-p1", "--set", f"mesh.box.cells=[{N}, {N}, {N}]"]
report, out = bench("assembly", *SMALL)
case = report["cases"][0]
check.that(report["machine"] is None and case["predicted_architecture"] == 90, f"{report}")
check.that(not {n for n in names(case) - EACH - {"counted_on", "items"} if not n.startswith(("predicted_", "measured_"))}, f"numbers that may be taken for measured ones: {names(case)}")
look(case["matrix"], cells, "cells")
look(case["residual"], cells, "cells")
floor = (16 * cells + 24 * nodes + 8 * (nodes + 2 * edges)) / cells
check.that(abs(case["matrix"]["predicted_of_each"]["floor_bytes"] / floor - 1) < 1e-12, f"{case}: {floor}")
check.that(case["matrix"]["predicted_of_each"]["tensors"] >= 1 and case["matrix"]["predicted_of_each"]["dram_bytes"] > floor, f"{case}")
check.that("predicted" in out and "H200" in out and "poisson-p1" in out, out)
measured = case["measured_on"] != ""
check.that((case["matrix"]["measured_seconds"] is not None) == measured and (case["not_measured_because"] == "") == measured, f"{case}")
check.that(measured or "nothing was measured: " in out, out)

# ---- somebody's mesh, in proportion; a cube of a size that is asked for ----
PROBLEM = os.path.join(folder.name, "own.yaml")
open(PROBLEM, "w").write("mesh: {box: {cells: [6, 4, 3], shape: tet}}\nfields: {u: {space: P1, test: v}}\nequation: \"dot(grad(u), grad(v))*dx == v*dx\"\n")
look(bench("assembly", PROBLEM)[0]["cases"][0]["matrix"], 6 * 6 * 4 * 3, "cells", by="proportional")
r = command("bench", "assembly", "--backend", "cuda", "--items", "0", *SMALL)
check.that(r.returncode == 2 and "--items 0" in r.stderr, f"{r}")

# ---- another card; what is no architecture ----
old = bench("assembly", "--architecture", "80", *SMALL)[0]["cases"][0]
look(old["matrix"], cells, "cells", "A100")
check.that(old["matrix"]["predicted_seconds_most"] > case["matrix"]["predicted_seconds_most"], "an A100 is slower")
r = command("bench", "assembly", "--backend", "cuda", "--architecture", "70", *SMALL)
check.that(r.returncode == 2 and "expected 80, 90 or 100" in r.stderr, f"{r}")

# ---- products and iterations ----
case = bench("solve", *SMALL)[0]["cases"][0]
look(case["product"], nodes, "rows")
look(case["cg-iteration"], nodes, "rows")
more = case["cg-iteration"]["predicted_of_each"]["dram_bytes"] - case["product"]["predicted_of_each"]["dram_bytes"]
check.that(abs(more - 13 * 8) < 1e-9, f"an iteration reads and writes 13 vectors beside the product: {more}")
check.that(case["product"]["measured_seconds"] is None, f"{case}")
check.end()
