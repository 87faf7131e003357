#!/usr/bin/env python3
"""What the runs of the kernel tests say, and the tables of KERNELS.md that are made of it.

usage: report.py summary RESULTS        how many tests passed, in one line
       report.py failures RESULTS       a line for each that failed, exit 1 when there is one; and for each that was skipped
       report.py tables RUNS FILE       writes FILE from RUNS/KERNEL/ of each kernel that ran
       report.py check RUNS FILE        a line for each thing in which FILE is not what the runs showed, for each error beyond
                                        its bound, and for each test that was skipped on all kernels; exit 1 when there is
                                        one. The measured digits may differ.
"""

import collections
import pathlib
import re
import statistics
import sys
import xml.etree.ElementTree

# A relative error beyond its bound fails the run. The bound is 1 %, wider only where the truth itself is no sharper:
BOUND = 0.01
BOUNDS = {
    # a clock, read some milliseconds beside the kernel's timer of 50 ms
    "kpod.cpu.periods": 0.1,
    "kpod.cpu.throttled.periods": 0.15,
    # the scheduler's wait also holds what a task waited for a CPU while it had quota
    "kpod.cpu.throttled.time": 0.4,
    # added up by the kernel every two seconds
    "kpod.pressure.cpu.some": 0.1,
}


def cases(results):
    reports = sorted(pathlib.Path(results).glob("TEST-*.xml"))
    found = [case for report in reports for case in xml.etree.ElementTree.parse(report).iter("testcase")]
    if not found:
        sys.exit(f"no test ran: nothing in {results}/TEST-*.xml")
    return found


def outcome(case):
    for kind in ("failure", "error", "skipped"):
        element = case.find(kind)
        if element is not None:
            return kind, (element.get("message") or element.text or "no reason given").strip()
    return "passed", ""


def summary(results):
    outcomes = [outcome(case)[0] for case in cases(results)]
    passed, skipped = outcomes.count("passed"), outcomes.count("skipped")
    print(f"{passed} tests passed, {len(outcomes) - passed - skipped} failed, {skipped} skipped")


def name_of(case):
    return f"{case.get('classname').rsplit('.', 1)[-1]}.{case.get('name')}"


def failures(results):
    failed = False
    for case in cases(results):
        kind, message = outcome(case)
        if kind != "passed":
            print(f"  {kind.upper()} {name_of(case)}: {' '.join(message.split())[:400]}")
            failed = failed or kind != "skipped"
    sys.exit(1 if failed else 0)


def never_run(folder):
    """Tests that no kernel ran, whatever their parameters."""
    ran, skipped = set(), set()
    for results in pathlib.Path(folder).glob("*/results"):
        for case in cases(results):
            (skipped if outcome(case)[0] == "skipped" else ran).add(re.sub(r"\[\d+\]$", "", name_of(case)))
    return sorted(skipped - ran)


def tell(lines):
    """Prints what was found; there should be nothing."""
    for line in lines:
        print(line)
    sys.exit(1 if lines else 0)


def rows(file):
    if not file.exists():
        return []
    return [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]


class Runs:
    """What each kernel showed, in the order of their versions; a kernel is called by the first two numbers of its release."""

    def __init__(self, folder):
        self.kernels = []
        self.releases = {}
        self.states = {}  # kernel -> collector -> what its cell says
        self.comparisons = {}  # kernel -> (metric, oracle) -> relative errors
        found = [path.parent.parent for path in pathlib.Path(folder).glob("*/results/release")]
        releases = {run: (run / "results/release").read_text(encoding="utf-8").strip() for run in found}
        for run in sorted(found, key=lambda each: [int(number) for number in re.findall(r"\d+", releases[each])[:2]]):
            kernel = ".".join(re.findall(r"\d+", releases[run])[:2])
            self.kernels.append(kernel)
            self.releases[kernel] = releases[run]
            self.states[kernel] = {
                name: text if state == "runs" else f"off: {text}" for name, state, text in rows(run / "target/collectors.tsv")
            }
            errors = collections.defaultdict(list)
            for _, metric, oracle, truth, measured in rows(run / "target/accuracy.tsv"):
                errors[metric, oracle].append(abs(float(measured) - float(truth)) / (abs(float(truth)) or 1))
            self.comparisons[kernel] = errors
        if not self.kernels:
            sys.exit(f"no run in {folder}: hack/qemu run KERNEL")

    def state_table(self):
        names = list(dict.fromkeys(name for kernel in self.kernels for name in self.states[kernel]))
        return {name: {kernel: self.states[kernel].get(name, "not there") for kernel in self.kernels} for name in names}

    def error_table(self):
        keys = sorted({key for kernel in self.kernels for key in self.comparisons[kernel]})
        return {key: {kernel: self.comparisons[kernel].get(key, []) for kernel in self.kernels} for key in keys}


