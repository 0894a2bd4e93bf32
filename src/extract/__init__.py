"""Extract: any branch file in, canonical sales rows out; here personal data ends."""
