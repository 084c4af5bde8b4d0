"""A relay that counts requests and the bytes of the answers' bodies. Used in runs that are not timed."""

import contextlib
import http.client
import http.server
import threading

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Counts:
    def __init__(self):
        self.lock = threading.Lock()
        self.requests = self.served = 0

    def add(self, served):
        with self.lock:
            self.requests += 1
            self.served += served

    def take(self):
        """Requests and bytes since the last call."""
        with self.lock:
            counted, self.requests, self.served = (self.requests, self.served), 0, 0
        return counted


@contextlib.contextmanager
def relay(port):
    """Listens on a port of the system's choice and passes everything on to `port`."""
    counts = Counts()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self):
            super().setup()
            self.upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

        def finish(self):
            self.upstream.close()
            super().finish()

        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            self.upstream.request(self.command, self.path, body or None, headers)
            answer = self.upstream.getresponse()
            received = answer.read()
            counts.add(len(received))
            self.send_response_only(answer.status, answer.reason)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            if answer.status != 204:
                self.send_header("content-length", str(len(received)))
            self.end_headers()
            self.wfile.write(received)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_address[1], counts
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
