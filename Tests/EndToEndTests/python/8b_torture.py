"""System calls that fail at any of their indices, once or for good: a sample of what
`make torture` tries, drawn from SEED."""
import os
import subprocess
import sys

from harness import BINARY, ROOT, Skip, case, check, environment, main, prepare_child

# Drawn from what a trace of each scenario has, some thousands. So many must have been begun in the
# time that there is, however busy the machine; torture itself asks that most of them took place.
SAMPLE, SECONDS, LEAST = 40, 60, 20


@case("whatever call fails: no crash, no hang, no spin, no lie, and a word that names the cause")
def sample_of_injections():
    seed = os.environ.get("SEED", "1")
    done = subprocess.run(
        [sys.executable, str(ROOT / "Tests/Torture/torture"), "--program", BINARY, "--sample",
         str(SAMPLE), "--seconds", str(SECONDS), "--least", str(LEAST), "--seed", seed],
        env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, preexec_fn=prepare_child())
    if done.returncode == 77:
        raise Skip(done.stdout.strip())
    print(done.stdout, flush=True)
    check(done.returncode == 0, f"SEED={seed}: see above")


main()
