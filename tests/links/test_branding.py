"""Looks of a workspace: colours by contrast, logos by their bytes, addresses letter by letter."""

import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from connections.branding.addresses import is_origin, is_return_address
from connections.branding.colours import accent_problem, contrast, shortfall, text_on
from connections.branding.logos import MOST_BYTES, content_type_of, logo_problem
from connections.models import AuditEvent, Workspace, WorkspaceLogo
from tests.factories import KEY_AND_EMAIL, make_integration, make_workspace
from tests.links.linking import guest, landed, make_link
from tests.web.browser import errors_of, member_of

# Colours. The ratios are those of the WCAG formula, computed by other tools.


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.478),
        ("#767676", "#ffffff", 4.542),
        ("#0d6efd", "#ffffff", 4.501),
        ("#ff0000", "#ffffff", 3.998),
    ],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.001)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize(
    ("colour", "text"),
    [
        ("#0d6efd", "#ffffff"),
        ("#d6336c", "#ffffff"),
        ("#0a58ca", "#ffffff"),
        ("#ffc107", "#000000"),
    ],
)
def test_text_is_white_where_it_can_be_read(colour, text):
    assert text_on(colour) == text
    assert contrast(colour, text) >= 4.5


@pytest.mark.parametrize(
    "colour", ["#0d6efd", "#d6336c", "#e03131", "#2f9e44", "#1c7ed6", "#868e96"]
)
def test_colour_that_fits_both_pages(colour):
    assert accent_problem(colour) is None


@pytest.mark.parametrize(
    ("colour", "message", "nearest"),
    [
        pytest.param("#ffc107", "1.63:1 with the light page, not 3:1", "#bb8c00", id="too light"),
        pytest.param("#0b2545", "1.00:1 with the dark page, not 3:1", "#206dcb", id="too dark"),
        pytest.param("#000000", "1.36:1 with the dark page, not 3:1", "#6e6e6e", id="black"),
        pytest.param("#ffffff", "1.00:1 with the light page, not 3:1", "#949494", id="white"),
    ],
)
def test_refused_colour_names_the_ratio_and_the_nearest(colour, message, nearest):
    problem = accent_problem(colour)
    assert problem.code == "low_contrast"
    assert str(problem) == f"The accent colour has a contrast of {message}"
    assert problem.hint == f"The nearest colour that fits is {nearest}."
    assert accent_problem(nearest) is None


@pytest.mark.parametrize("level", range(0, 256, 15))
def test_every_refused_grey_has_a_nearest(level):
    colour = f"#{level:02x}{level:02x}{level:02x}"
    problem = accent_problem(colour)
    if problem is not None:
        assert shortfall(problem.hint[-8:-1]) is None


@pytest.mark.parametrize(
    "colour", ["", "red", "#fff", "#12345g", "0d6efd", "#0d6efd;}", "#0d6efd\n", None, 5]
)
def test_what_is_no_colour(colour):
    assert accent_problem(colour).code == "invalid_colour"


# Logos


def png(width: int = 64, height: int = 64) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = zlib.compress((b"\0" + b"\x20\x80\xc0" * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def jpeg(width: int = 64, height: int = 64, marker: int = 0xC0) -> bytes:
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + b"\0" * 9
    frame = bytes([0xFF, marker]) + struct.pack(">HBHH", 17, 8, height, width) + b"\0" * 10
    return b"\xff\xd8" + app + frame + b"\xff\xd9"


def webp(kind: bytes, width: int = 64, height: int = 64) -> bytes:
    data = {
        b"VP8 ": b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height),
        b"VP8L": b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + b"\0" * 5,
        b"VP8X": b"\0" * 4 + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"),
    }[kind]
    body = b"WEBP" + kind + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(png(), "image/png", id="png"),
        pytest.param(jpeg(), "image/jpeg", id="jpeg"),
        pytest.param(jpeg(marker=0xC2), "image/jpeg", id="progressive jpeg"),
        pytest.param(webp(b"VP8 "), "image/webp", id="webp"),
        pytest.param(webp(b"VP8L"), "image/webp", id="lossless webp"),
        pytest.param(webp(b"VP8X"), "image/webp", id="extended webp"),
        pytest.param(png(1024, 16), "image/png", id="at the limits"),
    ],
)
def test_logo_is_known_by_its_bytes(content, kind):
    assert (content_type_of(content), logo_problem(content)) == (kind, None)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(SVG, "invalid_image", id="svg"),
        pytest.param(b"<?xml version='1.0'?>" + SVG, "invalid_image", id="svg with a declaration"),
        pytest.param(b"GIF89a" + b"\0" * 40, "invalid_image", id="gif"),
        pytest.param(b"", "invalid_image", id="empty"),
        pytest.param(b"<html>" + png(), "invalid_image", id="html before a png"),
        pytest.param(png()[:20], "invalid_image", id="png cut off"),
        pytest.param(jpeg()[:12], "invalid_image", id="jpeg cut off"),
        pytest.param(
            b"\xff\xd8\xff\xe0\0\0" + b"\0" * 40, "invalid_image", id="jpeg without an end"
        ),
        pytest.param(webp(b"VP8L")[:24], "invalid_image", id="webp cut off"),
        pytest.param(b"RIFF\0\0\0\0WAVEfmt " + b"\0" * 40, "invalid_image", id="a sound"),
        pytest.param(png() + b"\0" * MOST_BYTES, "too_large", id="too many bytes"),
        pytest.param(png(1025, 64), "invalid_size", id="too wide"),
        pytest.param(jpeg(64, 15), "invalid_size", id="too low"),
        pytest.param(webp(b"VP8X", 16384, 64), "invalid_size", id="wide webp"),
    ],
)
def test_refused_logo(content, code):
    assert logo_problem(content).code == code


