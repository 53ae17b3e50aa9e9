"""Errors of research data. The text is for the researcher and names the fix.

SignalEngineError
├── PermanentError
│   └── DataError             rows, files or requests that cannot be used as they are
│       ├── MissingBarsError  no bars of that symbol, interval or span
│       ├── IntervalError     bars of another interval
│       ├── ChecksumError     a file that differs from its published checksum
│       └── RefusedError      the source refused the request
└── TransientError
    └── SourceAwayError       no usable answer now: the same call later resumes where this one ended
"""

from signalengine.errors import PermanentError, TransientError


class DataError(PermanentError):
    """Data that cannot be used; the message names the file, the place in it and the fix."""


class MissingBarsError(DataError):
    """There are no bars of the symbol, the interval or the span; others may be there."""


class IntervalError(DataError):
    """The bars that are there are of another interval than the one that was asked for."""


class ChecksumError(DataError):
    """The content does not have the published SHA-256; it was not stored."""


class RefusedError(DataError):
    """A request that will never be answered: unknown symbol, wrong parameter, wrong place."""


class SourceAwayError(TransientError):
    """The source did not answer in the time and number of tries given to it."""
