#!/usr/bin/env bash
# Whole solutions beside DOLFINx (Debian's python3-dolfinx, installed where missing), case after case in one go; one table. scripts/bench-solve.sh [CASE...]; REPEAT=3.
# Needs build/bin/galerkit and, for the hollow cube, galerkit-mesh. Other work on the machine disturbs what is measured: the loads at the beginning and the end are printed.
set -euo pipefail
out=build/bench-solve
. "$(dirname "$0")/bench-common.sh"
cases=("$@")
[ $# -gt 0 ] || cases=({poisson,hollow-cube}-{0.1,0.7,1.0} stokes-{0.1,0.7})
repeat=${REPEAT:-3}
say_load before
for c in "${cases[@]}"; do
  ours=() theirs=()
  if [[ $c = hollow-cube* ]]; then # one mesh for both
    $galerkit bench mesh --case "$c" -o "$out/$c.msh"
    ours=(--set "mesh={file: $out/$c.msh}") theirs=(--mesh "$out/$c.msh")
  fi
  $galerkit bench solve --quiet --case "$c" --repeat "$repeat" "${ours[@]}" --threads 1 --json "$out/$c.ours.json"
  /usr/bin/python3 bench/peers/run_dolfinx_solve.py "$out/$c.ours.json" "${theirs[@]}" --repeat "$repeat" --json "$out/$c.theirs.json"
  $galerkit bench solve --quiet --case "$c" --repeat "$repeat" "${ours[@]}" --threads 2 --json "$out/$c.two.json"
  rm -f "$out/$c.msh"
done
say_load after
python3 bench/peers/compare_solve.py "$out"
