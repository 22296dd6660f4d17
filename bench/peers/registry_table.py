#!/usr/bin/env python3
"""One table of what scripts/bench-registry.sh measured: registry_table.py FOLDER..., each with PROBLEM.npz, PROBLEM.PROGRAM.SOLVER.json and .npy, Galerkit's among them, and PROBLEM.PROGRAM.skipped
where one could not be had. A row whose answer is not the problem's, or not Galerkit's, shows why in place of figures; then the status is 1."""
import glob
import json
import os
import sys

import numpy
from common import LOADS, Problem, difference, refusal, residual

HEAD = ["problem", "dofs", "program", "solver", "set-up s", "assembly ms", "ours : theirs", "solve s", "ours : theirs", "iterations", "residual", "max abs u", "apart", "peak MB"]


def ratio(ours, theirs):
    return f"1 : {theirs / ours:,.1f}"


def figures(problem, result, u, ours, our_u):
    return [f"{result['setup']:.1f}", f"{1e3 * result['assembly']:,.0f}", ratio(ours["assembly"], result["assembly"]), f"{result['solve']:.2f}", ratio(ours["solve"], result["solve"]),
            "-" if result["iterations"] is None else f"{result['iterations']}", f"{residual(problem, u):.1e}", f"{abs(u).max():.8g}", f"{difference(u, our_u):.0e}",
            f"{result['memory'] / 1e6:,.0f}"]


def in_place_of_figures(text):
    return [text] + [""] * (len(HEAD) - 5)


def read(path):
    with open(path) as f:
        return json.load(f), numpy.load(path.removesuffix(".json") + ".npy")


def row(problem, path):
    """The cells of a row, and whether it is right. It is compared with Galerkit's row of the same kind of solver."""
    result, u = read(path)
    ours, our_u = read(os.path.join(os.path.dirname(path), f"{problem.name}.galerkit.{result['solver']}.json"))
    why = refusal(problem, u, our_u)
    head = [problem.name, f"{result['dofs']:,}", f"{result['program']} {result['version']}", result["method"]]
    return head + (in_place_of_figures(f"refused: {why}") if why else figures(problem, result, u, ours, our_u)), not why


def rows(folder, name):
    problem = Problem.read(os.path.join(folder, f"{name}.npz"))
    for kind in ("amg", "jacobi"):
        paths = glob.glob(os.path.join(folder, f"{name}.*.{kind}.json"))
        yield from (row(problem, path) for path in sorted(paths, key=lambda p: (".galerkit." not in p, p)))
    for path in sorted(glob.glob(os.path.join(folder, f"{name}.*.skipped"))):
        yield [name, f"{problem.dofs:,}", path.split(".")[-2], "", *in_place_of_figures("skipped: " + open(path).read().strip())], True


def main(folders):
    found = [r for folder in folders for name in LOADS if os.path.exists(os.path.join(folder, f"{name}.npz")) for r in rows(folder, name)]
    if not found:
        raise SystemExit(f"registry_table: no PROBLEM.npz in {' '.join(folders)}")
    for cells in [HEAD, ["---"] + ["--:", "---", "---"] + ["--:"] * (len(HEAD) - 4), *(cells for cells, _ in found)]:
        print("| " + " | ".join(cells) + " |")
    wrong = [f"{cells[2]} on {cells[0]}" for cells, right in found if not right]
    if wrong:
        raise SystemExit(f"registry_table: refused: {', '.join(wrong)}")


if __name__ == "__main__":
    main(sys.argv[1:])
