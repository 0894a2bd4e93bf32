"""Mistakes that a developer could make in this code, each with the tests that must fail. Pure.

The first fourteen are the classic mistakes of a loader that must count exactly once. Most of the others are in the SQL.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake: a text that occurs once in one file, its replacement, and the tests that must fail."""

    name: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]

    def applied_to(self, root: Path) -> str:
        """Return the file's text with the mistake in it. Raises ValueError if the code no longer has the text once."""
        text = (root / self.path).read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: {self.path} has the text {text.count(self.old)} times, not once")
        return text.replace(self.old, self.new)


LOADING = "tests/integration/load/test_loading.py"
CORRECTIONS = "tests/integration/load/test_corrections.py"
FAILING = "tests/integration/load/test_failing.py"
CHECKS = "tests/integration/load/test_checks.py"
RACES = "tests/contention/test_races.py"
SQL = "src/load/sql/load"
ANY_DOCUMENT = "tests/unit/test_any_document.py"
ANY_DRAFT = "tests/unit/cli/test_any_draft.py"
EXPORTS = "tests/unit/test_public_exports.py"
COMPILED = "src/extract/dialects/compiled.py"
DRAFTING = "cafe/answers/drafting"

MUTANTS = (
    Mutant("no ledger", "src/load/plan.py", "        if may_be_loaded(plan_id, *ledger.get(file_id, (\"\", FAILED)))\n", "", ("tests/unit/load/test_plan.py", LOADING)),
    Mutant(
        "lock late",
        "src/load/mutex.py",
        '            session.execute(statement("load/lock"))\n',
        '            session.execute("select count(*) from ops.files")\n            session.execute(statement("load/lock"))\n',
        (RACES,),
    ),
    Mutant(
        "ledger in a transaction of its own",
        "src/load/stage.py",
        '    _run(session, "load/insert_files")\n',
        '    session.commit()\n    _run(session, "load/insert_files")\n',
        (LOADING,),
    ),
    Mutant(
        "acknowledged first",
        "src/load/delivery.py",
        '[{"itemIdentifier": item} for item in (*failed, *waiting)]',
        "[]",
        ("tests/unit/load/test_delivery.py",),
    ),
    Mutant(
        "an id per attempt",
        "src/transform/ids.py",
        "hexlify(sha256(canonical_order).digest()[:16])",
        'hexlify(__import__("os").urandom(16))',
        ("tests/unit/transform",),
    ),
    Mutant(
        "no occurrence",
        "src/extract/occurrences.py",
        "        number = counts[row] = counts.get(row, 0) + 1\n",
        "        number = counts[row] = 1\n",
        ("tests/unit/extract/test_occurrences.py",),
    ),
    Mutant(
        "the text of a row in its reject",
        "src/extract/branch_csv.py",
        "            self._reject(line_number, self._unknown_row_rule(cells), lines=spans)\n",
        '            self._reject(line_number, self._unknown_row_rule(cells), " ".join(cells)[:80], lines=spans)\n',
        ("tests/hostile/test_corpus.py",),
    ),
    Mutant(
        "read without its version",
        "src/extract/objects.py",
        '{} if arrival.version_id == "null" else {"VersionId": arrival.version_id}',
        "{}",
        ("tests/integration/adapters/test_s3_objects.py",),
    ),
    Mutant(
        "the versions of the batch before",
        "src/extract/objects.py",
        "        self._folders = {}\n\n    def open",
        "\n    def open",
        ("tests/integration/adapters/test_s3_objects.py",),
    ),
    Mutant(
        "quotes that may swallow lines",
        "src/extract/branch_csv.py",
        "        if closed and self._recognised(cells) and not any(map(self._may_be_an_order, record[1:spans])):\n",
        "        if closed and self._recognised(cells):\n",
        ("tests/hostile/test_corpus.py",),
    ),
    Mutant(
        "money as a float",
        "src/transform/third_normal_form.py",
        '(int(text.replace(b".", b"")), text',
        "(int(float(text) * 100), text",
        ("tests/unit/transform", "tests/unit/test_any_dialect.py"),
    ),
    Mutant(
        "the basket of a rejected row remembered",
        "src/transform/third_normal_form.py",
        "        self._introduced.append(_Introduced(self._row, self._small_baskets, text))\n",
        "",
        ("tests/unit/transform",),
    ),
    Mutant(
        "COPY that commits",
        "src/load/stage.py",
        "        session.execute(copy_statement(table, f\"s3://{objects.bucket}/{key}\", options.copy_role_arn))\n",
        "        session.execute(copy_statement(table, f\"s3://{objects.bucket}/{key}\", options.copy_role_arn))\n        session.commit()\n",
        (LOADING,),
    ),
    Mutant(
        "errors swallowed",
        "src/load/loader.py",
        "                elif not may_pass_at_once(error):\n                    raise\n",
        "                elif not may_pass_at_once(error):\n                    return []\n",
        ("tests/unit/load/test_loader.py",),
    ),
    Mutant(
        "single failures not reported",
        "src/shared/batch.py",
        '    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}\n',
        '    return {"batchItemFailures": []}\n',
        ("tests/integration/adapters/test_handlers.py", "tests/unit/shared/test_batch.py"),
    ),
    Mutant(
        "keys that are enforced",
        "local_redshift/dialect/tables.py",
        "            design.set_primary_key([column.name])\n",
        '            design.set_primary_key([column.name])\n            column.type = SqlType(f"{column.type.sql} PRIMARY KEY")\n',
        ("tests/unit/local_redshift/dialect/test_tables.py", "tests/warehouse_contract"),
    ),
    # --- in the SQL
    Mutant("known orders loaded again", f"{SQL}/drop_known_orders.sql", "ranked.known_id is not null", "ranked.place < 1", (LOADING,)),
    Mutant("an order of two files loaded twice", f"{SQL}/drop_known_orders.sql", "ranked.place > 1", "ranked.place < 1", (LOADING,)),
    Mutant("known orders overlooked", f"{SQL}/find_known_orders.sql", "on known.order_id = staged.order_id\n", "on known.order_id = staged.file_id\n", (LOADING,)),
    Mutant("shared orders overlooked", f"{SQL}/compare_orders_with_items.sql", "where added.orders <> 1", "where added.orders = 0", (LOADING,)),
    Mutant("new branches overlooked", f"{SQL}/find_new_dimensions.sql", "staged.kind = 'branch'", "staged.kind = 'none'", (LOADING,)),
    Mutant("newer versions overlooked", f"{SQL}/find_other_versions.sql", "when other.version_order > staged.version_order then", "when other.version_order > 'Z' then", (CORRECTIONS,)),
    Mutant("parts recorded twice", "src/load/plan.py", " for key in arriving if key not in parts)", " for key in arriving)", ("tests/unit/load/test_plan.py",)),
    Mutant("files ended with parts missing", "src/load/plan.py", "if len(arrived) == number == of:", "if arrived:", ("tests/unit/load/test_plan.py", LOADING)),
    Mutant("files credited in another order", f"{SQL}/drop_known_orders.sql", "order by files.version_order, staged.file_id", "order by files.version_order desc, staged.file_id", (CORRECTIONS,)),
    Mutant("versions the wrong way round", f"{SQL}/find_replaced_files.sql", "newer.version_order > live.version_order", "newer.version_order < live.version_order", (CORRECTIONS,)),
    Mutant("late versions that count", f"{SQL}/mark_superseded_files.sql", "newer.version_order > older.version_order", "newer.version_order < older.version_order", (CORRECTIONS,)),
    Mutant("shared orders leave too early", f"{SQL}/retire_files.sql", "where living.order_id is null", "where claims.order_id is not null", (CORRECTIONS,)),
    Mutant("items that marts read stay", f"{SQL}/retire_files.sql", "delete from fact.items_sold\nwhere order_id in (select retired.order_id from retired_orders as retired);", "delete from fact.items_sold\nwhere order_id = '';", (CORRECTIONS,)),
    Mutant("items of shared orders loaded twice", f"{SQL}/keep_items_once.sql", "group by\n    staged.order_id,\n    staged.product_id,\n    staged.unit_price,\n    staged.quantity;\n", ";\n", (LOADING,)),
    Mutant("duplicates not counted", f"{SQL}/insert_files.sql", "files.rows_accepted - coalesce(loaded.orders, 0) end", "0 end", (LOADING,)),
    Mutant("collisions of one file overlooked", f"{SQL}/find_repeated_collisions.sql", "        or count(*) > count(distinct staged.file_id)\n", "", (FAILING,)),
    Mutant("items without their order overlooked", f"{SQL}/compare_orders_with_items.sql", "where added.orders <> 1\n        or added.difference <> 0", "where added.orders > 1\n        or (added.orders > 0 and added.difference <> 0)", (FAILING,)),
    Mutant("failed files that stay", f"{SQL}/forget_failed_files.sql", "in ('failed', 'held')", "in ('nothing', 'held')", (FAILING,)),
    Mutant("a check that is never red", "src/load/sql/checks/orders_unique.sql", "having count(*) > 1", "having count(*) > 1000000", (CHECKS,)),
    # --- in the code around the SQL
    Mutant("claims left out", "src/load/stage.py", '_run(session, "load/insert_claims", "load/insert_file_days")', '_run(session, "load/insert_file_days")', (CORRECTIONS,)),
    Mutant("stage tables left full", "src/load/stage.py", '    _empty(session, "stage_files", *sorted(tables - {REJECTS}))\n', "", (LOADING,)),
    Mutant("missing objects passed over", "src/load/plan.py", '"mandatory": True', '"mandatory": False', ("tests/unit/load/test_plan.py", LOADING)),
    Mutant("staged rows not counted", "src/load/plan.py", "        if promised.get(file_id) != staged.get(file_id):\n", "        if file_id not in promised:\n", ("tests/unit/load/test_plan.py", LOADING)),
    Mutant("a dead letter deleted before it is sent", "cafe/deployed/dead_letters.py", '        done = [some[int(entry["Id"])] for entry in sent.get("Successful", [])]\n', "        done = list(some)\n", ("tests/unit/cli/test_redrive.py",)),
    Mutant("files blamed for refused SQL", "src/load/warehouse.py", "is_copys = error.was_copying and ", "is_copys = ", ("tests/unit/load/test_batches.py", "tests/unit/load/test_delivery.py")),
    Mutant("stale sessions left alone", "src/load/mutex.py", "            terminate_stale_holders(session, stale_after_seconds)\n", "", ("tests/integration/load/test_mutex.py",)),
    # --- in what extract sends while it reads
    Mutant("early parts: a refusal under their plan", "src/shared/contracts.py", 'REJECTED_PLAN_ID = "rejected"', "REJECTED_PLAN_ID = PLAN_ID", ("tests/integration/load/test_loading.py",)),
    Mutant("early parts: the first one's summary", "src/load/plan.py", "return self.parts[-1].file", "return self.parts[0].file", ("tests/integration/load/test_loading.py",)),
    Mutant("early parts: read by any rules", "src/extract/stage.py", "(PLAN_ID, reading.rules, register.revision)", "(PLAN_ID, register.revision)", ("tests/integration/load/test_readings.py",)),
    Mutant("early parts: any number of them completes a file", "src/load/plan.py", "len(arrived) == number == of", "len(arrived) == max(of for _, of, _ in arrived)", ("tests/unit/load/test_plan.py",)),
    # --- in the dialects, and in the drafts of new ones
    Mutant("dialect: thousands that stay in an amount", "src/extract/dialects/amounts.py", 'digits = found[3].replace(document.thousands, "") if document.thousands else found[3]', "digits = found[3]", (ANY_DOCUMENT,)),
    Mutant("dialect: pence that do not divide are lost", COMPILED, "pounds(each + (n < left))", "pounds(each)", (EXPORTS,)),
    Mutant("dialect: day and month swapped", "src/extract/dialects/days.py", "MONTH_FIRST: (1, 0, 2)", "MONTH_FIRST: (0, 1, 2)", (ANY_DOCUMENT,)),
    Mutant("dialect: a year in front taken for the day", "src/extract/dialects/days.py", "day, year = year, day", "pass", ("tests/unit/extract/test_dialect_rows.py",)),
    Mutant("dialect: zone forgotten", COMPILED, "self._cells.time_in(text, zone)", "self._cells.ordered_at(text)", (ANY_DOCUMENT,)),
    Mutant("dialect: orders of one café joined", COMPILED, "first[place] != cells[place] for place in self._group_places)", "first[place] != cells[place] for place in self._group_places[:1])", (ANY_DOCUMENT,)),
    Mutant("dialect: a till's words for payments forgotten", COMPILED, "words.get(column_name(text)) or canonical_payment(text)", "canonical_payment(text)", (ANY_DOCUMENT,)),
    Mutant("dialect: Latin-1 for Windows-1252", "src/extract/dialects/layout.py", '.decode("cp1252", "surrogateescape")', '.decode("latin-1", "surrogateescape")', ("tests/unit/extract/test_dialect_rows.py",)),
    Mutant("dialect: words for nothing sold as products", COMPILED, '"" if part.strip().casefold() in blanks else part', "part", (EXPORTS,)),
    Mutant("dialect: each quantity is one", COMPILED, 'items += [f"{label} - {price}" for price in prices]', 'items += [f"{label} - {price}" for price in prices[:1]]', (ANY_DOCUMENT, EXPORTS)),
    Mutant("discount: added to the items", "src/transform/third_normal_form.py", "== missing_pence else", "== -missing_pence else", (ANY_DOCUMENT,)),
    Mutant("discount: that of the first line only", COMPILED, "pence = sum(map(pence_of, amounts))", "pence = pence_of(amounts[0])", (ANY_DOCUMENT,)),
    Mutant("discount: not in the id", "src/extract/branch_csv.py", "number(canonical[0], canonical[1], row + other_till + taken_off)", "number(canonical[0], canonical[1], row + other_till)", ("tests/unit/extract/test_dialect_rows.py",)),
    Mutant("discount: staged and forgotten", "src/load/stage.py", '        _run(session, "load/set_discounts")\n', "        pass\n", ("tests/integration/load/test_discounts.py",)),
    Mutant("discount: lost by COPY unseen", "src/load/plan.py", "sum(part.discounts for file in copied for part in file.parts)", "findings.count(DISCOUNTS)", ("tests/integration/load/test_discounts.py",)),
    Mutant("draft: a customer in the example", f"{DRAFTING}/made_up.py", "            return PEOPLE[number % len(PEOPLE)]\n", "            return facts.filled[0]\n", (ANY_DRAFT,)),
    Mutant("draft: cards that are not personal", f"{DRAFTING}/columns.py", 'guess.put(facts, "personal", "its cells look like numbers of cards or telephones")', 'guess.put(facts, "ignored", "")', ("tests/unit/cli/test_drafting.py",)),
    Mutant("draft: an order taken for a header", f"{DRAFTING}/sample.py", "    if repeated:\n        return False\n", "", ("tests/unit/cli/test_drafting.py", ANY_DRAFT)),
    Mutant("draft: the first number is the month", f"{DRAFTING}/spelling.py", 'DAY_FIRST if int(first) > 12 else MONTH_FIRST if int(second) > 12 else ""', 'MONTH_FIRST if int(first) > 12 else DAY_FIRST if int(second) > 12 else ""', (ANY_DRAFT,)),
    Mutant("draft: one decimal mark of two", f"{DRAFTING}/columns.py", 'guess.decimal = "either"', 'guess.decimal = "."', (ANY_DRAFT,)),
    Mutant("draft: prices of a line read as of one", f"{DRAFTING}/money.py", "1.0 if changes[kind] < changes[other] else 0.0", "1.0 if changes[kind] > changes[other] else 0.0", (ANY_DRAFT,)),
    Mutant("draft: a heading that ends its text", f"{DRAFTING}/draft.py", """{'"': r"\\"", """, "{", ("tests/unit/cli/test_drafting.py",)),
)  # fmt: skip
