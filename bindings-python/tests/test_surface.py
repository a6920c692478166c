"""The surface: what is exported, how it is documented, and that the types are true."""

import inspect
import pathlib
import subprocess
import sys

import pytest

import hogwire

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


def check(*command, cwd):
    done = subprocess.run([sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_stubs_are_true(tmp_path):
    assert check("mypy.stubtest", "hogwire", cwd=tmp_path)[0] == 0, check("mypy.stubtest", "hogwire", cwd=tmp_path)[1]


def test_a_program_that_uses_everything_passes_strict_typing(tmp_path):
    code, words = check("mypy", "--strict", "--warn-unreachable", str(TYPED / "program.py"), cwd=tmp_path)
    assert code == 0, words
