"""`flagserver conformance`: clients with one mistake each are caught by name, and the good one not."""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from harness import Skip, case, check, equal, flagserver, main, need, wait_until

PLANTED = str(Path(__file__).with_name("planted_client.py"))
BAD = {"SILENT", "crashed", "hung"}


def judge(mistake, *options, seconds=100):
    """The report of the planted client, by the names of the cases, and the run."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/r.json"
        run = flagserver(
            "conformance", "--report", path, *options, "--", sys.executable, PLANTED, mistake,
            "{url}", "{out}", seconds=seconds)
        check(Path(path).exists(), f"no report: {run.stderr}")
        report = json.loads(Path(path).read_text())
    return {item["name"]: item for item in report["cases"]}, report, run


def outcomes(mistake, *patterns, options=()):
    words = [word for pattern in patterns for word in ("-k", pattern)]
    cases, _, run = judge(mistake, *words, *options)
    return {name: item["outcome"] for name, item in cases.items()}, run


def families(names):
    return {name.split("/")[1].split(".")[0] for name in names}


@case("there are cases of all groups, and each says what is expected")
def _():
    lines = flagserver("conformance", "--list").stdout.splitlines()
    groups = {line.split("/")[0] for line in lines}
    check(groups >= {"head", "interim", "redirect", "body", "chunks", "coding", "range", "reuse"},
          groups)
    for line in lines:
        check(re.match(r"\S+/\S+ +(error|accept|end|observe) +(critical|high|medium|low) +\S", line),
              line)


@case("a strict client is never silent, and neither hangs nor crashes")
def _():
    cases, report, run = judge("none", "--timeout", "4s", "--jobs", "12")
    bad = [name for name, item in cases.items()
           if item["outcome"] in BAD and item["expect"] in ("error", "accept", "end")
           and not (item["outcome"] == "SILENT" and item["expect"] == "end")]
    equal(bad, [], "findings")
    equal(report["version"], "planted 1.0", "version")
    equal(report["client"], "planted_client", "client")
    equal(cases["body/truncate"]["outcome"], "reported", "body/truncate")
    equal(cases["body/extra-bytes"]["outcome"], "correct", "body/extra-bytes")
    counts = {}
    for item in cases.values():
        counts[item["outcome"]] = counts.get(item["outcome"], 0) + 1
    equal(report["summary"], counts, "summary")
    check(run.returncode in (0, 1), run.returncode)


@case("a client that refuses everything is caught by the cases that must be accepted")
def _():
    found, run = outcomes("refuse", "body/extra-bytes", "chunks/chunk-ext", "body/truncate")
    equal(found["body/extra-bytes"], "reported", "body/extra-bytes")
    equal(found["body/truncate"], "reported", "body/truncate")
    equal(run.returncode, 1, "status")
    check("body/extra-bytes" in run.stdout and "expected accept" in run.stdout, run.stdout)


@case("a client that accepts everything is silent")
def _():
    found, run = outcomes("accept", "body/truncate", "body/reset-mid-body", "head/empty-response")
    equal(set(found.values()), {"SILENT"}, "outcomes")
    equal(run.returncode, 1, "status")


@case("a client that keeps partial files passes with a note, strictly it does not")
def _():
    found, run = outcomes("partials", "body/truncate")
    equal(found["body/truncate"], "reported-left-partial", "outcome")
    equal(run.returncode, 0, "status")
    check("2516 of 6290 bytes" in run.stdout, run.stdout)
    found, run = outcomes("partials", "body/truncate", options=["--strict"])
    equal(run.returncode, 1, "strictly")


@case("a client that ignores errors of chunks is caught there and nowhere else")
def _():
    found, _ = outcomes("chunks", "chunks/chunked-truncate", "body/truncate")
    equal(found["body/truncate"], "reported", "body/truncate")
    silent = {name for name, outcome in found.items() if outcome == "SILENT"}
    equal(families(silent), {"chunked-truncate"}, "silent")


@case("a client that ignores lengths is caught there and nowhere else")
def _():
    found, _ = outcomes("lengths", "chunks/chunked-truncate", "body/truncate")
    silent = {name for name, outcome in found.items() if outcome == "SILENT"}
    equal(families(silent), {"truncate"}, "silent")


@case("who dies has crashed, who hangs is ended with all that it has started, 89 is unsupported")
def _():
    found, _ = outcomes("crash", "body/truncate")
    equal(found["body/truncate"], "crashed", "crash")
    found, run = outcomes("unsupported", "body/truncate")
    equal(found["body/truncate"], "unsupported", "unsupported")
    equal(run.returncode, 0, "status")
    found, _ = outcomes("hang", "body/truncate", options=["--timeout", "500ms"])
    equal(found["body/truncate"], "hung", "hang")
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    check(f"{PLANTED} hang" not in left, "something of it is still there")


@case("two runs with one seed differ in times only")
def _():
    def told():
        _, report, _ = judge("none", "-k", "chunks", "coding", "--seed", "7", "--jobs", "8")
        for item in report["cases"]:
            item.pop("seconds"), item.pop("wire", None)
        return report
    equal(told(), told(), "reports")


@case("the command of a bad line runs that case again")
def _():
    _, report, run = judge("accept", "-k", "body/truncate", "--seed", "7")
    command = report["cases"][0]["rerun"]
    check(command in run.stdout, run.stdout)
    words = shlex.split(command)
    equal(words[0], "flagserver", command)
    again = flagserver(*words[1:])
    equal(again.returncode, 1, "status")
    check("SILENT (1)" in again.stdout, again.stdout)


# The tester is tested first

def refused(*command):
    run = flagserver("conformance", "--timeout", "1s", "--", *command)
    equal(run.returncode, 125, f"status of {command}")
    equal(run.stdout, "", "stdout")
    return run.stderr


@case("who cannot fetch a plain file is told what was missing")
def _():
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "no-program")
        script.write_text("x")
        check("made no request" in refused("true"), "true")
        check("exited with 1" in refused("false", "{url}"), "false")
        check("no such program" in refused("no-such-program", "{url}"), "missing")
        check("chmod +x" in refused(str(script), "{url}"), "not executable")
        check("no request" in refused("sh", "-c", "cat; exit 3", "{url}"), "stdin")
        check("no request" in refused("sleep", "30"), "a command that ignores the URL")
        need("curl")
        elsewhere = refused("sh", "-c", "curl -sO $0", "{url}", "{out}")
        check("br.gif instead" in elsewhere, elsewhere)
        late = "(sleep 0.3; curl -so $1 $0) & sleep 0.1; curl -so /dev/null $0"
        staying = refused("sh", "-c", late, "{url}", "{out}")
        check("left a process behind" in staying, staying)


@case("what a command prints is the file if it has no {out}")
def _():
    need("curl")
    run = flagserver(
        "conformance", "-k", "body/truncate", "body/extra-bytes", "--", "curl", "-sS", "{url}")
    equal(run.returncode, 0, run.stdout)
    check("reported-left-partial (1)" in run.stdout and "correct (" in run.stdout, run.stdout)


@case("proxy variables are taken out, and standard input is empty")
def _():
    script = ("import os,sys,urllib.request\n"
              "assert not [n for n in os.environ if n.lower().endswith('_proxy')]\n"
              "assert sys.stdin.read() == ''\n"
              "open(sys.argv[2],'wb').write(urllib.request.urlopen(sys.argv[1]).read())\n")
    run = flagserver(
        "conformance", "-k", "body/truncate", "--", sys.executable, "-c", script, "{url}", "{out}",
        env={"http_proxy": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"})
    equal(run.returncode, 0, run.stdout + run.stderr)


@case("cases of what a client does not do are counted apart")
def _():
    found, run = outcomes("none", "redirect/redirect", "reuse/*", "range/*")
    one = found.pop("reuse/connection-close-stays")  # which one request can meet
    equal(one, "correct", "one request")
    equal(set(found.values()) - {"harness", "reported"}, set(), "outcomes")
    check("harness" in found.values(), found)
    check("nothing of this client" in run.stdout, run.stdout)


# What is written

@case("reports are JSON, JUnit's XML, a page and a table")
def _():
    with tempfile.TemporaryDirectory() as folder:
        names = {end: f"{folder}/r.{end}" for end in ("json", "xml", "html", "md")}
        flagserver(
            "conformance", "-k", "body/truncate", "body/extra-bytes", "--client", "a <b> & c",
            *[word for name in names.values() for word in ("--report", name)],
            "--", sys.executable, PLANTED, "accept", "{url}", "{out}")
        texts = {end: Path(name).read_text() for end, name in names.items()}
        report = json.loads(texts["json"])
        equal(list(report), ["client", "version", "seed", "cases", "summary"], "members")
        item = next(item for item in report["cases"] if item["name"] == "body/truncate")
        equal(list(item),
              ["name", "fault", "group", "expect", "level", "outcome", "exit", "attempts",
               "seconds", "note", "rerun", "wire"], "members of a case")
        check(item["wire"][0]["text"].startswith("GET /truncate/flags/br/br.gif HTTP/1.1\\r\\n"),
              item["wire"][0])
        equal(sum(e["bytes"] for e in item["wire"] if e["kind"] == "sent") > 2516, True, "sent")
        suites = ElementTree.fromstring(texts["xml"])
        equal(suites.get("failures"), "1", "failures")
        equal(suites.find(".//failure").get("type"), "SILENT", "type")
        check("a &lt;b&gt; &amp; c" in texts["html"] and "http" not in
              re.sub(r"http://127[^<\s]*|&quot;|http-equiv|HTTP", "", texts["html"]).lower(),
              "the page needs nothing else")
        check("| body/truncate | error | **SILENT** |" in texts["md"], texts["md"])


@case("several reports stand side by side")
def _():
    with tempfile.TemporaryDirectory() as folder:
        for mistake in ("none", "accept"):
            flagserver(
                "conformance", "-k", "body/truncate", "--client", mistake, "--report",
                f"{folder}/{mistake}.json", "--", sys.executable, PLANTED, mistake, "{url}",
                "{out}")
        run = flagserver(
            "conformance", "compare", f"{folder}/none.json", f"{folder}/accept.json", "--report",
            f"{folder}/all.md", "--report", f"{folder}/all.html")
        equal(run.returncode, 0, run.stderr)
        check(re.search(r"body/truncate +error +reported +SILENT !", run.stdout), run.stdout)
        table = Path(folder, "all.md").read_text()
        check("| body/truncate | error | reported 1 | **SILENT** |" in table, table)
        check("SILENT" in Path(folder, "all.html").read_text(), "the page")
        Path(folder, "bad.json").write_text("{}")
        run = flagserver("conformance", "compare", f"{folder}/bad.json")
        equal(run.returncode, 78, "status")


@case("known differences pass, and a stale one is named")
def _():
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder, "known.txt")
        known.write_text("# ours\nbody/truncate  it is told elsewhere\n")
        found, run = outcomes("accept", "body/truncate", options=["--known", known])
        equal((found["body/truncate"], run.returncode), ("SILENT", 0), "listed")
        check("it is told elsewhere" in run.stdout, run.stdout)
        _, run = outcomes("none", "body/truncate", options=["--known", known])
        check("body/truncate is listed as known and passes now" in run.stdout, run.stdout)
        equal(run.returncode, 0, "stale")
        known.write_text("body/truncat it\n")
        run = flagserver("conformance", "--known", known, "--", "true")
        equal(run.returncode, 78, "a name that there is not")
        check(f"{known}:1:1: error: there is no case 'body/truncat'." in run.stderr, run.stderr)


@case("mistakes on the command line are told with what to do")
def _():
    def error(*words):
        run = flagserver("conformance", *words)
        equal(run.returncode, 64, f"status of {words}")
        return run.stderr
    check("no command to try" in error(), "nothing")
    check("Did you mean 'body/truncate'?" in error("-k", "body/truncat", "--", "true"), "-k")
    check(".json, .xml, .html or .md" in error("--report", "r.txt", "--", "true"), "--report")
    check("10ms to 1h" in error("--timeout", "0", "--", "true"), "--timeout")
    check("from 1 to 64" in error("--jobs", "0", "--", "true"), "--jobs")
    check("Did you mean '--jobs'?" in error("--job", "3", "--", "true"), "--job")
    check("may be any of" in error("--serve", "body"), "--serve")


@case("a case is served for use by hand")
def _():
    need("curl")
    server = subprocess.Popen(
        [os.environ.get("FLAGSERVER", str(Path(__file__).parents[3] / ".build/debug/flagserver")),
         "conformance", "--serve", "body/truncate"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().strip()
        check(url.endswith("/truncate/flags/br/br.gif"), url)
        run = subprocess.run(["curl", "-s", "--noproxy", "*", "-o", "/dev/null", url])
        equal(run.returncode, 18, "curl")
    finally:
        server.terminate()
        _, told = server.communicate(timeout=20)
    check("Expected: error" in told and "/truncate/flags/br/br.gif" in told, told)
    equal(server.returncode, 0, "status")


main()
