"""The schemas of other projects' files that check-jsonschema brings along."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Literal

import jsonschema


def validate(document: Any, kind: Literal["compose-spec", "github-actions", "github-workflows", "renovate"]) -> None:
    """Raise ValidationError for a document that is not valid."""
    schema = json.loads((files("check_jsonschema") / "builtin_schemas" / "vendor" / f"{kind}.json").read_text("utf-8"))
    kind_of_schema = jsonschema.validators.validator_for(schema)
    kind_of_schema(schema).validate(document)
