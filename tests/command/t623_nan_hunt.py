"""Claim: random expressions with roots and logarithms outside of their domains, comparisons and conditionals have the nodal values that Python gives them, where a NaN that is
compared, or that is a condition, is NaN: as many nodes without a finite value, and the same extremes of the others. 150 expressions; 3000 with GKT_LONG=1."""
import json
import math
import os
import random
import re
import tempfile

from gkt import Checks, command

check = Checks()
random.seed(20)
NAN, INF = math.nan, math.inf
N = 4  # cells a side: coordinates are quarters, exact


def guarded(f, at_zero=NAN):
    def g(a):
        if math.isnan(a):
            return a
        try:
            return f(a)
        except OverflowError:
            return INF
        except ValueError:
            return at_zero if a == 0 else NAN

    return g


def divide(a, b):
    if b != 0:
        return a / b
    return NAN if a == 0 or math.isnan(a) or math.isnan(b) else math.copysign(INF, a) * math.copysign(1, b)


def either_nan(a, b):
    return math.isnan(a) or math.isnan(b)


def sign(a):
    return a if math.isnan(a) else (a > 0) - (a < 0)


ONE = {"ln": guarded(math.log, -INF), "sqrt": guarded(math.sqrt), "asin": guarded(math.asin), "acos": guarded(math.acos), "abs": abs, "sign": sign, "atan": guarded(math.atan)}
TWO = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": divide,
    "<": lambda a, b: NAN if either_nan(a, b) else float(a < b),
    "<=": lambda a, b: NAN if either_nan(a, b) else float(a <= b),
    ">": lambda a, b: NAN if either_nan(a, b) else float(a > b),
    ">=": lambda a, b: NAN if either_nan(a, b) else float(a >= b),
    "min": lambda a, b: NAN if either_nan(a, b) else min(a, b),
    "max": lambda a, b: NAN if either_nan(a, b) else max(a, b),
}


def leaf():
    """No number alone: what is constant is folded, and refused where it is not finite."""
    k = random.randrange(2)
    if random.random() < 0.3:
        return f"x[{k}]", lambda x: x[k]
    a, b = round(random.uniform(0.3, 2.9), 3), round(random.uniform(-1.9, -0.1), 3)
    return f"({a}*x[{k}] + ({b}))", lambda x: a * x[k] + b


def tree(depth):
    if depth == 0:
        return leaf()
    kind = random.random()
    if kind < 0.3:
        name = random.choice(list(ONE))
        text, f = tree(depth - 1)
        return f"{name}({text})", lambda x: ONE[name](f(x))
    if kind < 0.8:
        name = random.choice(list(TWO))
        left, right = tree(depth - 1), tree(random.randrange(depth))
        if left[0] == right[0]:
            return tree(depth)  # a - a is 0 whatever a is
        text = f"{name}({left[0]}, {right[0]})" if name.isalpha() else f"({left[0]} {name} {right[0]})"
        return text, lambda x: TWO[name](left[1](x), right[1](x))
    c, a, b = tree(depth - 1), tree(random.randrange(depth)), tree(random.randrange(depth))
    if a[0] == b[0]:
        return tree(depth)

    def choose(x):
        value = c[1](x)
        return value if math.isnan(value) else (a[1](x) if value != 0 else b[1](x))

    return f"conditional({c[0]}, {a[0]}, {b[0]})", choose


def judge(text, f, report, name, warnings):
    values = [f((i / N, j / N)) for i in range(N + 1) for j in range(N + 1)]
    finite = [v for v in values if math.isfinite(v)]
    found = re.search(r"\((\d+) of 25 nodes\)", warnings.get(name, "(0 of 25 nodes)"))
    check.that(int(found.group(1)) == 25 - len(finite), f"{text}: {warnings.get(name)}, expected {25 - len(finite)}")
    got = report["functionals"][name]
    # a few operations on doubles, which may be ordered otherwise, and functions of two libraries
    right = got is None if not finite else got is not None and abs(got - max(finite)) <= 1e-9 * max(1, abs(max(finite)))
    check.that(right, f"{text}: max {got}, expected {max(finite) if finite else None}")


with tempfile.TemporaryDirectory() as folder:
    path, out = os.path.join(folder, "p.yaml"), os.path.join(folder, "r.json")
    for batch in range(60 if os.environ.get("GKT_LONG") else 3):
        some = {f"e{i}": tree(random.randrange(1, 5)) for i in range(50)}
        lines = "".join(f'  {name}: {{max: "{text}"}}\n' for name, (text, _) in some.items())
        open(path, "w").write(f"mesh: {{box: {{cells: [{N}, {N}]}}}}\nfields: {{u: {{space: P1, test: v}}}}\nequation: u*v*dx == v*dx\ncompute:\n{lines}")
        r = command("run", path, "--quiet", "--out", folder, "--report", out, "--backend", "interpreter")
        check.that(r.returncode == 0, r.stderr[:2000])
        report = json.load(open(out))
        warnings = {re.search(r"compute\.(e\d+)\.max", w).group(1): w for w in report["warnings"]}
        for name, (text, f) in some.items():
            judge(text, f, report, name, warnings)
check.end()
