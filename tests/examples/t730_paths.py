"""Claim: the examples of examples/paths give the limit points, loads and branches of theory and literature, at the sizes that stand in them; the report holds limit points, the end of the
path and what branches off; a path that turns back and does not reach its end is no success; bad input is refused by one message."""
import math
import os
import tempfile

from gkt import Checks, command, emulated, run, CPU, ROOT

check = Checks()
host = emulated((), CPU)  # many steps
SPAN = 215 / 180 * math.pi  # of the deep arch


def elliptic(k):
    """K(k), E(k), by arithmetic and geometric means (Abramowitz and Stegun 17.6)."""
    a, b, c, power, total = 1, math.sqrt(1 - k * k), k, 0.5, k * k / 2
    while abs(c) > 1e-16:
        a, b, c, power = (a + b) / 2, math.sqrt(a * b), (a - b) / 2, 2 * power
        total += power * c * c
    return math.pi / 2 / a, math.pi / 2 / a * (1 - total)


def bend(z, across, down, steps=20):
    """Half of an arch that does not stretch, of EI = R = 1, from z = (x, y, angle, curvature), by Runge and Kutta; the force in it is constant."""
    h = SPAN / 2 / steps
    slope = lambda z: (math.cos(z[2]), math.sin(z[2]), z[3], across * math.sin(z[2]) - down * math.cos(z[2]))
    move = lambda z, k, s: [a + s * b for a, b in zip(z, k)]
    for _ in range(steps):
        k = [slope(z)]
        for s in (h / 2, h / 2, h):
            k.append(slope(move(z, k[-1], s)))
        z = [a + h / 6 * (p + 2 * q + 2 * r + s) for a, p, q, r, s in zip(z, *k)]
    return z


def deep_arch(guess, drop):
    """Curvature at the clamp, force there, load, of an arch whose crown is `drop` lower, by shooting; and the crown."""
    end = math.sin(SPAN / 2), math.cos(SPAN / 2)

    def misses(u):
        crown = bend([-end[0], end[1], SPAN / 2, u[0]], u[1], u[2])
        x, y, _, curvature = bend(crown, u[1], u[2] + u[3])
        return [x - end[0], y - end[1], curvature + 1, 1 - crown[1] - drop], crown

    for _ in range(20):
        r, crown = misses(guess)
        if max(map(abs, r)) < 1e-11:
            break
        columns = []
        for k in range(4):
            plus, minus = ([v + s * 1e-6 * (i == k) for i, v in enumerate(guess)] for s in (1, -1))
            columns.append([(a - b) / 2e-6 for a, b in zip(misses(plus)[0], misses(minus)[0])])
        guess = [a - b for a, b in zip(guess, solve([list(row) for row in zip(*columns)], r))]
    return guess, crown


def solve(A, b):
    """Gauss and Jordan."""
    n, A = len(b), [row + [x] for row, x in zip(A, b)]
    for i in range(n):
        p = max(range(i, n), key=lambda q: abs(A[q][i]))
        A[i], A[p] = A[p], A[i]
        for q in range(n):
            if q != i:
                A[q] = [x - A[q][i] / A[i][i] * y for x, y in zip(A[q], A[i])]
    return [A[i][n] / A[i][i] for i in range(n)]


def snap_of_deep_arch():
    """The largest load, and the displacement of the crown then: parabolas through three drops."""
    u, drop, h = [-1, 0, 0, 0], 1.13, 0.02
    for k in range(1, 15):
        u, _ = deep_arch(u, drop * k / 14)
    for _ in range(3):
        loads = [deep_arch(u, drop + s * h)[0][3] for s in (-1, 0, 1)]
        drop, h = drop + h / 2 * (loads[0] - loads[2]) / (loads[0] - 2 * loads[1] + loads[2]), h / 4
    u, crown = deep_arch(u, drop)
    return u[3], crown[0], crown[1] - 1


def near(got, wanted, tolerance, what):
    check.that(abs(got - wanted) <= tolerance * abs(wanted), f"{what}: {got}, expected {wanted}")


# ---- von Mises' truss: both limit points in closed form, the end on the way
r = run("examples/paths/truss.yaml")
H, L = 0.5, math.sqrt(1.25)
load = 2 * H**3 / L**3 / (3 * math.sqrt(3))
limits = r["path"]["limit_points"]
check.that(limits["kind"] == ["maximum", "minimum"] and r["path"]["ended_by"] == "end", f"truss: {r['path']}")
for k, sign in enumerate((1, -1)):
    near(limits["time"][k], sign * load, 1e-9, "truss, limit load")
    near(limits["drop"][k], H * (1 - sign / math.sqrt(3)), 1e-5, "truss, drop at the limit load")
check.that(r["series"]["time"][-1] == 0.1, f"truss: ends at {r['series']['time'][-1]}")
d = r["probes"]["drop"]
near(d * (d - H) * (d - 2 * H) / L**3, 0.1, 1e-9, "truss, load at the end")

# ---- a truss that would sway: the path stays upright and warns, once on each way
r = run("examples/paths/truss.yaml", "--set", "constants.H=1.6", "--set", "time={end: 0.5, step: 0.05, scheme: arc-length}")
check.that(sum("other solutions branch off" in w for w in r["warnings"]) == 2, f"truss: warnings {r['warnings']}")

