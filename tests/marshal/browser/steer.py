"""A headless Chromium, steered: what a person does, and what the browser says of it."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import numpy as np
from PIL import Image
from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

WAIT_SECONDS = 40.0
"""Until something must be seen; a busy machine is no failure."""

PHONE, DESKTOP = (390, 844), (1280, 900)

# Shown anew, and every picture of it.
_SETTLED = """
return document.readyState === "complete" && !document.querySelector("main[data-old]")
  && [...document.images].every((image) => image.complete)
"""

T = TypeVar("T")


class Browser:
    """One person's browser."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver
        self.size, self.scale = DESKTOP, 1.0

    def quit(self) -> None:
        """End it."""
        self.driver.quit()

    def forget(self) -> None:
        """Be as new: one empty tab of a desktop's width, no cookies, empty logs."""
        first, *others = self.driver.window_handles
        for other in others:
            self.driver.switch_to.window(other)
            self.driver.close()
        self.driver.switch_to.window(first)
        self.driver.get("about:blank")
        self.command("Network.clearBrowserCookies")
        self.command("Emulation.setEmulatedMedia", features=[])
        self.resize(DESKTOP)
        self.complaints()
        self.requests()

    def command(self, name: str, **settings: Any) -> Any:
        """Give a command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, settings)

    def resize(self, size: tuple[int, int], *, scale: float = 1.0) -> None:
        """Take the width and height of a screen [CSS px], and its pixels per CSS px."""
        self.size, self.scale = size, scale
        width, height = size
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=scale, mobile=size == PHONE,
        )  # fmt: skip
        self.command("Emulation.setTouchEmulationEnabled", enabled=size == PHONE)

    def prefer(self, **features: str) -> None:
        """Prefer what a media query asks for, e.g. ``prefers_color_scheme="dark"``."""
        wishes = [{"name": k.replace("_", "-"), "value": v} for k, v in features.items()]
        self.command("Emulation.setEmulatedMedia", features=wishes)

    def open(self, url: str) -> None:
        """Open a page."""
        self.driver.get(url)

    def new_tab(self) -> str:
        """Open a second tab, look at it, and return its name; it has the size of the first."""
        self.driver.switch_to.new_window("tab")
        self.resize(self.size, scale=self.scale)
        return self.driver.current_window_handle

    def all(self, selector: str) -> list[WebElement]:
        """Find elements by a CSS selector."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        """Wait for the first element, and return it."""
        return self.until(lambda: next(iter(self.all(selector)), None), f"no {selector}")

    def seen(self, selector: str) -> list[WebElement]:
        """Find the elements that can be seen."""
        return [element for element in self.all(selector) if element.is_displayed()]

    def click(self, selector: str) -> None:
        """Click on the first element that can be seen."""
        self.until(lambda: self.seen(selector), f"no {selector} to click on")[0].click()

    def press(self, *keys: str) -> None:
        """Press keys one after another, wherever the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def chord(self, held: str, key: str) -> None:
        """Press a key while another is held."""
        ActionChains(self.driver).key_down(held).send_keys(key).key_up(held).perform()

    def text(self, selector: str = "body") -> str:
        """Return what can be read in the first element."""
        return self.one(selector).text

    def js(self, script: str, *arguments: Any) -> Any:
        """Evaluate the body of a function in the page."""
        return self.driver.execute_script(script, *arguments)

    def enter(self, url: str, name: str, then: str = "/") -> None:
        """Come in as a labeller, through the page that asks for a name."""
        self.open(f"{url}/name?{urlencode({'then': then})}")
        self.one("#name").clear()
        self.one("#name").send_keys(name, Keys.ENTER)
        self.until(lambda: self.all("#labeller") and self.text("#labeller") == name, "not in")

    def question(self) -> int | None:
        """Return the number of the question that is shown; None where none is."""
        number = self.js("return document.querySelector('main')?.dataset.question")
        return None if number is None else int(number)

    def answer(self, *keys: str) -> None:
        """Press keys, the last of which answers; wait for what comes next."""
        self.act(lambda: self.press(*keys))

    def act(self, do: Callable[[], None]) -> None:
        """Do something that writes, and wait until the server's word of it is shown."""
        self.js("document.querySelector('main').dataset.old = ''")
        do()
        self.until(lambda: self.js(_SETTLED), "nothing new")

    def until(self, find: Callable[[], T | None], complaint: str) -> T:
        """Wait until something is found, and return it."""
        wait = WebDriverWait(self.driver, WAIT_SECONDS, poll_frequency=0.05)
        return wait.until(lambda _: find(), f"{complaint} at {self.driver.current_url}")

    def complaints(self) -> list[str]:
        """Return what the console has complained of since the last call.

        A refusal in plain words is no page and names no icon; the browser then asks for one.
        """
        said = self.driver.get_log("browser")
        told = [line["message"] for line in said if line["level"] in ("SEVERE", "WARNING")]
        return [line for line in told if "/favicon.ico " not in line]

    def must_complain(self, *words: str) -> None:
        """Hold the console to having complained, in lines that each have one of these words."""
        lines = self.until(self.complaints, f"no complaint of {words}")
        assert [line for line in lines if not any(word in line for word in words)] == []

    def requests(self) -> list[str]:
        """Return the addresses asked for since the last call, by any tab."""
        entries = (json.loads(e["message"])["message"] for e in self.driver.get_log("performance"))
        sent = [e["params"] for e in entries if e["method"] == "Network.requestWillBeSent"]
        return [event["request"]["url"] for event in sent]

    def look(self) -> np.ndarray:
        """Return what is on the screen, red, green and blue, uint8 (rows, columns, 3)."""
        shot = base64.b64decode(self.command("Page.captureScreenshot")["data"])
        return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))

    def click_at(self, x: float, y: float) -> None:
        """Click, or touch a phone, at a place on the screen [px of the screen over its scale]."""
        enlarged = self.js("return visualViewport.scale")  # DevTools counts the page's own px
        x, y = x / enlarged, y / enlarged
        if self.size == PHONE:
            finger = [{"x": x, "y": y}]
            self.command("Input.dispatchTouchEvent", type="touchStart", touchPoints=finger)
            self.command("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
            return
        for kind in ("mousePressed", "mouseReleased"):
            self.command(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )

    def screenshot(self, path: Path) -> None:
        """Write the whole page as PNG."""
        shot = self.command("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))
