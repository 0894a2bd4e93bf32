"""Dialects of branch files: one document each, read and compiled to readers of rows."""
