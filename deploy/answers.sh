#!/usr/bin/env bash
# answers PORT PATH: succeeds when this container answers 200 there. The runtime image has no curl; bash can speak HTTP.
exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$2" >&3
read -r -t 4 _ status _ <&3 && [ "$status" = 200 ]
