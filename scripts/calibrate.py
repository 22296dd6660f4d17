#!/usr/bin/env python3
"""The rates of a card in the model of costs, from what gpu-check.sh measured: scripts/calibrate.py gpu-check.json [FILE]
Prints the card's line of core/device_cards.inc (FILE: another one) before and after, with --write puts it there. What was not measured stays as it is; figures of the emulated device, and
of a stage that failed, are refused. Beside them: what was measured of kernels over what was predicted for them, which no constant changes."""
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FIELDS = ["architecture", "processors", "name", "clock", "shared", "dram", "l2", "wavefronts", "fp64", "instructions", "launch", "replay", "whence"]
PER_LOAD = 16  # loads of 8 bytes in a wavefront of 128


def refuse(why):
    sys.exit(f"calibrate: {why}")


def results(check):
    """Of the stages that went well, by the name of their check."""
    found = {}
    for stage in check["stages"]:
        for result in stage["result"] if isinstance(stage["result"], list) and stage["status"] == 0 else []:
            if isinstance(result, dict) and "check" in result and not result.get("error"):
                found[result["check"]] = result
    return found


def measured(found, clock):
    """Fields of a card. Rates of multiprocessors are for one of them, in a clock."""
    processors = found["device"]["processors"]
    each = processors * clock
    sources = {
        "dram": ("copy", "bytes_per_second", 1), "l2": ("l2", "bytes_per_second", 1), "wavefronts": ("gather", "ordered_loads_per_second", 1 / PER_LOAD / each),
        "fp64": ("work", "fp64_per_second", 1 / each), "instructions": ("work", "instructions_per_second", 1 / each),
        "launch": ("launches", "seconds_per_launch", 1), "replay": ("launches", "seconds_per_recorded_launch", 1),
    }
    out = {"processors": processors, "shared": found["device"]["shared_bytes"]}
    for field, (stage, key, factor) in sources.items():
        value = found.get(stage, {}).get(key)
        if value:
            out[field] = float(f"{value * factor:.4g}")
    return out


def clock_of(check, before):
    """nvidia-smi's highest clock of multiprocessors; else the card's."""
    parts = [p.strip() for p in check["gpu_and_driver"].split(",")]
    mhz = re.fullmatch(r"(\d+) MHz", parts[2]) if len(parts) > 2 else None
    return 1e6 * int(mhz[1]) if mhz else before


def driver_of(check):
    return (check["gpu_and_driver"].split(",") + ["not known"])[1].strip()


def read_card(line):
    return dict(zip(FIELDS, json.loads("[" + line[len("GKT_CARD("):-1] + "]")))


def write_card(card):
    return "GKT_CARD(" + ", ".join(json.dumps(card[f]) if isinstance(card[f], str) else f"{card[f]:.10g}" for f in FIELDS) + ")"


def tell_kernels(found):
    for name, f in found.get("fused", {}).items():
        if isinstance(f, dict) and f.get("cells_per_second_predicted"):
            least, most = f["cells_per_second_predicted"]
            print(f"{name}: measured {f['cells_per_second'] / 1e9:.3g} G cells a second, predicted before {least / 1e9:.3g} to {most / 1e9:.3g}, limit {f['predicted_limit']}")


def main(arguments):
    write = "--write" in arguments
    names = [a for a in arguments if a != "--write"]
    if len(names) not in (1, 2):
        refuse("expected gpu-check.json [device_cards.inc] [--write]")
    check, path = json.load(open(names[0])), names[1] if len(names) == 2 else os.path.join(ROOT, "core", "device_cards.inc")
    if check["emulated"]:
        refuse("the emulated device has no rates")
    found = results(check)
    if "device" not in found:
        refuse("the stage `device` did not go well: no GPU was measured")
    lines = open(path).read().splitlines()
    for n, line in enumerate(lines):
        if line.startswith("GKT_CARD(") and read_card(line)["architecture"] == found["device"]["architecture"]:
            break
    else:
        refuse(f"{path} has no card of sm_{found['device']['architecture']}")
    card = read_card(lines[n])
    card["clock"] = clock_of(check, card["clock"])
    now = measured(found, card["clock"])
    card |= now
    missing = [f for f in ("dram", "l2", "wavefronts", "fp64", "instructions", "launch", "replay") if f not in now]
    card["whence"] = f"measured {check['date'][:10]} on {found['device']['device']}, driver {driver_of(check)}, commit {check['commit']}"
    if missing:
        card["whence"] += "; not measured: " + ", ".join(missing)
    print("before: " + lines[n])
    lines[n] = write_card(card)
    print("after:  " + lines[n])
    tell_kernels(found)
    if write:
        open(path, "w").write("\n".join(lines) + "\n")


main(sys.argv[1:])
