from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from practices.models import Practice


@pytest.mark.parametrize(("path", "title"), [("/terms/", "Terms and Conditions"), ("/privacy/", "Privacy Policy")])
def test_the_text_is_there_for_anybody(client: Client, published: Practice, path: str, title: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert f"<h1>{title}</h1>" in page.text
    assert "English text." in page.text
    assert "Version 1" in page.text
    assert "data-print" in page.text
    assert "sessionid" not in page.cookies


def test_a_text_in_another_language_says_so_and_is_marked(client: Client, published: Practice) -> None:
    page = client.get("/privacy/", headers={"Accept-Language": "es"})
    assert 'class="agreement usa-prose" lang="en"' in page.text
    assert "usa-alert--info" in page.text
    assert "usa-alert--info" not in client.get("/terms/", headers={"Accept-Language": "es"}).text


def test_a_practice_without_texts_says_whom_to_ask(client: Client, practice: Practice) -> None:
    page = client.get("/terms/")
    assert page.status_code == 404
    assert "has not published this text yet" in page.text
    assert "(212) 555-0110" in page.text


def test_reading_takes_one_query(
    client: Client, published: Practice, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/terms/")
    with django_assert_max_num_queries(1):
        client.get("/terms/")


def test_the_pages_are_only_read(client: Client, published: Practice) -> None:
    assert client.post("/terms/").status_code == 405
