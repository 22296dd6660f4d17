"""Claim: every complete problem in a fenced yaml block of README.md and docs/*.md runs as it stands, and so does the problem in `galerkit --help`; what they show of the command's
output is what it prints."""
import glob
import os
import re
import tempfile

from gkt import CPU, ROOT, Checks, command, has_gmsh

check = Checks()
for path in [os.path.join(ROOT, "README.md"), *sorted(glob.glob(os.path.join(ROOT, "docs", "*.md")))]:
    name = os.path.relpath(path, ROOT)
    for i, text in enumerate(re.findall(r"^```yaml\n(.*?)^```", open(path).read(), re.S | re.M)):
        if not re.search(r"^mesh:", text, re.M) or not re.search(r"^(equation|energy):", text, re.M):
            continue
        if re.search(r"^mesh:.*(file|geometry):", text, re.M):
            check.skip(f"{name}, yaml block {i + 1}: its mesh is the reader's own")
            continue
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "problem.yaml")
            open(file, "w").write(text)
            r = command("run", file, "--quiet", "--out", folder)
            check.that(r.returncode == 0, f"{name}, yaml block {i + 1}: status {r.returncode}\n{r.stderr}")
plate = re.search(r"^```yaml\n(.*?)^```", open(os.path.join(ROOT, "README.md")).read(), re.S | re.M).group(1)
texts = [t for d in ("README.md", "docs/problem-file.md", "docs/optimization.md") for t in re.findall(r"^```text\n(.*?)^```", open(os.path.join(ROOT, d)).read(), re.S | re.M)]


def run_text(text, *args, name="plate.yaml"):
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, name), "w").write(text)
        return command(args[0], name, *args[1:], cwd=folder)


for text in texts:
    if text.startswith("mesh:") and has_gmsh():  # a part of the reader's own: the bracket stands in for it
        heat = 'fields: {u: {space: P1, test: v}}\nequation: "dot(grad(u), grad(v))*dx == 1*v*dx"\n'
        r = run_text(re.sub(r"\w+\.step", f"{ROOT}/examples/bracket/bracket.step", text) + heat, "check", "--set", "mesh.size=0.01")
        check.that(r.returncode == 0, f"{text}status {r.returncode}\n{r.stderr}")
    elif text.startswith("A heated plate"):
        out = run_text(plate, "run", *CPU).stdout
        for line in text.split("\n")[:6]:
            check.that(line in out, f"the summary in the document shows {line!r}, the command printed\n{out}")
    elif text.startswith("  gradient  by k:"):
        out = command("run", os.path.join(ROOT, "examples/adjoint/conductivity.yaml"), "--set", "output={}", *CPU).stdout
        for line in text.strip("\n").split("\n"):
            check.that(line in out, f"docs/optimization.md shows {line!r}, the command printed\n{out}")
    elif text.startswith("plate.yaml: fields.u"):
        r = run_text(plate.replace("fields: {T: {space", "fields: {u: {spce").replace("(T)", "(u)"), "check")
        check.that(r.returncode == 2 and text.strip() in r.stderr, f"{text}the command said\n{r.stderr}")
r = command("--help")
with tempfile.TemporaryDirectory() as folder:
    text = re.search(r"\(poisson.yaml\):\n\n(.*?)\n\n", r.stdout, re.S).group(1)
    file = os.path.join(folder, "poisson.yaml")
    open(file, "w").write("\n".join(line[2:] for line in text.split("\n")))
    r = command("run", file, "--quiet", "--out", folder)
    check.that(r.returncode == 0 and os.path.exists(os.path.join(folder, "poisson.png")), f"the problem in --help: status {r.returncode}\n{r.stderr}")
check.end()
