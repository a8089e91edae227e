"""What the proxy lets in and out: addresses, headers, sizes, and who is believed."""

import http.client
import re
import ssl
from contextlib import suppress

from tests.serving.people import LIST, Answer
from tests.serving.stage import HOST, INSTANCES, Fault, Stage

MEGABYTE = 1024 * 1024
HEADERS = {
    "Strict-Transport-Security": r"max-age=31536000",
    "Content-Security-Policy": r"(?=.*default-src 'none')(?=.*frame-ancestors 'none').*",
    "X-Frame-Options": r"DENY",
    "X-Content-Type-Options": r"nosniff",
    "Referrer-Policy": r"same-origin",
    "Cross-Origin-Opener-Policy": r"same-origin",
    "Server": r"nginx",
}


def plain_http_is_redirected(stage: Stage) -> None:
    line = http.client.HTTPConnection("127.0.0.1", stage.plain_port, timeout=10)
    line.request("GET", f"{LIST}?q=1", headers={"Host": HOST})
    answer = line.getresponse()
    expect(answer.status, 301)
    expect(answer.headers["Location"], f"https://{HOST}{LIST}?q=1")


def old_tls_is_refused(stage: Stage) -> None:
    stranger = stage.stranger()
    stranger.context.set_ciphers("ALL:@SECLEVEL=0")
    stranger.context.minimum_version = ssl.TLSVersion.TLSv1
    stranger.context.maximum_version = ssl.TLSVersion.TLSv1_1
    with suppress(ssl.SSLError, ConnectionError):
        stranger.connect().close()
        raise Fault("TLS 1.1 is spoken")


def each_answer_has_its_headers(stage: Stage) -> None:
    """S13, S18."""
    answer = stage.person().ask(LIST)
    expect(answer.status, 200)
    for name, pattern in HEADERS.items():
        told = answer.headers.get_all(name, [])
        if len(told) != 1 or not re.fullmatch(pattern, told[0]):
            raise Fault(f"{name}: {told}, not « {pattern} »")
    for cookie in stage.stranger().ask("/login/").headers.get_all("Set-Cookie"):
        if "Secure" not in cookie:
            raise Fault(f"{cookie.partition('=')[0]} also goes without TLS")


def no_page_is_compressed(stage: Stage) -> None:
    """S18: the length of what is compressed tells of secrets; the static files are no secret."""
    somebody = stage.person()
    page = somebody.ask(LIST, Accept_Encoding="gzip, br")
    expect(page.headers["Content-Encoding"], None)
    style = re.search(r'href="(/static/[^"]+\.css)"', page.page)[1]
    answer = somebody.ask(style, Accept_Encoding="gzip")
    expect((answer.status, answer.headers["Content-Encoding"]), (200, "gzip"))
    if "immutable" not in answer.headers["Cache-Control"]:
        raise Fault("static files are asked for again and again")


def a_forged_address_is_not_believed(stage: Stage) -> None:
    """S15, S27."""
    forged = "203.0.113.9"
    somebody = stage.stranger()
    answer = somebody.sign_in(
        "personne@example.org", "non", X_Forwarded_For=forged, X_Real_IP=forged,
        Forwarded=f"for={forged}", X_Forwarded_Proto="http",
    )  # fmt: skip
    expect(answer.status, 200)
    noted = stage.sql("SELECT details FROM labelling_journalentry ORDER BY id DESC LIMIT 1")
    if forged in noted or "127.0.0.1" not in noted:
        raise Fault(f"the journal notes {noted}")


def probes_answer_by_the_socket_alone(stage: Stage) -> None:
    for address in ("/.alive", "/.ready"):
        for instance in INSTANCES:
            expect(stage.ask_socket(instance, address), 200)
        expect_page(stage.stranger().ask(address), 404, "Vérifiez l’adresse")


def unknown_hosts_get_nothing(stage: Stage) -> None:
    try:
        answer = stage.stranger().ask("/login/", Host="evil.example")
    except (OSError, http.client.HTTPException):
        return
    if answer.status not in {400, 404, 421, 444} or "password" in answer.page:
        raise Fault(f"another host is answered: {answer.status}")


def what_is_too_heavy_is_refused_in_french(stage: Stage) -> None:
    """S5, S25: the application's own page within the limit of the proxy, the proxy's above."""
    somebody = stage.person()
    for megabytes, sentence in ((5, "Il pèse 5 Mo"), (60, "trop lourd Il n’a pas été lu")):
        answer = somebody.ask("/login/", b"a" * megabytes * MEGABYTE, Content_Type="text/plain")
        expect_page(answer, 413, sentence)


def expect(found: object, wanted: object) -> None:
    if found != wanted:
        raise Fault(f"{found!r}, not {wanted!r}")


def expect_page(answer: Answer, status: int, *sentences: str) -> None:
    """The status, and each sentence, whatever its blanks are made of."""
    expect(answer.status, status)
    page = re.sub(r"(\s|&nbsp;|&#8239;|</?(p|h1)>)+", " ", answer.page)
    if 'lang="fr"' not in page:
        raise Fault(f"{status} is not in French: {page[:200]}")
    for sentence in sentences:
        if sentence not in page:
            raise Fault(f"{status} does not say « {sentence} »: {page[:2000]}")


CHECKS = (
    plain_http_is_redirected,
    old_tls_is_refused,
    each_answer_has_its_headers,
    no_page_is_compressed,
    a_forged_address_is_not_believed,
    probes_answer_by_the_socket_alone,
    unknown_hosts_get_nothing,
    what_is_too_heavy_is_refused_in_french,
)
