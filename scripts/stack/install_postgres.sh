#!/usr/bin/env bash
# install_postgres.sh PREFIX
#
# Unpacks PostgreSQL 17 with pgvector, pg_cron, pgTAP and plpgsql_check into PREFIX from Debian trixie's packages,
# whose signatures apt checks. Nothing is installed on the system, no root is needed: the programs run under
# trixie's own loader and libraries, which come along. The package hosts are those of the host's apt configuration;
# elsewhere DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR name them.
set -euo pipefail
umask 022

prefix=$(realpath -m "$1")
packages="postgresql-17 postgresql-17-pgvector postgresql-17-cron postgresql-17-pgtap postgresql-17-plpgsql-check"
# Dependencies that the server does not need at run time: apt is told that they are here.
unneeded="postgresql-common postgresql-client-common libllvm19 locales ssl-cert sensible-utils debconf tzdata python3 python3-psycopg2"

fail() { echo "$*" >&2; exit 1; }

mkdir -p "$(dirname "$prefix")" 2>/dev/null || fail "Cannot create $(dirname "$prefix"): make it writable or remove what is in the way."
[ -w "$(dirname "$prefix")" ] || fail "The folder $(dirname "$prefix") is not writable: PostgreSQL is unpacked there."
exec 9>"$prefix.lock"
flock -n 9 || { echo "Another first run is unpacking PostgreSQL, waiting for it."; flock 9; }
[ ! -f "$prefix/complete" ] || exit 0

for tool in apt-get apt-config dpkg dpkg-deb; do
  command -v "$tool" >/dev/null || fail "PostgreSQL is unpacked with Debian's $tool, which is missing here: set DATABASE_URL to use another Postgres."
done
archive() { apt-get indextargets --format '$(SITE)' 2>/dev/null | sort -u | grep -E "$1" | head -1 || true; }
mirror=${DEBIAN_MIRROR:-$(archive '/debian/?$')}
security=${DEBIAN_SECURITY_MIRROR:-$(archive 'debian-security')}
[ -n "$mirror" ] || fail "apt knows no Debian archive: set DEBIAN_MIRROR to its address, or DATABASE_URL to use another Postgres."
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f "$keyring" ] || fail "The Debian archive's keys are missing: install the package debian-archive-keyring."

work=$prefix.work root=$prefix.work/root apt=$prefix.work/apt
rm -rf "$work"
mkdir -p "$apt"/{lists,cache/archives,etc}/partial "$root"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

for suite in trixie trixie-updates; do echo "deb [signed-by=$keyring] $mirror $suite main"; done >"$apt/sources.list"
[ -z "$security" ] || echo "deb [signed-by=$keyring] $security trixie-security main" >>"$apt/sources.list"
for package in $unneeded; do
  printf 'Package: %s\nStatus: install ok installed\nMaintainer: -\nArchitecture: all\nMulti-Arch: foreign\nVersion: 9999:9\nDescription: -\n\n' "$package"
done >"$apt/status"
{
  apt-config dump | grep -i '::proxy' || true
  cat <<CONF
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc "$apt/etc";
Dir::Etc::SourceList "$apt/sources.list";
APT::Architectures { "$(dpkg --print-architecture)"; };
APT::Sandbox::User "$(id -un 2>/dev/null || id -u)";
APT::Install-Recommends "0";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
  for key in SourceParts Parts Main Preferences PreferencesParts Trusted TrustedParts; do echo "Dir::Etc::$key \"/dev/null\";"; done
} >"$apt/apt.conf"
export APT_CONFIG=$apt/apt.conf

reason() { grep -m1 '^E:' "$apt/log" | sed 's/^E: *//; s/[. ]*$//' || true; }
echo "Reading the package lists of $(sed -E 's#//[^/@]*@#//#' <<<"$mirror")"
apt-get -y -o APT::Update::Error-Mode=any update >"$apt/log" 2>&1 ||
  fail "No package mirror answered ($(reason)): check the network, set DEBIAN_MIRROR, or set DATABASE_URL to use another Postgres."

# shellcheck disable=SC2086
apt-get -qq --print-uris -y install $packages >"$apt/uris" 2>"$apt/log" ||
  fail "The package mirror lacks PostgreSQL 17 ($(reason)): set DEBIAN_MIRROR to another one."
total=$(awk '{ sum += $3 } END { print sum }' "$apt/uris")
progress() {
  local got
  while sleep 1; do
    got=$(du -cb "$apt"/cache/archives/*.deb "$apt"/cache/archives/partial/* 2>/dev/null | tail -1 | cut -f1)
    echo "Downloading PostgreSQL: $((got / 1000000)) of $((total / 1000000)) MB"
  done
}
progress &
meter=$!
# shellcheck disable=SC2086
apt-get -y --download-only install $packages >"$apt/log" 2>&1 && downloaded=1 || downloaded=0
kill "$meter" 2>/dev/null || true
[ "$downloaded" = 1 ] || fail "Downloading PostgreSQL failed ($(reason)): check the network and the free space in $(dirname "$prefix"), then run it again."

echo "Unpacking PostgreSQL"
for deb in "$apt"/cache/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$deb" | tar -xf - -C "$root" --no-same-owner --exclude='./usr/share/doc' \
    --exclude='./usr/share/man' --exclude='./usr/share/locale' --exclude='*/bitcode' --exclude='*/llvmjit.so'
done
# On hosted Supabase the role postgres may create this extension, so it may here.
echo "trusted = true" >>"$root/usr/share/postgresql/17/extension/vector.control"

# Each program becomes a script that starts it under trixie's loader; paths are relative, so PREFIX can move.
loader=$(cd "$root" && ls usr/lib/*-linux-gnu/ld-linux-*.so.? | head -1)
bin=$root/usr/lib/postgresql/17/bin
mv "$bin" "$bin.real"
mkdir "$bin"
for program in "$bin.real"/*; do
  cat >"$bin/${program##*/}" <<SCRIPT
#!/bin/sh
bin=\${0%/*} root=\${0%/usr/lib/*}
exec "\$root/$loader" --inhibit-cache --library-path "\$root/${loader%/*}" --argv0 "\$0" "\$bin.real/${program##*/}" "\$@"
SCRIPT
done
chmod +x "$bin"/*
rm -rf "$apt" "$prefix"
touch "$work/complete"
mv "$work" "$prefix"
