"""Claim: every form of examples/forms converges to its exact solution at the theoretical order (within 0.1, on the last pair of levels),
on compiled code and, on the coarsest level, equally by the interpreter and by every strategy of the reduce."""
import glob
import math
import os

from gkt import ROOT, Checks, order, run

check = Checks()

# name: cells per direction on two levels, orders in L2 and H1
EXPECTED = {
    "poisson": ([6, 12], 3, 2), "diffusion-reaction": ([12, 24], 3, 2), "conductivities": ([12, 24], 3, 2), "advection-diffusion": ([12, 24], 3, 2),
    "elasticity": ([4, 8], 3, 2), "orthotropic": ([12, 24], 3, 2), "two-materials": ([12, 24], 3, 2), "plane-stress": ([12, 24], 3, 2), "plane-strain": ([12, 24], 3, 2),
    "thermal-stress": ([12, 24], 3, 2), "elasticity-energy": ([4, 8], 3, 2), "projection": ([12, 24], 3, 2), "pure-neumann": ([12, 24], 3, 2), "free-body": ([12, 24], 3, 2), "robin": ([5, 10], 3, 2),
    "nonlinear-diffusion": ([12, 24], 3, 2), "p-laplacian": ([12, 24], 3, 2), "p-laplacian-equation": ([12, 24], 3, 2), "minimal-surface": ([12, 24], 3, 2), "bratu": ([12, 24], 3, 2),
    "reaction-advection": ([12, 24], 3, 2), "radiation": ([12, 24], 3, 2), "neo-hookean": ([12, 24], 3, 2), "saint-venant-kirchhoff": ([2, 4], 3, 2), "helmholtz": ([12, 24], 3, 2),
    "supg": ([16, 32], 2, 1), "bubbles": ([6, 12], 2, 1), "timoshenko-beam": ([4, 8], 3, 2),
}
names = sorted(os.path.splitext(os.path.basename(f))[0] for f in glob.glob(f"{ROOT}/examples/forms/*.yaml"))
check.that(names == sorted(EXPECTED), f"the gallery and this table differ: {set(names) ^ set(EXPECTED)}")


def level(name, n, *args):
    count = len(open(f"{ROOT}/examples/forms/{name}.yaml").read().split("cells: [")[1].split("]")[0].split(","))
    cells = f"mesh.box.cells=[{','.join([str(n)] * count)}]"
    return run(f"examples/forms/{name}.yaml", "--set", cells, *args)


for name, (levels, l2, h1) in EXPECTED.items():
    reports = [level(name, n) for n in levels]
    errors = [list(r["errors"].values())[0] for r in reports]
    got = [order(errors[0][k], errors[1][k]) for k in ("L2", "H1")]
    check.that(got[0] >= l2 - 0.1 and got[1] >= h1 - 0.1, f"{name}: orders {got[0]:.2f} (L2) {got[1]:.2f} (H1), expected {l2} and {h1}")
    check.that(all(r["linear"]["residual"] <= 1e-10 for r in reports), f"{name}: true residuals {[r['linear']['residual'] for r in reports]}")
    for other in (["--backend", "interpreter"], ["--reduce", "segmented"], ["--reduce", "spmm"]):
        again = list(level(name, levels[0], *other)["errors"].values())[0]
        # both solve the same system to 1e-10; the error norms then differ by that, relative to the solution (of size 1), not to the error
        check.that(all(abs(again[k] - errors[0][k]) <= 1e-8 for k in again), f"{name}: {other[1]} {again}, compiled and fused {errors[0]}")

for name, left, right, value in [("conductivities", "flux_left", "flux_right", -math.pi * 1.09), ("two-materials", "traction_left", "traction_right", -math.pi)]:
    p = level(name, 24)["probes"]
    # the flux is of order 2: h^2 = 1/576, times second derivatives of the flux (about pi^3/2)
    check.that(abs(p[left] - p[right]) < 0.05 and abs(p[left] - value) < 0.05, f"{name}: {p}, expected {value:.4f} on both sides")

r = run("examples/forms/pure-neumann.yaml", "--set", "coefficients.f=1", status=1)
check.that(r["status"] == "failed" and "incompatible load" in r["reason"], f"incompatible load: {r['reason']}")
check.end()
