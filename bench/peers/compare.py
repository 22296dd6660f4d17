#!/usr/bin/env python3
"""One table of what scripts/bench-peers.sh measured: compare.py FOLDER, which holds CASE.ours.json, CASE.two.json (two threads) and CASE.theirs.json. Status 1 where the two programs
disagree on the matrix, its product with a vector or the residual."""
import sys

from tables import measured, print_table, read, refuse, same_sizes

GATES = {"poisson-p1": (3, 4), "elasticity-p1": (6, 12), "poisson-p2": (3, 6), "elasticity-q1": (3, 6), "elasticity-q2": (3, 6), "neo-hookean-p2": (3, 6), "burgers-p2": (3, 6), "navier-stokes": (5, 8), "boussinesq": (5, 8)}
AGREE = 1e-12  # sums of up to some hundred rounded terms, in another order and with fused multiplications


def difference(a, b):
    """The largest, relative to what the sums are made of: entries of A times values near 1, also where little is left of them."""
    return max(abs(a["norms"][k] - b["norms"][k]) for k in b["norms"]) / max(b["norms"].values()) if same_sizes(a, b) else float("inf")


def verdict(name, ratio):
    gate, goal = GATES[name.removesuffix("-varying")]
    return f"{gate}x {'missed' if ratio < gate else 'met'}, {goal}x {'missed' if ratio < goal else 'met'}"


def row(folder, name):
    (whole, ours), (_, two), (_, theirs) = (read(folder, name, w) for w in ("ours", "two", "theirs"))
    a, b, cells, apart = ours["matrix"], theirs["matrix"], ours["cells"], difference(ours, theirs)
    wall, cpu, vector = (theirs[k][t] / ours[k][t] for k, t in (("matrix", "min_seconds"), ("matrix", "cpu_seconds"), ("vector", "cpu_seconds")))
    ns = lambda seconds: f"{1e9 * seconds / cells:,.1f}"
    rate = a["bytes"] / a["cpu_seconds"]
    memory = ours["memory"]["peak_per_dof"] if ours["memory"] else float("nan")
    cells_of = [name, f"{cells:,}", ns(a["cpu_seconds"]), ns(a["min_seconds"]), ns(a["median_seconds"]), ns(b["cpu_seconds"]), ns(b["min_seconds"]), f"{cpu:.1f}", f"{wall:.1f}",
                verdict(name, cpu), f"{vector:.1f}", f"{a['min_seconds'] / two['matrix']['min_seconds']:.2f}", f"{a['bytes'] / cells:,.0f}", f"{rate / 1e9:.2f}",
                rate, f"{ours['seconds']['pattern_per_million_cells']:.2f}", f"{memory:,.0f}", f"{apart:.0e}"]
    return cells_of, whole["machine"], apart


HEAD = ["case", "cells", "CPU ns/cell", "wall", "median", "DOLFINx CPU", "wall", "ratio CPU", "wall", "gate, goal", "residual", "2 threads", "must move B/cell", "GB/s", "of copy",
        "pattern s/Mcell", "peak B/dof", "apart"]


def main(folder):
    rows = [row(folder, n) for n in measured(folder, [n for base in GATES for n in (base, base + "-varying")])]
    bandwidth = max(machine["copy_bandwidth"] for _, machine, _ in rows)  # of the quietest moment
    for cells, _, _ in rows:
        cells[HEAD.index("of copy")] = f"{100 * cells[HEAD.index('of copy')] / bandwidth:.0f} %"
    print(f"{rows[0][1]['processor']}, one thread each; copies {bandwidth / 1e9:.1f} GB/s; shares, GB/s and residual by CPU time\n")
    print_table(HEAD, [r[0] for r in rows])
    refuse([cells[0] for cells, _, apart in rows if not apart < AGREE])


main(sys.argv[1])
