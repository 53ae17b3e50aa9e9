"""Use cases, one module each, named for its Lambda function where it has one."""
