"""Runs one command and prints what it took.

    python3 -I -S measure.py OUTPUT COMMAND [ARGUMENT ...]

OUTPUT gets what the command prints. On stdout, one line: wall time, user and system time in seconds, the
largest resident set in KiB, the exit code. A program of its own and nearly empty, because a child
inherits the peak of the process that starts it: nothing below this one's 9 MB or so can be seen.
"""

import os
import sys
import time


def main():
    output, command = sys.argv[1], sys.argv[2:]
    actions = [
        (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    started = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - started
    print(wall, used.ru_utime, used.ru_stime, used.ru_maxrss, os.waitstatus_to_exitcode(status))


main()
