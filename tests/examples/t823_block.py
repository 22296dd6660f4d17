"""Claim: mosaic's block (examples/topology/mosaic.yaml) on finer meshes: it is softer, as displacements have more freedom; half of it is several times as stiff as the same material spread evenly, the
limit on its volume is used up, and the design goes on from a checkpoint to where a run without a break arrives. GKT_LONG=1: 96 x 48 x 48 hexahedra, 40 iterations, with the design's picture."""
import os
import tempfile

from gkt import Checks, run

check = Checks()
BLOCK = "examples/topology/mosaic.yaml"


def design(cells, iterations, out, *texts):
    """A filter of three cells, or of one and a half where they are large; six digits of a state (docs/optimization.md, Speed)."""
    texts = [f"mesh.box.cells={list(cells)}", f"filter.rho.radius={max(1.5 / cells[1], 0.0625)}", "solver.rtol=1e-6",
             f"optimizer={{method: mma, iterations: {iterations}, change: 0.01, tolerance: 0, checkpoint: a.h5}}", *texts]
    return run(BLOCK, "--out", out, *(a for t in texts for a in ("--set", t)), timeout=7000)["optimization"]


def near(got, wanted, part):
    return abs(got - wanted) <= part * abs(wanted)


def is_design(o, what, part):
    start = o["history"][0]["objective"]
    check.that(0.00397532499 < start < 0.00425, f"{what}: work of uniform density {start}")
    check.that(o["objective"] < part * start and 0.98 < o["constraints"]["volume"] <= 1.001, f"{what}: {o['objective']} from {start}, {o['constraints']}")


with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as parts:
    o = design((12, 6, 6), 12, whole, "output={}")
    is_design(o, "12 x 6 x 6", 0.45)
    design((12, 6, 6), 6, parts, "output={}")
    rest = design((12, 6, 6), 12, parts, "output={}", "optimizer.restart=a.h5")
    check.that(rest["iterations"] == 12 and near(rest["objective"], o["objective"], 1e-4), f"gone on with: {rest['objective']} after {rest['iterations']} iterations, without a break {o['objective']}")

if os.environ.get("GKT_LONG"):
    with tempfile.TemporaryDirectory() as out:
        o = design((96, 48, 48), 40, out, "output={picture: {file: block.png, color: rho, range: [0, 1], section: 'y=0.5'}}")
        is_design(o, "96 x 48 x 48", 0.235)
        check.that(near(o["objective"], 0.000965280164, 1e-3), f"96 x 48 x 48: {o['objective']} after 40 iterations")
        check.that(os.path.getsize(f"{out}/block.png") > 20000, "96 x 48 x 48: no picture")
check.end()
