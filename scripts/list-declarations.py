#!/usr/bin/env python3
"""Lists what the public headers declare, one declaration a line, as a generator of bindings needs it.

    scripts/list-declarations.py [FOLDER of galerkit/*.h]

Lines are `KIND NAME: TEXT` in the order of the headers; KIND is function, struct, enum, type or constant (an object-like macro). The headers are
preprocessed by $CC (default cc); TEXT is what is left, without attributes and on one line. petsc.h, which needs PETSc's headers, is left out where
these are not found."""
import os
import re
import subprocess
import sys

folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "../include")
compiler = os.environ.get("CC", "cc")
flags = subprocess.run(["pkg-config", "--cflags", "PETSc", "ompi-c"], capture_output=True, text=True).stdout.split()


def preprocess(header, *options):
    return subprocess.run([compiler, "-std=c11", "-E", f"-I{folder}", *flags, *options, "-"], input=f'#include "galerkit/{header}"\n',
                          capture_output=True, text=True)


def own_text(output):
    """The lines that come from the public headers themselves."""
    own, lines = False, []
    for line in output.splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            own = "/galerkit/" in marker.group(1)
        elif own:
            lines.append(line)
    return " ".join(lines)


def without_attributes(text):
    while "__attribute__" in text:
        begin = text.index("__attribute__")
        end, depth = text.index("(", begin), 0
        while True:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
            if not depth:
                break
        text = text[:begin] + text[end:]
    return text


def statements(text):
    depth, begin = 0, 0
    for at, c in enumerate(text):
        depth += {"{": 1, "}": -1}.get(c, 0)
        if c == ";" and not depth:
            yield re.sub(r"\s+", " ", text[begin:at]).strip()
            begin = at + 1


def name_of(statement):
    kind = re.match(r"typedef (struct|enum)\b", statement)
    if kind and "{" in statement:
        return kind.group(1), statement.split("}")[-1].strip()
    if statement.startswith("enum"):
        return "enum", ""
    if statement.startswith("typedef"):
        function = re.search(r"(\w+)\s*\(", statement)
        return "type", function.group(1) if function else statement.split()[-1]
    return "function", re.search(r"(\w+)\s*\(", statement).group(1)


headers = ["galerkit.h"] + (["petsc.h"] if preprocess("petsc.h").returncode == 0 else [])
seen = set()
for header in headers:
    for macro in preprocess(header, "-dM").stdout.splitlines():
        constant = re.match(r"#define (GKT_\w+) (.+)", macro)
        if constant and not re.search(r"__attribute__|^X\(|\bX\(", constant.group(2)):
            seen.add(f"constant {constant.group(1)}: {constant.group(2)}")
    result = preprocess(header)
    if result.returncode:
        sys.exit(result.stderr)
    for statement in statements(without_attributes(own_text(result.stdout))):
        kind, name = name_of(statement)
        line = f"{kind} {name}: {statement}"
        if line not in seen:
            seen.add(line)
            print(line)
print(*sorted(line for line in seen if line.startswith("constant")), sep="\n")
