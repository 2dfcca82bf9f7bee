"""The part of JSON Schema that configs/schema.json uses, and one rule more: what is printed must be described."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from llmmem.paths import configs_dir

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
KNOWN = {
    "$ref", "$schema", "$defs", "title", "description", "oneOf", "type", "const", "enum", "required", "properties",
    "patternProperties", "additionalProperties", "items", "minimum", "minLength",
}  # fmt: skip


@cache
def schema() -> Any:
    """The file that ships."""
    return json.loads((configs_dir() / "schema.json").read_text(encoding="utf-8"))


def check(answer: Any) -> None:
    """An answer, or an error, against its own part of the schema."""
    kind = "error" if "error" in answer else answer["command"]
    problems = list(_problems(answer, schema()["$defs"][kind], kind))
    assert not problems, "\n".join(problems[:5])


def _problems(value: Any, rule: Any, where: str) -> Any:
    assert set(rule) <= KNOWN, f"{where}: tests/schema.py does not know {set(rule) - KNOWN}"
    if "$ref" in rule:
        yield from _problems(value, schema()["$defs"][rule["$ref"].removeprefix("#/$defs/")], where)
        return
    types = rule.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(_is(value, name) for name in types):
        yield f"{where} is {value!r:.60}, not {' or '.join(types)}"
        return
    if "const" in rule and value != rule["const"]:
        yield f"{where} is {value!r:.60}, not {rule['const']!r}"
    if "enum" in rule and value not in rule["enum"]:
        yield f"{where} is {value!r:.60}, not one of {rule['enum']}"
    if "minimum" in rule and isinstance(value, int | float) and value < rule["minimum"]:
        yield f"{where} is {value}, less than {rule['minimum']}"
    if "minLength" in rule and len(value) < rule["minLength"]:
        yield f"{where} is empty"
    if isinstance(value, dict):
        yield from (f"{where} lacks {key}" for key in rule.get("required", ()) if key not in value)
        for key, one in value.items():
            yield from _problems(one, _rule(key, rule, where), f"{where}.{key}")
    if isinstance(value, list):
        for one in value:
            yield from _problems(one, rule.get("items", {}), f"{where}[]")


def _is(value: Any, name: str) -> bool:
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _rule(key: str, rule: Any, where: str) -> Any:
    if key in rule.get("properties", {}):
        return rule["properties"][key]
    for pattern, own in rule.get("patternProperties", {}).items():
        if re.search(pattern, key):
            return own
    assert "additionalProperties" in rule, f"{where}.{key} is not in configs/schema.json"
    return rule["additionalProperties"]
