"""The program as `make install` puts it down: without what only debuggers read."""

import shutil
import subprocess


def run(bench, scenario):
    strip = shutil.which("strip") or shutil.which("llvm-strip")
    if not strip:
        bench.results.notes.append("skipped: the size of the program, there is no strip")
        return
    bench.begin("size")
    stripped = bench.directory / "stripped"
    program = bench.options.flagserver.resolve()
    subprocess.run([strip, "-o", str(stripped), str(program)], check=True, timeout=60)
    bench.results.keep(scenario, "flagserver", {"size": stripped.stat().st_size})
    stripped.unlink()
