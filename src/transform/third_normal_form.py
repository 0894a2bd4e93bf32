"""Turn one part's canonical rows into rows of orders, order items and dimensions. Pure.

Works on bytes, and caches the results for items, totals, branches, and baskets of one or two items: there are few of
them, and each occurs thousands of times. Larger baskets are not cached: most of them are new, and caching those costs
more time than the others save.
"""

import re
from typing import Any, NamedTuple

from shared.amounts import pounds
from shared.baskets import items_of
from shared.rejects import Reject
from transform.baskets import Unpriced, parse_item
from transform.ids import branch_id, order_id, product_id
from transform.rules import Rule

# Of an order without a discount, which is one cell more.
CELLS = 6
# As extract writes one. It writes none of nothing.
_DISCOUNT = re.compile(rb"(?!0\.00$)[0-9]+\.[0-9]{2}")
REMEMBERED_TEXTS = 50_000
# More than half of all orders have no more items than this. A menu of 99 items makes 9,900 such baskets at most.
ITEMS_OF_SMALL_BASKET = 2
REMEMBERED_BASKETS = 10_000


class NormalForm(NamedTuple):
    """Lines for COPY, each with LF at the end, and rejects.

    Orders: order id, file id, branch id, ordered at, payment, total. Items: order id, product id, unit price,
    quantity. Discounts: order id, amount, of the orders that have one. Dimensions: kind (branch or product), id, name,
    size, flavour; each once per part.
    """

    orders: list[bytes]
    order_items: list[bytes]
    discounts: list[bytes]
    dimensions: list[bytes]
    rejects: list[Reject]


class _Introduced(NamedTuple):
    """A text that a row brought first, the memory that has it now, and the dimension that it added ("" if none).

    A named tuple, because thousands of them are made of each part.
    """

    row: int
    memory: dict[bytes, Any]
    text: bytes
    key: int = 0
    dimension: bytes = b""


