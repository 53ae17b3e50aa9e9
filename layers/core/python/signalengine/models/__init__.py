"""Trained models as plain trees, and the inputs they read."""
