"""Small functions of numbers that every rule uses; NaN-safe, and the same when compiled."""


def unit(x: float) -> float:
    """Clip to 0..1; NaN becomes 0."""
    if x > 0.0:
        return x if x < 1.0 else 1.0
    return 0.0


def ratio(x: float, y: float) -> float:
    """x / y, 0 where y is not positive: in a dead market nothing is large."""
    return x / y if y > 0.0 else 0.0


def rounded(x: float) -> float:
    """Round a number ≥ 0 half up to 1e-6, so that equal scores compare equal."""
    return int(x * 1_000_000.0 + 0.5) / 1_000_000.0
