"""CSV exports: tolerant of headers, delimiters and encodings; strict about numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.parse.cssm import Counts, Inventory, read
from monitor.parse.cssm.inventory import LARGEST, MOST_ROWS

NOW = 1_780_000_000.0


def taken(text: str, account: str = "EMEA") -> dict[str, Counts]:
    return {line.name: line.counts for line in inventory(text, account).lines}


def inventory(text: str, account: str = "EMEA") -> Inventory:
    return read(text.encode(), account=account, now=NOW)


def test_a_summary_is_taken_as_it_stands() -> None:
    found = taken(
        "License,Billing,Purchased,In Use,Balance,Alerts,Actions\n"
        'CUBE_T_STD,Prepaid,"1,250",1100,+150,,\n'
        '"CUBE v14 Voice Gateway Session",Prepaid,0,7,-7,Insufficient,\n'
    )
    assert found == {
        "CUBE_T_STD": Counts(purchased=1250, in_use=1100, balance=150),
        "CUBE v14 Voice Gateway Session": Counts(purchased=0, in_use=7, balance=-7),
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_headers_delimiters_and_encodings_vary(delimiter: str, encoding: str) -> None:
    rows = [
        ["Virtual Account", " in-use ", "LICENSE", "Available To Use", "Purchased", "Größe"],
        ["Zürich", "5", "uck9", "n/a", "12", "x"],
    ]
    payload = "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)
    (line,) = read(payload, now=NOW).lines
    assert (line.account, line.name) == ("Zürich", "uck9")
    assert line.counts == Counts(purchased=12, in_use=5)


def test_titles_above_the_header_are_skipped_and_name_the_account() -> None:
    text = (
        "Smart Software Manager\nVirtual Account: Voice Edge\n\n"
        "License,Quantity,In Use,Reserved,Status\nCUBE_T_STD,50,20,3,Out of Compliance\n"
    )
    (line,) = read(text.encode(), now=NOW).lines
    assert (line.account, line.status) == ("Voice Edge", "out_of_compliance")
    assert line.counts == Counts(purchased=50, in_use=20, reserved=3)


def test_terms_at_detail_level_add_up_without_those_that_ended() -> None:
    text = (
        "License,SKU,Quantity,Expiration Date,Status\n"
        "CUBE_T_STD,L-CUBE-25,25,2999-01-01,ACTIVE\n"
        ",L-CUBE-10,10,,ACTIVE\n"
        ",L-CUBE-5,5,2001-Jan-09,ACTIVE\n"
        ",L-CUBE-7,7,2001-02-03T00:00:00Z,ACTIVE\n"
        ",L-CUBE-99,99,,Expired\n"
        "CUBE_T_ENH,L-E,4,2999-Mar-1,ACTIVE\n"
    )
    assert taken(text) == {"CUBE_T_STD": Counts(purchased=35), "CUBE_T_ENH": Counts(purchased=4)}


def test_terms_below_a_summary_are_not_counted_twice() -> None:
    text = (
        "License,SKU,Purchased,In Use,Quantity\n"
        "CUBE_T_STD,,35,20,\n"
        ",L-CUBE-25,,,25\n"
        ",L-CUBE-10,,,10\n"
    )
    assert taken(text) == {"CUBE_T_STD": Counts(purchased=35, in_use=20)}


def test_several_rows_of_one_licence_add_up() -> None:
    text = "License,Purchased,In Use,Status\nA,5,1,In Compliance\nA,6,,Out Of Compliance\n"
    (line,) = inventory(text).lines
    assert (line.counts, line.status) == (Counts(purchased=11, in_use=1), "out_of_compliance")


def test_a_tag_column_names_the_licence_and_keeps_the_title() -> None:
    text = "Tag,Display Name,Smart Account,Purchased\nCUBE_T_STD,CUBE Standard,example.com,5\n"
    found = inventory(text)
    assert (found.lines[0].name, found.lines[0].title) == ("CUBE_T_STD", "CUBE Standard")
    assert found.smart_account == "example.com"


def test_bad_rows_are_named_and_the_others_taken() -> None:
    text = (
        "License,Purchased,In Use\n"
        "CUBE_T_STD,many,2\n"
        "CUBE_T_ENH,5,2\n"
        ",5,2\n"
        "CUBE_T_RED,-5,2\n"
        "uck9,,\n"
        "\n"
        "DNA_P,5,1.5\n"
    )
    found = inventory(text)
    assert [line.name for line in found.lines] == ["CUBE_T_ENH"]
    assert found.refused_rows == 5
    assert [(one.row, one.reason) for one in found.refused] == [
        (2, "CUBE_T_STD: Purchased: 'many' is no whole number"),
        (4, "License: the cell is empty"),
        (5, "CUBE_T_RED: Purchased: -5 is negative"),
        (6, "uck9: no number of licences in it"),
        (8, "DNA_P: In Use: '1.5' is no whole number"),
    ]


def test_a_row_without_an_account_is_refused_unless_one_is_given() -> None:
    text = "License,Purchased\nCUBE_T_STD,5\n"
    assert taken(text, "EMEA")
    found = inventory(text, "")
    assert found.lines == ()
    assert "say which account" in found.refused[0].reason


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("1,234", 1234),
        ("1.234", 1234),
        ("1 234", 1234),
        ("1\u00a0234", 1234),
        ("1'234'567", 1_234_567),
        ("12.0", 12),
        ("1,234.00", 1234),
        ("-", None),
        ("N/A", None),
        ("\u2014", None),
    ],
)
def test_numbers_as_people_write_them(said: str, number: int | None) -> None:
    found = taken(f"License\tPurchased\tIn Use\nA\t7\t{said}\n")
    assert found["A"].in_use == number


@pytest.mark.parametrize(("said", "number"), [("(5)", -5), ("-5", -5), ("+5", 5)])
def test_balances_may_be_negative(said: str, number: int) -> None:
    assert taken(f"License,Purchased,Balance\nA,7,{said}\n")["A"].balance == number


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "no_header_of_licences"),
        (b"a,b,c\n1,2,3\n", "no_header_of_licences"),
        (b"License,Purchased\n" + b"A" * 200_000 + b",1\n", "broken_csv"),
        (b"\x7fELF\x00\x00", "no_text"),
        (b"License,Purchased\n" + b"A,1\n" * (MOST_ROWS + 1), "too_many_rows"),
        (b"x" * (LARGEST + 1), "too_large"),
        (b"title\n" * 99 + b"License,Purchased\nA,1\n", "no_header_of_licences"),
    ],
)
def test_what_is_no_export_says_why(payload: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(payload, account="EMEA", now=NOW)
    assert caught.value.reason == reason


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_taken_or_refused(noise: bytes, headed: bool) -> None:
    payload = b"License,Purchased,In Use\n" + noise if headed else noise
    try:
        found = read(payload, account="EMEA", now=NOW)
    except ParseError:
        return
    assert all(line.name and line.account for line in found.lines)
