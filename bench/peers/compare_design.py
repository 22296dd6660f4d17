#!/usr/bin/env python3
"""The table of scripts/bench-adjoint.sh from a folder of results; status 1 where a peer's compliance or gradient is not Galerkit's."""
import glob
import json
import os
import sys

from design import AGREEMENT

folder = sys.argv[1]
case = json.load(open(f"{folder}/ours.json"))["cases"][0]
ours = case["forward"]["cpu_seconds"] + case["gradient"]["cpu_seconds"]
print("| program | solver | set-up s | step ms | ours : theirs | compliance | norm of the gradient |\n| --- | --- | --: | --: | --: | --: | --: |")
print(f"| Galerkit | {case['method']} | - | {1e3 * ours:.2f} | 1 : 1.0 | {case['value']:.10g} | {case['gradient_norm']:.10g} |")
wrong = 0
for path in sorted(glob.glob(f"{folder}/*.json")):
    if path.endswith("ours.json"):
        continue
    r = json.load(open(path))
    apart = max(abs(r["value"] / case["value"] - 1), abs(r["norm"] / case["gradient_norm"] - 1))
    wrong += apart > AGREEMENT
    figures = f"{1e3 * r['step']:.1f} | 1 : {r['step'] / ours:.0f}" if apart <= AGREEMENT else f"refused: {apart:.1e} apart | -"
    print(f"| {r['program']} {r['version']} | {r['solver']} | {r['setup']:.1f} | {figures} | {r['value']:.10g} | {r['norm']:.10g} |")
for path in sorted(glob.glob(f"{folder}/*.skipped")):
    print(f"| {os.path.basename(path)[:-8]} | {open(path).read().strip()} | - | - | - | - | - |")
raise SystemExit(bool(wrong))
