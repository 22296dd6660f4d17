# Sourced by the scripts that measure beside packages of the Python registry: each lives in an environment of its own, build/peers/NAME, but for the two on PyTorch, which share one.

# pip's last complaint in one line, without addresses
reason() { { grep -E '(Error|ERROR|error:)' "$1" || tail -n 1 "$1"; } | tail -n 1 | sed -E 's#https?://[^ ]*##g; s#(/[A-Za-z0-9_.-]+){2,}#...#g; s/\|/ /g' | cut -c 1-160; }

environment() { # PEER: the folder that it lives in
  case $1 in torch-fem | tensormesh) echo build/peers/torch ;; *) echo "build/peers/$1" ;; esac
}

install() { # PEER PACKAGE...; the reason why not is in build/peers/PEER.log
  local peer=$1 to
  to=$(environment "$1")
  shift
  [ -e "$to/complete" ] && return
  rm -rf "$to"
  { python3 -m venv "$to" && install_packages "$peer" "$to" "$@"; } >"build/peers/$peer.log" 2>&1 || return 1
  touch "$to/complete"
}

install_packages() { # PEER ENVIRONMENT PACKAGE...
  local peer=$1 to=$2
  shift 2
  case $peer in
    torch-fem | tensormesh) install_torch "$to" && "$to/bin/pip" install --no-deps torch-fem==0.14.0 tensormesh-fem==0.2.1 torch-sla==0.4.0 && "$to/bin/pip" install "$@" ;;
    jax-fem) "$to/bin/pip" install "$@" && install_petsc4py "$to" ;;
    *) "$to/bin/pip" install "$@" ;;
  esac
}

# JAX-FEM needs petsc4py and does not say so. Debian's is of Debian's Python and of numpy before 2; its sources take an hour to build.
install_petsc4py() {
  "$1/bin/python" -c 'import sys; assert sys.version_info[:2] == (3, 11), "Error: petsc4py of Debian 12 is for Python 3.11"' || return
  dpkg-query -W python3-petsc4py || {
    local sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-petsc4py || return
  }
  cp /usr/lib/python3/dist-packages/petsc4py.pth "$("$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
}

# The registry's PyTorch for Linux is linked against 4 GB of CUDA, which is not touched on a CPU: each of these libraries is made of functions that answer that there is no device.
install_torch() {
  local lib name
  "$1/bin/pip" install --no-deps torch==2.5.1 || return
  lib=$("$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/torch/lib
  {
    nm -D --undefined-only "$lib"/lib*.so* | awk '{ sub(/@.*/, "", $2); print $2 }' | grep -E '^(__cuda|cu|nccl|nv)' | sort -u | awk '{ print ".globl " $0 "\n.type " $0 ",@function\n" $0 ": mov $" (/^__cuda/ ? 0 : 100) ",%eax\nret" }'
    echo '.section .note.GNU-stack,"",@progbits'
  } >"$1/no-device.s"
  readelf -d "$lib"/lib*.so* | sed -n 's/.*NEEDED.*\[\(lib\(cu\|nccl\|nv\)[^]]*\)\].*/\1/p' | sort -u | while read -r name; do
    [ -e "$lib/$name" ] && continue
    echo "$name { global: *; };" >"$1/no-device.map"
    cc -shared -nostdlib -Wl,--version-script="$1/no-device.map" -Wl,-soname,"$name" -o "$lib/$name" "$1/no-device.s" || return
  done
}

packages() {
  case $1 in
    scikit-fem) echo scikit-fem==12.0.2 pyamg ;;
    torch-fem | tensormesh) echo filelock typing-extensions networkx jinja2 fsspec sympy numpy scipy pyamg meshio matplotlib pyvista tqdm psutil toml gmsh ;;
    jax-fem) echo 'numpy<2' jax-fem==0.0.11 jax scipy meshio gmsh pyfiglet fenics-basix ;;
    warp) echo warp-lang==1.19.0 ;;
    *) return 1 ;;
  esac
}
