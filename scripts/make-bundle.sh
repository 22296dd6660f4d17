#!/usr/bin/env bash
# A folder that runs where neither this project nor its libraries are installed, for a machine with a GPU: scripts/make-bundle.sh [FOLDER]
#   FOLDER/galerkit (default build-bundle/galerkit) and the same as FOLDER/galerkit.tar.xz: the programs, the library, what they need beyond CUDA and the C library, the tests that
#   need a device, the emulated device, one font for pictures, and gpu-check.sh. There: tar xJf galerkit.tar.xz; OUT=results galerkit/gpu-check.sh
# PETSc is built for it (scripts/build-petsc-cuda.sh, without CUDA; GKT_PETSC names a prefix that has one): Debian's, which links MPI, Trilinos, HDF5 and, under the GPL, SuiteSparse,
# takes 103 MB of libraries (40 MB packed) where this takes 63 (21 MB with all programs and tests; Debian's HDF5 brings curl and Kerberos), and MPI looks for plug-ins where it was installed. So there is no MUMPS and no hypre in it: direct methods factorize by PETSc, AMG is
# smoothed aggregation. HDF5 is the serial one (libhdf5-dev). PETSc with CUDA would not start where cuBLAS, cuSPARSE, cuSOLVER and cuFFT are not.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
folder=${1:-build-bundle}
largest=${GKT_BUNDLE_LARGEST:-60000000} # bytes of the archive
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
petsc=${GKT_PETSC:-$folder/petsc}
[ -n "${GKT_PETSC:-}" ] || scripts/build-petsc-cuda.sh "$petsc" none

# DT_RPATH, unlike DT_RUNPATH, is also where the libraries of libraries are looked for.
build=$folder/build
PKG_CONFIG_PATH=$petsc/lib/pkgconfig cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DGKT_TESTS=ON -DGKT_OPEN_LIBRARY=ON -DCMAKE_BUILD_WITH_INSTALL_RPATH=ON -DCMAKE_INSTALL_RPATH='$ORIGIN/../lib' \
  -DCMAKE_EXE_LINKER_FLAGS="-Wl,--disable-new-dtags -Wl,-rpath-link,$petsc/lib" -DCMAKE_SHARED_LINKER_FLAGS=-Wl,--disable-new-dtags >"$folder/cmake.log" || { cat "$folder/cmake.log"; exit 1; }
# Tests that are about the device, then those that any backend runs; not those that read the sources or make memory fail.
cd tests
grep -LE 'GKT_(ROOT|BIN|BUILD)"|failing_memory\.h|tests/nvrtc\.h' {core,spaces,assembly,solvers,systems,time}/t[0-9]*.c >"$folder/tests"
mapfile -t tests < <({ grep -lE 'core/device\.h|tests/[a-z_]*device[a-z_]*\.h|GKT_BACKEND_CUDA' $(cat "$folder/tests"); cat "$folder/tests"; } | awk '!seen[$0]++' | xargs -n1 basename -s .c)
cd ..
targets=(galerkit_command galerkit-bench galerkit-bench-device galerkit_emulated)
ninja -C "$build" "${targets[@]}" "${tests[@]}" >"$folder/build.log" || { tail -n 40 "$folder/build.log"; exit 1; }

bundle=$folder/galerkit
rm -rf "$bundle"
mkdir -p "$bundle"/{bin,lib,tests,share}
cp "$build"/bin/galerkit{,-bench,-bench-device} "$bundle/bin/"
for t in "${tests[@]}"; do cp "$build/tests/$t" "$bundle/tests/"; done
cp -P "$build"/lib/libgalerkit.so* "$bundle/lib/"
cp "$build/lib/libgalerkit_emulated.so" "$bundle/lib/"
printf '%s\n' "${tests[@]}" >"$bundle/tests/order"
# Every library but the C library's own, under the name by which it is looked for.
LD_LIBRARY_PATH=$petsc/lib ldd "$bundle"/bin/* "$bundle"/tests/t* "$bundle"/lib/*.so* | awk '/=> \// {print $1, $3}' | sort -u | while read -r name path; do
  case $name in
  libc.so.* | libm.so.* | libdl.so.* | libpthread.so.* | librt.so.* | libresolv.so.* | ld-linux*) ;;
  *) [ -e "$bundle/lib/$name" ] || cp -L "$path" "$bundle/lib/$name" ;;
  esac
done
missing=$(LD_LIBRARY_PATH=$petsc/lib ldd "$bundle"/bin/* "$bundle"/tests/t* | grep 'not found' || true)
[ -z "$missing" ] || { echo "make-bundle: $missing" >&2; exit 1; }
chmod u+w "$bundle"/lib/*
strip --strip-unneeded "$bundle"/bin/* "$bundle"/tests/t* "$bundle"/lib/*.so*

cp scripts/gpu-check.sh "$bundle/"
cp -r examples "$bundle/examples" && find "$bundle/examples" -type f -size +200k -delete
font=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
[ ! -f "$font" ] || cp "$font" "$bundle/share/"
cat >"$bundle/share/fonts.conf" <<'EOF'
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">.</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
EOF
git -C "$root" describe --always --dirty >"$bundle/share/commit" 2>/dev/null || echo unknown >"$bundle/share/commit"
cat >"$bundle/README" <<EOF
Galerkit, commit $(cat "$bundle/share/commit"), with what it needs beyond CUDA (NVRTC, the driver) and the C library.
bin/galerkit devices       what can be used here
gpu-check.sh               all checks, at most 12 minutes; results go to \$OUT, or the folder given
Pictures with letters: FONTCONFIG_FILE=$(printf '%s' '$PWD')/share/fonts.conf bin/galerkit plot ..
EOF
tar -C "$folder" -cf - --owner=0 --group=0 --sort=name galerkit | xz -T0 -6 >"$folder/galerkit.tar.xz"
size=$(stat -c %s "$folder/galerkit.tar.xz")
echo "make-bundle: $folder/galerkit.tar.xz, $((size / 1000)) kB, ${#tests[@]} tests"
[ "$size" -le "$largest" ] || { echo "make-bundle: expected at most $((largest / 1000)) kB" >&2; exit 1; }
