"""Claim: a run that is killed at any moment, while it computes, compiles or writes, leaves of each output the old file or the whole new one, and a cache that the next run works
with, and nothing beside the outputs; runs that start at the same time on one empty cache all succeed."""
import json
import os
import random
import shutil
import subprocess
import tempfile
import time

import gkt

PROBLEM = """
mesh: {box: {cells: [30, 30], shape: quad}}
fields: {u: {space: P2, test: v}}
equation: dot(grad(u), grad(v))*dx == (1 + x[0])*v*dx
conditions: [{on: left, value: 0}]
output: {file: a.vtu, fields: [u], picture: {file: a.png, color: u}}
"""
OLD = b"what was there before"


def can_be_nameless():
    """Outputs are files without a name until they are whole, where the file system has such files."""
    try:
        os.close(os.open(tempfile.gettempdir(), os.O_TMPFILE | os.O_WRONLY))
    except OSError:
        return False
    return True


NAMELESS = can_be_nameless()
check = gkt.Checks()


class Place:
    """A folder with a problem, its outputs and a cache of its own."""

    def __init__(self, folder):
        self.folder, self.out, self.cache = folder, os.path.join(folder, "out"), os.path.join(folder, "cache")
        self.names = ["a.vtu", "a.png", "a.json"]
        with open(os.path.join(folder, "a.yaml"), "w") as file:
            file.write(PROBLEM)

    def start(self, out=None):
        out = out or self.out
        os.makedirs(out, exist_ok=True)
        command = [os.path.join(gkt.BIN, "galerkit"), "run", os.path.join(self.folder, "a.yaml"), "--quiet", "--out", out, "--report", os.path.join(out, "a.json")]
        return subprocess.Popen(command, env=dict(os.environ, XDG_CACHE_HOME=self.cache), stderr=subprocess.PIPE)

    def finish(self, process, what):
        error = process.communicate(timeout=200)[1].decode()
        check.that(process.returncode == 0 and not error, f"{what}: status {process.returncode}: {error}")

    def make_old(self):
        for name in self.names:
            with open(os.path.join(self.out, name), "wb") as file:
                file.write(OLD)

    def read(self, name, out=None):
        with open(os.path.join(out or self.out, name), "rb") as file:
            return file.read()

    def temporaries(self):
        """Files that are being written: names with a random end. Those in the cache are the compiler's as well."""
        folders = [self.out, os.path.join(self.cache, "galerkit")]
        return {name for folder in folders if os.path.isdir(folder) for name in os.listdir(folder) if not name.endswith((".c", ".so", ".cu", ".image", ".vtu", ".png", ".json"))}

    def check_whole(self, reference, what):
        for name in self.names:
            data = self.read(name)
            whole = data == OLD or (data == reference[name] if name != "a.json" else json.loads(data)["status"] == "ok")
            check.that(whole, f"{what}: {name} is neither the old file nor the new one ({len(data)} bytes)")


def kill_after(place, seconds):
    process = place.start()
    time.sleep(seconds)
    process.kill()
    process.communicate()


def kill_while_writing(place, count):
    """As soon as the count-th temporary has appeared."""
    process, seen, before = place.start(), set(), place.temporaries()
    while process.poll() is None and len(seen) < count:
        seen |= place.temporaries() - before
    process.kill()
    process.communicate()
    return len(seen) == count


def killed(place):
    start = time.monotonic()
    place.finish(place.start(), "the first run")
    slow = time.monotonic() - start
    reference = {name: place.read(name) for name in place.names}
    start = time.monotonic()
    place.finish(place.start(), "the second run")
    fast = time.monotonic() - start
    caught = moments = 0
    for k in range(16):
        compiles = k % 4 == 3
        if compiles:
            shutil.rmtree(place.cache)
        place.make_old()
        if k % 2:
            caught += kill_while_writing(place, 1 + k // 4 % 3)
        else:
            kill_after(place, random.uniform(0, slow if compiles else fast))
        place.check_whole(reference, f"kill {k}")
        if NAMELESS:
            left = set(os.listdir(place.out)) - set(place.names)
            moments += len(left)
            for name in left:
                os.remove(os.path.join(place.out, name))
    check.that(moments <= 1, f"{moments} of 16 kills left a file beside the outputs")  # a whole file has a name of its own for the moment before it is renamed
    check.that(caught > 2, f"{caught} of 8 runs were caught while they wrote")
    place.finish(place.start(), "the run after all kills")
    for name in ("a.vtu", "a.png"):
        check.that(place.read(name) == reference[name], f"{name} after all kills")


def side_by_side(place):
    for repeat in range(2):
        shutil.rmtree(place.cache)
        outs = [os.path.join(place.folder, f"out{k}") for k in range(3)]
        for k, process in enumerate([place.start(out) for out in outs]):
            place.finish(process, f"run {k} of three at once")
        check.that(len({place.read("a.vtu", out) for out in outs}) == 1, "three runs at once give one answer")
        left = set(os.listdir(os.path.join(place.cache, "galerkit")))
        check.that(all(name.endswith((".c", ".so", ".cu", ".image")) for name in left), f"left in the cache: {left}")


random.seed(3)
with tempfile.TemporaryDirectory() as folder:
    place = Place(folder)
    killed(place)
    side_by_side(place)
check.end()
