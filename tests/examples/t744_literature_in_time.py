"""Claim: the examples of examples/time that have a closed form, a series or an invariant meet it, at a small size and with GKT_LONG=1 at their own: consolidation (Terzaghi, Mandel),
a round drum, Rayleigh's wave, Lamb's problem, a boundary that absorbs, separation (Cahn and Hilliard), Gray and Scott, a moving source, thermal shock (Danilovskaya), a bar
damped by the flow of heat. A field whose rate stands in another's equation begins as it is given."""
import cmath
import math
import os

from gkt import Checks, command, has_gmsh, run, ROOT

check = Checks()
LONG = bool(os.environ.get("GKT_LONG"))


def example(name, *small, backend="interpreter"):
    """The report at the size of the file, or at a small one."""
    sets = [] if LONG else [a for s in small for a in ("--set", s)]
    return run(f"examples/time/{name}.yaml", *sets, *([] if LONG else ["--backend", backend, "--set", "output={}"]))


def series(r, name):
    return list(zip(r["series"]["time"], r["series"][name]))


def simpson(f, a, b, n=2000):
    h = (b - a) / n
    return h / 3 * sum((1 if k in (0, n) else 4 if k % 2 else 2) * f(a + k * h) for k in range(n + 1))


# ---- consolidation. Terzaghi's series, at T = 0.1: 0.94930536 and 0.35682340
def layer(T):
    m = [math.pi * (n + 0.5) for n in range(2000)]
    return sum(2 / a * (-1) ** n * math.exp(-a * a * T) for n, a in enumerate(m)), 1 - sum(2 / a**2 * math.exp(-a * a * T) for a in m)


check.that(all(abs(a - b) < 1e-8 for a, b in zip(layer(0.1), (0.94930536, 0.35682340))), f"Terzaghi's series: {layer(0.1)}")
r = example("terzaghi", "time.step=0.002", "time.output_every=10")
worst = max(max(abs(p - layer(t)[0]), abs(s - layer(t)[1])) for (t, p), (_, s) in zip(series(r, "base"), series(r, "settlement")) if t > 0)
check.that(worst < (2.5e-4 if LONG else 6e-4), f"terzaghi: {worst:.2e} from the series")

# in steps by their errors, which begin with a short one
r = run("examples/time/terzaghi.yaml", "--backend", "interpreter", "--set", "output={}", "--set", "time.step=0.01", "--set", "time.output_every=2", "--set", "time.adaptive={rtol: 1e-4}")
worst = max(max(abs(p - layer(t)[0]), abs(s - layer(t)[1])) for (t, p), (_, s) in zip(series(r, "base"), series(r, "settlement")) if t > 0)
check.that(worst < 1e-3 and r["counts"]["steps"] < 150, f"terzaghi: {worst:.2e} from the series in {r['counts']} adaptive steps")


# Cheng and Detournay's series for p/p0, p0 = load/2, at nu = 0.2, 0.5 undrained
def mandel(T, x, nu=0.2):
    sum_, ratio = 0, (1 - nu) / (0.5 - nu)
    for n in range(60):
        low, high = (n + 1e-9) * math.pi, (n + 0.5) * math.pi - 1e-12  # tan(a) = ratio a
        for _ in range(200):
            a = 0.5 * (low + high)
            low, high = (a, high) if math.tan(a) < ratio * a else (low, a)
        sum_ += math.sin(a) / (a - math.sin(a) * math.cos(a)) * (math.cos(a * x) - math.cos(a)) * math.exp(-a * a * T)
    return 2 * sum_


r = example("mandel", "mesh.box.cells=[12,1]", "time.step=0.001", "time.output_every=10")
c = 1 * (2 / 3 + 2)  # k (lambda + 2 mu)
middle = series(r, "middle")
errors = [abs(2 * p - mandel(c * t, x)) for name, x in (("middle", 0), ("half", 0.5)) for t, p in series(r, name) if t > 0]
check.that(max(errors) < (4e-3 if LONG else 8e-3), f"mandel: {max(errors):.2e} from the series")
top = max(2 * p for _, p in middle)
check.that(top > 1.05 and 2 * middle[1][1] < top and 2 * middle[-1][1] < 0.8, f"mandel: the pressure in the middle rises before it falls: {middle}")

# ---- the round drum: energy over 1,000 steps; Newmark's w_h = 2/h atan(w h/2)
if has_gmsh():
    r = example("disc", "mesh.size=0.3", backend="cpu")
    energy, mode = r["series"]["energy"], r["series"]["mode"]
    check.that(r["counts"]["steps"] == 1000 and max(abs(e / energy[0] - 1) for e in energy) < 1e-10, f"disc: energies from {min(energy)!r} to {max(energy)!r}")
    h = 0.01
    products = [(mode[k - 1] + mode[k + 1], 2 * mode[k]) for k in range(1, len(mode) - 1)]  # m(t - h) + m(t + h) = 2 cos(w h) m(t)
    w = math.acos(sum(a * b for a, b in products) / sum(b * b for _, b in products)) / h
    w = 2 / h * math.tan(w * h / 2)
    check.that(abs(w / 2.404825558 - 1) < (1e-5 if LONG else 1e-4), f"disc: first frequency {w}, {w / 2.404825558 - 1:.2e} off")
