"""A document that says what no dialect can mean is refused, with its file, line and key, and with what is allowed."""

import pytest

from extract.dialects.document import InvalidDocument, read_document

# Line numbers of the errors below count from here; line 1 is the name.
ROWS = """\
name = "till"
summary = "A till."

[file]
delimiter = ","

[recognise]
by = "cells"
cells = ["payment"]

[[columns]]
is = "time"

[[columns]]
is = "branch"

[[columns]]
is = "basket"

[[columns]]
is = "total"

[[columns]]
is = "payment"

[[columns]]
is = "personal"
optional = true

[[examples]]
text = \"\"\"
25/08/2021 09:00,Leeds,Latte - 2.45,2.45,CASH,Ada
\"\"\"
rows = ["Leeds\\t2021-08-25 09:00:00\\tLatte - 2.45\\t2.45\\tCASH"]
"""
LINES = """\
name = "lines"
summary = "A line for each item."

[recognise]
by = "header"

[basket]
grammar = "lines"
group = "order"

[[columns]]
is = "time"
names = ["When"]

[[columns]]
is = "order"
names = ["No"]

[[columns]]
is = "branch"
names = ["Shop"]

[[columns]]
is = "item"
names = ["What"]

[[columns]]
is = "price"
names = ["Each"]

[[columns]]
is = "total"
names = ["Sum"]

[[columns]]
is = "payment"
names = ["Paid"]

[[examples]]
text = \"\"\"
When,No,Shop,What,Each,Sum,Paid
25/08/2021 09:00,7,Leeds,Latte,2.45,2.45,CASH
\"\"\"
rows = ["Leeds\\t2021-08-25 09:00:00\\tLatte - 2.45\\t2.45\\tCASH"]
"""
TIME, BRANCH, BASKET, TOTAL = (f'[[columns]]\nis = "{kind}"\n' for kind in ("time", "branch", "basket", "total"))


def error_of(text: str) -> str:
    with pytest.raises(InvalidDocument) as raised:
        read_document(text, "till.toml")
    return str(raised.value)


