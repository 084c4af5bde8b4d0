"""decK from Debian, against a stand-in for Kong's Admin API (kong_admin.py)."""

import contextlib
import pathlib
import shutil
import subprocess
import sys
from collections import Counter

import servers

HERE = pathlib.Path(__file__).resolve().parent
DECK = shutil.which("deck")
OBJECTS_IN_A_UNIT = 10


def service(number, change):
    """A service, 6 routes and 2 plugins, written in full, as `deck dump` writes them. With its consumer: 10 objects."""
    timeout = 30000 if change == "service" else 60000
    limit = 900 if change == "plugin" else 600
    yield f"- name: service-{number:04}"
    yield f"  host: service-{number:04}.internal.example"
    yield "  port: 8080"
    yield "  protocol: http"
    yield "  retries: 5"
    yield "  connect_timeout: 60000"
    yield f"  read_timeout: {timeout}"
    yield "  write_timeout: 60000"
    yield f"  tags: [team-{number % 7}]"
    yield "  routes:"
    for route in range(6):
        methods = "[GET, POST, PUT]" if change == "route" and route == 0 else "[GET, POST]"
        yield f"  - name: service-{number:04}-route-{route}"
        yield f"    paths: [/v1/service-{number:04}/part-{route}]"
        yield f"    methods: {methods}"
        yield f"    hosts: [api-{number % 9}.example]"
        yield "    protocols: [http, https]"
        yield "    strip_path: true"
        yield "    preserve_host: false"
        yield "    regex_priority: 0"
        yield "    path_handling: v0"
        yield "    https_redirect_status_code: 426"
        yield "    request_buffering: true"
        yield "    response_buffering: true"
    yield "  plugins:"
    yield "  - name: rate-limiting"
    yield "    enabled: true"
    yield "    protocols: [grpc, grpcs, http, https]"
    yield "    config:"
    yield f"      minute: {limit}"
    for unit in ("second", "hour", "day", "month", "year", "header_name", "path", "redis_host", "redis_password"):
        yield f"      {unit}: null"
    yield "      limit_by: consumer"
    yield "      policy: local"
    yield "      fault_tolerant: true"
    yield "      hide_client_headers: false"
    yield "      redis_port: 6379"
    yield "      redis_timeout: 2000"
    yield "      redis_database: 0"
    yield "  - name: correlation-id"
    yield "    enabled: true"
    yield "    protocols: [grpc, grpcs, http, https]"
    yield "    config: { header_name: X-Request-ID, generator: uuid#counter, echo_downstream: true }"


class Tool:
    name = "decK"

    def __init__(self, folder, objects):
        self.folder, self.objects = folder, objects
        self.changes = objects // 100
        units, rest = divmod(objects, OBJECTS_IN_A_UNIT)
        folder.mkdir(parents=True)
        for name in ("full", "changed"):
            kinds = ("route", "plugin", "service")
            changed = {i * units // self.changes: kinds[i % 3] for i in range(self.changes)} if name == "changed" else {}
            lines = ['_format_version: "1.1"', "services:"]
            for number in range(units):
                lines += service(number, changed.get(number))
            lines.append("consumers:")
            for number in range(units + rest):
                lines += [f"- username: consumer-{number:04}", f"  custom_id: account-{number:04}", f"  tags: [team-{number % 7}]"]
            (folder / f"{name}.yaml").write_text("\n".join([*lines, ""]))
        self.made_of = f"{units:,} services, {units * 6:,} routes, {units * 2:,} plugins, {units + rest:,} consumers"

    def version(self):
        deck = subprocess.run([DECK, "version"], check=True, capture_output=True, text=True).stdout
        return f"{' '.join(deck.split()[:2])}, a stand-in for Kong 2.2 on Python {sys.version.split()[0]}"

    @contextlib.contextmanager
    def live(self, log):
        with servers.serve([sys.executable, str(HERE / "kong_admin.py")], log) as server:
            yield server

    def command(self, what, port):
        state = str(self.folder / ("changed.yaml" if what == "changed" else "full.yaml"))
        target = ["--kong-addr", f"http://127.0.0.1:{port}", "--state", state]
        return [DECK, "sync", *target] if what == "apply" else [DECK, "diff", *target, "--non-zero-exit-code"]

    def variables(self, port):
        return {"HOME": str(self.folder)}

    def check(self, what, code, printed):
        # Its line for each object, not its summary: that now and then counts one too few (4,999 created, with 5,000
        # lines, 5,000 objects in the server and nothing left to do; 1 of 25 runs).
        verbs = {"creating": 0, "updating": 0, "deleting": 0}
        code_expected = 0
        if what == "apply":
            verbs["creating"] = self.objects
        elif what == "changed":
            verbs["updating"], code_expected = self.changes, 2
        first_words = Counter(line.partition(" ")[0] for line in printed.splitlines())
        found = {verb: first_words[verb] for verb in verbs}
        if code != code_expected or found != verbs or "Summary:" not in printed:
            return f"expected exit code {code_expected}, {verbs} and a summary, not {found}"
        return None


def missing():
    if not DECK:
        return "decK is not there: apt-get install --no-install-recommends deck"
    return None
