"""Counting answers without keeping who gave which. Nothing shows before five have answered."""
