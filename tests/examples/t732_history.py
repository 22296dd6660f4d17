"""Claim: histories follow the laws of closed form that the examples of examples/history stand for, in the values of series, at their points, in files and pictures; on the
interpreter and with any number of threads alike."""
import math
import os
import tempfile

from gkt import Checks, command, read_vtu, run, ROOT

check = Checks()


def near(a, b, scale, tolerance=1e-9):
    return abs(a - b) <= tolerance * scale


# ---- cyclic loading: E, hardening and limit as in the file
def follow(strains, E=200e3, H=20e3, limit=250):
    ep = way = 0
    for e in strains:
        trial = E * (e - ep)
        flow = math.copysign(max(abs(trial) - limit - H * way, 0) / (E + H), trial)
        ep, way = ep + flow, way + abs(flow)
        yield E * (e - ep), ep, way


with tempfile.TemporaryDirectory() as out:
    r = run("examples/history/cyclic-bar.yaml", "--out", out)
    s = r["series"]
    law = list(follow(0.004 * math.sin(2 * math.pi * t) for t in s["time"]))
    for k, (stress, ep, way) in enumerate(law):
        check.that(near(s["mean"][k], stress, 250) and near(s["plastic"][k], ep, 1e-3) and near(s["way"][k], way, 1e-3),
                   f"cyclic: {s['mean'][k]}, {s['plastic'][k]}, {s['way'][k]} at t = {s['time'][k]}, expected {stress}, {ep}, {way}")
    check.that(law[-1][2] > 0.01 and r["counts"]["rejected"] == 0, f"cyclic: {law[-1]}, {r['counts']}")
    cells = read_vtu(f"{out}/cyclic-bar_0025.vtu")
    check.that(all(near(v, law[-1][1], 1e-3) for v in cells["CellData", "ep"]) and len(cells["CellData", "ep"]) == 8, "cyclic: cells of the file")
    check.that(all(near(v, law[-1][0], 250) for v in cells["CellData", "stress"]) and os.path.getsize(f"{out}/cyclic-bar.png") > 1000, "cyclic: stress of the file, picture")
r = run("examples/history/cyclic-bar.yaml", "--backend", "interpreter")
check.that(all(near(a, b[0], 250) for a, b in zip(r["series"]["mean"], law)), "cyclic: interpreter")

# ---- damage: the envelope of linear softening, unloading along a secant
r = run("examples/history/damaged-bar.yaml")
s, worst = r["series"], 0
for k, e in enumerate(s["strain"]):
    worst = max(worst, e)
    secant = 100 if worst < 0.01 else (0.05 - worst) / 0.04 / worst
    check.that(near(s["mean"][k], secant * e, 1) and near(s["most"][k], worst, 1), f"damage: {s['mean'][k]} at strain {e}, expected {secant * e}")
check.that(worst > 0.04 and r["counts"]["newton"] < 30, f"damage: {worst}, {r['counts']}")

# ---- past the peak of the force, by arc length: the weak half softens, the strong one springs back
s, broken = run("examples/history/breaking-bar.yaml")["series"], False
for k, force in enumerate(s["time"]):
    broken = broken or (k > 0 and force < s["time"][k - 1])
    strain = 0.5 * (force / 100 + 0.05 - 0.04 * force) if broken else force / 100
    check.that(near(s["strain"][k], strain, 0.01, 1e-8) and near(s["mean"][k], force, 1, 1e-8), f"breaking bar: {s['strain'][k]}, {s['mean'][k]} at {force}, expected {strain}")
check.that(max(s["time"]) > 0.999 and broken and 0 < s["time"][-1] < 0.2 and s["strain"][-1] > 0.02, f"breaking bar: {s['time']}")

