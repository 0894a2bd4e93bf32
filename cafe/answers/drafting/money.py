"""Decide which column is which amount: prices, totals and discounts."""

from collections.abc import Sequence
from itertools import groupby

from cafe.answers.drafting.guess import Guess
from cafe.answers.drafting.headings import NO_TAKINGS, is_hinted
from cafe.answers.drafting.sample import Facts
from cafe.answers.drafting.spelling import Look, amount_of, basket_sum, look_of
from extract.dialects.document import BY_BLANKS, BY_LINE, BY_ORDER, ITEMS, QUANTITY, SUMMED

MONEY = (Look.AMOUNT, Look.WHOLE)
BASKETS = {Look.ITEMS: ITEMS, Look.TRIPLES: ITEMS, Look.QUANTITIES: QUANTITY}
# This share of what can be computed has to agree before figures decide a question.
AGREES = 0.9


def guess_money(guess: Guess) -> None:
    """Decide which amount is which, by arithmetic first, then by the headings."""
    for facts in guess.free(*MONEY):
        if is_hinted(facts, "discount"):
            guess.put(facts, "discount", "its heading mentions a discount")
        elif facts.words & NO_TAKINGS:
            guess.put(facts, "ignored", "its heading mentions tax, a tip or the like")
    candidates = [facts for facts in guess.free(*MONEY) if facts.look is Look.AMOUNT or _is_money(facts)]
    if basket := guess.column("basket"):
        _total_of_basket(guess, basket, candidates)
    else:
        _price_and_total(guess, candidates)


def _is_money(facts: Facts) -> bool:
    return any(is_hinted(facts, kind) for kind in ("price", "amount", "total"))


def _total_of_basket(guess: Guess, basket: Facts, candidates: Sequence[Facts]) -> None:
    agreeing = {}
    for facts in candidates:
        pairs = [
            (basket_sum(text, look_of(text)), _taken_off(guess, [place]), amount_of(total))
            for place, (text, total) in enumerate(zip(basket.values, facts.values, strict=True))
            if look_of(text) in BASKETS
        ]
        computed = [total is not None and items == total.pence + discount for items, discount, total in pairs]
        agreeing[facts.place] = sum(computed) / len(computed) if computed else 0.0
    best = max(candidates, key=lambda facts: (agreeing[facts.place], is_hinted(facts, "total")), default=None)
    if best and (agreeing[best.place] >= AGREES or _is_money(best) or not best.heading):
        guess.put(best, "total", f"the items add up to it in {agreeing[best.place]:.0%} of the lines")
        if agreeing[best.place] < AGREES:
            guess.questions.append(f"is column {best.place + 1} the total? The items do not always add up to it.")
    else:
        guess.total_from, guess.total_reason = SUMMED, "no column has a total, so the items are added up"


def _price_and_total(guess: Guess, candidates: Sequence[Facts]) -> None:
    """Choose what one item costs and what the order does, so that the figures agree."""
    options = []
    for unit in candidates:
        for kind in ("price", "amount"):
            for total in (None, *(other for other in candidates if other is not unit)):
                agrees = _agreement(guess, unit, kind, total) if total else 0.0
                if total and agrees < AGREES:
                    continue
                score = 4 * agrees + 2 * is_hinted(unit, kind) + (1 if total and is_hinted(total, "total") else 0)
                score += 0.5 * is_hinted(unit, "total") * (kind == "amount") + 3 * _steadiness(guess, unit, kind)
                score += 0.2 * (kind == "price")
                options.append((score, unit, kind, total))
    if not options:
        guess.total_from, guess.total_reason = SUMMED, "the items are added up"
        guess.questions.append("no column has the price of an item. Which one does?")
        return
    _, unit, kind, total = max(options, key=lambda option: option[0])
    meaning = "the price of one" if kind == "price" else "the price of the whole line"
    guess.put(unit, kind, f"it is {meaning}")
    if guess.column("quantity") and not total and not _steadiness(guess, unit, kind):
        guess.questions.append(f'is column {unit.place + 1} the price of one ("price"), or of the line ("amount")?')
    if total:
        guess.put(total, "total", "the items of an order add up to it")
    else:
        guess.total_from, guess.total_reason = SUMMED, "no column has a total to which the items add up"


def _agreement(guess: Guess, unit: Facts, kind: str, total: Facts) -> float:
    """Return the share of the orders whose items, less the discount, add up to a total."""
    quantity = guess.column("quantity")
    sums, agreed = 0, 0
    for places in _orders(guess):
        lines = [_pence_of_line(unit, kind, quantity, place) for place in places]
        stated = amount_of(total.values[places[0]])
        if stated is None or any(line is None for line in lines):
            continue
        sums += 1
        agreed += sum(line for line in lines if line) == stated.pence + _taken_off(guess, places)
    return agreed / sums if sums else 0.0


def _taken_off(guess: Guess, places: Sequence[int]) -> int:
    """Return the discount of an order's lines, in pence."""
    discount = guess.column("discount")
    amounts = [amount_of(discount.values[place]) for place in places] if discount else []
    return sum(abs(amount.pence) for amount in amounts if amount)


def _pence_of_line(unit: Facts, kind: str, quantity: Facts | None, place: int) -> int | None:
    amount, count = amount_of(unit.values[place]), amount_of(quantity.values[place]) if quantity else None
    if amount is None or (quantity and count is None):
        return None
    return amount.pence * (count.pence if count and kind == "price" else 100) // 100


def _orders(guess: Guess) -> list[list[int]]:
    """List the places of the lines of each order."""
    order = guess.column("order")
    count = len(guess.sample.rows)
    if guess.group == BY_LINE:
        return [[place] for place in range(count)]
    if guess.group == BY_BLANKS:
        moment = guess.column("time") or guess.column("date")
        found: list[list[int]] = []
        for place in range(count):
            if (moment and moment.values[place].strip()) or not found:
                found.append([])
            found[-1].append(place)
        return found
    keys = [(value,) for value in order.values] if guess.group == BY_ORDER and order else guess.keys_by_time()
    return [[place for place, _ in lines] for _, lines in groupby(enumerate(keys), key=lambda one: one[1])]


def _steadiness(guess: Guess, unit: Facts, kind: str) -> float:
    """Return 1 if a product costs the same whatever its quantity, read as this kind, and does not as the other."""
    item, quantity = guess.column("item"), guess.column("quantity")
    if item is None or quantity is None:
        return 0.0
    changes = {"price": 0, "amount": 0}
    seen: dict[str, tuple[int, int]] = {}
    for name, count_text, text in zip(item.values, quantity.values, unit.values, strict=True):
        count, amount = amount_of(count_text), amount_of(text)
        if not count or not amount or not count.pence:
            continue
        earlier = seen.setdefault(name.strip(), (count.pence, amount.pence))
        if earlier[0] != count.pence:
            changes["price"] += earlier[1] != amount.pence
            changes["amount"] += earlier[1] * count.pence != amount.pence * earlier[0]
    other = "amount" if kind == "price" else "price"
    return 1.0 if changes[kind] < changes[other] else 0.0
