"""What somebody carries away who takes the whole server, and the list of marks that they look for in it.

Two fixtures hand it out, made once for all processes of a test run: `seized` (the site as shipped) and
`seized_on_defaults` (no measure of ours, what the parts do by themselves: who finds nothing there is blind). Both give
a `Seized`. It was played by 20 people, a facilitator and a listener (play.py); then the clean-up ran, with everything
still going on. Its places, all below `folder`:

  live/            DATA_DIR as copied from under the running programs, after the clean-up: postgres/ (data directory,
                   journal in postgres/pg_wal/), keys/ (a key a session), *.log of each program, beat's file
  stopped/         the same once everything was stopped; before, talk A was purged and the names of B sealed by the
                   clock, and the clean-up ran again; backups/ and key-backup/ are older than that (shipped only)
  dump.sql         pg_dump of the running database at the same moment as live/
  redis/           every key of Redis: one file each, its name and its value inside (the memory, not a file on a disk)
  mail/            each mail that left the site, .eml
  tmp/ here/       TMPDIR and working folder of all programs
  open/            what else the programs had open, deleted files too; open.txt lists every open file by program
  environment.txt  the settings: SECRET_KEY, SITE_SALT, FIELD_KEYS and all others the programs got
  physical.json    what a superuser reads besides: for each alias and text its transaction number, its place in the
                   file, and the number of its side table's entry
  keys-after/      the key files once talk A was purged; dump-after.sql the database; dump.sql is the old backup then
  backup.key       opens the backups (age); an operator keeps it elsewhere, so no examiner of a server has it

`sessions` {"A": id, "B": id}; `people` are Person (people.py): code, words, wrong_words, cookies, address, agent,
forwarded, path, names (session -> alias), texts (kind -> what was typed). Kinds of texts, and what became of them:

  withdrawn  in A; taken back                         destroyed: neither words nor ciphertext anywhere
  returned   in A; returned, then changed (people with odd numbers) or taken back (even)      destroyed, likewise
  note       the facilitator's to that person, which quotes it; stays until the text is taken back or purged
  pending    in A; waits to be read                   there, and readable with A's key: an examiner must see it
  elsewhere  in B, over 2 kB; waits too               there, likewise
  lost       in B; the database refused it            never stored
  message    to the team of A, in private; stays until A's names are sealed
  objection  in B; nobody has decided; its reason stays until then, or until B's names are sealed
  unsaid     a message to the team of A, taken back   destroyed
  relented   an objection in A, taken back            destroyed

`destroyed` and `kept` are the ciphertexts, by what still stood in the database at the end. The last person pressed
"forget me here" in B; person 2 left by the exit; the others are signed in when the server is taken. `unused_code`
belongs to a card nobody used: its digest is in the dump. So are those of `printed`, cards
whose sheets were just taken. `listeners_address` is the listener's, who signed in by name.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import pyrage
from redis import Redis

from seeds.embedded import postgres_programs
from tests.drills.people import Person
from tests.drills.play import LISTENERS_ADDRESS, Play
from tests.drills.scene import SEALED, Scene

SITES_OWN = ("SITE_", "SECRET_KEY", "FIELD_KEYS", "ALLOWED_HOSTS", "DATA_DIR", "KEY_DIR", "DATABASE_URL", "REDIS_URL")


@dataclass
class Seized:
    """A server's worth of evidence. See the module's docstring."""

    folder: Path
    sessions: dict[str, str]
    people: list[Person]
    destroyed: list[bytes]
    kept: list[bytes]
    unused_code: str
    printed: list[str]
    listeners_address: str

    def place(self, name: str) -> Path:
        """A file or folder in it."""
        return self.folder / name

    def save(self) -> None:
        """Write what isn't files yet, for other processes."""
        told = asdict(self) | {"folder": str(self.folder)}
        told |= {name: [one.hex() for one in getattr(self, name)] for name in ("destroyed", "kept")}
        (self.folder / "truth.json").write_text(json.dumps(told))

    @classmethod
    def load(cls, folder: Path) -> "Seized":
        """Read what `save` wrote."""
        told = json.loads((folder / "truth.json").read_text())
        told |= {name: [bytes.fromhex(one) for one in told[name]] for name in ("destroyed", "kept")}
        return cls(**told | {"folder": folder, "people": [Person(**one) for one in told["people"]]})


def seize(play: Play, folder: Path) -> Seized:
    """Clean up, take everything while it runs, purge talk A, stop, take the rest."""
    scene = play.scene
    if scene.measures.scrub:
        scene.manage("scrub")
    else:
        scene.as_superuser("CHECKPOINT")  # as the server does by itself every five minutes
    if not scene.measures.redis_settings:
        scene.redis._client().save()
    _take_live(scene, folder)
    kept = {bytes(body) for body in _bodies(scene)}
    if scene.measures.scrub:
        _back_up(scene, folder)
    scene.end_talks(purged=play.sessions["A"], sealed=play.sessions["B"])
    if scene.measures.scrub:
        scene.manage("scrub")
    _dump(scene, folder / "dump-after.sql")
    shutil.copytree(scene.data / "keys", folder / "keys-after")
    scene.stop()
    scene.data.rename(folder / "stopped")
    for name in ("mail", "tmp", "here"):
        (scene.folder / name).rename(folder / name)
    seized = Seized(
        folder,
        play.sessions,
        play.people,
        [*play.sealed - kept],
        [*kept],
        play.unused_code,
        play.printed,
        LISTENERS_ADDRESS,
    )
    seized.save()
    return seized


