"""Claim: `ok` means ok beyond the sizes of dense algebra: bodies, components and parts of the mesh that nothing holds are never a success, whatever their size and the method; penalties, unlike
materials and loads, far conditions, far guesses and scales change no answer; what has no solution has no answer. Values in one dimension by hand, others from a guess next to the solution."""
import math
import os
import tempfile

from gkt import Checks, has_gmsh, run

check = Checks()
folder = tempfile.TemporaryDirectory()
SMALL, LARGE = "mesh: {box: {cells: [12, 12]}}\n", "mesh: {box: {cells: [160, 160]}}\n"  # 25,921 nodes: AUTO iterates
SCALAR, VECTOR = "fields: {u: {space: P1, test: v}}\n", "fields: {u: {space: P1, shape: vector, test: v}}\n"
LEFT, AROUND = "conditions: [{on: left, value: 0}]\n", "conditions: [{on: boundary, value: 0}]\n"
LONG = bool(os.environ.get("GKT_LONG"))  # all methods, and large twins of all
METHODS = ("auto", "direct", "cg", "gmres", "bicgstab", "minres") if LONG else ("auto", "gmres")
MEAN, MIDDLE = 'compute: {m: "u*dx"}\n', "probes: {m: {at: [0.5, 0.5]}}\n"


def equation(text):
    return f'equation: "{text}"\n'


def solve(text, *args):
    path = os.path.join(folder.name, "p.yaml")
    open(path, "w").write(text)
    try:
        return run(path, "--backend", "interpreter", *args)
    except AssertionError as failure:
        if "status 1," not in str(failure):
            raise
    return run(path, "--backend", "interpreter", *args, status=1)


def value(report, name):
    return {**(report["functionals"] or {}), **(report["probes"] or {})}[name]


def undetermined(text, *methods):
    """Of a system that leaves something open; the reason says so, unless a method that was named could not see it."""
    for method in methods or ("auto",):
        r = solve(text, "--set", f"solver.linear={method}")
        check.that(r["status"] != "ok", f"{method}: ok, though undetermined ({r['linear']}):\n{text}")
        check.that(method != "auto" or "undetermined" in r["reason"] or "singular" in r["reason"], f"the reason does not say it: {r['reason']}\n{text}")


def no_answer(text):
    r = solve(text)
    check.that(r["status"] != "ok", f"ok, though there is no solution ({r['nonlinear']}):\n{text}")


def right(text, expected, tolerance, *methods):
    """AUTO and a factor solve it; a method that was named may fail, but is not wrong."""
    for method in methods or ("auto",):
        r = solve(text, "--set", f"solver.linear={method}")
        ok = r["status"] == "ok"
        check.that(ok or method not in ("auto", "direct"), f"{method}: {r['reason']}\n{text}")
        for name, wanted in expected.items():
            if ok:
                got = value(r, name)
                check.that(abs(got - wanted) <= tolerance * abs(wanted), f"{method}: ok, {name} = {got!r}, right is {wanted!r} ({r['linear']['method']}):\n{text}")


# ---- what nothing holds ----
for mesh in (SMALL, LARGE) if LONG else (SMALL,):
    methods = METHODS if mesh is SMALL else ("auto",)
    undetermined(mesh + SCALAR + 'regions: {A: {cells: "x[0] < 0.5"}}\n' + equation("dot(grad(u), grad(v))*dx(A) == v*dx(A)") + LEFT, *methods)  # nodes in no integral
    undetermined(mesh + SCALAR + equation("u*v*ds == v*ds"), *methods)  # nodes inside
    undetermined(mesh + SCALAR + equation("grad(u)[0]*grad(v)[0]*dx == (x[0] - 0.5)*v*dx"), *methods)  # any function of y
    undetermined(mesh + VECTOR + equation("dot(grad(u)[0], grad(v)[0])*dx == v[0]*dx") + LEFT, *methods)  # a component
    undetermined(mesh + SCALAR + 'regions: {A: {cells: "x[0] < 0.3"}, B: {cells: "x[0] > 0.7"}}\n' + equation("dot(grad(u), grad(v))*dx(A) + dot(grad(u), grad(v))*dx(B) == v*dx(A)") + LEFT, *methods)
    undetermined(mesh + "fields: {u: {space: DP0, test: v}}\n" + 'regions: {A: {cells: "x[0] < 0.3"}}\n' + equation("u*v*dx(A) == v*dx(A)"), *methods)
    undetermined(mesh + SCALAR + 'regions: {A: {cells: "x[0] < 0.5"}}\n' + equation("(1 + u^2)*dot(grad(u), grad(v))*dx(A) == v*dx(A)") + LEFT, *methods)  # Newton
