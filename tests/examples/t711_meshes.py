"""Claim: on ten meshes of real shapes, of every kind of cell, what a problem is supplied with it gives back, to 1e-9: the solver's tolerance is 1e-10, and the weak form
holds with a test function of 1 (in elasticity also for a rotation), as no value is fixed. Effective coefficients lie within their bounds."""
import glob
import os

from gkt import ROOT, Checks, has_gmsh, run

check = Checks()
names = sorted(os.path.splitext(os.path.basename(f))[0] for f in glob.glob(f"{ROOT}/examples/meshes/*.yaml"))
check.that(len(names) == 10, f"ten meshes: {names}")
if not has_gmsh():
    check.skip("galerkit-mesh is not built")
    check.end()

reports = {name: run(f"examples/meshes/{name}.yaml") for name in names}
reports["mixed of order 2"] = run("examples/meshes/mixed.yaml", "--set", "mesh.order=2")
for name, r in reports.items():
    f = r["functionals"]
    for kind in ["", "torque_"] if "torque_supplied" in f else [""]:
        supplied, removed = f[f"{kind}supplied"], f[f"{kind}removed"]
        check.that(abs(supplied - removed) <= 1e-9 * abs(supplied), f"{name}: {kind}supplied {supplied!r}, removed {removed!r}, {abs(supplied / removed - 1):.1e}")

# u is quadratic; what is left is the distance of curved cells from the sphere, of order 4 for edges of 0.4
errors = reports["sphere"]["errors"]["u"]
check.that(errors["L2"] < 1e-3 and errors["H1"] < 2e-2, f"sphere: {errors}")

# Voigt's bound: no body with holes conducts better than its volume does in straight tubes
f = reports["porous"]["functionals"]
check.that(0.8 < f["supplied"] < f["volume"] < 0.93, f"porous: {f}")

# between conduction in series and in parallel, without the two contacts of 1/10 on sides of 30
f = reports["composite"]["functionals"]
k, part = 1 / (1 / f["supplied"] - 2 / 300), f["fibre"] / 900
check.that(1 / (part / 20 + (1 - part) / 0.5) < k < part * 20 + (1 - part) * 0.5, f"composite: {k} with fibres on {part}")

f = reports["mixed"]["functionals"]
check.that(abs(f["volume"] - 2.5) < 1e-12, f"mixed: volume {f['volume']}, expected 2 + 1.5/3")
f = reports["network"]["functionals"]
check.that(abs(f["length"] - 80) < 1e-10, f"network: length {f['length']}, expected 80")
check.end()
