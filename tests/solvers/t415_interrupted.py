"""Claim: Ctrl-C during a run cancels it as a progress call does: one line says so at once, one at the end, the exit status is 1, the report is written, outputs are as they were; a
second Ctrl-C ends the command at once, as SIGTERM does."""
import json
import os
import signal
import subprocess
import tempfile
import time

from gkt import BIN, CPU, Checks, emulated

check = Checks()
folder = tempfile.TemporaryDirectory()
# A hundred thousand iterations that gain nothing: no preconditioner, a tolerance that rounding does not reach; the log tells when they have begun.
SIDE = emulated(300, 60)
PROBLEM = f"mesh: {{box: {{cells: [{SIDE}, {SIDE}], shape: quad}}}}" + """
fields: {u: {space: P1, test: v}}
coefficients: {k: "exp(12*sin(20*x[0])*cos(30*x[1]))"}
equation: k*dot(grad(u), grad(v))*dx + 0*u*v*dx == v*dx
conditions: [{on: left, value: 0}]
solver: {linear: cg, options: "-pc_type none -ksp_max_it 1000000 -ksp_monitor"}
output: {file: u.vtu}
"""
path = os.path.join(folder.name, "p.yaml")
report = os.path.join(folder.name, "r.json")
open(path, "w").write(PROBLEM)
TOLD = "galerkit: stopping at the next step of the solver; Ctrl-C once more stops at once\n"
STOPPED = "galerkit: stopped; outputs that were not complete are as they were before\n"


def start():
    """Until a few iterations have run, as the monitor shows."""
    p = subprocess.Popen([os.path.join(BIN, "galerkit"), "run", path, "--quiet", "--out", folder.name, "--report", report], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(5):
        p.stdout.readline()
    return p


def end(p):
    err = p.communicate(timeout=120)[1]
    return p.returncode, err


p = start()
p.send_signal(signal.SIGINT)
code, err = end(p)
check.that(code == 1 and err == TOLD + "galerkit: cancelled by the caller\n", f"Ctrl-C: {code} {err!r}")
j = json.load(open(report))
check.that(j["status"] == "not_converged" and j["reason"] == "cancelled by the caller" and j["linear"]["iterations"] > 0 and not os.path.exists(os.path.join(folder.name, "u.vtu")), f"its report: {j}")
os.unlink(report)
p = start()
p.send_signal(signal.SIGTERM)
code, err = end(p)
check.that(code == -signal.SIGTERM and err == STOPPED and not os.path.exists(report), f"terminated: {code} {err!r}")
# the second one, while a compiler works that takes its time, which is no step of the solver
begun, compiler = os.path.join(folder.name, "begun"), os.path.join(folder.name, "cc")
open(compiler, "w").write(f"#!/bin/sh\ncase \"$*\" in *-shared*) touch {begun}; sleep 10;; esac\nexec cc \"$@\"\n")
os.chmod(compiler, 0o700)
p = subprocess.Popen([os.path.join(BIN, "galerkit"), "run", path, "--quiet", *CPU], stderr=subprocess.PIPE, text=True, env={**os.environ, "CC": compiler, "XDG_CACHE_HOME": folder.name})
while not os.path.exists(begun) and p.poll() is None:
    time.sleep(0.01)
p.send_signal(signal.SIGINT)
told = p.stderr.readline()
p.send_signal(signal.SIGINT)
code, err = end(p)
check.that(told == TOLD and code == -signal.SIGINT and err == STOPPED, f"Ctrl-C twice: {told!r}, {code} {err!r}")
check.end()
