#!/bin/bash
# Runs Tools/deploy/nginx.conf in front of a real `cohort serve`, on loopback, and sends requests of
# every kind through TLS: Tools/Checks/nginx.sh [PROGRAM], by default the release build.
# Says what it did, a line each; ends with the first difference, and with exit code 1 then.
# Needs nginx, curl, openssl, python3.
set -euo pipefail
cd "$(dirname "$0")/../.."
cohort=$(realpath "${1:-.build/release/cohort}")
folder=$(mktemp -d)
server='' proxy='' feed=''

finish() {
  local code=$?
  # By their numbers only; each of them is a child of this shell.
  for pid in $feed $proxy $server; do kill "$pid" 2>/dev/null || true; done
  for pid in $feed $proxy $server; do wait "$pid" 2>/dev/null || true; done
  if [ "$code" -ne 0 ]; then
    echo "FAILED; the last lines of nginx and of the server:"
    tail -n 5 "$folder"/log/error.log "$folder"/server.words 2>/dev/null || true
  fi
  rm -rf "$folder"
  exit "$code"
}
trap finish EXIT

done_() { printf 'ok  %s\n' "$1"; }
differs() { printf 'DIFFERENT  %s\n  expected: %s\n  found:    %s\n' "$1" "$2" "$3"; exit 1; }
same() { if [ "$2" = "$3" ]; then done_ "$1"; else differs "$1" "$2" "$3"; fi; }
has() { case "$3" in *"$2"*) done_ "$1" ;; *) differs "$1" "…$2…" "$3" ;; esac; }

# --- The server ------------------------------------------------------------------------------------

mkfifo "$folder/said"
"$cohort" serve --storage "$folder/ledger" --listen 127.0.0.1:0 --trusted-proxy 127.0.0.1/32 \
  >"$folder/said" 2>"$folder/server.words" &
server=$!
exec 8<"$folder/said"
read -r -t 60 line <&8
upstream=${line#listening on http://}
[ "$upstream" != "$line" ] || differs "the server's first line" "listening on http://…" "$line"
done_ "cohort serve listens on $upstream"

# Commands reach the running server through its control socket.
ledger() { "$cohort" "$@" --storage "$folder/ledger"; }
field() { python3 -c 'import json,sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
partner_key=$(ledger partners enable hightouch --json | field partner_api_key)
secret=$(ledger keys issue data-import --partner hightouch --label nginx --json | field secret)
rest=$(ledger keys issue rest --all-permissions --json | field secret)
bound=$(ledger keys issue rest --all-permissions --network 127.0.0.2/32 --json | field secret)

# --- nginx -----------------------------------------------------------------------------------------

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
  -keyout "$folder/key" -out "$folder/certificate" 2>/dev/null
mkdir "$folder/log"
port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
configuration=$(<Tools/deploy/nginx.conf)
# Each of these must stand there, or the check would be of another file than it says.
replace() {
  case "$configuration" in *"$1"*) ;; *) differs "nginx.conf" "a line with $1" "none" ;; esac
  configuration=${configuration//"$1"/"$2"}
}
replace 'listen 443 ssl' "listen 127.0.0.1:$port ssl"
replace 'listen [::]:443 ssl http2;' ''
replace 'server 127.0.0.1:8080;' "server $upstream;"
replace /etc/nginx/cohort.crt "$folder/certificate"
replace /etc/nginx/cohort.key "$folder/key"
replace /run/nginx.pid "$folder/nginx.pid"
replace /var/log/nginx/ "$folder/log/"
printf '%s\n' "$configuration" >"$folder/nginx.conf"
nginx -q -t -p "$folder" -c "$folder/nginx.conf"
nginx -p "$folder" -c "$folder/nginx.conf" -g 'daemon off;' &
proxy=$!
url=https://localhost:$port
# curl asks until nginx listens; --retry waits a second between.
through() { curl -sS --cacert "$folder/certificate" --resolve "localhost:$port:127.0.0.1" "$@"; }
same "nginx answers over TLS with the server's health" 200 \
  "$(through --retry 20 --retry-connrefused --retry-delay 1 -o /dev/null -w '%{http_code}' "$url/health")"
same "plain HTTP on its port is refused" 400 \
  "$(curl -sS -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/health")"

# --- Writes ----------------------------------------------------------------------------------------

# Two million bytes of users, sent in chunks, handed on as they come.
python3 -c 'for i in range(60000): print("{\"external_id\":\"customer-%d\"}" % i)' >"$folder/users"
same "60,000 users are imported as a stream" 201 "$(through -o "$folder/answer" -w '%{http_code}' \
  -H "Authorization: Bearer $rest" -H 'Content-Type: application/x-ndjson' \
  -H 'Transfer-Encoding: chunked' -T "$folder/users" -X POST "$url/ledger/users/import")"
same "all of them are there" 60000 "$(ledger log | grep -c 'created: external_id:customer-')"

