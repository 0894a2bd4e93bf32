"""Amounts of money as the stages write them: pounds with two decimals. Pure."""


def pence_of(amount: str) -> int:
    """Read an amount, ``4.60``, in pence."""
    return int(amount.replace(".", ""))


def pounds(pence: int) -> str:
    """Write pence, of which there must not be less than none, as pounds with two decimals."""
    return f"{pence // 100}.{pence % 100:02d}"
