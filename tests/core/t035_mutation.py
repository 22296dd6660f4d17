"""Claim: every barrier in the text of a kernel is needed, and its absence is noticed: taken out in turn, a test of that kernel fails on the emulated device.

To add kernels: a row below. NAME is a word that only the text of their module has (a kernel's name), the files are those whose barriers are in that text (.cu, and .c that emit
text), the program is a test that runs them; it runs once for each barrier, so the shorter, the better. Files with barriers and no row are a failure. A barrier whose absence is not
noticed is not needed, or the test does not need it: mend the one or the other. Every third barrier of a row; with GKT_LONG=1 each."""
import os
import re
import subprocess
import sys
import tempfile

ROOT, BUILD = os.environ["GKT_ROOT"], os.environ["GKT_BUILD"]
ROWS = [  # NAME, files, program and its arguments
    ("gkt_vector_", ["core/sums.cu", "core/vector.cu"], ["tests/t430_device_vector"]),
    ("gkt_sort_", ["core/block_scan.cu", "core/sort.cu"], ["tests/t378_device_sort"]),
    ("gkt_plan_", ["assembly/patches_plan_stars.cu", "assembly/patches_plan_rows.cu", "assembly/patches_plan.cu", "assembly/patches_plan_deal.cu"], ["tests/t379_device_plan", "brief"]),
    (" gkt_patch(const", ["assembly/patches.cu", "assembly/patches_emit.c"], ["tests/t376_patch_barriers"]),
    (" gkt_patch(const", ["assembly/patches_emit_pairs.c"], ["tests/t376_patch_barriers", "pairs"]),
    ("gkt_number", ["assembly/numbers.cu"], ["tests/t394_number_barriers"]),
]
FOLDERS = ["core", "assembly", "solvers", "systems", "spaces"]
BARRIER = re.compile(r"__sync(?:threads|warp)\(")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


def count(path):
    return len(BARRIER.findall(COMMENT.sub("", open(os.path.join(ROOT, path)).read())))


def run(program, folder, name, k, seed):
    """What the program ended with, and the lines that lost a barrier."""
    dropped = os.path.join(folder, f"dropped-{seed}")
    env = {**os.environ, "GKT_DEVICE": "emulated", "XDG_CACHE_HOME": folder, "GKT_EMULATED_DROPPED": dropped}
    if k is not None:
        env["GKT_EMULATED_DROP"] = f"{name}:{k}"
    if seed:
        env["GKT_EMULATED_SEED"] = str(seed)
    r = subprocess.run([os.path.join(BUILD, program[0]), *program[1:]], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=250)
    return r, sorted(set(open(dropped).read().splitlines())) if os.path.exists(dropped) else []


def mutate(name, files, program):
    """One after the other; what went unnoticed. Texts may have fewer of them, or have them in code that is not compiled."""
    unnoticed, seen, most = [], set(), sum(count(f) for f in files)
    if not os.path.exists(os.path.join(BUILD, program[0])):
        return [f"{program[0]} is not there; expected a build with all tests"]
    with tempfile.TemporaryDirectory() as folder:
        r, _ = run(program, folder, name, None, 0)
        if r.returncode:
            return [f"{program[0]} fails as it is:\n{r.stdout[-2000:]}"]
    for k in range(0, 1000, 1 if os.environ.get("GKT_LONG") else 3):
        with tempfile.TemporaryDirectory() as folder:
            r, lines = run(program, folder, name, k, 0)
            for seed in (1, 2):
                if lines and r.returncode == 0:
                    r, _ = run(program, folder, name, k, seed)
        if not lines and k >= most:  # emitted text may have more than its source
            break
        seen.update(lines)
        if lines and r.returncode == 0:
            unnoticed.append(f"{', '.join(files)}: {program[0]} does not miss barrier {k} of {most}: {' | '.join(line.strip() for line in lines)}")
        if "-v" in sys.argv:
            found = re.search(r"without a barrier between them|nobody wrote|ERROR.*", r.stdout)
            print(f"{program[0]} {k}: {' | '.join(line.strip() for line in lines)}: {r.returncode}, {found.group() if found else ''}")
    return unnoticed or ([] if seen else [f"no text of {program[0]} has the word {name} and a barrier"])


def main():
    listed = {f for _, files, _ in ROWS for f in files}
    bad = []
    for folder in FOLDERS:
        for path in sorted(os.listdir(os.path.join(ROOT, folder))):
            name = f"{folder}/{path}"
            if path.endswith((".cu", ".c")) and name != "core/device_prelude.cu" and name not in listed and count(name):
                bad.append(f"{name} has {count(name)} barriers and no row in {os.path.basename(__file__)}")
    for row in ROWS:
        if len(sys.argv) < 2 or sys.argv[-1].startswith("-") or any(sys.argv[-1] in f for f in row[1]):
            bad += mutate(*row)
    for line in bad:
        print(line)
    sys.exit(bool(bad))


main()
