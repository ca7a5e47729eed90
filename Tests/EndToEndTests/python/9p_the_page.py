"""The page of the control port in a real browser: what it shows, changes, copies, and survives."""
import http.client
import json
import re
import socket
import struct
from urllib.parse import quote

from browser import By, Keys, fetch, page
from control import Control
from harness import ROOT, case, check, equal, gif, main

CASES = ROOT / "Tests/RecordsTests/Query/query-cases.json"


@case("it shows every server, the whole seed and what is going on, without a complaint")
def _():
    with page() as (shown, server):
        shown.wait_for(lambda: len(shown.all(".card")) == 5, "five cards")
        equal(shown.text("#seed"), "18446744073709551615", "the seed")
        check("curl -sO" in shown.text("#empty"), "nothing yet: it says what to type")
        for code in ("br", "it", "in"):
            equal(fetch(server, "local", gif(code)), 200, code)
        shown.wait_for_rows(3, "three rows")
        equal([row[2] for row in shown.rows()], [f"GET {gif(c)}" for c in ("br", "it", "in")], "requests")
        shown.wait_for(lambda: "3 requests" in shown.card("local").text, "the count of LOCAL")
        shown.wait_for(lambda: "served 3" in shown.text("#flags-now"), "the flags")
        shown.wait_for(lambda: shown.run(
            "return [...document.images].filter((i) => i.complete && i.naturalWidth).length") > 0,
            "pictures")
        journal = Control(server.ports["control"]).journal()
        equal(len(journal), 3, "the pictures are no exchanges")


@case("a slider hurts the next request, says so, and can be undone")
def _():
    with page() as (shown, server):
        shown.wait_for(lambda: len(shown.all(".card")) == 5, "cards")
        slider = shown.card("local").find_element(By.CSS_SELECTOR, "[aria-label='Error rate of local']")
        slider.send_keys(Keys.END)
        shown.wait_for(lambda: "applied" in shown.card("local").text, "applied")
        equal(fetch(server, "local", gif("br")), 503, "after the slider")
        shown.wait_for(lambda: "injected error" in str(shown.rows()), "a hurt row")
        shown.find("#undo").click()
        shown.wait_for(lambda: "undone" in shown.card("local").text, "undone")
        equal(fetch(server, "local", gif("br")), 200, "after undo")
        delay = shown.card("delay").find_element(By.CSS_SELECTOR, "[aria-label='Delay of delay']")
        delay.send_keys(Keys.HOME)
        shown.wait_for(lambda: "applied" in shown.card("delay").text, "applied")
        toxics = Control(server.ports["control"]).json("GET", "/proxies/delay/toxics")
        equal(toxics[0]["attributes"]["latency"], 0, "the delay")
        shown.find("#undo").click()
        shown.wait_for(lambda: Control(server.ports["control"]).json(
            "GET", "/proxies/delay/toxics")[0]["attributes"]["latency"] == 10, "the delay is back")


@case("retries of one target are tied together")
def _():
    with page("--error-rate", "1") as (shown, server):
        for _ in range(3):
            fetch(server, "error", gif("br"))
        def attempts():
            return [row[3] for row in shown.rows()]

        # One that is shown as under way is tied when its record has come.
        shown.wait_for(lambda: len(shown.rows()) == 3 and attempts()[2].startswith("a3 ↳ "),
                       "three rows, the last one tied to the one before")
        equal(attempts()[0], "a1", "the first")
        shown.all("#body tr")[0].click()
        equal(len(shown.all("#body tr.tied")), 3, "tied rows")


@case("an answer about a name is fine, an honest error or an injected one, and no slider is refused")
def _():
    def ask(name):
        """A query for an address (RFC 1035 section 4.1)."""
        labels = b"".join(bytes([len(label)]) + label for label in name.encode().split(b"."))
        with socket.socket(type=socket.SOCK_DGRAM) as asking:
            asking.settimeout(20)
            asking.sendto(struct.pack(">6H", 7, 256, 1, 0, 0, 0) + labels + b"\0\0\1\0\1",
                          ("127.0.0.1", server.ports["dns"]))
            return asking.recv(512)[3] & 15

    with page("--dns", "0") as (shown, server):
        codes = [ask("br.flags.test"), ask("xx.flags.test")]
        Control(server.ports["control"]).json(
            "POST", "/proxies/dns/toxics", {"type": "servfail", "toxicity": 1})
        codes.append(ask("br.flags.test"))
        equal(codes, [0, 3, 2], "RCODEs")
        shown.wait_for(lambda: [row[4] for row in shown.rows()] == [
            "0 fine", "3 N honest error", "2 E injected error"], "three outcomes")
        sliders = [one.get_attribute("aria-label")
                   for one in shown.card("dns").find_elements(By.CSS_SELECTOR, "[type=range]")]
        equal(sliders, ["Delay of dns"], "a fault of HTTP is none of names")
        lists = lambda name: shown.run(
            "return [...arguments[0].querySelectorAll('[list]')].map((one) => one.list.id)",
            shown.card(name))
        equal(lists("dns"), ["messages"], "a network needs streams")
        equal(lists("local"), ["streams", "networks"], "where there are streams")
        offered = lambda name: shown.run(
            "return [...document.getElementById(arguments[0]).options].map((one) => one.value)",
            name)
        shown.wait_for(lambda: offered("messages"), "what a name server takes")
        control = Control(server.ports["control"])
        for proxy, name in [("dns", "messages"), ("local", "streams")]:
            for fault in control.json("GET", "/faults"):
                kind, path = fault["type"], f"/proxies/{proxy}/toxics"
                said = control.call("POST", path, {"type": kind, "name": "tried"})
                refused = b"needs protocol" in said.body or b"protocol dns has" in said.body
                check(refused or said.status in (200, 201), f"{kind} of {proxy}: {said.body}")
                equal(kind in offered(name), not refused, f"{kind} of {proxy}")
                if not refused:
                    control.call("DELETE", f"{path}/tried")


