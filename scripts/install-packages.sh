#!/usr/bin/env bash
# Installs what building and running need from Debian 12's own packages: scripts/install-packages.sh [build|test|long]
# Does nothing, and needs no rights, where everything is there already.
set -euo pipefail
packages=(gcc libc6-dev cmake ninja-build pkg-config libpetsc-real-dev libgmsh-dev libyaml-dev libjansson-dev libcairo2-dev zlib1g-dev libnlopt-dev libhdf5-mpi-dev fonts-dejavu-core)
[ "${1:-build}" != build ] && packages+=(python3 python3-numpy libcmocka-dev clang libclang-rt-14-dev libomp-dev clang-format)
[ "${1:-build}" = long ] && packages+=(valgrind libhdf5-dev)

missing=()
for p in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] && exit 0
sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
if [ -n "$sudo" ] && ! command -v sudo >/dev/null; then
  echo "install-packages: needs root or sudo to install: ${missing[*]}" >&2
  exit 1
fi
echo "installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "install-packages: apt-get failed" >&2
  exit 1
fi
