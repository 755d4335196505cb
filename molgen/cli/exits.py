"""What a command's exit code says; a bug is a traceback and Python's own 1."""

from __future__ import annotations

DONE, YOUR_REQUEST = 0, 2
INTERRUPTED = 130  # what a shell expects of a program that Ctrl-C ended
