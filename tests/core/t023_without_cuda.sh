#!/usr/bin/env bash
# Claim: -DGKT_CUDA=OFF takes no file of CUDA, and a library so built says that it has none and how to get it; the toolkit of $CUDA_HOME goes before others.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
configure() { cmake -S "$GKT_ROOT" -B "$folder/$1" -DGKT_TESTS=OFF -DGKT_CUDA="$2" > "$folder/$1.log" 2>&1 || { cat "$folder/$1.log"; exit 1; }; }
says() { grep -q -- "$2" "$1" || { echo "expected '$2' in:"; cat "$1"; exit 1; }; }

configure off OFF
says "$folder/off.log" "CUDA: without"
says "$folder/off/compile_commands.json" "core/driver_none.c"
if grep -q driver_cuda "$folder/off/compile_commands.json"; then echo "a build without CUDA compiles its driver"; exit 1; fi

cat > "$folder/main.c" <<'END'
#include "core/device.h"
int main(void) {
  gkt_context *ctx;
  gkt_device *device;
  if (gkt_context_create(NULL, &ctx)) return 1;
  gkt_status status = gkt_device_open(ctx, &device);
  printf("%d %d %s\n", gkt_device_count(), status, gkt_context_message(ctx));
  gkt_context_destroy(&ctx);
  return 0;
}
END
sources=$(ls "$GKT_ROOT"/core/*.c | grep -v driver_cuda)
cc -std=c11 -D_GNU_SOURCE -fopenmp -I"$GKT_ROOT" -I"$GKT_ROOT/include" "$folder/main.c" $sources -lm -ldl -o "$folder/main"
env -u GKT_DEVICE "$folder/main" > "$folder/said"
says "$folder/said" "^0 2 no GPU can be used: this build of Galerkit has no CUDA: configure it where the toolkit .* is found, with -DGKT_CUDA=ON; the backends cpu and interpreter need none$"

runtime=$(sed -n 's/^GKT_CUDA_TAKEN:INTERNAL=//p' "$GKT_BUILD/CMakeCache.txt")
[ -n "$runtime" ] || exit 0
mkdir -p "$folder/toolkit/lib64"
ln -s "$runtime" "$folder/toolkit/lib64/libcudart_static.a"
ln -s "$(dirname "$runtime")/../include" "$folder/toolkit/include"
CUDA_HOME="$folder/toolkit" configure home ON
says "$folder/home.log" "CUDA: $folder/toolkit/lib64/libcudart_static.a"
says "$folder/home/compile_commands.json" "core/driver_cuda.c"
