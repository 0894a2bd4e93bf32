"""Words of headings, and what kind of column they point to."""

from collections.abc import Iterable

from cafe.answers.drafting.sample import Facts

# Words of headings that point to a kind of column; those of a person make it personal.
HINTS = {
    "branch": {"branch", "store", "location", "shop", "site", "outlet", "cafe", "café", "venue", "restaurant"},
    "till": {"till", "tills", "register"},
    "order": {"order", "transaction", "txn", "receipt", "ticket", "bill", "invoice", "check", "sale"},
    "item": {"item", "product", "drink", "drinks", "detail", "description", "dish", "article", "what"},
    "quantity": {"qty", "quantity", "count", "units", "pcs", "pieces"},
    "price": {"price", "each", "rate", "unit", "cost"},
    "amount": {"amount", "gross", "subtotal", "line", "value", "sales"},
    "total": {"total", "sum", "grand", "spent", "paid"},
    "discount": {"discount", "discounts", "reduction"},
    "payment": {"payment", "paid", "tender", "method", "pay", "cash"},
    "size": {"size", "portion", "point", "variant", "variation"},
    "flavour": {"flavour", "flavor", "syrup"},
}
NUMBERS = {"id", "no", "nr", "number", "num", "ref", "code"}
PEOPLE = {
    "customer", "custumer", "client", "guest", "member", "card", "pan", "email", "mail", "e", "phone", "telephone",
    "tel", "mobile", "address", "postcode", "zip", "staff", "employee", "server", "cashier", "barista", "waiter",
    "waitress", "note", "notes", "comment", "comments", "details", "contact", "birthday", "dob", "surname", "firstname",
    "lastname", "fullname", "person", "account", "served",
}  # fmt: skip
NAMES_OF_PEOPLE = ({"name"}, {"first", "name"}, {"last", "name"}, {"full", "name"}, {"names"})
# Where the customer drank it, which some tills call a location.
NO_PLACES = {
    "takeaway",
    "take away",
    "take-away",
    "in-store",
    "in store",
    "to go",
    "for here",
    "eat in",
    "dine in",
    "delivery",
}
NO_TAKINGS = {"tax", "vat", "tip", "gratuity", "net", "balance", "change"}


def is_hinted(facts: Facts, kind: str) -> bool:
    """Return whether a heading has a word of a kind."""
    return bool(facts.words & HINTS[kind])


def best_named(candidates: Iterable[Facts], kind: str) -> Facts | None:
    """Return the column whose heading has the most words of a kind."""
    found = [facts for facts in candidates if is_hinted(facts, kind)]
    return max(found, key=lambda facts: len(facts.words & HINTS[kind]) / len(facts.words), default=None)