class Normaliser:
    """Normalise the rows of one part in blocks. The counts grow with each block."""

    def __init__(self, file_id: str) -> None:
        self.orders = self.items = self.rejects = self.pence = self.discounts = 0
        self._file_id = file_id.encode()
        self._items: dict[bytes, tuple[int, bytes]] = {}
        self._small_baskets: dict[bytes, tuple[int, list[bytes]]] = {}
        self._totals: dict[bytes, tuple[int, bytes]] = {}
        self._branches: dict[bytes, bytes] = {}
        self._products: set[int] = set()
        self._made = NormalForm([], [], [], [], [])
        self._introduced: list[_Introduced] = []

    def normalise(self, lines: list[bytes]) -> NormalForm:
        """Normalise a block of canonical rows without their line feeds."""
        made = self._made = NormalForm([], [], [], [], [])
        add_order, add_items = made.orders.append, made.order_items.append
        known_baskets, known_totals, known_branches = self._small_baskets, self._totals, self._branches
        items = pence = 0
        for line in lines:
            line_number, _, order = line.partition(b"\t")
            try:
                cells = order.split(b"\t")
                discount = cells.pop() if len(cells) > CELLS else None
                branch, ordered_at, basket, total, payment, _ = cells
                basket_pence, item_lines = known_baskets.get(basket) or self._basket(basket)
                total_pence, last_field = known_totals.get(total) or self._total(total)
                origin = known_branches.get(branch) or self._branch(branch)
            except ValueError:
                # One row that extract should not have written must not keep the others of its file waiting.
                self._reject(int(line_number), Rule.UNREADABLE_ROW)
                continue
            is_explained = basket_pence == total_pence and discount is None
            if not is_explained and (fault := _discount_fault(discount, basket_pence - total_pence)):
                self._reject(int(line_number), fault)
                continue
            key = order_id(order)
            add_order(b",".join((key, origin, ordered_at, payment, last_field)))
            # The lines lack the order's id at the start. `join` puts it there.
            add_items(key.join(item_lines))
            if discount is not None:
                made.discounts.append(b"%b,%b\n" % (key, discount))
            items += len(item_lines) - 1
            pence += total_pence
        self.orders += len(made.orders)
        self.items += items
        self.pence += pence
        self.discounts += len(made.discounts)
        self.rejects += len(made.rejects)
        made.dimensions.extend(one.dimension for one in self._introduced if one.dimension)
        self._introduced.clear()
        return made

    def _reject(self, line_number: int, rule: Rule) -> None:
        """Reject a row, and forget what it introduced: nothing of its text is written."""
        row = self._row
        while self._introduced and self._introduced[-1].row == row:
            forgotten = self._introduced.pop()
            forgotten.memory.pop(forgotten.text, None)
            if forgotten.dimension and forgotten.memory is self._items:
                self._products.discard(forgotten.key)
        self._made.rejects.append(Reject(line_number, rule))

    @property
    def _row(self) -> int:
        """The place of the current row in its block: each row before it was made an order or a reject."""
        return len(self._made.orders) + len(self._made.rejects)

    def _basket(self, text: bytes) -> tuple[int, list[bytes]]:
        """Read a basket: return its price, and "" and the lines of its items, as `join` needs them."""
        pence, lines, items = 0, [b""], text.split(b", ")
        known = self._items
        try:
            for item in items:
                unit_pence, line = known.get(item) or self._item(item)
                pence += unit_pence
                lines.append(line)
        except Unpriced:
            pence, lines = self._with_commas_in_names(text)
        if len(set(lines)) < len(lines):
            lines = _with_quantities(lines)
        if len(items) > ITEMS_OF_SMALL_BASKET:
            return pence, lines
        self._introduced.append(_Introduced(self._row, self._small_baskets, text))
        return _remember(self._small_baskets, text, (pence, lines), REMEMBERED_BASKETS)

    def _with_commas_in_names(self, basket: bytes) -> tuple[int, list[bytes]]:
        """Read a basket whose commas do not all stand between items: return its price and the lines of its items."""
        items = [item.encode() for item in items_of(basket.decode())]
        found = [self._items.get(item) or self._item(item) for item in items]
        return sum(pence for pence, _ in found), [b"", *(line for _, line in found)]

    def _item(self, text: bytes) -> tuple[int, bytes]:
        """Read a new item: return its price, and its line with a quantity of 1 and without the order's id."""
        product, unit_pence = parse_item(text.decode())
        key = product_id(product)
        dimension = b""
        if key not in self._products:
            self._products.add(key)
            dimension = _dimension("product", key, product.name, product.size, product.flavour)
        self._introduced.append(_Introduced(self._row, self._items, text, key, dimension))
        line = f",{key},{pounds(unit_pence)},1\n".encode()
        return _remember(self._items, text, (unit_pence, line), REMEMBERED_TEXTS)

    def _total(self, text: bytes) -> tuple[int, bytes]:
        """Read a new total: return its pence, and the end of an order's line."""
        return _remember(self._totals, text, (int(text.replace(b".", b"")), text + b"\n"), REMEMBERED_TEXTS)

    def _branch(self, name: bytes) -> bytes:
        """Read a new branch: return the file id and branch id for an order's line."""
        key = branch_id(name.decode())
        dimension = _dimension("branch", key, name.decode(), "", "")
        self._introduced.append(_Introduced(self._row, self._branches, name, key, dimension))
        self._branches[name] = b"%b,%d" % (self._file_id, key)
        return self._branches[name]


def _remember[Result](memory: dict[bytes, Result], text: bytes, result: Result, most: int) -> Result:
    if len(memory) >= most:
        memory.clear()
    memory[text] = result
    return result


def _discount_fault(discount: bytes | None, missing_pence: int) -> Rule | None:
    """Return the rule that an order breaks if its discount is not what the total lacks of the items."""
    if discount is None:
        return Rule.TOTAL_MISMATCH
    if not _DISCOUNT.fullmatch(discount):
        return Rule.UNREADABLE_ROW
    return None if int(discount.replace(b".", b"")) == missing_pence else Rule.TOTAL_MISMATCH


def _with_quantities(item_lines: list[bytes]) -> list[bytes]:
    """Merge identical items of one basket into one line with a quantity, in the till's order."""
    quantities = dict.fromkeys(item_lines, 0)
    for line in item_lines:
        quantities[line] += 1
    return [line if quantity == 1 else b"%b%d\n" % (line[:-2], quantity) for line, quantity in quantities.items()]


def _dimension(kind: str, key: int, name: str, size: str, flavour: str) -> bytes:
    """Write a branch or product. Only name and flavour may need quotes."""
    return f"{kind},{key},{_quoted(name)},{size},{_quoted(flavour)}\n".encode()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
