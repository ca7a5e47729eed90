"""A real browser before the page of the control port; stories skip by name without one."""
import atexit
import http.client
import shutil
import sysconfig
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from harness import Server, Skip, equal, wait_until

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    webdriver = By = Keys = None

OPTIONS = ["-q", "--seed", "18446744073709551615", "--delay", "0.01"]
SWITCHES = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
            "--no-first-run", "--disable-background-networking", "--window-size=1280,900"]
# Those that a browser keeps open to a server after all pages have gone.
KEPT_CONNECTIONS = 6
_browsers = []


def browser():
    """One for all cases."""
    if _browsers:
        return _browsers[0]
    if webdriver is None:
        raise Skip("selenium is not installed")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        raise Skip("chromium and chromium-driver are not installed")
    options = Options()
    options.binary_location = chromium
    for switch in SWITCHES:
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    _browsers.append(webdriver.Chrome(options=options, service=Service(driver)))
    atexit.register(_browsers[0].quit)
    return _browsers[0]


class Page:
    def __init__(self, server):
        self.server, self.browser = server, browser()
        self.seen = []

    def open(self, fragment="", state="live"):
        self.browser.get(f"http://localhost:{self.server.ports['control']}/{fragment}")
        self.wait_for(lambda: self.find("#state").get_attribute("data-state") == state, f"{state}")

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def rows(self):
        """The cells of all rows in sight, newest last."""
        return self.run(
            "return [...document.querySelectorAll('#body tr:not([hidden])')]"
            ".map((row) => [...row.cells].slice(0, 6).map((cell) => cell.textContent))")

    def wait_for_rows(self, count, what):
        """That so many are in sight, all of them records: what is under way can't be chosen, and
        says less."""
        self.wait_for(lambda: self.run(
            "return [...document.querySelectorAll('#body tr:not([hidden])')]"
            ".map((row) => row.dataset.row >= 0)") == [True] * count, what)

    def press(self, *keys):
        actions = ActionChains(self.browser)
        for key in keys:
            actions.send_keys(key)
        actions.perform()

    def type(self, selector, text):
        field = self.find(selector)
        field.clear()
        field.send_keys(text)

    def card(self, name):
        return self.find(f"[aria-label='Server {name}']")

    def wait_for(self, condition, what):
        try:
            wait_until(condition, what, seconds=15)
        except AssertionError as error:
            raise AssertionError(f"{error}; the browser says {self.complaints()}") from error

    def complaints(self):
        """What the browser found wrong; a server that is away is no mistake of the page."""
        self.seen += [entry["message"] for entry in self.browser.get_log("browser")
                      if entry["level"] == "SEVERE" and "status of" not in entry["message"]
                      and "net::ERR" not in entry["message"]]
        return self.seen

    def axe(self, state):
        """Holds what is shown against the rules of axe-core; skips without them."""
        self.run(_axe())
        found = self.browser.execute_async_script(
            "const done = arguments[0]; axe.run().then(done, (e) => done({ error: String(e) }))")
        broken = [(one["id"], [node["html"][:200] for node in one["nodes"][:3]])
                  for one in found["violations"]]
        equal(broken, [], f"axe, {state}")


def _axe():
    found = list(Path(sysconfig.get_paths()["purelib"]).glob("axe_playwright_python/axe.min.js"))
    if not found:
        raise Skip("axe-playwright-python is not installed")
    return found[0].read_text()


@contextmanager
def page(*options, fragment="", state="live"):
    browser().get("about:blank")
    with Server(*OPTIONS, *options) as server:
        server.baseline += KEPT_CONNECTIONS
        shown = Page(server)
        shown.complaints()
        shown.seen.clear()
        try:
            shown.open(fragment, state)
            yield shown, server
            equal(shown.complaints(), [], "complaints of the browser")
        finally:
            shown.browser.get("about:blank")


def fetch(server, proxy, target, **headers):
    request = urllib.request.Request(server.url(proxy, target), headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            try:
                reply.read()
            except http.client.IncompleteRead:
                pass
            return reply.status
    except urllib.error.HTTPError as error:
        error.read()
        return error.code
