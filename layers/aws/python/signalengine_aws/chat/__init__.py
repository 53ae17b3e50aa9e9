"""Answers to free questions: a language model's where one is configured, fixed rules' otherwise."""
