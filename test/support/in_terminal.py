"""Runs a program in a terminal of its own: in_terminal.py COLUMNS ROWS PROGRAM ARGUMENTS...

What the program shows goes to standard output. Standard input takes a command a line:
"resize COLUMNS ROWS", or "type " and the keys as a JSON text. Ends with the program's exit code.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def obey(terminal, line):
    word, _, rest = line.partition(" ")
    if word == "resize":
        columns, rows = map(int, rest.split())
        resize(terminal, columns, rows)
    elif word == "type":
        os.write(terminal, json.loads(rest).encode())


def main():
    columns, rows = int(sys.argv[1]), int(sys.argv[2])
    # The program waits until its terminal has a size.
    ready, go = os.pipe()
    pid, terminal = pty.fork()
    if pid == 0:
        os.close(go)
        os.read(ready, 1)
        os.close(ready)
        os.execvp(sys.argv[3], sys.argv[3:])
    resize(terminal, columns, rows)
    os.write(go, b"!")
    # An interactive shell takes no gentler word.
    signal.signal(signal.SIGTERM, lambda *_: os.kill(pid, signal.SIGKILL))
    commands = b""
    watched = [terminal, 0]
    while True:
        for ready in select.select(watched, [], [])[0]:
            try:
                part = os.read(ready, 65536)
            except OSError:
                part = b""
            if ready == terminal and part == b"":
                return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            if ready == terminal:
                os.write(1, part)
            elif part == b"":
                watched.remove(0)
            else:
                *lines, commands = (commands + part).split(b"\n")
                for line in lines:
                    obey(terminal, line.decode())


sys.exit(main())
