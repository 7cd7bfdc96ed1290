"""Passwords: how they are hashed, and the two rules a practice can choose from (docs/flows.md B.4).

NIST SP 800-63B-4 3.1.1.2 (length, blocklist, normalisation), ASVS 5.0 6.2; docs/decisions/0007-argon2id.md.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    check_password,
    identify_hasher,
    is_password_usable,
    make_password,
)
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.utils.translation import gettext_lazy as _

from guard import secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django_stubs_ext import StrOrPromise

CLASSIC = "classic"
LONG = "long"
SHORTEST = {CLASSIC: 8, LONG: 15}  # characters
LONGEST = 128  # NIST asks for at least 64; without an end, one form could be made to hash megabytes
FEWEST_DIFFERENT = 5  # characters: "aaaaaaa1!" has three
SHORTEST_NAME = 4  # a shorter one is in many good passwords by chance
MOST_PADDING = 5  # signs put around a common password that do not make it another one
EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
LOOKALIKES = str.maketrans("@4031!5$7", "aaoeiisst")


class PortalArgon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane: OWASP's first choice. Normalises, so that no caller can forget."""

    time_cost = 2
    memory_cost = 19456  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Hash a password."""
        return super().encode(normalise(password), salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Compare a password with a hash."""
        return super().verify(normalise(password), encoded)


# Of the right price and form, and of no password: its 32 bytes are zeros. Written, not computed, so that the first
# unknown name costs no more than the next.
NOBODYS_HASH = (
    f"argon2$argon2id$v=19$m={PortalArgon2.memory_cost},t={PortalArgon2.time_cost},p={PortalArgon2.parallelism}"
    "$c29tZWJvZHkgdGhhdCBpcyBub2JvZHk$" + "A" * 43
)


class Listed(NamedTuple):
    """A line of the list beside the field; `pattern`: JavaScript (flag u) that marks it live, "" where none can."""

    code: str
    words: StrOrPromise
    pattern: str = ""


@dataclass(frozen=True)
class Unmet:
    """A rule that a password does not meet: its code and the words for the person."""

    code: str
    words: StrOrPromise


def normalise(password: str) -> str:
    """NFKC, so that a password typed on another keyboard is the same one."""
    return unicodedata.normalize("NFKC", password)


def salt_of(sign_in_name: str) -> str:
    """The salt of a folded sign-in name: 128 bits that nobody can work out who has not CODE_KEY.

    Accounts that claim one unverified email share it, so that one hash says whose password was typed: the time does
    not tell how many there are, and fifty claims cost no more than one (docs/decisions/0018-scale-and-equal-time.md).
    """
    return secrets.digest("password salt", sign_in_name)[:16].hex()


def make(password: str | None, *, sign_in_name: str) -> str:
    """Hash a password under the salt of its account's folded sign-in name; None gives one that opens nothing."""
    return make_password(password, salt=salt_of(sign_in_name))


def whose(password: str, hashes: Iterable[str], *, made: str = "") -> list[bool]:
    """Tell for each hash whether it is the password's; those under one salt cost one hash together.

    `made`: a hash of the password that is there already. Where there is no account, check NOBODYS_HASH, or an unknown
    name is answered sooner (ASVS 5.0 6.3.8).
    """
    known = {_salted(made): made}
    return [_is_of(password, one, known) for one in hashes]


def is_outdated(encoded: str) -> bool:
    """Whether a hash was made with other numbers than new ones are: it is made anew when its password is next typed."""
    return is_password_usable(encoded) and bool(identify_hasher(encoded).must_update(encoded))


def is_salted_for(encoded: str, *, sign_in_name: str) -> bool:
    """Whether a hash has the salt of this name; not where its account had another name when it was made."""
    return is_password_usable(encoded) and bool(
        identify_hasher(encoded).decode(encoded)["salt"] == salt_of(sign_in_name)
    )


def _is_of(password: str, encoded: str, known: dict[str, str]) -> bool:
    if not is_password_usable(encoded) or is_outdated(encoded):
        return check_password(password, encoded)
    salted = _salted(encoded)
    if salted not in known:
        hasher = identify_hasher(encoded)
        known[salted] = hasher.encode(password, hasher.decode(encoded)["salt"])
    return secrets.same(known[salted].encode(), encoded.encode())


