#!/usr/bin/env bash
# Runs consumers of Kinesis that nobody here wrote against weir local, and says
# of each how many records it was given and whether that was right. What the
# machine lacks is skipped with the reason. Needs Go; Java with Maven, and
# Node.js with npm, for the others; registries for what is not cached.
#
# usage: run.sh [NAME...]    only these: harlow vmware-polling vmware-fanout
#                            kcl-polling kcl-fanout lifion node-lambda go-lambda
#
# RIC, if set, is the folder of an installed aws-lambda-ric 3.3.0; npm takes
# minutes to build it.
set -Eeuo pipefail
cd "$(dirname "$0")"
only=("$@")

work=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap finish EXIT

export RECORDS=1000
export AWS_EC2_METADATA_DISABLED=true AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE=1
passed=0 failed=0 skipped=0

wanted() { [[ ${#only[@]} -eq 0 || " ${only[*]} " == *" $1 "* ]]; }

# serve NAME ARGUMENT... starts weir local and takes over the environment that
# it prints, so that what follows speaks to this one.
serve() {
  local name=$1
  shift
  "$work/bin/weir" local --addr 127.0.0.1:0 "$@" >"$work/$name.env" 2>"$work/$name.err" &
  pids+=($!)
  for _ in $(seq 100); do
    grep -q LAMBDA_FUNCTION_NAME "$work/$name.env" && break
    sleep 0.1
  done
  # shellcheck source=/dev/null
  source "$work/$name.env"
}

# serve_leases starts DynamoDB's local edition, for the libraries that keep their
# leases there.
serve_leases() {
  local port=$((20000 + RANDOM % 20000))
  export DYNAMODB_ENDPOINT=http://127.0.0.1:$port
  pushd "$work" >/dev/null # where it leaves a file
  java -Djava.library.path=java -cp "java/*" \
    com.amazonaws.services.dynamodbv2.local.main.ServerRunner -inMemory -port "$port" >dynamodb.log 2>&1 &
  pids+=($!)
  popd >/dev/null
  for _ in $(seq 100); do
    (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
    sleep 0.2
  done
  echo "DynamoDB's local edition did not start:" >&2
  cat "$work/dynamodb.log" >&2
  return 1
}

# judge NAME COMMAND... runs a consumer and prints the last line of its output.
judge() {
  local name=$1 verdict=pass
  shift
  if "$@" >"$work/$name.log" 2>"$work/$name.err"; then
    passed=$((passed + 1))
  else
    verdict=FAIL failed=$((failed + 1))
    tail -n 20 "$work/$name.err" >&2
  fi
  printf '%-15s %s  %s\n' "$name" "$verdict" "$(tail -n 1 "$work/$name.log")"
}

skip() {
  printf '%-15s skip  %s\n' "$1" "$2"
  skipped=$((skipped + 1))
}

# consumer NAME FEED COMMAND... feeds a stream of its own to a consumer; FEED is
# reshard or plain.
consumer() {
  local name=$1 feed=$2
  shift 2
  wanted "$name" || return 0
  export STREAM=$name
  "$work/bin/feed" "$feed"
  judge "$name" "$@"
}

# function_of NAME COMMAND puts a Lambda function behind the mapping. It appends its
# records to the file GOT.
function_of() {
  local name=$1 command=$2
  export GOT=$work/$name.got STREAM=weir
  : >"$GOT"
  serve "$name" --function "$command"
  "$work/bin/feed" plain
  judge "$name" await_records
}

# await_records waits until GOT has all records, and holds them to the order of
# their keys.
await_records() {
  for _ in $(seq 300); do
    (($(wc -l <"$GOT") >= RECORDS)) && break
    sleep 0.1
  done
  sleep 1
  awk -v all="$RECORDS" '
    $2 != ++last[$1] { wrong++; print "key " $1 ": record " $2 " in the place of " last[$1] > "/dev/stderr"; last[$1] = $2 }
    END {
      print NR " of " all " records of " length(last) " keys, " wrong + 0 " out of place"
      exit NR != all || wrong > 0
    }' "$GOT"
}

mkdir "$work/bin"
go build -C ../.. -o "$work/bin/weir" .
go build -o "$work/bin/" ./...
serve pipeline

consumer harlow plain "$work/bin/harlow"

if ! command -v javac >/dev/null || ! command -v mvn >/dev/null; then
  for name in vmware-polling vmware-fanout kcl-polling kcl-fanout lifion; do skip "$name" "Java and Maven are not installed"; done
else
  mvn -q -B -Dstyle.color=never -f java/pom.xml dependency:copy-dependencies -DoutputDirectory="$work/java" >"$work/maven.log" 2>&1 ||
    { cat "$work/maven.log" >&2; exit 1; }
  javac -cp "$work/java/*" -d "$work/classes" java/src/main/java/*.java
  serve_leases
  consumer vmware-polling plain "$work/bin/vmware"
  consumer vmware-fanout plain "$work/bin/vmware" fanout
  for mode in polling fanout; do
    consumer "kcl-$mode" reshard java -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$work/classes:$work/java/*" Consume "$mode"
  done
fi

if ! command -v npm >/dev/null; then
  skip lifion "Node.js is not installed"
  skip node-lambda "Node.js is not installed"
else
  if [[ ${DYNAMODB_ENDPOINT:-} ]] && wanted lifion; then
    cp -r node "$work/node"
    npm install --prefix "$work/node" --no-audit --no-fund --loglevel error >/dev/null
    consumer lifion reshard node "$work/node/consume.js"
  fi
  if wanted node-lambda; then
    if [[ ! ${RIC:-} ]]; then
      RIC=$work/ric/node_modules/aws-lambda-ric
      npm install --prefix "$work/ric" --no-audit --no-fund --loglevel error aws-lambda-ric@3.3.0 >/dev/null
    fi
    cd node
    function_of node-lambda "node $RIC/bin/index.mjs index.handler"
    cd ..
  fi
fi

! wanted go-lambda || function_of go-lambda "$work/bin/golambda"

printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
((failed == 0))
