"""The pictures of docs/scores.md, drawn from the engine's own functions.

    python -m research.figures docs/images/scores

The same code draws the same bytes: a test compares the files with what would be drawn now.
"""
