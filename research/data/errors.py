"""Errors of research data. Their text is what the researcher reads: it names the fix.

SignalEngineError
├── PermanentError
│   └── DataError             rows, files or requests that cannot be used as they are
│       ├── ChecksumError     a file that is not what its publisher says it is
│       └── RefusedError      the source understood, and said no
└── TransientError
    └── SourceAwayError       no usable answer now: the same call later goes on where this one ended
"""

from signalengine.errors import PermanentError, TransientError


class DataError(PermanentError):
    """Data that cannot be used; the message names the file, the place in it and the fix."""


class ChecksumError(DataError):
    """The content does not have the published SHA-256; nothing of it was kept."""


class RefusedError(DataError):
    """A request that will never be answered: unknown symbol, wrong parameter, wrong place."""


class SourceAwayError(TransientError):
    """The source did not answer in the time and number of tries given to it."""
