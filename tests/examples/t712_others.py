"""Claim: numbers that other programs publish are met on their own meshes, spaces and quadratures, to the digits that they print: scikit-fem's examples 1, 10, 25 and 41,
deal.II's step-4 and step-7, mosaic's structural task."""
import math
import os
import struct
import tempfile

from gkt import ROOT, Checks, command, has_gmsh, run

check = Checks()


def near(what, value, expected, digits):
    """Half a unit of the last digit that is printed there, and some rounding."""
    unit = 10.0 ** (math.floor(math.log10(abs(expected))) + 1 - digits)
    check.that(abs(value - expected) <= 0.51 * unit, f"{what}: {value!r}, published {expected}")


def functionals(name, *args):
    return run(f"examples/others/{name}.yaml", *args)["functionals"]


def nodal_values(name):
    """The first array of the file that the problem writes."""
    with tempfile.TemporaryDirectory() as folder:
        r = command("run", f"{ROOT}/examples/others/{name}.yaml", "--quiet", "--out", folder)
        assert r.returncode == 0, r.stderr
        data = open(os.path.join(folder, f"{name}.vtu"), "rb").read()
    data = data[data.index(b"_", data.index(b"<AppendedData")) + 1:]
    (size,) = struct.unpack_from("<Q", data)
    return struct.unpack_from(f"<{size // 8}d", data, 8)


near("scikit-fem 1", functionals("skfem-ex01")["top"], 0.073657185490792, 13)  # the fourteenth digit is the rounding of a factor
near("scikit-fem 10", functionals("skfem-ex10")["nodal_mean"], 0.2779315217, 10)  # they stop at corrections of 1e-8
values = nodal_values("skfem-ex25")
mean = sum(values) / len(values)
near("scikit-fem 25", mean, 0.464256875, 9)  # what its version 12.0.2 gives; its own test says 0.4642600945 to 5e-6
check.that(abs(mean - 0.4642600945) < 5e-6, f"scikit-fem 25: {mean}")
near("mosaic", functionals("mosaic-structural")["work"], 0.00397532499, 9)
for name, mean, flux in (("dealii-step4", 1.33303, -3.68956), ("dealii-step4-3d", 1.58058, -8.29435)):
    f = functionals(name)
    near(name, f["mean"], mean, 6)
    near(f"{name}, flux", f["flux"], flux, 6)

# cells a side: L2 and H1 seminorm of the error
step7 = {
    "dealii-step7": {8: (1.840, 2.858), 16: (3.570e-02, 1.199), 32: (1.192e-02, 0.7565), 64: (3.047e-03, 0.3823)},
    "dealii-step7-q2": {8: (0.1606, 1.278), 16: (7.638e-03, 0.5248), 32: (8.601e-04, 0.1086)},
}
for name, rows in step7.items():
    for n, errors in rows.items():
        f = functionals(name, "--set", f"mesh.box.cells=[{n},{n}]")
        near(f"{name}, {n}: L2", f["L2_squared"] ** 0.5, errors[0], 4)
        near(f"{name}, {n}: H1", f["H1_squared"] ** 0.5, errors[1], 4)

if has_gmsh():
    near("scikit-fem 41", functionals("skfem-ex41")["top"], 0.0251834042, 9)
else:
    check.skip("galerkit-mesh is not built")
check.end()
