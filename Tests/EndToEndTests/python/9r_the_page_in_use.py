"""The page of the control port beside running tests: what it does, and what becomes of it."""
import json
import os
import tempfile
import threading
from pathlib import Path

from browser import KEPT_CONNECTIONS, By, Keys, fetch, page
from control import Control
from harness import ROOT, Server, case, check, equal, gif, main

ROW = "return document.querySelector('#body [aria-current=true]')?.dataset.row"
PICTURE = ROOT / "docs/page.png"


def control_of(server):
    return Control(server.ports["control"])


@case("a request that waits is seen while it waits, and as a record when it is over")
def _():
    with page("--delay", "3") as (shown, server):
        thread = threading.Thread(target=fetch, args=(server, "delay", gif("br")))
        thread.start()
        shown.wait_for(lambda: any(row[4] == "under way" for row in shown.rows()), "under way")
        waiting = [row for row in shown.rows() if row[4] == "under way"]
        equal([(row[1], row[2]) for row in waiting], [("delay", f"GET {gif('br')}")], "the row")
        wait = lambda: next((row[5] for row in shown.rows() if row[4] == "under way"), "")
        before = wait()
        shown.wait_for(lambda: wait() not in ("", before), "its time grows")
        thread.join()
        shown.wait_for(lambda: [row[4] for row in shown.rows()] == ["200 D delayed"], "a record")


@case("a request is asked again by the server itself, and its answer shown")
def _():
    with page("--error-rate", "1", "--error-status", "503") as (shown, server):
        equal(fetch(server, "error", gif("br")), 503, "the first")
        shown.wait_for_rows(1, "a row")
        shown.press("k", "r")
        shown.wait_for(lambda: "Retry-After: 1" in shown.text("#made"), "the answer")
        check(shown.text("#made").startswith("503 "), shown.text("#made"))
        shown.wait_for_rows(2, "its own row")
        attempt = shown.rows()[1][3]
        check(attempt.startswith("a2 ↳ ") and attempt.endswith("(Retry-After 1)"), attempt)
        record = control_of(server).journal()[1]
        equal((record["label"], record["attempt"]), ("replay", 2), "its record")
        shown.press("k", Keys.ENTER)
        shown.wait_for(lambda: "asked again after" in shown.text("#facts"), "tied in words")


@case("what comes neither moves the selection nor takes the focus, and nothing is lost in a pause")
def _():
    with page() as (shown, server):
        for _ in range(40):
            fetch(server, "local", gif("br"))
        shown.wait_for(lambda: "40" in shown.text("#rows-count"), "forty")
        shown.press(Keys.HOME, "j", "j")
        chosen = shown.run(ROW)
        shown.find("#filter").click()
        for _ in range(40):
            fetch(server, "local", gif("it"))
        shown.wait_for(lambda: "80" in shown.text("#rows-count"), "eighty")
        equal(shown.run(ROW), chosen, "the selection")
        equal(shown.run("return document.activeElement.id"), "filter", "the focus")
        check(shown.find("#follow").get_attribute("aria-pressed") == "false", "it does not follow")
        shown.find("#pause").click()
        for _ in range(30):
            fetch(server, "local", gif("in"))
        shown.wait_for(lambda: "+30" in shown.text("#pause"), "what waits")
        shown.find("#pause").click()
        shown.wait_for(lambda: "110" in shown.text("#rows-count"), "all of them")
        shown.type("#filter", "path:/flags/in/*")
        shown.wait_for(lambda: shown.text("#rows-count").startswith("30 of"), "all that waited")


@case("toxics are added by name, a network has its two, and disabling is confirmed")
def _():
    with page() as (shown, server):
        control = control_of(server)
        toxics = lambda: {
            one["name"]: one for one in control.json("GET", "/proxies/local/toxics")}
        shown.wait_for(lambda: len(shown.all(".card")) == 5, "cards")
        shown.run("document.querySelector('[aria-label=\"Server local\"] details').open = true")
        add = shown.card("local").find_element(By.CSS_SELECTOR, "[list=streams]")
        add.send_keys("truncate", Keys.ENTER)
        shown.wait_for(lambda: "Toxics (1)" in shown.card("local").text, "it is added")
        equal(list(toxics()), ["truncate"], "a fault of the catalogue")
        shown.find("#undo").click()
        shown.wait_for(lambda: "Toxics (0)" in shown.card("local").text, "it is gone again")
        equal(toxics(), {}, "toxics")
        add = lambda: shown.card("local").find_element(By.CSS_SELECTOR, "[list=streams]")
        add().send_keys("trunkate", Keys.ENTER)
        shown.wait_for(lambda: "not applied: invalid toxic type" in shown.card("local").text,
                       "why not")
        network = shown.card("local").find_element(By.CSS_SELECTOR, "[list=networks]")
        network.click()
        shown.press("Slow 3G", Keys.ENTER)
        shown.wait_for(lambda: len(toxics()) == 2, "the network")
        found = toxics()
        equal(found["latency_downstream"]["attributes"]["latency"], 400, "its latency")
        equal(found["bandwidth_downstream"]["attributes"]["rate"], 50, "its rate")
        shown.run("[...document.querySelectorAll('[aria-label=\"Server local\"] button')]"
                  ".find((one) => one.textContent == 'Disable').click()")
        shown.browser.switch_to.alert.dismiss()
        check(control.json("GET", "/proxies/local")["enabled"], "not without a yes")


