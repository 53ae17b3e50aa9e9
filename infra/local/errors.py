"""Errors of the local run. Their text is what the person at the terminal reads."""


class LocalRunError(Exception):
    """The local system cannot start or go on; the message names the fix where there is one."""
