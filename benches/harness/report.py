"""Figures as people read them, and their place in a Markdown file."""

import os
import platform

import servers


def seconds(value):
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def server_seconds(value):
    """The kernel counts another process in hundredths of a second."""
    return seconds(value) if value >= 1 / servers.TICKS else "< 10 ms"


def size(bytes):
    return f"{bytes / 1000:.0f} kB" if bytes < 1_000_000 else f"{bytes / 1_000_000:.1f} MB"


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return f"{os.cpu_count()} cores of {model}, Linux {platform.release()}, load {os.getloadavg()[0]:.1f} at the start"


def write(file, lines, marks):
    """Puts the figures between the two marks in a Markdown file."""
    before, begin, rest = file.read_text().partition(marks[0])
    old, end, after = rest.partition(marks[1])
    if not begin or not end:
        raise SystemExit(f"{file} has no {marks[0]} … {marks[1]}")
    file.write_text("\n".join([before + begin, *lines, end + after]))
