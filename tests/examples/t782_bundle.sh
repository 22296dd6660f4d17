#!/usr/bin/env bash
# Claim: the bundle of scripts/make-bundle.sh (GKT_BUNDLE names its folder) runs in a root with nothing but a shell, the C library and /proc: `galerkit devices`, a small problem, for which
# the cpu backend falls back to the interpreter, a picture with letters; --backend cuda is refused with the reason; the check ends with status 1 and valid JSON. It takes less than 60 MB.
set -euo pipefail
bundle=${GKT_BUNDLE:-}
if [ -z "$bundle" ]; then
  echo "SKIPPED: GKT_BUNDLE names no bundle"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "$*"; exit 1; }
root=$folder/root
mkdir -p "$root"/{bin,lib64,lib/x86_64-linux-gnu,tmp,work,dev,proc}
for f in /lib64/ld-linux-x86-64.so.2 /lib/x86_64-linux-gnu/lib{c,m}.so.6 /lib/x86_64-linux-gnu/lib{dl,pthread,resolv,rt}.so.* /bin/sh; do cp -L "$f" "$root$f"; done
[ "$(stat -c %s "$bundle/galerkit.tar.xz")" -lt 60000000 ] || fail "the archive takes $(stat -c %s "$bundle/galerkit.tar.xz") bytes"
tar -C "$root" -xJf "$bundle/galerkit.tar.xz"
cat >"$root/work/heat.yaml" <<'EOF'
mesh: {box: {cells: [8, 8]}}
fields: {u: {space: P2, test: v}}
equation: "dot(grad(u), grad(v))*dx == 1*v*dx"
conditions: [{on: boundary, field: u, value: 0}]
probes: {middle: {at: [0.5, 0.5], field: u}}
output: {file: heat.vtu, picture: {file: heat.png}}
EOF
alone() { # runs a line of sh in the bare root, without network; /proc is where a program finds its own place
  local user=; [ "$(id -u)" = 0 ] || user=-r
  unshare $user -m -n sh -c 'mount --rbind /proc "$1/proc" && exec chroot "$1" /bin/sh -c "$2"' sh "$root" "export HOME=/tmp PATH=/galerkit/bin FONTCONFIG_FILE=/galerkit/share/fonts.conf; cd /work; $1" >"$folder/out" 2>&1
}
alone 'galerkit devices' || true
grep -q cuda "$folder/out" || fail "devices says: $(cat "$folder/out")"
alone 'galerkit run heat.yaml --report heat.json' || fail "run: $(cat "$folder/out")"
grep -q 'interpreter' "$folder/out" || fail "no notice of the interpreter: $(cat "$folder/out")"
grep -q '0.0736' "$root/work/heat.json" || fail "the middle is not 0.0736..: $(cat "$root/work/heat.json")"
[ "$(head -c 4 "$root/work/heat.png" | tail -c 3)" = PNG ] || fail "no picture"
grep -qi 'fontconfig' "$folder/out" && fail "fonts: $(cat "$folder/out")"
status=0; alone 'galerkit run heat.yaml --backend cuda' || status=$?
[ "$status" = 2 ] || fail "--backend cuda: status $status, $(cat "$folder/out")"
grep -qiE 'driver|GPU|CUDA' "$folder/out" || fail "--backend cuda says: $(cat "$folder/out")"
status=0; alone 'galerkit-bench-device device' || status=$?
[ "$status" = 1 ] || fail "galerkit-bench-device: status $status, $(cat "$folder/out")"
status=0; env -i PATH="$PATH" HOME="$folder" "$root/galerkit/gpu-check.sh" "$folder/check" >"$folder/out" 2>&1 || status=$?
if [ "$status" != 0 ] || ! command -v nvidia-smi >/dev/null; then # here, with the system's shell
  [ "$status" = 1 ] || fail "gpu-check.sh: status $status, $(cat "$folder/out")"
fi
python3 -m json.tool "$folder/check/gpu-check.json" >/dev/null || fail "gpu-check.json is not valid"