def _salted(encoded: str) -> str:
    """Algorithm, numbers and salt, without the hash itself."""
    return encoded.rpartition("$")[0]


def rules(rule: str) -> list[Listed]:
    """Return what the page lists beside the field."""
    return [
        Listed("length", _LENGTH[rule], rf"^[\s\S]{{{SHORTEST[rule]},{LONGEST}}}$"),
        *(_COMPOSITION if rule == CLASSIC else ()),
        Listed("names", _("Not your email address, your username or the name of the practice")),
        Listed("common", _("Not a password that many people use")),
    ]


def unmet(password: str, *, rule: str, names: Iterable[str]) -> list[Unmet]:
    """Hold a new password against a practice's rule; `names`: email, username, name of the practice.

    Lengths count characters after normalisation. An empty list: the password may be used.
    """
    password = normalise(password)
    if len(password) > LONGEST:  # nothing else is worked out for a megabyte
        return [Unmet("too_long", _("Use at most %(most)d characters.") % {"most": LONGEST})]
    checks = [
        (len(password) < SHORTEST[rule], "length", _TOO_SHORT[rule]),
        (rule == CLASSIC and not any(map(str.isdecimal, password)), "digit", _("Add at least one digit.")),
        (
            rule == CLASSIC and not any(map(_is_symbol, password)),
            "symbol",
            _("Add at least one character that is no letter or digit, such as ! or -."),
        ),
        (
            _is_made_of_names(password, names),
            "names",
            _("Choose a password that is not your email address, your username or the name of the practice."),
        ),
        (
            _is_common(password),
            "common",
            _("Many people use this password or one very much like it, so it is easy to guess. Choose another one."),
        ),
    ]
    return [Unmet(code, words) for is_unmet, code, words in checks if is_unmet]


_LENGTH: dict[str, StrOrPromise] = {CLASSIC: _("At least 8 characters"), LONG: _("At least 15 characters")}
_COMPOSITION = (
    Listed("digit", _("At least one digit"), r"\p{Nd}"),
    Listed("symbol", _("At least one character that is no letter or digit"), r"[^\p{L}\p{M}\p{N}]"),
)
_TOO_SHORT: dict[str, StrOrPromise] = {
    CLASSIC: _("Use at least 8 characters."),
    LONG: _("Use at least 15 characters. A few words that do not belong together are easy to remember."),
}


@cache
def _common_passwords() -> frozenset[str]:
    """Return the 20,000 most used passwords of breaches, lower case, as Django ships them."""
    return frozenset(CommonPasswordValidator().passwords)


def _is_symbol(character: str) -> bool:
    """Tell whether it is neither letter nor digit; a mark belongs to the letter before it."""
    return unicodedata.category(character)[0] not in "LMN"


def _is_common(password: str) -> bool:
    folded = password.casefold()
    core = EDGES.sub("", folded)
    variants = {folded, folded.translate(LOOKALIKES)}
    if len(folded) - len(core) <= MOST_PADDING:
        variants |= {core, core.translate(LOOKALIKES)}
    return len(set(folded)) < FEWEST_DIFFERENT or not variants.isdisjoint(_common_passwords())


def _is_made_of_names(password: str, names: Iterable[str]) -> bool:
    """Tell whether nothing is left but digits and signs, once one of the names is taken out (ASVS 5.0 6.2.11)."""
    plain = _letters_and_digits(password)
    return any(name in plain and plain.replace(name, "").strip("0123456789") == "" for name in _parts_of_names(names))


def _parts_of_names(names: Iterable[str]) -> Iterator[str]:
    """Give each name whole, the part of an email before the @, and the single words."""
    for name in names:
        local_part = name.partition("@")[0]
        for part in (name, local_part, *re.split(r"[\W_]+", local_part)):
            plain = _letters_and_digits(part)
            if len(plain) >= SHORTEST_NAME:
                yield plain


def _letters_and_digits(text: str) -> str:
    return "".join(filter(str.isalnum, normalise(text).casefold()))
