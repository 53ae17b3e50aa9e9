"""One construct for each part that the stack's picture names."""
