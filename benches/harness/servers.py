"""The live sides: processes on loopback, started fresh, ended by their own id."""

import contextlib
import os
import socket
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 30  # seconds until a server must be there, and until it must be gone


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def environment(**more):
    """The variables a program gets: no proxy of the machine may stand between it and loopback."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, **more}


class Server:
    """A running process that listens on `port`."""

    def __init__(self, process, port):
        self.process, self.port = process, port

    def cpu(self):
        """Seconds of user and system time so far, all threads."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextlib.contextmanager
def serve(command, log, port=None, **variables):
    """Starts a server. Without a port it prints one, or a URL, as its first line."""
    out = log if port else subprocess.PIPE
    process = subprocess.Popen(command, stdout=out, stderr=log, env=environment(**variables))
    try:
        if port is None:
            line = process.stdout.readline().decode().strip()
            if not line:
                raise RuntimeError(f"{command[0]} did not start")
            port = int(line.removeprefix("http://127.0.0.1:").partition("/")[0])
        else:
            _wait_for(process, port)
        yield Server(process, port)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _wait_for(process, port):
    end = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{process.args[0]} does not listen on port {port}")
        time.sleep(0.02)
