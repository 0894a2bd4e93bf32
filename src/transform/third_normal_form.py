"""One part's canonical rows into the rows of orders, order items and dimensions; pure.

Works on bytes and remembers what a basket's text came to: over two thirds of real baskets are repeats.
"""

from dataclasses import dataclass, field

from shared.rejects import Reject
from transform.baskets import item_quantities, parse_item, pounds
from transform.ids import branch_id, order_id, product_id
from transform.rules import Rule

REMEMBERED_TEXTS = 50_000


@dataclass(frozen=True, slots=True)
class NormalForm:
    """What a part came to: lines for COPY, ended by LF, and the counts that the load holds them against.

    Orders: order id, file id, branch id, ordered at, payment, total. Items: order id, product id, unit price,
    quantity. Dimensions: kind (branch or product), id, name, size, flavour; each once a part.
    """

    orders: list[bytes] = field(default_factory=list)
    order_items: list[bytes] = field(default_factory=list)
    dimensions: list[bytes] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


# What a basket came to: its price as the warehouse writes it, the same in pence, the number of its items, and their
# lines cut where the order's id belongs: ``id.join(lines)`` makes them whole. A tuple: one is made for a row in four.
type _Basket = tuple[bytes, int, int, tuple[bytes, ...]]


class Normaliser:
    """Normalise the rows of one part, block by block. The counts grow with each block."""

    def __init__(self, file_id: str) -> None:
        self.orders = self.items = self.rejects = self.pence = 0
        self._file_id = file_id.encode()
        self._baskets: dict[bytes, _Basket] = {}
        self._items: dict[str, tuple[int, bytes, bytes]] = {}
        self._branches: dict[bytes, bytes] = {}
        self._products: set[int] = set()
        self._new_dimensions: list[bytes] = []

    def normalise(self, lines: list[bytes]) -> NormalForm:
        """Normalise some canonical rows, each without its line feed."""
        made = NormalForm()
        add_order, add_items = made.orders.append, made.order_items.append
        baskets, branches, file_id = self._baskets, self._branches, self._file_id
        items = pence = 0
        for line in lines:
            line_number, _, order = line.partition(b"\t")
            branch, ordered_at, text, total, payment, _ = order.split(b"\t")
            price, basket_pence, basket_items, item_lines = baskets.get(text) or self._basket(text)
            if price != total:
                made.rejects.append(Reject(int(line_number), Rule.TOTAL_MISMATCH))
                continue
            key = order_id(order)
            branch_key = branches.get(branch) or self._branch(branch)
            add_order(b"%b,%b,%b,%b,%b,%b\n" % (key, file_id, branch_key, ordered_at, payment, total))
            add_items(key.join(item_lines))
            items += basket_items
            pence += basket_pence
        self.orders += len(made.orders)
        self.items += items
        self.pence += pence
        self.rejects += len(made.rejects)
        made.dimensions.extend(self._new_dimensions)
        self._new_dimensions.clear()
        return made

    def _basket(self, text: bytes) -> _Basket:
        pence, lines = 0, [b""]
        for item, quantity in item_quantities(text.decode()).items():
            unit_pence, line, line_of_one = self._items.get(item) or self._item(item)
            pence += unit_pence * quantity
            lines.append(line_of_one if quantity == 1 else b"%b%d\n" % (line, quantity))
        if len(self._baskets) >= REMEMBERED_TEXTS:
            self._baskets.clear()
        basket = self._baskets[text] = (pounds(pence).encode(), pence, len(lines) - 1, tuple(lines))
        return basket

    def _item(self, text: str) -> tuple[int, bytes, bytes]:
        """Read an item met for the first time: its price, its line up to the quantity, and its line for one of it."""
        product, unit_pence = parse_item(text)
        key = product_id(product)
        if key not in self._products:
            self._products.add(key)
            self._new_dimensions.append(_dimension("product", key, product.name, product.size, product.flavour))
        if len(self._items) >= REMEMBERED_TEXTS:
            self._items.clear()
        line = f",{key},{pounds(unit_pence)},".encode()
        item = self._items[text] = (unit_pence, line, line + b"1\n")
        return item

    def _branch(self, name: bytes) -> bytes:
        key = branch_id(name.decode())
        self._branches[name] = str(key).encode()
        self._new_dimensions.append(_dimension("branch", key, name.decode(), "", ""))
        return self._branches[name]


def _dimension(kind: str, key: int, name: str, size: str, flavour: str) -> bytes:
    """Write a branch or product; only its names may need quotes."""
    return f"{kind},{key},{_quoted(name)},{size},{_quoted(flavour)}\n".encode()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
