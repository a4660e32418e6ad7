"""Our referrer policy keeps addresses of pages from others, and lets our own forms through, in a real Chromium."""

import pytest
from playwright.sync_api import Browser, Page, Route

SENT = "main form button[type=submit], main form button:not([type])"


def sent_from(page: Page, address: str) -> tuple[str, int]:
    """What the browser gives as the origin of a form that a stranger sends, and the status of the answer."""
    page.goto(address)
    page.fill("input[name=words]", "no such words")
    with page.expect_response(lambda answer: answer.request.method == "POST") as waiting:
        page.locator(SENT).first.click()
    answer = waiting.value
    return answer.request.all_headers().get("origin", ""), answer.status


@pytest.mark.promise("P3")
def test_a_form_says_it_comes_from_us_and_is_taken(browser: Browser, live_site: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        assert sent_from(context.new_page(), f"{live_site}/sign-in/") == (live_site, 200)


def test_with_the_strictest_policy_no_form_would_be_taken(browser: Browser, live_site: str) -> None:
    """The control, and why it is not the policy here: the origin becomes null, which is refused like a forged form."""

    def stricter(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "referrer-policy": "no-referrer"})

    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.route("**/sign-in/", lambda route: stricter(route) if route.request.method == "GET" else route.continue_())
        assert sent_from(page, f"{live_site}/sign-in/") == ("null", 403)
