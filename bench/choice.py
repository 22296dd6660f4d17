"""Linear methods side by side, over dimension, dofs and kind of form: CPU seconds of set-up and solve, one thread. Prints a table; the fastest of a row in bold.
bench/choice.py BUILD_FOLDER [--limit SECONDS] [--most DOFS] [CASE...]"""
import argparse
import json
import os
import subprocess
import tempfile

ELASTIC = "(2*inner(sym(grad(u)), sym(grad(u))) + 1.5*div(u)^2)*dx/2 - u[0]*dx"
NEARLY = "(inner(sym(grad(u)), sym(grad(u))) + 500*div(u)^2)*dx - u[0]*dx"
# name: dimension, space, shape, form, where the solution is held
CASES = {
    "poisson-2d": (2, "P1", "scalar", 'equation: "dot(grad(u), grad(v))*dx == v*dx"', "boundary"),
    "poisson-2d-p2": (2, "P2", "scalar", 'equation: "dot(grad(u), grad(v))*dx == v*dx"', "boundary"),
    "poisson-3d": (3, "P1", "scalar", 'equation: "dot(grad(u), grad(v))*dx == v*dx"', "boundary"),
    "poisson-3d-p2": (3, "P2", "scalar", 'equation: "dot(grad(u), grad(v))*dx == v*dx"', "boundary"),
    "mass-3d": (3, "P1", "scalar", 'equation: "u*v*dx == x[0]*v*dx"', None),
    "elasticity-2d": (2, "P1", "vector", f'energy: "{ELASTIC}"', "left"),
    "elasticity-3d": (3, "P1", "vector", f'energy: "{ELASTIC}"', "left"),
    "elasticity-3d-p2": (3, "P2", "vector", f'energy: "{ELASTIC}"', "left"),
    "nearly-incompressible-2d": (2, "P2", "vector", f'energy: "{NEARLY}"', "left"),
    "helmholtz-2d": (2, "P1", "scalar", 'equation: "dot(grad(u), grad(v))*dx - 200*u*v*dx == v*dx"', "boundary"),
    "helmholtz-3d": (3, "P1", "scalar", 'equation: "dot(grad(u), grad(v))*dx - 100*u*v*dx == v*dx"', "boundary"),
    "transport-2d": (2, "P1", "scalar", 'equation: "0.02*dot(grad(u), grad(v))*dx + dot([1, 0.5], grad(u))*v*dx == v*dx"', "boundary"),
    "transport-3d": (3, "P1", "scalar", 'equation: "0.02*dot(grad(u), grad(v))*dx + dot([1, 0.5, 0.2], grad(u))*v*dx == v*dx"', "boundary"),
}
HYPRE = "-pc_type hypre -pc_hypre_type boomeramg"
METHODS = {
    "AUTO": ("auto", ""),
    "factor": ("direct", ""),
    "CG+AMG": ("cg", ""),
    "CG+Jacobi": ("cg", "-ksp_type cg -pc_type jacobi"),
    "GMRES+ILU": ("gmres", "-pc_type ilu"),
    "BiCGSTAB+ILU": ("bicgstab", "-pc_type ilu"),
    "GMRES+AMG": ("gmres", HYPRE),
    "BiCGSTAB+AMG": ("bicgstab", HYPRE),
}
SIZES = [1000, 4000, 16000, 64000, 256000]


def boxes(dim, space, shape, dofs):
    nodes = dofs / (dim if shape == "vector" else 1)
    return max(1, round((nodes ** (1 / dim) - 1) / (2 if space == "P2" else 1)))


def problem(case, dofs):
    dim, space, shape, form, held = CASES[case]
    n = boxes(dim, space, shape, dofs)
    test = "" if form.startswith("energy") else ", test: v"
    text = f"mesh: {{box: {{cells: [{', '.join([str(n)] * dim)}]}}}}\nfields: {{u: {{space: {space}, shape: {shape}{test}}}}}\n{form}\n"
    return text + (f"conditions: [{{on: {held}, value: 0}}]\n" if held else "")


def measure(build, case, dofs, method, limit):
    """(dofs, CPU seconds, iterations); seconds None: no answer within the limit."""
    linear, options = METHODS[method]
    with tempfile.TemporaryDirectory() as folder:
        file, out = os.path.join(folder, "p.yaml"), os.path.join(folder, "out.json")
        with open(file, "w") as f:
            f.write(problem(case, dofs))
        command = [os.path.join(build, "bin", "galerkit"), "bench", "solve", file, "--quiet", "--threads", "1", "--repeat", "1", "--json", out, "--set", f"solver.linear={linear}"]
        try:
            subprocess.run(command + (["--"] + options.split() if options else []), capture_output=True, timeout=limit, check=False)
            c = json.load(open(out))["cases"][0]
        except (subprocess.TimeoutExpired, FileNotFoundError, IndexError):
            return None
    seconds = c["cpu_seconds"]
    return c["dofs"], seconds["setup"] + seconds["solve"] if c["linear"]["converged"] else None, c["linear"]["iterations"], c["linear"]["method"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--limit", type=float, default=60)
    parser.add_argument("--most", type=int, default=SIZES[-1])
    parser.add_argument("cases", nargs="*", default=list(CASES))
    args = parser.parse_intermixed_args()
    names = [m for m in METHODS if m != "AUTO"]
    print("| case | dofs | " + " | ".join(names) + " | AUTO takes | over the best |\n|---|---|" + "---|" * (len(names) + 2))
    for case in args.cases:
        for dofs in (d for d in SIZES if d <= args.most):
            rows = {m: measure(args.build, case, dofs, m, args.limit) for m in METHODS}
            good = {m: r[1] for m, r in rows.items() if r and r[1] is not None and m != "AUTO"}
            best = min(good.values()) if good else None
            cells = ["-" if m not in good else f"**{good[m]:.3f}**" if good[m] == best else f"{good[m]:.3f}" for m in names]
            auto = rows["AUTO"]
            ratio = f"{auto[1] / best:.2f}" if auto and auto[1] is not None and best else "-"
            count = next((r[0] for r in rows.values() if r), dofs)
            print(f"| {case} | {count:,} | " + " | ".join(cells) + f" | {auto[3] if auto else '-'} | {ratio} |", flush=True)


main()
