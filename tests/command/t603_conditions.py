"""Claim: conditions of a problem file hold where they say and nowhere else: on surfaces, curves and points, by names of the mesh, by tags and by `where`, for all components or one,
with values in x, constants and coefficients; where conditions meet the last one wins, and only values that differ are warned of. The numbers of constrained dofs are counted by hand."""
import itertools
import json
import os
import re
import tempfile

from gkt import ROOT, Checks, command, has_gmsh

check = Checks()
folder = tempfile.TemporaryDirectory()
FILE = os.path.join(folder.name, "p.yaml")
FIELD = {1: "{u: {space: P1, test: v}}", 2: "{u: {space: P2, test: v}}", "vector": "{u: {space: P2, shape: vector, test: v}}"}


def solve(mesh, space, conditions, points, *args, count=None, warnings=0, **keys):
    """Values at points {name: at} of the projection of 100; checks the number of constrained dofs and of warnings."""
    text = f"mesh: {mesh}\nfields: {FIELD[space]}\n"
    text += 'equation: "inner(u, v)*dx == 100*v*dx"\n' if space != "vector" else 'equation: "inner(u, v)*dx == 100*(v[0] + v[1])*dx"\n'
    text += "conditions:\n" + "".join(f"  - {c}\n" for c in conditions)
    text += "".join(f"{k}: {v}\n" for k, v in keys.items())
    text += "probes: {" + ", ".join(f"{k}: {{at: {list(p)}}}" for k, p in points.items()) + "}\n"
    open(FILE, "w").write(text)
    report = os.path.join(folder.name, "r.json")
    r = command("run", FILE, "--backend", "interpreter", "--report", report, *args)
    if r.returncode or r.stderr.count("warning") != warnings:
        check.that(False, f"{text}status {r.returncode}, {warnings} warnings expected\n{r.stderr}")
        return {}
    found = int(re.search(r"([\d,]+) of them constrained", r.stdout).group(1).replace(",", ""))
    j = json.load(open(report))
    check.that(count in (None, found), f"{text}{found} dofs are constrained, expected {count}")
    return j["probes"]


def near(got, expected, what):
    """Constrained dofs hold their values; a probe weighs its neighbours, up to about 500, by what rounding leaves of their basis functions, some 1e-15."""
    a, b = (x if isinstance(x, list) else [x] for x in (got, expected))
    check.that(None not in a and len(a) == len(b) and all(abs(x - y) <= 1e-11 for x, y in zip(a, b)), f"{what}: {got}, expected {expected}")


def free_there(got, what):
    check.that(got is not None and all(x > 20 for x in (got if isinstance(got, list) else [got])), f"{what}: {got} should not be constrained")


# ---- surfaces of boxes: 2-D, 3-D, all components and one, functions of x, constants and coefficients ----
BOX = "{box: {cells: [4, 4]}}"
p = solve(BOX, 2, ['{on: left, value: "a*x[1]^2 + g"}'], {"low": (0, 0), "mid": (0, 0.125), "top": (0, 1), "off": (0.125, 0.5)}, count=9, constants="{a: 2}",
          coefficients='{f: "1 + x[1]", g: {space: P2, value: "f + x[1]"}}')
for name, y in (("low", 0), ("mid", 0.125), ("top", 1)):
    near(p.get(name), 2 * y * y + 1 + 2 * y, f"a function on the left: {name}")
free_there(p.get("off"), "a node beside the left")
p = solve(BOX, 2, ['{on: left, value: "a*x[1]"}'], {"top": (0, 1)}, "--set", "constants.a=5", constants="{a: 2}")
near(p.get("top"), 5, "a constant from --set")
CUBE = "{box: {cells: [2, 2, 2]}}"
p = solve(CUBE, "vector", ['{on: right, component: 1, value: "x[1] + x[2]"}', '{on: [front], value: "[1, 2, 3]"}'], {"a": (1, 0.5, 0.25), "b": (0.5, 0.25, 1), "c": (0, 0, 0)}, count=25 + 75 - 5, warnings=1)
near(p.get("a", [0, 0])[1], 0.75, "one component")
free_there(p.get("a", [0])[0], "the other component")
near(p.get("b"), [1, 2, 3], "all components")
free_there(p.get("c", [0, 0])[:2], "a corner without condition")

# ---- the last one wins; equal values are no conflict ----
for order, winner in (([0, 1], 2), ([1, 0], 1)):
    two = ["{on: left, value: 1}", "{on: bottom, value: 2}"]
    p = solve(BOX, 1, [two[i] for i in order], {"corner": (0, 0), "left": (0, 1), "bottom": (1, 0)}, count=9, warnings=1)
    near([p.get("corner"), p.get("left"), p.get("bottom")], [winner, 1, 2], f"order {order}")
p = solve(BOX, 2, ['{on: left, value: "sin(x[1])"}', '{on: [bottom, boundary], value: "sin(x[0] + x[1])"}'], {"corner": (0, 1)}, count=32)
near(p.get("corner"), 0.8414709848078965, "sin(1) from two conditions")

