#!/usr/bin/env bash
# Makes local images under the names that Dockerfile and docker-compose.yml start from, for machines that reach Debian's
# archive but no image registry: so the files that everybody uses are the ones that are tried. As root; needs debootstrap, Docker
# and this machine's .NET SDK. An image that is there already is left alone; with --force all are made again.
#
#   tests/stand-in-images.sh [--force]
#
#   rabbitmq:4, rabbitmq:4-management         Debian's rabbitmq-server with its management page; user and password by the same
#                                             variables as the official image
#   mcr.microsoft.com/dotnet/sdk:10.0         Debian with this machine's SDK
#   mcr.microsoft.com/dotnet/aspnet:10.0      Debian with this machine's runtime, user 1654 as in the official image
set -euo pipefail

readonly SUITE=bookworm ARCHIVE=${DEBIAN_ARCHIVE:-http://deb.debian.org/debian}
# What Microsoft's runtime-deps image holds, by Debian's names.
readonly RUNTIME_PACKAGES=ca-certificates,libc6,libgcc-s1,libicu72,libssl3,libstdc++6,tzdata,zlib1g
readonly RABBITMQ=rabbitmq:4-management
readonly SDK=mcr.microsoft.com/dotnet/sdk:10.0
readonly ASPNET=mcr.microsoft.com/dotnet/aspnet:10.0
FORCE=${1:-}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

is_there() { [ "$FORCE" != --force ] && docker image inspect "$1" >/dev/null 2>&1; }

base() {    # made once, whatever is made of it
  [ -d "$WORK/base" ] && return
  debootstrap --variant=minbase --include="$RUNTIME_PACKAGES" "$SUITE" "$WORK/base" "$ARCHIVE" >"$WORK/log" 2>&1 ||
    { tail -n 20 "$WORK/log"; return 1; }
  # Whom this machine trusts (a mirror's own authority, for instance), the build in the image must trust too.
  rm -rf "$WORK/base/etc/ssl/certs" && cp -aL /etc/ssl/certs "$WORK/base/etc/ssl/certs"
  rm -rf "$WORK/base/var/cache/apt" "$WORK/base/var/lib/apt/lists"
  mkdir -p "$WORK/base/var/cache/apt/archives/partial" "$WORK/base/var/lib/apt/lists/partial"
}

import() {    # name, folder, then Dockerfile instructions
  local name=$1 folder=$2 changes=()
  shift 2
  for change in "$@"; do changes+=(--change "$change"); done
  tar -C "$folder" -c . | docker import "${changes[@]}" - "$name" >/dev/null
  echo "$name"
}

make_rabbitmq() {
  base
  local root="$WORK/rabbitmq"
  cp -a "$WORK/base" "$root"
  chroot "$root" apt-get update -qq
  # No service can be started here, and none should be.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" && chmod 755 "$root/usr/sbin/policy-rc.d"
  DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y -qq --no-install-recommends rabbitmq-server >"$WORK/log" 2>&1 ||
    { tail -n 20 "$WORK/log"; return 1; }
  chroot "$root" apt-get clean
  # As the official image: the management page on, guests from other machines, the log on the console. The cookie is made new.
  mkdir -p "$root/etc/rabbitmq/conf.d"
  echo '[rabbitmq_management,rabbitmq_prometheus].' >"$root/etc/rabbitmq/enabled_plugins"
  printf 'loopback_users.guest = false\nlog.console = true\n' >"$root/etc/rabbitmq/conf.d/10-defaults.conf"
  rm -rf "$root/var/lib/rabbitmq/mnesia" "$root/var/lib/rabbitmq/.erlang.cookie"
  import "$RABBITMQ" "$root" 'ENV HOME=/var/lib/rabbitmq' 'VOLUME /var/lib/rabbitmq' 'EXPOSE 5672 15672 15692' \
    'ENTRYPOINT ["/usr/sbin/rabbitmq-server"]'
  docker tag "$RABBITMQ" rabbitmq:4
  rm -rf "$root"
}

make_dotnet() {    # name, folders of the dotnet root to leave out
  base
  local name=$1 root="$WORK/dotnet" source excludes=()
  source=$(dirname "$(readlink -f "$(command -v dotnet)")")
  shift
  for folder in "$@"; do excludes+=(--exclude "./$folder"); done
  cp -a "$WORK/base" "$root"
  mkdir -p "$root/usr/share/dotnet"
  tar -C "$source" "${excludes[@]}" -c . | tar -C "$root/usr/share/dotnet" -x
  ln -s /usr/share/dotnet/dotnet "$root/usr/bin/dotnet"
  chroot "$root" useradd --uid 1654 --create-home app
  import "$name" "$root" 'ENV APP_UID=1654 ASPNETCORE_HTTP_PORTS=8080 DOTNET_RUNNING_IN_CONTAINER=true' \
    'ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1' 'CMD ["/bin/bash"]'
  rm -rf "$root"
}

is_there "$RABBITMQ" && is_there rabbitmq:4 || make_rabbitmq
is_there "$SDK" || make_dotnet "$SDK"
is_there "$ASPNET" || make_dotnet "$ASPNET" sdk sdk-manifests packs templates
