"""Storage that speaks S3: list at most one object of the bucket, signed by the kind of method.

docs.aws.amazon.com/AmazonS3/latest/API: ListObjectsV2, ErrorResponses, VirtualHosting.
"""

import re
from urllib.parse import quote, urlencode

from connections.checks.attempts import Attempt
from connections.checks.http import CAUSE_BY_STATUS
from connections.checks.outcomes import Cause, Outcome, because, passed
from connections.egress.messages import Answer
from integrations.templates import UnfitValue

# A name that can stand in a host and in a path alike.
BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}")
# No XML parser: one element is all that is read, and a parser can be bombed.
ERROR_CODE = re.compile(rb"<Code>([A-Za-z0-9.]{1,64})</Code>")
LONGEST_READ = 4096
CAUSES: dict[str, Cause] = {
    **dict.fromkeys(
        (
            *("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken"),
            *("InvalidSecurity", "TokenRefreshRequired", "NotSignedUp", "InvalidClientTokenId"),
            *("UnrecognizedClientException", "MissingSecurityHeader", "Unauthorized"),
        ),
        "unauthorized",
    ),
    **dict.fromkeys(("AccessDenied", "AllAccessDisabled", "AccountProblem"), "forbidden_scope"),
    # The wrong region answers with the right one: what was given of the address is wrong.
    **dict.fromkeys(
        (
            *("NoSuchBucket", "InvalidBucketName", "PermanentRedirect", "NoSuchKey"),
            *("AuthorizationHeaderMalformed", "IllegalLocationConstraintException"),
        ),
        "not_found_base_url",
    ),
    # Our own clock is wrong: no fault of the key.
    "RequestTimeTooSkewed": "service_error",
    **dict.fromkeys(("SlowDown", "RequestLimitExceeded", "TooManyRequests"), "rate_limited"),
}


def check(attempt: Attempt) -> Outcome:
    answer = _list(attempt)
    if answer.status == 200 and b"<ListBucketResult" in answer.body[:LONGEST_READ]:
        return passed(details={"status": 200})
    found = ERROR_CODE.search(answer.body[:LONGEST_READ])
    code = found.group(1).decode() if found else ""
    details = {"status": answer.status, **({"code": code} if code else {})}
    return because(CAUSES.get(code) or _cause(answer.status), details=details)


def _list(attempt: Attempt) -> Answer:
    bucket = attempt.text("bucket")
    if not BUCKET.fullmatch(bucket) or ".." in bucket:
        raise UnfitValue("bucket")
    query = {"list-type": "2", "max-keys": "1"}
    if attempt.text("folder"):
        query["prefix"] = attempt.text("folder")
    is_in_host = attempt.value("path_style") is False
    made = attempt.build(
        path=f"/{'' if is_in_host else bucket}?{urlencode(query, quote_via=quote)}",
        before_host=bucket if is_in_host else "",
        headers={"Accept": "*/*"},
    )
    return attempt.call(made)


def _cause(status: int) -> Cause:
    # 200 without a list is a page; a redirect without a code leads to another region or to a page.
    if status in (200, 301, 404):
        return "not_found_base_url"
    return CAUSE_BY_STATUS.get(status, "service_error")
