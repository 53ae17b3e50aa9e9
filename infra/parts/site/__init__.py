"""What browsers open: the dashboard's files, and CloudFront in front of them and of the APIs."""
