#!/usr/bin/env bash
# Assembly beside DOLFINx (Debian's python3-dolfinx, installed where missing), case after case in one go; one table. scripts/bench-peers.sh [CASE...]; REPEAT=10, SIZE=n boxes per edge.
# Needs build/bin/galerkit. Other work on the machine disturbs what is measured: the loads at the beginning and the end are printed.
set -euo pipefail
out=build/bench-peers
. "$(dirname "$0")/bench-common.sh"
cases=("$@")
[ $# -gt 0 ] || for c in poisson-p1 elasticity-p1 poisson-p2 elasticity-q1 elasticity-q2 neo-hookean-p2; do cases+=("$c" "$c-varying"); done
[ $# -gt 0 ] || cases+=(burgers-p2 navier-stokes boussinesq)
repeat=${REPEAT:-10}
size=()
[ -z "${SIZE:-}" ] || size=(--set "mesh.box.cells=[$SIZE, $SIZE, $SIZE]")
say_load before
for c in "${cases[@]}"; do
  $galerkit bench assembly --quiet --case "$c" --repeat "$repeat" "${size[@]}" --threads 1 --json "$out/$c.ours.json"
  /usr/bin/python3 bench/peers/run_dolfinx.py "$out/$c.ours.json" --repeat "$repeat" --json "$out/$c.theirs.json"
  $galerkit bench assembly --quiet --case "$c" --repeat "$repeat" "${size[@]}" --threads 2 --json "$out/$c.two.json"
done
say_load after
python3 bench/peers/compare.py "$out"
