"""Data out of a running stack: files, a file a day, and SQL over both."""
