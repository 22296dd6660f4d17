"""Claim: the user's monitors print the iterations of every solve of Newton's method, and none of those that only look whether the tangent is singular; with -info, where PETSc asks
for products with the tangent of its own accord, an answer is the same, on the host and on the device, and where no step is accepted."""
import json
import os
import re
import tempfile

from gkt import Checks, command

check = Checks()
PROBLEM = """mesh: {box: {cells: [40, 40]}}
fields: {u: {space: P1, test: v}}
equation: (1 + u^2)*dot(grad(u), grad(v))*dx == 50*v*dx
conditions: [{on: left, value: 0}]
solver: {linear: gmres, options: "-pc_type ilu", nonlinear: {accept: full}}
"""
folder = tempfile.TemporaryDirectory()
path = folder.name + "/p.yaml"
open(path, "w").write(PROBLEM)
r = command("run", path, "--", "-ksp_monitor", cwd=folder.name)
solves = len(re.findall(r"^ *0 KSP Residual norm", r.stdout, re.M))
lines = len(re.findall(r"^ *\d+ KSP Residual norm", r.stdout, re.M))
newton = int(re.search(r"newton +(\d+) iterations", r.stdout)[1])
check.that(r.returncode == 0 and newton > 3 and newton <= solves <= 3 * newton, f"{newton} steps, {solves} solves were shown: {r.stdout[-800:]} {r.stderr}")
report = folder.name + "/r.json"

command("run", path, "--quiet", "--report", report, cwd=folder.name)
j = json.load(open(report))["nonlinear"]
check.that(j["iterations"] == newton and lines == solves + j["linear_iterations"], f"{lines} lines of {solves} solves, {j['linear_iterations']} iterations")

SMALL = """mesh: {box: {cells: [6, 5], shape: tri}}
fields: {u: {space: P1, test: v}}
equation: %s
conditions: [{on: left, value: 0}]
compute: {m: u*dx}
"""
good, bad = "(1 + u^2)*dot(grad(u), grad(v))*dx == 50*v*dx", "dot(grad(u), grad(v))*dx + exp(u)*v*dx == -50*v*dx"


def answer(equation, options, *more, **env):
    open(path, "w").write(SMALL % equation)
    r = command("run", path, *more, cwd=folder.name, env={**os.environ, "PETSC_OPTIONS": options, **env})
    return r.returncode, re.search(r"m = \S+", r.stdout), r


for more in ({}, {"GKT_DEVICE": "emulated"}):
    words = ("--backend", "cuda") if more else ()
    for equation in (good, bad):
        plain, info = answer(equation, "", *words, **more), answer(equation, "-info", *words, **more)
        same = plain[0] == info[0] and (plain[1] and plain[1][0]) == (info[1] and info[1][0])
        check.that(same and (equation == bad or plain[0] == 0), f"{words} {equation}: {plain[0]} {plain[1]}, with -info {info[0]} {info[1]}: {info[2].stderr[-400:]}")
        check.that("SNES" in info[2].stdout + info[2].stderr, "-info shows nothing")
check.end()
