#!/usr/bin/env python3
"""The table of scripts/bench-adjoint.sh from a folder of CASE.PROGRAM.TURN.json and CASE.PROGRAM.skipped; status 1 where a program has solved another problem, less well than asked, or has another
compliance or gradient than Galerkit. Times are the least of all turns; how far those of Galerkit's turns are apart is the noise."""
import glob
import json
import os
import sys

from design import AGREEMENT, RESIDUAL

HEAD = ["case", "program", "solver", "set-up s", "forward ms", "gradient ms", "gradient : forward", "step, ours : theirs", "residual", "compliance", "norm of the gradient", "peak MB"]


def turns(folder, case):
    """The turns of each program, Galerkit first, then the fastest."""
    found = {}
    for path in glob.glob(f"{folder}/{case}.*.json"):
        with open(path) as f:
            found.setdefault(os.path.basename(path).split(".")[1], []).append(json.load(f))
    return sorted(found.items(), key=lambda item: (item[0] != "galerkit", step(item[1])))


def least(runs, key):
    return min(r[key] for r in runs)


def step(runs):
    return min(r["forward"] + r["gradient"] for r in runs)


def refusal(run, ours):
    apart = max(abs(run[k] / ours[k] - 1) for k in ("value", "norm"))
    return f"refused: residual {run['residual']:.0e}" if not run["residual"] <= RESIDUAL else f"refused: {apart:.0e} from Galerkit's" if apart > AGREEMENT else ""


def row(case, runs, ours):
    run, forward, gradient = runs[0], least(runs, "forward"), least(runs, "gradient")
    why = next(filter(None, (refusal(r, ours[0]) for r in runs)), "")
    times = [f"{1e3 * forward:,.1f}", f"{1e3 * gradient:,.2f}", f"{gradient / forward:.2f}", f"1 : {step(runs) / step(ours):,.1f}"]
    return [case, f"{run['program']} {run['version']}", run["solver"], f"{least(runs, 'setup'):.1f}", *([why, "", "", ""] if why else times), f"{max(r['residual'] for r in runs):.0e}",
            f"{run['value']:.10g}", f"{run['norm']:.10g}", f"{least(runs, 'bytes') / 1e6:,.0f}"], why


def main(folder):
    cases = list(dict.fromkeys(os.path.basename(p).split(".")[0] for p in sorted(glob.glob(f"{folder}/*.galerkit.*.json"))))
    for cells in (HEAD, ["---"] * 3 + ["--:"] * (len(HEAD) - 3)):
        print("| " + " | ".join(cells) + " |")
    wrong, noise = [], []
    for case in cases:
        of = turns(folder, case)
        ours = of[0][1]
        for program, runs in of:
            cells, why = row(case, runs, ours)
            wrong += [why] if why else []
            print("| " + " | ".join(cells) + " |")
        for path in sorted(glob.glob(f"{folder}/{case}.*.skipped")):
            print(f"| {case} | {os.path.basename(path).split('.')[1]} | {open(path).read().strip()} |" + " |" * (len(HEAD) - 3))
        steps = [r["forward"] + r["gradient"] for r in ours]
        noise.append(f"{case} {max(steps) / min(steps) - 1:.0%}")
    print(f"Galerkit's turns apart: {', '.join(noise)}")
    return bool(wrong)


raise SystemExit(main(sys.argv[1]))
