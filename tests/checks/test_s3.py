"""Storage that speaks S3: signed as the service demands, and its refusals by their codes."""

import hashlib
import hmac
import re
from typing import Any
from urllib.parse import quote

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connections.checks import Outcome, run_check
from connections.egress import EgressError
from integrations.files import read_file
from integrations.management.commands.load_catalog import BUILT_IN
from tests.checks.trying import said, tried, values_of

(METHOD,) = read_file(BUILT_IN / "s3-compatible.yaml").methods
SECRET = "wJalrXUtnFEMI/K7MDENG"
LISTED = '<?xml version="1.0"?>\n<ListBucketResult xmlns="x"><Name>acme</Name></ListBucketResult>'
SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=AKIA/([0-9]{8})/([a-z0-9-]+)/s3/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)


def mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def is_signed(request: Request, secret: str) -> bool:
    """Signature Version 4 as a service checks it: over what arrived."""
    found = SIGNED.fullmatch(request.headers.get("Authorization", ""))
    if not found:
        return False
    day, region, names, signature = found.groups()
    pairs = sorted(
        (quote(name, safe="~"), quote(value, safe="~"))
        for name, value in request.args.items(multi=True)
    )
    canonical = "\n".join(
        [
            request.method,
            quote(request.path, safe="/~"),
            "&".join(f"{name}={value}" for name, value in pairs),
            *(f"{name}:{request.headers[name]}" for name in names.split(";")),
            "",
            names,
            hashlib.sha256(request.data).hexdigest(),
        ]
    )
    moment = request.headers["X-Amz-Date"]
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = mac(key, part)
    text = f"AWS4-HMAC-SHA256\n{moment}\n{day}/{region}/s3/aws4_request\n{digest}"
    return hmac.compare_digest(mac(key, text).hex(), signature)


def serve(request: Request) -> Response:
    if not is_signed(request, SECRET):
        return refusal("SignatureDoesNotMatch", 403)
    return Response(LISTED, content_type="application/xml")


def refusal(code: str, status: int) -> Response:
    text = f"<Error><Code>{code}</Code><Message>SECRET canary</Message></Error>"
    return Response(text, status, content_type="application/xml")


def values_at(httpserver: HTTPServer, **config: Any) -> dict[str, Any]:
    host = {"endpoint": httpserver.url_for("").rstrip("/"), "bucket": "acme", **config}
    return values_of(host, access_key_id="AKIA", secret_access_key=SECRET)


def try_answer(httpserver: HTTPServer, answer: Response) -> Outcome:
    httpserver.expect_request("/acme").respond_with_response(answer)
    return tried(METHOD, values_at(httpserver))


def test_signature_is_accepted_and_the_bucket_listed(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/acme").respond_with_handler(serve)
    assert said(tried(METHOD, values_at(httpserver))) == ("passed", "")
    request, _answer = httpserver.log[0]
    assert dict(request.args) == {"list-type": "2", "max-keys": "1"}


def test_folder_with_odd_letters_is_signed_as_it_is_sent(httpserver: HTTPServer) -> None:
    (method,) = read_file(BUILT_IN / "s3.yaml").methods
    httpserver.expect_request("/acme").respond_with_handler(serve)
    base = {"base_url": httpserver.url_for("").rstrip("/")}
    method = type(method)(
        id="m", name="M", kind="aws", specs=method.specs, request=base, test=method.test
    )
    values = values_at(httpserver, folder="a b/ü+~&={x}/")
    assert said(tried(method, values)) == ("passed", "")
    assert httpserver.log[0][0].args["prefix"] == "a b/ü+~&={x}/"


def test_temporary_key_sends_and_signs_its_token(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/acme").respond_with_handler(serve)
    values = values_at(httpserver)
    values["credentials"]["session_token"] = "session/+="
    assert said(tried(METHOD, values)) == ("passed", "")
    request, _answer = httpserver.log[0]
    assert request.headers["X-Amz-Security-Token"] == "session/+="
    assert "x-amz-security-token" in request.headers["Authorization"]


def test_wrong_secret_is_refused(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/acme").respond_with_handler(serve)
    values = values_at(httpserver)
    values["credentials"]["secret_access_key"] = "another"
    assert tried(METHOD, values) == Outcome(
        status="failed",
        cause="unauthorized",
        details={"status": 403, "code": "SignatureDoesNotMatch"},
    )


def test_bucket_may_stand_in_the_host(httpserver: HTTPServer, settings: Any) -> None:
    """A name of this machine cannot have a label before it: what is asked for is looked at."""
    settings.EGRESS_ALLOW_HTTP_HOSTS = []
    values = values_at(httpserver, path_style=False)
    seen: list[str] = []

    def door(request: Any) -> Any:
        seen.append(request.url)
        raise EgressError("dns")

    values["config"]["endpoint"] = "https://s3.example.com"
    outcome = run_check(METHOD, values, token=None, send=door)
    assert said(outcome) == ("unverifiable", "dns")
    assert seen == ["https://acme.s3.example.com/?list-type=2&max-keys=1"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal("InvalidAccessKeyId", 403), ("failed", "unauthorized")),
        (refusal("ExpiredToken", 400), ("failed", "unauthorized")),
        (refusal("AccessDenied", 403), ("failed", "forbidden_scope")),
        (refusal("NoSuchBucket", 404), ("failed", "not_found_base_url")),
        (refusal("PermanentRedirect", 301), ("failed", "not_found_base_url")),
        (refusal("AuthorizationHeaderMalformed", 400), ("failed", "not_found_base_url")),
        (refusal("SlowDown", 503), ("unverifiable", "rate_limited")),
        (refusal("InternalError", 500), ("unverifiable", "service_error")),
        (refusal("RequestTimeTooSkewed", 403), ("unverifiable", "service_error")),
        (refusal("SomethingNew", 403), ("failed", "forbidden_scope")),
        (Response("", 403), ("failed", "forbidden_scope")),
        (Response("<html>", 200), ("failed", "not_found_base_url")),
        (Response("<html>", 404), ("failed", "not_found_base_url")),
        (
            Response("x" * 9000 + "<Code>AccessDenied</Code>", 500),
            ("unverifiable", "service_error"),
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else str(value.status_code),
)
def test_refusals_have_their_causes(
    httpserver: HTTPServer, answer: Response, expected: tuple[str, str]
) -> None:
    outcome = try_answer(httpserver, answer)
    assert said(outcome) == expected
    assert "canary" not in repr(outcome)


@pytest.mark.parametrize("bucket", ["..", "a/b", "a?b", "a#b", "evil.com/", "-a", "a..b", "a%2f"])
def test_bucket_that_is_no_name_is_not_called(httpserver: HTTPServer, bucket: str) -> None:
    outcome = tried(METHOD, values_at(httpserver, bucket=bucket))
    assert said(outcome) == ("failed", "not_found_base_url")
    assert httpserver.log == []
