"""Card numbers, telephone numbers and e-mail addresses are recognised in any form, and days and times are kept."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cafe.drop_keys import drop_key
from cafe.generate.people import TEST_CARDS
from shared.contracts import file_id_of, recorded_key
from shared.personal_text import digits_of, has_card_or_phone, has_e_mail, mask_key, passes_luhn

SIGNS = [" ", "-", "*", ".", "_", "/", "\u00a0", "\u2013", " - ", "·", "٭", "+"]
# The digit 0 of several scripts; 1 to 9 follow it.
ZEROS = ["0", "٠", "０", "०", "𝟎"]
NUMBERS = sorted({number for _, number in TEST_CARDS})
MOMENTS = st.datetimes(datetime(1999, 1, 1), datetime(2099, 12, 31))  # noqa: DTZ001  a till's own time
BETWEEN = st.sampled_from(["-", "_", ".", "", " "])


@st.composite
def written_cards(draw: st.DrawFn) -> str:
    """A card number of 13 to 19 digits in any script, in groups with any signs between them."""
    number = draw(st.sampled_from(NUMBERS) | st.from_regex(r"[2-9][0-9]{11,17}", fullmatch=True).map(with_check_digit))
    cuts = draw(st.lists(st.integers(1, len(number) - 1), max_size=5, unique=True).map(sorted))
    groups = [number[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]
    zero = ord(draw(st.sampled_from(ZEROS)))
    return draw(st.sampled_from(SIGNS)).join(groups).translate({ord("0") + n: chr(zero + n) for n in range(10)})


def with_check_digit(digits: str) -> str:
    return next(number for last in range(10) if passes_luhn(number := f"{digits}{last}"))


@st.composite
def dated_names(draw: st.DrawFn) -> str:
    """A file's name with a day and a time, in the layouts of the two feeds and in those of many programs."""
    moment, sign, colon = draw(MOMENTS), draw(BETWEEN), draw(BETWEEN)
    day = draw(st.sampled_from(["%d{0}%m{0}%Y", "%Y{0}%m{0}%d", "%m{0}%d{0}%Y"])).format(sign)
    clock = draw(st.sampled_from(["_%H{0}%M{0}%S", "T%H{0}%M{0}%S", " %H{0}%M", "-%H{0}%M{0}%S.%f", ""])).format(colon)
    cafe = draw(st.sampled_from(["leeds", "isle-of-wight", "newcastle_upon_tyne", "café zoë", "york 2"]))
    form = draw(
        st.sampled_from(["{cafe}_{when}.csv", "{when}-{cafe}.csv", "{when} {cafe} copy (2).csv.gz", "{when}.CSV"])
    )
    return form.format(cafe=cafe, when=f"{moment:{day}}{moment:{clock}}" if clock else f"{moment:{day}}")


@given(
    written_cards(), st.sampled_from(["2021/8/25/{}.csv", "leeds_{}_25-08-2021_09-00-00.csv", "{}", "a/{}/leeds.csv"])
)
def test_a_card_number_in_a_key_is_masked_and_the_rest_is_kept(card: str, layout: str) -> None:
    before, _, after = layout.partition("{}")

    masked = mask_key(f"{before}{card}{after}")

    assert digits_of(masked) == digits_of(before) + digits_of(after)
    assert masked.startswith(before)
    assert masked.endswith(after)
    assert len(masked) == len(before + card + after)
    assert mask_key(masked) == masked


@given(dated_names(), st.sampled_from(["", "head-office/", "archive 2021/"]))
def test_a_day_and_a_time_in_a_key_are_kept(name: str, folder: str) -> None:
    key = f"{folder}{drop_key(Path(name))}"

    assert mask_key(key) == key


@given(written_cards(), st.sampled_from(["Leeds {}", "{} Latte", "Latte {} Oat"]))
def test_a_card_number_in_a_name_is_found(card: str, name: str) -> None:
    assert has_card_or_phone(name.format(card))