# ---- Fung and Kaplan's shallow arch
r = run("examples/paths/shallow-arch.yaml")
a, EI, EA = 0.01, 1e6 * 0.01**3 / 12, 1e6 * 0.01
for k, sign in enumerate((1, -1)):
    b = sign * math.sqrt((a * a - 4 * EI / EA) / 3)
    near(r["path"]["limit_points"]["time"][k], math.pi**4 * (EI * (a - b) + EA * b * (a * a - b * b) / 4), 1e-4, "arch, limit load")
    near(r["path"]["limit_points"]["crown"][k], a - b, 1e-4, "arch, crown at the limit load")

# ---- Bratu: the fold, and two solutions for each t below
r = run("examples/paths/bratu.yaml", *host)
limits, s = r["path"]["limit_points"], r["series"]
near(limits["time"][0], 6.808124423, 2e-6, "Bratu, fold")
near(limits["middle"][0], 1.391661, 1e-5, "Bratu, middle at the fold")
check.that(r["path"]["ended_by"] == "steps" and len(s["time"]) == 9 and s["time"][-1] < 3, f"Bratu: {r['path']}, t = {s['time']}")
check.that(all(x < y for x, y in zip(s["middle"], s["middle"][1:])), f"Bratu: the middle grows all along: {s['middle']}")

# ---- a deep arch against DaDeppo and Schmidt, whose arch has no thickness: their 8.97, here by shooting
r = run("examples/paths/deep-arch.yaml", *host)
limits = r["path"]["limit_points"]
check.that(limits["kind"] == ["maximum"], f"deep arch: {r['path']}")
snap = snap_of_deep_arch()
near(snap[0], 8.97, 6e-4, "arch that does not stretch, limit load")
for got, wanted, what in zip((limits["time"][0], *limits["crown"][0]), snap, ("limit load", "crown across", "crown down")):
    near(got, wanted, 3e-3, f"deep arch, {what}")

# ---- a column: next to nothing below Euler's load, the elastica beyond
r = run("examples/paths/column.yaml", *host)
K, E = elliptic(math.sin(math.pi / 3))
euler = math.pi**2 / 4
below = [y for t, (_, y) in zip(r["series"]["time"], r["series"]["end"]) if t < 0.95 * euler]
check.that(len(below) > 5 and max(below) < 0.02, f"column: {below} below Euler's load")
check.that(abs(r["series"]["time"][-1] - K * K) < 1e-5 and not r["path"]["limit_points"]["time"] and not r["warnings"], f"column: {r['path']}, {r['warnings']}")
near(r["functionals"]["turn"], 2 * math.pi / 3, 2e-3, "column, turn of the end")
for got, wanted in zip(r["probes"]["end"], (2 * E / K - 1, 2 * math.sin(math.pi / 3) / K)):
    check.that(abs(got - wanted) < 3e-3, f"column: end at {got}, expected {wanted}")

# ---- load steps without arc length: rubber against another program on the same mesh; a bar twisted by 360 degrees, whose first half is that by 180
r = run("examples/paths/cook.yaml", *host)
near(r["probes"]["corner"], 6.930632837297, 1e-9, "Cook's membrane, corner")
near(r["functionals"]["volume"], 1440, 1e-5, "Cook's membrane, volume")
small = [*host, "--set", "mesh.box.cells=[2,2,6]", "--set", "time.step=0.25"]
half, whole = (run("examples/time/twisted-bar.yaml", *small, *more)["series"] for more in ([], ["--set", "let.angle=2*pi*t"]))
near(whole["strain"][2], half["strain"][4], 1e-8, "bar, strain energy at 180 degrees")
check.that(whole["strain"][4] > 4 * whole["strain"][2] and min(whole["least"]) > 0.3, f"bar: {whole}")

# ---- ends that are not reached, and bad input
r = run("examples/paths/bratu.yaml", *host, "--set", "time={end: 10, step: 3, scheme: arc-length}", "--set", "mesh.box.cells=[2,2]", status=1)
check.that("the path turned back at t = " in r["reason"] and "did not reach the end, 10; at t = " in r["reason"], r["reason"])
r = run("examples/paths/bratu.yaml", "--set", "time={end: 10, step: 1, scheme: static}", "--set", "mesh.box.cells=[4,4]", status=1)
check.that("at t = 6.81" in r["reason"] and r["reason"].endswith("expected a path by arc-length, which turns back there") and r["series"]["time"][-1] == 6, r["reason"])
for name, sets, message in [
    ("paths/truss", ["time={end: 0.1, step: 0.01, scheme: static, adaptive: {rtol: 1e-3}}"], "a path of loads has no errors in time"),
    ("paths/truss", ["time.steps=0"], "expected a number of steps from 1"),
    ("paths/truss", ["time.adaptive.rtol=1e-3"], "arc lengths follow Newton's iterations and the turn of the path"),
    ("paths/truss", ["solver.nonlinear.accept=energy"], "past limit points the energy has no minimum"),
    ("paths/truss", ["time.scheme=static", "time.longest=1"], "of scheme: arc-length alone"),
    ("paths/truss", ["time.scheme=arc-lenght"], "did you mean 'arc-length'?"),
    ("time/heat", ["time.scheme=arc-length"], "'arc-length': not for equations with dt"),
    ("time/heat", ["time.steps=4"], "of scheme: arc-length alone"),
]:
    refused = command("check", os.path.join(ROOT, f"examples/{name}.yaml"), *[x for s in sets for x in ("--set", s)])
    check.that(refused.returncode == 2 and message in refused.stderr and refused.stderr.count("\n") == 1, f"{name} {sets}: {refused.returncode}, {refused.stderr}")

check.end()
