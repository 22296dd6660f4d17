"""Claim: includes point one way (docs/architecture.md), headers compile alone, no stage prints or exits, no file is too long."""
import os
import re
import subprocess
import sys

ROOT = os.environ["GKT_ROOT"]
STAGES = ["core", "meshes", "plot", "forms", "spaces", "assembly", "solvers", "systems", "time", "sampling", "adjoint"]
MAY = {
    "core": [], "meshes": ["core"], "plot": ["core", "meshes"], "forms": ["core"], "spaces": ["core", "meshes", "forms"],
    "assembly": ["core", "meshes", "forms", "spaces"], "solvers": ["core"], "systems": STAGES[:7], "time": ["core"], "sampling": ["core"],
    "adjoint": ["core", "meshes", "forms", "spaces", "assembly", "solvers", "systems", "time"],
    "problem": ["core", "meshes", "plot", "forms", "assembly"],  # a client: nothing inside of spaces, solvers, systems
    "problem/file": ["core", "forms", "plot"], "cli": [], "bench": ["cli"], "bench/device": STAGES, "examples": [],
}
PUBLIC = {"core": ["core", "vector"], "meshes": ["core", "mesh"], "plot": ["core", "mesh", "plot"], "forms": ["core", "form"],
          "spaces": ["core", "mesh", "form", "space"], "assembly": ["core", "mesh", "form", "space", "assembly"], "solvers": ["core", "vector", "solver", "petsc"],
          "systems": ["core", "vector", "mesh", "form", "space", "assembly", "solver", "petsc", "system"],
          "time": ["core", "vector", "mesh", "form", "space", "assembly", "solver", "system", "time"],
          "sampling": ["core", "vector", "mesh", "form", "space", "assembly", "solver", "system", "sample"],
          "adjoint": ["core", "vector", "mesh", "form", "space", "assembly", "solver", "system", "time", "adjoint", "time_adjoint", "optimize", "extension", "filter"]}
bad = []


def sources(folder):
    for top, folders, names in os.walk(os.path.join(ROOT, folder)):
        folders[:] = [f for f in folders if os.path.relpath(os.path.join(top, f), ROOT) not in MAY]
        for name in sorted(names):
            if name.endswith((".c", ".h", ".cu", ".cuh")):
                yield os.path.join(top, name)


for stage, may in MAY.items():
    for path in sources(stage):
        text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), open(path, errors="replace").read(), flags=re.S)
        where = os.path.relpath(path, ROOT)
        for inc in re.findall(r'#include\s+"([^"]+)"', text):
            first = inc.rpartition("/")[0]
            if first == "galerkit":
                name = inc.split("/")[1][:-2]
                if stage in PUBLIC and name not in PUBLIC[stage]:
                    bad.append(f"{where}: includes {inc}, a later stage")
            elif "/" in inc and first not in may + [stage] and not (stage == "problem" and first == "problem/file"):
                bad.append(f"{where}: includes {inc}")
        if stage not in ("cli", "bench", "bench/device", "examples") and "meshes/gmsh" not in where:
            for call in re.findall(r"(?<![\w.>])(printf|puts|exit|abort|rand|srand)\s*\(", text):
                bad.append(f"{where}: calls {call}()")
        if text.count("\n") > 400:
            bad.append(f"{where}: {text.count(chr(10))} lines, at most 400")
flags = subprocess.run(["pkg-config", "--cflags", "PETSc", "ompi-c", "cairo", "yaml-0.1", "nlopt"], capture_output=True, text=True).stdout.split()
for path in list(sources("include")) + [p for s in MAY for p in sources(s) if p.endswith(".h")]:
    r = subprocess.run(["cc", "-std=c11", "-D_GNU_SOURCE", "-fsyntax-only", f"-I{ROOT}", f"-I{ROOT}/include", *flags, "-x", "c", path], capture_output=True, text=True)
    if r.returncode:
        bad.append(f"{os.path.relpath(path, ROOT)} does not compile alone:\n{r.stderr}")
for line in bad:
    print(line)
sys.exit(bool(bad))
