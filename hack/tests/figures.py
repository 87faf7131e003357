#!/usr/bin/env python3
"""One figure, as a plain number, from what kpod serves.
usage: figures.py page FILE NAME LABEL=VALUE...    the sum of the series of a /metrics page that have these labels (not LABEL!=VALUE)
       figures.py object FILE PATH                 a field of an API object; list items by their name, device, interface or mountpoint:
                                                   containers/app/disks/vda/reads/total
Prints `none` where there is no such series or field.
"""
import json
import re
import sys

SUFFIXES = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
            "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
SERIES = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
KEYS = ("name", "device", "interface", "mountpoint")


def plain(number):
    return int(number) if number == int(number) else round(number, 9)


def quantity(value):
    if not isinstance(value, str):
        return value
    number, suffix = re.fullmatch(r"([-+.0-9]+)([a-zA-Z]*)", value).groups()
    return float(number) * SUFFIXES[suffix]


def fits(labels, wanted):
    key, value = wanted.split("=", 1)
    return labels.get(key[:-1]) != value if key.endswith("!") else labels.get(key) == value


def of_page(file, name, *wanted):
    values = []
    for line in file:
        series = SERIES.match(line.rstrip("\n"))
        if series and series.group(1) == name:
            labels = dict(LABEL.findall(series.group(2) or ""))
            if all(fits(labels, one) for one in wanted):
                values.append(float(series.group(3)))
    return plain(sum(values)) if values else None


def of_object(file, path):
    at = json.load(file)
    for part in path.split("/"):
        if isinstance(at, list):
            name = part.replace("%2f", "/")  # a mountpoint has slashes
            at = next((item for item in at if name in [item.get(key) for key in KEYS]), None)
        elif at is not None:
            at = at.get(part)
    return None if at is None else plain(quantity(at))


with open(sys.argv[2], encoding="utf-8") as source:
    found = of_page(source, *sys.argv[3:]) if sys.argv[1] == "page" else of_object(source, *sys.argv[3:])
print("none" if found is None else found)
