"""Claim: problems in time write pictures of every n-th output, a film and graphs of their results; colours and what is seen of space are the same in all of them, so that they
compare, or those of `range`; the time stands in each; progress on a terminal tells step, time, length, iterations and what is left; bad input is refused by one message."""
import os
import pty
import re
import struct
import tempfile

from gkt import BIN, ROOT, Checks, command

check = Checks()
HEAT, BAR = (os.path.join(ROOT, f"examples/time/{name}.yaml") for name in ("heat", "struck-bar"))
SMALL = ["--backend", "interpreter", "--set", "mesh.box.cells=[4,4]", "--set", "fields.u.space=P1", "--set", "time.output_every=2"]


def chunks(path):
    data, at = open(path, "rb").read(), 8
    while at < len(data):
        (n,) = struct.unpack(">I", data[at : at + 4])
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + n]
        at += 12 + n


def content(path):
    return open(path, "rb").read()


# ---- pictures of every second output, a film, a graph
with tempfile.TemporaryDirectory() as out:
    output = "output={picture: {file: a.png, every: 5, film: {file: film.png, every: 3, seconds: 0.2}}, graph: {file: g.png, values: [heat, middle]}}"
    r = command("run", HEAT, *SMALL, "--out", out, "--set", output)
    check.that(r.returncode == 0, r.stderr)
    files = sorted(os.listdir(out))
    check.that(files == ["a.png", "a_0000.png", "a_0005.png", "a_0010.png", "film.png", "g.png"], f"files {files}")
    check.that("written   a.png film.png g.png" in r.stdout, r.stdout)
    parts = list(chunks(f"{out}/film.png"))
    frames = [struct.unpack(">IIIIIHH", d[:24]) for k, d in parts if k == b"fcTL"]
    # outputs 0, 3, 6, 9 and the end, 10
    check.that(len(frames) == 5 and dict(parts)[b"acTL"][:4] == struct.pack(">I", 5) and frames[0][1:5] == (800, 600, 0, 0) and frames[1][5:] == (200, 1000), f"frames {frames}")
    seen = {name: content(f"{out}/{name}") for name in files}

# ---- the same with the range that the values have, from 0 to 1: numbered pictures are these, the end alone has colours of its own; and with another range
with tempfile.TemporaryDirectory() as out:
    for high in (1, 4):
        r = command("run", HEAT, *SMALL, "--out", out, "--set", f"output={{picture: {{file: a.png, every: 5, range: [0, {high}]}}}}")
        same = [name for name in sorted(os.listdir(out)) if seen[name] == content(f"{out}/{name}")]
        check.that(r.returncode == 0 and same == (["a_0000.png", "a_0005.png", "a_0010.png"] if high == 1 else []), f"range to {high}: the same are {same}, {r.stderr}")

# ---- lines
with tempfile.TemporaryDirectory() as out:
    r = command("run", BAR, "--backend", "interpreter", "--out", out, "--set", "mesh.box.cells=[20]", "--set", "time.step=0.1", "--set", "time.output_every=10", "--set",
                "output={file: bar.vtu, picture: {file: b.png, film: {file: film.png}}}")
    check.that(r.returncode == 0 and "written   bar.pvd b.png film.png" in r.stdout and os.path.exists(f"{out}/bar.pvd"), f"lines: {r.stdout} {r.stderr}")
    r = command("run", BAR, "--backend", "interpreter", "--out", out, "--set", "mesh.box.cells=[20]", "--set", "time.step=0.1", "--set", "time.output_every=10", "--set", "output={file: bar.xdmf}")
    check.that(r.returncode == 0 and "written   bar.xdmf bar.h5 in" in r.stdout and os.path.exists(f"{out}/bar.h5"), f"lines, XDMF: {r.stdout} {r.stderr}")


# ---- progress on a terminal
def on_terminal(*args):
    child, terminal = pty.fork()
    if child == 0:
        os.execv(os.path.join(BIN, "galerkit"), ["galerkit", *args])
    text = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        text += part
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text.decode().split("\r\033[K")