# ---- inertia: the sum of energies stays to what steps of this length leave, by the schemes for dtt alike; explicit ones take histories, too
moved = []
for args in (["--set", "time.scheme=newmark"], ["--set", "time.scheme=generalized-alpha(0.8)"],
             ["--set", "time.scheme=central-difference", "--set", "fields.u.space=P1", "--set", "mesh.box.cells=[80]", "--set", "time.step=0.001"]):
    s = run("examples/history/yielding-wave.yaml", *args)["series"]
    check.that(max(abs(t / s["total"][0] - 1) for t in s["total"]) < 1e-2 and s["work"][-1] > 0.6 * s["total"][0], f"wave, {args}: {s['total']}, {s['work']}")
    moved.append(s["work"][-1])
check.that(max(moved) < 1.01 * min(moved), f"wave: plastic work {moved}")

# ---- a steady problem: one step from `initial`, then the update
with tempfile.TemporaryDirectory() as folder:
    file = os.path.join(folder, "a.yaml")
    open(file, "w").write("""
mesh: {box: {cells: [2, 2], shape: quad}}
fields: {u: {space: P1, test: v}}
history: {q: {points: 3, initial: "x[0]", update: "q + u"}}
equation: "dot(grad(u), grad(v))*dx == 0*q*v*dx"
conditions: [{on: boundary, value: "1 + x[1]"}]
compute: {sum: "q*dx", square: "q^2*dx", least: {min: q}}
probes: {corner: {at: [0.1, 0.1], value: q}}
output: {file: a.vtu, fields: {q: q, flux: "q*grad(u)"}, average: true}
""")
    r = run(file)
    check.that(near(r["functionals"]["sum"], 2, 1, 1e-12) and near(r["functionals"]["square"], 25 / 6, 1, 1e-12), f"steady: {r['functionals']}")
    check.that(near(r["functionals"]["least"], 1 + 2 * 0.5 * (0.5 - 0.5 / 3**0.5), 1, 1e-12) and near(r["probes"]["corner"], 1.5, 1, 1e-12), f"steady: {r['functionals']}, {r['probes']}")

# ---- threads: the same bits
uneven = "let.flow=sign(trial)*max(abs(trial) - limit*(1 + 0.1*x[0]) - H*length, 0)/(E + H)"
reports = [run("examples/history/cyclic-bar.yaml", "--set", "mesh.box.cells=[3000]", "--set", uneven, "--set", "time.end=0.4", "--threads", n) for n in ("1", "2", "4")]
check.that(all(q["series"] == reports[0]["series"] for q in reports) and reports[0]["series"]["way"][-1] > 0.002, f"threads: {[q['functionals'] for q in reports]}")

# ---- data sets: each sample of a problem in time begins with `initial`, which may hold what was drawn; so samples one by one are those together
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(ROOT, "examples/history/cyclic-bar.yaml")
    text = open(path).read().split("output:")[0].replace("length: {points: 2,", 'length: {points: 2, initial: "limit*1e-6",')
    open(f"{folder}/a.yaml", "w").write(text + "sample: {count: 3, seed: 5, file: data.h5, draw: {limit: {uniform: [200, 300]}}}\n")
    runs = [("together", 3), ("apart", 1), ("apart", 2), ("apart", 3)]
    for out, count in runs:
        r = command("run", f"{folder}/a.yaml", "--quiet", "--out", f"{folder}/{out}", "--set", f"sample.count={count}", "--set", "time.step=0.125")
        check.that(r.returncode == 0, f"samples: {r.stderr}")
    together, apart = (open(f"{folder}/{out}/data.h5", "rb").read() for out in ("together", "apart"))
    check.that(len(together) > 1000 and together == apart, "samples: those of one run are not those of three")
    steady = text.split("time:")[0].replace("*sin(2*pi*t)", "")
    open(f"{folder}/b.yaml", "w").write(steady + "sample: {count: 3, seed: 5, file: data.h5, draw: {limit: {uniform: [200, 300]}}}\n")
    r = command("run", f"{folder}/b.yaml", "--quiet")
    check.that(r.returncode == 2 and "together with `sample` (line " in r.stderr and "expected `time` as well, or a file without it" in r.stderr, f"steady samples: {r.stderr}")