undetermined(LARGE + VECTOR + equation("dot(grad(u)[0], grad(v)[0])*dx == v[0]*dx") + LEFT)
undetermined(LARGE + SCALAR + 'regions: {A: {cells: "x[0] < 0.5"}}\n' + equation("(1 + u^2)*dot(grad(u), grad(v))*dx(A) == v*dx(A)") + LEFT)
undetermined(SMALL + SCALAR + equation("u*v*ds == 0"), "auto", "cg")  # without a load, too
undetermined(SMALL + SCALAR + 'regions: {A: {cells: "x[0] < 0.5"}}\n' + equation("(1 + u^2)*dot(grad(u), grad(v))*dx(A) == 0") + LEFT)
h = 1 / 20
resonance = 6 / h**2 * (1 - math.cos(math.pi * h)) / (2 + math.cos(math.pi * h))
undetermined("mesh: {box: {cells: [20], shape: line}}\n" + SCALAR + equation(f"(grad(u)[0]*grad(v)[0] - {resonance!r}*u*v)*dx == (x[0] - 0.5)*v*dx") + AROUND, "auto", "gmres", "minres")

# ---- a second body that nothing holds ----
TWO = """SetFactory("OpenCASCADE");
Rectangle(1) = {0, 0, 0, 1, 1};
Rectangle(2) = {2, 0, 0, 1, 1};
Physical Surface("one") = {1};
Physical Surface("two") = {2};
Physical Curve("left") = {4};
Physical Curve("middle") = {8};
"""
if has_gmsh():
    open(os.path.join(folder.name, "two.geo"), "w").write(TWO)
    for size in (0.1, 0.01) if LONG else (0.1,):
        mesh = f"mesh: {{geometry: two.geo, size: {size}}}\n"
        for load in ("v*dx(one)", "v*dx(one) + (x[0] - 2.5)*v*dx(two)"):
            undetermined(mesh + SCALAR + equation(f"dot(grad(u), grad(v))*dx == {load}") + LEFT, "auto", "cg", "gmres")
        undetermined(mesh + SCALAR + equation("dot(grad(u), grad(v))*dx == (x[0] - 0.5)*v*dx(one) + (x[0] - 2.5)*v*dx(two)"))
        undetermined(mesh + SCALAR + equation("(1 + dot(grad(u), grad(u)))*dot(grad(u), grad(v))*dx == v*dx(one)") + LEFT)
        both = "conditions: [{on: [left, middle], value: 0}]\nprobes: {a: {at: [1, 0.5]}, b: {at: [3, 0.5]}}\n"
        # unlike loads: each body has its own accuracy
        right(mesh + SCALAR + equation("dot(grad(u), grad(v))*dx == 1e12*v*dx(one) + v*dx(two)") + both, {"a": 0.5e12, "b": 0.5}, 1e-3, "auto", "cg", "gmres")
else:
    check.skip("two bodies: no galerkit-mesh")

# ---- penalties, jumps, materials, scales ----
mean = 96 * math.exp(-0.5) - 55  # -u'' + u'/2 = 8, u(0) = 1, u'(1) = 0
for mesh in (SMALL, LARGE):
    right(mesh + SCALAR + equation("dot(grad(u), grad(v))*dx + 0.5*grad(u)[0]*v*dx + 1e12*(u - 1)*v*ds(left) == 8*v*dx") + MEAN, {"m": mean}, 3e-3, *(METHODS if mesh is SMALL else ("auto", "gmres")))
    right(mesh + SCALAR + equation("dot(grad(u), grad(v))*dx + 1e12*(u - 1)*v*ds(left) == 8*v*dx") + MEAN, {"m": 11 / 3}, 3e-3, *(METHODS if mesh is SMALL else ("auto",)))


def root(k):  # u + u^3/3 = k
    return math.copysign(1, k) * 2 * math.sinh(math.asinh(1.5 * abs(k)) / 3)


