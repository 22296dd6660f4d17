"""Claim: the command's words, options and exit statuses are those of docs/problem-file.md: 0 done, 1 no valid answer, 2 refused. Answers go to standard output, everything else to
standard error, progress only to a terminal; what is misspelled is refused with what is near; --report is written whenever something was computed, --quiet hides no error."""
import json
import os
import pty
import subprocess
import tempfile

from gkt import BIN, CPU, Checks, command, has_gmsh

check = Checks()
folder = tempfile.TemporaryDirectory()
FILE = os.path.join(folder.name, "p.yaml")
REPORT = os.path.join(folder.name, "r.json")
KEYS = {"title", "status", "reason", "warnings", "mesh", "dofs", "fields", "nonzeros", "linear", "nonlinear", "counts", "functionals", "reals", "errors", "probes", "series", "path", "samples", "optimization", "gradients", "timings", "memory_peak", "versions"}
TIMES = {"mesh", "compile", "pattern", "assemble", "setup", "solve", "output", "total"}
PROBLEM = """title: A plate
mesh: {box: {cells: [12, 12]}}
fields: {u: {space: P2, test: v}}
equation: "dot(grad(u), grad(v))*dx == 4*v*dx"
conditions: [{on: boundary, value: "1 - dot(x,x)"}]
exact: {u: "1 - dot(x,x)"}
compute: {total: "u*dx", lowest: {min: u}}
probes: {middle: {at: [0.5, 0.5]}, slope: {at: [0.5, 0.5], value: "grad(u)"}}
"""
CG = ["--set", "solver.linear=cg", "--set", "solver.options=-pc_type jacobi"]
open(FILE, "w").write(PROBLEM)


def run(*args):
    return command("run", FILE, "--out", folder.name, *args, cwd=folder.name)


def report(*args, status=0):
    if os.path.exists(REPORT):
        os.remove(REPORT)
    r = run("--quiet", "--report", REPORT, *args)
    check.that(r.returncode == status, f"{args}: status {r.returncode}, expected {status}\n{r.stderr}")
    return (json.load(open(REPORT)) if os.path.exists(REPORT) else None), r


def refused(*args, what):
    r = command(*args, cwd=folder.name)
    good = r.returncode == 2 and r.stderr.startswith("galerkit: ") and r.stderr.count("\n") == 1 and not r.stdout and what in r.stderr
    check.that(good, f"galerkit {' '.join(args)}: status {r.returncode}, expected 2 and '{what}'\n{r.stderr}{r.stdout}")


# ---- words ----
for args in (["--help"], ["-h"], ["help"], ["run", "--help"], ["bench", "--help"], ["bench", "assembly", "-h"], ["bench", "solve", "--help"], ["bench", "mesh", "-h"], ["check", FILE, "-h"], ["plot", "--help"], ["devices", "--help"]):
    r = command(*args)
    check.that(r.returncode == 0 and r.stdout.startswith("galerkit: ") and "Exit status" in r.stdout and not r.stderr, f"{args}: {r}")
r = command("--version")
check.that(r.returncode == 0 and r.stdout.startswith("galerkit 0.") and r.stdout.count("\n") == 1, f"--version: {r}")
r = command("devices")
check.that(r.returncode == 0 and "cpu" in r.stdout and "interpreter" in r.stdout and not r.stderr, f"devices: {r}")
refused(what="expected a command: run, check")
refused("rum", FILE, what="rum: unknown command; did you mean run?")
refused("chekc", FILE, what="did you mean check?")
refused("frobnicate", what="frobnicate: unknown command; expected run, check, mesh, plot, devices or bench")
refused("bench", what="bench: expected `galerkit bench assembly`")
refused("bench", "assmebly", what="bench assmebly: unknown; did you mean assembly?")
refused("bench", "--repeat", "3", what="bench --repeat: unknown; expected assembly, batch, solve, adjoint, design or mesh")
refused("bench", "assembly", "absent.yaml", what="cannot open absent.yaml: No such file or directory")
refused("bench", "assembly", FILE, "q.yaml", what="q.yaml: a second file")
refused("bench", "assembly", FILE, "--case", "poisson-p1", what="--case poisson-p1: a file is given as well; expected one of them")
refused("bench", "assembly", "--case", "poison-p1", what="--case poison-p1: unknown; did you mean poisson-p1?; expected poisson-p1, poisson-p1-varying, ")
refused("bench", "assembly", "--report", "x", what="--report: not an option of `galerkit bench assembly`")
refused("bench", "assembly", "--repeats", "2", what="--repeats: unknown option of `galerkit bench assembly`; did you mean --repeat?")
for value in ("0", "-1", "x", "10001"):
    refused("bench", "assembly", "--repeat", value, what=f"--repeat {value}: expected a whole number from 1 to 10000")
