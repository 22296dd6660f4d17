"""Claim: the positive problems that people write are proven to be positive with the values of their own coefficients and meshes; what may be negative is not, and what only looks linear is solved by Newton's method."""
import os
import tempfile

from gkt import Checks, run

check = Checks()


def solve(equation, field="scalar", coefficients="", constants="", box="cells: [6, 6], shape: tri", condition="on: left, value: 0", kind="equation", space="P1"):
    text = f'mesh: {{box: {{{box}}}}}\nfields: {{u: {{space: {space}, shape: {field}, test: v}}}}\n{kind}: "{equation}"\n'
    text += f"coefficients: {{{coefficients}}}\n" if coefficients else ""
    text += f"constants: {{{constants}}}\n" if constants else ""
    text += f"conditions: [{{{condition}}}]\n" if condition else ""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "problem.yaml")
        with open(path, "w") as f:
            f.write(text)
        return run(path)


def is_proven(name, expected, **problem):
    r = solve(**problem)
    check.that(("positive (proven)" in r["linear"]["why"]) == expected, f"{name}: {r['linear']['why']}")


GRAD, STRAIN = "inner(grad(u), grad(v))", "inner(sym(grad(u)), sym(grad(v)))"
DENSITY = 'rho: {space: P2, value: "0.02 + 0.9*x[0]*x[0]"}'
for name, problem in {
    "a penalty": {"equation": f"{GRAD}*dx + 10/h*u*v*ds == v*dx", "condition": ""},
    "a P2 density": {"equation": f"rho*{GRAD}*dx == v*dx", "coefficients": DENSITY},
    "SIMP": {"equation": f"(Emin + rho^3*(E0 - Emin))*{STRAIN}*dx == v[0]*dx", "field": "vector", "coefficients": DENSITY, "constants": "Emin: 1e-6, E0: 3"},
    "a polynomial of x": {"equation": f"(1 + 2*x[0] - 2*x[0]^2)*{GRAD}*dx == v*dx"},
    "springs across a boundary": {"equation": f"{STRAIN}*dx + 5*dot(u - dot(u, n)*n, v - dot(v, n)*n)*ds(right) == v[0]*dx", "field": "vector"},
    "a body of revolution": {
        "equation": "(2*(grad(u)[0,0] + u[0]/x[0] + grad(u)[1,1])*(grad(v)[0,0] + v[0]/x[0] + grad(v)[1,1]) + 3*(grad(u)[0,0]*grad(v)[0,0] + u[0]*v[0]/x[0]^2"
        " + grad(u)[1,1]*grad(v)[1,1] + 0.5*(grad(u)[0,1] + grad(u)[1,0])*(grad(v)[0,1] + grad(v)[1,0])))*x[0]*dx == v[1]*x[0]*dx",
        "field": "vector",
        "box": "cells: [6, 6], lower: [1, 0], upper: [2, 1], shape: quad",
        "condition": "on: bottom, value: [0, 0]",
        "space": "P2",
    },
    "a one-sided energy": {"kind": "energy", "equation": "0.5*inner(grad(u), grad(u))*dx + 5*max(0, u - 0.1)^2*dx - 3*u*dx"},
    "the square of a difference": {"equation": f"((x[0] - x[1])^2 + 0.1)*{GRAD}*dx + (x[0] - 2*x[1])^2*u*v*dx == v*dx"},
}.items():
    is_proven(name, True, **problem)
for name, problem in {
    "a negative penalty": {"equation": f"{GRAD}*dx - 0.01/h*u*v*ds(right) == v*dx"},
    "a P2 density that dips below zero between nodes": {"equation": f"rho*{GRAD}*dx == v*dx", "coefficients": 'rho: {space: P2, value: "(x[0] - 0.125)^2 - 0.01"}', "box": "cells: [2, 2], shape: tri"},
    "a polynomial of x that is negative in the middle": {"equation": f"(1.3 - 4*x[0] + 4*x[0]^2 - 0.4)*{GRAD}*dx == v*dx"},
}.items():
    is_proven(name, False, **problem)

r = solve("u*v*dx + atan2(u, u)*v*dx == (x[0] + 2)*v*dx", condition="")
check.that(r["nonlinear"]["iterations"] > 0, "atan2(u, u) is solved by Newton's method")
check.end()
