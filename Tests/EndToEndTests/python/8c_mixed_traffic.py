"""Every protocol at once, with toxics that change, worlds, reloads and clients that leave: some
seconds of what `make soak` does for as long as it is told."""
import subprocess
import sys

from harness import BINARY, ROOT, case, check, environment, main, prepare_child

SECONDS, RATE = 10, 150


@case("mixed traffic changes no byte, and afterwards all works as before")
def some_seconds():
    done = subprocess.run(
        [sys.executable, str(ROOT / "Tests/Soak/soak"), "--program", BINARY, "--seconds",
         str(SECONDS), "--rate", str(RATE)],
        env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, preexec_fn=prepare_child())
    print(done.stdout, flush=True)
    check(done.returncode == 0, "see above")


main()
