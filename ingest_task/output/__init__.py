"""Records on their way to Kinesis."""
