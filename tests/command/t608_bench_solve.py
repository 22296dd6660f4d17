"""Claim: `galerkit bench solve` solves as `run` does: iterations, residual, method, sizes and results are the same numbers; its true residual is met; its stages are all there; the
solution does not depend on threads; a case of two fields is what it says; what does not converge has a row, a message and status 1; `bench mesh` gives the mesh of the case."""
import json
import os
import tempfile

from gkt import Checks, command, has_gmsh, run

check = Checks()
folder = tempfile.TemporaryDirectory()
path = lambda name: os.path.join(folder.name, name)
JSON = path("b.json")
STAGES = {"mesh", "plan", "assemble", "setup", "solve", "total"}
KEYS = {"name", "backend", "reduce", "repeat", "cells", "dofs", "constrained", "nonzeros", "linear", "seconds", "cpu_seconds", "dofs_per_second", "memory", "solution"}
LINEAR = {"converged", "iterations", "newton_iterations", "residual", "form_residual", "method", "why", "options", "reason"}


def bench(*args, status=0):
    r = command("bench", "solve", "--json", JSON, *args)
    check.that(r.returncode == status, f"{args}: {r}")
    return json.load(open(JSON))["cases"][0], r


def same(case, report, what):
    for k in ("iterations", "residual", "method", "why"):
        check.that(case["linear"][k] == report["linear"][k], f"{what}: {k} is {case['linear'][k]}, run has {report['linear'][k]}")
    check.that(all(case[k] == report[k] for k in ("dofs", "nonzeros")) and case["cells"] == report["mesh"]["cells"], f"{what}: {case}")


# ---- a standard case, small; iterative, as the large ones are ----
SMALL = ["--case", "poisson-0.1", "--set", "mesh.box.cells=[8, 8, 8]", "--set", "solver.linear=cg"]
case, r = bench(*SMALL, "--threads", 1, "--repeat", 2)
check.that(set(case) == KEYS and set(case["linear"]) == LINEAR and case["repeat"] == 2, f"{case}")
check.that(set(case["cpu_seconds"]) == STAGES and set(case["seconds"]) == STAGES | {"compile", "pattern"}, f"{case}")
check.that(all(case["seconds"][k] > 0 for k in STAGES) and case["seconds"]["total"] >= max(case["seconds"][k] for k in STAGES), f"{case['seconds']}")
check.that((case["cells"], case["dofs"], case["constrained"]) == (6 * 8**3, 9**3, 9**3 - 7**3), f"{case}")
check.that(case["linear"]["converged"] and 0 < case["linear"]["residual"] <= 1e-10 and case["linear"]["form_residual"] < 2e-10, f"{case['linear']}")
check.that("-ksp_type cg" in case["linear"]["options"] and case["linear"]["method"].startswith("CG + ") and "as asked" in case["linear"]["why"], f"{case['linear']}")
check.that("poisson-0.1 " in r.stdout and "CG + " in r.stdout and not r.stderr, f"{r}")
two = bench(*SMALL, "--threads", 2)[0]
check.that(two["solution"] == case["solution"] and two["linear"] == case["linear"], f"threads change the solution: {two}")
given, r = bench(*SMALL, "--quiet", "--", "-pc_type", "jacobi")
check.that(given["linear"]["method"] == "CG + Jacobi" and given["linear"]["options"].endswith("-pc_type jacobi") and not r.stdout, f"{given['linear']}")
check.that(all(abs(given["solution"][k] - case["solution"][k]) < 1e-8 * case["solution"][k] for k in ("norm", "max")), f"{given}")

# ---- the same problem as a file, by run ----
PROBLEM = """mesh: {box: {cells: [8, 8, 8]}}
fields: {u: {space: P1, test: v}}
equation: "dot(grad(u), grad(v))*dx == (1 + 4*x[0]*x[1]^2)*v*dx"
conditions: [{on: boundary, field: u, value: 0}]
compute: {peak: {max: u}}
output: {file: u.vtu}
solver: {linear: cg}
"""
with open(path("p.yaml"), "w") as file:
    file.write(PROBLEM)
report = run(path("p.yaml"))
same(case, report, "a case")
peak = report["functionals"]["peak"]  # a mean over the cells of a node
check.that(abs(case["solution"]["max"] - peak) < 1e-14 * peak, f"{case['solution']}, {peak}")
same(bench(path("p.yaml"))[0], report, "a file")
check.that(not os.path.exists("u.vtu"), "bench writes what the file asks run for")
nonlinear = "examples/nonlinear/" + next(f for f in sorted(os.listdir(os.path.join(os.environ["GKT_ROOT"], "examples/nonlinear"))) if f.endswith(".yaml"))
case, report = bench(os.path.join(os.environ["GKT_ROOT"], nonlinear))[0], run(nonlinear)
check.that(case["linear"]["newton_iterations"] == report["nonlinear"]["iterations"] and case["linear"]["iterations"] == report["nonlinear"]["linear_iterations"], f"{nonlinear}: {case}")

# ---- Stokes, small: as many unknowns as two spaces have, the velocity held on the boundary, and as many entries as couplings ----
case = bench("--case", "stokes-0.1", "--set", "mesh.box.cells=[3, 3, 3]")[0]
check.that((case["dofs"], case["constrained"]) == (3 * 7**3 + 4**3, 3 * (7**3 - 5**3)), f"{case}")
check.that(case["linear"]["converged"] and case["linear"]["residual"] <= 1e-10 and "saddle point" in case["linear"]["why"], f"{case['linear']}")

# ---- the hollow cube: its geometry is part of the program; through a file, as Gmsh does not give the same mesh under each name ----
CG = ["--set", "solver.linear=cg"]
if has_gmsh():
    coarse = ["--case", "hollow-cube-0.1", "--set", "mesh.size=0.1"]
    r = command("bench", "mesh", *coarse, "-o", path("h.msh"))
    check.that(r.returncode == 0 and not r.stdout + r.stderr, f"{r}")
    read = [*CG, "--set", f"mesh={{file: {path('h.msh')}}}"]
    case, report = bench("--case", "hollow-cube-0.1", *read)[0], run("examples/literature/hollow-cube.yaml", *read)
    same(case, report, "hollow cube")
    meshed = bench(*coarse, *CG)[0]
    check.that(abs(meshed["dofs"] / case["dofs"] - 1) < 0.05 and meshed["linear"]["residual"] <= 1e-10, f"meshed: {meshed}")
else:
    check.skip("galerkit-mesh is not built")

# ---- no answer ----
case, r = bench(*SMALL, "--", "-ksp_max_it", "2", status=1)
check.that(not case["linear"]["converged"] and "did not converge" in case["linear"]["reason"] and "galerkit: poisson-0.1: " in r.stderr and r.stderr.count("did not converge") == 1, f"{r}")
r = command("bench", "solve", *SMALL, "--json", path("absent/b.json"))
check.that(r.returncode == 2 and not r.stdout and "absent/b.json: No such file" in r.stderr, f"a file without a place: {r}")
r = command("bench", "solve", *SMALL, "--set", "conditions=[{on: lfet, value: 0}]")
check.that(r.returncode == 2 and r.stderr.startswith("galerkit: --set conditions") and "did you mean 'left'?" in r.stderr and not r.stdout, f"refused: {r}")
check.end()
