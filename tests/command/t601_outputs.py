"""Claim: an output that cannot be opened is refused before anything is computed, status 2; one that cannot be written, closed or renamed ends with status 1; both give one line with
the file and the reason, nothing half-written and no temporary is left, and what stood there before still does. So for an ordinary user. A run that is killed leaves every output old or new, never broken. Links and devices stay what they are."""
import os
import resource
import shutil
import signal
import stat
import subprocess
import tempfile
import time

from gkt import BIN, Checks, has_gmsh

check = Checks()
ROOT_USER = os.geteuid() == 0
USER = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] if ROOT_USER else []  # permissions do not bind root
top = tempfile.TemporaryDirectory()
os.chmod(top.name, 0o755)
# copies that an ordinary user can reach: the sources may lie below a home that only root enters
PROGRAMS = shutil.copytree(BIN, os.path.join(top.name, "bin"))
os.environ["LD_LIBRARY_PATH"] = shutil.copytree(os.path.join(BIN, "../lib"), os.path.join(top.name, "lib"), ignore=shutil.ignore_patterns("*.a"))
GALERKIT = os.path.join(PROGRAMS, "galerkit")
FILE = os.path.join(top.name, "p.yaml")
VTU = os.path.join(top.name, "in.vtu")
open(FILE, "w").write("""mesh: {box: {cells: [12, 12]}}
fields: {u: {space: P2, test: v}}
equation: "dot(grad(u), grad(v))*dx == 1*v*dx"
conditions: [{on: boundary, value: 0}]
""")
RUN = ["run", FILE, "--backend", "interpreter", "--quiet"]
# what writes NAME in a folder
WRITERS = {
    "o.vtu": lambda path: [*RUN, "--out", os.path.dirname(path), "--set", f"output.file={os.path.basename(path)}"],
    "o.png": lambda path: [*RUN, "--out", os.path.dirname(path), "--set", f"output.picture.file={os.path.basename(path)}"],
    "r.json": lambda path: [*RUN, "--report", path],
    "plot.png": lambda path: ["plot", VTU, "-o", path],
}


def limit_size():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))


def galerkit(args, before=(), **more):
    return subprocess.run([*before, *USER, GALERKIT, *args], capture_output=True, text=True, timeout=120, cwd="/", **more)


def folder(name, mode=0o777):
    path = os.path.join(top.name, name)
    os.makedirs(path, exist_ok=True)
    os.chmod(path, mode)
    return path


def listing(path):
    return {e.name: open(e.path, "rb").read() if e.is_file() else None for e in os.scandir(path)}


def fails(args, where, target, reason, code=1, **more):
    """target: as the message names it; where: the folder that must stay as it is."""
    before = listing(where)
    r = galerkit(args, **more)
    what = f"galerkit {' '.join(args)}"
    good = r.returncode == code and r.stderr.startswith("galerkit: cannot ") and r.stderr.count("\n") == 1 and target in r.stderr and reason in r.stderr and not r.stdout
    check.that(good, f"{what}: status {r.returncode}, expected {code} with {target} and '{reason}'\n{r.stderr}{r.stdout}")
    check.that(listing(where) == before, f"{what}: left {set(listing(where)) ^ set(before)}, or changed what was there")


first = folder("first")
r = galerkit(WRITERS["o.vtu"](os.path.join(first, "o.vtu")))
check.that(r.returncode == 0, f"an ordinary user: {r}")
shutil.copy(os.path.join(first, "o.vtu"), VTU)

for name, args in WRITERS.items():
    at = folder(f"bad-{name}")
    old = os.path.join(at, "old-" + name)
    open(old, "w").write("old")
    os.mkdir(os.path.join(at, "folder-" + name))
    fails(args(os.path.join(at, "absent", "deep", name)), at, f"absent/deep/{name}", "No such file or directory", code=2)
    fails(args(os.path.join(at, "folder-" + name)), at, "folder-" + name, "Is a directory", code=2)
    fails(args(os.path.join(FILE, name)), top.name, name, "Not a directory", code=2)
    fails(args(os.path.join(at, name)), at, name, "File too large", preexec_fn=limit_size)
    os.chmod(at, 0o555)
    fails(args(old), at, old, "Permission denied", code=2)
    if ROOT_USER:  # in a folder like /tmp another user's file may not be replaced: the new one is written, its name refused
        os.chmod(at, 0o1777)
        fails(args(old), at, "rename the finished file to " + old, "Operation not permitted")
    os.chmod(at, 0o755 if ROOT_USER else 0o700)
