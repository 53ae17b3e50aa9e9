"""Why a local run does not start: its parts, their services, and its functions."""