# ---- regions by a condition: facets of the boundary, cells ----
p = solve(BOX, 2, ["{on: wall, value: 3}"], {"in": (0, 0.375), "out": (0, 0.75)}, count=5, regions='{wall: {where: "(x[0] < 1e-9)*(x[1] < 0.6)"}}')
near(p.get("in"), 3, "where")
free_there(p.get("out"), "where")
p = solve(BOX, 1, ["{on: half, value: 4}"], {"in": (0.5, 0.5), "out": (0.75, 0.5)}, count=15, regions='{half: {cells: "x[0] < 0.5"}}')
near(p.get("in"), 4, "cells")
free_there(p.get("out"), "cells")

# ---- a file with names of every dimension: the unit cube as six tetrahedra about its diagonal ----
nodes = list(itertools.product((0, 1), repeat=3))
number = {x: i + 1 for i, x in enumerate(nodes)}
cells = []
for path in itertools.permutations(range(3)):
    x, cell = [0, 0, 0], [(0, 0, 0)]
    for d in path:
        x[d] = 1
        cell.append(tuple(x))
    cells.append(cell)
elements = [(15, 1, [(1, 1, 1)]), (1, 2, [(0, 0, 0), (1, 0, 0)]), (1, 2, [(1, 0, 0), (1, 1, 0)]),
            (2, 3, [(0, 0, 0), (0, 1, 0), (0, 1, 1)]), (2, 3, [(0, 0, 0), (0, 0, 1), (0, 1, 1)])] + [(4, 4, c) for c in cells]
with open(os.path.join(folder.name, "cube.msh"), "w") as f:
    f.write('$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$PhysicalNames\n4\n0 1 "tip"\n1 2 "rim"\n2 3 "west"\n3 4 "all"\n$EndPhysicalNames\n$Nodes\n8\n')
    f.writelines(f"{number[x]} {x[0]} {x[1]} {x[2]}\n" for x in nodes)
    f.write(f"$EndNodes\n$Elements\n{len(elements)}\n")
    f.writelines(f"{i + 1} {kind} 2 {tag} {10 + tag} {' '.join(str(number[x]) for x in corners)}\n" for i, (kind, tag, corners) in enumerate(elements))
    f.write("$EndElements\n")
THREE = ['{on: west, value: "x[1] - x[2]"}', '{on: rim, value: "5*x[1]"}', "{on: tip, value: 7}"]
AT = {"west": (0, 0.5, 1), "edge": (0.5, 0, 0), "bend": (1, 0.5, 0), "tip": (1, 1, 1), "off": (1, 0, 1)}
for space, count in ((1, 4 + 2 + 1), (2, 9 + 4 + 1)):  # the rim shares its first corner with the west, with the same value
    p = solve("{file: cube.msh}", space, THREE, AT, count=count)
    if space == 2:
        near([p.get(k) for k in ("west", "edge", "bend", "tip")], [-0.5, 0, 2.5, 7], "surface, curve, point")
    else:
        near([p.get(k) for k in ("edge", "bend", "tip")], [0, 2.5, 7], "surface, curve, point")
    free_there(p.get("off"), "a corner without condition")
p = solve("{file: cube.msh}", 2, ["{on: [p, c, s], value: 6}"], {"w": (0, 0.5, 1), "e": (0.5, 0, 0), "t": (1, 1, 1)}, count=9 + 4 + 1,
          regions="{p: {points: [11]}, c: {edges: 12}, s: {faces: [13]}}")
near([p.get(k) for k in "wet"], [6, 6, 6], "by tags")
p = solve("{file: cube.msh, refine: 1}", 1, THREE, {"west": (0, 0.5, 1), "edge": (0.5, 0, 0), "bend": (1, 0.5, 0), "tip": (1, 1, 1)}, count=9 + 4 + 1)
near([p.get(k) for k in ("west", "edge", "bend", "tip")], [-0.5, 0, 2.5, 7], "refined")

# ---- faces, edges and points of a STEP file; their numbers and places by `galerkit mesh --list` ----
if has_gmsh():
    step = os.path.join(ROOT, "examples", "bracket", "bracket.step")
    p = solve(f"{{geometry: {step}, size: 0.02}}", 1, ['{on: back, value: "x[2]"}', '{on: edges, value: "100*x[0]"}', "{on: corner, value: 9}"],
              {"back": (0, 0.03, 0.06), "edge": (0.04, 0, 0), "bend": (0.016, 0.03, 0.008), "corner": (0.08, 0.06, 0.008), "off": (0.08, 0, 0.008)},
              regions="{back: {faces: [6]}, edges: {edges: [5, 12]}, corner: {points: [12]}}")
    near([p.get(k) for k in ("back", "edge", "bend", "corner")], [0.06, 4, 1.6, 9], "CAD entities")
    free_there(p.get("off"), "a corner without condition")
else:
    check.skip("galerkit-mesh is not built")
check.end()