else:
    check.skip("disc: no Gmsh")

# ---- Rayleigh: the phase of the surface, c_S = 1; nu = 1/4: c^2 = 2 - 2/sqrt(3)
speed = math.sqrt(2 - 2 / math.sqrt(3))
check.that(abs(speed - 0.919402) < 5e-7, f"speed of Rayleigh's wave: {speed}")
r = example("rayleigh", "mesh.box.cells=[8,24]", "time.step=0.02", "time.output_every=5", "time.end=0.4", backend="cpu")
phases = [math.atan2(s, c) for c, s in zip(r["series"]["cosine"], r["series"]["sine"])]
turned = sum((b - a) % (2 * math.pi) for a, b in zip(phases, phases[1:]))
seen = turned / (2 * math.pi * r["series"]["time"][-1])
h, w = (0.01 if LONG else 0.02), 2 * math.pi * speed
seen *= w / (2 / h * math.atan(w * h / 2))
check.that(abs(seen / speed - 1) < (5e-4 if LONG else 2e-3), f"rayleigh: speed {seen:.6f}, {seen / speed - 1:.1e} off")
energy = r["series"]["energy"]
check.that(max(abs(e / energy[0] - 1) for e in energy) < 1e-9, f"rayleigh: energies {energy}")


# ---- Lamb: displacement of the surface at 1 by a pulse; the answer to an impulse (Cagniard's path), q = t/x: -Im(a/R)/(pi mu x), with a pole at Rayleigh's slowness
def impulse(q, p=1 / math.sqrt(3)):
    a, b = cmath.sqrt(p * p - q * q), cmath.sqrt(1 - q * q)  # on the right of the cut both are i times a positive root
    return -((1j * abs(a.imag) / ((1 - 2 * q * q) ** 2 + 4 * q * q * 1j * abs(a.imag) * (b if q < 1 else 1j * abs(b.imag)))).imag) / math.pi


def lamb(t, length=0.5, p=1 / math.sqrt(3)):
    n = 400  # the pole stands between two points, as far from both
    dq = (1 / speed - p) / n
    pulse = lambda s: math.sin(math.pi * s / length) ** 4 if 0 < s < length else 0
    first = max(0, int((t - length - p) / dq) - 1)
    return sum(impulse(p + (k + 0.5) * dq) * pulse(t - p - (k + 0.5) * dq) for k in range(first, max(first, int((t - p) / dq) + 1))) * dq


r = example("lamb", "mesh.box.cells=[30,18]", "mesh.box.lower=[0,-1.2]", "mesh.box.upper=[2,0]", "time.step=0.02", "time.output_every=5", "time.end=1.6", backend="cpu")
exact = [-lamb(t) for t in r["series"]["time"]]
off = max(abs(u[1] - e) for u, e in zip(r["series"]["one"], exact)) / max(abs(e) for e in exact)
check.that(off < (0.03 if LONG else 0.08), f"lamb: {off:.3f} of the largest displacement off")


# ---- a boundary that absorbs: the energy that comes back, over the Gaussian spectrum of the packet
def back(a, k0=math.pi, width=2):
    def weight(k):
        return (k * k + math.pi**2) * math.exp(-0.5 * (width * (k - k0)) ** 2)

    def part(k):
        cosine = k / math.sqrt(k * k + math.pi**2)
        return ((cosine - a) / (cosine + a)) ** 2

    return simpson(lambda k: part(k) * weight(k), 1e-6, 3 * k0) / simpson(weight, 1e-6, 3 * k0)


for a in (1, 0.7071):
    r = example("absorbing", "mesh.box.cells=[50,4]", "time.step=0.04", f"constants.a={a}") if not LONG else run("examples/time/absorbing.yaml", "--set", f"constants.a={a}")
    energy = r["series"]["energy"]
    seen = energy[-1] / energy[0]
    check.that(abs(math.sqrt(seen) - math.sqrt(back(a))) < 0.01, f"absorbing, a = {a}: {seen:.2e} of the energy comes back, expected {back(a):.2e}")

