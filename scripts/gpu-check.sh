#!/usr/bin/env bash
# What only a GPU can show, in at most 12 minutes: gpu-check.sh [FOLDER]; from the bundle of scripts/make-bundle.sh, or from a build (GKT_BUILD, default build/).
# FOLDER (default $OUT, else gpu-check) gets gpu-check.json, complete and valid after each stage, so that a run cut short keeps what it has, and gpu-check.log. Stages come in the order
# of what they decide: rates of the device, the fused kernel, bits, other forms, other strategies, plans, races, solves, tests (docs/gpu.md says what each decides). Each has a limit of
# its own. Rates go into the model of costs by scripts/calibrate.py.
# Status: 0 all stages well, 1 no GPU (said after the first stage), 2 something failed or ran past its limit. GKT_DEVICE=emulated: small versions of every stage, whose times mean nothing.
# GKT_CHECK_SECONDS: of all stages together, default 720. GKT_CHECK_STAGES: names of those that run (`tests` for all tests); default all.
# GKT_SANITIZER: compute-sanitizer, where it is not found on the path or in a toolkit.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ -x "$here/bin/galerkit" ]; then root=$here tests=$here/tests
else
  root=${GKT_BUILD:-$here/../build} tests=$root/tests
fi
bin=$root/bin
out=${1:-${OUT:-gpu-check}}
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache # everything is compiled here and now
[ ! -d "$root/lib" ] || [ ! -e "$root/lib/libgalerkit_emulated.so" ] || export GKT_EMULATOR=${GKT_EMULATOR:-$root/lib/libgalerkit_emulated.so}
emulated=false; [ "${GKT_DEVICE:-}" != emulated ] || emulated=true
total=${GKT_CHECK_SECONDS:-720}
commit=$(cat "$root/share/commit" 2>/dev/null || git -C "$here" describe --always --dirty 2>/dev/null || echo unknown)
stages= failed=0
: >"$out/gpu-check.log"

