"""`python -m demo`: the whole of Seeds on this machine, until Ctrl-C. `make demo` runs it."""

import fcntl
import http.client
import os
import socket
import sys
import time

from demo.environment import HOST, ROOT, CannotStart, Place, environment, free_port, place_from
from demo.welcome import welcome
from seeds import catalogs, commands
from seeds.embedded import Postgres, Redis
from seeds.launch import end_with_parent
from seeds.service import Service, ServiceError, private_folder
from seeds.supervise import Output, Program, Supervisor

READY_SECONDS = 90.0
PORT_SECONDS = 5.0
TOO_MANY_FAILURES = 3


def hold(place: Place) -> int:
    """Keep a second demo out of the same folder for as long as we live. Raises CannotStart."""
    lock = os.open(private_folder(place.data_dir) / "demo.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise CannotStart(f"A demo runs in {place.data_dir} already. Choose another DATA_DIR and PORT.") from None
    return lock


def port_is_free(port: int) -> bool:
    """Whether we could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex((HOST, port)) != 0


def await_port(port: int) -> None:
    """Give a web server that was just killed a moment to leave the port. Raises CannotStart."""
    deadline = time.monotonic() + PORT_SECONDS
    while not port_is_free(port):
        if time.monotonic() > deadline:
            raise CannotStart(f"Port {port} is taken. Choose another one: make demo PORT={port + 1}")
        time.sleep(0.1)


def site_answers(port: int) -> bool:
    """Whether the front page comes."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def url_of(supervisor: Supervisor, variable: str, service: type[Service], place: Place) -> str:
    """The address given in the environment, else that of a server of our own, kept running from now on."""
    if given := os.environ.get(variable):
        return given
    own = service(place.data_dir)
    supervisor.add(own)
    return own.url


def prepare(supervisor: Supervisor, env: dict[str, str]) -> bool:
    """Bring the tables up to date and load the demo once. False when told to stop meanwhile."""
    for name, arguments in (("migrate", ["migrate", "--verbosity=0"]), ("load", ["load_demo"])):
        code = supervisor.run_once(Program(name, commands.manage(*arguments), env, supervisor.output))
        if code is None:
            return False
        if code != 0:
            raise CannotStart(f"`manage.py {arguments[0]}` failed; the lines above say why.")
    return True


def run_programs(supervisor: Supervisor, place: Place, env: dict[str, str]) -> bool:
    """Start the three programs and wait until the site answers. False when told to stop meanwhile."""
    schedule = private_folder(place.data_dir / "beat") / "schedule"
    for name, command in (
        ("web", commands.web(HOST, place.port)),
        ("worker", commands.worker()),
        ("beat", commands.beat(str(schedule))),
    ):
        supervisor.add(Program(name, command, env, supervisor.output))
    deadline = time.monotonic() + READY_SECONDS

    def settled() -> bool:
        if supervisor.restarts >= TOO_MANY_FAILURES or time.monotonic() > deadline:
            raise CannotStart("The site does not answer; the lines above may say why.")
        return site_answers(place.port)

    return supervisor.watch(until=settled)


def run(supervisor: Supervisor, place: Place) -> None:
    """Everything, in order, until told to stop."""
    await_port(place.port)
    private_folder(place.data_dir / "static")
    database_url = url_of(supervisor, "DATABASE_URL", Postgres, place)
    redis_url = url_of(supervisor, "REDIS_URL", Redis, place)
    mail_port = free_port()
    env = environment(place, database_url=database_url, redis_url=redis_url, mail_port=mail_port)
    sink = [sys.executable, "-m", "seeds.mailsink", HOST, str(mail_port), str(place.mailbox)]
    supervisor.add(Program("mail", sink, env, supervisor.output))
    if prepare(supervisor, env) and run_programs(supervisor, place, env):
        supervisor.output.line(f"Seeds is ready at {place.site_url}")
        supervisor.output.line(welcome(place))
        supervisor.watch()


def main() -> int:
    """Run the demo; the exit code is 0 after Ctrl-C or SIGTERM."""
    if os.environ.get("MAKELEVEL"):
        end_with_parent()
    output = Output()
    try:
        place = place_from(dict(os.environ))
        os.chdir(ROOT)
        hold(place)
        catalogs.make()
        with Supervisor(output) as supervisor:
            run(supervisor, place)
    except (CannotStart, ServiceError) as error:
        print(error, file=sys.stderr)
        return 1
    output.line("Seeds has stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