@case("the filter means what the server means, case by case")
def _():
    with page() as (shown, server):
        table = json.loads(CASES.read_text())
        found = shown.run("""
            const [table, names] = arguments, ring = new Ring();
            for (const name of names) ring.push(table.records[name]);
            const row = new Row(ring);
            return table.cases.map(({ query }) => {
              try {
                const holds = readFilter(query);
                return names.filter((name, i) => holds(row.at(i)));
              } catch (error) { return null; }
            });""", table, list(table["records"]))
        control = Control(server.ports["control"])
        for one, matches in zip(table["cases"], found):
            if "matches" in one:
                equal(matches, one["matches"], repr(one["query"]))
            elif matches is not None:
                # What the page lets pass the server refuses, and the page says it.
                reply = control.call("GET", "/journal/keys?q=" + quote(one["query"]))
                equal(reply.status, 400, repr(one["query"]))


@case("typing a filter narrows the rows, is explained, and stays in the address")
def _():
    with page("--error-rate", "1") as (shown, server):
        for code in ("br", "it"):
            fetch(server, "error", gif(code))
            fetch(server, "local", gif(code))
        shown.wait_for_rows(4, "four rows")
        shown.type("#filter", "proxy:error -path:*it*")
        shown.wait_for_rows(1, "one row")
        shown.wait_for(lambda: "proxy error" in shown.text("#says"), "a sentence")
        check("#q=proxy%3Aerror" in shown.browser.current_url, shown.browser.current_url)
        shown.type("#filter", "stauts:503")
        shown.wait_for(lambda: "'status'" in shown.text("#says"), "did you mean")
        shown.find("#filter-on").click()
        shown.wait_for_rows(4, "all rows with the filter off")
        shown.open("#q=proxy%3Alocal")
        shown.browser.refresh()
        shown.wait_for_rows(2, "the filter and the history after a reload")


@case("details tell one exchange in words, and what is copied makes it happen again")
def _():
    with page("--error-rate", "1", "--error-status", "503") as (shown, server):
        fetch(server, "error", gif("br"), **{"X-Flagserver-Label": "<b>it's</b>"})
        shown.wait_for_rows(1, "a row")
        shown.press("j", Keys.ENTER)
        shown.wait_for(lambda: "drew" in shown.text("#facts"), "the draw")
        check("<b>it's</b>" in shown.text("#facts"), "the label is text")
        buttons = {one.text: one for one in shown.all("#facts button")}
        buttons["Copy as curl (c)"].click()
        made = shown.text("#made")
        check(f"localhost:{server.ports['error']}{gif('br')}" in made and "-H 'X-Fl" in made, made)
        buttons["Copy draw command"].click()
        equal(shown.text("#made"), "flagserver draw error --seed 18446744073709551615 "
              f"--target {gif('br')} -n 1", "the draw command")
        buttons["Copy as toxic"].click()
        line = shown.text("#made")
        toxic = json.loads(line[line.index("{"):line.rindex("}") + 1])
        control = Control(server.ports["control"])
        control.json("POST", "/reset", status=204)
        control.json("POST", "/proxies/local/toxics", toxic)
        equal([fetch(server, "local", gif("br")) for _ in range(2)], [503, 200], "the same again")