refused("bench", "assembly", "--json", what="--json: a value is missing; expected a file")
refused("bench", "assembly", "--", "-ksp_view", what="takes no options of PETSc")
refused("bench", "sovle", what="bench sovle: unknown; did you mean solve?")
refused("bench", "solve", "absent.yaml", what="cannot open absent.yaml: No such file or directory")
refused("bench", "solve", FILE, "--case", "poisson-0.1", what="--case poisson-0.1: a file is given as well; expected one of them")
refused("bench", "solve", "--case", "poisson-0.2", what="--case poisson-0.2: unknown; did you mean poisson-0.1?; expected poisson-0.1, poisson-0.7, ")
refused("bench", "solve", "--case", "poisson-p1", what="--case poisson-p1: unknown")
refused("bench", "solve", "--out", "x", what="--out: not an option of `galerkit bench solve`")
refused("bench", "solve", FILE, "--", "gmres", what="PETSc options: 'gmres': a name like -pc_type was expected here")
refused("bench", "mesh", "--case", "hollow-cube-0.1", what="bench mesh: expected --case NAME -o OUT.msh")
refused("bench", "mesh", "--case", "poisson-0.1", "-o", "x.msh", what="no geometry; expected mesh: {geometry: FILE, size: ..}")
refused("bench", "mesh", "--case", "hollow-cube-0.1", "-o", "x.msh", "--repeat", "2", what="--repeat: not an option of `galerkit bench mesh`")
refused("run", FILE, "--json", "x", what="--json: not an option of `galerkit run`")
refused("run", what="run: expected a problem file")
refused("check", "--quiet", what="check: expected a problem file")
refused("run", "absent.yaml", what="cannot open absent.yaml: No such file or directory")
refused("run", folder.name, what="Is a directory")
refused("run", FILE, "q.yaml", what=f"q.yaml: a second file; expected one, and {FILE} is given already")
refused("devices", "x", what="takes no file")
refused("plot", "x.vtu", what="-o OUT.png is missing")
refused("plot", "-o", "x.png", what="expected a .vtu file")

# ---- options ----
refused("run", FILE, "--thread", "2", what="--thread: unknown option of `galerkit run`; did you mean --threads?")
refused("run", FILE, "--frobnicate", what="--frobnicate: unknown option of `galerkit run`; see")
refused("run", FILE, "-x", what="-x: unknown option")
refused("run", FILE, "--view", "xy", what="--view: not an option of `galerkit run`")
refused("check", FILE, "--report", "x", what="--report: not an option of `galerkit check`")
refused("check", FILE, "--", "-ksp_view", what="takes no options of PETSc")
refused("run", FILE, "--threads", what="--threads: a value is missing; expected a number")
refused("run", FILE, "--set", "--quiet", what="--set: a value is missing; expected a.b=value")
refused("run", FILE, "--out=", what="--out: a value is missing; expected a folder")
refused("run", FILE, "--quiet=1", what="--quiet takes no value")
for value in ("0", "-1", "two", "2x", "5000", " "):
    refused("run", FILE, "--threads", value, what=f"--threads {value}: expected a whole number from 1 to 4096")
refused("run", FILE, "--backend", "cpi", what="--backend cpi: unknown; did you mean cpu?")
for word in ("gpu", "GPU", "nvidia"):
    refused("run", FILE, "--backend", word, what=f"--backend {word}: unknown; did you mean cuda?")
