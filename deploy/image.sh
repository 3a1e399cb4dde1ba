#!/usr/bin/env bash
# Builds the image weir for the architectures named, amd64 and arm64 by default,
# with buildah or podman:
#
#   deploy/image.sh registry.example/weir:1 [amd64] [arm64]
#
# Go compiles for every architecture on this machine, so nothing is emulated and
# no base image is pulled. Push it with: buildah manifest push --all IMAGE
set -euo pipefail
cd "$(dirname "$0")/.."

image=${1:?usage: deploy/image.sh IMAGE [ARCH...]}
shift
architectures=("$@")
((${#architectures[@]})) || architectures=(amd64 arm64)
builder=$(command -v buildah || command -v podman) || {
  echo "deploy/image.sh: neither buildah nor podman is installed" >&2
  exit 1
}
certificates=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
for arch in "${architectures[@]}"; do
  root=$context/$arch
  mkdir -p "$root"/{usr/bin,etc/ssl/certs,scripts,tmp}
  chmod 1777 "$root/tmp"
  CGO_ENABLED=0 GOOS=linux GOARCH=$arch go build -trimpath -ldflags '-s -w' -o "$root/usr/bin/weir" .
  ln -s weir "$root/usr/bin/k6" # what k6-operator starts
  cp "$certificates" "$root/etc/ssl/certs/ca-certificates.crt"
  cp k6-test-scripts/*.js "$root/scripts/"
  echo 'weir:x:65532:65532::/tmp:/usr/bin/weir' >"$root/etc/passwd"
done

"$builder" manifest rm "$image" >/dev/null 2>&1 || true
"$builder" manifest create "$image" >/dev/null
for arch in "${architectures[@]}"; do
  "$builder" build --platform "linux/$arch" --manifest "$image" -f Containerfile "$context"
done
