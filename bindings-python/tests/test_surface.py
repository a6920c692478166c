"""The surface: what is exported, how it is documented, and that the types are true."""

import ast
import functools
import importlib
import inspect
import operator
import pathlib
import re
import subprocess
import sys

import pytest

import hogwire
from conftest import ROOT
from hogwire.testing import RecordingTransport

TYPED = pathlib.Path(__file__).parent / "typed"


def test_everything_is_exported_and_documented():
    for name in hogwire.__all__:
        assert name in dir(hogwire)
        value = getattr(hogwire, name)
        if callable(value):
            assert inspect.getdoc(value), name
    for kind in (value for value in vars(hogwire).values() if isinstance(value, type)):
        assert kind.__module__ in ("hogwire", "hogwire._asynchronous")
        for name, member in vars(kind).items():
            if not name.startswith("_"):
                assert inspect.getdoc(member), f"{kind.__name__}.{name}"
    with pytest.raises(AttributeError, match="Queues"):
        hogwire.Queues  # noqa: B018


def test_the_catalogues():
    assert hogwire.ERROR_CODES[0] == "ok"
    assert {"invalid_input", "timeout", "internal"} < set(hogwire.ERROR_CODES)
    assert set(hogwire.DELIVERIES) == {"not_sent", "unknown", "accepted", "stored", "dropped", "rejected"}
    assert {"overflow", "before_send", "shutdown"} < set(hogwire.DROP_REASONS)
    assert "nested_value" in hogwire.FINDING_CODES
    assert "lone_surrogate" in hogwire.WARNING_CODES
    assert list(hogwire.OPERATIONS) == ["alias", "event", "group", "identity", "page", "screen"]
    assert hogwire.OPERATIONS["alias"][:2] == ("DistinctId", "Alias")


def test_signatures_can_be_read():
    names = list(inspect.signature(hogwire.Client).parameters)
    assert names[:4] == ["api_key", "host", "timeout", "connect_timeout"]
    assert str(inspect.signature(hogwire.Client.create_alias)).startswith(
        "(self, /, *, distinct_id, alias, timestamp=None"
    )
    assert inspect.signature(hogwire.Client).parameters["timeout"].default == 10.0


GUIDE = (ROOT / "bindings-python/README.md").read_text(encoding="utf-8")
STUBS = {
    f"hogwire.{path.stem}".removesuffix(".__init__"): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(pathlib.Path(hogwire.__file__).parent.glob("*.pyi"))
}


def options_of(function):
    """What a docstring says of each option."""
    return dict(re.findall(r"^ *(\w+): (.+)\.$", inspect.getdoc(function), re.MULTILINE))


def documented(body, before=""):
    """Every public class, function and property, and what its docstring says."""
    for node in body:
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (is_function or isinstance(node, ast.ClassDef)) and not node.name.startswith("_"):
            yield before + node.name, ast.get_docstring(node) or ""
            if not is_function:
                yield from documented(node.body, f"{node.name}.")


@pytest.mark.parametrize("module", STUBS)
def test_the_stubs_say_what_the_docstrings_say(module):
    """Editors show the stubs', `help()` the code's. All of them: a hint that is missing is not missed by anybody."""
    said = dict(documented(STUBS[module].body))
    assert said or module == "hogwire"
    for name, text in said.items():
        # Lines may break elsewhere.
        meant = inspect.getdoc(operator.attrgetter(name)(importlib.import_module(module)))
        assert text.split() == meant.split(), name


def literal(alias):
    """The words of a closed list of the stubs."""
    [node] = [
        node for node in STUBS["hogwire._native"].body if getattr(node, "target", None) and node.target.id == alias
    ]
    return ast.literal_eval(node.value.slice)


@pytest.mark.parametrize(
    ("alias", "words"),
    [
        ("_ErrorCode", hogwire.ERROR_CODES),
        ("_Delivery", hogwire.DELIVERIES),
        ("_FindingCode", hogwire.FINDING_CODES),
        ("_WarningCode", hogwire.WARNING_CODES),
        ("_DropReason", hogwire.DROP_REASONS),
        ("_Operation", tuple(hogwire.OPERATIONS)),
    ],
)
def test_the_closed_lists_of_the_stubs_are_the_cores(alias, words):
    assert literal(alias) == words


OPTIONS = [
    (function, name, parameter.default)
    for function in (hogwire.Client, hogwire.Client.queue)
    for name, parameter in inspect.signature(function).parameters.items()
    # Hooks have sentences of their own.
    if name not in ("self", "api_key", "on_drop", "on_error", "on_delivered")
]


@pytest.mark.parametrize(
    ("function", "name", "default"), OPTIONS, ids=[f"{row[0].__name__} {row[1]}" for row in OPTIONS]
)
def test_every_option_is_documented_with_its_default_and_its_limits(function, name, default):
    meaning, found, said = options_of(function)[name].partition(". Default: ")
    assert found
    if default is not None:
        assert ast.literal_eval(said.replace(",", "")) == default
    first = "phc_x" if function is hogwire.Client else hogwire.Client("phc_x", transport=RecordingTransport())
    make = functools.partial(function, first)

    def refused(value):
        with pytest.raises(hogwire.ConfigError) as raised:
            make(**{name: value})
        return raised.value.option == name

    limits = re.search(r"([\d.]+) to ([\d,]+)", meaning)
    assert limits or type(default) not in (int, float)
    if limits:
        least, most = (ast.literal_eval(number.replace(",", "")) for number in limits.groups())
        make(**{name: least}).close()
        make(**{name: most}).close()
        assert refused(least - 1 if least >= 1 else least / 2 - 0.0001)
        assert refused(most + 1)
    if most := re.search(r"up to ([\d,]+) bytes", meaning):
        most = int(most[1].replace(",", ""))
        of_bytes = {
            "host": lambda count: "http://".ljust(count, "x"),
            "properties": lambda count: {"a": "x" * (count - len('"a":""'))},
            "headers": lambda count: {"X-A": "x" * count},
            "app_info": lambda count: "x" * count,
        }[name]
        make(**{name: of_bytes(most)}).close()
        assert refused(of_bytes(most + 1))


def test_the_guide_names_the_same_options():
    rows = re.findall(r"^\| (`.+?`) \|", GUIDE, re.MULTILINE)
    named = re.findall(r"`(\w+)`", " ".join(rows))
    assert {name for _, name, _ in OPTIONS} <= set(named)


def test_the_names_of_stats_are_documented_and_typed():
    with hogwire.Client("phc_x", transport=RecordingTransport()) as client, client.queue() as queue:
        stats = queue.stats()
    assert list(options_of(hogwire.Queue.stats)) == list(stats)
    assert [name for name in stats if f"`{name}`" not in GUIDE] == []
    [stats_type] = [node for node in STUBS["hogwire._native"].body if getattr(node, "name", "") == "_Stats"]
    typed = {field.target.id: ast.unparse(field.annotation) for field in stats_type.body}
    assert list(typed) == list(stats)
    assert typed == {name: "dict[_DropReason, int]" if type(value) is dict else "int" for name, value in stats.items()}


def check(*command, cwd):
    done = subprocess.run([sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_stubs_are_true(tmp_path):
    code, words = check("mypy.stubtest", "hogwire", cwd=tmp_path)
    assert code == 0, words


def test_a_program_that_uses_everything_passes_strict_typing(tmp_path):
    code, words = check("mypy", "--strict", "--warn-unreachable", str(TYPED / "program.py"), cwd=tmp_path)
    assert code == 0, words
