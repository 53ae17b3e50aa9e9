"""What a data directory refuses, and why; the texts are shown to whoever starts the system."""


class StorageError(Exception):
    """A data directory that cannot be used as it is; `fix` says what to do."""

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.fix = fix


class InUseError(StorageError):
    """Another process has the directory."""


class NewerError(StorageError):
    """The data was written by a later version."""


class DamagedError(StorageError):
    """What is read is not what was written."""


class NotStoredError(StorageError):
    """The disk did not take what was to be committed; nothing of it is stored."""
