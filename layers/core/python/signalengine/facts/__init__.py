"""Facts: the records on the Kinesis stream, and their JSON."""
