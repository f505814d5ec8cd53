"""Pure: the text of a piece of HTML, with paragraphs and breaks as line breaks, without scripts."""

import re
from html.parser import HTMLParser

_PARAGRAPHS = frozenset({"p", "div", "ul", "ol", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "section"})
_LINES = frozenset({"br", "li", "tr"})
_UNSEEN = frozenset({"script", "style", "head", "template", "noscript"})
_GAPS = re.compile(r"[ \t\r\f\v\u00a0]+")
_MANY_BREAKS = re.compile(r"\n{3,}")


def plain_text(markup: str) -> str:
    """``<p>One<br>two</p><p>three</p>`` → ``One\\ntwo\\n\\nthree``; text without markup stays as it is."""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    lines = [_GAPS.sub(" ", line).strip() for line in "".join(reader.parts).split("\n")]
    return _MANY_BREAKS.sub("\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _PARAGRAPHS:
            self.parts.append("\n\n")
        elif tag in _LINES:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _PARAGRAPHS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data.replace("\n", " "))
