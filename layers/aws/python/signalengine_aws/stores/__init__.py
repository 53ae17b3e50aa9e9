"""DynamoDB tables and S3 objects."""
