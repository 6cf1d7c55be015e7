"""Takes what `venue notify` sends to a webhook: each alert once, and none that is not the venue's.

Usage: python examples/webhook.py PORT SECRET_FILE

SECRET_FILE has what `venue notify add` has printed. Put TLS in front of it: off this machine the
venue sends to https only.
"""

import hashlib
import hmac
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

SECRET = Path(sys.argv[2]).read_text().strip().encode()
SEEN: set[str] = set()  # of the last days, in a database of yours


class Webhook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        said = dict(part.split("=", 1) for part in self.headers["Venue-Signature"].split(","))
        digest = hmac.new(SECRET, f"{said['t']}.".encode() + body, hashlib.sha256).hexdigest()
        is_fresh = abs(time.time() - int(said["t"])) < 300
        if not (is_fresh and hmac.compare_digest(said["v1"], digest)):
            self.send_error(401)
            return
        alert = json.loads(body)
        if alert["id"] not in SEEN:
            print(alert["type"], alert["member"], alert["error"], flush=True)
            SEEN.add(alert["id"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """One line an alert is enough."""


HTTPServer(("127.0.0.1", int(sys.argv[1])), Webhook).serve_forever()
