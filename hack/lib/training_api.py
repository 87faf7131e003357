#!/usr/bin/env python3
"""The little of a Kubernetes API that an agent asks, for the training run of its AOT cache and for nothing else.

usage: training_api.py PORT CERTIFICATE KEY CA_FILE INGEST_PORT
It lists one pod and one EndpointSlice (of the api-server on 127.0.0.1:INGEST_PORT), holds watches open, and has the
ConfigMap with CA_FILE's certificates.
"""

import http.server
import json
import ssl
import sys
import time

port, certificate, key, ca_file, ingest_port = sys.argv[1:]
METADATA = {"namespace": "kpod", "resourceVersion": "1", "creationTimestamp": "2026-01-01T00:00:00Z"}
STATUS = {"name": "app", "containerID": "containerd://" + "0" * 64, "state": {"running": {}}}
POD = {
    "metadata": dict(METADATA, name="training", uid="00000000-0000-0000-0000-000000000001", labels={"app": "training"}),
    "spec": {"nodeName": "training", "containers": [{"name": "app"}]},
    "status": {"phase": "Running", "podIP": "127.0.0.1", "containerStatuses": [STATUS]},
}
SLICE = {
    "metadata": dict(METADATA, name="kpod-api-server-1", labels={"kubernetes.io/service-name": "kpod-api-server"}),
    "addressType": "IPv4",
    "endpoints": [{"addresses": ["127.0.0.1"], "conditions": {"ready": True, "serving": True}}],
    "ports": [{"name": "ingest", "port": int(ingest_port), "protocol": "TCP"}],
}
LISTS = {
    "/api/v1/pods": ("v1", "Pod", POD),
    "/apis/discovery.k8s.io/v1/namespaces/kpod/endpointslices": ("discovery.k8s.io/v1", "EndpointSlice", SLICE),
}


class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/api/v1/namespaces/kpod/configmaps/kpod-ca":
            with open(ca_file, encoding="ascii") as file:
                content = {"ca.crt": file.read()}
            self.answer({"apiVersion": "v1", "kind": "ConfigMap", "metadata": dict(METADATA, name="kpod-ca"), "data": content})
        elif path not in LISTS:
            self.answer({"apiVersion": "v1", "kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404}, 404)
        elif "watch=true" in query or "watch=1" in query:
            self.watch(*LISTS[path])
        else:
            version, kind, item = LISTS[path]
            self.answer({"apiVersion": version, "kind": kind + "List", "metadata": {"resourceVersion": "1"}, "items": [item]})

    def answer(self, body, status=200):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def watch(self, version, kind, item):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        event = {"type": "MODIFIED", "object": dict(item, apiVersion=version, kind=kind)}
        try:
            while True:
                line = json.dumps(event).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                self.wfile.flush()
                time.sleep(1)
        except OSError:
            self.close_connection = True

    def log_message(self, *arguments):
        """One line per request would bury the programs' own."""


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Api)
server.daemon_threads = True
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
