#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. scripts/test.sh [ctest arguments]
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh test
scripts/build.sh -DGKT_TESTS=ON
ctest --test-dir build --output-on-failure -j2 "$@"
