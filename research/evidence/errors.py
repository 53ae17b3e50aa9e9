"""Errors of the protocol.

PermanentError
└── EvidenceError             a registration that does not hold any more, or spans that overlap
"""

from signalengine.errors import PermanentError


class EvidenceError(PermanentError, ValueError):
    """The protocol cannot go on; the message says what to do."""
