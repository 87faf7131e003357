#!/usr/bin/env python3
"""Requests that generators seldom think of, each sent as it is written.

usage: cases.py HOST PORT CA CERTIFICATE KEY
Every answer has to be below 500 (503 and 504 apart), JSON, and a Status when it is an error. Prints what is not.
"""

import http.client
import itertools
import json
import ssl
import sys

host, port, ca, certificate, key = sys.argv[1:]
KERNEL = "/apis/kernelmetrics.kpod.io/v1beta1"
CUSTOM = "/apis/custom.metrics.k8s.io/v1beta2"
EXTERNAL = "/apis/external.metrics.k8s.io/v1beta1"
METRIC = "kpod_cpu_context_switches_per_second"

NAMES = ["%00", "%2F", "%2e%2e", "%", "%zz", "%C3%28", "%F0%9F%90%99", "é".encode().hex(), "a" * 300, "a" * 8000, "-", ".", "*",
         "%2A", "a;b=c", "a%3Bb", "a%0Ab", "a%20b", "A_B", "%25", "%EF%BF%BF", "__proto__", "null", "0"]
PATHS = [template.replace("@", name)
         for template in (KERNEL + "/nodes/@", KERNEL + "/namespaces/@/pods", KERNEL + "/namespaces/system/pods/@",
                          KERNEL + "/workloads/@", CUSTOM + "/namespaces/@/pods/*/" + METRIC,
                          CUSTOM + "/namespaces/system/@/x/" + METRIC, CUSTOM + "/namespaces/system/pods/@/" + METRIC,
                          CUSTOM + "/namespaces/system/pods/*/@", CUSTOM + "/namespaces/@/metrics/" + METRIC,
                          CUSTOM + "/nodes/@/" + METRIC, EXTERNAL + "/namespaces/@/" + METRIC, EXTERNAL + "/namespaces/system/@")
         for name in NAMES]
QUERIES = ["limit=-1", "limit=0", "limit=1&limit=2", "limit=99999999999999999999", "limit=1e3", "limit=", "limit=%00", "continue=x",
           "continue=%00", "continue=" + "A" * 9000, "continue=djIKMQoKCg", "continue=djIK%2B", "resourceVersion=junk", "resourceVersion=-1",
           "resourceVersion=0", "resourceVersion=99999999999999999999", "resourceVersion=9223372036854775807",
           "resourceVersion=1&resourceVersionMatch=Exact", "resourceVersionMatch=Exact", "resourceVersionMatch=x&resourceVersion=1",
           "labelSelector=a%3D(", "labelSelector=%2C%2C", "labelSelector=a+in+()", "labelSelector=!", "labelSelector=a%3Db&labelSelector=c%3Dd",
           "labelSelector=" + "a%2C" * 3000, "labelSelector=%FF%FE", "labelSelector=%E4%BD%A0%3D%E5%A5%BD", "labelSelector=a%00b",
           "fieldSelector=metadata.name", "fieldSelector=a.b%3Dc", "fieldSelector=metadata.name%3D%5C%5C", "fieldSelector=%3D%3D",
           "metricLabelSelector=window%3D0s", "metricLabelSelector=window%3D9999999h", "metricLabelSelector=stat%3Dp99",
           "metricLabelSelector=container%3D%00", "metricLabelSelector=a", "window=0", "window=1h", "window=-5s", "window=5s5s5s", "window=%00",
           "window=99999999999999999999s", "window=1e9s", "sortBy=", "sortBy=.", "sortBy=total", "sortBy=total..cpu", "sortBy=total.cpu.runQueueLatency.p99",
           "sortBy=class", "sortBy=containers.cpu", "sortBy=" + "a." * 4000, "includeObject=x", "pretty=%00", "sendInitialEvents=true", "%=%",
           "&&&=&", "=", "a%00=b", "timeoutSeconds=-1"]
