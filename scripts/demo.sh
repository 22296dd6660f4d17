#!/usr/bin/env bash
# Installs what is missing, builds, and solves a steel bracket from its STEP file. Results: build/demo/.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh build
scripts/build.sh -DGKT_TESTS=OFF >build-demo.log 2>&1 || { tail -n 30 build-demo.log; exit 1; }
rm -f build-demo.log
mkdir -p build/demo/coarse
echo "coarser mesh"
build/bin/galerkit run examples/bracket/bracket.yaml --set mesh.size=0.004 --out build/demo/coarse --report build/demo/coarse/report.json
echo
echo "finer mesh"
exec build/bin/galerkit run examples/bracket/bracket.yaml --out build/demo --report build/demo/report.json