def _take_live(scene: Scene, folder: Path) -> None:
    _dump(scene, folder / "dump.sql")
    _copy(scene.data, folder / "live")
    _take_memory(scene.redis.url, folder / "redis")
    _take_open_files(scene, folder)
    settings = {key: value for key, value in scene.environment.items() if key.startswith(SITES_OWN)}
    (folder / "environment.txt").write_text("\n".join(f"{key}={value}" for key, value in settings.items()))
    (folder / "physical.json").write_text(json.dumps(_physical(scene)))


def _back_up(scene: Scene, folder: Path) -> None:
    """As an operator would, who keeps the key that opens it elsewhere."""
    identity = pyrage.x25519.Identity.generate()
    (folder / "backup.key").write_text(str(identity))
    public = str(identity.to_public())
    scene.environment |= {"BACKUP_RECIPIENT": public, "KEY_BACKUP_RECIPIENT": public}
    scene.manage("backup")
    scene.manage("backup", "--keys")


def _dump(scene: Scene, target: Path) -> None:
    url = scene.postgres.url_for("postgres", "seeds")
    scene.run([str(postgres_programs() / "pg_dump"), "--dbname", url, "--file", str(target)])


def _copy(source: Path, target: Path) -> None:
    """All files as they are at the moment; one that is gone meanwhile is gone."""
    for path in sorted(source.rglob("*")):
        copied = target / path.relative_to(source)
        try:
            if path.is_file() and not path.is_symlink():
                copied.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copied)
        except FileNotFoundError:
            continue


def _take_memory(url: str, folder: Path) -> None:
    folder.mkdir()
    with Redis.from_url(url) as client:
        for number, key in enumerate(sorted(client.scan_iter(count=1000))):
            kind = client.type(key)
            value: object = client.get(key) if kind == b"string" else client.dump(key)
            (folder / f"{number:05d}").write_bytes(key + b"\n" + (value if isinstance(value, bytes) else b""))
            if kind == b"list":
                entries = client.lrange(key, 0, -1)
                (folder / f"{number:05d}-entries").write_bytes(b"\n".join(entries))
            elif kind == b"hash":
                pairs = client.hgetall(key)
                (folder / f"{number:05d}-entries").write_bytes(b"\n".join(k + b" " + v for k, v in pairs.items()))


def _take_open_files(scene: Scene, folder: Path) -> None:
    """Every file each program has open; those outside its own folders are read through the open handle."""
    (folder / "open").mkdir()
    listed = []
    for name, pids in scene.pids().items():
        for handle in (handle for pid in pids for handle in Path(f"/proc/{pid}/fd").glob("*")):
            try:
                target = str(handle.readlink())
                listed.append(f"{name} {target}")
                if target.startswith("/") and not target.startswith((str(scene.data), "/dev/")) and handle.is_file():
                    (folder / "open" / f"{name}-{handle.parts[2]}-{handle.name}").write_bytes(handle.read_bytes())
            except OSError:
                continue
    (folder / "open.txt").write_text("\n".join(sorted(set(listed))))


def _bodies(scene: Scene) -> list[bytes]:
    return [
        bytes(row[0])  # type: ignore[call-overload]
        for table, column in SEALED
        for row in scene.as_superuser(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")
    ]


def _physical(scene: Scene) -> dict[str, list[list[str]]]:
    """Of each alias: talk, name, transaction number, place in the file, id. Of each text: the same up to the place, of
    its author; then its side table's entry, "" without one."""
    aliases = "SELECT dialogue_session_id::text, name, xmin::text, ctid::text, id::text FROM dialogue_alias"
    comments = (
        "SELECT dialogue_session_id::text, name, comment.xmin::text, comment.ctid::text, encode(body, 'hex')"
        " FROM dialogue_comment AS comment JOIN dialogue_alias ON dialogue_alias.id = alias_id WHERE body IS NOT NULL"
    )
    entries = {str(start): str(number) for number, start in _side_entries(scene)}
    found = [[str(value) for value in row] for row in scene.as_superuser(comments)]
    return {
        "aliases": [[str(value) for value in row] for row in scene.as_superuser(aliases)],
        "comments": [[*row[:4], entries.get(row[4][:32], "")] for row in found],
    }


def _side_entries(scene: Scene) -> list[tuple[object, ...]]:
    """The entries of the texts' side table (TOAST): number, and the first bytes of what it holds."""
    name = scene.as_superuser("SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'dialogue_comment'")
    query = f"SELECT chunk_id, encode(substr(chunk_data, 1, 16), 'hex') FROM {name[0][0]} WHERE chunk_seq = 0"
    return scene.as_superuser(query) if name[0][0] != "-" else []
