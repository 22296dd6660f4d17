"""Claim: with `time.repeat` a file's gradients are those of steps as often as they were solved: `verify: taylor` holds that number with the lengths, slopes are 2, for a crack as a phase
field and for a law whose steps are halved where they do not rest; the gradient beside differences of whole runs, each of which comes to rest by itself; the same bits with 1, 2
and 4 threads, and on a disk, and to what solvers leave where steps are computed again."""
import os
import tempfile

from gkt import Checks, run

check = Checks()
CRACK = """
mesh: {box: {cells: [4, 3], shape: tri}}
fields:
  u: {space: P1, shape: vector, test: v}
  d: {space: P1, test: e}
constants: {lambda: 1.2, mu: 0.8, l: 0.3, rest: 1e-6, pull: 0.4, a: 0.02}
coefficients: {Gc: {space: P1, value: "0.02 + 0.01*x[0]"}}
history: {H: {points: 2, initial: "a*x[1]", update: "max(H, tension)"}}
let:
  strain: "sym(grad(u))"
  tension: "lambda/2*max(tr(strain), 0)^2 + mu*inner(strain, strain)"
  stress: "((1 - d)^2 + rest)*(lambda*tr(strain)*I + 2*mu*strain)"
equation: "inner(stress, sym(grad(v)))*dx + (Gc/l*d - 2*(1 - d)*H)*e*dx + Gc*l*dot(grad(d), grad(e))*dx == 0"
conditions:
  - {on: left, field: u, value: [0, 0]}
  - {on: right, field: u, value: ["pull*t", 0]}
time: {end: 1, step: 0.5, scheme: static, repeat: {rtol: 1e-3, most: 300}}
compute: {force: "stress[0,0]*ds(right)", crack: "(d^2/l + l*dot(grad(d), grad(d)))*dx"}
controls: {Gc: {}, lambda: {}, a: {}, "value(right)": {times: 3}}
minimize: {end: force, running: crack}
optimizer: {method: none}
verify: taylor
solver: {rtol: 1e-12, nonlinear: {rtol: 1e-12}}
"""
LAW = """
mesh: {box: {cells: [3]}}
fields: {u: {space: DP0, test: v}}
constants: {m: 1}
history: {q: {points: 0, initial: "2*m", update: "u"}}
equation: "(u - q/2 - m - t)*v*dx == 0"
time: {end: 3, step: 1, scheme: static, repeat: {rtol: 1e-3, most: 7}}
controls: {m: {}}
minimize: {end: "q*dx", running: "u^2*dx"}
optimizer: {method: none}
verify: taylor
"""


def file(text):
    path = os.path.join(folder, "a.yaml")
    open(path, "w").write(text)
    return path


def norms(r):
    return {name: g["norm"] for name, g in r["gradients"].items()}


with tempfile.TemporaryDirectory() as folder:
    for text in (CRACK, LAW):
        r = run(file(text), "--backend", "interpreter")
        for name, g in r["gradients"].items():
            check.that(g["norm"] > 0 and g["taylor"]["passed"] and abs(g["taylor"]["slope"] - 2) < 0.05, f"by {name}: {g}")
        plain = text.replace("verify: taylor", "")
        first = run(file(plain), "--backend", "interpreter", "--threads", 1)
        check.that(norms(first) == norms(r), f"{norms(r)}, then {norms(first)}")
        for n in (2, 4):
            other = run(file(plain), "--backend", "interpreter", "--threads", n)
            check.that(norms(other) == norms(first), f"{n} threads: {norms(other)}, with one {norms(first)}")
        room = 60000 if text == CRACK else 1200
        for disk in ("", ", disk: 1e7"):
            other = run(file(plain), "--backend", "interpreter", "--set", f"optimizer={{method: none, memory: {room}{disk}}}")
            again = other["optimization"]["counts"]["repeated"]
            near = all(abs(g - norms(first)[name]) <= (0 if disk else 1e-9) * g for name, g in norms(other).items())
            check.that(near and (again == 0) == bool(disk), f"memory {room}{disk}: {norms(other)}, all kept {norms(first)}; {again} again")
    check.that(r["counts"]["rejected"] > 0, f"{r['counts']}")
    ends = [run(file(plain), "--backend", "interpreter", "--set", f"constants.m={m}", "--set", "time.repeat.rtol=1e-9", "--set", "time.repeat.most=100")["optimization"]["objective"] for m in (0.99, 1.01)]
    slope = (ends[1] - ends[0]) / 0.02
    check.that(abs(norms(r)["m"] - slope) < 5e-3 * slope, f"{norms(r)}, differences {slope}")
check.end()
