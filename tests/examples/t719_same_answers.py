"""Claim: problems of several fields give the same bits for 1, 2 and 4 threads, and by the interpreter and every strategy of the reduce the same errors to 1e-8 (both solve one system
to 1e-10): a saddle point, a multiplier, three nonlinear fields, a discontinuous tensor beside a vector, a flow that repeats."""
from gkt import Checks, run

check = Checks()
for name, cells in (("flow/stokes", "[8,8]"), ("flow/stokes-3d", "[2,2,2]"), ("several/mean-zero", "[8,8]"), ("several/nernst-planck", "[6,6]"), ("several/stress-field", "[6,6]"), ("ties/porous-bed", "[2,8]")):

    def errors(*args):
        return run(f"examples/{name}.yaml", "--set", f"mesh.box.cells={cells}", *args)["errors"]

    first = errors("--threads", 1)
    for threads in (2, 4):
        again = errors("--threads", threads)
        check.that(again == first, f"{name}: {threads} threads give {again}, one gives {first}")
    for args in (("--backend", "interpreter"), ("--reduce", "segmented"), ("--reduce", "spmm")):
        again = errors(*args)
        apart = max(abs(again[field][norm] - first[field][norm]) for field in first for norm in first[field])
        check.that(apart < 1e-8, f"{name}, {args[1]}: errors differ by {apart:.1e}")
check.end()
