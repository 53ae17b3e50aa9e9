"""The tree of errors.

SignalEngineError
├── PermanentError            never retried: counted, dead-lettered with its reason
│   ├── MalformedFactError    a record on the stream that says nothing we can trust
│   ├── ModelError            a model file that cannot be used, or is not the policy's
│   ├── PolicyError           a policy file that breaks its own rules
│   └── StateVersionError     state bytes written by a version this code cannot read
└── TransientError            the caller's retry is the remedy
"""


class SignalEngineError(Exception):
    """Root of everything this project raises on purpose."""


class PermanentError(SignalEngineError):
    """Trying again cannot help."""


class TransientError(SignalEngineError):
    """Trying again may help."""


class MalformedFactError(PermanentError):
    """A record that is not a fact of a known kind with sane values."""


class ModelError(PermanentError):
    """A model that cannot be used, naming what is wrong with it."""


class PolicyError(PermanentError):
    """A policy that cannot be used, naming the field."""


class StateVersionError(PermanentError):
    """State bytes of an unknown layout version."""
