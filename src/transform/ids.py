"""Ids as functions of content: any run, on any machine, gives the same row the same id."""

from binascii import hexlify
from hashlib import sha256

from transform.baskets import Product


def order_id(canonical_order: bytes) -> bytes:
    """Return an order's id: the first 128 bits of SHA-256 as 32 hex digits.

    ``canonical_order`` is a canonical row without its line number: ``branch, ordered at, basket, total, payment,
    occurrence``, and the discount if there is one, joined by tabs. No field can hold a tab.
    """
    return hexlify(sha256(canonical_order).digest()[:16])


def branch_id(branch: str) -> int:
    """Return a branch's id from its name, which is case-sensitive: 63 bits, so that it fits a signed BIGINT."""
    return _key(branch)


def product_id(product: Product) -> int:
    """Return a product's id from size, name and flavour, which are case-sensitive."""
    return _key("\t".join((product.size, product.name, product.flavour)))


def _key(natural_key: str) -> int:
    return int.from_bytes(sha256(natural_key.encode()).digest()[:8]) >> 1
