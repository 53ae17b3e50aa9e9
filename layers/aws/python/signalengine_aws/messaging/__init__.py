"""Kinesis, SNS, SQS and WebSocket connections."""
