"""Commands that deploy the stack to AWS and delete it."""
