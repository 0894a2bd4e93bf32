"""Invented branch files that look like real ones: orders, the dialects that print them, and the files on disk."""
