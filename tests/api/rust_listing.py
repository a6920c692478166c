"""The public API of the Rust crate, read from rustdoc's pages: what the compiler says is public.

Macros are expanded there, and re-exports stand in their place, as nothing that reads only the sources could have them.
"""

import re
from html.parser import HTMLParser

# Of the traits the compiler derives for itself, those a user's program depends on.
AUTOMATIC = re.compile(r"^impl !?(Send|Sync) for ")


class Page(HTMLParser):
    """One item's page: its declaration, and the heads of its methods and trait implementations."""

    def __init__(self, text):
        super().__init__()
        self.declaration = []
        self.heads = []
        self.part = ""
        self.section = ""
        self.into = None
        self.folded = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        kinds = (attributes.get("class") or "").split()
        if tag == "h2" and "section-header" in kinds:
            self.part = attributes["id"]
        elif tag == "section":
            self.section = attributes.get("class") or ""
        elif tag == "pre" and "item-decl" in kinds:
            self.into = self.declaration
        elif tag == "summary":
            self.folded = True
        elif tag in ("h3", "h4") and "code-header" in kinds and self.part != "blanket-implementations":
            self.heads.append((self.part, self.section, []))
            self.into = self.heads[-1][2]

    def handle_endtag(self, tag):
        if tag == "summary":
            # "Show 18 variants", and around each method's head: what is inside ends with it.
            self.folded = False
        if tag in ("pre", "h3", "h4"):
            self.into = None

    def handle_data(self, data):
        if self.into is not None and not (self.folded and self.into is self.declaration):
            self.into.append(data)


def one_line(parts):
    text = re.sub(r"\s+", " ", "".join(parts)).strip()
    return text.replace("( ", "(").replace(", )", ")").replace("]pub", "] pub").split(" = _; //")[0]


def listing(doc):
    """Every item of the crate whose documentation lies in the folder."""
    lines = []
    everything = (doc / "all.html").read_text(encoding="utf-8").split('id="main-content"')[1]
    for path in sorted(set(re.findall(r'href="([^"#]+\.html)"', everything))):
        page = Page((doc / path).read_text(encoding="utf-8"))
        name = re.sub(r"\w+\.(\w+)\.html$", r"\1", path).replace("/", "::")
        # A new version is no change of the interface.
        declaration = re.sub(r' = "\d+\.\d+\.\d+"', "", one_line(page.declaration))
        lines.append(f"{name}: {declaration}")
        heads = []
        for part, section, parts in page.heads:
            head = one_line(parts)
            is_method = section in ("method", "associatedconstant") and not head.startswith("impl")
            is_trait = part == "trait-implementations" and head.startswith("impl") and "StructuralPartialEq" not in head
            if is_method or is_trait or AUTOMATIC.match(head):
                heads.append(f"    {head}")
        # Sorted, because the order of the files an item's methods stand in is nobody's business.
        lines += sorted(heads)
    return lines
