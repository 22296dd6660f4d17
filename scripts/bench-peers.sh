#!/usr/bin/env bash
# Galerkit beside DOLFINx (Debian's python3-dolfinx, installed where missing), case after case in one go; one table. scripts/bench-peers.sh [CASE...]; REPEAT=10, SIZE=n boxes per edge.
# Needs build/bin/galerkit. Other work on the machine disturbs what is measured: the loads at the beginning and the end are printed.
set -euo pipefail
cd "$(dirname "$0")/.."
/usr/bin/python3 -c 'import dolfinx' 2>/dev/null || {
  sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-dolfinx >build/install-dolfinx.log 2>&1 || { tail -n 20 build/install-dolfinx.log >&2; exit 1; }
}
cases=("$@")
[ $# -gt 0 ] || for c in poisson-p1 elasticity-p1 poisson-p2 elasticity-q1 elasticity-q2 neo-hookean-p2; do cases+=("$c" "$c-varying"); done
repeat=${REPEAT:-10}
size=()
[ -z "${SIZE:-}" ] || size=(--set "mesh.box.cells=[$SIZE, $SIZE, $SIZE]")
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
out=build/bench-peers
rm -rf "$out"
mkdir -p "$out"
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
for c in "${cases[@]}"; do
  build/bin/galerkit bench assembly --quiet --case "$c" --repeat "$repeat" "${size[@]}" --threads 1 --json "$out/$c.ours.json"
  /usr/bin/python3 bench/peers/run_dolfinx.py "$out/$c.ours.json" --repeat "$repeat" --json "$out/$c.theirs.json"
  build/bin/galerkit bench assembly --quiet --case "$c" --repeat "$repeat" "${size[@]}" --threads 2 --json "$out/$c.two.json"
done
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
python3 bench/peers/compare.py "$out"