refused("run", FILE, "--reduce", "segmentd", what="--reduce segmentd: unknown; did you mean segmented?")
refused("run", FILE, "--reduce", "x", what="--reduce x: unknown; expected auto, fused, segmented or spmm")
refused("plot", "x.vtu", "-o", "x.png", "--view", "xx", what="expected iso, xy, xz or yz")
refused("plot", "x.vtu", "-o", "x.jpg", what="-o x.jpg: expected a name that ends in .png")
refused("plot", "x.vtu", "-o", "x.png", "--isolines", "many", what="--isolines many: expected a whole number from 0 to 100")
refused("plot", "x.vtu", "-o", "x.png", "--warp", "x", what="--warp x: expected a number")
refused("plot", "x.vtu", "-o", "x.png", "--section", what="--section: a value is missing; expected a plane such as x=0.5")
refused("run", FILE, "--section", "x=0", what="--section: not an option of `galerkit run`")
refused("run", FILE, "--set", "mesh", what="--set mesh: no assignment; expected KEY.KEY=VALUE")
refused("run", FILE, "--set", "solver.rtol=2", what="--set solver.rtol=2: solver.rtol: line 1, column 13: '2': out of range")
refused("run", FILE, "--", "ksp_view", what="'ksp_view': a name like -pc_type was expected")
refused("run", FILE, "--", "-x", "y" * 5000, what="longer than")

# ---- an answer ----
r = run()
check.that(r.returncode == 0 and r.stdout.startswith("A plate\n") and "probe     middle = 0.5 at" in r.stdout and not r.stderr, f"run: {r}")
r = run("--quiet")
check.that(r.returncode == 0 and not r.stdout and not r.stderr, f"--quiet: {r}")
r = command("check", FILE)
check.that(r.returncode == 0 and "dofs" in r.stdout and "solver" not in r.stdout and not r.stderr, f"check: {r}")
j, _ = report()
check.that(set(j) == KEYS and set(j["timings"]) == TIMES, f"keys of the report: {set(j) ^ KEYS} {set(j['timings']) ^ TIMES}")
# u is of degree 2, so P2 holds it: what is left is rounding, well below 1e-10 on 625 dofs
check.that(j["status"] == "ok" and not j["reason"] and j["mesh"] == {"dim": 2, "cells": 288, "nodes": 169} and j["dofs"] == 625 and j["nonzeros"] > 625, f"report: {j}")
check.that(j["linear"]["residual"] < 1e-10 and j["nonlinear"]["iterations"] == 1 and j["nonlinear"]["residual"] < 1e-10 and "history" not in j["linear"], f"solvers: {j}")
check.that(j["errors"]["u"]["L2"] < 1e-10 and j["errors"]["u"]["H1"] < 1e-10, f"errors: {j['errors']}")
check.that(abs(j["functionals"]["total"] - 1 / 3) < 1e-10 and abs(j["functionals"]["lowest"] + 1) < 1e-10, f"functionals: {j['functionals']}")
check.that(abs(j["probes"]["middle"] - 0.5) < 1e-10 and max(abs(s + 1) for s in j["probes"]["slope"]) < 1e-10, f"probes: {j['probes']}")
check.that(j["versions"]["galerkit"] == command("--version").stdout.split()[1] and j["memory_peak"] > 1e6 and j["timings"]["total"] > 0, f"report: {j}")
numbers = [{k: report("--threads", n)[0][k] for k in ("functionals", "probes", "errors")} for n in (1, 2, 3)]
check.that(numbers[0] == numbers[1] == numbers[2], f"threads change the answer: {numbers}")
for name in ("fused", "segmented", "spmm"):
    r = run("--reduce", name)
    check.that(r.returncode == 0 and f"reduce {name}\n" in r.stdout, f"--reduce {name}: {r}")
    r = run("--reduce", name, "--verbose", *CPU)
    check.that(r.returncode == 0 and f"reduce of a matrix: {name}, as asked; by the model: bytes per cell" in r.stderr, f"--reduce {name}: {r}")
    check.that(abs(report("--reduce", name)[0]["probes"]["middle"] - 0.5) < 1e-10, f"--reduce {name}")
