"""The made-up patients of the demo practices: families that share a phone, former names, names of many kinds."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Person:
    """One made-up patient; `born` is an ISO date, phones are as a front desk would type them."""

    given: str
    family: str
    born: str
    sex: str
    emails: tuple[str, ...] = ()
    home: str = ""
    work: str = ""
    mobile: str = ""
    former: tuple[str, ...] = ()
    language: str = "en"
    deceased: bool = False
    active: bool = True
    address: dict[str, str | list[str]] = field(default_factory=dict)


def _at(line: str, city: str, state: str, postal_code: str) -> dict[str, str | list[str]]:
    return {"lines": [line], "city": city, "state": state, "postal_code": postal_code, "country": "US"}


_ELM = _at("14 Elm Street", "New York", "NY", "10025")
_OAK = _at("220 Oak Avenue, Apt 5", "New York", "NY", "10031")
_PIER = _at("8 Pier Road", "Boston", "MA", "02128")
_LAKE = _at("1730 Lake View", "Chicago", "IL", "60614")

RIVERSIDE = (
    Person("Maria Elena", "Santos", "1984-03-12", "female", ("maria.santos@example.com",),
           home="212-555-0141", mobile="(212) 555-0142", former=("Oliveira",), address=_ELM),
    Person("David", "Okafor", "1979-11-02", "male", ("okafor.family@example.com",),
           home="212-555-0143", mobile="212-555-0144", address=_OAK),
    Person("Grace", "Okafor", "1981-06-25", "female", ("okafor.family@example.com",),
           home="212-555-0143", former=("Mensah", "Boateng"), address=_OAK),
    Person("Samuel", "Okafor", "2012-09-30", "male", ("okafor.family@example.com",), home="212-555-0143", address=_OAK),
    Person("Siobhán", "O'Brien-Núñez", "1990-01-19", "female", ("siobhan+health@example.com",), mobile="212.555.0145"),
    Person("Pieter", "van der Berg", "1958-07-04", "male", ("pieter@example.com",), home="+1 212 555 0146"),
    Person("小龍", "李", "1973-11-27", "male", ("li.xiaolong@example.com",), mobile="646-555-0147", language="zh"),
    Person("Sukarni", "", "1966-05-17", "female", ("sukarni@example.com",), mobile="646-555-0148"),
    Person("Walter", "Hughes", "1938-02-08", "male", home="212-555-0149"),
    Person("Lucía", "Hernández de la Cruz", "1995-12-24", "female", ("lucia@example.com",),
           mobile="646-555-0150", language="es"),
    Person("Edith", "Lindqvist", "1931-10-10", "female", home="212-555-0151", deceased=True),
    Person("Tyler", "Brooks", "1999-08-15", "male", ("tyler.brooks@example.com",), mobile="646-555-0152", active=False),
    Person("Lily", "Santos", "2018-05-04", "female", ("maria.santos@example.com",),
           mobile="212-555-0142", address=_ELM),
    Person("Rafael", "Santos", "1955-07-01", "male", home="212-555-0153", language="es", address=_ELM),
    Person("Esther", "Okafor", "2018-11-23", "female", ("okafor.family@example.com",),
           home="212-555-0143", address=_OAK),
    Person("Anna", "Keller", "1961-02-03", "female", ("keller.anna@example.com",), mobile="646-555-0154"),
    Person("Thu Hà", "Nguyễn", "1988-08-08", "female", ("thuha@example.com",), mobile="646-555-0155"),
    Person("George", "Papadopoulos", "1949-04-25", "male", ("george.p@example.com",), home="212-555-0156"),
    Person("Ruth", "Feldman", "1957-12-01", "female", ("ruth.feldman@example.com",), home="212-555-0157"),
    Person("Omar", "Haddad", "1992-03-30", "male", ("omar.haddad@example.com",), mobile="646-555-0158"),
    Person("Nadia", "Haddad", "1994-07-14", "female", ("nadia.haddad@example.com",), mobile="646-555-0159"),
    Person("Carlos", "Mendoza", "1976-02-19", "male", ("carlos.mendoza@example.com",),
           mobile="646-555-0160", language="es"),
    Person("Beatriz", "Mendoza", "1979-05-27", "female", ("beatriz.mendoza@example.com",),
           mobile="646-555-0161", language="es"),
    Person("Harold", "Whitfield", "1942-09-09", "male", home="212-555-0162"),
)  # fmt: skip

HARBOR = (
    Person("Maria Elena", "Santos", "1984-03-12", "female", ("maria.santos@example.com",),
           work="617-555-0161", mobile="(212) 555-0142"),
    Person("Kwame", "Asante", "1988-04-21", "male", ("kwame.asante@example.com",), work="617-555-0161", address=_PIER),
    Person("Ngọc Anh", "Nguyễn", "1992-09-09", "female", ("ngocanh@example.com",), mobile="617-555-0162"),
    Person("Brian", "Kowalczyk-Żak", "1971-01-30", "male", ("brian.k@example.com",),
           work="617-555-0161", home="617-555-0163"),
    Person("Priya", "Raghunathan", "1994-02-14", "female", ("priya.r@example.com",),
           mobile="617-555-0164", former=("Iyer",)),
    Person("José", "Ramírez", "1985-10-03", "male", ("jose.ramirez@example.com",),
           mobile="617-555-0165", language="es"),
    Person("Ahmed", "Al-Sayed", "1976-06-18", "male", ("ahmed@example.com",), work="617-555-0161 x204"),
    Person("Hannah", "D'Angelo", "1997-03-07", "female", ("hannah.dangelo@example.com",), mobile="617-555-0166"),
    Person("Marcus", "Reed Jr", "1969-12-12", "male", ("reed.home@example.com",), home="617-555-0167"),
    Person("Joyce", "Reed", "1970-08-28", "female", ("reed.home@example.com",),
           home="617-555-0167", former=("Tanaka",)),
    Person("Þórunn", "Guðmundsdóttir", "1983-05-05", "female", work="617-555-0161"),
    Person("Frank", "Delgado", "1955-04-01", "male", ("frank.d@example.com",), home="617-555-0168", active=False),
)  # fmt: skip

JUNIPER = (
    Person("Ava", "Thompson", "2019-04-02", "female", ("thompsons@example.com",),
           home="312-555-0171", mobile="312-555-0172", address=_LAKE),
    Person("Noah", "Thompson", "2016-08-20", "male", ("thompsons@example.com",),
           home="312-555-0171", mobile="312-555-0172", address=_LAKE),
    Person("Mateo", "García López", "2014-01-11", "male", ("garcia.lopez@example.com",),
           mobile="312-555-0173", language="es"),
    Person("Valentina", "García López", "2021-07-29", "female", ("garcia.lopez@example.com",),
           mobile="312-555-0173", language="es"),
    Person("Min-jun", "Park", "2010-03-16", "male", ("park.family@example.com",), mobile="312-555-0174"),
    Person("Zoë", "St. John-O'Neil", "2009-10-31", "female", ("zoe.oneil@example.com",), mobile="773-555-0175"),
    Person("Aaliyah", "Jackson", "2008-06-14", "female", ("aaliyah.j@example.com",),
           home="773-555-0176", mobile="773-555-0177"),
    Person("Oskar", "Jørgensen", "2017-02-28", "male", home="773-555-0178"),
    Person("Fatima", "bint Yusuf", "2015-12-05", "female", ("yusuf.home@example.com",), mobile="773-555-0179"),
    Person("Leo", "Rossi", "2023-05-23", "male", ("rossi.parents@example.com",),
           mobile="312-555-0180", former=("Conti",)),
    Person("Ishaan", "Patel", "2007-09-17", "male", ("ishaan.patel@example.com",), mobile="312-555-0181"),
    Person("Emily", "Novak", "2011-11-11", "female", ("novak@example.com",), home="312-555-0182", active=False),
)  # fmt: skip
