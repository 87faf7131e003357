#!/usr/bin/env python3
"""What the test runs on all kernels say.

usage: report.py summary RESULTS     how many tests passed, in one line
       report.py failures RESULTS    a line for each that failed or was skipped; exit 1 when there is one
"""

import pathlib
import sys
import xml.etree.ElementTree


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


def failures(results):
    found = False
    for case in cases(results):
        kind, message = outcome(case)
        if kind != "passed":
            found = True
            name = f"{case.get('classname').rsplit('.', 1)[-1]}.{case.get('name')}"
            print(f"  {kind.upper()} {name}: {' '.join(message.split())[:400]}")
    sys.exit(1 if found else 0)


ACTIONS = {"summary": summary, "failures": failures}

if len(sys.argv) < 3 or sys.argv[1] not in ACTIONS:
    sys.exit(__doc__)
ACTIONS[sys.argv[1]](*sys.argv[2:])