r = run("--verbose", *CPU)
check.that("reduce of a matrix: fused, the least by the model: bytes per cell" in r.stderr and r.stderr.count("reduce of a matrix:") == 1, f"--reduce auto: {r}")
other = report("--backend", "interpreter", "--set", "title=Other")[0]
# both are exact up to rounding, as above
check.that(other["title"] == "Other" and abs(other["probes"]["middle"] - 0.5) < 1e-10, f"interpreter: {other['probes']}")
check.that(report("--set", "mesh.box.cells=[2, 3]", "--set=fields.u.space=P1")[0]["dofs"] == 12, "two --set")
ZERO = ["--set", "fields.u.shape=vector", "--set", "equation=inner(grad(u), grad(v))*dx == v[0]*dx", "--set", "conditions=[{on: boundary, value: 0}]", "--set", "compute={}", "--set", "probes={}"]
zero = [report(*ZERO, "--set", f"exact.u={e}")[0]["errors"]["u"] for e in ("0", "[0, 0]")]
check.that(zero[0] == zero[1] and zero[0]["L2"] > 0 and zero[0]["H1"] > 0, f"the number 0 fits any shape: {zero}")

# ---- without an answer ----
STOP = [*CG, "--set", "solver.rtol=1e-14"]
j, r = report(*STOP, "--", "-ksp_max_it", "3", status=1)
check.that(set(j) == KEYS and j["status"] == "not_converged" and "did not converge" in j["reason"] and j["linear"]["residual"] > 1e-14, f"not converged: {j}")
check.that(len(j["linear"]["history"]) == 4 and j["functionals"] is None and j["probes"] is None, f"history: {j['linear']}")
check.that(r.stderr.splitlines()[-1] == f"galerkit: {j['reason']}" and not r.stdout, f"--quiet hides an error: {r}")
r = run(*STOP, "--", "-ksp_max_it", "3")
check.that(r.returncode == 1 and "no valid answer: CG" in r.stdout and "galerkit: CG" in r.stderr and "probe" not in r.stdout, f"not converged: {r}")
j, r = report("--set", "output.file=absent/p.vtu", status=2)
check.that(j is None and r.stderr.startswith("galerkit: ") and "absent/p.vtu: No such file" in r.stderr, f"an output without a place: {r}")
os.symlink("/dev/full", os.path.join(folder.name, "full.vtu"))
j, r = report("--set", "output.file=full.vtu", status=1)
check.that(j["status"] == "failed" and "cannot write /dev/full" in j["reason"] and abs(j["functionals"]["total"] - 1 / 3) < 1e-10, f"a failing output: {j}")
check.that(r.stderr == f"galerkit: {j['reason']}\n", f"a failing output: {r}")
j, r = report("--set", "conditions=[{on: lfet, value: 0}]", status=2)
check.that(j is None and "did you mean 'left'?" in r.stderr, f"refused: {j} {r.stderr}")
r = run("--quiet", "--report", os.path.join(folder.name, "absent", "r.json"))
check.that(r.returncode == 2 and "absent/r.json: No such file" in r.stderr, f"a report without a place: {r}")
with open("/dev/full", "w") as full:
    r = subprocess.run([os.path.join(BIN, "galerkit"), "run", FILE], stdout=full, stderr=subprocess.PIPE, text=True)
    check.that(r.returncode == 1 and "cannot write to standard output: No space left" in r.stderr, f"standard output is full: {r}")

# ---- options of PETSc ----
j, r = report("--", "-ksp_type", "gmres", "-pc_type", "jacobi", "-ksp_max_it", "2000", "-ksp_frobnicate", "7")
check.that(j["linear"]["method"].startswith("GMRES + Jacobi") and r.stderr == "warning: PETSc option -ksp_frobnicate was not used: misspelled, or of a method that did not run\n", f"{j['linear']} {r.stderr}")
check.that("Jacobi" in report(*CG)[0]["linear"]["method"], "solver.options")
check.that("Jacobi" not in report(*CG, "--", "-pc_type", "icc")[0]["linear"]["method"], "what stands behind -- wins")
refused("run", FILE, "--", "-ksp_max_it", "x", what="x has no integer value")


