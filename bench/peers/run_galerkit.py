#!/usr/bin/env python3
"""Galerkit's own rows, and the mesh for the others: run_galerkit.py GALERKIT FOLDER poisson|elasticity SIZE.

SIZE: boxes per edge, or the size of the hollow cube's tetrahedra. Writes FOLDER/PROBLEM.npz and PROBLEM.galerkit.SOLVER.json and .npy. A problem is run four times, the first with an empty
cache of kernels; the report has wall times, so the CPU time of the process is shared among the stages as they share its wall time, and the least is taken. Assembly is the matrix and the residual
of `bench assembly`, CPU time, warm as the peers' is."""
from common import E, NU, TOLERANCE, Problem, write_result

import json
import os
import resource
import shutil
import subprocess
import sys

import meshio
import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
POISSON = """\
mesh: {{box: {{cells: [{size}, {size}, {size}], shape: tet}}}}
fields: {{u: {{space: P1, test: v}}}}
equation: "dot(grad(u), grad(v))*dx == 1*v*dx"
conditions: [{{on: boundary, field: u, value: 0}}]
"""
ELASTICITY = """\
mesh: {{file: elasticity.msh}}
regions: {{clamp: {{where: "x[0] < 1e-9"}}}}
fields: {{u: {{space: P1, shape: vector, test: v}}}}
constants: {{E: {E}, nu: {NU}}}
let: {{stress: "E/(1 + nu)*sym(grad(u)) + E*nu/((1 + nu)*(1 - 2*nu))*div(u)*I"}}
equation: "inner(stress, sym(grad(v)))*dx == dot([1, 1, 1], v)*dx"
conditions: [{{on: clamp, field: u, value: 0}}]
"""
SOLVERS = {"amg": [], "jacobi": ["--", "-pc_type", "jacobi"]}


def call(*args, **options):
    """By a shell that forks: the peak memory of a program that Python starts itself would begin with Python's."""
    r = subprocess.run(["sh", "-c", '"$@"; exit $?', "sh", *map(str, args)], capture_output=True, text=True, **options)
    if r.returncode:
        raise SystemExit(f"run_galerkit: {' '.join(map(str, args))}: status {r.returncode}\n{r.stderr}")


def on_boundary(points, cells):
    """Nodes of the faces that one tetrahedron alone has."""
    faces = numpy.sort(numpy.concatenate([cells[:, [b for b in range(4) if b != a]] for a in range(4)]), axis=1)
    faces, times = numpy.unique(faces, axis=0, return_counts=True)
    fixed = numpy.zeros(len(points), bool)
    fixed[faces[times == 1]] = True
    return fixed


def cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def solve(run, solver, report):
    """The last report; the CPU seconds of the first process, compilers it starts included, and the least ones of solving in the others."""
    spent, solved = [], []
    for _ in range(4):
        start = cpu()
        run("--report", report, *solver)
        spent.append(cpu() - start)
        result = json.load(open(report))
        stages = result["timings"]
        solved.append(spent[-1] * (stages["setup"] + stages["solve"]) / stages["total"])
    return result, spent[0], min(solved[1:])


def write_problem(galerkit, out, name, size):
    if name == "elasticity":
        call(galerkit, "mesh", os.path.join(HERE, "../../examples/literature/hollow-cube.yaml"), "-o", os.path.join(out, "elasticity.msh"), "--set", f"mesh.size={size}")
    with open(os.path.join(out, f"{name}.yaml"), "w") as f:
        f.write((POISSON if name == "poisson" else ELASTICITY).format(size=size, E=E, NU=NU) + f"solver: {{rtol: {TOLERANCE}}}\n")


def read_answer(out, name):
    """The problem on the mesh of the VTU file, and u."""
    vtu = meshio.read(os.path.join(out, f"{name}.vtu"))
    points, cells = vtu.points, vtu.cells_dict["tetra"].astype(numpy.int64)
    fixed = on_boundary(points, cells) if name == "poisson" else points[:, 0] < 1e-9
    return Problem(name, points, cells, fixed), vtu.point_data["u"].reshape(len(points), -1)


def main(galerkit, out, name, size):
    galerkit, out = os.path.abspath(galerkit), os.path.abspath(out)
    cache = os.path.join(out, "cache")
    environment = dict(os.environ, XDG_CACHE_HOME=cache)
    at = lambda ending: os.path.join(out, f"{name}.{ending}")
    run = lambda *args: call(galerkit, "run", at("yaml"), "--threads", 1, "--quiet", "--out", out, *args, env=environment)
    write_problem(galerkit, out, name, size)
    for kind, solver in SOLVERS.items():
        shutil.rmtree(cache, ignore_errors=True)
        report, first, solved = solve(run, solver, at("report.json"))
        call(galerkit, "bench", "assembly", at("yaml"), "--threads", 1, "--quiet", "--json", at("bench.json"), env=environment)
        bench = json.load(open(at("bench.json")))["cases"][0]
        assembly = bench["matrix"]["cpu_seconds"] + bench["vector"]["cpu_seconds"]
        run("--set", f"output={{file: {name}.vtu, fields: [u]}}", *solver)
        problem, u = read_answer(out, name)
        problem.write(at("npz"))
        write_result(at(f"galerkit.{kind}"), u, {
            "program": "Galerkit", "version": report["versions"]["galerkit"], "solver": kind, "method": report["linear"]["method"] + (" (its choice)" if kind == "amg" else ""),
            "dofs": report["dofs"], "cells": report["mesh"]["cells"], "setup": max(first - assembly - solved, 0.0), "assembly": assembly, "solve": solved,
            "iterations": report["linear"]["iterations"], "memory": report["memory_peak"]})


main(*sys.argv[1:5])