mean = sum(root(4 / 3 + 8 * x - 4 * x * x) for x in ((i + 0.5) / 1000 for i in range(1000))) / 1000  # ((1 + u^2) u')' = -8, u(0) = 1, u'(1) = 0
for mesh in (SMALL, LARGE) if LONG else (SMALL,):
    right(mesh + SCALAR + equation("(1 + u^2)*dot(grad(u), grad(v))*dx + 1e12*(u - 1)*v*ds(left) == 8*v*dx") + MEAN, {"m": mean}, 3e-3)
right(LARGE + SCALAR + equation("dot(grad(u), grad(v))*dx == v*dx") + "conditions: [{on: left, value: 1e6}]\n" + 'compute: {m: "(u - 1e6)*dx"}\n', {"m": 1 / 3}, 1e-3, *METHODS)
CONTRAST = 'coefficients: {k: {space: DP0, value: "conditional(x[0] < 0.5, 1, 1e-8)"}}\n' + equation("k*dot(grad(u), grad(v))*dx == v*dx") + LEFT
right(LARGE + SCALAR + CONTRAST + "probes: {a: {at: [0.5, 0.5]}, b: {at: [1, 0.5]}}\n", {"a": 0.375, "b": 0.375 + 0.125e8}, 1e-3)
plain = value(solve(SMALL + SCALAR + equation("dot(grad(u), grad(v))*dx == v*dx") + AROUND + MIDDLE), "m")
for s in ("1e155", "1e-155", "1e300"):
    for factor in ("1", "(1 + 1e-30*u^2)"):
        right(SMALL + SCALAR + equation(f"{s}*{factor}*dot(grad(u), grad(v))*dx == {s}*v*dx") + AROUND + MIDDLE, {"m": plain}, 1e-8)
if LONG:
    right(LARGE + SCALAR + equation("1e155*dot(grad(u), grad(v))*dx == 1e155*v*dx") + AROUND + MIDDLE, {"m": 0.0736713}, 1e-3)

# ---- Newton's method from afar ----
no_answer(SMALL + SCALAR + equation("dot(grad(u), grad(v))*dx == 7*exp(u)*v*dx") + AROUND)  # Bratu beyond its turning point, 6.81
for law, start in (("u^3", "1e8"), ("u^2", "1e6"), ("0.1*u^3", "1e3")):
    text = SMALL + SCALAR + equation(f"dot(grad(u), grad(v))*dx + {law}*v*dx == v*dx") + AROUND + MIDDLE
    near = value(solve(text), "m")
    r = solve(text + f"initial: {{u: {start}}}\n")
    check.that(r["status"] != "ok" or abs(value(r, "m") - near) <= 1e-6 * near, f"{law} from {start}: ok with {r['probes']}, from 0: {near}")
no_answer(SMALL + SCALAR + equation("exp(-u)*v*dx == 0"))
no_answer(SMALL + SCALAR + equation("1/(1 + u^2)*v*dx == 0") + "initial: {u: 1}\n")
no_answer(SMALL + SCALAR + equation("(u^2 + 1e-12)*v*dx == 0") + "initial: {u: 1}\n")
no_answer(SMALL + SCALAR + equation("(abs(u) + 1e-9)*v*dx == 0") + "initial: {u: 1e9}\n")

# ---- the form itself ----
hidden = "((1e10 + u)^2 - 1e20 - 2e10*u)*v*dx + dot(grad(u), grad(v))*dx == v*dx"  # its rounding is larger than the load
for text in (hidden, "(k - 1.000000000000006*k)*grad(u)[0]*v*dx + dot(grad(u), grad(v))*dx == v*dx"):
    r = solve(SMALL + SCALAR + "constants: {k: 1e15}\n" + equation(text) + AROUND)
    check.that(r["status"] != "ok" or r["nonlinear"]["residual"] < 1e-3, f"ok with |R(u)|/|R(g)| = {r['nonlinear']['residual']}: {text}")
no_answer(SMALL + SCALAR + equation("1e3*dot(grad(u), grad(v))*dx + 2*grad(u)[0]*v*dx == (x[0] - 0.5)*v*dx"))  # the load is not balanced against exp(x/500)
check.end()
