#!/usr/bin/env bash
# Galerkit beside finite-element packages of the Python registry, two whole problems, one table: scripts/bench-registry.sh [PEER...]
# BOXES=46 and SIZE=0.0285 (of a tetrahedron) make the problems of 0.1 million dofs, FEW_BOXES=24 and COARSE=0.056 the small ones for peers that are too slow for these.
# Each peer lives in an environment of its own, build/peers/PEER (the two on PyTorch share one, without CUDA); one that cannot be installed, or fails, is shown with the reason, and the others go on.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=("$@")
[ $# -gt 0 ] || peers=(scikit-fem torch-fem jax-fem tensormesh warp)
out=${OUT:-build/bench-registry}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMEXPR_NUM_THREADS=1 WARP_CACHE_PATH="$PWD/build/peers/warp-kernels" PYTHONWARNINGS=ignore

. scripts/bench-packages.sh

for peer in "${peers[@]}"; do
  packages "$peer" >/dev/null || { echo "bench-registry: unknown peer '$peer', expected scikit-fem, torch-fem, jax-fem, tensormesh or warp" >&2; exit 2; }
done

skip() { # PEER FOLDER REASON
  echo "skipped: $1: $3" >&2
  for problem in poisson elasticity; do echo "$3" >"$2/$problem.$1.skipped"; done
}

measure() { # PEER FOLDER
  local program=bench/peers/run_${1//-/_}.py problem
  for problem in poisson elasticity; do
    timeout "${LIMIT:-900}" "$(environment "$1")/bin/python" "$program" "$2/$problem.npz" "$2/$problem.$1" >"$2/$problem.$1.log" 2>&1 || {
      echo "skipped: $1, $problem: $(reason "$2/$problem.$1.log")" >&2
      reason "$2/$problem.$1.log" >"$2/$problem.$1.skipped"
    }
  done
}

rm -rf "$out" build/peers/warp-kernels # set-up is measured with an empty cache
mkdir -p "$out/full" "$out/small" build/peers
install table numpy meshio || { tail -n 5 build/peers/table.log >&2; exit 1; }
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
galerkit() { build/peers/table/bin/python bench/peers/run_galerkit.py build/bin/galerkit "$@"; }
galerkit "$out/full" poisson "${BOXES:-46}"
galerkit "$out/full" elasticity "${SIZE:-0.0285}"
case " ${peers[*]} " in *" warp "*)
  galerkit "$out/small" poisson "${FEW_BOXES:-24}"
  galerkit "$out/small" elasticity "${COARSE:-0.056}" ;;
esac
for peer in "${peers[@]}"; do
  folder=$out/full
  [ "$peer" != warp ] || folder=$out/small # its products of vectors, a loop of one lane on a CPU, take 0.3 s an iteration at 0.1 million dofs
  if install "$peer" $(packages "$peer"); then measure "$peer" "$folder"; else skip "$peer" "$folder" "not installed: $(reason "build/peers/$peer.log")"; fi
done
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
build/peers/table/bin/python bench/peers/registry_table.py "$out/full" "$out/small"
