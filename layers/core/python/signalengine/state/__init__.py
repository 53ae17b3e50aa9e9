"""A state as bytes: its codec, and the table of the slots that the bytes hold."""