# Addresses


@pytest.mark.parametrize(
    "text", ["https://app.example.com", "https://app.example.com:8443", "http://localhost:3000",
             "http://127.0.0.1:8000", "https://xn--bcher-kva.example"],
)  # fmt: skip
def test_exact_origin(text):
    assert is_origin(text)


@pytest.mark.parametrize(
    "text",
    ["", "*", "null", "https://*.example.com", "http://app.example.com", "https://app.example.com/",
     "https://app.example.com/path", "https://App.example.com", "https://app.example.com:443",
     "https://app.example.com:0", "https://app.example.com:99999", "https://user@example.com",
     "https://app.example.com?x", "https://app.example.com#x", "//app.example.com", "ftp://a.example",
     "https://a.example https://b.example", "https://a.example;script-src *", "https://bücher.example",
     "https://a.example,https://b.example", "javascript:alert(1)", "https://" + "a" * 300],
)  # fmt: skip
def test_no_exact_origin(text):
    assert not is_origin(text)


@pytest.mark.parametrize(
    "text", ["//evil.com", "https:evil.com", "\\\\evil", "javascript:alert(1)", "http://a.example/x",
             "https://a.example/#x", "https://u:p@a.example/", "https://a.example/ x", "data:,x"],
)  # fmt: skip
def test_no_return_address(text):
    assert not is_return_address(text)


# The page and the public files


@pytest.fixture
def workspace(db: Any) -> Workspace:
    return make_workspace()


def address(workspace: Workspace) -> str:
    return f"/w/{workspace.slug}/settings/branding"


def filled(**more: Any) -> dict[str, Any]:
    return {
        "brand_name": "Acme Pay",
        "brand_accent": "#D6336C",
        "logo": SimpleUploadedFile("x.svg", png(), "text/html"),
        **more,
    }


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_owner_changes_the_looks(workspace, role):
    browser, user = member_of(workspace, role)
    assert browser.get(address(workspace)).status_code == 200
    answer = browser.post(address(workspace), filled())
    assert answer.status_code == 302, errors_of(answer)
    workspace.refresh_from_db()
    assert (workspace.brand_name, workspace.brand_accent) == ("Acme Pay", "#d6336c")
    event = AuditEvent.objects.get()
    assert (event.actor, event.action) == (f"user_{user.pk}", "workspace.changed")
    assert event.fields == ["brand_accent", "brand_logo", "brand_name"]
    assert browser.get(address(workspace)).status_code == 200


@pytest.mark.parametrize(("role", "status"), [("member", 403), ("viewer", 403), (None, 404)])
def test_nobody_else_does(workspace, role, status):
    browser, _user = member_of(workspace if role else make_workspace(), role or "owner")
    assert browser.get(address(workspace)).status_code == status
    assert browser.post(address(workspace), filled()).status_code == status
    assert not AuditEvent.objects.exists()


def test_everything_that_is_wrong_is_said_at_once(workspace):
    browser, _user = member_of(workspace, "owner")
    wrong = filled(
        brand_accent="#ffc107",
        brand_name="x" * 81,
        logo=SimpleUploadedFile("x.png", SVG, "image/png"),
    )
    answer = browser.post(address(workspace), wrong)
    assert set(errors_of(answer)) == {"brand_accent", "brand_name", "logo"}
    workspace.refresh_from_db()
    assert (workspace.brand_accent, workspace.brand_name) == ("", "")
    assert not WorkspaceLogo.objects.exists()


def test_logo_is_served_as_what_it_is_and_kept_by_its_version(workspace):
    browser, _user = member_of(workspace, "owner")
    browser.post(address(workspace), filled())
    workspace.refresh_from_db()
    path = f"/brand/{workspace.public_id}/logo"
    answer = Client().get(f"{path}?v={workspace.brand_logo}")
    assert (answer["Content-Type"], answer.content) == ("image/png", png())
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert Client().get(path)["Cache-Control"] == "public, max-age=60"
    browser.post(address(workspace), filled(logo="", drop_logo="on"))
    assert Client().get(path).status_code == 404
    assert not WorkspaceLogo.objects.exists()


def test_stylesheet_sets_variables_and_nothing_else(workspace):
    path = f"/brand/{workspace.public_id}.css"
    default = ":root{--brand-accent:#0d6efd;--brand-on-accent:#ffffff}\n"
    assert Client().get(path).content.decode() == default
    Workspace.objects.update(brand_accent="#d6336c")
    answer = Client().get(f"{path}?v=d6336c")
    assert answer.content.decode() == ":root{--brand-accent:#d6336c;--brand-on-accent:#ffffff}\n"
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]


@pytest.mark.parametrize("name", ["wsp_" + "0" * 32, "x", "wsp_", "..%2f"])
def test_looks_of_nobody(db, name):
    assert Client().get(f"/brand/{name}.css").status_code == 404
    assert Client().get(f"/brand/{name}/logo").status_code == 404


def test_pages_behind_a_link_wear_them(workspace):
    Workspace.objects.update(brand_name="Acme <Pay>", brand_accent="#d6336c", brand_logo="abc")
    text = guest().get("/connect/" + "A" * 43).content.decode()
    assert "Acme" not in text
    Workspace.objects.update(embed_origins=[])
    text = landed(guest(), make_link_for(workspace)).content.decode()
    assert "Acme &lt;Pay&gt;" in text
    assert f"/brand/{workspace.public_id}.css?v=d6336c" in text
    assert f"/brand/{workspace.public_id}/logo?v=abc" in text
    assert "Your connections" not in text
    assert "style=" not in text


def make_link_for(workspace: Workspace) -> str:
    make_integration(KEY_AND_EMAIL)
    workspace.refresh_from_db()
    return make_link(workspace)
