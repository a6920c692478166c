"""Builds and runs everything the C library has to show; `make -C bindings-c test` calls it after a build.

The programs in this folder run against the shared and the static library, under valgrind and under gcc's sanitizers; the
exported symbols are compared with the header; an install into a scratch prefix serves pkg-config, CMake and plain compilers;
the code blocks of the READMEs and the examples run, too. All of it talks to one embedded receiver.

A tool that is not installed is skipped with a line that says so; with HOGWIRE_REQUIRE_ALL=1 it is a failure.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from blocks import Block, fenced, read_blocks

TESTS = Path(__file__).resolve().parent
BINDING = TESTS.parent
ROOT = BINDING.parent
PROGRAMS = [
    "walkthrough", "misuse", "configuration", "network", "concurrency", "own_http", "callbacks", "recording", "hostile",
    "batch", "queue", "queue_hooks", "queue_losses", "queue_exit", "queue_process",
]  # fmt: skip
# In a burst of queue_losses; all 100,000 only where nothing slows the program down.
FEWER_EVENTS = {"HOGWIRE_STORY_EVENTS": "3000"}
STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-g"]
C = ["gcc", "-std=c99", "-D_POSIX_C_SOURCE=200809L", *STRICT]
# The wrapper is compiled with its users' warnings.
CPP = ["g++", "-std=c++17", "-Wshadow", *STRICT]
SYSTEM_LIBRARIES = ["-lutil", "-lrt", "-lpthread", "-lm", "-ldl"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
VALGRIND = [
    "valgrind", "--quiet", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect,possible",
    "--show-leak-kinds=definite,indirect,possible", "--error-exitcode=99", "--child-silent-after-fork=yes",
]  # fmt: skip


class Failed(Exception):
    """A step failed; the text says how."""


class Run:
    """One run: its folders, its environment, its tally."""

    def __init__(self, target: Path, receiver: str) -> None:
        self.target = target
        self.build = Path(os.environ.get("HOGWIRE_BUILD", target / "debug"))
        self.work = target / "c-tests"
        self.receiver = receiver
        self.passed = 0
        self.failed: list[str] = []
        self.skipped: list[str] = []
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        self.environment = environment | {
            "HOGWIRE_RECEIVER_URL": receiver,
            "POSTHOG_API_KEY": "phc_story",
            "POSTHOG_HOST": receiver,
            # Nothing outside the target folder is touched, and no other compiler fetched.
            "GOCACHE": str(target / "go-cache"),
            "GOTOOLCHAIN": "local",
            # The panic that is provoked should not print its way through the whole library.
            "RUST_BACKTRACE": "0",
        }

    def do(self, command: list[str], **more: object) -> str:
        """Runs a command and gives its output; the libraries under test are found."""
        extra = more.pop("environment", {})
        environment = self.environment | {"LD_LIBRARY_PATH": str(self.build)} | extra
        done = subprocess.run(
            [str(word) for word in command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", timeout=300, check=False, **more,
        )  # fmt: skip
        if done.returncode != 0:
            raise Failed(f"{' '.join(map(str, command))}\nended with {done.returncode}\n{done.stdout[-4000:]}")
        return done.stdout

    def step(self, name: str, action: object, needs: tuple[str, ...] = ()) -> None:
        """Runs one step and says how it went; a missing tool skips it loudly."""
        missing = [tool for tool in needs if shutil.which(tool) is None]
        if missing and os.environ.get("HOGWIRE_REQUIRE_ALL") != "1":
            self.skipped.append(name)
            print(f"SKIPPED {name}: {', '.join(missing)} is not installed", flush=True)
            return
        try:
            if missing:
                raise Failed(f"{', '.join(missing)} is not installed, and HOGWIRE_REQUIRE_ALL=1")
            told = action()
            self.passed += 1
            print(f"ok      {name}{f': {told}' if told else ''}", flush=True)
        except (Failed, subprocess.TimeoutExpired) as problem:
            self.failed.append(name)
            print(f"FAILED  {name}\n{problem}", flush=True)

    def compile(self, name: str, language: list[str], sources: list[Path], libraries: list[str]) -> Path:
        """Compiles a program of this folder."""
        program = self.work / name
        includes = [f"-I{BINDING}/include", f"-I{TESTS}"]
        self.do([*language, *includes, *sources, "-o", program, *libraries, "-lpthread"])
        return program

    @property
    def shared(self) -> list[str]:
        return [f"-L{self.build}", "-lhogwire"]

    @property
    def static(self) -> list[str]:
        return [str(self.build / "libhogwire.a"), *SYSTEM_LIBRARIES]


def last_line(output: str) -> str:
    return output.strip().splitlines()[-1] if output.strip() else ""


def accepted(output: str) -> str:
    """What the quick starts print when all went well; the C++ one adds a finding."""
    if not re.fullmatch(r"accepted, event [0-9a-f-]{36}\n(placeholder_id Alias\n)?", output):
        raise Failed(f"not what the quick start prints:\n{output}")
    return output.splitlines()[0]


def programs(run: Run) -> None:
    """Every program, against every form of the library."""
    for name in PROGRAMS:
        sources = [TESTS / f"{name}.c", TESTS / "receiver.c", TESTS / "ledger.c"]

        def plain(kind: str, libraries: list[str], flags: list[str], runner: list[str], name=name, sources=sources) -> str:
            program = run.compile(f"{name}-{kind}", C + flags, sources, libraries)
            return last_line(run.do([*runner, program], environment={} if kind == "shared" else FEWER_EVENTS))

        run.step(f"{name}, shared", lambda: plain("shared", run.shared, [], []))
        run.step(f"{name}, static", lambda: plain("static", run.static, [], []))
        run.step(f"{name}, sanitizers", lambda: plain("sanitized", run.shared, SANITIZERS, []))
        run.step(f"{name}, valgrind", lambda: plain("checked", run.shared, [], VALGRIND), needs=("valgrind",))
    wrapper = [TESTS / "wrapper.cpp"]
    for kind, libraries, flags, runner in [
        ("shared", run.shared, [], []),
        ("static", run.static, [], []),
        ("sanitizers", run.shared, SANITIZERS, []),
        ("valgrind", run.shared, [], VALGRIND),
    ]:
        run.step(
            f"wrapper (C++), {kind}",
            lambda: last_line(run.do([*runner, run.compile(f"wrapper-{kind}", CPP + flags, wrapper, libraries)])),
            needs=("g++", *runner[:1]),
        )


def sanitizers_can_fail(run: Run) -> str:
    """A leaked outcome and a use after free have to be found, or the clean runs above prove nothing."""
    source = run.work / "leak.c"
    body = """
        #include <hogwire.h>
        #include <stdlib.h>
        int main(int count, char **words) {
            (void)words;
            hogwire_client *client = NULL;
            hogwire_outcome *outcome = NULL;
            hogwire_client_new("{\\"api_key\\": \\"phc_x\\"}", 20, &client);
            hogwire_execute(client, "event", "{}", 2, &outcome);
            const char *json = hogwire_outcome_json(outcome);
            if (count > 1) { hogwire_outcome_free(outcome); if (json[0] == '{') { abort(); } }
            outcome = NULL;
            hogwire_client_free(client);
            return 0;
        }
    """
    source.write_text(body, encoding="utf-8")
    program = run.compile("leak", C + SANITIZERS, [source], run.shared)
    for words, expected in [([], "leaked in"), (["use"], "heap-use-after-free")]:
        try:
            run.do([program, *words])
        except Failed as found:
            if expected not in str(found):
                raise
        else:
            raise Failed(f"{expected} was not reported")
    return "leak and use after free are found"


def exports(run: Run) -> str:
    """The shared library exports the header's functions and nothing else; its soname is the ABI's."""
    library = run.build / "libhogwire.so"
    lines = run.do(["nm", "-D", "--defined-only", library]).splitlines()
    exported = {line.split()[-1].split("@")[0] for line in lines}
    header = (BINDING / "include/hogwire.h").read_text(encoding="utf-8")
    declared = set(re.findall(r"^[\w ]+[ *](hogwire_\w+)\(", header, re.MULTILINE)) | {"hogwire_panic_for_tests"}
    if exported != declared:
        raise Failed(f"only exported: {exported - declared}; only declared: {declared - exported}")
    if "[libhogwire.so.0]" not in run.do(["readelf", "-d", library]):
        raise Failed("the soname is not libhogwire.so.0")
    return f"{len(exported)} functions"


def header_alone(run: Run) -> None:
    """The header needs nothing before it, in C and in C++, and may be included twice."""
    for language, source in [(C, "header.c"), (CPP, "header.cpp")]:
        if shutil.which(language[0]) is not None:
            path = run.work / source
            path.write_text("#include <hogwire.h>\n#include <hogwire.h>\nint main(void) { return HOGWIRE_OK; }\n", encoding="utf-8")
            run.do([*language, f"-I{BINDING}/include", "-fsyntax-only", path])


def make(run: Run, *words: str) -> None:
    run.do(["make", "-C", BINDING, "--no-print-directory", f"PROFILE={run.build.name}", *words], environment={"CARGO_TARGET_DIR": str(run.target)})


def consumers(run: Run) -> None:
    """An install into a scratch prefix, used as strangers use it, and taken away again."""
    prefix = run.work / "prefix"
    libraries = prefix / "lib"
    environment = {"PKG_CONFIG_PATH": str(libraries / "pkgconfig"), "LD_LIBRARY_PATH": str(libraries)}
    example = BINDING / "examples/quickstart.c"
    run.step("install", lambda: make(run, "install-built", f"PREFIX={prefix}"))

    def pkg_config(kind: str, compiler: list[str], source: Path) -> str:
        flags = run.do(["pkg-config", "--cflags", "--libs", *([] if kind == "shared" else ["--static"]), "hogwire"], environment=environment)
        words = [*(["-static"] if kind == "whole" else []), *flags.split()]
        if kind == "static":
            words = [str(libraries / "libhogwire.a") if word == "-lhogwire" else word for word in words]
        program = run.work / f"consumer-{kind}{source.suffix}.out"
        run.do([*compiler, source, "-o", program, *words], environment=environment)
        return accepted(run.do([program], environment=environment))

    def cmake() -> str:
        folder = run.work / "cmake"
        run.do(["cmake", "-S", TESTS / "cmake", "-B", folder, f"-DCMAKE_PREFIX_PATH={prefix}"])
        run.do(["cmake", "--build", folder])
        accepted(run.do([folder / "consumer_static"]))
        return accepted(run.do([folder / "consumer"], environment=environment))

    def go() -> str:
        flags = {"CGO_CFLAGS": f"-I{prefix}/include", "CGO_LDFLAGS": f"-L{libraries} -lhogwire"}
        told = run.do(["go", "run", "."], cwd=BINDING / "examples/go", environment=environment | flags)
        promised = ["200 accepted", 'no operation "capture"', "true", "1 delivered, 0 pending"]
        if not all(part in told for part in promised):
            raise Failed(told)
        return told.splitlines()[0]

    def luajit() -> str:
        told = run.do(["luajit", BINDING / "examples/quickstart.lua"], environment=environment)
        if not re.fullmatch(r"200 accepted\n-1 Alias .*\n1 delivered, 0 pending\n", told):
            raise Failed(told)
        return told.splitlines()[0]

    def localised() -> str:
        """A static library made of Rust beside another: only the header's functions are to be seen."""
        lines = run.do(["readelf", "--syms", "--wide", libraries / "libhogwire.a"]).splitlines()
        fields = [line.split() for line in lines]
        seen = {words[7] for words in fields if len(words) > 7 and words[4] in ("GLOBAL", "WEAK") and words[6] != "UND"}
        strange = {name for name in seen if not name.startswith("hogwire_")}
        if strange or not seen:
            raise Failed(f"{len(strange)} names of others are visible: {sorted(strange)[:5]}")
        return f"{len(seen)} functions"

    run.step("symbols of the installed static library", localised, needs=("readelf",))
    run.step("pkg-config, shared", lambda: pkg_config("shared", C, example), needs=("pkg-config",))
    run.step("pkg-config, static", lambda: pkg_config("static", C, example), needs=("pkg-config",))
    # With `-static` the C library is linked in, too; some systems come without that.
    if Path(run.do(["gcc", "-print-file-name=libc.a"]).strip()).is_absolute():
        run.step("pkg-config, a program of one file", lambda: pkg_config("whole", C, example), needs=("pkg-config",))
    run.step("pkg-config, C++", lambda: pkg_config("shared", CPP, example.with_suffix(".cpp")), needs=("pkg-config", "g++"))
    run.step("CMake, shared and static", cmake, needs=("cmake",))
    run.step("Go example", go, needs=("go",))
    run.step("LuaJIT example", luajit, needs=("luajit",))

    def uninstall() -> None:
        make(run, "uninstall", f"PREFIX={prefix}")
        left = [path for path in prefix.rglob("*") if not path.is_dir()]
        if left:
            raise Failed(f"left behind: {left}")

    def staged() -> None:
        stage = run.work / "stage"
        make(run, "install-built", f"DESTDIR={stage}", "PREFIX=/opt/hogwire", "LIBDIR=/opt/hogwire/lib64")
        text = (stage / "opt/hogwire/lib64/pkgconfig/hogwire.pc").read_text(encoding="utf-8")
        if str(stage) in text or "libdir=/opt/hogwire/lib64" not in text or "@" in text:
            raise Failed(text)

    def relative() -> None:
        for word in ("PREFIX=prefix", "LIBDIR=lib64", "INCLUDEDIR=include"):
            try:
                make(run, "install-built", f"DESTDIR={run.work / 'relative'}/", word)
            except Failed as refused:
                if f"{word.split('=')[0]} must be an absolute path" not in str(refused):
                    raise
            else:
                raise Failed(f"{word} was taken")

    run.step("uninstall", uninstall)
    run.step("install with DESTDIR and LIBDIR", staged)
    run.step("a relative place is refused", relative)


