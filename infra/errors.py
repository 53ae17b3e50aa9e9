"""What a command or the local run could not do, for the person at the terminal.

CommandError            a command cannot go on; carries the fix and the exit code
"""

PROBLEM, USAGE = 1, 2
"""Exit codes: something is wrong out there; the command was given something it cannot use."""


class CommandError(Exception):
    """A command cannot go on: `str()` says why, `fix` what helps; `code` is the exit code."""

    def __init__(self, why: str, fix: str = "", code: int = PROBLEM) -> None:
        super().__init__(why)
        self.fix = fix
        self.code = code
