"""Claim: a solution has the same bits for 1, 2 and 4 threads, of ours and of the BLAS, also where the BLAS is OpenBLAS, whose sums depend on the number of its threads; it is fetched
beside the system's own, which stays as it is."""
import glob
import os
import subprocess
import tempfile

import gkt

PROBLEM = """
mesh: {box: {cells: [9, 9, 9], shape: tet}}
fields: {u: {space: P2, shape: vector, test: v}}
constants: {lam: 1.25, mu: 0.8}
equation: "(2*mu*inner(sym(grad(u)), sym(grad(v))) + lam*div(u)*div(v))*dx == v[2]*dx"
conditions: [{on: left, value: 0}]
solver: {linear: direct}
output: {file: p.vtu}
"""
check = gkt.Checks()
folder = tempfile.TemporaryDirectory()


def fetch():
    """The folder of OpenBLAS's libblas.so.3; None: not to be had."""
    os.chmod(folder.name, 0o755)  # apt downloads as another user
    r = subprocess.run(["apt-get", "download", "libopenblas0-pthread"], cwd=folder.name, capture_output=True, text=True)
    packages = glob.glob(os.path.join(folder.name, "*.deb"))
    if r.returncode or not packages:
        return None
    subprocess.run(["dpkg", "-x", packages[0], folder.name], check=True)
    return os.path.dirname(glob.glob(os.path.join(folder.name, "usr/lib/*/openblas-pthread/libblas.so.3"))[0])


def solution(threads, **environment):
    open(os.path.join(folder.name, "p.yaml"), "w").write(PROBLEM)
    r = subprocess.run([os.path.join(gkt.BIN, "galerkit"), "run", "p.yaml", "--quiet", "--threads", str(threads)], cwd=folder.name, env={**os.environ, **environment},
                       capture_output=True, text=True)
    check.that(r.returncode == 0, f"{threads} threads, {environment}: {r}")
    return open(os.path.join(folder.name, "p.vtu"), "rb").read()


check.that(solution(1) == solution(4), "the system's BLAS: bits differ")
place = fetch()
if place:
    loaded = subprocess.run(["ldd", os.path.join(gkt.BIN, "galerkit")], env={**os.environ, "LD_LIBRARY_PATH": place}, capture_output=True, text=True).stdout
    check.that("openblas" in loaded, f"OpenBLAS was fetched and is not used: {loaded}")
    first = solution(1, LD_LIBRARY_PATH=place, OPENBLAS_NUM_THREADS="1")
    for n in (2, 4):
        check.that(solution(n, LD_LIBRARY_PATH=place, OPENBLAS_NUM_THREADS=str(n)) == first, f"OpenBLAS with {n} threads: other bits")
else:
    check.skip("OpenBLAS cannot be fetched: apt-get download libopenblas0-pthread")
check.end()