def documents(run: Run) -> None:
    """The code blocks of the pages, against an install where they need one."""
    prefix = run.work / "documents"
    installed = {"PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig"), "LD_LIBRARY_PATH": str(prefix / "lib")}
    run.step("install for the pages", lambda: make(run, "install-built", f"PREFIX={prefix}"))

    def c_or_cpp(block: Block, language: list[str]) -> str:
        source = run.work / f"{block.name}.{block.language}"
        source.write_text(block.program, encoding="utf-8")
        # A forked child leaves alone what its parent's threads were using, and ends: for valgrind, a leak.
        checked = VALGRIND if shutil.which("valgrind") and "fork()" not in block.program else []
        return run.do([*checked, run.compile(block.name, language, [source], run.shared)], stdin=subprocess.DEVNULL)

    def cmake(block: Block) -> str:
        folder = run.work / block.name
        folder.mkdir()
        (folder / "CMakeLists.txt").write_text(block.program, encoding="utf-8")
        shutil.copy(BINDING / "examples/quickstart.c", folder / "program.c")
        run.do(["cmake", "-S", folder, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={prefix}"])
        run.do(["cmake", "--build", folder / "build"])
        return accepted(run.do([folder / "build/program"], environment=installed))

    def go(block: Block) -> str:
        folder = run.work / block.name
        folder.mkdir()
        (folder / "go.mod").write_text("module program\n\ngo 1.18\n", encoding="utf-8")
        (folder / "main.go").write_text(block.program, encoding="utf-8")
        return run.do(["go", "run", "."], cwd=folder, environment=installed)

    runners = {
        "c": (lambda block: c_or_cpp(block, C), ("gcc",)),
        "cpp": (lambda block: c_or_cpp(block, CPP), ("g++",)),
        "cmake": (cmake, ("cmake",)),
        "go": (go, ("go", "pkg-config")),
    }
    blocks = read_blocks(ROOT, run.receiver)
    for block in blocks:
        runner, needs = runners[block.language]

        def works(block=block, runner=runner) -> str:
            told = runner(block)
            missing = [part for part in block.parts if part not in told]
            if missing:
                raise Failed(f"the block promises {missing}, and prints:\n{told}")
            return f"{len(block.parts)} promises kept"

        run.step(block.name, works, needs=needs)
    if len(blocks) < 20 or {block.language for block in blocks} != set(runners):
        run.failed.append("code blocks of the pages")
        print(f"FAILED  code blocks of the pages: only {len(blocks)} were found, or a language is missing")

    guide = (BINDING / "README.md").read_text(encoding="utf-8")

    unpacked = run.work / "unpacked"

    def archive() -> str:
        """The archive's pages lead to nothing that is not in it."""
        make(run, "archive-built", f"PACKAGES={run.work / 'packages'}")
        [tarball] = (run.work / "packages").glob("*.tar.gz")
        unpacked.mkdir()
        run.do(["tar", "-xzf", tarball, "-C", unpacked, "--strip-components=1"])
        links = 0
        for page in unpacked.rglob("*.md"):
            prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
            for target in re.findall(r"\]\(([^)#]+)", prose):
                if "://" not in target:
                    links += 1
                    if not (page.parent / target).exists():
                        raise Failed(f"{page.relative_to(unpacked)} links to {target}")
        if links < 5:
            raise Failed(f"only {links} links")
        return f"{links} links"

    def compilers() -> str:
        """The guide's commands, with the archive; what they make starts without being told where the library is."""
        [block] = [code for _, code in fenced(guide, "sh") if "\ncc program.c" in code]
        lines = block.replace("/opt/hogwire", str(unpacked)).splitlines()
        commands = [line for line in lines if line.startswith("cc ")]
        before = "\n".join(line for line in lines if line not in commands)
        shutil.copy(BINDING / "examples/quickstart.c", run.work / "program.c")
        for command in commands:
            run.do(["sh", "-ec", f"{before}\n{command}"], cwd=run.work)
            accepted(run.do([run.work / "a.out"], environment={"LD_LIBRARY_PATH": ""}))
            is_static = "libhogwire" not in run.do(["readelf", "-d", run.work / "a.out"])
            if is_static != command.endswith("# static"):
                raise Failed(f"static: {is_static}, of {command}")
        if len(commands) < 2:
            raise Failed(f"the guide has only the commands {commands}")
        return f"{len(commands)} commands"

    def stopped() -> str:
        [program] = [block for block in blocks if "SIGTERM" in block.program]
        with subprocess.Popen(
            [run.work / program.name], env=run.environment | installed, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            for number in range(3):
                process.stdin.write(f"user-{number}\n")
            process.stdin.flush()
            taken = {process.stdout.readline() for _ in range(3)}
            process.send_signal(signal.SIGTERM)
            told = process.communicate(timeout=60)[0]
        if (process.returncode, told, len(taken)) != (0, "3 delivered\n", 3):
            raise Failed(f"it ended with {process.returncode} and printed {taken} {told!r}")
        return told.strip()

    run.step("the archive and its links", archive)
    run.step("compilers as the guide calls them", compilers, needs=("cc", "pkg-config", "readelf"))
    run.step("the guide's program is stopped with SIGTERM", stopped, needs=("gcc",))


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--target", type=Path, required=True)
    target = arguments.parse_args().target.resolve()
    program = os.environ.get("HOGWIRE_RECEIVER", str(target / "debug/hogwire-receiver"))
    with subprocess.Popen([program, "--v1", "--until-stdin-closes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as receiver:
        assert receiver.stdout is not None and receiver.stdin is not None
        run = Run(target, json.loads(receiver.stdout.readline())["url"])
        run.step("header on its own", lambda: header_alone(run))
        run.step("exported symbols", lambda: exports(run), needs=("nm", "readelf"))
        run.step("sanitizers can fail", lambda: sanitizers_can_fail(run))
        programs(run)
        consumers(run)
        documents(run)
        receiver.stdin.close()
        ended = receiver.wait(timeout=30)
    if ended != 0:
        run.failed.append("the receiver")
    print(f"C: {run.passed} passed, {len(run.failed)} failed, {len(run.skipped)} skipped")
    return 1 if run.failed or run.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
