"""What scripts/bench-time.sh prints: compare_time.py COUNT. CPU seconds of a step of Galerkit are the difference of two runs, of 5 and of COUNT steps, each the least of two, over the
steps between: all that a step costs, nothing of what is done once. Status 1 where a true residual or a solution is missed."""
import json
import os
import resource
import subprocess
import sys
import tempfile

SKIPPED, BOXES = 5, 58
CASES = {"heat": (0.001, 1), "wave": (0.002, 10)}  # step; how many times COUNT


def cpu(problem, step, steps, folder):
    """CPU seconds of a run, and its report."""
    report = os.path.join(folder, "r.json")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["build/bin/galerkit", "run", f"bench/time/{problem}.yaml", "--set", f"time.end={step * steps!r}", "--threads", "1", "--quiet", "--out", folder, "--report", report], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, json.load(open(report))


def ours(problem, step, count, folder):
    few, many = (min((cpu(problem, step, n, folder) for _ in range(2)), key=lambda r: r[0]) for n in (SKIPPED, count))
    linear = many[1]["counts"]["linear"] - few[1]["counts"]["linear"]
    return (many[0] - few[0]) / (count - SKIPPED), linear / (count - SKIPPED), many[1]


def theirs(problem, step, count):
    env = {**os.environ, "LD_LIBRARY_PATH": "build/peers/dolfinx/lib"}
    r = subprocess.run(["build/peers/dolfinx/bin/python", "bench/peers/run_dolfinx_time.py", problem, str(BOXES), str(step), str(count)], capture_output=True, text=True, check=True, env=env)
    return json.loads(r.stdout.splitlines()[-1])


def main(count):
    print("| steps | CPU ms of a step | steps per second | iterations | Galerkit is faster by |\n| --- | --: | --: | --: | --: |")
    for problem, (step, times) in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            seconds, iterations, report = ours(problem, step, count * times, folder)
        print(f"| {problem}, Galerkit | {1e3 * seconds:.1f} | {1 / seconds:.0f} | {iterations:.1f} | |")
        missed = problem == "heat" and not report["linear"]["residual"] <= 1e-10
        peer = theirs(problem, step, count)
        missed = missed or peer["dofs"] != report["dofs"]
        for way, run in peer["runs"].items():
            print(f"| {problem}, DOLFINx, {way} | {1e3 * run['seconds']:.1f} | {1 / run['seconds']:.0f} | {run.get('iterations', 0):.1f} | {run['seconds'] / seconds:.2f} |")
            missed = missed or not run.get("residual", 0) <= 2e-10
        if missed:
            sys.exit(f"bench-time: {problem}: a residual or a size is missed: {peer}, {report['linear']}")


main(int(sys.argv[1]))
