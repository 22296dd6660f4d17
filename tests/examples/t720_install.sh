#!/usr/bin/env bash
# Claim: an outside project at another prefix builds examples/c against the installed library, by pkg-config, one of them by find_package too, and they run, which checks their answers;
# the installed command runs too, with the program that measures; the public headers declare what the library exports, no more and no less.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$GKT_BUILD" --prefix "$work/prefix" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig:${PKG_CONFIG_PATH:-} LD_LIBRARY_PATH=
mkdir "$work/project"
cp "$GKT_ROOT"/examples/c/*.{c,yaml} "$work/project"
cd "$work/project"
for source in *.c; do
  packages=galerkit
  [ "$source" = petsc.c ] && packages='galerkit PETSc ompi-c'
  # shellcheck disable=SC2046,SC2086
  cc -std=c11 -pthread "$source" -o "by-pkg-config-${source%.c}" $(pkg-config --cflags --libs $packages) -lm -Wl,-rpath,"$work/prefix/lib"
  "./by-pkg-config-${source%.c}" >"$work/log" || { echo "$source: status $?"; cat "$work/log"; exit 1; }
done
# whole programs of the documents
python3 - "$GKT_ROOT" <<'END'
import glob, re, sys
for path in glob.glob(sys.argv[1] + "/docs/*.md"):
    for i, text in enumerate(re.findall(r"^```c\n(.*?)^```", open(path).read(), re.S | re.M)):
        if "int main(" in text:
            open(f"document-{i}-{path.rsplit('/', 1)[1]}.c", "w").write(text)
END
ls document-*.c >/dev/null
for source in document-*.c; do
  # shellcheck disable=SC2046
  cc -std=c11 "$source" -o by-document $(pkg-config --cflags --libs galerkit) -Wl,-rpath,"$work/prefix/lib"
  ./by-document >"$work/log" || { echo "$source: status $?"; cat "$work/log"; exit 1; }
done
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.22)
project(outside C)
find_package(galerkit REQUIRED)
add_executable(poisson poisson.c)
target_link_libraries(poisson galerkit::galerkit)
END
{ cmake -S . -B build -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" && cmake --build build; } >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
build/poisson >/dev/null
"$work/prefix/bin/galerkit" --version >/dev/null
"$work/prefix/bin/galerkit" bench assembly --case poisson-p1 --set "mesh.box.cells=[2, 2, 2]" --backend interpreter --repeat 1 >/dev/null # by galerkit-bench beside it
nm -D --defined-only "$work/prefix/lib/libgalerkit.so" | awk '$2 ~ /[TDR]/ && $3 !~ /^_/ {print $3}' | sort >"$work/symbols"
"$GKT_ROOT/scripts/list-declarations.py" "$work/prefix/include" | sed -n 's/^function \([a-z0-9_]*\):.*/\1/p' | sort >"$work/declared"
diff "$work/declared" "$work/symbols" || { echo "< declared and not exported; > exported and not declared"; exit 1; }
[ -s "$work/symbols" ]