if not ROOT_USER:
    check.skip("renaming onto another user's file: needs root to make one")

# ---- a disk that fills up ----
disk = folder("disk")
mount = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs -o size=8k,mode=777 tmpfs "$0" && echo old > "$0/o.vtu" && "$@"; code=$?; ls -A "$0" >&2; cat "$0/o.vtu" >&2; exit $code', disk]
if ROOT_USER and subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", disk], capture_output=True).returncode == 0:
    r = galerkit(WRITERS["o.vtu"](os.path.join(disk, "o.vtu")), before=mount)
    check.that(r.returncode == 1 and r.stderr == f"galerkit: cannot write {disk}/o.vtu: No space left on device\no.vtu\nold\n", f"a full disk: {r}")
else:
    check.skip("a full disk: needs root and a namespace of its own")

# ---- devices and links ----
for device, code in (("/dev/stdout", 0), ("/dev/null", 0), ("/dev/full", 1)):
    r = subprocess.run([GALERKIT, *WRITERS["r.json"](device)], capture_output=True, text=True)  # as who may replace devices
    check.that(r.returncode == code and ('"status": "ok"' in r.stdout) == (device == "/dev/stdout"), f"{device}: {r}")
    check.that(not stat.S_ISREG(os.lstat(device).st_mode), f"{device} became a file")
check.that("cannot write /dev/full: No space left on device" in r.stderr, f"/dev/full: {r}")
links = folder("links")
open(os.path.join(links, "real"), "w").write("old")
os.chmod(os.path.join(links, "real"), 0o666)
os.symlink("real", os.path.join(links, "r.json"))
r = galerkit(WRITERS["r.json"](os.path.join(links, "r.json")))
check.that(r.returncode == 0 and os.path.islink(os.path.join(links, "r.json")) and "status" in open(os.path.join(links, "real")).read() and len(os.listdir(links)) == 2, f"a link: {r} {os.listdir(links)}")

# ---- a mesh ----
if has_gmsh():
    open(os.path.join(top.name, "m.geo"), "w").write('SetFactory("OpenCASCADE"); Rectangle(1) = {0, 0, 0, 1, 1};\n')
    at = folder("mesh")
    os.mkdir(os.path.join(at, "d.msh"))
    for target, more in (("absent/o.msh", {}), ("d.msh", {}), ("o.msh", {"preexec_fn": limit_size})):
        before = listing(at)
        r = galerkit(["mesh", os.path.join(top.name, "m.geo"), "-o", os.path.join(at, target), "--quiet"], **more)
        check.that(r.returncode == (1 if more else 2) and target in r.stderr and "cannot" in r.stderr and listing(at) == before, f"mesh to {target}: {r} {os.listdir(at)}")
else:
    check.skip("galerkit-mesh is not built")

# ---- killed at any time ----
at = folder("killed", 0o700)
names = {"k.vtu": b"</VTKFile>\n", "k.png": b"IEND\xaeB`\x82", "k.json": b"}\n"}
args = [GALERKIT, *RUN, "--set", "mesh.box.cells=[40,40]", "--set", "output={file: k.vtu, picture: {file: k.png}}", "--out", at, "--report", os.path.join(at, "k.json")]
start = time.monotonic()
check.that(subprocess.run(args).returncode == 0, "the run that is to be killed")
whole = time.monotonic() - start
for i in range(8):
    for name in names:
        open(os.path.join(at, name), "w").write("old")
    p = subprocess.Popen(args)
    time.sleep(whole * (i + 1) / 9)
    p.kill()
    p.wait()
    for name, end in names.items():
        content = open(os.path.join(at, name), "rb").read()
        check.that(content == b"old" or content.endswith(end), f"killed after {i + 1}/9: {name} is broken: {len(content)} bytes, {content[-20:]}")
check.end()
