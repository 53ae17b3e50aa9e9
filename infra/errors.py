"""The error of commands and of the local run.

CommandError            a command cannot continue; has the remedy and the exit code
"""

PROBLEM, USAGE, INCOMPLETE, INTERRUPTED = 1, 2, 3, 130
"""Exit codes: the command failed; its arguments are invalid; it ended early and its result is
incomplete; it was interrupted (Ctrl-C)."""


class CommandError(Exception):
    """A command cannot continue: `str()` is the reason, `fix` the remedy, `code` the exit code."""

    def __init__(self, why: str, fix: str = "", code: int = PROBLEM) -> None:
        super().__init__(why)
        self.fix = fix
        self.code = code