# ---- Cahn and Hilliard: mass to rounding, energy never grows
r = example("cahn-hilliard", "mesh.box.cells=[16,16]", "time.end=0.01", "time.step=5e-4", "time.output_every=1", "constants.eps=0.06")
mass, energy = r["series"]["mass"], r["series"]["energy"]
check.that(max(abs(m - mass[0]) for m in mass) < 1e-12, f"cahn-hilliard: masses {mass}")
check.that(all(b <= a * (1 + 1e-10) for a, b in zip(energy, energy[1:])) and energy[-1] < 0.997 * energy[0], f"cahn-hilliard: energies {energy}")

# ---- Allen and Cahn on an L-shape: the energy never grows
if has_gmsh():
    r = example("allen-cahn", "mesh.size=0.25", "time.end=2", "time.output_every=1", "constants.eps=0.15")
    energy = r["series"]["energy"]
    check.that(all(b <= a * (1 + 1e-10) for a, b in zip(energy, energy[1:])) and energy[-1] < 0.9 * energy[0], f"allen-cahn: energies {energy}")
else:
    check.skip("allen-cahn: no Gmsh")

# ---- Gray and Scott: of u + v as much comes as is fed, less what is fed on and killed; v lives
r = run("examples/time/gray-scott.yaml", "--set", "mesh.box.cells=[32,32]", "--set", "time.end=100", "--set", "time.step=2", "--set", "time.output_every=1")
t, eaten, grown = r["series"]["time"], r["series"]["eaten"], r["series"]["grown"]
supply = [0.03 * e - 0.09 * g for e, g in zip(eaten, grown)]
comes = sum(0.5 * (t[k + 1] - t[k]) * (supply[k] + supply[k + 1]) for k in range(len(t) - 1))
check.that(abs(grown[-1] - eaten[-1] - grown[0] + eaten[0] - comes) < 1e-3 * abs(comes), f"gray-scott: {grown[-1] - eaten[-1] - grown[0] + eaten[0]} come, expected {comes}")
check.that(min(r["series"]["least"]) > -0.01 and 0.4 < max(r["series"]["most"]) < 0.6, f"gray-scott: {r['series']['most']}")
if LONG:
    r = example("gray-scott")
    check.that(r["series"]["grown"][-1] > 2 * r["series"]["grown"][0], f"gray-scott: {r['series']['grown']}")

# ---- a moving source: the plane's answer to the beam's past; far behind a point in steady motion, Rosenthal's P/(2 pi kappa) exp(-V xi/2 kappa) K0(V r/2 kappa)
def heated(x, y, t, kappa=0.05, radius=0.1):
    def part(s):
        size = radius**2 + 4 * kappa * (t - s)
        return math.exp(-((x - s) ** 2 + y * y) / size) / (math.pi * size)

    return simpson(part, 0, t)


r = example("moving-source", "mesh.box.cells=[40,10]", "time.step=0.04", "time.end=1.2", "time.output_every=5", backend="cpu")
t = r["series"]["time"][-1]
for name, x, y in (("behind", 1, 0), ("beside", 1.5, 0.25)):
    errors = [abs(T - heated(x, y, s)) for s, T in series(r, name) if s > 0]
    check.that(max(errors) < (0.02 if LONG else 0.05), f"moving-source: {max(errors):.4f} off {name}")

# ---- thermal shock: a jump of the stress that runs with the speed of sound
def shock(x, t):
    root = 0.5 * x / math.sqrt(t)
    return (math.exp(t - x) if x < t else 0) - 0.5 * (math.exp(t - x) * math.erfc(root - math.sqrt(t)) + math.exp(t + x) * math.erfc(root + math.sqrt(t)))


r = example("danilovskaya", "mesh.box.cells=[200]", "time.step=0.01", "time.output_every=5")
errors = [abs(s - shock(1, t)) for t, s in series(r, "at_1") if t > 0 and abs(t - 1) > 0.2]  # a jump of 1 at t = 1
check.that(max(errors) < (0.02 if LONG else 0.05), f"danilovskaya: {max(errors):.4f} off")

# ---- the damped bar
r = example("damped-bar", "mesh.box.cells=[8]", "time.step=0.02")
check.that(max(r["errors"][f]["L2"] for f in "uT") < (1e-3 if LONG else 3e-3), f"damped-bar: {r['errors']}")

# ---- bad input
for name, sets, message in [("terzaghi", ["time.scheme=newmark"], "newmark(0.25, 0.5) begins with the rate of 'u' at the start, and the equation that tests 'u' holds none of its rates; expected bdf2 or euler"),
                            ("mandel", ["time.scheme=generalized-alpha"], "begins with the rate of 'u' at the start")]:
    r = command("run", os.path.join(ROOT, f"examples/time/{name}.yaml"), "--backend", "interpreter", *[a for s in sets for a in ("--set", s)])
    check.that(r.returncode == 2 and message in r.stderr and r.stderr.count("\n") == 1, f"{sets}: status {r.returncode}, {r.stderr}")
check.end()
