"""flagserver run: the book's ports, a time limit, and what is said of a run that went wrong."""
import re
import subprocess
import sys
import time

from harness import (
    BINARY, FIXTURES, ROOT, Skip, case, check, environment, equal, main, prepare_child)

# What a command of ours begins with.
PRELUDE = """
import os, signal, socket, sys, time, urllib.error, urllib.request
def fetch(server, path='/br/br.gif'):
    try:
        return urllib.request.urlopen(os.environ[f'FLAGS_{server}_URL'] + path).status
    except urllib.error.HTTPError as error:
        return error.code
"""


def python(script):
    return [sys.executable, "-c", PRELUDE + script]


def run(options, command, env=None, seconds=60):
    return subprocess.run(
        [BINARY, "run", "--fixtures", str(FIXTURES), *options, "--", *command], cwd=ROOT,
        env=environment(env), text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=seconds, preexec_fn=prepare_child())


@case("an edition that is named has the book's ports, and the control port a free one")
def edition_ports():
    script = "print(os.environ['FLAGS_ERROR_URL'], os.environ['FLAGS_CONTROL_URL'])"
    for options, env in ((["--edition", "2e"], {}), ([], {"FLAGSERVER_EDITION": "2e"})):
        result = run(options, python(script), env=env)
        if "already in use" in result.stderr:
            raise Skip("the book's ports are taken")
        error, control = result.stdout.split()
        equal(error, "http://localhost:8002/flags", "ERROR of the second edition")
        check(not control.endswith(":8474"), control)
    result = run(["--edition", "2e", "--ports", "0"], python(script))
    check(":8002/" not in result.stdout, result.stdout)


@case("a command that asked no server is told where they are, unless it is to be quiet")
def asked_nobody():
    note = ("note: the command asked no server. The URLs are in FLAGS_*_URL; for fixed ports, "
            "which the book's scripts need, use --edition or --ports.\n")
    equal(run([], ["true"]).stderr, note, "what is said")
    equal(run(["-q"], ["true"]).stderr, "", "what is said with -q")
    check(run([], ["false"]).stderr.endswith(note), "a command that fails is told, too")
    connects = "url = os.environ['FLAGS_LOCAL_URL']; port = int(url.split(':')[2].split('/')[0])\n"
    equal(run([], python(connects + "socket.create_connection(('127.0.0.1', port))")).stderr, "",
          "what is said of one that connects")


@case("a command that takes too long gets SIGTERM, after the grace time SIGKILL, and 124")
def timeout():
    start = time.monotonic()
    result = run(["--timeout", "0.3"], ["sleep", "60"])
    equal(result.returncode, 124, "exit status")
    check(result.stderr.startswith(
        "error: sleep took longer than --timeout 0.3 s and was ended.\nflagserver: sleep was ended "
        "for its time was over (seed "), result.stderr)
    stubborn = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(1)"
    equal(run(["--timeout", "1s", "--grace", "0.2s"], python(stubborn)).returncode, 124, "status")
    gentle = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\nwhile True: time.sleep(1)"
    equal(run([], python(gentle), env={"FLAGSERVER_TIMEOUT": "1s"}).returncode, 124, "status")
    check(time.monotonic() - start < 50, "it was not ended")
    equal(run(["--timeout", "50s"], python("fetch('LOCAL'); sys.exit(3)")).returncode, 3, "in time")
    for text, words in (("0", "would end the command at once"), ("soon", "is not a time")):
        result = run(["--timeout", text], ["true"])
        equal(result.returncode, 64, "exit status")
        check(f"--timeout {text}" in result.stderr and words in result.stderr, result.stderr)


@case("the control port's token is the command's only if it is to have it")
def token():
    script = "print(os.environ.get('FLAGSERVER_CONTROL_TOKEN'))"
    secret = {"FLAGSERVER_CONTROL_TOKEN": "secret"}
    for options, env, wanted in (
        ([], secret, "None"), (["--control-token", "x"], {}, "None"),
        (["--pass-control-token"], secret, "secret"),
        (["--control-token", "x"], {**secret, "FLAGSERVER_PASS_CONTROL_TOKEN": "1"}, "x"),
    ):
        equal(run(options, python(script), env=env).stdout, wanted + "\n", f"{options} {env}")
    nothing = run(["--pass-control-token"], python(script))
    equal((nothing.returncode, nothing.stdout), (64, ""), "without a token")
    check("--pass-control-token has no token to pass" in nothing.stderr, nothing.stderr)


@case("a failed expectation lists the exchanges that broke it, and a failed command has a table")
def evidence():
    script = "[fetch('ERROR', f'/{code}/{code}.gif') for code in ('br', 'br', 'br')]"
    options = ["--error-rate", "1", "--error-status", "418", "--delay-rate", "0"]
    result = run([*options, "--expect", "errors<=1"], python(script))
    equal(result.returncode, 1, "exit status")
    lines = result.stderr.splitlines()
    equal(lines[:2], ["error: expected errors<=1, measured 3 (error 3)",
                      "the 2 exchanges that broke it:"], "what is said")
    equal(len(lines), 4, "lines")
    for line in lines[2:]:
        check("ERROR  418" in line and "GET /flags/br/br.gif" in line and "injected" in line, line)
    result = run(options, python(script + "\nsys.exit(3)"))
    check(re.search(r"^ERROR +3 +0 .* 418 × 3$", result.stderr, re.M), result.stderr)
    check("LOCAL " not in result.stderr, "a server that was not asked")
    quiet = run([*options, "-q"], python(script + "\nsys.exit(3)"))
    check("ERROR " not in quiet.stderr, quiet.stderr)
    check(re.search(r"^ERROR +3 ", run([*options, "-v"], python(script)).stderr, re.M), "with -v")


main()
