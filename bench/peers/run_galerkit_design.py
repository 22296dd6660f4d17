#!/usr/bin/env python3
"""Galerkit's own rows of scripts/bench-adjoint.sh: run_galerkit_design.py GALERKIT CASE RESULT.json. Steps are those of `galerkit bench adjoint`; set-up and memory are of a run of one step, without
kernels in the cache."""
from design import Case

import json
import os
import resource
import subprocess
import sys
import tempfile

galerkit, name, out = sys.argv[1:]
problem = Case(name).galerkit()


def call(*args, **options):
    """CPU seconds. By a shell that forks: the peak memory of a program that Python starts itself would begin with Python's."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["sh", "-c", '"$@"; exit $?', "sh", galerkit, *args, "--quiet", "--threads", "1"], check=True, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def read(path):
    with open(path) as f:
        return json.load(f)


with tempfile.TemporaryDirectory() as cache:
    one = [a for text in ("output={}", "filter={}", "subject_to=[]", "optimizer={method: none}") for a in ("--set", text)]
    spent = call("run", *problem, *one, "--report", f"{cache}/report.json", env=dict(os.environ, XDG_CACHE_HOME=cache))
    memory = read(f"{cache}/report.json")["memory_peak"]
call("bench", "adjoint", *problem, "--repeat", "5", "--json", out)
report = read(out)
case = report["cases"][0]
forward, gradient = case["forward"]["cpu_seconds"], case["gradient"]["cpu_seconds"]
with open(out, "w") as f:
    json.dump({"program": "Galerkit", "version": report["version"], "solver": case["method"], "setup": max(spent - forward - gradient, 0.0), "forward": forward, "gradient": gradient,
               "residual": case["forward"]["residual"], "value": case["value"], "norm": case["gradient_norm"], "bytes": memory}, f, indent=2)
