"""Claim: every complete problem in a fenced yaml block of README.md and docs/*.md runs as it stands, and so does the problem in `galerkit --help`."""
import glob
import os
import re
import tempfile

from gkt import ROOT, Checks, command

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
r = command("--help")
with tempfile.TemporaryDirectory() as folder:
    text = re.search(r"\(poisson.yaml\):\n\n(.*?)\n\n", r.stdout, re.S).group(1)
    file = os.path.join(folder, "poisson.yaml")
    open(file, "w").write("\n".join(line[2:] for line in text.split("\n")))
    r = command("run", file, "--quiet", "--out", folder)
    check.that(r.returncode == 0 and os.path.exists(os.path.join(folder, "poisson.png")), f"the problem in --help: status {r.returncode}\n{r.stderr}")
check.end()
