"""What the OpenAPI schema says beside views and serializers: the errors, and when they come."""

from typing import Any

ERROR = {
    "type": "object",
    "properties": {
        "detail": {"type": "string", "description": "A sentence for people."},
        "code": {"type": "string", "description": "A word for programs."},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "description": "Sentences by name of the field; dots lead into what is nested.",
        },
    },
    "required": ["detail", "code"],
}
ROW = {
    "type": "object",
    "properties": {"line": {"type": "integer"}, "column": {"type": "string"}, "detail": {"type": "string"}},
    "required": ["line", "column", "detail"],
}
INVALID = {
    "allOf": [
        {"$ref": "#/components/schemas/Error"},
        {"type": "object", "properties": {"rows": {"type": "array", "items": ROW}}},
    ]
}
CONFLICT = {
    "allOf": [
        {"$ref": "#/components/schemas/Error"},
        {"type": "object", "properties": {"listing": {"$ref": "#/components/schemas/ListingDetail"}}},
    ]
}
SCHEMAS = {"Error": ERROR, "Invalid": INVALID, "Conflict": CONFLICT}
ALWAYS = {
    "400": ("Invalid", "Something that was sent cannot be used."),
    "401": ("Error", "Nobody is signed in, or the token is not valid."),
    "403": ("Error", "A right or the CSRF token is missing."),
    "404": ("Error", "There is no such thing, or it is another shop's."),
    "429": ("Error", "Too many requests; `Retry-After` says for how many seconds."),
}
WITH_CONTENT = {
    "409": ("Conflict", "It has changed meanwhile."),
    "413": ("Error", "Too much for one request."),
    "415": ("Error", "Content of a kind that is not taken here."),
    "422": ("Error", "The Idempotency-Key was used for another request."),
}


STRICT = ("Values", "Details", "NewListing", "Decision", "Undo", "LabelImport", "LabelFile")


def close_requests(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Post-processing hook: what refuses unknown fields says so."""
    for name in STRICT:
        result["components"]["schemas"][f"{name}Request"]["additionalProperties"] = False
    return result


def add_errors(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Post-processing hook: every operation with every error that it can answer with."""
    result["components"]["schemas"].update(SCHEMAS)
    for path in result["paths"].values():
        for method, operation in path.items():
            errors = ALWAYS | (WITH_CONTENT if method == "post" else {})
            operation["responses"].update({status: _response(*error) for status, error in errors.items()})
    return result


def _response(name: str, description: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
