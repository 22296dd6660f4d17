#!/usr/bin/env bash
# Claim: against a PETSc of scripts/build-petsc-cuda.sh (GKT_PETSC_CUDA names its prefix) the project is configured without MPI, compiles without warnings, links what writes into
# PETSc's own array on the device, and passes the solver tests that need no factor with pivots (MUMPS) without a GPU, without a driver and beside one that is too old. Building again does nothing.
# GKT_PETSC_CUDA_BUILD: a folder that keeps the build.
set -euo pipefail
prefix=${GKT_PETSC_CUDA:-}
if [ -z "$prefix" ]; then
  echo "SKIPPED: GKT_PETSC_CUDA names no PETSc"
  exit 0
fi
fail() { echo "$*"; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
built=$(sed 's/.*architectures //' "$prefix/share/petsc/built-for")
"$GKT_ROOT/scripts/build-petsc-cuda.sh" "$prefix" "$built" >"$folder/out" && grep -q ' has PETSc ' "$folder/out" || fail "it builds again: $(cat "$folder/out")"
readelf -d "$prefix/lib/libpetsc.so" >"$folder/out"
! grep -E 'NEEDED.*(libcuda\.so|libmpi|libumfpack|libcholmod|libmumps|libgmsh)' "$folder/out" || fail "the library of PETSc needs what it should not"
build=${GKT_PETSC_CUDA_BUILD:-$folder/build}
tests=(t400_linear t401_petsc_options t403_many_right_sides t410_nonlinear t416_update t420_block_table t421_kernels t781_petsc_device)
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
cmake -S "$GKT_ROOT" -B "$build" -G Ninja >"$folder/out" 2>&1 || fail "$(cat "$folder/out")"
cmake --build "$build" -t galerkit "${tests[@]}" >"$folder/out" 2>&1 || fail "$(tail -n 40 "$folder/out")"
! grep -q 'warning:' "$folder/out" || fail "$(grep -A4 'warning:' "$folder/out")"
readelf -d "$build/lib/libgalerkit.so" >"$folder/needed"
nm -D --undefined-only "$build/lib/libgalerkit.so" >"$folder/called"
grep -q 'NEEDED.*libpetsc\.so' "$folder/needed" || fail "PETSc is not linked"
! grep 'NEEDED.*libmpi' "$folder/needed" || fail "MPI is linked"
if [ "$built" != none ]; then
  for f in MatSeqAIJCUSPARSEGetArrayWrite MatSeqAIJCUSPARSERestoreArrayWrite PetscDeviceContextSynchronize; do grep -q " $f\$" "$folder/called" || fail "$f is not called"; done
fi
cc -w -shared -fPIC -Wl,-soname,libcuda.so.1 -o "$folder/libcuda.so.1" "$GKT_ROOT/tests/drivers/old.c"
for t in t400_linear t781_petsc_device; do LD_LIBRARY_PATH=$folder "$build/tests/$t" >"$folder/out" 2>&1 || fail "$t beside an old driver: $(tail -n 30 "$folder/out")"; done
for t in "${tests[@]}"; do CUDA_VISIBLE_DEVICES= "$build/tests/$t" >"$folder/out" 2>&1 || fail "$t: $(tail -n 30 "$folder/out")"; done
