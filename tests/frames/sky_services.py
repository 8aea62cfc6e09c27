"""A local server that answers as SkyBoT and the Minor Planet Center do, well or badly.

Form and words of the pages are those of the real services; objects and numbers are made up, but
for (325395) 2009 CQ5, which the checker really listed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

FIELDS = ("num", "name", "ra", "de", "class", "magV", "errpos", "angdist", "dracosdec", "ddec")


def votable(*rows: tuple[str, ...], status: str = "OK", told: str = "") -> str:
    """SkyBoT's answer: a VOTable with a row for each object."""
    heads = "".join(f'<vot:FIELD ID="{name}" datatype="char"/>' for name in FIELDS)
    lines = "".join(
        "<vot:TR>" + "".join(f"<vot:TD>{cell}</vot:TD>" for cell in row) + "</vot:TR>"
        for row in rows
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        '<vot:VOTABLE version="1.3" xmlns:vot="http://www.ivoa.net/xml/VOTable/v1.3">\n'
        f'<vot:INFO ID="status" name="QUERY_STATUS" value="{status}">{told}</vot:INFO>\n'
        f'<vot:RESOURCE name="Skybot.ConeSearch"><vot:TABLE>{heads}'
        f"<vot:DATA><vot:TABLEDATA>{lines}</vot:TABLEDATA></vot:DATA></vot:TABLE>"
        "</vot:RESOURCE></vot:VOTABLE>"
    )


NOTHING = votable(
    status="ERROR", told="ERROR:> No solar system object was found in the requested FOV"
)
REFUSED = votable(status="ERROR", told="ERROR:> Wrong epoch: out of the range of SkyBoT")
TWO = votable(
    ("-", "2005 MM39", "05 25 15.0", "+04 30 10.0", "MB>Outer", "20.1", "0.5", "80.2", "-3", "4"),
    ("229762", "G!kun||'homdima", "05 25 12.7657", "+04 29 25.081", "KBO>Detached", "19.6",
     "0.025", "71.9", "-2.9183", "0.419"),
)  # fmt: skip

CHECKER = """<html><head><title>MPChecker/CMTChecker/NEOChecker/NEOCMTChecker</title></head><body>
<h1>MPChecker/CMTChecker/NEOChecker/NEOCMTChecker</h1>
Here are the results of your search(es) in the requested field(s)
 (positions are determined from elements integrated to a nearby epoch):<p><hr><p>
{body}
<p><hr><p>
Number of objects checked =  {checked}
<p><hr><p></body></html>"""

LIST = """The following objects, brighter than <i>V</i> = 24, were found in the   2.0-arcminute
region around R.A. = 15 10 43.62, Decl. = +33 21 53.7 (J2000.0) on 2019 09 17.86 UT:

 <pre>
 Object designation         R.A.      Decl.     V       Offsets     Motion/hr   Orbit  <a>F</a>
                           h  m  s     &#176;  '  "        R.A.   Decl.  R.A.  Decl.        Comment

{lines}
 </pre>"""

NEAR_EARTH = (
    "(325395) 2009 CQ5        15 10 43.5 +33 21 45  18.6   0.0W   0.1S    16+    69+    6o  "
    "NEO : Desirable between 2019 Sept. 18-Oct. 18.  At the first date, object will be within"
)
COMET = (
    "C/2018 W2 (Africano)     15 10 40.0 +33 22 30         0.8W   0.6N     3-    12-  300d  "
    "r = 1.45 AU"
)
SWIFT = "2019 SA                  15 10 50.0 +33 21 00  17.1   1.3E   0.9S     2-d    1+d   5d  NEO"
NO_OBJECTS = (
    "No known minor planets, brighter than <i>V</i> = 24, were found in the   2.0-arcminute\n"
    "region around R.A. = 15 10 43.62, Decl. = +33 21 53.7 (J2000.0) on 2019 09 17.86 UT."
)
WEBCS = (
    "<html><h1>Error from WebCS Script</h1>A serious error has occurred. The text of the error "
    'message is "Invalid data (R1/017/000/001) passed to script"</html>'
)


def checker(*lines: str, checked: int = 24_512) -> str:
    """The page of the Minor Planet Center, with a list or without."""
    body = LIST.format(lines="\n".join(lines)) if lines else NO_OBJECTS
    return CHECKER.format(body=body, checked=checked)


class Sky:
    """What the server does: its next pages, and what it was asked.

    Attributes
    ----------
    address : str
    pages : list of (status, text)
        The last one stays. Status 0 cuts the line; -1 says nothing for two seconds.
    headers : dict
    asked : list of dict
        Method and fields of each request.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.pages: list[tuple[int, str]] = []
        self.headers: dict[str, str] = {}
        self.asked: list[dict[str, str]] = []

    def answer(self, *pages: str | tuple[int, str]) -> None:
        """Set the next pages; a text alone has status 200."""
        self.pages = [page if isinstance(page, tuple) else (200, page) for page in pages]
        self.asked.clear()


@contextmanager
def local_sky() -> Iterator[Sky]:
    """Run the server for as long as it is used."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._reply(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _reply(self, fields: str) -> None:
            read = parse_qs(fields, keep_blank_values=True, strict_parsing=True)
            sky.asked.append({"method": self.command} | {k: v[0] for k, v in read.items()})
            status, text = sky.pages.pop(0) if len(sky.pages) > 1 else sky.pages[0]
            if status == -1:
                time.sleep(2.0)
            if status <= 0:
                self.close_connection = True
                return
            body = text.encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **sky.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sky = Sky(f"http://127.0.0.1:{server.server_port}/cgi-bin/check.cgi")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield sky
    finally:
        server.shutdown()
        server.server_close()
