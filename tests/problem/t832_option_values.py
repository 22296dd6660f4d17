"""Claim: a value that PETSc does not take for an option, of linear and nonlinear solvers, of runs in time and of optimizers, in the file, by --set and behind --, is one message with the
place and the option, status 2 and no file, by `check` as well where PETSc reads it without a matrix; the option at fault is named among others; options that nothing reads are told."""
import os
import re
import tempfile

from gkt import CPU, Checks, command

check = Checks()
LINEAR, NONLINEAR = "dot(grad(u), grad(v))*dx == q*v*dx", "(1 + u^2)*dot(grad(u), grad(v))*dx == q*v*dx"
HEAD = "mesh: {box: {cells: [4, 4]}}\nfields: {u: {space: P1, test: v}}\nconstants: {q: 1.0}\nconditions: [{on: left, value: 0}]\noutput: {file: a.vtu}\n"
STEADY = HEAD + 'equation: "%s"\n'
TIME = HEAD + 'equation: "dt(u)*v*dx + %s"\ninitial: {u: 0}\ntime: {end: 1, step: 0.5}\n'
DESIGN = STEADY % LINEAR + 'controls: {q: {}}\nminimize: "0.5*(u - 1)^2*dx"\noptimizer: {method: METHOD, iterations: 3, options: "OPTIONS"}\n'
SOLVER = 'solver: {options: "%s"}\n'

with tempfile.TemporaryDirectory() as folder:
    path, out = os.path.join(folder, "a.yaml"), os.path.join(folder, "out")

    def refused(text, key, option, *args, checked=True):
        """option: what the message names, before what PETSc says of it."""
        open(path, "w").write(text)
        for what in ("run", "check") if checked else ("run",):
            r = command(what, path, *CPU, "--out", out, *args)
            place = f"{re.escape(path)}: {key}: line \\d+, column \\d+: '.*': " if key and key[0] != "-" else re.escape("command line: ") if not key else f"{key}.*?: "
            found = re.fullmatch(f"galerkit: {place}PETSc options: {re.escape(option)}: .+\n", r.stderr)
            check.that(r.returncode == 2 and found and "gkt" not in re.sub("galerkit: |/tmp.*?:", "", r.stderr) and "http" not in r.stderr, f"{what} {option}: {r.returncode}, {r.stderr}")
            check.that(not os.path.exists(out) or os.listdir(out) == [], f"{what} {option}: files {os.path.exists(out) and os.listdir(out)}")

    for equation in (LINEAR, NONLINEAR):
        for text in (STEADY % equation, TIME % equation):
            refused(text + SOLVER % "-pc_type jacobi -ksp_type nonsense", "solver.options", "-ksp_type nonsense")
    text = STEADY % LINEAR
    for option in ("-pc_type nonsense", "-ksp_rtol abc", "-ksp_max_it 1.5x", "-ksp_type"):
        refused(text + SOLVER % option, "solver.options", option)
    refused(text + SOLVER % "-pc_type hypre -pc_hypre_type nonsense", "solver.options", "-pc_hypre_type nonsense")
    refused(text + SOLVER % "-ksp_type gmres -ksp_gmres_restart -5", "solver.options", "one of -ksp_type gmres -ksp_gmres_restart -5")
    refused(text + SOLVER % "-pc_type lu -pc_factor_mat_solver_type nonsense", "solver.options", "-pc_factor_mat_solver_type nonsense", checked=False)
    refused(text, "--set solver", "-pc_type nonsense", "--set", "solver={options: -pc_type nonsense}")
    refused(text + SOLVER % "-ksp_type cg", None, "-pc_type nonsense", "--", "-pc_type", "nonsense", checked=False)
    for option in ("-snes_type nonsense", "-snes_linesearch_type nonsense", "-snes_max_it abc", "-snes_rtol 5"):
        refused(STEADY % NONLINEAR + SOLVER % option, "solver.options", option, checked=False)

    # ---- optimizers, whose other options are named apart from it
    for method in ("lmvm", "blmvm", "bnls", "bntr", "gauss-newton"):
        text = DESIGN.replace("METHOD", method)
        refused(text.replace("OPTIONS", "-tao_type nonsense"), "optimizer.options", "-tao_type nonsense")
        refused(text.replace("OPTIONS", "-tao_monitor -tao_max_it abc"), "optimizer.options", "-tao_max_it abc")
    refused(text.replace("OPTIONS", "-tao_ls_type nonsense"), "optimizer.options", "-tao_ls_type nonsense")
    refused(text.replace("OPTIONS", "-tao_ls_ftol 0.1") + SOLVER % "-ksp_type nonsense", "solver.options", "-ksp_type nonsense")
    open(path, "w").write(text.replace("OPTIONS", "-tao_nonsense 1"))
    r = command("run", path, *CPU, "--out", out)
    check.that(r.returncode == 0 and "PETSc option -tao_nonsense was not used" in r.stderr, f"not used: {r.stderr}")
check.end()
