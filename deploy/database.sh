#!/bin/sh
# Runs once, when the database's volume is empty. The site's role is an ordinary one: superusers ignore row-level
# security. In template1, so that databases made later inherit the grant. Last, nobody can be superuser from outside.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$DATABASE_PASSWORD" --username postgres --dbname template1 <<'SQL'
CREATE ROLE seeds LOGIN CREATEDB PASSWORD :'password';
GRANT pg_checkpoint TO seeds;
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO seeds;
CREATE DATABASE seeds OWNER seeds;
ALTER ROLE postgres PASSWORD NULL;
SQL