@pytest.mark.parametrize(
    ("key", "recorded"),
    [
        ("leeds_4900*1007*3918*2645.csv", "leeds_####*####*####*####.csv"),
        ("4111/1111/1111/1111.csv", "####/####/####/####.csv"),
        ("leeds 3782-822463-10005.csv", "leeds ####-######-#####.csv"),
        ("leeds_07700900123.csv", "leeds_###########.csv"),
        ("leeds 0113 496 0123.csv", "leeds #### ### ####.csv"),
        ("leeds +44 (0)20 7946 0958.csv", "leeds +## (#)## #### ####.csv"),
        ("leeds_ada@tester.example_25-08-2021_09-00-00.csv", "#####_###@######.#######_25-08-2021_09-00-00.csv"),
        ("ada＠tester．example.csv", "###＠######．#######.csv"),
        ("ada (at) tester.example.csv", "### (##) ######.#######.csv"),
        ("ada at tester dot example.csv.gz", "### ## ###### ### #######.csv.gz"),
    ],
)  # fmt: skip
def test_personal_text_in_a_key_is_masked(key: str, recorded: str) -> None:
    assert recorded_key(key) == recorded
    assert recorded_key(recorded) == recorded
    # Nobody can find the number by trying all of them.
    assert file_id_of("b", key, "v1") == file_id_of("b", recorded, "v1")


@pytest.mark.parametrize(
    "key",
    [
        "2021/8/25/leeds@home.csv",
        "leeds at home.csv",
        "export_1629882000000.csv",
        "export_1629882000000000.csv",
        "leeds_0000000012345.csv",
        "leeds_0825_090000.csv",
        "550e8400-2912-4144-8716-446655440008.csv",
        "d41d8cd98f00b204e9800998ecf8427e.csv",
        "0123456789012345678901234567890123456789.csv",
        "leeds\n.csv",
        "",
    ],
)
def test_other_keys_are_not_masked(key: str) -> None:
    assert mask_key(key) == key


@pytest.mark.parametrize(
    "name",
    [
        "Tea 07700 900123",
        "Tea +44 7700 900123",
        "0113x4960123",
        "Tea ⁴⁹⁰⁰¹⁰⁰⁷",
        "①②③④⑤⑥⑦⑧",
        "四九〇〇一〇〇七",
        "٠٧٧٠٠٩٠٠١٢٣",
    ],
)
def test_a_telephone_number_and_digits_of_other_scripts_are_found(name: str) -> None:
    assert has_card_or_phone(name)


@pytest.mark.parametrize(
    "name",
    ["ada@tester.example", "ada＠tester．example", "ada @ tester.example", "ada﹫tester.example", "ada@tester。example",
     "ada at tester.example", "Ada AT Tester DOT Example", "ada (at) tester (dot) example", "ada [at] tester.example"],
)  # fmt: skip
def test_an_e_mail_address_is_found_in_any_spelling(name: str) -> None:
    assert has_e_mail(name)
    assert has_e_mail(f"Latte for {name}")


@pytest.mark.parametrize(
    "name",
    ["Coffee@Home", "Coffee at Home", "Café at St. Pancras", "Tea at St.James", "Bar @ the Mill", "Latte (at) Work",
     "Rioja 2019 6 x 750 ml 12.5%", "Route 66 1984", "Latte 25/12/2026", "Water 330 ml"],
)  # fmt: skip
def test_other_names_are_kept(name: str) -> None:
    assert not has_e_mail(name)
    assert not has_card_or_phone(name)


@given(st.text(max_size=60))
def test_any_key_is_masked_once_and_keeps_its_length(key: str) -> None:
    assume(not any("\ud800" <= sign < "\ue000" for sign in key))

    assert mask_key(mask_key(key)) == mask_key(key)
    assert len(mask_key(key)) == len(key)
