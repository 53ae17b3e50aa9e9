"""One escape for logs and error messages: text from outside cannot control a terminal."""


def escaped(text: str, keep: str = "") -> str:
    """Return text with every character that is not printable as \\uXXXX, as JSON writes it.

    These are control characters of both ranges, marks that change the direction of text, line
    separators and halves of surrogate pairs. Those in `keep` stay. JSON stays the same document.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else _units(c) for c in text)


def _units(character: str) -> str:
    """Return a character's units of UTF-16 as JSON escapes."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
