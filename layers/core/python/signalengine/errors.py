"""The tree of errors of all packages, each with the module that defines it.

SignalEngineError                    here
├── PermanentError                   here: never retried, but counted and dead-lettered
│   ├── MalformedFactError           here
│   ├── ModelError                   here
│   ├── PolicyError                  here
│   ├── StateVersionError            here
│   ├── StrategyError                here
│   │   ├── RefusedStrategyError     signalengine.strategy.loading
│   │   └── TooSlowError             signalengine_aws.api.preview_folds
│   ├── ConfigError                  signalengine_aws.runtime.config
│   ├── UnreadableError              signalengine_aws.runtime.stored_fields
│   ├── StrategyRaisedError          signalengine_aws.application.score_events
│   ├── TooManyCallsError            signalengine_aws.stores.rate_limits
│   ├── TooManyResumesError          signalengine_aws.stores.connections
│   ├── EntryRefusedError            signalengine_aws.messaging.kinesis
│   ├── GoneError                    signalengine_aws.messaging.websockets
│   ├── MalformedNotificationError   signalengine_aws.delivery.notifications
│   ├── UnauthorizedError            signalengine_aws.delivery.errors
│   ├── UnreachableError             signalengine_aws.delivery.errors
│   ├── MovedError                   signalengine_aws.delivery.errors
│   ├── RejectedError                signalengine_aws.delivery.errors
│   │   ├── ForbiddenAddressError    signalengine_aws.channels.http.urls
│   │   └── ResendError              signalengine_aws.channels.telegram.refusals
│   ├── RequestRefusedError          ingest_task.backfill.rest
│   ├── RegionRefusedError           ingest_task.backfill.rest
│   ├── DataError                    research.data.errors
│   │   ├── ChecksumError            research.data.errors
│   │   ├── MissingBarsError         research.data.errors
│   │   ├── IntervalError            research.data.errors
│   │   └── RefusedError             research.data.errors
│   ├── PositionSizeError            signalengine.exits.position_size
│   ├── EvidenceError                research.evidence.errors
│   └── StatisticsError              research.statistics.errors
└── TransientError                   here: the caller's retry is the remedy
    ├── LeaseAwayError               signalengine_aws.stores.lease
    ├── StreamAwayError              signalengine_aws.messaging.kinesis
    ├── ListenError                  signalengine_aws.messaging.websocket_client
    ├── UnansweredError              signalengine_aws.messaging.http_client
    ├── SilentError                  infra.local.stack.startup.first_answers
    ├── ProbeError                   signalengine_aws.application.probe_service
    ├── ConflictError                signalengine_aws.delivery.deliveries
    ├── ModelUnavailableError        signalengine_aws.chat.turns
    ├── RetryAfterError              signalengine_aws.delivery.errors
    ├── UnavailableError             signalengine_aws.delivery.errors
    ├── ExchangeAwayError            ingest_task.backfill.rest
    ├── StoppedError                 ingest_task.backfill.rest
    └── SourceAwayError              research.data.errors

Commands of `infra` raise `CommandError` (infra.errors): it is for people, never retried.
"""


class SignalEngineError(Exception):
    """Root of everything this project raises on purpose."""


class PermanentError(SignalEngineError):
    """Trying again cannot help."""


class TransientError(SignalEngineError):
    """Trying again may help."""


class MalformedFactError(PermanentError):
    """A record that is not a fact of a known kind with possible values."""


class ModelError(PermanentError):
    """A model that cannot be used, naming what is wrong with it."""


class PolicyError(PermanentError):
    """A policy that cannot be used, naming the field."""


class StateVersionError(PermanentError):
    """State bytes that are damaged, or of an unknown version."""


class StrategyError(PermanentError):
    """A strategy that cannot be used, naming what is wrong and where."""
