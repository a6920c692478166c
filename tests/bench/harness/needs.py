"""Run by the measured Python: the packages that a distribution needs at run time, and the bytes of all of them.

python needs.py NAME   prints [number of packages without NAME itself, bytes as installed]
"""

import importlib.metadata
import json
import re
import sys


def installed_bytes(name):
    paths = [file.locate() for file in importlib.metadata.files(name) or []]
    return sum(path.stat().st_size for path in paths if path.is_file())


def walk(name, found):
    try:
        found[name] = installed_bytes(name)
    except importlib.metadata.PackageNotFoundError:
        return  # needed on other systems or older Pythons only
    for line in importlib.metadata.requires(name) or []:
        needed = re.match(r"[\w.-]+", line).group()
        if "extra ==" not in line and needed not in found:
            walk(needed, found)


found = {}
walk(sys.argv[1], found)
print(json.dumps([len(found) - 1, sum(found.values())]))
