#!/usr/bin/env bash
# Puts the automata binary into the runner's tool cache and tells the next step where it is.
#
# The release asset of the action's own version is taken when there is one: its SHA-256 is compared with
# the release's list and its build attestation is verified. Without a release the binary is built from the
# action's own source, with the toolchain that rust-toolchain.toml pins.
set -euo pipefail

die() {
    echo "::error title=Automata::$1"
    exit 1
}

version=$(sed -n 's/^version = "\([0-9A-Za-z.+-]*\)"$/\1/p' "$ACTION_PATH/Cargo.toml" | head -n 1)
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.-]+)?$ ]] || die "The action's Cargo.toml names no version."

case "$RUNNER_OS-$RUNNER_ARCH" in
    Linux-X64) target=x86_64-unknown-linux-musl ;;
    Linux-ARM64) target=aarch64-unknown-linux-musl ;;
    macOS-ARM64) target=aarch64-apple-darwin ;;
    *) die "There is no build for $RUNNER_OS on $RUNNER_ARCH; use a Linux runner (X64 or ARM64) or macOS on ARM64." ;;
esac

# A version built from source is cached by the commit it was built from, a release by its number.
revision=$(git -C "$ACTION_PATH" rev-parse HEAD 2>/dev/null || sha256sum "$ACTION_PATH/Cargo.lock" | cut -c1-40)
cache="${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/automata"
release="$cache/$version/$target"
built="$cache/$version-${revision:0:12}/$target"

finish() {
    echo "automata=$1/automata" >>"$GITHUB_OUTPUT"
    exit 0
}

# `.complete` is written last, so that a half-filled folder is never used.
for folder in "$release" "$built"; do
    [[ -f $folder/.complete ]] && finish "$folder"
done

install() {
    mkdir -p "$2"
    cp "$1" "$2/automata.new"
    chmod 755 "$2/automata.new"
    mv "$2/automata.new" "$2/automata"
    touch "$2/.complete"
}

work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/automata.XXXXXX")
trap 'rm -rf "$work"' EXIT

asset="automata-$target.tar.gz"
if [[ -n ${ACTION_REPOSITORY:-} ]] && command -v gh >/dev/null &&
    gh release download "v$version" --repo "$ACTION_REPOSITORY" --dir "$work" \
        --pattern "$asset" --pattern SHA256SUMS 2>"$work/why"; then
    (cd "$work" && grep " [*]\{0,1\}$asset\$" SHA256SUMS | sha256sum --check --strict --quiet -) ||
        die "The SHA-256 of $asset is not the one in the release's list; nothing was run."
    gh attestation verify "$work/$asset" --repo "$ACTION_REPOSITORY" >/dev/null ||
        die "$asset has no valid build attestation of $ACTION_REPOSITORY; nothing was run."
    tar -xzf "$work/$asset" -C "$work" automata
    install "$work/automata" "$release"
    finish "$release"
fi

command -v cargo >/dev/null || die "There is no release v$version yet, and no Rust to build it with. Install Rust first, or use a released version."
echo "There is no release v$version for $target; building from source, which takes some minutes once."
(cd "$ACTION_PATH" && CARGO_TARGET_DIR="$work/target" cargo build --locked --release --bin automata)
binary=$(find "$work/target" -type f -name automata -path '*/release/automata' | head -n 1)
[[ -n $binary ]] || die "The build left no binary."
install "$binary" "$built"
finish "$built"
