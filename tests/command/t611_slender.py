"""Claim: slender and thin bodies, 10 to 1,000 times as long as thick, in two and three dimensions, are bent, twisted, buckled and blown up from rest in one load step, without an initial
guess, by the energy and by the natural test; their numbers are those of theories and publications, within what the theory leaves out and the mesh makes of it."""
import math
import os

from gkt import Checks, run

check = Checks()
LONG = bool(os.environ.get("GKT_LONG"))


def rk4(rhs, z, length, n=2000):
    h = length / n
    for _ in range(n):
        k1 = rhs(z)
        k2 = rhs([a + h / 2 * b for a, b in zip(z, k1)])
        k3 = rhs([a + h / 2 * b for a, b in zip(z, k2)])
        k4 = rhs([a + h * b for a, b in zip(z, k3)])
        z = [a + h / 6 * (b + 2 * c + 2 * d + e) for a, b, c, d, e in zip(z, k1, k2, k3, k4)]
    return z


def elastica(k):
    """Displacement of the end of an inextensible bar of length 1 under a force k EI across its first direction: angle, curvature, x, y from the end, whose angle is sought."""

    def root(angle):
        return rk4(lambda z: (z[1], -k * math.cos(z[0]), math.cos(z[0]), math.sin(z[0])), [angle, 0, 0, 0], -1)

    low, high = 0, math.pi / 2
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if root(middle)[0] < 0 else (low, middle)
    z = root(low)
    return [-z[2] - 1, -z[3]]


def blown(p):
    """The same under a pressure p EI that follows: angle, moment, force, x, y from the free end, whose angle is 0; then turned."""
    theta, _, _, _, x, y = rk4(
        lambda z: (z[1], math.sin(z[0]) * z[2] - math.cos(z[0]) * z[3], p * math.sin(z[0]), -p * math.cos(z[0]), math.cos(z[0]), math.sin(z[0])), [0, 0, 0, 0, 0, 0], -1)
    c, s = math.cos(theta), -math.sin(theta)
    return [-c * x + s * y - 1, -s * x - c * y]


# file: what, its value, within (relative, of the largest component), of the finer mesh under GKT_LONG, that mesh
CASES = {
    "end-load": ("end", elastica(10), 1e-3, 3e-4, [80, 1]),
    "thousand": ("end", elastica(5), 1e-3, 1e-4, [320, 1]),
    "weight": ("A", [-7.06034e-3, -65.4262e-3], 1e-5, None, None),  # this mesh by full steps; 65.55 on finer ones
    "arc": ("middle", [0, 0], None, None, None),
    "pressure": ("end", blown(8), 5e-3, 5e-3, [80, 1]),  # the lower side is longer than the middle by half the thickness times the curvature
    "strip": ("end", [-3.286, 0, 6.698], 1e-3, 2e-3, [64, 1, 1]),  # published with four digits, of shells
    "plate": ("middle", [0, 0, 1.902e-2], 4e-2, 3e-2, [16, 16, 1]),  # a series of few terms
    "arch": ("crown", [0, -0.0179], 1e-2, 5e-3, [160, 2]),  # of finer meshes
    "column": ("middle", [-0.025, 0.1407], 1e-3, 1e-3, [64, 2]),  # of finer meshes
    "twist": (None, 0.0146, 8e-2, 6e-2, [40, 8, 1]),  # ends that cannot warp
    "string": ("middle", [0, 0.05], 1e-2, 6e-3, [160, 1]),  # stiffness at the ends
}
for name, (what, value, within, finer, cells) in CASES.items():
    levels = [([], within)] + ([(["--set", f"mesh.box.cells={cells}"], finer)] if LONG and cells else [])
    for options, tolerance in levels:
        r = run(f"examples/slender/{name}.yaml", *options)
        n = r["nonlinear"]
        check.that(n["load_steps"] == 1 and n["iterations"] <= 30 and n["stationary"] in (None, "minimum"), f"{name}: {n}")
        if name == "arc":  # M a = EI (2a)^2/(2L) with EI = L = 1; the thickness, 2 a h = 0.026, squared
            energy, middle = r["functionals"]["energy"], r["probes"]["middle"]
            check.that(abs(energy - 2 * (math.pi / 6) ** 2) < 1e-3 and max(map(abs, middle)) < 3e-4, f"arc: {energy}, {middle}")
        elif name == "twist":
            check.that(abs(r["functionals"]["energy"] - value) <= tolerance * value, f"twist: {r['functionals']}, {value}")
        else:
            size = max(map(abs, value))
            check.that(all(abs(a - b) <= tolerance * size for a, b in zip(r["probes"][what], value)), f"{name}: {r['probes'][what]}, {value}")

# ---- by the natural test alone ----
for name in ("end-load", "thousand", "arc", "string") + (("strip", "plate", "twist", "arch") if LONG else ()):
    a, b = run(f"examples/slender/{name}.yaml"), run(f"examples/slender/{name}.yaml", "--set", "solver.nonlinear.accept=natural")
    same = all(abs(x - y) <= 1e-6 for k in a["probes"] for x, y in zip(a["probes"][k], b["probes"][k]))
    check.that(b["nonlinear"]["accept"] == "natural" and same, f"{name} by the natural test: {b['nonlinear']}, {a['probes']}, {b['probes']}")

# ---- the column without a load across: straight, and said to be a saddle ----
r = run("examples/slender/column.yaml", "--set", "constants.q=0")
check.that(r["nonlinear"]["stationary"] == "saddle" and any("saddle" in w for w in r["warnings"]), f"a straight column: {r['nonlinear']}, {r['warnings']}")
# ---- the arch under twice the load has snapped through ----
r = run("examples/slender/arch.yaml", "--set", "constants.q=100")
check.that(-0.17 < r["probes"]["crown"][1] < -0.15, f"a snapped arch: {r['probes']}")
check.end()
