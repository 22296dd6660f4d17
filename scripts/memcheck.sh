#!/usr/bin/env bash
# The gallery at small size, and a problem with a picture, under valgrind's memcheck, by the interpreter: no use of memory that is not there or not set, no leak. scripts/memcheck.sh [problem files]
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cat >"$out/picture.yaml" <<'END'
mesh: {box: {cells: [3, 3], shape: quad}, refine: 1}
fields: {u: {space: P2, test: v}}
coefficients: {k: {space: DP0, value: "1 + x[0]"}}
equation: k*dot(grad(u), grad(v))*dx == v*dx
conditions: [{on: left, value: 0}]
compute: {peak: {max: u}, load: "u*dx"}
probes: {p: {at: [0.5, 0.5], field: u}}
output: {file: a.vtu, fields: [u, "grad(u)"], picture: {file: a.png, color: u, isolines: 5}}
END
[ $# -gt 0 ] || set -- "$out/picture.yaml" examples/forms/*.yaml examples/flow/stokes.yaml examples/several/{mean-zero,nernst-planck}.yaml
failed=0
for problem; do
  cells=$(sed -n 's/.*cells: \[\([^]]*\)\].*/\1/p' "$problem" | sed 's/[0-9][0-9]*/2/g')
  if ! OMP_NUM_THREADS=1 valgrind -q --num-callers=40 --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite --suppressions=tests/valgrind.supp \
    build/bin/galerkit run "$problem" --set "mesh.box.cells=[${cells// /}]" --backend interpreter --threads 2 --quiet --out "$out" --report "$out/report.json" >"$out/log" 2>&1; then
    echo "memcheck: $problem"
    grep -v hwloc "$out/log" | head -n 60
    failed=1
  fi
done
exit $failed
