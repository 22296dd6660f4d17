"""Claim: a step of a path of loads that is repeated ends where unknowns and histories rest, by the numbers of the same iteration written down here, also where tries that do not come to rest
are halved: they leave no trace in histories. A crack that runs ends in the step in which it begins. What has no such steps is refused by one message."""
import math
import os
import tempfile

from gkt import CPU, Checks, ROOT, command, emulated, run

check = Checks()

# u = q/2 + 1 + t, q follows u: at rest u = 2 (1 + t); how often the law was applied is counted
LAW = """
mesh: {box: {cells: [3]}}
fields: {u: {space: DP0, test: v}}
history:
  q: {points: 0, update: "u"}
  c: {points: 0, update: "c + 1"}
equation: "(u - q/2 - 1 - t + 0*c)*v*dx == 0"
time: {end: 1, step: 1, scheme: static, repeat: {rtol: 1e-3, most: 7}}
compute: {u: "u*dx", q: "q*dx", n: "c*dx"}
"""


def rest(q, n, t, rtol, most):
    """u, q, n after a step to t; None: it does not rest."""
    u, change = q / 2 + 1 + t, math.inf
    q, n = u, n + 1
    for _ in range(most):
        if change <= rtol:
            break
        before, u = u, q / 2 + 1 + t
        q, n, change = u, n + 1, abs(u - before) / abs(u)
    return (u, q, n) if change <= rtol else None


def follow(rtol, most, end=1, step=1):
    """The same by steps that are halved where they do not rest, and double again."""
    u, q, n = rest(0, 0, 0, rtol, 20)
    t, rejected, length = 0, 0, step
    while t < end:
        length = min(length, end - t)
        found = rest(q, n, t + length, rtol, most)
        if found:
            t, (u, q, n), length = t + length, found, 2 * length if length < step else length
        else:
            rejected, length = rejected + 1, length / 2
    return u, q, n, rejected


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "law.yaml")
    # the start needs 11 repeats; a step of 1 needs 9, shorter ones fewer
    for most, text in ((20, LAW.replace("most: 7", "most: 20")), (100, LAW.replace(", most: 7", ""))):
        open(path, "w").write(text)
        r = run(path)
        u, q, n, rejected = follow(1e-3, most)
        got = r["functionals"]
        check.that(rejected == r["counts"]["rejected"] == 0 and all(abs(a - b) < 1e-12 for a, b in zip((got["u"], got["q"], got["n"]), (u, q, n))), f"repeats: {got}, {r['counts']}, expected {u, q, n}")
        check.that(abs(got["u"] - 4) < 4e-3, f"repeats: {got}, expected 4 at rest")
    open(path, "w").write(LAW.replace('q: {points: 0,', 'q: {points: 0, initial: "2",'))  # the start is at rest
    r = run(path)

    def from_rest():
        t, q, n, rejected, length = 0, *rest(2, 0, 0, 1e-3, 7)[1:], 0, 1
        while t < 1:
            length = min(length, 1 - t)
            found = rest(q, n, t + length, 1e-3, 7)
            if found:
                t, (u, q, n), length = t + length, found, 2 * length if length < 1 else length
            else:
                rejected, length = rejected + 1, length / 2
        return u, q, n, rejected

    u, q, n, rejected = from_rest()
    got = r["functionals"]
    check.that(rejected == r["counts"]["rejected"] > 1, f"repeats: {r['counts']}, expected {rejected} tries that were cut back")
    check.that(all(abs(a - b) < 1e-12 for a, b in zip((got["u"], got["q"], got["n"]), (u, q, n))), f"repeats: {got}, expected {u, q, n}: a try that failed has left its history")
    open(path, "w").write(LAW.replace("most: 7", "most: 3"))
    r = run(path, status=1)
    check.that("after 3 repeats the state still moves by 0.067 of its size in one; expected 0.001, or more repeats" in r["reason"], r["reason"])

# ---- a notched plate of coarse cells: with repeats its force falls at once, whatever the step, and without them for as long as there are steps
coarse = ["mesh={box: {cells: [20, 10], upper: [1, 0.5]}}", 'regions={ligament: {where: "max(x[1], 0.5 - x[0]) < 1e-9"}}', "constants.l=0.1", "let.pull=0.01*t"]
host = emulated((), CPU)


def tear(*sets):
    s = run("examples/history/fracture.yaml", *host, *[a for x in (*coarse, *sets) for a in ("--set", x)])["series"]
    check.that(all(b >= a - 1e-9 for a, b in zip(s["crack"], s["crack"][1:])), f"plate {sets}: the crack heals: {s['crack']}")
    return dict(zip((round(u, 9) for u in s["opening"]), s["force"]))


loose, settled, finer = tear("time={end: 1, step: 0.1, scheme: static}"), *(tear(f"time={{end: {end}, step: {step}, scheme: static, repeat: {{rtol: 1e-3, most: 1000}}}}") for end, step in ((0.8, 0.1), (0.6, 0.05)))
check.that(loose[0.008] > 0.9 * max(loose.values()), f"plate without repeats: {loose}")
check.that(settled[0.008] < 0.1 * max(settled.values()), f"plate with repeats: {settled}")
check.that(all(abs(settled[u] - finer[u]) < 0.01 * max(finer.values()) for u in settled if u in finer), f"plate: {settled}, by half the step {finer}")

# ---- refused
for name, sets, message in [
    ("time/heat", ["time.repeat={rtol: 1e-3}"], "steps are repeated along a path of loads alone; expected scheme: static, or no such key"),
    ("paths/cook", ["time.repeat={rtol: 1e-3}"], "without `history` a step that is repeated finds what it has found; expected no such key"),
    ("history/breaking-bar", ["time.repeat={rtol: 1e-3}"], "steps are repeated along a path of loads alone"),
    ("history/damaged-bar", ["time.repeat={most: 3}"], "'rtol': missing key"),
    ("history/damaged-bar", ["time.repeat={rtol: 1e-3, most: 0}"], "expected a number of repeats from 1"),
]:
    refused = command("check", os.path.join(ROOT, f"examples/{name}.yaml"), *[x for s in sets for x in ("--set", s)])
    check.that(refused.returncode == 2 and message in refused.stderr and refused.stderr.count("\n") == 1, f"{name} {sets}: {refused.returncode}, {refused.stderr}")
check.end()
