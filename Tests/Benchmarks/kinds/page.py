"""The page in a real browser, measured by the program `page`."""

import json
import os
import subprocess
import sys

from processes import Failure

SPARE_SECONDS = 400      # the browser's start, load without the page, the page at rest


def run(bench, scenario):
    seconds = bench.options.page_seconds
    bench.begin(f"the page, {seconds:g} s and more")
    file = bench.directory / "page.json"
    program = os.path.join(sys.path[0], "page")
    argv = [program, "--seconds", f"{seconds:g}", "--program", str(bench.options.flagserver),
            "--json", str(file)]
    # It needs both cores: one for the browser, one for the server and what asks it.
    done = subprocess.run(argv, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=seconds * 1.3 + SPARE_SECONDS,
                          preexec_fn=lambda: os.sched_setaffinity(0, set(bench.options.cores)))
    notes = [line for line in done.stdout.splitlines() if line.startswith(("note: ", "page: "))]
    bench.results.notes += [line.removeprefix("note: ") for line in notes]
    if file.exists():
        bench.results.keep(scenario, "flagserver", json.loads(file.read_text()))
    elif done.returncode != 0:
        raise Failure(f"the page cannot be measured:\n{done.stdout[-1000:]}")
