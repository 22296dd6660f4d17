#!/usr/bin/env python3
"""One table of what scripts/bench-solve.sh measured: compare_solve.py FOLDER, which holds CASE.ours.json, CASE.two.json (two threads) and CASE.theirs.json. Status 1 where the two
programs disagree on the solution, or one missed the true residual."""
import sys

from tables import measured, print_table, read, refuse, same_sizes

AGREE = 1e-8  # of norm and maximum of u: residuals of 1e-10 leave errors some times as large
AGREE_STOKES = 1e-6  # the largest value is a pressure at a corner of one cell, whose row is small beside those of forces
RTOL = 1e-10
CASES = [f"{p}-{n}" for p in ("poisson", "hollow-cube") for n in ("0.1", "0.7", "1.0")] + ["stokes-0.1", "stokes-0.7"]
STAGES = ["mesh", "plan", "assemble", "setup", "solve"]


def difference(ours, run):
    return max(abs(ours["solution"][k] - run[k]) / abs(run[k]) for k in ("norm", "max"))


def agrees(ours, two, theirs):
    runs = theirs["runs"].values()
    met = all(r["residual"] <= RTOL for r in [ours["linear"], two["linear"], *runs])
    return met and same_sizes(ours, theirs) and all(difference(ours, r) < (AGREE_STOKES if ours["name"].startswith("stokes") else AGREE) for r in runs)


def both(times):
    return times["setup"] + times["solve"]


def whole(times):
    return sum(times[k] for k in STAGES)


def line(label, times, wall, iterations, residual, note):
    return [*label, *(f"{times[k]:.3f}" for k in STAGES), f"{both(times):.3f}", f"{whole(times):.3f}", f"{whole(wall):.3f}", str(iterations), f"{residual:.1e}", *note]


def ratios(label, ours, theirs):
    return [*label, *(f"{theirs[k] / ours[k]:.2f}x" for k in STAGES), *(f"{f(theirs) / f(ours):.2f}x" for f in (both, whole)), "", "", "", "", ""]


def rows(folder, name):
    (all_, ours), (_, two), (_, theirs) = (read(folder, name, w) for w in ("ours", "two", "theirs"))
    t, memory, size = ours["cpu_seconds"], ours["memory"], f"{ours['dofs']:,}"
    rate = lambda seconds: f"{1e-3 * ours['dofs'] / both(seconds):,.0f}"
    result = [line([name, "Galerkit", size], t, ours["seconds"], ours["linear"]["iterations"], ours["linear"]["residual"], [rate(t), f"{memory['peak_per_dof']:,.0f}" if memory else ""])]
    for which, run in theirs["runs"].items():
        cpu, wall = {**theirs["cpu_seconds"], **run["cpu_seconds"]}, {**theirs["seconds"], **run["seconds"]}
        result.append(line(["", f"DOLFINx, {which}", ""], cpu, wall, run["iterations"], run["residual"], [rate(cpu), ""]))
        result.append(ratios(["", "ratio", ""], t, cpu))
    result.append(line(["", "Galerkit, 2 threads, wall", ""], two["seconds"], two["seconds"], two["linear"]["iterations"], two["linear"]["residual"], [rate(two["seconds"]), ""]))
    return result, all_["machine"], agrees(ours, two, theirs)


HEAD = ["case", "program", "dofs", *STAGES, "setup + solve", "sum", "wall", "iterations", "residual", "kdof/s", "peak B/dof"]


def main(folder):
    names = measured(folder, CASES)
    results = [rows(folder, n) for n in names]
    print(f"{results[0][1]['processor']}, one thread each; CPU seconds, least of the repeats for each stage; kdof/s: dofs over setup + solve\n")
    print_table(HEAD, [row for table, _, _ in results for row in table], words=2)
    refuse([name for name, (_, _, agree) in zip(names, results) if not agree])


main(sys.argv[1])
