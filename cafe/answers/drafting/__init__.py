"""Draft the document of a dialect from a file that no dialect reads. Pure; opens no file."""
