"""Claim: the examples of examples/inverse find what was to be found: the place of a source by each method for parameters, a conductivity from noisy sensors, nearer to the truth where there is less noise,
and with total variation nearer than with Tikhonov's term; where the weight is such that the misfit is that of the noise."""
from gkt import Checks, run

check = Checks()


def find(path, *texts):
    r = run(path, *(a for t in ("output={}", *texts) for a in ("--set", t)), "--threads", 1)
    check.that(r["status"] == "ok" and r["optimization"]["converged"], f"{path} {texts}: {r['reason']} {r['optimization']['ended_by']}")
    return r


# ---- the place of a source: readings of four digits, made on a finer mesh
for method, most in (("bnls", 12), ("bntr", 12), ("gauss-newton", 7), ("lmvm", 20), ("blmvm", 20)):
    o = find("examples/inverse/source.yaml", f"optimizer.method={method}")["optimization"]
    x, y = o["controls"]["px"], o["controls"]["py"]
    check.that(abs(x - 0.45) < 2e-4 and abs(y - 0.62) < 2e-4 and o["iterations"] <= most, f"source by {method}: ({x}, {y}), {o['iterations']} iterations")
    check.that(o["counts"]["setups"] == 1, f"source by {method}: {o['counts']}")

# ---- a conductivity: error against the true field at three noise levels, weights by the discrepancy principle where the mesh does not hold it up
truth = {}
for noise, tv, tikhonov in [(1e-2, 1e-3, 1e-4), (3e-3, 3e-4, 1e-5), (1e-3, 3e-4, 1e-5)]:
    for term, weight in (("tv", tv), ("tikhonov", tikhonov)):
        weights = {"tv": 0, "tikhonov": 0, term: weight}
        f = find("examples/inverse/conductivity.yaml", f"constants.noise={noise}", *(f"constants.{k}={v}" for k, v in weights.items()))["functionals"]
        truth[term, noise] = f["error"]
        check.that(f["misfit"] < 1.5 * 49 * noise**2 / 4 + 8e-5, f"conductivity, noise {noise}, {term}: misfit {f['misfit']}")
        check.that(f["error"] < (0.24 if noise > 5e-3 else 0.22 if term == "tikhonov" else 0.18), f"conductivity, noise {noise}, {term}: error {f['error']}")
for term in ("tv", "tikhonov"):
    check.that(truth[term, 1e-2] > truth[term, 3e-3] > truth[term, 1e-3], f"conductivity, {term}: less noise, no less error: {truth}")
check.that(all(truth["tv", n] < 0.9 * truth["tikhonov", n] for n in (1e-2, 3e-3, 1e-3)), f"conductivity: total variation is no better: {truth}")
check.end()
