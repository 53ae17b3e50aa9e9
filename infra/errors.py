"""The error of commands and of the local run.

CommandError            a command cannot continue; has the remedy and the exit code
"""

PROBLEM, USAGE = 1, 2
"""Exit codes: the command failed; its arguments are invalid."""


class CommandError(Exception):
    """A command cannot continue: `str()` is the reason, `fix` the remedy, `code` the exit code."""

    def __init__(self, why: str, fix: str = "", code: int = PROBLEM) -> None:
        super().__init__(why)
        self.fix = fix
        self.code = code
