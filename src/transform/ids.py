"""Ids as functions of content: any rerun, on any machine, gives the same rows the same keys."""

from binascii import hexlify
from hashlib import sha256

from transform.baskets import Product


def order_id(canonical_order: bytes) -> bytes:
    """Name an order: the first 128 bits of SHA-256 as 32 hex digits.

    The text is ``branch, ordered at, basket, total, payment, occurrence`` joined by tabs, which none of them can hold:
    a canonical row without its line number.
    """
    return hexlify(sha256(canonical_order).digest()[:16])


def branch_id(branch: str) -> int:
    """Name a branch by its name, case and all: 63 bits, so that it fits a signed BIGINT."""
    return _key(branch)


def product_id(product: Product) -> int:
    """Name a product by size, name and flavour, case and all."""
    return _key("\t".join((product.size, product.name, product.flavour)))


def _key(natural_key: str) -> int:
    return int.from_bytes(sha256(natural_key.encode()).digest()[:8]) >> 1
