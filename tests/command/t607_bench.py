"""Claim: `galerkit bench assembly` assembles what it says: matrix, product and residual of its P1 case are those of plain loops over tetrahedra, sizes and bytes are what the mesh
gives, and do not depend on threads or backend; of several fields each has its wave and its bytes, and the entries are those of the coupled ones; every standard case runs, a problem
file has the dofs and nonzeros that `run` reports; FILE.json appears whole or not at all."""
import itertools
import json
import math
import os
import tempfile

from gkt import Checks, command, run

check = Checks()
folder = tempfile.TemporaryDirectory()
JSON = os.path.join(folder.name, "b.json")
TIMES = {"min_seconds", "median_seconds", "cpu_seconds", "ns_per_cell", "cells_per_second", "bytes", "bytes_of", "bytes_per_second", "share_of_copy"}


def bench(*args):
    r = command("bench", "assembly", "--json", JSON, "--repeat", 2, *args)
    check.that(r.returncode == 0 and not r.stderr, f"{args}: {r}")
    return json.load(open(JSON)), r.stdout


def box(n):
    """Vertices and tetrahedra of the unit cube: each of n^3 boxes in six along its diagonal (Kuhn)."""
    number = lambda i: (i[2] * (n + 1) + i[1]) * (n + 1) + i[0]
    points = [(i / n, j / n, k / n) for k in range(n + 1) for j in range(n + 1) for i in range(n + 1)]
    cells = []
    for corner in itertools.product(range(n), repeat=3):
        for order in itertools.permutations(range(3)):
            walk = [list(corner)]
            for axis in order:
                walk.append(walk[-1][:])
                walk[-1][axis] += 1
            cells.append([number(p) for p in walk])
    return points, cells


