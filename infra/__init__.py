"""The embedded AWS, the local exchange and the command line; also the CDK app."""
