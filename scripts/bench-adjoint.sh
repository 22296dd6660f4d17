#!/usr/bin/env bash
# One step of a design, state, compliance and gradient, beside packages of the Python registry that differentiate, one thread each, one table: scripts/bench-adjoint.sh [PEER...]
# The cantilever of examples/topology/cantilever.yaml. Values and gradients must agree. A peer that cannot be installed, or fails, is shown with the reason.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=("$@")
[ $# -gt 0 ] || peers=(jax-fem)
out=${OUT:-build/bench-adjoint}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 PYTHONWARNINGS=ignore
. scripts/bench-packages.sh

rm -rf "$out"
mkdir -p "$out" build/peers
install table numpy meshio || { tail -n 5 build/peers/table.log >&2; exit 1; }
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
design=$(sed -n 's/^DESIGN = "\(.*\)"$/\1/p' bench/peers/design.py)
build/bin/galerkit bench adjoint examples/topology/cantilever.yaml --quiet --threads 1 --repeat 5 --set "coefficients.rho.value=$design" --json "$out/ours.json"
for peer in "${peers[@]}"; do
  if ! install "$peer" $(packages "$peer"); then echo "not installed: $(reason "build/peers/$peer.log")" >"$out/$peer.skipped"
  elif ! timeout "${LIMIT:-900}" "build/peers/$peer/bin/python" "bench/peers/run_${peer//-/_}_design.py" "$out/$peer.json" >"$out/$peer.log" 2>&1; then reason "$out/$peer.log" >"$out/$peer.skipped"; fi
done
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
build/peers/table/bin/python bench/peers/compare_design.py "$out"
