"""Claim: method and reason follow from what a form is, not from how it looks, and the true residual holds; a system that leaves something undetermined is never reported as solved."""
import os
import tempfile

from gkt import CPU, Checks, run

check = Checks()
RESIDUAL = 1e-10  # the default of solver.rtol


def solve(cells, equation, field="vector", space="P1", conditions=("boundary",), status=0, more="", backend=()):
    """conditions: names of sets, each alone or with a component."""
    text = f'mesh: {{box: {{cells: [{cells}, {cells}], shape: tri}}}}\nfields: {{u: {{space: {space}, shape: {field}, test: v}}}}\nequation: "{equation}"\n{more}\n'
    if conditions:
        text += "conditions:\n"
    for c in conditions:
        name, component = c if isinstance(c, tuple) else (c, None)
        text += f"  - {{on: {name}, field: u, value: 0{'' if component is None else f', component: {component}'}}}\n"
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "problem.yaml")
        with open(path, "w") as f:
            f.write(text)
        return run(path, *backend, status=status)


def is_solved_by(name, method, why, r):
    linear = r["linear"]
    check.that(r["status"] == "ok" and linear["residual"] <= RESIDUAL, f"{name}: {r['status']}, true residual {linear['residual']}")
    check.that(linear["method"] == method, f"{name}: solved by {linear['method']}, expected {method} ({linear['why']})")
    check.that(why in linear["why"], f"{name}: because {linear['why']}, expected {why}")


# ---- vector forms by multigrid: rigid-body modes where rotations cost nothing, however the form is written, and only there ----
LOAD = "dot([1, x[0]], v)*dx"
PROVEN = "symmetric and positive (proven), 33,282 dofs"
PLAIN, MODES = "CG + GAMG", "CG + GAMG (rigid-body modes)"
TENSOR = "[[3*grad(u)[0,0] + grad(u)[1,1], grad(u)[0,1] + grad(u)[1,0]], [grad(u)[0,1] + grad(u)[1,0], grad(u)[0,0] + 3*grad(u)[1,1]]]"
for name, form, modes in [
    ("elasticity", "inner(2*sym(grad(u)) + div(u)*I, sym(grad(v)))*dx", MODES),
    ("elasticity by the full tensor and grad alone", f"inner({TENSOR}, grad(v))*dx", MODES),
    ("elasticity on an elastic bed", "inner(2*sym(grad(u)) + div(u)*I, sym(grad(v)))*dx + dot(u, v)*ds(right)", MODES),
    ("vector Laplacian", "inner(grad(u), grad(v))*dx", PLAIN),
    ("vector Laplacian in the words of elasticity", "inner(sym(grad(u)), sym(grad(v)))*dx + inner(skew(grad(u)), skew(grad(v)))*dx", PLAIN),
]:
    is_solved_by(name, modes, f"{PROVEN}, as asked", solve(128, f"{form} == {LOAD}", conditions=["left"], more="solver: {linear: cg}", backend=CPU))
is_solved_by("elasticity, a factor by blocks", "Cholesky (PETSc)", PROVEN, solve(128, f"inner(2*sym(grad(u)) + div(u)*I, sym(grad(v)))*dx == {LOAD}", conditions=["left"]))
is_solved_by("vector mass", PLAIN, PROVEN, solve(128, f"dot(u, v)*dx == {LOAD}", conditions=[], backend=CPU))  # a device has CG with Jacobi

# ---- scalar forms of more than 20,000 dofs ----
for name, form, method, why in [
    ("reaction of the wrong sign", "dot(grad(u), grad(v))*dx - 200*u*v*dx", "LDL' (MUMPS)", "symmetric, not proven positive, 20,449 dofs"),
    ("advection", "dot(grad(u), grad(v))*dx + dot([30, 20], grad(u))*v*dx", "GMRES + hypre", "not symmetric, 20,449 dofs"),
    # in the plane a factor is the fastest wherever CG is not sure to converge
    ("negative conductivity", "-2*dot(grad(u), grad(v))*dx", "LDL' (MUMPS)", "symmetric, not proven positive, 20,449 dofs"),
]:
    is_solved_by(name, method, why, solve(142, f"{form} == v*dx", field="scalar", backend=CPU))  # a device has GMRES with Jacobi

