#!/usr/bin/env bash
# Sweeps that are too long for every change: fuzzing for GKT_FUZZ_SECONDS (default 600) each, the whole suite under sanitizers and without a compiler.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh test
cmake -S . -B build-asan -G Ninja -DGKT_SANITIZE=ON -DCMAKE_BUILD_TYPE=Debug >/dev/null
cmake --build build-asan
ctest --test-dir build-asan --output-on-failure -j2 -E 't900|t720'
GKT_FUZZ_SECONDS=${GKT_FUZZ_SECONDS:-600} scripts/test.sh -R t900
