"""Say counts and spans of time as people do."""


def counted(count: int, thing: str) -> str:
    """Count things: 1 file, 2 files."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def span_in_words(seconds: float) -> str:
    """Say a span roughly: 40 s, 12 min, 9 h, 3 days."""
    for unit, size, most in (("s", 1, 90), ("min", 60, 90), ("h", 3600, 48)):
        if seconds < most * size:
            return f"{round(seconds / size)} {unit}"
    return f"{round(seconds / 86_400)} days"
