"""Dates are written as the reader's language writes them, with their zone."""

from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils import translation

PAGE = Template("{% load texts %}{{ at|moment }}")
AT = datetime(2026, 11, 25, 14, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "Nov. 25, 2026, 2:05 p.m. UTC"),
        ("de", "25. November 2026 14:05 UTC"),
        ("fr", "25 novembre 2026 14:05 UTC"),
        ("es", "25 de noviembre de 2026 a las 14:05 UTC"),
    ],
)
def test_moment_reads_like_the_language(language, written):
    with translation.override(language):
        page = PAGE.render(Context({"at": AT}))
    assert page == f'<time datetime="2026-11-25T14:05:09+00:00"><bdi>{written}</bdi></time>'


def test_moment_that_has_not_come_is_blank():
    assert PAGE.render(Context({"at": None})) == ""