def percent(error):
    return "0" if error == 0 else "<0.01 %" if error < 0.0001 else f"{error * 100:.2g} %" if error < 1 else f"{error * 100:.0f} %"


def bound(metric):
    return BOUNDS.get(metric, BOUND)


def table(head, lines):
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for line in lines:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |"


def document(runs):
    kernels = runs.kernels
    yield "# kpod on each kernel"
    yield ""
    yield "Made by `hack/qemu tables` from test runs on the kernels themselves, and checked against them by `hack/test kernels`; do not edit."
    yield "Releases: " + ", ".join(runs.releases[kernel] for kernel in kernels) + "."
    yield ""
    yield "## What runs, and on what"
    yield ""
    states = runs.state_table()
    yield from table(["collector"] + kernels, ([name] + [cells[kernel] for kernel in kernels] for name, cells in states.items()))
    yield ""
    yield "## How far it is from the truth"
    yield ""
    yield "Relative errors of what was measured beside what another source said of the same load: median / worst (comparisons)."
    yield ""
    lines = []
    for (metric, oracle), cells in runs.error_table().items():
        errors = [
            f"{percent(statistics.median(cells[kernel]))} / {percent(max(cells[kernel]))} ({len(cells[kernel])})" if cells[kernel] else "-"
            for kernel in kernels
        ]
        lines.append([f"`{metric}`", oracle] + errors + [percent(bound(metric))])
    yield from table(["metric", "truth"] + kernels + ["bound"], lines)


def write(runs, file):
    pathlib.Path(file).write_text("\n".join(document(runs)) + "\n", encoding="utf-8")


def tables(folder, file):
    write(Runs(folder), file)
    print(f"{file} written")


def parsed(file):
    """The committed tables: heading -> row -> column -> cell."""
    found, heading, columns = {}, "", []
    for line in pathlib.Path(file).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading, columns = line[3:], []
            found[heading] = {}
        elif line.startswith("| "):
            cells = [cell.replace("\\|", "|") for cell in re.split(r"(?<!\\) \| ", line[2:-2])]
            if columns:
                found[heading][cells[0]] = dict(zip(columns, cells))
            else:
                columns = cells
    return found


def check(folder, file):
    runs = Runs(folder)
    lines = [f"{name} was skipped on every kernel" for name in never_run(folder)]
    for (metric, oracle), cells in runs.error_table().items():
        for kernel, errors in cells.items():
            if errors and max(errors) > bound(metric):
                lines.append(f"{metric} on {kernel}: {percent(max(errors))} from {oracle}, more than {percent(bound(metric))}")
    if not pathlib.Path(file).exists():
        tell(lines + [f"there is no {file}: hack/qemu tables"])
    shown_file = pathlib.Path(folder) / "KERNELS.md"
    write(runs, shown_file)
    shown, told = parsed(shown_file), parsed(file)
    for heading, table_shown in shown.items():
        table_told = told.get(heading, {})
        for row in dict.fromkeys([*table_shown, *table_told]):
            for column in runs.kernels:
                now, then = table_shown.get(row, {}).get(column), table_told.get(row, {}).get(column)
                if column not in next(iter(table_told.values()), {}):
                    continue  # this machine's own kernel, and the table was made on another
                if now != then and (heading.startswith("What") or (now in (None, "-")) != (then in (None, "-"))):
                    lines.append(f"{row} on {column}: the run showed {now!r}, {file} says {then!r}")
    tell(lines)


ACTIONS = {"summary": summary, "failures": failures, "tables": tables, "check": check}

if len(sys.argv) < 3 or sys.argv[1] not in ACTIONS:
    sys.exit(__doc__)
ACTIONS[sys.argv[1]](*sys.argv[2:])