@case("a saved run is one file that shows all of it without a server")
def _():
    with tempfile.TemporaryDirectory() as folder, page("--error-rate", "1") as (shown, server):
        shown.browser.execute_cdp_cmd(
            "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder})
        fetch(server, "error", gif("br"), **{"X-Flagserver-Label": "</script><b>"})
        fetch(server, "local", gif("it"))
        shown.wait_for_rows(2, "two rows")
        shown.find("#save").click()
        shown.wait_for(lambda: [name for name in os.listdir(folder) if name.endswith(".html")],
                       "the file")
        saved = Path(folder) / next(n for n in os.listdir(folder) if n.endswith(".html"))
        equal(saved.name, "flagserver-18446744073709551615.html", "its name")
        shown.browser.get(saved.as_uri())
        shown.wait_for_rows(2, "two rows without a server")
        check("saved" in shown.text("#state"), shown.text("#state"))
        equal(shown.text("#seed"), "18446744073709551615", "the seed")
        shown.type("#filter", "proxy:error")
        shown.wait_for_rows(1, "the filter goes on")
        shown.find("#rows").click()
        shown.press("k", Keys.ENTER)
        shown.wait_for(lambda: "</script><b>" in shown.text("#facts"), "the details")
        check(not shown.find("#reset").is_displayed(), "nothing that needs a server")


@case("another server at the same address begins anew, and a reload has the history")
def _():
    with page() as (shown, server):
        port = server.ports["control"]
        for code in ("br", "it"):
            fetch(server, "local", gif(code))
        shown.wait_for_rows(2, "two rows")
        shown.browser.refresh()
        shown.wait_for_rows(2, "two rows after a reload")
        server.stop()
        shown.wait_for(lambda: "Connection lost" in shown.text("#banner"), "the banner")
        with Server("-q", "--seed", "7", "--control", port) as other:
            other.baseline += KEPT_CONNECTIONS
            shown.wait_for(lambda: shown.text("#seed") == "7", "the other's seed")
            fetch(other, "local", gif("in"))
            shown.wait_for(lambda: [row[2] for row in shown.rows()] == [f"GET {gif('in')}"],
                           "its own rows only")
            shown.browser.get("about:blank")


@case("what ends in a pause, or with its server, is not under way any more")
def _():
    with page("--delay", "3") as (shown, server):
        running = lambda: [row for row in shown.rows() if row[4] == "under way"]
        port = server.ports["control"]
        thread = threading.Thread(target=fetch, args=(server, "delay", gif("br")))
        thread.start()
        shown.wait_for(running, "under way")
        shown.find("#pause").click()
        thread.join()
        shown.wait_for(lambda: "+1" in shown.text("#pause"), "its record")
        shown.find("#pause").click()
        shown.wait_for(lambda: [row[4] for row in shown.rows()] == ["200 D delayed"], "a record")
        shown.press("k", "c")
        shown.wait_for(lambda: "delay" in shown.text("#facts"), "details")
        server.stop()
        with Server("-q", "--seed", "7", "--control", port) as other:
            other.baseline += KEPT_CONNECTIONS
            shown.wait_for(lambda: shown.text("#seed") == "7", "the other's seed")
            equal(running(), [], "nothing is under way there")
            check(not shown.find("#details").is_displayed(), "its number is another's now")
            shown.browser.get("about:blank")


@case("with a token the page learns what it may ask for")
def _():
    with page("--control-token", "secret", fragment="#q=%", state=None) as (shown, server):
        shown.wait_for(lambda: shown.find("#asks").is_displayed(), "it is asked for")
        shown.find("#token").send_keys("secret", Keys.ENTER)
        shown.wait_for(lambda: len(shown.all("#streams option, #messages option")) > 100,
                       "every type of toxic")
        equal(shown.find("#filter").get_attribute("value"), "%", "a filter of no escapes")


@case("where events cannot be had it asks, and says so")
def _():
    with page() as (shown, server):
        shown.browser.get("about:blank")
        readers = []
        for _ in range(64):
            stream = server.connect("control")
            stream.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            readers.append(stream)
        for stream in readers[-1:]:
            check(b"event-stream" in stream.recv(4096), "all places are taken")
        shown.open("", "poll")
        check("asking once a second" in shown.text("#banner"), shown.text("#banner"))
        fetch(server, "local", gif("br"))
        shown.wait_for_rows(1, "a row")
        for stream in readers:
            stream.close()


@case("a thousand proxies are said, and not all shown")
def _():
    with page() as (shown, server):
        control_of(server).json("POST", "/populate", [
            {"name": f"p{n}", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9", "enabled": False}
            for n in range(900)], status=201)
        shown.wait_for(lambda: "of 905" in shown.text("#servers-shown"), "said")
        check(len(shown.all(".card")) <= 12, "cards")
        check(shown.run("return document.querySelectorAll('*').length") <= 2500, "nodes")


@case("each world has a page of its own, to which the first one leads")
def _():
    with page() as (shown, server):
        server.baseline += KEPT_CONNECTIONS
        world = control_of(server).json("POST", "/worlds", {"name": "mine"}, status=201)
        shown.run("dispatchEvent(new Event('focus'))")
        shown.wait_for(lambda: "mine" in shown.text("#worlds"), "the link")
        shown.find("#worlds a").click()
        shown.wait_for(lambda: str(world["ports"]["control"]) in shown.browser.current_url, "there")
        shown.wait_for(lambda: shown.find("#state").get_attribute("data-state") == "live", "live")
        equal(control_of(server).journal(), [], "nothing happened in the first")
        shown.browser.get("about:blank")


@case("axe finds nothing: empty, busy, with details, in the dark, enlarged, narrow, forced colours")
def _():
    with page("--error-rate", "0.5", "--delay", "0.3") as (shown, server):
        shown.wait_for(lambda: len(shown.all(".card")) == 5, "cards")
        shown.axe("empty")
        for code in ("br", "it", "in", "us"):
            fetch(server, "error", gif(code))
            fetch(server, "error", gif(code))
        fetch(server, "fault", "/truncate" + gif("br"))
        shown.wait_for(lambda: "the last 9" in shown.text("#rows-count"), "nine rows")
        shown.axe("busy")
        shown.run("for (const one of document.querySelectorAll('details')) one.open = true")
        shown.press("k", Keys.ENTER)
        shown.wait_for(lambda: "truncate" in shown.text("#facts"), "details")
        shown.axe("details open")
        shown.run("theme('dark')")
        shown.axe("dark")
        command = shown.browser.execute_cdp_cmd
        for width in (640, 320):
            command("Emulation.setDeviceMetricsOverride", {
                "width": width, "height": 700, "deviceScaleFactor": 2, "mobile": False})
            shown.axe(f"{width} px")
            check(shown.run("return document.documentElement.scrollWidth <= innerWidth"),
                  f"it fits into {width} px")
        command("Emulation.clearDeviceMetricsOverride", {})
        shown.run("theme('auto')")
        command("Emulation.setEmulatedMedia", {"features": [
            {"name": "forced-colors", "value": "active"},
            {"name": "prefers-reduced-motion", "value": "reduce"}]})
        shown.axe("forced colours")
        letters = shown.run(
            "return [...document.querySelectorAll('.seg.hurt')]"
            ".filter((one) => one.style.display != 'none').map((one) => one.textContent)")
        check("E" in letters and "C" in letters, f"letters tell what colours do not: {letters}")
        command("Emulation.setEmulatedMedia", {"features": []})


@case("it is copied where there is no clipboard, and Tab reaches every control")
def _():
    with page() as (shown, server):
        shown.run("Object.defineProperty(navigator, 'clipboard', { value: undefined });"
                  "document.addEventListener('copy', () => window.copied ="
                  " document.activeElement.value)")
        shown.find("#copy-seed").click()
        equal(shown.run("return window.copied"), "18446744073709551615", "what was copied")
        shown.wait_for(lambda: "copied" in shown.text("#live"), "it is said")
        shown.open()
        reached = set()
        for _ in range(60):
            shown.press(Keys.TAB)
            reached.add(shown.run("const e = document.activeElement;"
                                  "return e.id || e.getAttribute('aria-label') || e.tagName"))
        wanted = {
            "copy-seed", "pause", "reset", "peaks", "save", "theme", "help", "filter",
            "filter-on", "follow", "rows", "Delay of local", "Error rate of error", "flight-by"}
        equal(wanted - reached, set(), "what Tab does not reach")


@case("its picture is that of the README")
def _():
    with page("--delay", "0.1..0.6", "--error-rate", "0.3", "--delay-rate", "1") as (shown, server):
        shown.wait_for(lambda: len(shown.all(".card")) == 5, "cards")
        threads = [threading.Thread(target=lambda code=code: [
            fetch(server, name, gif(code)) for name in ("error", "error", "local")])
            for code in ("br", "cn", "de", "eg", "fr", "in", "jp", "mx", "us")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        fetch(server, "fault", "/truncate" + gif("br"))
        shown.wait_for(lambda: "the last 28" in shown.text("#rows-count"), "all rows")
        shown.press("k", Keys.ENTER)
        shown.wait_for(lambda: "truncate" in shown.text("#facts"), "details")
        shown.wait_for(lambda: "of 28" in shown.text("#latency-now"), "the histogram")
        shown.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": 1280, "height": 1600, "deviceScaleFactor": 1, "mobile": False})
        shown.run("scrollTo(0, 0)")
        picture = shown.browser.get_screenshot_as_png()
        check(picture.startswith(b"\x89PNG") and len(picture) > 20000, f"{len(picture)} bytes")
        if os.environ.get("WRITE_DOCS"):
            PICTURE.write_bytes(picture)
        shown.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


main()