# ---- on a device, here the emulated one: steps there are the host's, and so are updates
if os.environ.get("GKT_LONG"):
    os.environ["GKT_DEVICE"] = "emulated"
    short = ["--set", "time.end=0.25", "--set", "mesh.box.cells=[4]"]
    a, b = (run("examples/history/cyclic-bar.yaml", *short, "--backend", backend)["series"] for backend in ("cpu", "cuda"))
    check.that(all(near(x, y, 250) for x, y in zip(a["mean"], b["mean"])) and b["mean"][-1] > 299, f"device: {b['mean']}, {a['mean']}")

# ---- what is refused, before anything is computed
for sets, message in [(["history.worst.update=[1, 2]"], "history.worst.update: line 1, column 22: '[1,2]': this is a vector of 2; expected a scalar"),
                      (["history.worst={update: most}"], "history.worst: line 1, column 15: 'points': missing key; expected a whole number from 0, for example 2"),
                      (["history.worst={points: 2}"], "'update': missing key; expected an expression"),
                      (["history.worst.points=64"], "no rule of this degree; expected that of the quadrature, 0 to 63"),
                      (["history.worst.shape=matrix"], "expected scalar, vector, vector(n) with n from 1 to 9, or tensor"),
                      (["history.worst.initial=u"], "what a history is at the start holds an unknown; expected x, t, constants and coefficients only"),
                      (["history.worst.initial=2*worst"], "what a history is at the start holds a history"),
                      (["history.worst.initial=ln(x[0] - 2)"], "the history 'worst' not finite at x = (0.0264156): ln(x[0] - 2) = nan"),
                      (["history.worst.update=worst + n[0]"], "n has no meaning inside of cells"),
                      (["history.u={points: 2, update: u}"], "a name in use in fields"),
                      (["history.other={points: 2, update: other + u}"], "'other': nothing reads it; expected it in the equation, a result, an output or another update, or no such history"),
                      (["history.other={points: 3, update: other + u}", "compute.o=other*worst*dx"], "'worst', which has values at the points of dx(degree=2), and 'other', at those of"),
                      (["history.other={points: 3, update: other + worst}", "compute.o=other*dx"], "'worst' stands at the points of degree 2, 'other' at those of degree 3; expected the same points"),
                      (["let.most=max(damage, worst)"], "a cycle: most -> damage -> most; expected names that do not need themselves"),
                      (["equation=stress*grad(v)[0]*dx + worst*v*ds(right)"], "equation: line 1, column 33: 'this term': 'worst' has values at the points of dx(degree=2) only; expected no integral over facets of it"),
                      (["equation=stress*grad(v)[0]*dx(degree=4)"], "equation: line 1, column 10: 'this term': 'worst' has values at the points of dx(degree=2) only; expected that measure, here the degree is 4"),
                      (["equation=stress*grad(v)[0]*dx + grad(worst)[0]*v*dx"], "'worst' has values at quadrature points only; expected no gradient of it"),
                      (["conditions.1.value=0.01*t + worst"], "conditions.1.value: line 1, column 20: '0.01*t + worst': it holds a history, which has values at points inside of cells only"),
                      (["initial={u: worst}"], "it holds a history, which has values at points inside of cells only"),
                      (["exact={u: worst}"], "exact.u: line 1, column 11: 'worst': it holds a history"),
                      (["let.most=max(worst, abs(dt(worst)))"], "'worst' has values at quadrature points, which follow the steps: it has no rate; expected dt of a field"),
                      (["compute.z=worst*ds(right)"], "expected no integral over facets of it"),
                      (["compute.most={max: worst, on: right}"], "the extreme of what holds a history, at its points, on a set is not available yet; expected no `on`")]:
    r = command("check", os.path.join(ROOT, "examples/history/damaged-bar.yaml"), *[a for s in sets for a in ("--set", s)])
    check.that(r.returncode == 2 and message in r.stderr and r.stderr.count("\n") == 1, f"{sets}: status {r.returncode}, {r.stderr}")
check.end()
