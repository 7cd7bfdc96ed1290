"""Twilio's own OpenAPI description of its API, where it lies beside the checkout, and what it says of a request."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "twilio_api_v2010.json"
FORM = "application/x-www-form-urlencoded"
Fields = dict[str, list[str]]


def is_there() -> bool:
    return FILE.exists()


@cache
def _whole() -> dict[str, Any]:
    description: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return description


def properties(schema: str) -> tuple[str, ...]:
    """The names that an answer has."""
    return tuple(_whole()["components"]["schemas"][schema]["properties"]) if is_there() else ("sid", "status", "to")


def faults(path: str, fields: Fields) -> list[str]:
    """What is wrong with a POST; nothing, where the description is not at hand."""
    if not is_there():
        return []
    for template, methods in _whole()["paths"].items():
        if "post" in methods and re.fullmatch(re.sub(r"{\w+}", r"[^/]+", template), path):
            in_path = dict(zip(re.findall(r"{(\w+)}", template), _values(template, path), strict=True))
            return [*_path_faults(methods["post"], in_path), *_form_faults(methods["post"], fields)]
    return [f"there is no POST {path}"]


def _values(template: str, path: str) -> list[str]:
    found = re.fullmatch(re.sub(r"{\w+}", r"([^/]+)", template), path)
    return [value.removesuffix(".json") for value in found.groups()] if found else []


def _path_faults(operation: dict[str, Any], values: dict[str, str]) -> Iterator[str]:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            yield from _value_faults(parameter["name"], values[parameter["name"]], parameter["schema"])


def _form_faults(operation: dict[str, Any], fields: Fields) -> Iterator[str]:
    schema = operation["requestBody"]["content"][FORM]["schema"]
    for name in schema.get("required", ()):
        if name not in fields:
            yield f"{name} is missing"
    for name, values in fields.items():
        kind = _resolved(schema["properties"].get(name))
        if kind is None:
            yield f"{name} is not a field"
            continue
        if len(values) > 1 and kind.get("type") != "array":
            yield f"{name} comes {len(values)} times"
        for value in values:
            yield from _value_faults(name, value, _resolved(kind.get("items")) or kind)


def _resolved(schema: dict[str, Any] | None) -> dict[str, Any] | None:
    if schema and "$ref" in schema:
        found: dict[str, Any] = _whole()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _value_faults(name: str, value: str, schema: dict[str, Any]) -> Iterator[str]:
    if not re.search(schema.get("pattern", ""), value):
        yield f"{name} has not its pattern"
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield f"{name} is too short or too long"
    if value not in schema.get("enum", [value]):
        yield f"{name} is none of its values"
    if schema.get("type") == "integer" and not re.fullmatch(r"-?\d+", value):
        yield f"{name} is no whole number"
    if schema.get("type") == "boolean" and value not in {"true", "false"}:
        yield f"{name} is neither true nor false"
    if schema.get("format") == "uri" and not (urlsplit(value).scheme in {"http", "https"} and urlsplit(value).hostname):
        yield f"{name} is no address"
    if schema.get("format") in {"phone-number", "endpoint"} and not re.fullmatch(r"\+[1-9]\d{6,14}", value):
        yield f"{name} is no number"
