"""Claim: `galerkit bench` becomes galerkit-bench, the one beside it before one on $PATH: the same process, all arguments as they were given, its exit status, its end by Ctrl-C; where
there is none, one message and status 1. The program needs nothing of the library but what its public headers declare."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from gkt import BIN, ROOT, Checks

check = Checks()
folder = tempfile.TemporaryDirectory()
path = lambda *names: os.path.join(folder.name, *names)
os.makedirs(path("alone"))
os.makedirs(path("elsewhere"))
shutil.copy(os.path.join(BIN, "galerkit"), path("alone"))
ARGS = ["solve", "a b", "$(touch " + path("shell") + ")", ";", "", "--", "-x=\"y\""]
environment = dict(os.environ, PATH=path("elsewhere") + ":/usr/bin:/bin")


def start(*args):
    return subprocess.Popen([path("alone", "galerkit"), "bench", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def result(*args):
    process = start(*args)
    out, err = process.communicate(timeout=60)
    return process, out, err


def install(where, status):
    with open(path(where, "galerkit-bench"), "w") as file:
        file.write(f"#!/bin/sh\necho {where} $$\nprintf '<%s>\\n' \"$@\"\nexit {status}\n")
    os.chmod(path(where, "galerkit-bench"), 0o755)


# ---- absent, on $PATH, beside ----
process, out, err = result(*ARGS)
check.that(process.returncode == 1 and not out and err == "galerkit: cannot start galerkit-bench: No such file or directory; it is built and installed beside galerkit\n", f"absent: {process.returncode} {out}{err}")
for where, status in (("elsewhere", 7), ("alone", 0)):
    install(where, status)
    process, out, err = result(*ARGS)
    wanted = f"{where} {process.pid}\n" + "".join(f"<{a}>\n" for a in ARGS)
    check.that(process.returncode == status and out == wanted and not err, f"{where}: status {process.returncode}, expected {status}\n{out}{err}expected\n{wanted}")
check.that(not os.path.exists(path("shell")), "a shell has seen the arguments")

# ---- Ctrl-C ends what is measured, in the middle of it, and leaves no file ----
os.remove(path("alone", "galerkit-bench"))
os.symlink(os.path.join(BIN, "galerkit-bench"), path("alone", "galerkit-bench"))
process = start("assembly", "--case", "poisson-p1", "--set", "mesh.box.cells=[4, 4, 4]", "--backend", "interpreter", "--repeat", "10000", "--json", path("b.json"))
deadline = time.monotonic() + 60
while time.monotonic() < deadline and "galerkit-bench" not in os.readlink(f"/proc/{process.pid}/exe"):
    time.sleep(0.01)
process.send_signal(signal.SIGINT)
process.communicate(timeout=60)
check.that(process.returncode == -signal.SIGINT and not os.path.exists(path("b.json")), f"Ctrl-C: status {process.returncode}")

# ---- a client of the public headers ----
wanted = {s for s in subprocess.run(["nm", "-u", os.path.join(BIN, "galerkit-bench")], capture_output=True, text=True).stdout.split() if s.startswith("gkt_")}
declared = set(re.findall(r"\b(gkt_\w+)\(", "".join(open(os.path.join(ROOT, "include/galerkit", h)).read() for h in os.listdir(os.path.join(ROOT, "include/galerkit")))))
check.that(wanted and wanted <= declared, f"galerkit-bench calls {sorted(wanted - declared) or 'nothing of the library'}")
check.end()
