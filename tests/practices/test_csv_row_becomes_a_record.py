from __future__ import annotations

import pytest

from tests.practices.conftest import Find, Import

HEADER = "mrn,first_name,last_name,birth_date"


def csv(*lines: str, header: str = HEADER, end: str = "\n") -> bytes:
    return end.join([header, *lines, ""]).encode()


def test_every_documented_column_is_taken(import_roster: Import, record: Find) -> None:
    header = (
        "mrn,first_name,last_name,former_last_names,birth_date,sex,address_line_1,address_line_2,city,state,"
        "postal_code,country,email,home_phone,work_phone,mobile_phone,language,deceased,active"
    )
    import_roster(
        csv(
            "A1,Maria Elena,Santos,Oliveira|Souza,1984-03-12,F,14 Elm Street,Apt 2,New York,NY,10025,US,"
            "maria@example.com|m@example.com,212-555-0141,555-907-9875,(212) 555-0142,es,no,yes",
            header=header,
        )
    )
    made = record()
    assert (made.given_names, made.family_name) == ("Maria Elena", "Santos")
    assert made.former_family_names == ["Oliveira", "Souza"]
    assert (made.birth_date.isoformat(), made.sex, made.language) == ("1984-03-12", "female", "es")
    assert made.addresses == [
        {
            "lines": ["14 Elm Street", "Apt 2"],
            "city": "New York",
            "state": "NY",
            "postal_code": "10025",
            "country": "US",
        }
    ]
    assert made.emails == ["maria@example.com", "m@example.com"]
    assert (made.home_phone, made.home_e164) == ("212-555-0141", "+12125550141")
    assert (made.work_phone, made.work_e164) == ("555-907-9875", "")
    assert (made.mobile_phone, made.mobile_e164) == ("(212) 555-0142", "+12125550142")
    assert (made.deceased, made.active) == (False, True)


@pytest.mark.parametrize(
    "header",
    [
        "MRN,First Name,Last Name,Date of Birth",
        " mrn , given-names , Family_Name , DOB ",
        '"mrn","first_name","last_name","birth_date"',
    ],
)
def test_headings_that_people_use_are_understood(import_roster: Import, header: str) -> None:
    assert import_roster(csv("A1,Ana,Santos,1984-03-12", header=header)).counts()["new"] == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_spreadsheets_of_all_kinds_can_be_read(
    import_roster: Import, record: Find, delimiter: str, end: str, bom: bytes
) -> None:
    text = csv("A1,Ana,O'Brien-Núñez,1984-03-12", "A2,,李小龍,3/7/1999", end=end).decode().replace(",", delimiter)
    assert import_roster(bom + text.encode()).counts()["new"] == 2
    assert record("A1").family_name == "O'Brien-Núñez"
    assert record("A2").birth_date.isoformat() == "1999-03-07"


def test_text_that_means_something_to_copy_or_sql_comes_through_unchanged(import_roster: Import, record: Find) -> None:
    names = [r"back\slash \N \.", 'quo"te, com{ma}', "O'; DROP TABLE x;--", "{a,b}", "\\"]
    lines = [f'A{n},"{name.replace(chr(34), chr(34) * 2)}",Santos,1984-03-12' for n, name in enumerate(names)]
    former = r'A9,Ana,Santos,1984-03-12,"a\b|c""d|{e}|NULL|",a\b@example.com|x@y.example'
    import_roster(csv(*(f"{line},," for line in lines), former, header=f"{HEADER},maiden_name,email"))
    assert [record(f"A{n}").given_names for n in range(4)] == names[:4]
    assert record("A9").former_family_names == [r"a\b", 'c"d', "{e}", "NULL"]
    assert record("A9").emails == [r"a\b@example.com", "x@y.example"]


def test_a_cell_may_hold_line_ends_and_the_delimiter(import_roster: Import, record: Find) -> None:
    done = import_roster(csv('A1,Ana,"Santos\r\nOliveira, née X",1984-03-12', "A2,Ana,Santos,bad"))
    assert record().family_name == "Santos Oliveira, née X"
    assert done.reasons() == [("4", "A2", "no_such_date")]


def test_blank_rows_are_passed_over(import_roster: Import) -> None:
    done = import_roster(csv("", ",,,", "A1,Ana,Santos,1984-03-12", ""))
    assert (done.counts()["new"], done.counts()["refused"]) == (1, 0)


def test_a_column_that_is_not_in_the_file_leaves_its_fact_alone(import_roster: Import, record: Find) -> None:
    import_roster(csv("A1,Ana,Santos,1984-03-12,ana@example.com,212-555-0141", header=f"{HEADER},email,home_phone"))
    done = import_roster(csv("A1,Ana,Oliveira,1984-03-12,", header=f"{HEADER},email"))
    assert done.counts()["changed"] == 1
    changed = record()
    assert (changed.family_name, changed.emails) == ("Oliveira", [])
    assert (changed.home_phone, changed.home_e164) == ("212-555-0141", "+12125550141")


def test_columns_that_nobody_knows_are_named(import_roster: Import) -> None:
    done = import_roster(csv("A1,Ana,Santos,1984-03-12,x,y", header=f"{HEADER},shoe size,"))
    assert "Columns not used: shoe size." in done.said


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",Ana,Santos,1984-03-12", "no_mrn"),
        ("A1,,,1984-03-12", "no_name"),
        ("A1,Ana,Santos,", "no_birth_date"),
        ("A1,Ana,Santos,03/12/84", "no_such_date"),
        ("A1,Ana,Santos,13/13/1984", "no_such_date"),
        ("A1,Ana,Santos,03/1984", "partial_birth_date"),
        ("A1,Ana,Santos,2984-03-12", "future_birth_date"),
        ("A1,Ana,Santos", "wrong_number_of_cells"),
        ("A1,Ana,Santos,1984-03-12,x", "wrong_number_of_cells"),
        ('A1,An"a,"Santos"x,1984-03-12', "broken_quotes"),
        ("A1,Ana,San\0tos,1984-03-12", "null_byte"),
        (f"A1,Ana,{'x' * 10_000},1984-03-12", "name_too_long"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_are_taken(import_roster: Import, line: str, reason: str) -> None:
    done = import_roster(csv("B1,Bo,Berg,1990-01-01", line, "B2,Bo,Berg,1990-01-01"))
    assert [(number, why) for number, _mrn, why in done.reasons()] == [("3", reason)]
    assert done.records() == 2


def test_letters_of_an_old_code_page_refuse_their_row_only(import_roster: Import) -> None:
    done = import_roster(csv("B1,Bo,Berg,1990-01-01") + "A1,Ana,Núñez,1984-03-12\n".encode("cp1252"))
    assert done.reasons() == [("3", "", "not_utf8")]
    assert done.counts()["new"] == 1


def test_a_quote_that_is_never_closed_does_not_swallow_the_file(import_roster: Import) -> None:
    rest = [f"B{number},Bo,Berg,1990-01-01" for number in range(100)]
    done = import_roster(csv('A1,Ana,"Santos,1984-03-12', *rest))
    assert done.reasons() == [("2", "", "broken_quotes")]
    assert done.counts()["new"] == 100
