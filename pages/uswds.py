"""Make static/uswds/ from the published package: `python -m pages.uswds uswds-uswds-3.14.0.tgz`.

The prebuilt stylesheet is 527 kB, nearly all of it utilities and components that no page uses. This keeps the
components named below and the images that their rules name, without web fonts (pages use the fonts of the device).
Run by hand when the package or the list changes; nothing here runs while the portal does.
"""

from __future__ import annotations

import re
import shutil
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

# ruff: noqa: SIM905 - a list of words is best read as words

TARGET = Path(__file__).resolve().parent.parent / "static" / "uswds"
VERSION = "3.14.0"
COMPONENTS = frozenset(
    (
        "alert button checkbox error-message fieldset form form-group hint input label legend link list prose radio "
        "select skipnav sr-only step-indicator textarea"
    ).split()
)
UNUSED = ("--accent", "--base", "--counters", "--external", "--inverse", "--no-icon")
ICONS = "check_circle error help language logout mail navigate_next person phone schedule security settings".split()
FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif'
_FAMILIES = re.compile(r"(?:Source Sans Pro Web|Merriweather Web|Public Sans Web)(?:,[^;}!]*?)?(?:sans-serif|serif)\b")
_CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
_URL = re.compile(r"url\(\.\./(img/[^)]+)\)")
_NESTING = ("@media", "@supports")


def blocks(css: str) -> Iterator[tuple[str, str]]:
    """Split minified CSS into (prelude, body) pairs, one for each top-level rule; the body has no outer braces."""
    depth = start = body = 0
    for at, char in enumerate(css):
        if char == "{":
            depth += 1
            body = at + 1 if depth == 1 else body
        elif char == "}":
            depth -= 1
            if depth == 0:
                yield css[start : body - 1].strip(), css[body:at]
                start = at + 1


def wanted(selector: str) -> bool:
    """Tell whether each class of the selector belongs to a kept component (utilities belong to none)."""
    if any(part in selector for part in UNUSED):
        return False
    names = [name.split("__")[0].split("--")[0] for name in _CLASS.findall(selector)]
    return all(name.removeprefix("usa-") in COMPONENTS and name.startswith("usa-") for name in names)


def subset(css: str) -> str:
    """Keep the rules of the kept components and of bare elements; drop fonts, key frames and comments."""
    kept = []
    for prelude, body in blocks(re.sub(r"/\*.*?\*/|@charset[^;]*;", "", css, flags=re.DOTALL)):
        if prelude.startswith(_NESTING):
            inner = subset(body)
            kept += [f"{prelude}{{{inner}}}"] if inner else []
        elif not prelude.startswith("@"):
            selectors = [selector for selector in split_selectors(prelude) if wanted(selector)]
            kept += [f"{','.join(selectors)}{{{body}}}"] if selectors else []
    return "".join(kept)


def split_selectors(prelude: str) -> list[str]:
    """Split at the commas that stand outside brackets."""
    return re.split(r",(?![^(\[]*[)\]])", prelude)


def sprite(package: tarfile.TarFile) -> str:
    """Put the named icons (24 by 24 units each) into one SVG of symbols."""
    symbols = []
    for name in ICONS:
        svg = read(package, f"img/usa-icons/{name}.svg").decode()
        inner = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", svg, flags=re.DOTALL)
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def read(package: tarfile.TarFile, name: str) -> bytes:
    """Read one file of the package's dist folder; KeyError where it has none of that name."""
    stream = package.extractfile(f"package/{name}" if name == "LICENSE.md" else f"package/dist/{name}")
    if stream is None:
        raise KeyError(name)
    return stream.read()


def write(name: str, content: bytes) -> None:
    """Write one file below static/uswds/."""
    path = TARGET / PurePosixPath(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def main(archive: str) -> None:
    """Write the stylesheet, the images it names, the icons, and the licence, in place of what was there."""
    shutil.rmtree(TARGET, ignore_errors=True)
    with tarfile.open(archive) as package:
        css = _FAMILIES.sub(FONTS, subset(read(package, "css/uswds.min.css").decode()))
        write("css/uswds.css", f"/*! uswds v{VERSION}, subset made by pages/uswds.py */\n{css}\n".encode())
        for name in sorted(set(_URL.findall(css))):
            write(name, read(package, name))
        write("img/icons.svg", sprite(package).encode())
        write("LICENSE.md", read(package, "LICENSE.md"))


if __name__ == "__main__":
    main(sys.argv[1])
