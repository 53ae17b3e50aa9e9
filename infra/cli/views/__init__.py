"""What the commands print: one function for each document of the API."""
