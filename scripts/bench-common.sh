# Sourced by the scripts that measure beside DOLFINx: stands in the repository's root, installs DOLFINx (Debian's) where it is missing, one thread unless told. Empties the folder $out.
cd "$(dirname "$0")/.."
/usr/bin/python3 -c 'import dolfinx' 2>/dev/null || {
  sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-dolfinx >build/install-dolfinx.log 2>&1 || { tail -n 20 build/install-dolfinx.log >&2; exit 1; }
}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
galerkit=build/bin/galerkit
rm -rf "${out:?}"
mkdir -p "$out"
say_load() { echo "load $1: $(cut -d' ' -f1-3 /proc/loadavg)"; }
