"""Arguments, payload, clocks and figures, the same for hogwire's worker and for posthog's."""

import json
import sys
import threading
import time

FIRST_NUMBER = 10_000_000  # so that every event has the same length


def arguments():
    return dict(argument.split("=", 1) for argument in sys.argv[1:])


def payload(path):
    """A function that gives the properties of an event by its number, three of them new for each."""
    with open(path, encoding="utf-8") as file:
        base = json.load(file)
    head, tail = base["$current_url"].split(str(FIRST_NUMBER))

    def properties(number):
        number += FIRST_NUMBER
        return {**base, "quantity": number, "amount": number + 0.99, "$current_url": f"{head}{number}{tail}"}

    return properties


def memory_kb(name):
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(name + ":"):
                return int(line.split()[1])
    return 0


def reset_peak():
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass  # then the peak counts from the program's start


def percentiles(times):
    times = sorted(times)
    if not times:
        return {}
    return {"p50_ns": times[len(times) // 2], "p99_ns": times[len(times) * 99 // 100], "max_ns": times[-1]}


def queued(run, push, close, flush=None):
    """Pushes `count` events from `threads` threads and closes; `push(number)` says whether the event was taken. Before
    that, it does the same `before` times, each with a flush at its end.
    """
    count, threads = int(run["count"]), int(run.get("threads", 1))
    for _ in range(int(run.get("before", 0))):
        for number in range(count):
            push(number)
        flush()
    timed = run.get("timed") == "1"
    share = count // threads
    done = []

    def work(first):
        times, refused = [], 0
        cpu = time.thread_time_ns()
        if timed:
            for number in range(first, first + share):
                start = time.perf_counter_ns()
                refused += not push(number)
                times.append(time.perf_counter_ns() - start)
        else:
            for number in range(first, first + share):
                refused += not push(number)
        done.append((time.thread_time_ns() - cpu, refused, times))

    reset_peak()
    idle_kb = memory_kb("VmRSS")
    cpu, start = time.process_time_ns(), time.perf_counter_ns()
    if threads == 1:
        work(0)
    else:
        workers = [threading.Thread(target=work, args=(number * share,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    pushed = time.perf_counter_ns() - start
    if run["mode"] == "queued":
        close()
    wall, cpu = time.perf_counter_ns() - start, time.process_time_ns() - cpu
    return {
        "caller_ns": sum(thread[0] for thread in done),
        "pushed_wall_ns": pushed,
        "cpu_ns": cpu,
        "wall_ns": wall,
        "refused": sum(thread[1] for thread in done),
        "idle_kb": idle_kb,
        "peak_kb": memory_kb("VmHWM"),
        **percentiles([at for thread in done for at in thread[2]]),
    }


def calls(run, call):
    """Makes `count` calls after some to warm up; `call(number)` says whether it went well."""
    times, failed, cpu = [], 0, 0
    warm_up = int(run.get("warm_up", 50))
    for number in range(warm_up + int(run["count"])):
        if number == warm_up:
            times, cpu = [], time.process_time_ns()
        start = time.perf_counter_ns()
        ok = call(number)
        times.append(time.perf_counter_ns() - start)
        failed += not ok
    return {"cpu_ns": time.process_time_ns() - cpu, "failed": failed, **percentiles(times)}
