#!/usr/bin/env bash
# Claim: the readers of forms, problem files, meshes and VTU files survive libFuzzer under sanitizers. GKT_FUZZ_SECONDS each (default 8, and then compiled
# without optimization, which takes longer than the fuzzing).
set -euo pipefail
command -v clang >/dev/null || { echo "skipped: clang is not installed"; exit 0; }
seconds=${GKT_FUZZ_SECONDS:-8}
optimize=${GKT_FUZZ_SECONDS:+-O1}
optimize=${optimize:--O0}
work=$GKT_BUILD/fuzz$optimize
mkdir -p "$work/objects"
cd "$GKT_ROOT"
flags="-g $optimize -std=c11 -D_GNU_SOURCE -I. -Iinclude $(pkg-config --cflags PETSc ompi-c yaml-0.1 jansson cairo zlib nlopt hdf5-openmpi) -Wno-unknown-pragmas -Wno-comment -fsanitize=address,undefined -fno-sanitize-recover=undefined"
libraries="$(pkg-config --libs PETSc ompi-c yaml-0.1 jansson cairo zlib nlopt hdf5-openmpi) -lgomp -ldl -lm"
compile() { # only what changed
  local object=$work/objects/${1//\//_}.o
  [ "$object" -nt "$1" ] || clang $flags -fsanitize=fuzzer-no-link -c "$1" -o "$object"
}
export -f compile
export flags work
# What reads, and what it stands on; whatever else that calls comes as it was built. Without CUDA: core/driver_none.c in place of its driver.
printf '%s\n' {core,meshes,plot,forms,problem/file}/*.c | grep -v core/driver_cuda | xargs -P 2 -I{} bash -c 'compile {}'

fuzz() {
  local name=$1 seeds=tests/fuzz/seeds_${1#fuzz_}
  clang $flags -fsanitize=fuzzer "tests/fuzz/$name.c" "$work"/objects/*.o "$GKT_BUILD/lib/libgalerkit_inside.a" $libraries -o "$work/$name"
  rm -rf "$work/corpus_$name" && mkdir "$work/corpus_$name"
  [ -d "$seeds" ] || seeds=
  # leaks inside libraries at their start are theirs; ours are found after each input
  if ! (cd "$work" && "./$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -verbosity=0 "corpus_$name" ${seeds:+"$OLDPWD/$seeds"}) >"$work/$name.log" 2>&1; then
    tail -n 40 "$work/$name.log"
    echo "$name failed; the input is kept in $work"
    return 1
  fi
}
export -f fuzz
export libraries seconds
ls tests/fuzz/fuzz_*.c >/dev/null
printf '%s\n' tests/fuzz/fuzz_*.c | xargs -n1 basename -s .c | xargs -P 2 -I{} bash -c 'fuzz {}'
