"""Write counts for people to read. Pure; every room uses it."""


def counted(count: int, thing: str) -> str:
    """Count things: 1 file, 2 files."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
