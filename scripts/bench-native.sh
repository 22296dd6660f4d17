#!/usr/bin/env bash
# Matrix assembly beside DOLFINx's own matrix (no PETSc) and NGSolve, both of the Python registry, in turns, one thread each; one table. scripts/bench-native.sh [CASE...]
# TURNS=2, REPEAT=5 (of theirs; twice as many of ours), SIZE=n boxes per edge, FLAGS=-mno-avx512f for all kernels as on a lesser processor. Needs build/bin/galerkit and Python 3.12 or later.
set -euo pipefail
cd "$(dirname "$0")/.."
out=build/bench-native
cases=("$@")
[ $# -gt 0 ] || cases=(poisson-p1 elasticity-p1 poisson-p2 elasticity-q1 elasticity-q2 burgers-p2 navier-stokes boussinesq)
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 FLAGS="${FLAGS:-}" CC="${CC:-cc} ${FLAGS:-}"

find_python() { # the first of 3.12 or later, also among pyenv's
  local candidate
  for candidate in "${PYTHON:-}" python3.{12,13,14} python3 "$HOME"/.pyenv/versions/3.1[2-9]*/bin/python; do
    [ -n "$candidate" ] && "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && { echo "$candidate"; return; }
  done
  echo "bench-native: no Python 3.12 or later with venv is found ($PYTHON, python3.12.., pyenv); DOLFINx 0.11 needs one: PYTHON=/path/to/python" >&2
  return 1
}

install() { # NAME PACKAGE...: build/peers/NAME
  local to=build/peers/$1 name=$1
  shift
  [ -e "$to/complete" ] && return
  rm -rf "$to"
  mkdir -p build/peers
  { "$python" -m venv "$to" && "$to/bin/pip" install "$@"; } >"build/peers/$name.log" 2>&1 || { echo "bench-native: $name is not installed: $(tail -n 1 "build/peers/$name.log")" >&2; return 1; }
  touch "$to/complete"
}

PYTHON=${PYTHON:-}
python=$(find_python)
install dolfinx dolfinx-solver-real==0.11.* mpich
ngsolve=1
install ngsolve ngsolve || ngsolve=0
size=()
[ -z "${SIZE:-}" ] || size=(--set "mesh.box.cells=[$SIZE, $SIZE, $SIZE]")
repeat=${REPEAT:-5}
rm -rf "$out"
mkdir -p "$out"
echo "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2-), AVX-512 $(grep -qm1 avx512f /proc/cpuinfo && echo there || echo not there), kernels -march=native $FLAGS; load $(cut -d' ' -f1-3 /proc/loadavg)"
for c in "${cases[@]}"; do
  for turn in $(seq "${TURNS:-2}"); do
    build/bin/galerkit bench assembly --quiet --case "$c" --repeat $((2 * repeat)) "${size[@]}" --threads 1 --json "$out/$c.ours.$turn.json"
    LD_LIBRARY_PATH=build/peers/dolfinx/lib build/peers/dolfinx/bin/python bench/peers/run_dolfinx.py "$out/$c.ours.$turn.json" --repeat "$repeat" --json "$out/$c.dolfinx.$turn.json"
  done
  case $ngsolve,$c in 1,poisson-* | 1,elasticity-p1* | 1,elasticity-q1*)
    build/peers/ngsolve/bin/python bench/peers/run_ngsolve.py "$out/$c.ours.1.json" --repeat 2 --json "$out/$c.ngsolve.1.json" ;;
  esac
done
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
python3 bench/peers/native_table.py "$out"
