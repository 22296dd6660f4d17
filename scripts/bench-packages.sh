# Sourced by the scripts that measure beside packages of the Python registry: each lives in an environment of its own, build/peers/NAME.

# pip's last complaint in one line, without addresses
reason() { { grep -E '(Error|ERROR|error:)' "$1" || tail -n 1 "$1"; } | tail -n 1 | sed -E 's#https?://[^ ]*##g; s#(/[A-Za-z0-9_.-]+){2,}#...#g; s/\|/ /g' | cut -c 1-160; }

install() { # NAME PACKAGE...: build/peers/NAME
  local name=$1 to=build/peers/$1
  shift
  [ -e "$to/complete" ] && return
  rm -rf "$to"
  { python3 -m venv "$to" && "$to/bin/pip" install "$@" && if [ "$name" = jax-fem ]; then install_petsc4py "$to"; fi; } >"build/peers/$name.log" 2>&1 || return 1
  touch "$to/complete"
}

# JAX-FEM needs petsc4py and does not say so; its sources are built against the PETSc that Galerkit uses, and need an older setuptools
install_petsc4py() {
  "$1/bin/pip" install 'setuptools<66' wheel 'cython<3' &&
    PETSC_DIR=$(pkg-config --variable=prefix PETSc) CFLAGS='-O1 -g0' "$1/bin/pip" install --no-build-isolation "petsc4py==$(pkg-config --modversion PETSc)"
}

packages() {
  case $1 in
    scikit-fem) echo scikit-fem==12.0.2 pyamg ;;
    torch-fem) echo torch-fem==0.14.0 ;;
    jax-fem) echo jax-fem==0.0.11 jax scipy meshio gmsh pyfiglet fenics-basix ;;
    tensormesh) echo tensormesh-fem==0.2.1 pyamg ;;
    warp) echo warp-lang==1.19.0 ;;
    *) return 1 ;;
  esac
}
