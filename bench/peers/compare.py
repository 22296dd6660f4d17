#!/usr/bin/env python3
"""One table of what scripts/bench-peers.sh measured: compare.py FOLDER, which holds CASE.ours.json, CASE.two.json (two threads) and CASE.theirs.json. Status 1 where the two programs
disagree on the matrix, its product with a vector or the residual."""
import glob
import json
import os
import sys

GATES = {"poisson-p1": (3, 4), "elasticity-p1": (6, 12), "poisson-p2": (3, 6), "elasticity-q1": (3, 6), "elasticity-q2": (3, 6), "neo-hookean-p2": (3, 6)}
AGREE = 1e-11  # sums of up to some hundred rounded terms, in another order and with fused multiplications


def read(folder, name, which):
    r = json.load(open(os.path.join(folder, f"{name}.{which}.json")))
    return r, r["cases"][0]


def differences(a, b):
    same = all(a[k] == b[k] for k in ("cells", "dofs", "nonzeros"))
    return max(abs(a["norms"][k] - b["norms"][k]) / abs(b["norms"][k]) for k in b["norms"]) if same else float("inf")


def verdict(name, ratio):
    gate, goal = GATES[name.removesuffix("-varying")]
    return f"{gate}x {'missed' if ratio < gate else 'met'}, {goal}x {'missed' if ratio < goal else 'met'}"


def row(folder, name):
    (whole, ours), (_, two), (_, theirs) = (read(folder, name, w) for w in ("ours", "two", "theirs"))
    a, b, cells = ours["matrix"], theirs["matrix"], ours["cells"]
    ratio, cpu, vector = (theirs[k][t] / ours[k][t] for k, t in (("matrix", "min_seconds"), ("matrix", "cpu_seconds"), ("vector", "cpu_seconds")))
    ns = lambda seconds: f"{1e9 * seconds / cells:.1f}"
    memory = ours["memory"]["peak_per_dof"] if ours["memory"] else float("nan")
    return [name, f"{cells:,}", ns(a["min_seconds"]), ns(a["median_seconds"]), ns(a["cpu_seconds"]), ns(b["min_seconds"]), ns(b["cpu_seconds"]), f"{ratio:.1f}", f"{cpu:.1f}",
            verdict(name, min(ratio, cpu)), f"{vector:.1f}", f"{a['min_seconds'] / two['matrix']['min_seconds']:.2f}", f"{100 * a['share_of_copy']:.0f} %",
            f"{ours['seconds']['pattern_per_million_cells']:.2f}", f"{memory:.0f}", f"{differences(ours, theirs):.0e}"], whole, differences(ours, theirs)


HEAD = ["case", "cells", "ns/cell", "median", "CPU", "DOLFINx", "CPU", "ratio", "by CPU", "gate, goal", "residual by CPU", "2 threads", "of copy", "pattern s/Mcell", "peak B/dof", "differs by"]


def main(folder):
    names = [n for base in GATES for n in (base, base + "-varying") if os.path.exists(os.path.join(folder, f"{n}.theirs.json"))]
    rows = [row(folder, n) for n in names]
    if not rows:
        raise SystemExit(f"compare: no CASE.theirs.json in {folder}")
    machine, bandwidths = rows[0][1]["machine"], [r[1]["machine"]["copy_bandwidth"] / 1e9 for r in rows]
    print(f"{machine['processor']}, one thread each; copies {min(bandwidths):.1f} to {max(bandwidths):.1f} GB/s\n")
    for cells in [HEAD, ["---"] + ["--:"] * (len(HEAD) - 1), *(r[0] for r in rows)]:
        print("| " + " | ".join(cells) + " |")
    wrong = [r[0][0] for r in rows if not r[2] < AGREE]
    if wrong:
        raise SystemExit(f"compare: the programs disagree on {', '.join(wrong)}")


main(sys.argv[1])
