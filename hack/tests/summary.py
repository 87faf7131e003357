#!/usr/bin/env python3
"""Writes a summary (summary/src/main/proto/summary.proto) with one container to standard output, as an agent would push it.
usage: summary.py NODE NAMESPACE POD UID
"""
import secrets, sys, time


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


node, namespace, pod, uid = sys.argv[1:]
now = int(time.time() * 1000)
identity = field(1, namespace) + field(2, pod) + field(3, uid) + field(4, "app") + field(5, "c0ffee") + field(6, now)
container = field(1, 1) + field(2, identity) + field(3, field(1, 2) + field(3, 1000))
sys.stdout.buffer.write(field(1, 1) + field(2, node) + field(3, secrets.token_bytes(16)) + field(4, 1) + field(5, 1)
                        + field(6, 5_000_000_000) + field(7, now) + field(8, now) + field(10, container))
