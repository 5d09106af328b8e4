"""An HTTP proxy in front of object storage that fails at random."""

import http.client
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

SLOW_DOWN = b'<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>'
PER_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


class FlakyStorage:
    """Use as a context manager. `share` of the requests fail: 503, or cut before or after they took effect."""

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self._random, self._lock = random.Random(0), threading.Lock()
        self.share, self.failed = 0.0, 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"

    def fail(self, share: float, seed: int) -> None:
        """From now on; a share of 0 is healthy, of 1 out of service."""
        with self._lock:
            self.share, self._random = share, random.Random(seed)

    def next_fault(self) -> str:
        with self._lock:
            if self._random.random() >= self.share:
                return ""
            self.failed += 1
            return self._random.choice(("refuse", "cut before", "cut after"))

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(str(self._upstream.hostname), self._upstream.port, timeout=30)
        connection.request(method, path, body, headers)
        return connection.getresponse()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *arguments: object) -> None:
                pass

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fault = proxy.next_fault()
                if fault == "refuse":
                    self.answer(503, {"Content-Type": "application/xml"}, SLOW_DOWN)
                    return
                if fault != "cut before":
                    answer = proxy.forward(self.command, self.path, dict(self.headers), body)
                    content, headers = answer.read(), dict(answer.getheaders())
                if fault:
                    self.close_connection = True
                    return
                self.answer(answer.status, headers, content)

            def answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in PER_HOP:
                        self.send_header(name, value)
                length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(content))
                self.send_header("Content-Length", length)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

        return Handler

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, name="flaky-storage", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