# ---- progress ----
def on_terminal(*args):
    ours, theirs = pty.openpty()
    p = subprocess.Popen([os.path.join(BIN, "galerkit"), "run", FILE, "--out", folder.name, *args], stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 65536):
            seen += chunk
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    out = p.communicate()[0].decode()
    return p.returncode, out, seen.decode()


try:
    [os.close(end) for end in pty.openpty()]
except OSError:
    check.skip("there are no pseudo-terminals here: progress was not looked at")
else:
    code, out, err = on_terminal(*CG)
    check.that(code == 0 and "solve ... iteration 5, residual " in err and " s left" in err and err.endswith("\r\033[K") and "left" not in out, f"progress: {code} {err[-300:]!r} {out}")
    code, out, err = on_terminal(*CG, "--quiet")
    check.that(code == 0 and not out and not err, f"--quiet on a terminal: {code} {err!r} {out}")
check.that(not run(*CG).stderr, "progress without a terminal")

# ---- mesh, plot ----
r = run("--quiet", "--set", "output.file=p.vtu")
r = command("plot", os.path.join(folder.name, "p.vtu"), "-o", os.path.join(folder.name, "p.png"), "--field", "u", "--view", "xy")
check.that(r.returncode == 0 and open(os.path.join(folder.name, "p.png"), "rb").read(8) == b"\x89PNG\r\n\x1a\n", f"plot: {r}")
plain = open(os.path.join(folder.name, "p.png"), "rb").read()
for options in (["--isolines", "7"], ["--edges"], ["--section", "x=0.3"]):
    r = command("plot", os.path.join(folder.name, "p.vtu"), "-o", os.path.join(folder.name, "q.png"), "--field", "u", "--view", "xy", *options)
    check.that(r.returncode == 0 and open(os.path.join(folder.name, "q.png"), "rb").read() != plain, f"plot {options} draws nothing of its own: {r}")
refused("plot", os.path.join(folder.name, "p.vtu"), "-o", "q.png", "--section", "y=7", what="section 'y=7' misses the mesh, which reaches from 0 to 1")
refused("plot", os.path.join(folder.name, "p.vtu"), "-o", "q.png", "--section", "half", what="section 'half': x, y or z = a number was expected")
refused("plot", os.path.join(folder.name, "p.vtu"), "-o", "q.png", "--warp", "2", what="holds no vectors of point data")
refused("mesh", "p.yaml", what="p.yaml: mesh.box: line 2, column 13: '{cells: [12, 12]}': no geometry; expected mesh: {geometry: FILE, size: ..}")
refused("mesh", "p.yaml", "--size", "2", what="--size: not an option of `galerkit mesh FILE.yaml`; ")
refused("mesh", "p.yaml", "--siez", "2", what="--siez: unknown option of `galerkit mesh FILE.yaml`; ")
if has_gmsh():
    open(os.path.join(folder.name, "square.geo"), "w").write('SetFactory("OpenCASCADE"); Rectangle(1) = {0, 0, 0, 1, 1};\n')
    open(os.path.join(folder.name, "g.yaml"), "w").write(PROBLEM.replace("{box: {cells: [12, 12]}}", "{geometry: square.geo, size: 0.2}"))
    r = command("mesh", "g.yaml", cwd=folder.name)
    check.that(r.returncode == 0 and r.stdout == "g.msh\n" and "warning" not in r.stderr, f"mesh of a problem file: {r}")
    same = [report("--set", f"mesh={m}")[0]["mesh"] for m in ("{geometry: square.geo, size: 0.2}", "{file: g.msh}")]
    check.that(same[0] == same[1], f"`mesh` and `run` differ: {same}")
    r = command("mesh", "g.yaml", "-o", os.path.join("absent", "g.msh"), cwd=folder.name)
    check.that(r.returncode == 2 and "absent/g.msh" in r.stderr, f"mesh without a place: {r}")
else:
    check.skip("galerkit-mesh is not built")
check.end()
