#!/usr/bin/env bash
# Runs docker-compose.yml and tries what docs/operations.md promises: up, store, search, a second API, more routers, a shard
# killed under way, backup, load, down, up again with everything there, and restored. Needs Docker and free ports 8001-8004, 9000,
# 9001, 15673; takes away its own volumes at the end. Where no image registry can be reached, run tests/stand-in-images.sh before.
set -euo pipefail
cd -P "$(dirname "${BASH_SOURCE[0]}")/.."

export COMPOSE_PROJECT_NAME=vectordb-try
# A busy machine needs longer to start eight containers than the minute that compose allows.
export COMPOSE_HTTP_TIMEOUT=300
# A RabbitMQ of this machine may have the usual one.
export VECTORDB_MANAGEMENT_PORT=${VECTORDB_MANAGEMENT_PORT:-15673}
LOG=$(mktemp) FILE=$(mktemp)
readonly LOG FILE
chmod 644 "$FILE"
readonly API=http://localhost:9000 SECOND_API=http://localhost:9001 POINTS=2000
SECONDS=0

if docker compose version >/dev/null 2>&1; then compose() { docker compose "$@"; }; else compose() { docker-compose "$@"; }; fi
say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }
fail() { say "FAILED: $*"; tail -n 20 "$LOG"; compose ps; compose logs --tail 20; exit 1; }
trap 'compose --profile two-apis down --volumes --timeout 20 >/dev/null 2>&1; rm -f "$LOG" "$FILE"' EXIT

eventually() {    # seconds, what, command
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || fail "$what"
    sleep 1
  done
  say "$what"
}

healthy() {    # service: every container of it is
  local ids state
  ids=$(compose ps -q "$1") && [ -n "$ids" ] || return 1
  for id in $ids; do
    state=$(docker inspect --format '{{.State.Health.Status}}' "$id") && [ "$state" = healthy ] || return 1
  done
}

ready() { curl -sf "$1/readyz"; }
field() { grep -o "\"$1\":[^,}]*" | head -n 1 | cut -d: -f2; }
points() { curl -sf "$API/?with_centroids=false" | field points; }
search() { curl -sf "$1/search" -d '{"text": "an insect that makes honey", "top_k": 1, "shards_to_search": "all"}'; }
finds_bee() { search "$1" | grep -q '"id":"bee".*"partial":false'; }
sees_all() { [ "$(points)" = "$((POINTS + 1))" ]; }

crash() {    # kill -9 of the process inside, which is not a stop that somebody asked for
  compose exec -T "$1" bash -c 'for p in /proc/[0-9]*; do [ "$(cat $p/comm)" = dotnet ] && kill -9 ${p#/proc/}; done; true' || true
}
restarted() { [ "$(docker inspect --format '{{.RestartCount}}' "$(compose ps -q "$1")")" -gt 0 ]; }

store_batch() {    # first number, last number
  local body='{"points":[' i
  for i in $(seq "$1" "$2"); do body+="{\"id\":$i,\"text\":\"row number $i of a table\"},"; done
  curl -sf "$API/store" -d "${body%,}]}" >/dev/null || fail "storing $1 to $2"
}

compose up --detach --build >>"$LOG" 2>&1 || fail "docker compose up --build"
say "docker compose up --build"
for service in rabbitmq shard-0 shard-1 shard-2 shard-3 ingest query; do eventually 300 "$service is healthy" healthy "$service"; done

curl -sf "$API/store" -d '{"id": "bee", "text": "Bees collect nectar and make honey"}' || fail "storing a point"
echo
for first in $(seq 1 250 "$POINTS"); do store_batch "$first" $((first + 249)); done
say "$POINTS more points stored, each acknowledged after the commit of its shard"
finds_bee "$API" || fail "the search does not find the bee"
say "search: $(search "$API")"

compose --profile two-apis up --detach --no-build --scale ingest=3 >>"$LOG" 2>&1 || fail "scaling"
eventually 120 "a second API and three routers are healthy" healthy query-2
eventually 120 "three routers are healthy" healthy ingest
finds_bee "$SECOND_API" || fail "the second API does not find the bee"

compose kill -s SIGKILL shard-2 >>"$LOG" 2>&1
search "$API" | grep -q '"partial":true' || fail "a search without shard 2 must say that it is partial"
say "shard-2 killed: a search says partial"
compose up --detach --no-build >>"$LOG" 2>&1
eventually 120 "shard-2 is healthy again" healthy shard-2
eventually 60 "searches are whole again" finds_bee "$API"
eventually 30 "all $((POINTS + 1)) points are there" sees_all

crash shard-1
eventually 60 "shard-1 crashed and was started again by its restart policy" restarted shard-1
eventually 120 "shard-1 is healthy again" healthy shard-1
eventually 60 "searches are whole again" finds_bee "$API"

again() {    # what
  compose --profile two-apis down --timeout 20 >>"$LOG" 2>&1
  say "down, volumes kept"
  "$@"
  compose up --detach --no-build >>"$LOG" 2>&1
  eventually 300 "up again and ready" ready "$API"
  eventually 60 "the search finds the bee" finds_bee "$API"
  eventually 30 "all $((POINTS + 1)) points are there" sees_all
}

restore() {
  docker volume rm "${COMPOSE_PROJECT_NAME}_rabbitmq" >>"$LOG"
  compose run --rm --no-deps --entrypoint bash tools -c \
    'set -e; for n in 0 1 2 3; do rm -rf /data/shard-$n/*; cp /backups/try/{shards,shard_$n.sqlite3} /data/shard-$n/; done' \
    >>"$LOG" 2>&1 || fail "copying the backup into the shards"
}

compose build tools >>"$LOG" 2>&1 || fail "building the tools"
say "backup: $(compose run --rm tools backup /backups/try 2>>"$LOG")"
compose run --rm tools errors list >>"$LOG" 2>&1 || fail "listing errors"
say "errors: $(tail -n 1 "$LOG")"
printf '{"id": "late", "text": "This came after the backup"}\n' >"$FILE"
compose run --rm --no-deps -v "$FILE:/file.jsonl:ro" ingest load /file.jsonl >>"$LOG" 2>&1 || fail "loading through the broker"
curl -sf "$API/get/late" >/dev/null || fail "what was loaded is not there"
say "loaded a file through the broker: $(tail -n 1 "$LOG")"
curl -sf -X DELETE "$API/points/late" >/dev/null
again true
curl -sf -X DELETE "$API/points/17" >/dev/null
again restore
say "passed"