status, lines = on_terminal("run", os.path.join(ROOT, "examples/time/allen-cahn.yaml"), "--backend", "interpreter", "--set", "mesh={box: {cells: [6, 6]}}", "--set", "time.end=2000",
                            "--set", "time.step=10", "--set", "time.output_every=1000", "--set", "output={}")
steps = [line for line in lines if line.startswith("step ")]
form = r"step \d+ of 200, t = [\d.]+ of 2000(, dt = [\d.]+)?(, Newton \d+)?(, about \d+ (h \d+ min|min \d+ s|s) left)?$"
check.that(status == 0 and steps and all(re.match(form, line) for line in steps), f"progress: {steps}")
check.that(any("dt = 10" in line and "left" in line for line in steps) or len(steps) < 3, f"progress: {steps}")

# ---- jumps at the start are told, with what the scheme makes of them
for scheme, rings in (("crank-nicolson", True), ("bdf2", False)):
    r = command("run", HEAT, *SMALL, "--set", "output={}", "--set", "initial.u=1", "--set", f"time.scheme={scheme}")
    told = "at the start conditions move 'u' by up to 1 from what `initial` says, near x = (0, 0)"
    check.that(r.returncode == 0 and told in r.stderr and ("oscillates" in r.stderr) == rings, f"{scheme}: {r.stderr}")
r = command("run", HEAT, *SMALL, "--set", "output={}")
check.that("at the start" not in r.stderr, r.stderr)

# ---- the summary: what check promises; what explicit schemes need not do
r = command("check", HEAT, *SMALL)
check.that("  time      0 to 1 by crank-nicolson, 20 steps of 0.05\n  checked" in r.stdout, r.stdout)
r = command("run", HEAT, *SMALL, "--set", "output={}", "--set", "time.scheme=rk4", "--set", "time.step=0.02")
check.that(r.returncode == 0 and "by rk4, 50 steps of 0.02\n            explicit: no system was solved\n" in r.stdout, r.stdout + r.stderr)

# ---- bad input
for sets, message in [(["output.graph={file: g.png, values: [heet]}"], "output.graph.values.0: line 1, column 37: 'heet': no result of that name; did you mean 'heat'? expected a name of compute or probes"),
                      (["output.picture.range=[1, 0]"], "not a range of values; expected a lower and a higher number, as [0, 1]"),
                      (["output.picture.range=[1]"], "not a range of values"),
                      (["output.picture.film={file: f.png, every: 0}"], "expected every n-th output, n from 1"),
                      (["output.picture.film={file: f.png, seconds: 100}"], "out of range; expected 0.001 to 60 s for each picture"),
                      (["output.picture.film={file: f.gif}"], "'f.gif'"),
                      (["compute.a=dtt(u)*dx"], "dtt(u) is not known: the equation does not hold it"),
                      (["probes.a={at: [0.5, 0.5], value: dtt(u)}"], "dtt(u) is not known: the equation does not hold it"),
                      (["output.fields=[dtt(u)]"], "dtt(u) is not known: the equation does not hold it"),
                      (["output.graph={file: nowhere/g.png, values: heat}"], "nowhere/g.png")]:
    with tempfile.TemporaryDirectory() as out:
        r = command("run", HEAT, "--out", out, *[a for s in sets for a in ("--set", s)])
        check.that(r.returncode == 2 and message in r.stderr and r.stderr.count("\n") == 1, f"{sets}: status {r.returncode}, {r.stderr}")
for key, value in (("picture.every", "2"), ("picture.film", "{file: f.png}"), ("graph", "{file: g.png, values: a}")):
    r = command("check", os.path.join(ROOT, "examples/forms/poisson.yaml"), "--set", f"output.{key}={value}", "--set", "output.picture.file=a.png")
    word = key.split(".")[-1]
    check.that(r.returncode == 2 and f"'{word}': of a problem in time, in a file without the key `time`" in r.stderr, f"{key}: {r.stderr}")
check.end()
