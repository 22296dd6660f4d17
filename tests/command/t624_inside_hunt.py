"""Claim: of random elastic bodies (nine energies, two and three dimensions, random conditions, loads, guesses and load steps) those that are solved are inside out in some cell if and
only if a warning says so. The truth is an integral of its own over the cells, in which F of a linear field is constant. 20 bodies; 600 with GKT_LONG=1."""
import json
import os
import random
import tempfile

from gkt import Checks, command

check = Checks()
random.seed(3)
ENERGIES = [
    "mu/2*(inner(F, F) - D) - mu*ln(J) + lam/2*ln(J)^2",
    "mu/2*(inner(F, F)*J^(-2/D) - D) + lam/2*(J - 1)^2",
    "mu/2*(inner(F, F)*J^(-2/D) - D) + lam/4*(J^2 - 1 - 2*ln(J))",
    "mu/4*inner(C - I, C - I) + lam/8*tr(C - I)^2",
    "mu/2*(tr(C) - D) - mu/2*ln(det(C)) + lam/2*(sqrt(det(C)) - 1)^2",
    "mu/2*(tr(C) + tr(inv(C)) - 2*D)",
    "mu/2*(inner(F, F) - D) + mu*(1/J - 1) + lam/2*(J - 1)^2",
    "mu/2*(inner(F, F) - D) - mu*(J - 1) + lam/2*(J - 1)^2",
    "mu/2*(inner(F, F) - D) + mu/2*(J^(-2) - 1)",
]


def vector(dim, low, high, slope):
    return "[" + ", ".join(f'"{random.uniform(low, high):.3f} + {random.uniform(-slope, slope):.2f}*x[{random.randrange(dim)}]"' for _ in range(dim)) + "]"


def body():
    dim, length, n = random.choice([2, 2, 2, 3]), random.choice([1, 2, 4]), random.choice([1, 2, 3])
    size = random.choice([0.1, 0.5, 1, 2, 4])
    cells, upper = ([n * length, n], [length, 1]) if dim == 2 else ([2 * length, 2, 2], [length, 1, 1])
    conditions = [f"{{on: left, value: {[0] * dim}}}"]
    if random.random() < 0.8:
        conditions.append(f"{{on: right, value: {vector(dim, -size, size, size)}}}")
    load = f" + {random.uniform(-1, 1) * size:.2f}*u[{random.randrange(dim)}]*d{random.choice('xs')}" if random.random() < 0.5 else ""
    initial = f"initial: {{u: {vector(dim, 0, 0, 2.5)}}}\n" if random.random() < 0.3 else ""
    return f"""mesh: {{box: {{cells: {cells}, upper: {upper}, shape: {'tri' if dim == 2 else 'tet'}}}}}
fields: {{u: {{space: P1, shape: vector}}}}
constants: {{mu: 1, lam: {random.choice([0.5, 1, 10])}, D: {dim}}}
let: {{F: "I + grad(u)", J: "det(F)", C: "F.T*F"}}
energy: "({random.choice(ENERGIES)})*dx{load}"
conditions: [{', '.join(conditions)}]
{initial}solver: {{nonlinear: {{load_steps: {random.choice([1, 1, 3])}, iterations: 25}}}}
compute: {{beyond: "conditional(J > 0, 0, 1)*dx(degree=0)"}}
"""


counts = {}
with tempfile.TemporaryDirectory() as folder:
    path, out = os.path.join(folder, "p.yaml"), os.path.join(folder, "r.json")
    for _ in range(600 if os.environ.get("GKT_LONG") else 20):
        text = body()
        open(path, "w").write(text)
        r = command("run", path, "--quiet", "--out", folder, "--report", out, "--backend", "interpreter")
        check.that(r.returncode in (0, 1), f"{text}{r.stderr}")
        report = json.load(open(out))
        warned = any("the body is inside out: det(I + grad(u)) = -" in w or "the body is inside out: det(I + grad(u)) = 0" in w for w in report["warnings"])
        solved = report["status"] == "ok"
        counts[solved, warned] = counts.get((solved, warned), 0) + 1
        if solved:
            check.that(warned == (report["functionals"]["beyond"] > 0), f"{text}{report['warnings']} {report['functionals']}")
check.that(counts.get((True, False), 0) > 3 and counts.get((True, True), 0) > 0, f"both kinds are met: {counts}")
check.end()
