#!/usr/bin/env python3
"""What the runs of the kernel tests say, and the tables of KERNELS.md that are made of it.

usage: report.py summary RESULTS        how many tests passed, in one line
       report.py failures RESULTS       a line for each that failed or was skipped, exit 1 when there is one
       report.py tables RUNS FILE       writes FILE from RUNS/KERNEL/ of each kernel that ran
       report.py check RUNS FILE        a line for each thing in which FILE is not what the runs showed, and for each error
                                        beyond its bound; exit 1 when there is one. The measured digits may differ, and the
                                        point release of a kernel.
"""

import collections
import pathlib
import re
import statistics
import sys
import xml.etree.ElementTree

# A relative error beyond its bound fails the run. The bound is 1 %, wider only where the truth itself is no sharper, or what is read
# is not; for a metric, or for a metric beside one truth:
BOUND = 0.01
BOUNDS = {
    # a clock, read some milliseconds beside the kernel's timer of 50 ms
    "kpod.cpu.periods": 0.1,
    "kpod.cpu.throttled.periods": 0.15,
    # the scheduler's wait also holds what a task waited for a CPU while it had quota
    "kpod.cpu.throttled.time": 0.4,
    # a program's clock goes on while it waits for a CPU after the call
    "kpod.syscall.latency": 0.1,
    # added up by the kernel every two seconds
    "kpod.pressure.cpu.some": 0.1,
    # two clocks read one after the other, of a time that has the network's timers in it
    "kpod.net.tcp.connect.latency": 0.02,
    # on a CPU the kernel has no storage with cgroups to give while it looks at one, see DiskLatencyCollectorTest
    "kpod.disk.io.latency": 0.1,
    # the file system's own requests may be charged to who waits for them
    "kpod.disk.read.bytes": 0.1,
    "kpod.disk.reads": 0.1,
    "kpod.disk.written.bytes": 0.1,
    "kpod.disk.writes": 0.1,
    # pages are charged in batches of 64 a CPU
    "kpod.mem.rss.bytes": 0.02,
    # before Linux 5.13 the file lacks up to 32 a CPU, of 700
    ("kpod.mem.major.page.faults", "ru_majflt, memory.stat"): 0.05,
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
            failed = True
    sys.exit(1 if failed else 0)


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
    """What each kernel showed, in the order of their versions. A machine's kernel is called as `hack/qemu run` calls it, this
    machine's own by the first two numbers of its release."""

    def __init__(self, folder):
        self.releases = {}
        self.states = {}  # kernel -> collector -> what its cell says
        self.comparisons = {}  # kernel -> (metric, oracle) -> relative errors
        found = {}
        for file in pathlib.Path(folder).glob("*/results/release"):
            release = file.read_text(encoding="utf-8").strip()
            name = file.parent.parent.name
            if name == "running":
                name = ".".join(re.findall(r"\d+", release)[:2])
            self.releases[name] = release
            found[name] = file.parent.parent
        self.kernels = sorted(found, key=lambda each: [int(number) for number in each.split(".")])
        for kernel in self.kernels:
            run = found[kernel]
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


def bound(metric, oracle):
    return BOUNDS.get((metric, oracle), BOUNDS.get(metric, BOUND))


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
    yield "Releases: " + ", ".join(f"{kernel} is {runs.releases[kernel]}" for kernel in kernels) + "."
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
        lines.append([f"`{metric}`", oracle] + errors + [percent(bound(metric, oracle))])
    yield from table(["metric", "truth"] + kernels + ["bound"], lines)


def write(runs, file):
    pathlib.Path(file).write_text("\n".join(document(runs)) + "\n", encoding="utf-8")


def tables(folder, file):
    write(Runs(folder), file)
    print(f"{file} written")


def is_kernel(column):
    return re.fullmatch(r"\d+(\.\d+)+", column) is not None


def parsed(file):
    """A file's tables: heading -> row -> kernel -> cell. A row is called by all that stands before the kernels' columns."""
    found, heading, columns = {}, "", []
    for line in pathlib.Path(file).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading, columns = line[3:], []
            found[heading] = {}
        elif line.startswith("| "):
            cells = [cell.replace("\\|", "|") for cell in re.split(r"(?<!\\) \| ", line[2:-2])]
            if columns:
                row = [cell for column, cell in zip(columns, cells) if not is_kernel(column)]
                found[heading][" ".join(row)] = {column: cell for column, cell in zip(columns, cells) if is_kernel(column)}
            else:
                columns = cells
    return found


def check(folder, file):
    runs = Runs(folder)
    lines = []
    for (metric, oracle), cells in runs.error_table().items():
        for kernel, errors in cells.items():
            if errors and max(errors) > bound(metric, oracle):
                lines.append(f"{metric} on {kernel}: {percent(max(errors))} from {oracle}, more than {percent(bound(metric, oracle))}")
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
                    continue  # this machine's own kernel, and the table was made on another one
                if now != then and (heading.startswith("What") or (now in (None, "-")) != (then in (None, "-"))):
                    lines.append(f"{row} on {column}: the run showed {now!r}, {file} says {then!r}")
    tell(lines)


ACTIONS = {"summary": summary, "failures": failures, "tables": tables, "check": check}

if len(sys.argv) < 3 or sys.argv[1] not in ACTIONS:
    sys.exit(__doc__)
ACTIONS[sys.argv[1]](*sys.argv[2:])
