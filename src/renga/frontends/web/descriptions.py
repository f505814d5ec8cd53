"""A page's description for search engines: one line that ends at a word."""

#: About what result pages show.
DESCRIPTION_CHARS_MAX = 160


def described(text: str) -> str:
    """The text in one line; a long one ends with a whole word and an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= DESCRIPTION_CHARS_MAX:
        return line
    cut = line[:DESCRIPTION_CHARS_MAX]
    words = cut.rpartition(" ")[0] or cut[:-1]
    return words.rstrip(" ,;:.!?-(\u2013\u2014") + "…"
