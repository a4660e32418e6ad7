"""Whether the web server beside this answers at all: `python -m seeds.answers`, for docker-compose.yml.

It asks for /health/ as the proxy would. "not ok" is an answer, too: the pages say it better than no page could.
"""

import http.client
import os
import sys

SECONDS = 5


def answers(port: int, host: str) -> bool:
    """Whether a whole answer came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/health/", headers={"Host": host})
        return connection.getresponse().status in (200, 503)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    first = os.environ["ALLOWED_HOSTS"].split(",")[0].strip().removeprefix(".")
    sys.exit(not answers(int(os.environ.get("PORT", "8000")), first))
