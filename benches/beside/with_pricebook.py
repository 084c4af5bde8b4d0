"""Pricebook, against the server that it brings: `pricebook sandbox`."""

import contextlib
import os
import pathlib
import re
import subprocess
import sys

import servers

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import catalog


class Tool:
    name = "Pricebook"

    def __init__(self, binary, folder, objects):
        self.binary, self.folder, self.objects = str(pathlib.Path(binary).resolve()), folder, objects
        self.changes = objects // 100
        plans, features = catalog.fit(objects)
        catalog.write(folder / "changed", plans, features, self.changes)
        catalog.write(folder / "full", plans, features)
        each, groups = "each with 2 prices, 5 plan features, 2 regions", catalog.groups_of(plans)
        self.made_of = f"{plans:,} plans ({each}), {features} features, {groups} plan groups"

    def version(self):
        said = subprocess.run([self.binary, "--version"], check=True, capture_output=True, text=True).stdout
        return said.strip().capitalize()

    @contextlib.contextmanager
    def live(self, log):
        """An empty server, and no ledger from an earlier one."""
        ledger = self.folder / "full" / ".pricebook"
        if ledger.exists():
            for file in ledger.iterdir():
                file.unlink()
        with servers.serve([self.binary, "sandbox", "--quiet"], log) as server:
            yield server

    def command(self, what, port):
        project, url = str(self.folder / "full"), f"http://127.0.0.1:{port}/api/v1"
        target = ["--project", project, "--env", "http", "--url", url]
        if what == "apply":
            return [self.binary, "apply", *target, "--yes"]
        files = ["--catalog", str(self.folder / "changed" / "catalog")] if what == "changed" else []
        return [self.binary, "plan", *target, *files, "--detailed-exitcode"]

    def variables(self, port):
        return {"COMMET_SANDBOX_KEY": "ck_sandbox_benchmark"}

    def check(self, what, code, printed):
        """What is wrong with a run, or nothing."""
        expected = {
            "apply": (0, f"{self.objects} to create"),
            "in sync": (0, f"{self.objects} objects, all unchanged"),
            "changed": (2, f"{self.objects} objects, {self.objects - self.changes} unchanged"),
        }[what]
        if code != expected[0] or expected[1] not in printed:
            return f"expected exit code {expected[0]} and “{expected[1]}”"
        if what == "changed":
            summary = printed.strip().splitlines()[-1].partition("·")[0]
            if sum(map(int, re.findall(r"(\d+) to \w+", summary))) != self.changes:
                return f"expected {self.changes} changes, not “{summary}”"
        return None


def missing(binary):
    if not os.access(binary, os.X_OK):
        return f"{binary} is not there: cargo build --release, or --pricebook PATH"
    return None
