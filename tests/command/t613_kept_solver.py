"""Claim: what Newton's method keeps of its linear solver from step to step hides nothing: a problem that is singular for every u is said to be so although a linear solve after the
first stalls, whatever iterative method is named, and from any guess; where coarse grids of a step before serve no more, they are made anew, also for a method that is named."""
import tempfile

from gkt import Checks, command, emulated, os

check = Checks()
folder = tempfile.TemporaryDirectory()

# one point of quadrature sees no hourglass: |grad u| = 0 there for a mode that nothing holds
SIDE = emulated(60, 8)
HOURGLASS = f"""
mesh: {{box: {{cells: [{SIDE}, {SIDE}], shape: quad}}}}
fields: {{u: {{space: P1}}}}
energy: "((1 + dot(grad(u), grad(u)))^1.5)*dx(degree=0) - (x[0] - 0.5)*u*dx(degree=0)"
regions: {{pin: {{at: [0, 0]}}}}
conditions: [{{on: pin, value: 0}}]
"""
CONVEX = """
mesh: {box: {cells: [24, 24], shape: quad}}
fields: {u: {space: P1, shape: vector}}
energy: "(sqrt(1 + 21.4915*inner(grad(u), grad(u))) + 0.01*dot(u, u))*dx - 0.0169353*u[0]*dx"
conditions: [{on: left, value: [0, 0]}, {on: right, value: [0.649, 0]}]
"""


def run(name, text, *args):
    path = os.path.join(folder.name, f"{name}.yaml")
    open(path, "w").write(text)
    return command("run", path, "--out", folder.name, *args)


for method in ("gmres", "minres", "cg", "bicgstab"):
    r = run("hourglass", HOURGLASS, "--quiet", "--set", f"solver.linear={method}")
    check.that(r.returncode == 1 and "the system is singular: equation and conditions leave 'u' undetermined" in r.stderr, f"{method}: status {r.returncode}\n{r.stderr}")
r = run("hourglass", HOURGLASS + 'initial: {u: "sin(50*x[0])*x[1]"}\n', "--quiet", "--set", "solver.linear=gmres")
check.that(r.returncode == 1 and "singular" in r.stderr, f"another guess: status {r.returncode}\n{r.stderr}")
for args in (["--set", "solver.linear=cg"], ["--", "-ksp_type", "cg", "-pc_type", "gamg"], []):
    r = run("convex", CONVEX, *args)
    check.that(r.returncode == 0, f"convex energy, {args}: status {r.returncode}\n{r.stdout}{r.stderr}")
check.end()
