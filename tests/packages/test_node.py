"""The npm packages: the main one, and the addon's for this platform."""

import json
import shutil
import tarfile

import pytest
from conftest import ROOT, package, run, version
from guide import quick_start
from npm_registry import Registry, manifest

NODE = ROOT / "bindings-node"


def node(program, cwd, **more):
    return run("node", "-e", program, cwd=cwd, **more)


@pytest.fixture(scope="session")
def this_platform():
    return node("console.log(require('./lib/platform.js').currentPlatform())", NODE).strip()


@pytest.fixture(scope="session")
def platforms():
    """Every platform's package, with npm's words for where it runs."""
    show = "const { PLATFORMS, packageOf } = require('./lib/platform.js'); const all = Object.entries(PLATFORMS);"
    told = node(show + "console.log(JSON.stringify(all.map(([name, place]) => [packageOf(name), place])))", NODE)
    return dict(json.loads(told))


@pytest.fixture(scope="session")
def main_tarball():
    return package("hogwire-[0-9]*.tgz")


@pytest.fixture(scope="session")
def platform_tarball(this_platform):
    return package(f"hogwire-{this_platform}-[0-9]*.tgz")


@pytest.fixture
def registry(main_tarball, platform_tarball, platforms):
    registry = Registry([main_tarball, platform_tarball], platforms)
    yield registry
    registry.stop()


@pytest.fixture
def install(registry, tmp_path):
    """`npm install hogwire` in an empty project."""
    project = tmp_path / "project"

    def install(*flags):
        project.mkdir(exist_ok=True)
        (project / "package.json").write_text("{}", encoding="utf-8")
        npm = [
            "npm",
            "install",
            "hogwire",
            *flags,
            f"--registry={registry.url}",
            f"--cache={tmp_path / 'cache'}",
            "--no-audit",
            "--no-fund",
        ]
        told = run(*npm, cwd=project)
        assert "script" not in told, told
        return project

    return install


def test_npm_chooses_the_addon_of_this_platform(install, registry, this_platform):
    project = install()
    assert [path.name for path in (project / "node_modules/@hogwire").iterdir()] == [this_platform]
    assert sorted(registry.fetched) == [f"@hogwire/{this_platform}", "hogwire"]
    locked = json.loads((project / "package-lock.json").read_text())["packages"]["node_modules/hogwire"]
    assert "hasInstallScript" not in locked


def test_commonjs(install, receiver):
    project = install()
    (project / "quick-start.cjs").write_text(
        quick_start("bindings-node/README.md", "js", receiver.url), encoding="utf-8"
    )
    assert run("node", "quick-start.cjs", cwd=project) == "200 accepted\n"
    assert receiver.stored() == ["User Signed Up"]


def test_es_modules(install, receiver):
    project = install()
    program = quick_start("bindings-node/README.md", "js", receiver.url)
    # The guide's quick start is CommonJS; only its first line differs.
    require = "const { Client } = require('hogwire');"
    assert program.count("require(") == program.count(require) == 1
    (project / "quick-start.mjs").write_text(
        program.replace(require, "import { Client } from 'hogwire';"), encoding="utf-8"
    )
    assert run("node", "quick-start.mjs", cwd=project) == "200 accepted\n"
    assert receiver.stored() == ["User Signed Up"]


def test_a_strict_typescript_project(install):
    project = install()
    for name in ("typescript", "@types/node", "undici-types"):
        (project / "node_modules" / name).parent.mkdir(exist_ok=True)
        shutil.copytree(NODE / "node_modules" / name, project / "node_modules" / name)
    for compiler in (NODE / "node_modules/@typescript").iterdir():
        shutil.copytree(compiler, project / "node_modules/@typescript" / compiler.name)
    sources = ["everything", "disposal"]
    files = [f"{name}.{kind}" for name in sources for kind in ("mts", "cts")]
    for file in files:
        shutil.copy(NODE / f"test/types/{file.split('.')[0]}.ts", project / file)
    options = {
        "strict": True,
        "exactOptionalPropertyTypes": True,
        "noUncheckedIndexedAccess": True,
        "noEmit": True,
        "skipLibCheck": False,
    }
    target = {"module": "nodenext", "target": "es2022", "lib": ["es2022", "esnext.disposable"], "types": ["node"]}
    (project / "tsconfig.json").write_text(
        json.dumps({"compilerOptions": options | target, "files": files}), encoding="utf-8"
    )
    run("node", "node_modules/typescript/bin/tsc", cwd=project)
    (project / "everything.mts").write_text(
        "import { Client } from 'hogwire'; const n: number = new Client(1);", encoding="utf-8"
    )
    assert "TS2" in run("node", "node_modules/typescript/bin/tsc", cwd=project, fails=True)


def test_a_missing_addon_is_explained(install, this_platform):
    project = install("--omit=optional")
    told = node("require('hogwire')", project, fails=True)
    assert f"hogwire's native addon for {this_platform} is not installed" in told
    assert f"npm install @hogwire/{this_platform}@{version()}" in told
    assert "build it with Rust" in told
    (project / "program.mjs").write_text("import { Client } from 'hogwire';", encoding="utf-8")
    assert "Error: hogwire's native addon for" in run("node", "program.mjs", cwd=project, fails=True)


def test_a_platform_without_addon_is_explained(install):
    told = node(
        "Object.defineProperty(process, 'arch', { value: 'riscv64' }); require('hogwire')", install(), fails=True
    )
    assert "hogwire has no ready addon for linux-riscv64" in told
    assert "build it with Rust" in told


def test_an_addon_of_another_version_is_refused(install):
    project = install()
    path = project / "node_modules/hogwire/package.json"
    path.write_text(path.read_text().replace(f'"version": "{version()}"', '"version": "99.0.0"'), encoding="utf-8")
    assert f"hogwire 99.0.0 found an addon of version {version()}" in node("require('hogwire')", project, fails=True)


def test_an_addon_that_cannot_be_loaded_tells_its_own_reason(install, this_platform):
    project = install()
    (project / f"node_modules/@hogwire/{this_platform}/hogwire.node").write_text("no library")
    told = node("require('hogwire')", project, fails=True)
    assert "ERR_DLOPEN_FAILED" in told
    assert "not installed" not in told


def test_what_is_published(main_tarball, platform_tarball, platforms, this_platform):
    with tarfile.open(main_tarball) as archive:
        names = {name.removeprefix("package/") for name in archive.getnames()}
    surface = {f"{face}.{kind}" for face in ("index", "testing") for kind in ("js", "mjs", "d.ts", "d.mts")}
    library = {f"lib/{path.name}" for path in (NODE / "lib").iterdir()}
    assert names == surface | library | {"package.json", "README.md", "LICENSE"}
    with tarfile.open(platform_tarball) as archive:
        assert set(archive.getnames()) == {
            f"package/{name}"
            for name in ("hogwire.node", "package.json", "README.md", "LICENSE", "LICENSE-THIRD-PARTY.txt")
        }

    main, platform = manifest(main_tarball), manifest(platform_tarball)
    assert main["optionalDependencies"] == dict.fromkeys(platforms, version())
    name = f"@hogwire/{this_platform}"
    for published in (main, platform):
        assert published["version"] == version()
        assert published["license"] == "MIT"
        assert not {"scripts", "devDependencies", "dependencies"} & published.keys()
    assert platform["name"] == name
    assert {key: platform[key][0] for key in ("os", "cpu", "libc") if key in platform} == platforms[name]
