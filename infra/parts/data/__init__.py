"""What the stack of the data has, and how the stack of the code finds it."""
