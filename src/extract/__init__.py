"""Extract: turn any branch file into canonical sales rows, without personal data."""