def gradients(x):
    """Gradients of the four hat functions, and the volume."""
    e = [[x[i + 1][d] - x[0][d] for d in range(3)] for i in range(3)]
    cross = lambda a, b: [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    det = sum(a * b for a, b in zip(e[0], cross(e[1], e[2])))
    g = [[c / det for c in cross(e[(i + 1) % 3], e[(i + 2) % 3])] for i in range(3)]
    return [[-sum(row[d] for row in g) for d in range(3)], *g], abs(det) / 6


def norm(values):
    return math.sqrt(sum(v * v for v in values))


def plain_masses(n, components):
    """Norms of the masses M of P1 for `components` waves with these phases: of all matrices together, of all products."""
    points, cells = box(n)
    M, product = {}, []
    for cell in cells:
        volume = gradients([points[i] for i in cell])[1]
        for i, j in itertools.product(cell, repeat=2):
            M[i, j] = M.get((i, j), 0.0) + volume / 20 * (1 + (i == j))
    for c in components:
        sums = [0.0] * len(points)
        for (i, j), value in M.items():
            sums[i] += value * math.sin(1 + c + points[j][0] + 2 * points[j][1] + 3 * points[j][2])
        product += sums
    return norm(M.values()) * math.sqrt(len(components)), norm(product)


def flow_sizes(n):
    """Nodes of P2 and of P1, and the entries of a matrix that couples a vector in P2 with itself and with a scalar in P1, whose own block is its diagonal."""
    points, cells = box(n)
    nodes = lambda cell: [*((i,) for i in cell), *itertools.combinations(sorted(cell), 2)]
    pairs, tied = set(), set()
    for cell in cells:
        pairs.update(itertools.product(nodes(cell), repeat=2))
        tied.update(itertools.product(nodes(cell), cell))
    return len({a for a, _ in pairs}), len(points), 9 * len(pairs) + 2 * 3 * len(tied) + len(points)


def plain_norms(n):
    points, cells = box(n)
    A, load = {}, [0.0] * len(points)
    for cell in cells:
        g, volume = gradients([points[i] for i in cell])
        for a, i in enumerate(cell):
            load[i] += volume / 4
            for b, j in enumerate(cell):
                A[i, j] = A.get((i, j), 0.0) + volume * sum(p * q for p, q in zip(g[a], g[b]))
    w = [math.sin(1 + x + 2 * y + 3 * z) for x, y, z in points]
    product = [0.0] * len(points)
    for (i, j), value in A.items():
        product[i] += value * w[j]
    return len(points), len(A), {"matrix": norm(A.values()), "product": norm(product), "residual": norm([p - f for p, f in zip(product, load)])}


# ---- one case against plain loops ----
N = 4
SMALL = ["--case", "poisson-p1", "--set", f"mesh.box.cells=[{N}, {N}, {N}]"]
nodes, nonzeros, norms = plain_norms(N)
all_, out = bench(*SMALL, "--threads", 1)
case = all_["cases"][0]
check.that(set(all_) == {"version", "machine", "cases"} and set(all_["machine"]) == {"processor", "threads", "copy_bandwidth"} and all_["machine"]["threads"] == 1, f"{all_}")
check.that(len(all_["cases"]) == 1 and set(case) == {"name", "backend", "reduce", "repeat", "cells", "dofs", "nonzeros", "seconds", "matrix", "vector", "memory", "norms"}, f"{case}")
check.that((case["name"], case["repeat"], case["cells"], case["dofs"], case["nonzeros"]) == ("poisson-p1", 2, 6 * N**3, nodes, nonzeros), f"{case}")
# sums of some hundred terms of size 1 in another order
check.that(all(abs(case["norms"][k] - norms[k]) < 1e-13 * max(norms.values()) for k in norms), f"{case['norms']}, plain loops {norms}")
bytes_of = {"connectivity": 16 * 6 * N**3, "coordinates": 24 * nodes, "coefficients": 0, "values": 8 * nonzeros}
check.that(case["matrix"]["bytes_of"] == bytes_of and case["matrix"]["bytes"] == sum(bytes_of.values()), f"{case['matrix']}")
bytes_of.update(coefficients=8 * nodes, values=8 * nodes)
check.that(case["vector"]["bytes_of"] == bytes_of and case["vector"]["bytes"] == sum(bytes_of.values()), f"{case['vector']}")
for t in (case["matrix"], case["vector"]):
    check.that(set(t) == TIMES and 0 < t["min_seconds"] <= t["median_seconds"], f"{t}")
check.that(set(case["seconds"]) == {"mesh", "compile", "pattern", "pattern_per_million_cells"} and case["seconds"]["pattern"] > 0, f"{case['seconds']}")
memory = case["memory"]
check.that(memory is None or set(memory) == {"peak", "kept", "peak_per_dof", "kept_per_dof"} and memory["kept"] <= memory["peak"], f"{memory}")
check.that("poisson-p1 " in out and out.count("\n") == 4 and f"{6 * N**3}" in out, out)
check.that(bench(*SMALL, "--threads", 2)[0]["cases"][0]["norms"] == case["norms"], "threads change the values")
other, out = bench(*SMALL, "--backend", "interpreter", "--quiet")
check.that(not out and other["cases"][0]["backend"] == "interpreter" and all(abs(other["cases"][0]["norms"][k] - norms[k]) < 1e-13 * max(norms.values()) for k in norms), f"{other}")

# ---- several fields: a vector and a scalar, not coupled, so that each wave shows; a flow ----
masses = os.path.join(folder.name, "masses.yaml")
with open(masses, "w") as file:
    file.write('mesh: {box: {cells: [3, 3, 3], shape: tet}}\nfields: {u: {space: P1, shape: vector, test: v}, p: {space: P1, test: q}}\nequation: "dot(u, v)*dx + p*q*dx == 0"\n')
matrix, product = plain_masses(3, (0, 1, 2, 0))
found = bench(masses)[0]["cases"][0]["norms"]
check.that(all(abs(found[k] - v) < 1e-13 * matrix for k, v in (("matrix", matrix), ("product", product), ("residual", product))), f"{found}, plain loops {matrix}, {product}")
case = bench("--case", "navier-stokes", "--set", "mesh.box.cells=[2, 2, 2]", "--backend", "interpreter")[0]["cases"][0]
nodes2, nodes1, nonzeros = flow_sizes(2)
check.that((case["dofs"], case["nonzeros"]) == (3 * nodes2 + nodes1, nonzeros), f"{case}, plain loops {nodes2}, {nodes1}, {nonzeros}")
bytes_of = {"connectivity": 40 * 6 * 2**3, "coordinates": 24 * nodes1, "coefficients": 24 * nodes2, "values": 8 * nonzeros}
check.that(case["matrix"]["bytes_of"] == bytes_of, f"{case['matrix']}, expected {bytes_of}")
bytes_of.update(coefficients=24 * nodes2 + 8 * nodes1, values=8 * case["dofs"])
check.that(case["vector"]["bytes_of"] == bytes_of, f"{case['vector']}, expected {bytes_of}")

# ---- all cases; a varying coefficient is one more thing to read ----
cases = {c["name"]: c for c in bench("--backend", "interpreter", "--set", "mesh.box.cells=[1, 1, 1]", "--repeat", "1")[0]["cases"]}
check.that(len(cases) == 15 and all(c["norms"][k] > 0 for c in cases.values() for k in norms), f"{cases}")
for name in cases:
    if name.endswith("-varying"):
        less, more = (cases[n]["matrix"]["bytes_of"]["coefficients"] for n in (name[: -len("-varying")], name))
        check.that(more > less, f"{name}: {more} bytes of coefficients, {less} with a constant one")

# ---- a problem file ----
small = ["--set", "mesh.box.cells=[2, 2, 2]"]
c = bench(os.path.join(os.environ["GKT_ROOT"], "examples/forms/elasticity.yaml"), *small)[0]["cases"][0]
report = run("examples/forms/elasticity.yaml", *small)
check.that(all(c[k] == report[k] for k in ("dofs", "nonzeros")) and c["cells"] == report["mesh"]["cells"] and c["name"].endswith("elasticity.yaml"), f"{c}")

# ---- no answer ----
JSON = os.path.join(folder.name, "absent", "b.json")
r = command("bench", "assembly", *SMALL, "--json", JSON)
check.that(r.returncode == 2 and not r.stdout and "absent/b.json: No such file" in r.stderr, f"a file without a place: {r}")
r = command("bench", "assembly", *SMALL, "--set", "conditions=[{on: lfet, value: 0}]")
check.that(r.returncode == 2 and r.stderr.startswith("galerkit: --set conditions") and "did you mean 'left'?" in r.stderr and not r.stdout, f"refused: {r}")
check.end()
