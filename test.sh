#!/usr/bin/env bash
# Builds everything, checks the formatting and runs every test project. Needs the .NET SDK and nothing else.
# The last line is always "N passed, N failed, N skipped"; a step that breaks (build, format, a test program that
# crashes, hangs or holds no test) counts as one failure. The exit code is 0 only when all is well; with CI=true a
# skipped test is not, where the folder of shared test files exists.
set -uo pipefail
cd -P "$(dirname "${BASH_SOURCE[0]}")" || exit 1
exec </dev/null

readonly ROOT=$PWD
readonly LAST=tests/Cluster.Tests/Cluster.Tests.csproj
readonly ALL_SECONDS=1800   # the run is meant to take a quarter of an hour: a hanging test is stopped some time after that
WORK=$(mktemp -d) || exit 1
readonly WORK
passed=0 failed=0 skipped=0 skips_forbidden=no
running="" formatting=""

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=0 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_CLI_UI_LANGUAGE=en
export MSBUILDDISABLENODEREUSE=1

say() { printf '\n== %s\n' "$*"; }

# A step that is not a test went wrong: say what and go on, so that one run shows as much as possible.
broken() { printf 'FAILED: %s\n' "$*"; failed=$((failed + 1)); }

finish() {
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ] && [ "$skips_forbidden" = no ]
  exit
}

clean_up() {
  [ -n "$running" ] && kill "$running" 2>/dev/null
  [ -n "$formatting" ] && kill "$formatting" 2>/dev/null
  stop_broker
  rm -rf "$WORK"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

install_with_apt() {    # a package's name, or a pattern where it differs between releases
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || return 1
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}

check_machine() {
  if ! command -v dotnet >/dev/null; then
    broken "no dotnet on the PATH: install the .NET 10 SDK, https://dotnet.microsoft.com/download/dotnet/10.0"
    finish
  fi
  dotnet --version >"$WORK/sdk" 2>&1 && return
  # Text is normalised with ICU; without it accented text would be embedded differently, so .NET refuses to start.
  grep -q libicu "$WORK/sdk" && install_with_apt '^libicu[0-9]+$' && dotnet --version >"$WORK/sdk" 2>&1 && return
  head -n 5 "$WORK/sdk"
  if grep -q libicu "$WORK/sdk"; then
    broken "no ICU library: run \"apt-get install libicu-dev\" (Debian, Ubuntu) or \"apk add icu-libs\" (Alpine)"
  else
    broken "no SDK that global.json accepts: install .NET 10, https://dotnet.microsoft.com/download/dotnet/10.0"
  fi
  finish
}

build() {
  say "Build (Release, warnings are errors)"
  dotnet build VectorDb.sln -c Release -maxcpucount:2 --nologo -v:quiet -warnaserror && return
  broken "the build: see the errors above"
  finish
}

# Takes most of a minute of one core, so it runs beside the tests, with what they leave of the machine.
begin_format_check() {
  nice -n 19 dotnet format VectorDb.sln --no-restore --verify-no-changes >"$WORK/format" 2>&1 &
  formatting=$!
}

end_format_check() {
  local code=0
  say "Formatting"
  wait "$formatting" || code=$?
  formatting=""
  [ "$code" -eq 0 ] && echo "as it should be" && return
  head -n 50 "$WORK/format"
  broken "the formatting: run \"dotnet format VectorDb.sln\" and commit what it changes"
}

attribute() {    # of the <assembly> element in a result file
  grep -o '<assembly [^>]*>' "$1" | head -n 1 | sed -n "s/.* $2=\"\([0-9]*\)\".*/\1/p"
}

run_tests() {
  local name=$1 results="$WORK/$1.xml" program="tests/$1/bin/Release/net10.0/VectorDb.$1.dll" code=0
  say "$name"
  if [ ! -f "$program" ]; then broken "$name: the build made no $program"; return; fi
  local left=$((SECONDS < ALL_SECONDS - 10 ? ALL_SECONDS - SECONDS : 10))
  timeout --kill-after=10 "$left" dotnet "$program" -noColor -noLogo -result-xml "$results" &
  running=$!
  wait "$running" || code=$?
  running=""
  count "$name" "$results" "$code"
}

count() {    # name, result file, exit code of the test program
  local name=$1 results=$2 code=$3 ran bad errors skips
  if [ "$code" -eq 124 ]; then broken "$name: stopped, so that the whole run ends in $ALL_SECONDS s"; return; fi
  if ! grep -q '</assemblies>' "$results" 2>/dev/null; then
    broken "$name: the test program ended with code $code and no result file: it crashed"
    return
  fi
  ran=$(attribute "$results" passed) bad=$(attribute "$results" failed)
  errors=$(attribute "$results" errors) skips=$(attribute "$results" skipped)
  ran=${ran:-0} bad=$((${bad:-0} + ${errors:-0})) skips=${skips:-0}
  printf '%s: %d passed, %d failed, %d skipped\n' "$name" "$ran" "$bad" "$skips"
  passed=$((passed + ran)) failed=$((failed + bad)) skipped=$((skipped + skips))
  if [ $((ran + bad)) -eq 0 ]; then broken "$name: no test ran"
  elif [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then broken "$name: no test failed, yet it ended with code $code"; fi
}

# The folder of shared test files, by the same rule as the tests: the environment, then beside the repository or above.
shared_files() {
  local folder=$ROOT
  if [ -n "${VECTORDB_SHARED:-}" ]; then [ -d "$VECTORDB_SHARED" ]; return; fi
  while [ "$folder" != / ]; do
    folder=$(dirname "$folder")
    [ -d "$folder/shared" ] && return
  done
  return 1
}

main() {
  check_machine
  build
  begin_format_check
  start_broker || [ "${CI:-}" != true ] || broken "no RabbitMQ: its tests must not be skipped when CI=true"
  # The tests that break processes on purpose come last: whatever else is wrong is known by then.
  for project in tests/*.Tests/*.csproj; do
    [ "$project" = "$LAST" ] || run_tests "$(basename "$project" .csproj)"
  done
  end_format_check
  run_tests "$(basename "$LAST" .csproj)"

  say "All"
  if [ "$skipped" -gt 0 ] && [ "${CI:-}" = true ] && shared_files; then
    skips_forbidden=yes
    echo "FAILED: with CI=true and the shared test files there, no test may be skipped; the reasons stand above."
  fi
  finish
}

. tests/broker.sh
main
