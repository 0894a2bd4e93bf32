"""Guess which column of a table is which cell of an order, with the reason for each guess and the open questions.

A guess never quotes a cell, except for words of payment that a list knows.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from cafe.answers.drafting.guess import Guess
from cafe.answers.drafting.headings import HINTS, NAMES_OF_PEOPLE, NO_PLACES, NUMBERS, PEOPLE, best_named, is_hinted
from cafe.answers.drafting.money import BASKETS, MONEY, guess_money
from cafe.answers.drafting.sample import Facts, Sample
from cafe.answers.drafting.spelling import CURRENCIES, POUNDS, Look, amount_of, moment_of, price_in_basket
from cafe.counting import counted
from extract.cells import canonical_payment
from extract.dialects.document import (
    BY_BLANKS,
    BY_LINE,
    BY_ORDER,
    BY_TIME,
    CONSTANT,
    DAY_FIRST,
    KEY,
    LINES,
    MONTH_FIRST,
    UTF_8,
    WINDOWS,
    YEAR_FIRST,
)

# A branch has fewer different names than this share of the rows, unless a heading shows it.
FEW = 0.5
REMEMBERED_WORDS = 12


def guess_of(sample: Sample) -> Guess:
    """Guess what each column of a table is."""
    guess = Guess(sample, encoding=WINDOWS if sample.is_windows else UTF_8)
    guess.questions.append("which till or program wrote the file? Say it in the summary, and give the dialect a name.")
    for step in (
        _empty,
        _personal,
        _times,
        _spelling,
        _payment,
        _baskets,
        _branch,
        _till,
        _item,
        _order,
        _group,
        guess_money,
        _rest,
    ):
        step(guess)
    return guess


def _empty(guess: Guess) -> None:
    for facts in guess.free(Look.BLANK):
        is_personal = facts.words & PEOPLE or facts.words in NAMES_OF_PEOPLE
        reason = "it is empty in each line that was looked at"
        guess.put(facts, "personal" if is_personal else "ignored", reason)


def _personal(guess: Guess) -> None:
    for facts in guess.free():
        is_number_of_order = is_hinted(facts, "order") and facts.words & NUMBERS
        if facts.look is Look.CARD and not is_number_of_order:
            guess.put(facts, "personal", "its cells look like numbers of cards or telephones")
        elif facts.look is Look.CONTACT:
            guess.put(facts, "personal", "its cells are e-mail addresses")
        elif facts.look in (Look.TEXT, Look.WHOLE) and (facts.words & PEOPLE or facts.words in NAMES_OF_PEOPLE):
            guess.put(facts, "personal", "its heading mentions a person")
        elif any(facts.looks[look] for look in (Look.CARD, Look.CONTACT)) and not is_number_of_order:
            guess.put(facts, "personal", "some of its cells look like a card, a telephone or an e-mail address")
        elif facts.look is Look.PAYMENT and "card" in facts.words and not facts.words & HINTS["payment"]:
            guess.put(facts, "personal", "its heading mentions a card")


def _times(guess: Guess) -> None:
    moments, days, clocks = (guess.free(look) for look in (Look.MOMENT, Look.DAY, Look.CLOCK))
    if moments:
        guess.put(moments[0], "time", "its cells are a day and a clock")
        used = [moments[0]]
    elif days:
        guess.put(days[0], "date", "its cells are days")
        used = [days[0]]
        if clocks:
            guess.put(clocks[0], "clock", "its cells are clocks")
        else:
            guess.clock = "00:00"
            guess.questions.append("no column has a clock, so each order is at 00:00. Is there an export with clocks?")
    else:
        guess.questions.append(
            "no column has times that are read, as 25/08/2021 09:00, 25-Aug-21 9:00 AM or 2021-08-25T09:00. Which one "
            'is the time? Write is = "time" there, and a few made-up lines as the example.'
        )
        return
    for other in [*moments, *days, *clocks]:
        if other.place not in guess.kinds:
            guess.put(other, "ignored", f"it is a time too, and the one in column {used[0].place + 1} comes first")
            guess.questions.append(
                f"column {other.place + 1} is a time too. If the sale is at that time, "
                f'write is = "time" there, and is = "ignored" in column {used[0].place + 1}.'
            )
    read = [moment for value in used[0].filled if (moment := moment_of(value))]
    orders = {moment.order for moment in read if moment.order}
    guess.has_month_words = any(moment.has_word for moment in read)
    guess.has_short_years = any(moment.has_two_digit_year for moment in read)
    if guess.has_short_years:
        guess.questions.append(
            "years have two digits, and the draft takes the last number of a day for the year: 25/08/21 is in 2021. Is "
            'it? If the year is in front, order = "year first".'
        )
    if guess.has_month_words and not orders:
        return
    if {DAY_FIRST, MONTH_FIRST} <= orders:
        guess.questions.append("some days are over 12 in the first place and some in the second. Which order is right?")
    elif MONTH_FIRST in orders:
        guess.day_order, guess.order_reason = MONTH_FIRST, "a number over 12 stands in the second place"
    elif DAY_FIRST in orders:
        guess.order_reason = "a number over 12 stands in the first place"
    elif YEAR_FIRST in orders:
        guess.day_order, guess.order_reason = YEAR_FIRST, "each day begins with its year"
    else:
        guess.order_reason = "a guess: no day is over 12"
        guess.questions.append("no day is over 12, so the days show no order. Is the day first, or the month?")


def _spelling(guess: Guess) -> None:
    """Find the marks of amounts and the words for nothing."""
    kept = [facts for facts in guess.sample.columns if guess.kinds.get(facts.place) != "personal"]
    amounts = [
        amount
        for facts in kept
        if facts.look in MONEY and guess.kinds.get(facts.place) is None
        for value in facts.filled
        if (amount := amount_of(value))
    ]
    amounts += [
        price
        for facts in kept
        if facts.look in BASKETS
        for value in facts.filled
        if (price := price_in_basket(value, facts.look))
    ]
    decimals = Counter(amount.decimal for amount in amounts if amount.decimal)
    if len(decimals) == 2:
        guess.decimal = "either"
    elif decimals:
        guess.decimal = next(iter(decimals))
    thousands = {amount.thousands for amount in amounts if amount.thousands and amount.thousands not in decimals}
    guess.thousands = min(thousands, default="")
    signs = {amount.currency for amount in amounts if amount.currency}
    if foreign := signs - {"£"}:
        guess.currency = min(foreign, key=CURRENCIES.index)
        if len(signs) > 1:
            guess.questions.append(
                f"amounts have several signs: {', '.join(sorted(signs, key=CURRENCIES.index))}. A dialect has one, and "
                "amounts with another are rejected. Which one is right?"
            )
        if foreign - POUNDS:
            guess.questions.append(
                f"amounts have the sign {guess.currency}. The warehouse holds pounds, and nothing is converted. Are "
                "they pounds? If not, do not load the file."
            )
    guess.blanks = tuple(sorted({word for facts in kept for word in facts.nothings}))


def _payment(guess: Guess) -> None:
    texts = guess.free(Look.PAYMENT, Look.TEXT)
    found = best_named([facts for facts in texts if not facts.words & (NUMBERS | HINTS["order"])], "payment")
    found = found or next((facts for facts in texts if facts.look is Look.PAYMENT), None)
    if found is None:
        guess.payment_from, guess.payment_is = CONSTANT, "OTHER"
        guess.questions.append(
            "no column says how an order was paid, so each one is OTHER. Is it all by CARD, or in CASH?"
        )
        return
    known = Counter(value.strip() for value in found.filled if canonical_payment(value))
    guess.payment_words = tuple(word for word, _ in known.most_common(REMEMBERED_WORDS))
    guess.put(found, "payment", f"{known.total()} of {counted(len(found.filled), 'cell')} are known words of payment")
    unknown = len({value.strip() for value in found.filled if not canonical_payment(value)})
    if unknown:
        guess.has_unknown_payments = True
        guess.questions.append(
            f"{counted(unknown, 'word')} of column {found.place + 1} {'is' if unknown == 1 else 'are'} no known "
            "payment. Write each into a list of [payment]: what is in none is rejected as bad_payment."
        )


def _baskets(guess: Guess) -> None:
    found = guess.free(*BASKETS)
    if not found:
        return
    # Of two, the longer one has all items.
    basket = max(found, key=lambda facts: sum(map(len, facts.filled)))
    guess.grammar = BASKETS[basket.look]
    guess.put(basket, "basket", f"its cells are {basket.look}")


def _branch(guess: Guess) -> None:
    texts = [facts for facts in guess.free(Look.TEXT) if not _are_no_places(facts)]
    found = best_named(texts, "branch")
    if found:
        guess.put(found, "branch", "its heading mentions a place")
        return
    if not guess.sample.header:
        few = [facts for facts in texts if facts.people <= FEW]
        items = guess.column("basket")
        repeated = min(few, key=lambda facts: (facts.distinct, facts.place), default=None)
        if repeated and (items or len(few) > 1):
            guess.put(
                repeated, "branch", f"{counted(repeated.distinct, 'name')} in {counted(len(repeated.filled), 'line')}"
            )
            guess.questions.append(f"is column {repeated.place + 1} the café? No header says so.")
            return
    guess.branch_from = KEY
    guess.questions.append(
        "no column names the café, so the file's name has to, as leeds_25-08-2021_21-00-00.csv does. If all files are "
        'of one café, write [branch] from = "constant" and name = "Leeds", delete the key of the example, and write '
        "Leeds into its rows."
    )


def _till(guess: Guess) -> None:
    found = best_named(guess.free(Look.WHOLE, Look.TEXT), "till")
    if found is None or any(is_hinted(found, kind) for kind in HINTS if kind != "till"):
        return
    # A number of each receipt differs from line to line.
    if found.distinct <= FEW * len(found.filled):
        guess.put(found, "till", "its heading mentions a till: equal orders of two tills are two orders")


def _are_no_places(facts: Facts) -> bool:
    return all(value.strip().casefold() in NO_PLACES for value in facts.filled)


def _item(guess: Guess) -> None:
    if guess.column("basket"):
        return
    guess.grammar = LINES
    texts = [facts for facts in guess.free(Look.TEXT, Look.WHOLE) if not facts.words & NUMBERS]
    named = [facts for facts in texts if is_hinted(facts, "item") and facts.look is Look.TEXT]
    plain = [
        facts
        for facts in texts
        if facts.look is Look.TEXT and not any(is_hinted(facts, kind) for kind in ("size", "flavour"))
    ]
    found = max(named, key=lambda facts: (facts.distinct, facts.place), default=None)
    if found is None and not guess.sample.header:
        plain = [facts for facts in plain if facts.people <= FEW]
        found = max(plain, key=lambda facts: (facts.distinct, facts.place), default=None)
    if found:
        guess.put(found, "item", "its heading mentions a product" if found.heading else "its cells are short texts")
    else:
        guess.questions.append("no column has the products that were sold. Which one does?")
    for kind in ("size", "flavour"):
        if other := best_named(guess.free(Look.TEXT), kind):
            guess.put(other, kind, f"its heading mentions a {kind}")
    quantity = best_named(guess.free(Look.WHOLE, Look.AMOUNT), "quantity")
    if quantity:
        guess.put(quantity, "quantity", "its heading mentions a number of things")


def _order(guess: Guess) -> None:
    """Find the number of the order."""
    if guess.grammar != LINES:
        return
    candidates = [facts for facts in guess.free(Look.WHOLE, Look.TEXT, Look.CARD) if is_hinted(facts, "order")]
    found = max(candidates, key=lambda facts: len(facts.words & NUMBERS), default=None)
    if found:
        guess.put(found, "order", "its heading mentions an order")


def _group(guess: Guess) -> None:
    """Decide which lines are one order."""
    if guess.grammar != LINES:
        return
    order, moment, item = guess.column("order"), guess.column("time") or guess.column("date"), guess.column("item")
    if (
        moment
        and item
        and any(not when.strip() and what.strip() for when, what in zip(moment.values, item.values, strict=True))
    ):
        guess.group, guess.group_reason = BY_BLANKS, "some lines have an item and no time"
    elif order and _runs([(value,) for value in order.values]) < len(order.filled):
        guess.group, guess.group_reason = BY_ORDER, "an order's number stands in several lines"
    elif order:
        guess.group, guess.group_reason = BY_LINE, "each order's number stands in one line"
        guess.put(order, "ignored", "it is the order's number, and each order is one line")
    elif guess.clock:
        # Lines of one day are the whole day's orders.
        guess.group, guess.group_reason = BY_LINE, "no column has a clock or an order's number"
        guess.questions.append("is each line one order? Nothing in the file shows which lines are one.")
    elif moment and _runs(guess.keys_by_time()) < len(moment.values):
        guess.group, guess.group_reason = BY_TIME, "lines below each other have one time and branch"
        guess.questions.append('are lines of one time and branch one order? If each line is one, group = "line".')
    else:
        guess.group, guess.group_reason = BY_LINE, "no two lines below each other have one time and branch"
    if guess.group == BY_BLANKS and order:
        guess.put(order, "ignored", "it is the order's number, and blank cells show the lines of an order")


def _runs(keys: Sequence[tuple[str, ...]]) -> int:
    return sum(1 for _ in groupby(keys))


def _rest(guess: Guess) -> None:
    """Drop what is left: a column that may hold a person's data is personal, any other is ignored."""
    for facts in guess.free():
        if facts.look is Look.TEXT and (facts.people > FEW or facts.distinct > FEW * len(facts.filled)):
            guess.put(facts, "personal", "its many different texts may be of persons")
        else:
            guess.put(facts, "ignored", f"its cells are {facts.look}, which no order needs")
    if others := guess.sample.others:
        guess.questions.append(
            f"{counted(others, 'line')} of the file {'has' if others == 1 else 'have'} another number of cells, as a "
            "title has. Is each one no order? `cafe dialect try` shows what becomes of them."
        )