quote() { # standard input as a JSON string; a line may be cut within a letter, so only ASCII stays
  LC_ALL=C tr -d '\000-\010\013-\037\177-\377' | sed 's/\\/\\\\/g; s/"/\\"/g; s/\t/\\t/g' | awk 'BEGIN {printf "\""} {printf "%s%s", (NR > 1 ? "\\n" : ""), $0} END {printf "\""}'
}
driver=$($emulated || nvidia-smi --query-gpu=name,driver_version,clocks.max.sm,clocks.max.mem --format=csv,noheader 2>/dev/null | head -n1 || true)
write() { # finished: true or false
  {
    printf '{"date": %s, "commit": %s, "emulated": %s, "gpu_and_driver": %s, "finished": %s,\n"stages": [' "$(date -u +%Y-%m-%dT%H:%M:%SZ | quote)" "$(quote <<<"$commit")" "$emulated" "$(quote <<<"$driver")" "$1"
    printf '%s\n]}\n' "$stages"
  } >"$out/.gpu-check.json" && mv "$out/.gpu-check.json" "$out/gpu-check.json"
}
is_wanted() { [ -z "${GKT_CHECK_STAGES:-}" ] || grep -qw -- "$1" <<<"$GKT_CHECK_STAGES"; }
# stage NAME LIMIT COMMAND..: what it prints as JSON lines, or writes to $work/result.json, is its result
stage() {
  local name=$1 limit=$2 begin=$SECONDS status=0 result=null left=$((total - SECONDS))
  shift 2
  is_wanted "$name" || return 0
  [ "$left" -ge "$limit" ] || limit=$left
  rm -f "$work/result.json"
  if [ "$limit" -le 2 ]; then status=124; echo "no time is left" >"$work/output"
  else timeout -k 2 "$limit" "$@" >"$work/output" 2>&1 || status=$?
  fi
  if [ -s "$work/result.json" ]; then result=$(cat "$work/result.json")
  elif grep -qx '{.*}' "$work/output"; then result=[$(grep -x '{.*}' "$work/output" | paste -sd,)]
  fi
  [ "$status" = 0 ] || failed=1
  { echo "== $name: status $status, $((SECONDS - begin)) s: $*"; cat "$work/output"; } >>"$out/gpu-check.log"
  stages+="${stages:+,}"$'\n'"{\"stage\": $(quote <<<"$name"), \"command\": $(sed "s,$root/,,g" <<<"$*" | quote), \"status\": $status, \"seconds\": $((SECONDS - begin)), \"result\": $result, \"output\": $(tail -n 12 "$work/output" | grep -vx '{.*}' | tail -c 1500 | quote)}"
  write false
  printf '%-28s status %s, %s s\n' "$name" "$status" $((SECONDS - begin))
  return "$status"
}
bench() { # NAME LIMIT KIND CASE CELLS_PER_SIDE [options]
  local name=$1 limit=$2 kind=$3 case=$4 n=$5
  shift 5
  stage "$name" "$limit" "$bin/galerkit-bench" "$kind" --case "$case" --set "mesh.box.cells=[$n, $n, $n]" --backend cuda --json "$work/result.json" --verbose "$@"
}
# run_sanitizer PROGRAM TOOL RESULT COMMAND..: the summary as JSON. A run without a summary, or with anything in it, has failed.
run_sanitizer() {
  local program=$1 tool=$2 result=$3 status=0 kind=ERROR summary errors= warnings= first
  shift 3
  "$program" --tool "$tool" --error-exitcode 1 "$@" >"$result.output" 2>&1 || status=$?
  grep -v '^{' "$result.output"
  [ "$tool" != racecheck ] || kind=RACECHECK
  summary=$(grep -E "^=+ $kind SUMMARY:" "$result.output" | tail -n 1)
  if [ "$tool" = racecheck ]; then read -r errors warnings < <(sed -nE 's/.*\(([0-9]+) errors?, ([0-9]+) warnings?\).*/\1 \2/p' <<<"$summary")
  else errors=$(sed -nE 's/.*SUMMARY: ([0-9]+) errors?.*/\1/p' <<<"$summary") warnings=0
  fi
  first=$(grep -m1 -E '^=+ (Error|Warning|Invalid|Program hit|Uninitialized)' "$result.output" | sed 's/^=* *//' | tr -d '\\"' | cut -c1-300)
  printf '{"tool": "%s", "errors": %s, "warnings": %s, "first": "%s", "status": %s}\n' "$tool" "${errors:-null}" "${warnings:-null}" "$first" "$status" >"$result"
  [ -n "$errors" ] || { echo "no summary of $tool: it did not run to its end"; return 3; }
  [ "$errors$warnings$status" = 000 ]
}
export -f run_sanitizer
sanitize() { # TOOL LIMIT COMMAND..
  local tool=$1 limit=$2
  shift 2
  stage "$tool" "$limit" bash -c 'run_sanitizer "$@"' sh "$sanitizer" "$tool" "$work/result.json" "$@"
}
# Where toolkits put it: on the path, in CUDA_HOME, in /usr/local/cuda*, beside Nsight; the bundle has none.
find_sanitizer() {
  local at
  for at in "${GKT_SANITIZER:-}" "$(command -v compute-sanitizer)" "${CUDA_HOME:-/usr/local/cuda}"/{bin,compute-sanitizer}/compute-sanitizer /usr/local/cuda-*/{bin,compute-sanitizer}/compute-sanitizer \
    /usr/lib/nvidia-cuda-toolkit/compute-sanitizer/compute-sanitizer /opt/nvidia/*/compute-sanitizer; do
    if [ -n "$at" ] && [ -x "$at" ]; then echo "$at"; return; fi
  done
}
size() { $emulated && echo "$2" || echo "$1"; } # on a GPU, on the emulated device
run_tests() { # in the order of the bundle, those about the device first; of a build, and on the emulated device, the first one
  local order=t020_device
  $emulated || [ ! -f "$tests/order" ] || order=$(cat "$tests/order")
  is_wanted tests || return 0
  for t in $order; do GKT_CHECK_STAGES= stage "$t" 40 env GKT_BACKEND=cuda "$tests/$t"; done
}
device=$bin/galerkit-bench-device

if ! GKT_CHECK_STAGES= stage device 30 "$device" device; then
  write true
  grep -q '"error":"' "$work/output" || exit 2
  echo "gpu-check: $(sed -n 's/.*"error":"\([^"]*\)".*/\1/p' "$work/output")"
  exit 1
fi
stage copy 30 "$device" copy
stage gather 30 "$device" gather
stage l2 20 "$device" l2
stage work 20 "$device" work
stage launches 20 "$device" launches
stage fused 120 "$device" fused
stage bits 60 "$device" bits
stage assembly 120 "$device" assembly
bench poisson-p1 60 assembly poisson-p1 "$(size 56 3)" # as predicted, and with copies over the bus
bench elasticity-p1 60 assembly elasticity-p1 "$(size 40 2)"
sanitizer=$(find_sanitizer)
if $emulated && [ -z "${GKT_SANITIZER:-}" ]; then # its own checks of races and memory, in random orders
  stage races 60 env GKT_EMULATED_SEED=1 GKT_EMULATED_GLOBAL=1 "$device" --side 2 bits
elif [ -n "$sanitizer" ]; then
  sanitize racecheck 90 "$device" --side "$(size 16 2)" bits # 25,000 tetrahedra
  sanitize memcheck 60 "$device" --side "$(size 10 2)" bits
else
  stage racecheck 5 echo '{"not_run": "no compute-sanitizer is found: races and addresses were not looked at; GKT_SANITIZER names one"}'
fi
stage spmv 60 "$device" spmv
stage cg 60 "$device" cg
n=$(size 80 3)
cat >"$work/solve.yaml" <<EOF
mesh: {box: {cells: [$n, $n, $n], shape: tet}}
fields: {u: {space: P1, test: v}}
equation: "dot(grad(u), grad(v))*dx == (1 + 4*x[0]*x[1]^2)*v*dx"
conditions: [{on: boundary, field: u, value: 0}]
EOF
stage solve 90 "$bin/galerkit" run "$work/solve.yaml" --backend cuda --report "$work/result.json" --verbose
run_tests
write true
[ "$failed" = 0 ] && echo "gpu-check: all stages well; $out/gpu-check.json" || { echo "gpu-check: a stage failed; $out/gpu-check.log"; exit 2; }
