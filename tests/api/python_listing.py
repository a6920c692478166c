"""The public API of the installed Python package, as `inspect` sees it. That the stubs agree is stubtest's part."""

import importlib
import inspect

MODULES = ["hogwire", "hogwire.testing"]
# What a class may define for its users beside its named members.
SPECIAL = {
    "__aenter__",
    "__await__",
    "__bool__",
    "__call__",
    "__enter__",
    "__eq__",
    "__hash__",
    "__iter__",
    "__len__",
    "__reduce__",
}


def signature(value):
    try:
        return str(inspect.signature(value))
    except (TypeError, ValueError):
        return "(...)"


def members(kind):
    # With what it inherits from a class of this package that is not public itself.
    own = {
        name: value
        for base in reversed(kind.__mro__)
        if base.__module__.startswith("hogwire")
        for name, value in vars(base).items()
    }
    for name, value in sorted(own.items()):
        if name.startswith("_") and name not in SPECIAL:
            continue
        if name == "__hash__" and value is None:
            continue
        if isinstance(value, (staticmethod, classmethod)):
            yield f"    {type(value).__name__} {name}{signature(getattr(kind, name))}"
        elif name in SPECIAL:
            yield f"    {name}"
        elif callable(value):
            yield f"    {name}{signature(value)}"
        else:
            yield f"    {name}"


def listing():
    """Every public name of every public module, one a line."""
    lines = []
    for name in MODULES:
        module = importlib.import_module(name)
        for public in sorted(module.__all__):
            value = getattr(module, public)
            if inspect.isclass(value):
                bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
                lines.append(f"{name}.{public}: class{f'({bases})' if bases else ''} {signature(value)}")
                lines += members(value)
            elif callable(value):
                lines.append(f"{name}.{public}{signature(value)}")
            else:
                lines.append(f"{name}.{public}: {type(value).__name__}")
    return lines
