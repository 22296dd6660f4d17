#!/usr/bin/env bash
# Renews tests/examples/kernel-records.txt: what every kernel of the gallery needs on sm_80, sm_90, sm_100; with the argument 90, on that alone. Reasons in it stay. Look at the difference before it is committed.
set -euo pipefail
cd "$(dirname "$0")/.."
GKT_RENEW=${1:-all} GKT_ROOT=$PWD build/tests/t770_kernel_records
git --no-pager diff --stat -- tests/examples/kernel-records.txt
