"""Templates: text with plain fields in braces, `{name}`; `{{` and `}}` are braces. No formats, no attributes."""

from __future__ import annotations


def pieces(template: str) -> list[tuple[str, str]]:
    """Text and the field after it ("" at the end), again and again. Errors: ValueError says what is wrong.

    >>> pieces("a{b}{{c")
    [('a', 'b'), ('{c', '')]
    """
    result, text, index = [], "", 0
    while index < len(template):
        pair = template[index : index + 2]
        if pair in ("{{", "}}"):
            text, index = text + pair[0], index + 2
        elif pair[0] == "{":
            end = template.find("}", index)
            if end < 0:
                raise ValueError("a { without its }; a brace is written twice")
            if end == index + 1:
                raise ValueError("{} without a name in it; a brace is written twice")
            result.append((text, template[index + 1 : end]))
            text, index = "", end + 1
        elif pair[0] == "}":
            raise ValueError("a } without its {; a brace is written twice")
        else:
            text, index = text + pair[0], index + 1
    return [*result, (text, "")]
