"""Ids of rows, as they come in addresses, forms and files."""


def parsed_id(text: str) -> int | None:
    """The number; None for a text that no row can have for its id: other signs, or more digits than databases hold."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
