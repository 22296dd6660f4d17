"""Claim: one program serves machines without a driver of CUDA, with one that is too old, with one that finds no GPU, and a build without the toolkit: it starts, solves on the CPU, and
`galerkit devices` says what is missing and what to do. The library links neither the driver nor CUDA's shared libraries, and its own copy of the runtime library is hidden. Of several versions of
NVRTC the one of the toolkit that was built with is taken."""
import os
import subprocess
import tempfile

from gkt import BIN, Checks

check = Checks()
GALERKIT = os.path.join(BIN, "galerkit")
LIBRARY = os.path.realpath(os.path.join(BIN, "../lib/libgalerkit.so"))
PROBLEM = """mesh: {box: {cells: [4, 4]}}
fields: {u: {space: P1, test: v}}
equation: "dot(grad(u), grad(v))*dx == v*dx"
conditions: [{on: boundary, value: 0}]
"""
WHICH = """#include <link.h>
#include <dlfcn.h>
#include "core/core.h"
int main(void) {
  char why[512];
  struct link_map *map;
  void *library = gkt_library_open("nvrtc", sizeof why, why);
  return library && dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 ? !printf("%s", map->l_name) : 1;
}
"""


def stub(folder, name):
    """A folder with a libcuda.so.1 of its own."""
    place = tempfile.mkdtemp(dir=folder)
    source = os.path.join(os.environ["GKT_ROOT"], "tests/drivers", name)
    subprocess.run(["cc", "-w", "-shared", "-fPIC", "-Wl,-soname,libcuda.so.1", "-o", os.path.join(place, "libcuda.so.1"), source], check=True)
    return place


def run(driver, *args, **more):
    env = {k: v for k, v in os.environ.items() if k not in ("GKT_DEVICE", "GKT_BACKEND", "LD_LIBRARY_PATH")}
    env.update(more, **({"LD_LIBRARY_PATH": driver} if driver else {}))
    return subprocess.run([GALERKIT, *args], capture_output=True, text=True, env=env, timeout=120)


def devices(driver, *parts, **more):
    r = run(driver, "devices", **more)
    line = next((line for line in r.stdout.splitlines() if line.startswith("cuda")), "")
    check.that(r.returncode == 0 and not r.stderr and all(part in line for part in parts), f"devices with {driver or 'no driver'}, expected {parts}:\n{r.stdout}{r.stderr}")
    return line


with tempfile.TemporaryDirectory() as folder:
    first = devices(None)
    enabled = "this build of Galerkit has no CUDA" not in first
    old, empty = stub(folder, "old.c"), stub(folder, "no_gpu.c")
    if not enabled:
        devices(None, "configure it where the toolkit", "is found, with -DGKT_CUDA=ON")
    elif "cannot be used" in first:  # a machine with a GPU has nothing to say of its lack
        devices(None, "no driver of NVIDIA is found (libcuda.so.1); install one that supports CUDA")
    if enabled:
        devices(old, "supports CUDA 10.2, and this build needs", "update the driver")
        devices(empty, "finds no GPU (CUDA_VISIBLE_DEVICES may hide it)")
    place = tempfile.mkdtemp(dir=folder)  # builds with a toolkit of each version, where all versions are
    root, program = os.environ["GKT_ROOT"], os.path.join(folder, "which")
    for version in ("11.2", "12", "13"):
        subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "/dev/null", "-o", os.path.join(place, "libnvrtc.so." + version)], check=True)
    open(program + ".c", "w").write(WHICH)
    for major, version in (("11", "11.2"), ("12", "12"), ("13", "13")):
        sources = [program + ".c", os.path.join(root, "core/libraries.c")]
        flags = ["-D_GNU_SOURCE", f"-DGKT_CUDA_MAJOR={major}", f"-I{root}", f"-I{root}/include"]
        subprocess.run(["cc", *flags, *sources, "-o", program, "-ldl"], check=True)
        found = subprocess.run([program], capture_output=True, text=True, env={**os.environ, "LD_LIBRARY_PATH": place}).stdout
        check.that(found == f"{place}/libnvrtc.so.{version}", f"built with {major}: {found}")
    devices(None, "GKT_DEVICE=moon; expected a number, or emulated", GKT_DEVICE="moon")
    devices(None, "GKT_EMULATOR: ", "nowhere.so", GKT_DEVICE="emulated", GKT_EMULATOR="/nowhere.so")
    problem = os.path.join(folder, "p.yaml")
    open(problem, "w").write(PROBLEM)
    for driver in (None, old, empty):
        r = run(driver, "run", problem, "--out", folder)
        check.that(r.returncode == 0 and not r.stderr, f"run with {driver or 'no driver'}: status {r.returncode}\n{r.stderr}")
        if driver or "cannot be used" in first:
            r = run(driver, "run", problem, "--out", folder, "--backend", "cuda")
            reason = {None: "no driver of NVIDIA", old: "supports CUDA 10.2", empty: "finds no GPU"}[driver] if enabled else "this build of Galerkit has no CUDA"
            check.that(r.returncode == 2 and "galerkit: no GPU can be used: " in r.stderr and reason in r.stderr, f"--backend cuda with {driver}: status {r.returncode}\n{r.stderr}")

listed = run(None, "devices").stdout
for name in ("nvrtc", "cusparse", "cudss"):
    line = next((line for line in listed.splitlines() if line.startswith(name)), "")
    check.that(".so" in line and ("is not found" in line) != (line.endswith(")") and "GPUs (" in line), f"devices says of {name}: {line}")
linked = subprocess.run(["ldd", LIBRARY], capture_output=True, text=True).stdout
petsc = subprocess.run(["ldd", next(l.split("=>")[1].split()[0] for l in linked.splitlines() if "libpetsc" in l)], capture_output=True, text=True).stdout
for name in ("libcuda.so", "libcudart", "libnvrtc", "libcusparse", "libcudss"):
    check.that(name not in linked or name in petsc, f"{LIBRARY} links {name}")  # PETSc may be built with CUDA
shown = subprocess.run(["nm", "-D", "--defined-only", LIBRARY], capture_output=True, text=True).stdout
check.that(" cuda" not in shown and "gkt_context_create" in shown, "the runtime library of CUDA is visible from outside")
check.end()
