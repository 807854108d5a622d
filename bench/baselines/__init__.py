"""Walls that others would build: what ours is measured against."""
