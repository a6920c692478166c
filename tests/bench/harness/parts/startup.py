"""Start-up: what importing and making the first client costs above the bare runtime."""

import glob
import json
import os
import subprocess

from paths import RELEASE, SCRATCH
from tables import median, spread, table
from workers import HOGWIRE, NODE_PATH, OFFICIAL, PYTHON, interleaved

HOST = "http://127.0.0.1:9"
# A single start is short; more of them make a steadier median.
STARTS_PER_ROUND = 5


def _python(code):
    # Without site hooks, as a program started with -S -I: only what is imported counts.
    site = glob.glob(str(SCRATCH / "python" / "lib" / "python3*" / "site-packages"))[0]
    return [PYTHON, "-S", "-I", "-c", f"import sys; sys.path.insert(0, {site!r}); {code}"]


def starts(language):
    """What is started, by client and stage."""
    if language == "python":
        yield ("bare runtime", ""), _python("pass")
        yield ("hogwire", "import"), _python("import hogwire")
        yield ("hogwire", "first client"), _python(f"import hogwire; hogwire.Client('phc_x', host='{HOST}')")
        if language in OFFICIAL:
            code = f"from posthog import Posthog; Posthog('phc_x', host='{HOST}')"
            yield ("posthog", "import"), _python("import posthog")
            # Its consumer thread would keep the program alive.
            yield ("posthog", "first client"), _python(f"{code}; import os; os._exit(0)")
    elif language == "node":
        yield ("bare runtime", ""), ["node", "-e", "0"]
        yield ("hogwire", "import"), ["node", "-e", "require('hogwire')"]
        yield (
            ("hogwire", "first client"),
            ["node", "-e", f"new (require('hogwire').Client)('phc_x', {{ host: '{HOST}' }})"],
        )
        if language in OFFICIAL:
            code = f"new (require('posthog-node').PostHog)('phc_x', {{ host: '{HOST}' }}); process.exit(0)"
            yield ("posthog-node", "import"), ["node", "-e", "require('posthog-node')"]
            yield ("posthog-node", "first client"), ["node", "-e", code]
    else:
        bare = {"rust": RELEASE / "hogwire-bench-bare", "c": SCRATCH / "hogwire-bench-bare"}[language]
        yield ("bare runtime", ""), [str(bare)]
        yield ("hogwire", "first client"), [*HOGWIRE[language].command, "mode=start", f"host={HOST}"]
        if language in OFFICIAL:
            yield ("posthog-rs", "first client"), [*OFFICIAL[language].command, "mode=start", f"host={HOST}"]


def start(command):
    """CPU time and peak memory of a whole program."""
    environment = {**os.environ, **dict(NODE_PATH)}
    program = str(SCRATCH / "hogwire-bench-usage")
    done = subprocess.run([program, *command], env=environment, capture_output=True, text=True, check=True)
    usage = json.loads(done.stdout)
    if usage["status"] != 0:
        raise RuntimeError(f"{command} ended with {usage['status']}\n{done.stderr[-2000:]}")
    return usage


def measure(languages, rounds):
    runs = {}
    for language in languages:
        for key, command in starts(language):
            start(command)  # the first one reads files and writes bytecode
            runs[(language, *key)] = lambda command=command: start(command)
    return interleaved(rounds * STARTS_PER_ROUND, runs, quiet=True)


def render(results, floors):
    rows = []
    for (language, client, stage), runs in results.items():
        bare = results[language, "bare runtime", ""]
        base, base_kb = (median([run[name] for run in bare]) for name in ("cpu_ms", "peak_kb"))
        times = [run["cpu_ms"] for run in runs]
        memory = median([run["peak_kb"] for run in runs])
        rows.append([language, client, stage, spread(times)])
        rows[-1] += [median(times) - base, (memory - base_kb) / 1024] if stage else ["", ""]
    return "### Start-up\n\nCPU time of a whole program that does nothing else; Python with -S -I.\n\n" + table(
        ["language", "client", "stage", "CPU ms", "ms above bare", "peak MiB above bare"], rows
    )
