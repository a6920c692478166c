"""The machine, the tools and the commit, in words."""

import os
import platform
import subprocess
import time

from paths import PROJECT


def _output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def described():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    with open("/proc/meminfo") as file:
        gibibytes = int(file.readline().split()[1]) >> 20
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"Machine: {os.cpu_count()} cores of {model}, {gibibytes} GiB, Linux {platform.release()};"
        f" {_output('rustc', '--version').rsplit(' (', 1)[0]}, Python {platform.python_version()},"
        f" Node {_output('node', '--version')}, {_output('gcc', '--version').splitlines()[0]}."
        f" Commit {_output('git', '-C', str(PROJECT), 'describe', '--always', '--dirty')},"
        f" {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC, load average before: {load}."
    )
