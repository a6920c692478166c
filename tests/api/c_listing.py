"""The public API of the C library, read from its header. That it exports just these functions is tested there."""

import re


def listing(header):
    """Every function, type, value and macro, one a line."""
    text = re.sub(r"/\*.*?\*/", "", header.read_text(encoding="utf-8"), flags=re.DOTALL)
    # The guard and what C++ needs.
    text = re.sub(r"^#if.*?$|^#endif.*?$|^#include.*?$|^extern \"C\" \{$|^\}\s*//.*$", "", text, flags=re.MULTILINE)
    macros = [line for line in text.splitlines() if line.startswith("#define") and len(line.split()) > 2]
    text = re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
    declarations = [re.sub(r"\s+", " ", part).strip() for part in re.split(r";(?![^{]*\})", text)]
    lines = []
    for declaration in [part for part in declarations if part not in ("", "}")]:
        enumeration = re.fullmatch(r"typedef enum \{(.*)\} (\w+)", declaration)
        if enumeration:
            lines.append(f"typedef enum {enumeration[2]}")
            lines += [f"    {value.strip()}" for value in enumeration[1].split(",") if value.strip()]
        else:
            lines.append(declaration)
    return macros + lines
