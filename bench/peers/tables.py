"""What the comparisons share: results of one case by three runs, a table, the refusal where programs disagree."""
import json
import os


def read(folder, name, which):
    """What was written for a case, and its one case. which: ours, theirs, two (threads)."""
    whole = json.load(open(os.path.join(folder, f"{name}.{which}.json")))
    return whole, whole["cases"][0]


def measured(folder, names):
    found = [n for n in names if os.path.exists(os.path.join(folder, f"{n}.theirs.json"))]
    return found or exit_with(f"no CASE.theirs.json in {folder}")


def same_sizes(a, b):
    return all(a[k] == b[k] for k in ("cells", "dofs", "nonzeros"))


def print_table(head, rows, words=1):
    """words: columns of text, at the left."""
    for cells in [head, ["---"] * words + ["--:"] * (len(head) - words), *rows]:
        print("| " + " | ".join(cells) + " |")


def refuse(wrong):
    if wrong:
        exit_with(f"the programs disagree on {', '.join(wrong)}")


def exit_with(text):
    raise SystemExit(f"compare: {text}")
