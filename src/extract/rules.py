"""Why extract rejects a row or a file: stable codes, each with a remedy (docs/reject-rules.md)."""

from shared.rejects import Explained


class Rule(Explained):
    """Why a row is rejected. The rest of its file is still loaded."""

    WRONG_CELL_COUNT = (
        "wrong_cell_count",
        "The row has too many or too few cells, often due to a comma outside quotes. Fix it and send the file again.",
    )
    BAD_TIMESTAMP = (
        "bad_timestamp",
        "The time is not like DD/MM/YYYY HH:MM or YYYY-MM-DD HH:MM:SS, or no real day. Fix it and send the file again.",
    )
    DATE_OUT_OF_RANGE = (
        "date_out_of_range",
        "The date is before 2000 or in the future, often because of the till's clock. Fix it and send the file again.",
    )
    BAD_BRANCH = (
        "bad_branch",
        "The branch is empty, longer than 120 bytes or has no letter. Write the branch's name and send the file again.",
    )
    SALE_TOO_OLD = (
        "sale_too_old",
        "The sale is much older than the file, often because of the till's clock. Fix it, or let head office send it.",
    )
    FOREIGN_BRANCH = (
        "foreign_branch",
        "The row names another café than the file's name. Fix the row or the name, or let head office send it.",
    )
    EMPTY_BASKET = ("empty_basket", "The order has no items. Add the items and send the file again.")
    ITEM_WITHOUT_PRICE = (
        "item_without_price",
        "An item has no price, or not one in pounds with at most two decimals. Fix it and send the file again.",
    )
    ITEMS_NOT_SEPARATED = (
        "items_not_separated",
        "There is no comma between two items. Put a comma and a space between them and send the file again.",
    )
    BAD_ITEM = (
        "bad_item",
        "An item has no name, or its name is longer than 120 bytes. Fix the name and send the file again.",
    )
    BAD_TOTAL = (
        "bad_total",
        "The total is not a plain amount like 4.60. Fix it and send the file again.",
    )
    REFUND_NOT_SUPPORTED = (
        "refund_not_supported",
        "Refunds are not loaded yet. The sale stays as it was. Count it by hand. Remove the row.",
    )
    BAD_DISCOUNT = (
        "bad_discount",
        "The discount is not a plain amount like 0.45, or more than the items. Fix it and send the file again.",
    )
    BAD_QUANTITY = (
        "bad_quantity",
        "The quantity is not a whole number from 1 to 200. Fix it and send the file again.",
    )
    BAD_PAYMENT = (
        "bad_payment",
        "The payment is not known as CARD, CASH or OTHER. Write one of the three and send the file again.",
    )
    POSSIBLE_CARD_NUMBER = (
        "possible_card_number",
        "The branch or an item has 8 digits together, like a card or phone number. Remove them, send the file again.",
    )
    POSSIBLE_CONTACT = (
        "possible_contact",
        "The branch or an item has an e-mail address, which may be a person's. Remove it and send the file again.",
    )
    CONTROL_CHARACTER = (
        "control_character",
        "The branch or basket has an invisible character, often from pasted text. Remove it and send the file again.",
    )
    UNREADABLE_CHARACTER = (
        "unreadable_character",
        "A letter or sign is not UTF-8, often because Excel saved plain CSV. Save it as CSV UTF-8 and send it again.",
    )
    STRAY_QUOTE = (
        "stray_quote",
        "A double quote opens here and does not close where it should. Fix the quote and send the file again.",
    )
    LINE_TOO_LONG = (
        "line_too_long",
        "The line is over 65,536 characters, often because line ends were lost. Export the file and send it again.",
    )
    ORPHAN_ITEM_LINE = (
        "orphan_item_line",
        "The line holds an item, but there is no order above it. Add the order's first line and send the file again.",
    )


class FileReason(Explained):
    """Why a whole file is rejected."""

    UNSUPPORTED_FILE = (
        "unsupported_file",
        "Only .csv and .csv.gz are read. In Excel, choose File, Save As, CSV UTF-8, and send that file.",
    )
    UNSUPPORTED_KEY = (
        "unsupported_key",
        "The file's name has a control character or too many quotes. Rename the file and send it again.",
    )
    PERSONAL_KEY = (
        "personal_key",
        "The file's name has a card or phone number, or an e-mail address. Rename the file and send it again.",
    )
    NO_CAFE_IN_KEY = (
        "no_cafe_in_key",
        "The name does not say which café sent the file. Name it as the till does, or write the café into its rows.",
    )
    TOO_MANY_CAFES = (
        "too_many_cafes",
        "The file names too many unknown cafés, often because columns are mixed up. Fix them and send it again.",
    )
    UNKNOWN_CAFE = (
        "unknown_cafe",
        "The register lacks the café. If it is yours, `cafe cafes add NAME` registers it and loads its files.",
    )
    UNKNOWN_DIALECT = (
        "unknown_dialect",
        "No line looks like a branch file. Send the till's own export, or add a dialect: `cafe dialect propose FILE`.",
    )
    NOT_UTF8 = (
        "not_utf8",
        "The file is not UTF-8, often because Excel saved plain CSV. Save it as CSV UTF-8, or add the till's dialect.",
    )
    BAD_GZIP = ("bad_gzip", "The file is damaged gzip, or was compressed twice. Send it uncompressed.")
    TOO_LARGE = ("too_large", "The file is too large for one run. Split it by day and send the pieces.")
    TOO_SLOW = (
        "too_slow",
        "The file could not be read in the time that one run has. Split it by day and send the pieces.",
    )
    FEW_ORDERS = (
        "few_orders",
        "Most lines of the file are no orders, often because another system wrote it. Send the till's own export.",
    )
    TOO_COMPRESSED = (
        "too_compressed",
        "The file expands to more than 100 times its size, which no real branch file does. Send it uncompressed.",
    )
    LINES_LOST = (
        "lines_lost",
        "Two counts of the file's lines do not agree, so none was loaded. Keep the file and call the data team.",
    )
    UNREADABLE_OBJECT = (
        "unreadable_object",
        "S3 cannot give the content: it is archived, or encrypted with a key of the sender. Send it without either.",
    )
    BROKE_EXTRACT = (
        "broke_extract",
        "Extract failed on this file, which is a fault of the pipeline. Keep the file and call the data team.",
    )
    GONE = ("gone", "The file was deleted before it was read. If you still need it, send it again.")


class UnreadableBranchFile(Exception):
    """A file that is rejected as a whole. ``detail`` never holds a value from a row."""

    def __init__(self, reason: FileReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
