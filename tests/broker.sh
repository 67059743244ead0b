# Sourced by test.sh: a RabbitMQ broker for the tests that need one, its address in VECTORDB_RABBITMQ. In this order:
# an address given from outside; a container, where Docker works; a private node of Debian's rabbitmq-server, with its
# own ports, folder and port mapper, so that a broker which runs on this machine is neither used nor disturbed. Tests make
# virtual hosts of their own through the management plugin. Tests that kill the broker start private nodes themselves.

readonly BROKER_IMAGE=${VECTORDB_RABBITMQ_IMAGE:-rabbitmq:4-management}
readonly BROKER_BIN=/usr/lib/rabbitmq/bin    # not the wrappers in /usr/sbin, which switch to the system's user and folder
broker_container="" broker_pid="" broker_settings=()

start_broker() {
  say "RabbitMQ"
  if [ ! -x "$BROKER_BIN/rabbitmq-server" ] && ! install_with_apt rabbitmq-server; then
    echo "No rabbitmq-server in $BROKER_BIN, which the tests need that kill the broker: run \"apt-get install rabbitmq-server\""
    echo "(as root this script does that by itself)."
    return 1
  fi
  if [ -n "${VECTORDB_RABBITMQ:-}" ]; then echo "the one that VECTORDB_RABBITMQ names"; return 0; fi
  start_broker_container || start_broker_node || return 1
  echo "$VECTORDB_RABBITMQ"
}

start_broker_container() {
  command -v docker >/dev/null && timeout 20 docker info >/dev/null 2>&1 || return 1
  broker_container=$(docker run --detach --rm --publish 127.0.0.1::5672 --publish 127.0.0.1::15672 \
    "$BROKER_IMAGE") || return 1
  local port management
  port=$(docker port "$broker_container" 5672/tcp | sed -n '1s/.*://p')
  management=$(docker port "$broker_container" 15672/tcp | sed -n '1s/.*://p')
  await_broker docker exec "$broker_container" rabbitmq-diagnostics --quiet check_port_connectivity || return 1
  export VECTORDB_RABBITMQ="amqp://guest:guest@127.0.0.1:$port" VECTORDB_RABBITMQ_MANAGEMENT="http://127.0.0.1:$management"
}

start_broker_node() {
  local home="$WORK/broker" port management
  port=$(free_port) management=$(free_port)
  mkdir "$home"
  echo "[rabbitmq_management]." >"$home/plugins"
  printf 'management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = %s\n' "$management" >"$home/rabbitmq.conf"
  broker_settings=(
    HOME="$home" RABBITMQ_MNESIA_BASE="$home/data" RABBITMQ_LOG_BASE="$home/log" RABBITMQ_PID_FILE="$home/pid"
    RABBITMQ_CONF_ENV_FILE="$home/none" RABBITMQ_CONFIG_FILE="$home/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$home/plugins"
    RABBITMQ_NODENAME=vectordb-test@localhost RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT="$port"
    RABBITMQ_DIST_PORT="$(free_port)" ERL_EPMD_PORT="$(free_port)" ERL_EPMD_ADDRESS=127.0.0.1
  )
  env "${broker_settings[@]}" "$BROKER_BIN/rabbitmq-server" >"$home/output" 2>&1 &
  broker_pid=$!
  await_broker env "${broker_settings[@]}" "$BROKER_BIN/rabbitmqctl" --quiet await_startup --timeout 60 &&
    export VECTORDB_RABBITMQ="amqp://guest:guest@127.0.0.1:$port" VECTORDB_RABBITMQ_MANAGEMENT="http://127.0.0.1:$management" &&
    return 0
  tail -n 20 "$home/output"
  return 1
}

await_broker() {    # a command that succeeds once the broker answers; tried for a minute and a half
  local deadline=$((SECONDS + 90))
  until timeout 70 "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 1
  done
}

free_port() {
  local port
  while port=$((20000 + RANDOM % 10000)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

stop_broker() {
  [ -n "$broker_container" ] && docker rm --force "$broker_container" >/dev/null
  [ -n "$broker_pid" ] || return 0
  kill "$broker_pid" 2>/dev/null
  wait "$broker_pid" 2>/dev/null
  env "${broker_settings[@]}" epmd -kill >/dev/null 2>&1
}
