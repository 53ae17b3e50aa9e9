"""The settings of a user: environment variables, the file that may hold them, their effects."""