@pytest.mark.parametrize("text", [ROWS, LINES], ids=["rows", "lines"])
def test_the_documents_that_the_errors_start_from_are_valid(text: str) -> None:
    assert read_document(text, "till.toml").summary


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ('by = "cells"', "by = cells", "till.toml:8: is not TOML: Invalid value"),
        ('name = "till"\n', "", "till.toml:1: name: is missing"),
        ('"till"', '"The Till"', 'till.toml:1: name: holds "The Till"; allowed: 1 to 20 of a-z, 0-9 and -, but not header'),
        ('"A till."', '" "', "till.toml:2: summary: must not be blank"),
        ('"A till."', "7", "till.toml:2: summary: holds 7, and must be a text in quotes"),
        ('"A till."', '"A till."\ncolour = "red"', "till.toml:3: colour: is not a key here; allowed: file, recognise, time, basket, branch, total, payment, columns, name, summary, examples"),
        ('","', '":"', r'till.toml:5: file.delimiter: holds ":"; allowed: ",", ";", "\t", "|"'),
        ('","', '","\nencoding = "utf-16"', 'till.toml:6: file.encoding: holds "utf-16"; allowed: "utf-8", "windows-1252"'),
        ('","', '","\ndecimal = ";"', 'till.toml:6: file.decimal: holds ";"; allowed: ".", ",", "either"'),
        ('","', '","\nthousands = "."', "till.toml:6: file.thousands: is the decimal mark too"),
        ('","', '","\nthousands = "_"', 'till.toml:6: file.thousands: holds "_"; allowed: "", ",", ".", " ", "\'"'),
        ('","', '","\nblanks = "UNKNOWN"', 'till.toml:6: file.blanks: holds "UNKNOWN", and must be a list of texts in quotes'),
        ('[file]\ndelimiter = ","', 'file = ","', 'till.toml:4: file: holds ",", and must be a table, [file]'),
        ('"cells"', '"eye"', 'till.toml:8: recognise.by: holds "eye"; allowed: "cells", "header"'),
        ('cells = ["payment"]', "", "till.toml:7: recognise.cells: needs the columns whose cells show the dialect"),
        ('["payment"]', '["quantity"]', 'till.toml:9: recognise.cells: "quantity" is no column that is read'),
        ('["payment"]', '["personal"]', 'till.toml:9: recognise.cells: "personal" is no column that is read'),
        ('["payment"]', '["payment"]\nothers = "ignored"', 'till.toml:10: recognise.others: goes with by = "header"'),
        ('is = "time"', 'is = "tiem"', 'till.toml:12: columns 1: is: holds "tiem"; allowed: "time", "date", "clock", "branch", "till", "order", "basket", "item", "size", "flavour", "quantity", "price", "amount", "total", "discount", "payment", "personal", "ignored"'),
        ('is = "time"', 'names = ["x"]', "till.toml:11: columns 1: is: is missing; allowed: \"time\""),
        ('is = "time"', 'is = "time"\nwidth = 3', "till.toml:13: columns 1: width: is not a key here; allowed: is, names, optional"),
        ('is = "total"', 'is = "time"', 'till.toml:21: columns 4: is: there is a column "time" before it'),
        (TIME, "", 'till.toml:12: columns: needs one column "time" or one "date"'),
        ('is = "time"', 'is = "date"', 'till.toml:11: columns: needs a column "clock", or [time] clock = "HH:MM" for a file with days only'),
        (TIME, '[time]\nclock = "12:00"\n\n' + TIME, 'till.toml:14: columns: a column "time" has its clock in it'),
        (TIME, '[time]\nclock = "noon"\n\n[[columns]]\nis = "date"\n', 'till.toml:12: time.clock: holds "noon"; allowed: HH:MM'),
        (TIME, '[time]\norder = "guess"\n\n' + TIME, 'till.toml:12: time.order: holds "guess"; allowed: "day first", "month first", "year first"'),
        (TIME, '[time]\nzone = "Mars/Base"\n\n' + TIME, 'till.toml:12: time.zone: holds "Mars/Base"; allowed: a name of the time zone database, such as Europe/London'),
        (BASKET, "", 'till.toml:11: columns: needs a column "basket", because the grammar is "items"'),
        (BASKET, BASKET + '\n[[columns]]\nis = "quantity"\n', 'till.toml:21: columns 4: is: no column "quantity" is read, because the grammar is "items"'),
        (BRANCH, "", 'till.toml:11: columns: needs a column "branch", because of [branch] from'),
        (TIME, '[branch]\nfrom = "key"\n\n' + TIME, 'till.toml:18: columns 2: is: no column "branch" is read, because of [branch] from'),
        (TIME + "\n" + BRANCH, '[branch]\nfrom = "constant"\n\n' + TIME, 'till.toml:11: branch.name: goes with from = "constant"'),
        (TOTAL, "", 'till.toml:11: columns: needs a column "total", because of [total] from'),
        (TIME, '[total]\nfrom = "summed"\n\n' + TIME, 'till.toml:24: columns 4: is: no column "total" is read, because of [total] from'),
        (TIME, '[total]\nfrom = "guess"\n\n' + TIME, 'till.toml:12: total.from: holds "guess"; allowed: "stated", "summed"'),
        (TIME, '[payment]\nfrom = "constant"\n\n' + TIME, 'till.toml:27: columns 5: is: no column "payment" is read, because of [payment] from'),
        (TIME, '[payment]\nis = "CARD"\n\n' + TIME, 'till.toml:12: payment.is: goes with from = "constant"'),
        (TIME, '[payment]\nis = "BITCOIN"\n\n' + TIME, 'till.toml:12: payment.is: holds "BITCOIN"; allowed: "CARD", "CASH", "OTHER"'),
        (TIME, '[payment]\nCHEQUE = ["cheque"]\n\n' + TIME, "till.toml:12: payment.CHEQUE: is not a key here; allowed: from, is, CARD, CASH, OTHER"),
        (TIME, '[basket]\ngrammar = "poem"\n\n' + TIME, 'till.toml:12: basket.grammar: holds "poem"; allowed: "items", "quantity", "lines"'),
        ('","', '";"\ndecimal = ","\n\n[basket]\ngrammar = "quantity"', 'till.toml:6: file.decimal: a comma divides the cell, because the grammar is "quantity"'),
        ('","', '","\nthousands = ","\n\n[basket]\ngrammar = "quantity"', 'till.toml:6: file.thousands: a comma divides the cell, because the grammar is "quantity"'),
        (TIME, '[basket]\ngroup = "order"\n\n' + TIME, 'till.toml:12: basket.group: holds "order"; allowed: ""'),
        ("optional = true", 'optional = "often"', 'till.toml:28: columns 6: optional: holds "often"; allowed: false, true, "unless card"'),
        ('is = "total"', 'is = "total"\noptional = true', "till.toml:22: columns 4: optional: only these columns may be missing: personal, ignored, till, size, flavour, discount"),
        (TOTAL, TOTAL + '\n[[columns]]\nis = "ignored"\noptional = true\n', "till.toml:25: columns 5: optional: without a header, only the last columns may be missing, and only personal or ignored ones"),
        ("[[examples]]", "[[instances]]", "till.toml:1: examples: must be one or more tables, [[examples]]"),
        (r"\tCASH", "", r"till.toml:34: examples 1: rows: each is branch, time, basket, total, payment and any discount, joined by \t"),
        ("rows = [", 'rejects = ["bad_total"]\nrows = [', 'till.toml:34: examples 1: rejects: each is the line and the rule, such as "2 bad_total"'),
        ("rows = [", 'row = 1\nrows = [', "till.toml:34: examples 1: row: is not a key here; allowed: text, rows, rejects, key"),
    ],
    ids=lambda text: text[-60:],
)  # fmt: skip
def test_a_document_of_rows_is_refused(old: str, new: str, error: str) -> None:
    assert ROWS.count(old) >= 1

    assert error_of(ROWS.replace(old, new, 1)).startswith(error)


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ('names = ["When"]\n', "", "till.toml:11: columns 1: names: is missing: the header's words show which column this is"),
        ('"Sum"', '"e a-c_H"', 'till.toml:33: columns 6: names: another column is named "each" too'),
        ('"header"', '"header"\ncells = ["time"]', "till.toml:6: recognise.cells: are for documents that are recognised by cells"),
        ('"order"', '"rhyme"', 'till.toml:9: basket.group: holds "rhyme"; allowed: "blank cells", "order", "time and branch", "line"'),
        ('group = "order"', 'group = "line"', 'till.toml:16: columns 2: is: no column "order" is read, because the group is "line"'),
        ('is = "order"', 'is = "ignored"', 'till.toml:11: columns: needs a column "order", because the group is "order"'),
        ('is = "price"', 'is = "ignored"', 'till.toml:11: columns: needs one column "price" (of one) or one "amount" (of the line)'),
        ('is = "item"', 'is = "basket"', 'till.toml:24: columns 4: is: no column "basket" is read, because the grammar is "lines"'),
        ('is = "payment"', 'is = "personal"\noptional = "unless card"', 'till.toml:37: columns 7: optional: "unless card" is for documents that are recognised by cells'),
    ],
    ids=lambda text: text[-60:],
)  # fmt: skip
def test_a_document_of_lines_is_refused(old: str, new: str, error: str) -> None:
    assert LINES.count(old) >= 1

    assert error_of(LINES.replace(old, new, 1)).startswith(error)


def test_a_text_that_is_not_toml_at_its_end_is_refused() -> None:
    assert error_of('name = "till').startswith("till.toml:1: is not TOML: ")
