"""The edges: everything that touches AWS, the environment or a clock. The rules are in the core."""
