"""Claim: the user's monitors print the iterations of every solve of Newton's method, and none of those that only look whether the tangent is singular."""
import json
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
check.end()
