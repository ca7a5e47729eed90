"""A port that only root may bind, asked for by somebody else."""
import os
import subprocess
from pathlib import Path

from harness import BINARY, FIXTURES, Skip, case, check, environment, equal, main


@case("a port below 1024 that may not be bound: status 77, and why")
def privileged():
    start = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if start <= 81:
        raise Skip("everybody may bind port 81 on this machine")
    nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    result = subprocess.run(
        [BINARY, "--ports", "local=81,delay=0,error=0,chaos=0,fault=0", "--fixtures", str(FIXTURES)],
        env=environment(), cwd="/", capture_output=True, text=True, timeout=20, **nobody)
    equal(result.returncode, 77, f"status ({result.stderr})")
    check("cannot bind port 81: permission denied. Ports below 1024" in result.stderr,
          result.stderr)


main()