# ---- the sign of coefficients, proven by their ranges: small problems tell it by the factor ----
CHOLESKY, LDL = ("Cholesky (PETSc)", "symmetric and positive (proven)"), ("LDL' (MUMPS)", "symmetric, not proven positive")
for name, more, proven in [
    ("2 + sin", 'coefficients: {k: "2 + sin(10*x[0])"}', True),
    ("1 + sin, which touches 0", 'coefficients: {k: "1 + sin(10*x[0])"}', True),
    ("a square", 'coefficients: {k: "x[0]^2 + 1e-3"}', True),
    ("by cell", 'coefficients: {k: {space: DP0, value: "0.1 + x[0]"}}', True),
    ("by cell, of both signs", 'coefficients: {k: {space: DP0, value: "x[0] - 0.321"}}', False),
    ("a quadratic interpolant close to 0 that does not undershoot", 'coefficients: {k: {space: P2, value: "0.01 + x[0]"}}', True),
    ("a quadratic interpolant that is negative between its nodes only", 'coefficients: {k: {space: P2, value: "(x[0] - 1/36)^2 - 5e-4"}}', False),
    ("a constant", "constants: {k: 3}", True),
    ("a negative constant", "constants: {k: -3}", False),
    ("positive, but not by its range", 'coefficients: {k: "1.01 + x[0] - 1.5*x[0]*x[1] + x[0]*x[1]"}', None),
]:
    r = solve(9, "k*dot(grad(u), grad(v))*dx == v*dx", field="scalar", more=more)
    if proven is None:
        check.that(r["linear"]["residual"] <= RESIDUAL, f"{name}: {r['linear']}")
    else:
        is_solved_by(name, *(CHOLESKY if proven else LDL), r)
r = solve(9, f"inner([[grad(u)[0,0] + grad(u)[1,1], grad(u)[0,1]], [grad(u)[1,0], grad(u)[1,1]]], grad(v))*dx == {LOAD}")
is_solved_by("a tensor without major symmetry", "LU (MUMPS)", "not symmetric", r)


# ---- undetermined: whether or not the load would allow a solution ----
def is_refused(name, words, **problem):
    r = solve(**problem, status=1)
    check.that(r["status"] != "ok" and all(w in r["reason"] for w in words), f"{name}: {r['status']}: {r['reason']}")
    check.that(not r.get("functionals"), f"{name}: numbers without a solution")


ELASTIC = "inner(2*sym(grad(u)) + div(u)*I, sym(grad(v)))*dx"
for load, name in [("dot([1, 1], v)*dx", "load that nothing bears"), ("dot([1, x[0] - 0.5], v)*dx", "load that balances")]:
    singular = ["singular", "component 1 of 'u'"]
    is_refused(f"Laplacian held in one component, {name}", singular, cells=16, equation=f"inner(grad(u), grad(v))*dx == {load}", conditions=[("boundary", 0)], more='compute: {m: "u[1]*dx"}')
    is_refused(f"a body on rollers, {name}", singular, cells=16, equation=f"{ELASTIC} == {load}", conditions=[("left", 0)])
is_refused("a large one", ["singular", "component 1 of 'u'"], cells=100, equation="inner(grad(u), grad(v))*dx == dot([1, 1], v)*dx", conditions=[("boundary", 0)])
is_refused("the kernel not asked for", ["singular"], cells=8, equation="dot(grad(u), grad(v))*dx == v*dx", field="scalar", conditions=[], more="solver: {nullspace: none}")

# ---- discontinuous spaces: cell by cell, or refused ----
r = solve(8, "u*v*dx == (1 + 2*x[0] - x[1])*v*dx", field="scalar", space="DP1", conditions=[], more='compute: {e: "(u - 1 - 2*x[0] + x[1])^2*dx"}')
is_solved_by("projection into DP1", *CHOLESKY, r)
check.that(abs(r["functionals"]["e"]) < 1e-24, f"a linear function projected into DP1: {r['functionals']}")  # (1e-10 allowed, rounding seen) squared
for name, equation in [
    ("diffusion in DP1", "dot(grad(u), grad(v))*dx == v*dx"),
    ("diffusion in DP1, load that balances", "dot(grad(u), grad(v))*dx == dot([1, 0], grad(v))*dx"),
    ("diffusion in DP1, held on the boundary", "dot(grad(u), grad(v))*dx + u*v*ds == v*dx"),
]:
    is_refused(name, ["discontinuous", "dS"], cells=8, equation=equation, field="scalar", space="DP1", conditions=[])
check.end()
