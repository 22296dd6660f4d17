#!/usr/bin/env bash
# One step of a design, state, compliance and its gradient, beside packages of the Python registry that differentiate, one thread each, in turns, one table: scripts/bench-adjoint.sh [PEER...]
# CASES="plane space-17": the cantilever of examples/topology/cantilever.yaml, and that of mosaic.yaml on 2N x N x N hexahedra; TURNS=2; LIMIT=900 CPU seconds for each run of a peer.
# All must have solved the same equations, and values and gradients must agree. A peer that cannot be installed, or fails, is shown with the reason.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=("$@")
[ $# -gt 0 ] || peers=(torch-fem tensormesh jax-fem)
out=${OUT:-build/bench-adjoint}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 PYTHONWARNINGS=ignore
. scripts/bench-packages.sh

rm -rf "$out"
mkdir -p "$out" build/peers
for peer in table "${peers[@]}"; do
  if [ "$peer" = table ]; then wanted=(numpy meshio); else read -ra wanted <<<"$(packages "$peer")" || { echo "bench-adjoint: unknown peer '$peer', expected torch-fem, tensormesh or jax-fem" >&2; exit 2; }; fi
  install "$peer" "${wanted[@]}" || echo "not installed: $(reason "build/peers/$peer.log")" >"$out/$peer.absent"
done
[ ! -e "$out/table.absent" ] || { cat "$out/table.absent" >&2; exit 1; }

measure() { # CASE TURN PEER
  local result=$out/$1.$3 status=0
  [ ! -e "$result.skipped" ] || return 0
  [ ! -e "$out/$3.absent" ] || { cp "$out/$3.absent" "$result.skipped"; return; }
  (ulimit -t "${LIMIT:-900}" && exec "$(environment "$3")/bin/python" "bench/peers/run_${3//-/_}_design.py" "$1" "$result.$2.json") >"$result.log" 2>&1 || status=$?
  case $status in
    0) ;;
    137 | 152) echo "no result within ${LIMIT:-900} CPU s" >"$result.skipped" ;;
    *) reason "$result.log" >"$result.skipped" ;;
  esac
}

echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
for case in ${CASES:-plane space-17}; do
  for turn in $(seq "${TURNS:-2}"); do
    build/peers/table/bin/python bench/peers/run_galerkit_design.py build/bin/galerkit "$case" "$out/$case.galerkit.$turn.json"
    for peer in "${peers[@]}"; do measure "$case" "$turn" "$peer"; done
  done
done
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
build/peers/table/bin/python bench/peers/compare_design.py "$out"
