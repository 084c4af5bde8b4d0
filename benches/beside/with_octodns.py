"""octoDNS with its PowerDNS provider, against PowerDNS from Debian with an SQLite database."""

import contextlib
import pathlib
import shutil
import sqlite3
import subprocess
import sys

import servers

HERE = pathlib.Path(__file__).resolve().parent
VENV = HERE.parents[1] / "target" / "beside" / "venv"
PDNS = shutil.which("pdns_server", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
SCHEMA = pathlib.Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")
RECORDS_IN_A_ZONE = 100

CONFIG = """\
providers:
  files:
    class: octodns.provider.yaml.YamlProvider
    directory: {zones}
    default_ttl: 3600
  live:
    class: octodns_powerdns.PowerDnsProvider
    host: 127.0.0.1
    port: env/PDNS_PORT
    api_key: benchmark
zones:
  '*': {{ sources: [files], targets: [live] }}
"""

SERVER = """\
launch=gsqlite3
gsqlite3-database={database}
gsqlite3-pragma-synchronous=0
api=yes
api-key=benchmark
webserver=yes
webserver-address=127.0.0.1
webserver-port={port}
webserver-allow-from=127.0.0.1
local-address=127.0.0.1
local-port={dns_port}
socket-dir={folder}
daemon=no
guardian=no
loglevel=3
"""


def zone_lines(number, count, change):
    """The file of a zone, with sorted keys, as `octodns-dump` writes it. The root's NS is a record like any other."""
    zone = f"zone-{number:04}.example"
    yield from ("---", "'':", "  ttl: 3600", "  type: NS", "  values:", f"  - ns1.{zone}.", f"  - ns2.{zone}.")
    for i in range(1, count):
        last = i % 250 + 1
        yield from (f"host-{i:03}:", f"  ttl: {300 if i == change else 3600}")
        yield from [
            ("  type: A", "  values:", f"  - 192.0.2.{last}", f"  - 198.51.100.{last}"),
            ("  type: AAAA", f"  value: 2001:db8::{number + 1:x}:{i:x}"),
            ("  type: CNAME", f"  value: host-{i - 1:03}.{zone}."),
            ("  type: TXT", f"  value: owner team-{i % 7}, reviewed every quarter, ticket {number * 100 + i}"),
            ("  type: MX", "  value:", f"    exchange: mail.{zone}.", "    preference: 10"),
        ][i % 5]


class Tool:
    name = "octoDNS"

    def __init__(self, folder, objects):
        self.folder, self.objects = folder, objects
        self.changes = objects // 100
        self.zones = -(-objects // RECORDS_IN_A_ZONE)
        for name in ("full", "changed"):
            zones = folder / name
            zones.mkdir(parents=True)
            (folder / f"{name}.yaml").write_text(CONFIG.format(zones=zones))
            for number in range(self.zones):
                count = min(RECORDS_IN_A_ZONE, objects - number * RECORDS_IN_A_ZONE)
                # One record in each of the first zones: as many as are to change, since a zone has 100.
                change = 1 + number * 7 % (count - 1) if name == "changed" and number < self.changes else None
                text = "\n".join([*zone_lines(number, count, change), ""])
                (zones / f"zone-{number:04}.example.yaml").write_text(text)
        self.made_of = f"{objects:,} records in {self.zones} zone{'s' if self.zones > 1 else ''}"

    def version(self):
        code = "import octodns, octodns_powerdns, sys\nprint(octodns.__version__, octodns_powerdns.__version__, sys.version)"
        python = [VENV / "bin" / "python", "-c", code]
        octodns, powerdns, version, *_ = subprocess.run(python, check=True, capture_output=True, text=True).stdout.split()
        # It ends with 99 after saying its version.
        server = subprocess.run([PDNS, "--version"], capture_output=True, text=True)
        words = (server.stdout + server.stderr).partition("PowerDNS Authoritative Server ")[2].split()
        return f"octoDNS {octodns} with octodns-powerdns {powerdns} on Python {version}, PowerDNS {words[0]}"

    @contextlib.contextmanager
    def live(self, log):
        """An empty database and a server on it."""
        data = self.folder / "server"
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir()
        with contextlib.closing(sqlite3.connect(data / "pdns.sqlite3")) as database:
            database.executescript(SCHEMA.read_text())
        port = servers.free_port()
        settings = SERVER.format(
            database=data / "pdns.sqlite3", port=port, dns_port=servers.free_port(), folder=data
        )
        (data / "pdns.conf").write_text(settings)
        with servers.serve([PDNS, f"--config-dir={data}"], log, port) as server:
            yield server

    def command(self, what, port):
        config = self.folder / ("changed.yaml" if what == "changed" else "full.yaml")
        doit = ["--doit"] if what == "apply" else []
        return [str(VENV / "bin" / "octodns-sync"), f"--config-file={config}", *doit]

    def variables(self, port):
        return {"PDNS_PORT": str(port)}

    def check(self, what, code, printed):
        # One summary for each zone that has changes.
        found = {"Creates": 0, "Updates": 0, "Deletes": 0}
        for line in printed.splitlines():
            if "Summary: " in line:
                for part in line.partition("Summary: ")[2].split(", "):
                    name, _, number = part.partition("=")
                    if name in found:
                        found[name] += int(number)
        wanted = {
            "apply": {"Creates": self.objects, "Updates": 0, "Deletes": 0},
            "in sync": {"Creates": 0, "Updates": 0, "Deletes": 0},
            "changed": {"Creates": 0, "Updates": self.changes, "Deletes": 0},
        }[what]
        if code != 0 or found != wanted:
            return f"expected exit code 0 and {wanted}, not {found}"
        if what == "in sync" and "No changes were planned" not in printed:
            return "expected “No changes were planned”"
        return None


def missing():
    if not PDNS or not SCHEMA.exists():
        return "PowerDNS is not there: apt-get install --no-install-recommends pdns-server pdns-backend-sqlite3"
    return None


def install():
    """octoDNS into a virtual environment, once for each list of requirements."""
    wanted, done = (HERE / "requirements.txt").read_text(), VENV / "requirements.txt"
    if done.exists() and done.read_text() == wanted:
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    pip = [VENV / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--requirement", HERE / "requirements.txt"], check=True)
    # As a packaged program has them: no run is to pay for compiling.
    subprocess.run([VENV / "bin" / "python", "-m", "compileall", "-q", VENV / "lib"], check=True)
    done.write_text(wanted)
