"""Claim: every function that the public headers declare is called by a test or an example."""
import os
import pathlib
import re
import sys

root = pathlib.Path(os.environ["GKT_ROOT"])
declared = set()
for header in (root / "include/galerkit").glob("*.h"):
    declared |= set(re.findall(r"^GKT_API [^(;]*?\b(gkt_\w+)\(", header.read_text(), re.M))
texts = [p.read_text() for folder in ("tests", "examples/c") for p in (root / folder).glob("*.[ch]")]
called = {name for text in texts for name in re.findall(r"\b(gkt_\w+)\(", text)}
missing = sorted(declared - called)
if not declared or missing:
    sys.exit("declared but called by no test: " + (", ".join(missing) or "no declaration was found"))
