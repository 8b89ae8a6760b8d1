"""Plain XML from outside: without document types and entities, in UTF-8, of bounded depth and number of elements."""

from xml.etree import ElementTree
from xml.parsers import expat

from holdfast.contracts.errors import BadFile

DEPTH_MAX = 24
"""The deepest message of ISO 20022 that is read here has some fifteen levels."""
ELEMENTS_MAX = 2_000_000
"""50,000 lines of a clearing file with forty elements each."""


def _forbid(*_: object) -> None:
    words = "the file declares a document type or entities, which are not allowed; send plain XML"
    raise BadFile(words, "entities")


class _Bounded:
    """Builds the tree and counts while it does, so that nothing larger than the limits is ever in memory."""

    def __init__(self, elements_max: int) -> None:
        self._builder = ElementTree.TreeBuilder()
        self._left, self._depth = elements_max, 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._left -= 1
        self._depth += 1
        if self._left < 0:
            raise BadFile("the file has more elements than any message may have; split it", "too_many_elements")
        if self._depth > DEPTH_MAX:
            raise BadFile(f"elements lie in one another more than {DEPTH_MAX} deep; no message does", "too_deep")
        self._builder.start(name.rpartition(":")[2], attributes)

    def end(self, name: str) -> None:
        self._depth -= 1
        self._builder.end(name.rpartition(":")[2])

    def text(self, text: str) -> None:
        self._builder.data(text)

    def root(self) -> ElementTree.Element:
        found: ElementTree.Element = self._builder.close()
        return found


def parse_plain(raw: bytes, elements_max: int = ELEMENTS_MAX) -> ElementTree.Element:
    """The root of plain XML, elements by local name; raises BadFile (kinds `encoding`, `entities`, `xml`, `too_deep`,
    `too_many_elements`)."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadFile(f"the file is not in UTF-8 (byte {error.start + 1}); save it as UTF-8", "encoding") from error
    built = _Bounded(elements_max)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _forbid
    parser.EntityDeclHandler = _forbid
    parser.StartElementHandler = built.start
    parser.EndElementHandler = built.end
    parser.CharacterDataHandler = built.text
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise BadFile(f"the file is not well-formed XML: {error}", "xml", line=error.lineno) from error
    return built.root()
