"""Claim: every function that the public headers declare is called by a test or an example; no header defines one, and none is wider than 110 columns."""
import os
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(os.environ["GKT_ROOT"])
listed = subprocess.run([sys.executable, root / "scripts/list-declarations.py"], capture_output=True, text=True, check=True).stdout.splitlines()
declared = {re.match(r"function (\w+):", line).group(1) for line in listed if line.startswith("function")}
texts = [p.read_text() for folder in ("tests", "examples/c") for p in (root / folder).rglob("*.[ch]")]
called = {name for text in texts for name in re.findall(r"\b(gkt_\w+)\(", text)}
missing = sorted(declared - called)
if not declared or missing:
    sys.exit("declared but called by no test: " + (", ".join(missing) or "no declaration was found"))
defined = [line for line in listed if re.match(r"function .*(\binline\b|\{)", line)]
if defined:
    sys.exit("public headers define functions, which no binding can call:\n" + "\n".join(defined))
wide = [f"{p.name}:{n}" for p in (root / "include/galerkit").glob("*.h") for n, line in enumerate(p.read_text().splitlines(), 1) if len(line) > 110]
if wide:
    sys.exit("wider than 110 columns: " + ", ".join(wide))