@case("hostile texts are shown as texts")
def _():
    with page() as (shown, server):
        name = "<img src=x onerror=document.title=1>\u202e"
        Control(server.ports["control"]).json("POST", "/proxies", {
            "name": name, "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9"}, status=201)
        fetch(server, "local", "/" + quote("<script>alert(1)</script>") + "x" * 3000,
              **{"X-Flagserver-Label": "<script>document.title=2</script>"})
        shown.wait_for(lambda: len(shown.all(".card")) == 6, "a sixth card")
        shown.wait_for_rows(1, "a row")
        check("onerror" in shown.text("#cards") and "\\u202e" in shown.text("#cards"), "spelled out")
        shown.press("k", Keys.ENTER)
        shown.wait_for(lambda: "<script>" in shown.text("#facts"), "the label")
        equal(shown.browser.title, "flagserver", "the title")
        equal(len(shown.all("#cards img, #facts script")), 0, "elements from the wire")


@case("all of it goes with the keyboard alone")
def _():
    with page() as (shown, server):
        for code in ("br", "it", "in"):
            fetch(server, "local", gif(code))
        shown.wait_for_rows(3, "three rows")
        selected = "return document.querySelector('#body [aria-current=true]')?.cells[2].textContent"
        shown.press("k")
        equal(shown.run(selected), f"GET {gif('in')}", "the newest")
        shown.press("k", "k")
        equal(shown.run(selected), f"GET {gif('br')}", "two before")
        shown.press(Keys.END)
        equal(shown.run(selected), f"GET {gif('in')}", "End")
        shown.press("?")
        check(shown.run("return document.getElementById('keys').open"), "the table of keys")
        shown.press(Keys.ESCAPE)
        shown.press("/")
        equal(shown.run("return document.activeElement.id"), "filter", "/ leads to the filter")
        shown.press("p")
        equal(shown.run("return document.getElementById('filter').value"), "p", "keys are text there")
        shown.press(Keys.BACKSPACE, Keys.ESCAPE)
        shown.press("p")
        shown.wait_for(lambda: "paused" in shown.text("#state"), "paused")
        fetch(server, "local", gif("us"))
        shown.wait_for(lambda: "+1" in shown.text("#pause"), "what waits is counted")
        equal(len(shown.rows()), 3, "rows while paused")
        shown.press("p")
        shown.wait_for_rows(4, "all of them")


@case("a lost connection is said, and a server that comes back is shown")
def _():
    with page() as (shown, server):
        fetch(server, "local", gif("br"))
        shown.wait_for_rows(1, "a row")
        shown.browser.execute_cdp_cmd("Network.enable", {})
        server.stop()
        shown.wait_for(lambda: "Connection lost" in shown.text("#banner"), "the banner")
        equal(len(shown.rows()), 1, "what was shown stays")


@case("with a token the page asks for it once, and works")
def _():
    with page("--control-token", "secret", state=None) as (shown, server):
        shown.wait_for(lambda: shown.run("return document.getElementById('asks').open"), "it asks")
        shown.type("#token", "secret")
        shown.press(Keys.ENTER)
        shown.wait_for(lambda: len(shown.all(".card")) == 5, "cards")


@case("it can be used on a small screen, enlarged, and in the dark")
def _():
    with page("--error-rate", "1") as (shown, server):
        fetch(server, "error", gif("br"))
        shown.wait_for_rows(1, "a row")
        for width, scale in ((360, 1), (1280, 2)):
            shown.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
                "width": width // scale, "height": 800, "deviceScaleFactor": scale, "mobile": False})
            wide = shown.run("return document.documentElement.scrollWidth - innerWidth")
            check(wide <= 0, f"at {width}/{scale} it is {wide} too wide")
        shown.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        colours = []
        for _ in range(3):
            shown.find("#theme").click()
            colours.append(shown.run("return getComputedStyle(document.body).backgroundColor"))
        check(len(set(colours[:2])) == 2, f"light and dark look alike: {colours}")


def rows_and_left_out(shown):
    """What the page says of its rows, and of those that came too fast for it: more than a thousand
    a second are sampled."""
    texts = (shown.text("#rows-count"), shown.text("#banner"))
    found = [re.search(pattern, text) for pattern, text in (
        (r"the last ([\d\u202f]+)", texts[0]),
        (r"([\d\u202f]+) are not in the list", texts[1]),
        (r"([\d\u202f]+) exchanges came too fast", texts[1]))]
    return sum(int(match[1].replace("\u202f", "")) for match in found if match)


@case("thousands of exchanges leave it as large as it was, and its counts are the server's")
def _():
    with page() as (shown, server):
        connection = http.client.HTTPConnection("127.0.0.1", server.ports["local"], timeout=20)
        for _ in range(2000):
            connection.request("GET", gif("br"))
            connection.getresponse().read()
        connection.close()
        shown.wait_for(lambda: "2\u202f000 requests" in shown.card("local").text, "2 000")
        shown.wait_for(lambda: rows_and_left_out(shown) == 2000, "2 000 rows, or those left out")
        nodes = shown.run("return document.querySelectorAll('*').length")
        check(nodes <= 2500, f"{nodes} nodes")


main()
