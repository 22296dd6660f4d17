"""Runs the command as a user would, for the tests from outside."""
import json
import math
import os
import re
import struct
import subprocess
import tempfile

ROOT = os.environ["GKT_ROOT"]
BIN = os.environ["GKT_BIN"]
CPU = ("--backend", "cpu")  # arguments of a case whose claim speaks of the CPU, whatever GKT_BACKEND says: its models, its solvers, what a document shows of it


def emulated(usual, small):
    """A size that is smaller where the emulated device runs kernels, some thousand times slower than a processor; GKT_LONG=1: nowhere."""
    slow = os.environ.get("GKT_BACKEND") == "cuda" and os.environ.get("GKT_DEVICE") == "emulated" and not os.environ.get("GKT_LONG")
    return small if slow else usual


def command(*args, cwd=None, timeout=280, env=None):
    return subprocess.run([os.path.join(BIN, "galerkit"), *map(str, args)], capture_output=True, text=True, cwd=cwd, timeout=timeout, env=env)


def run(problem, *args, status=0, timeout=280):
    """The report of `galerkit run problem args`; outputs go to a folder that is removed."""
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        r = command("run", os.path.join(ROOT, problem), "--quiet", "--out", folder, "--report", report, *args, timeout=timeout)
        assert r.returncode == status, f"{problem} {' '.join(map(str, args))}: status {r.returncode}, expected {status}\n{r.stderr}"
        return json.load(open(report)) if os.path.exists(report) else {"stderr": r.stderr}


def order(coarse, fine, ratio=2):
    return math.log(coarse / fine) / math.log(ratio)


def has_gmsh():
    return os.path.exists(os.path.join(BIN, "galerkit-mesh"))


FORMATS = {"Float64": "d", "Int32": "i", "Int64": "q", "UInt8": "B"}


def read_vtu(path):
    """Arrays by section and name, as lists of numbers; a reader of its own."""
    data = open(path, "rb").read()
    head, raw = data[: data.index(b"\n_")].decode(), data[data.index(b"\n_") + 2 :]
    arrays = {}
    for section in ("PointData", "CellData", "Points", "Cells"):
        body = re.search(f"<{section}[^>]*>(.*?)</{section}>", head, re.S).group(1)
        for tag in re.findall("<DataArray [^>]*>", body):
            a = dict(re.findall('(\\w+)="([^"]*)"', tag))
            at = int(a["offset"])
            (length,) = struct.unpack_from("<Q", raw, at)
            code = FORMATS[a["type"]]
            arrays[section, a["Name"]] = list(struct.unpack_from(f"<{length // struct.calcsize(code)}{code}", raw, at + 8))
    return arrays


class Checks:
    """Counts; says what failed; exit status at the end."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def that(self, condition, text):
        self.passed += bool(condition)
        self.failed += not condition
        if not condition:
            print("FAILED:", text)

    def skip(self, text):
        self.skipped += 1
        print("skipped:", text)

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        raise SystemExit(bool(self.failed))
