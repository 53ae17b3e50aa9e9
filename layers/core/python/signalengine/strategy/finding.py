"""What is wrong in a strategy's file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong at a line, and how to mend it."""

    line: int
    text: str
    fix: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}; {self.fix}"
