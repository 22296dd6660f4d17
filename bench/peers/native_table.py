#!/usr/bin/env python3
"""One table of what scripts/bench-native.sh measured: native_table.py FOLDER, which holds CASE.PROGRAM.TURN.json of `ours`, `dolfinx` and, where it has the case, `ngsolve`. Status 1 where the
programs disagree on the matrix, its product with a vector or the residual."""
import glob
import json
import os
import sys

from tables import print_table, refuse, same_sizes

AGREE = 1e-12  # as in compare.py


def read(folder, name, program):
    return [json.load(open(p))["cases"][0] for p in sorted(glob.glob(os.path.join(folder, f"{name}.{program}.*.json")))]


def nanoseconds(cases):
    return 1e9 * min(c["matrix"]["cpu_seconds"] for c in cases) / cases[0]["cells"]


def apart(ours, theirs):
    """Of the norms that both tell; an energy that is told alone is 1."""
    if ours["cells"] != theirs["cells"] or ours["dofs"] != theirs["dofs"]:
        return float("inf")
    if "energy" in theirs["norms"]:
        return abs(theirs["norms"]["energy"] - 1)
    a, b = ours["norms"], theirs["norms"]
    return max(abs(a[k] - b[k]) for k in b) / max(b.values()) if same_sizes(ours, theirs) else float("inf")


def row(folder, name):
    ours, native, other = (read(folder, name, p) for p in ("ours", "dolfinx", "ngsolve"))
    least, vector = nanoseconds(ours), (min(c["vector"]["cpu_seconds"] for c in x) for x in (native, ours))
    differences = [apart(ours[0], x[0]) for x in (native, other) if x]
    ratio = lambda x: f"{nanoseconds(x) / least:.1f}x" if x else "-"
    cells = [name, f"{ours[0]['cells']:,}", f"{least:,.1f}", f"{nanoseconds(native):,.0f}", ratio(native), f"{nanoseconds(other):,.0f}" if other else "-", ratio(other),
             f"{next(vector) / next(vector):.1f}x", f"{max(differences):.0e}"]
    return cells, max(differences)


def main(folder):
    names = sorted({os.path.basename(p).split(".")[0] for p in glob.glob(os.path.join(folder, "*.dolfinx.*.json"))})
    rows = [row(folder, n) for n in names]
    print_table(["case", "cells", "ns/cell", "DOLFINx, its matrix", "ratio", "NGSolve", "ratio", "residual, DOLFINx", "apart"], [cells for cells, _ in rows])
    refuse([cells[0] for cells, difference in rows if not difference < AGREE])


main(sys.argv[1])
