"""What cargo built."""

import json
import subprocess


def floor(root):
    """The floor, as cargo built it."""
    # Together, as in docs/performance.md: each by itself builds the program anew.
    command = ["cargo", "build", "--release", "--bin", "pricebook", "--bench", "floor", "--message-format=json"]
    messages = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root).stdout
    for line in messages.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "floor":
            return message["executable"]
    raise SystemExit("cargo built no floor")
