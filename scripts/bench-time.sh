#!/usr/bin/env bash
# Steps of the heat and of the wave equation (bench/time) beside DOLFINx 0.11 of the Python registry, one thread each; one table. scripts/bench-time.sh; STEPS=45 more steps of the first
# problem, ten times as many of the second. Needs build/bin/galerkit and Python 3.12 or later; what scripts/bench-native.sh installed serves.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -e build/peers/dolfinx/complete ] || { echo "bench-time: no DOLFINx 0.11 in build/peers/dolfinx; scripts/bench-native.sh poisson-p1 installs it" >&2; exit 1; }
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
python3 bench/peers/compare_time.py "${STEPS:-45}"