import() { # COHORT USERS [BYTES]: a request of part 1, filled up with blanks to so many bytes
  python3 - "$partner_key" "$secret" "$@" <<'PYTHON' >"$folder/body"
import json, sys
key, secret, cohort, users = sys.argv[1:5]
body = json.dumps({"partner_api_key": key, "client_secret": secret, "cohort_id": cohort,
  "cohort_changes": [{"user_ids": users.split(",")}]})
print(body + " " * ((int(sys.argv[5]) if len(sys.argv) > 5 else 0) - len(body)), end="")
PYTHON
  through -o "$folder/answer" -w '%{http_code}' -H 'Content-Type: application/json' \
    --data-binary "@$folder/body" "$url/partners/hightouch/cohorts/users"
}
same "an import is answered" 201 "$(import vip customer-1,customer-2,nobody)"
has "with its outcomes" '"added":2' "$(<"$folder/answer")"
same "a body of 4 MiB is taken" 201 "$(import vip customer-3 4194304)"
same "a byte more is too much for the server" 413 "$(import vip customer-4 4194305)"
has "which says so itself" '"message":' "$(<"$folder/answer")"
same "more than 5 MiB are too much for nginx" 413 "$(import vip customer-4 5300000)"
has "which says so in the words of the contract" '"message":"The body is larger than 4 MiB' \
  "$(<"$folder/answer")"
same "a cohort with a slash in its id is filled" 201 "$(import a/b customer-5)"

# --- Reads -----------------------------------------------------------------------------------------

get() { through -H "Authorization: Bearer $rest" "$@"; }
cohorts=$url/ledger/cohorts/hightouch
same "the members come as lines" 3 \
  "$(get -H 'Accept: application/x-ndjson' "$cohorts/vip/members" | grep -c customer-)"
same "an escaped slash stays one" 200 "$(get -o /dev/null -w '%{http_code}' "$cohorts/a%2Fb")"
same "two requests share a connection" 1 \
  "$(get -o /dev/null "$cohorts/vip" -o /dev/null "$cohorts/vip" -w '%{num_connects}\n' \
    | awk '{sum += $1} END {print sum}')"
same "the metrics are not for everybody" 404 \
  "$(get -o /dev/null -w '%{http_code}' "$url/metrics")"

# --- From where ------------------------------------------------------------------------------------

from() { # ADDRESS [OPTION…]: with the key that is bound to 127.0.0.2
  through --interface "$1" -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $bound" \
    "${@:2}" "$cohorts/vip"
}
same "a key bound to a network opens from there, through nginx" 200 "$(from 127.0.0.2)"
same "and from nowhere else" 401 "$(from 127.0.0.3)"
same "whatever a client says of itself" 401 "$(from 127.0.0.3 -H 'X-Forwarded-For: 127.0.0.2')"
same "or somebody before it" 200 "$(from 127.0.0.2 -H 'X-Forwarded-For: 127.0.0.3')"

# --- Events as they come ---------------------------------------------------------------------------

mkfifo "$folder/events"
after=$(ledger status | awk -F '\t' '$1 == "position" {print $2}')
curl -sS -N --cacert "$folder/certificate" --resolve "localhost:$port:127.0.0.1" \
  -H "Authorization: Bearer $rest" -H 'Accept: text/event-stream' \
  "$url/ledger/events?after=$after" >"$folder/events" &
feed=$!
exec 9<"$folder/events"
next() { # the next event's number; each line within 30 s
  local text
  while read -r -t 30 text <&9; do
    case "$text" in id:*) echo "${text#id:}" | tr -d ' ' | cut -d @ -f 1; return ;; esac
  done
  echo none
}
for round in 1 2 3; do
  import vip "customer-$((round + 10))" >/dev/null
  same "event $round comes while the feed is open" "$((after + round))" "$(next)"
done
kill "$feed"
wait "$feed" 2>/dev/null || true
feed=''
exec 9<&-

# --- The end ---------------------------------------------------------------------------------------

kill -TERM "$server"
code=0
wait "$server" || code=$?
server=''
same "the server ends by itself when it is told to" 0 "$code"
same "nginx says that nobody answers" 503 \
  "$(through -o "$folder/answer" -w '%{http_code}' "$url/health")"
has "in the words of the contract" '"message":"The ledger does not answer.' "$(<"$folder/answer")"
kill -QUIT "$proxy"
code=0
wait "$proxy" || code=$?
proxy=''
same "nginx ends" 0 "$code"
has "the log is sound" sound "$(ledger verify | tail -n 1)"

# --- The unit --------------------------------------------------------------------------------------

if command -v systemd-analyze >/dev/null; then
  # With this program in place of the one that is not installed here.
  sed "s#^ExecStart=/usr/local/bin/cohort#ExecStart=$cohort#" Tools/deploy/cohort-ledger.service \
    >"$folder/cohort-ledger.service"
  systemd-analyze verify "$folder/cohort-ledger.service"
  done_ "systemd accepts cohort-ledger.service"
else
  echo "--  systemd-analyze is not here; the unit was not looked at"
fi
echo "nginx: all as it should be"
