#!/usr/bin/env bash
# Assembly by two builds of Galerkit, in turns, one thread: how many times the second is as fast as the first, by the least CPU time of all turns.
# scripts/bench-versions.sh OLD/bin/galerkit NEW/bin/galerkit [CASE...]; TURNS=3, REPEAT=7, SIZE=n boxes per edge, CC="cc -mno-avx512f" for kernels of a lesser processor.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
old=$1 new=$2
shift 2
cases=("$@")
[ $# -gt 0 ] || for c in poisson-p1 elasticity-p1 poisson-p2 elasticity-q1 elasticity-q2 neo-hookean-p2; do cases+=("$c" "$c-varying"); done
[ $# -gt 0 ] || cases+=(burgers-p2 navier-stokes boussinesq)
size=()
[ -z "${SIZE:-}" ] || size=(--set "mesh.box.cells=[$SIZE, $SIZE, $SIZE]")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export OMP_NUM_THREADS=1
for c in "${cases[@]}"; do
  for turn in $(seq "${TURNS:-3}"); do
    for which in old new; do
      "${!which}" bench assembly --quiet --case "$c" --repeat "${REPEAT:-7}" "${size[@]}" --threads 1 --json "$out/$which.$turn.json"
    done
  done
  python3 - "$out" "$c" <<'PYTHON'
import glob
import json
import sys

folder, name = sys.argv[1:]
cases = {w: [json.load(open(p))["cases"][0] for p in glob.glob(f"{folder}/{w}.*.json")] for w in ("old", "new")}
ratios = [min(c[k]["cpu_seconds"] for c in cases["old"]) / min(c[k]["cpu_seconds"] for c in cases["new"]) for k in ("matrix", "vector")]
pattern = min(c["seconds"]["pattern"] for c in cases["old"]) / min(c["seconds"]["pattern"] for c in cases["new"])
a, b = (cases[w][0]["norms"] for w in ("old", "new"))
apart = max(abs(a[k] - b[k]) for k in a) / max(a.values())
print(f"{name:24} matrix {ratios[0]:5.2f}x  residual {ratios[1]:5.2f}x  pattern {pattern:5.2f}x  norms apart {apart:.0e}", flush=True)
PYTHON
done