COLLECTIONS = [KERNEL + "/pods", KERNEL + "/workloads", KERNEL + "/nodes", CUSTOM + "/namespaces/system/pods/*/" + METRIC,
               CUSTOM + "/nodes/*/" + METRIC, EXTERNAL + "/namespaces/system/" + METRIC]
WATCHES = ["timeoutSeconds=1", "timeoutSeconds=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
           "timeoutSeconds=1&resourceVersion=junk", "timeoutSeconds=1&resourceVersion=99999999999999", "timeoutSeconds=-1", "timeoutSeconds=x",
           "timeoutSeconds=1&limit=1", "timeoutSeconds=1&labelSelector=(", "timeoutSeconds=1&resourceVersion=1"]
ACCEPTS = ["", ",", ";", "*", "*/*;q=x", "application/json;as=Table", "application/json;as=Table;v=v9;g=meta.k8s.io", "text/html",
           "application/json;as=Table;v=v1;g=meta.k8s.io", "application/json;q=0", "application/vnd.kubernetes.protobuf, */*",
           "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "a/b/c", "application/json;=;;", "x" * 5000, "\u00e9/\u00ff"]
OTHER = ["/", "/apis", "/apis/", "/apis/kernelmetrics.kpod.io", KERNEL, CUSTOM, EXTERNAL, "/openapi/v2", "/openapi/v3", "/version", "/healthz",
         "/readyz?verbose", "/livez/x", "/metrics", "//apis", "/apis//x", "/..", "/%2e%2e/apis", "/apis/%", "*", "/api/v1/namespaces/system", "/nothing"]

problems = []
context = ssl.create_default_context(cafile=ca)
context.check_hostname = False
context.load_cert_chain(certificate, key)


def check(path, method="GET", headers=None, stream=False):
    what = f"{method} {path[:160]} {headers or ''}"
    connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=15)
    try:
        # written by hand: http.client refuses some of what a client on the wire can send
        connection._validate_path = lambda url: None
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        problems.append(f"{what}: {type(error).__name__}: {error}")
        return
    finally:
        connection.close()
    kind = answer.headers.get("Content-Type", "")
    if answer.status >= 500 and answer.status not in (503, 504):
        problems.append(f"{what}: {answer.status}: {body[:200]!r}")
    elif 300 <= answer.status < 400:
        problems.append(f"{what}: a redirect, {answer.status}")
    elif answer.status >= 400 and method != "HEAD":
        try:
            status = json.loads(body)
            if kind != "application/json" or status["kind"] != "Status" or status["code"] != answer.status or not status["message"]:
                problems.append(f"{what}: {answer.status} {kind}: no Status: {body[:200]!r}")
        except (ValueError, KeyError, TypeError):
            problems.append(f"{what}: {answer.status} {kind}: no Status: {body[:200]!r}")
    elif method != "HEAD" and kind.startswith("application/json"):
        try:
            for text in body.splitlines() if stream else [body]:
                if text.strip() and stream and json.loads(text)["type"] not in ("ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"):
                    problems.append(f"{what}: no event: {text[:200]!r}")
                elif text.strip():
                    json.loads(text)
        except (ValueError, KeyError, TypeError) as error:
            problems.append(f"{what}: {error}: {body[:200]!r}")


sent = 0
for arguments in itertools.chain(
        ((path,) for path in PATHS + OTHER),
        ((path + "?" + query,) for path in COLLECTIONS for query in QUERIES),
        ((path, "GET", {"Accept": accept}) for path in COLLECTIONS + ["/apis", "/openapi/v2", KERNEL + "/nodes/x"] for accept in ACCEPTS),
        ((path, method) for path in COLLECTIONS + OTHER[:9] for method in ("HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")),
        ((path + "?watch=1&" + query, "GET", None, True) for path in COLLECTIONS[:3] for query in WATCHES)):
    check(*arguments)
    sent += 1
print(f"{sent} requests, {len(problems)} wrong answers")
print("\n".join(problems[:40]))
sys.exit(1 if problems else 0)
