"""Claim: loads and sources at points give the literature's values: a string is exact at its nodes (rounding), a nonlinear spring in its middle (what Newton leaves), Green's
functions of the plane and of space off the source with errors that fall as h^2 (order 1.8 over four halvings in the plane; in space 1.8 from 6 to 12 cells, whose errors still swing
with the place of the source in its cell), and a plate in three dimensions has Timoshenko's 0.01160 P a^2/D under its middle (1 %: shear adds half a percent) and Navier's series at a
quarter point (0.5 %). The same bits for 1, 2 and 4 threads, and by both backends and every reduce to 1e-8, which is rounding."""
import math

from gkt import Checks, order, run

check = Checks()
FOLDER = "examples/points"


def near(got, expected, within, what):
    check.that(abs(got - expected) <= within * abs(expected), f"{what}: {got}, expected {expected} within {within}")


r = run(f"{FOLDER}/string.yaml")
green = lambda x, a, length=2: min(x, a) * (length - max(x, a)) / length
exact = lambda x: (3 * green(x, 0.5) - 2 * green(x, 1.3)) / 5
for name, x in (("node", 1), ("load", 0.5)):
    check.that(abs(r["probes"][name] - exact(x)) < 1e-14, f"string at {x}: {r['probes'][name]}, expected {exact(x)}")
near(r["functionals"]["balance"], 1, 1e-13, "Clapeyron: half the work is stored")
other = run(f"{FOLDER}/string.yaml", "--set", "regions.A.at=[0.3]", "--set", "probes.load.at=[0.25]")["probes"]
check.that(abs(other["load"] - (3 * green(0.25, 0.3) - 2 * green(0.25, 1.3)) / 5) < 1e-14, f"string with both loads inside of cells: {other['load']}")

near(run(f"{FOLDER}/spring.yaml")["probes"]["middle"], 1, 1e-9, "nonlinear spring")


def errors(name, cells, *args):
    out = []
    for n in cells:
        p = run(f"{FOLDER}/{name}.yaml", "--backend", "interpreter", "--set", f"mesh.box.cells={n}", *args)["probes"]
        out.append(abs(p["u"] - p["exact"]))
    return out


e = errors("membrane", ([8, 8], [128, 128]))
check.that(e[1] < 2e-6 and order(*e) / 4 > 1.8, f"Green's function of the plane: errors {e}")
e = errors("space", ([6, 6, 6], [12, 12, 12]), "--set", "fields.u.space=P1")
check.that(e[1] < 1e-3 and order(*e) > 1.8, f"Green's function of space: errors {e}")
e = errors("space", ([6, 6, 6],))
check.that(e[0] < 1e-5, f"Green's function of space, degree 2: {e}")

plate = run(f"{FOLDER}/plate.yaml")
near(plate["functionals"]["factor"], 0.01160, 0.01, "plate, middle")
D = 210e9 * 0.02**3 / 12 / 0.91
series = sum(math.sin(m * math.pi / 2) * math.sin(n * math.pi / 2) * math.sin(m * math.pi / 4) * math.sin(n * math.pi / 4) / (m * m + n * n) ** 2 for m in range(1, 200, 2) for n in range(1, 200, 2))
near(-plate["probes"]["quarter"], 4 * 1000 / math.pi**4 / D * series, 0.005, "plate, quarter point")

values = lambda *args: run(f"{FOLDER}/plate.yaml", "--set", "mesh.box.cells=[4,4,1]", *args)["functionals"]["below"]
first = values("--threads", 1)
for threads in (2, 4):
    check.that(values("--threads", threads) == first, f"{threads} threads: other bits than one")
for args in (("--backend", "interpreter"), ("--reduce", "segmented"), ("--reduce", "spmm")):
    near(values(*args), first, 1e-8, " ".join(args))  # 1e-14 of the matrix, by its condition
check.end()
