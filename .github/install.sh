#!/usr/bin/env bash
# Tells the next step which automata binary to run: `find` looks for one that stands for exactly the sources in
# ACTION_PATH, `build` makes one of them where there was none.
#
# A release stands only for the commit that it was built from. Where `uses:` names the release's tag or that very
# commit, the release is fetched anew in each run and taken once its SHA-256 and its build attestation for that commit
# are right, and never when they are not. Where it cannot be had, nothing that was kept stands in for it: the run stops
# where it may work later, and else the sources are built anew (FRESH). Everything else (another commit, a branch that
# went on, a checkout) is built from the sources and kept under their digest. Only `build` runs foreign code, and it is
# given no token.
#
# macOS has bash 3.2 and no GNU tools: nothing here needs more.
set -euo pipefail

# In a message of a workflow command these three characters are encoded.
message() {
    local text=${2//'%'/%25}
    text=${text//$'\r'/%0D}
    text=${text//$'\n'/%0A}
    echo "::$1 title=Automata::$text"
}

die() {
    message error "$1"
    exit "${2:-1}"
}

if command -v sha256sum >/dev/null; then
    sha256=(sha256sum)
elif command -v shasum >/dev/null; then
    sha256=(shasum -a 256)
else
    die "This runner has neither sha256sum nor shasum, so nothing can be checked. Install one of them."
fi

case "${1-} ${AUTOMATA_COMMAND-}" in
    build\ * | find\ run | find\ drain | find\ plan | find\ dashboard) ;;
    *) die "The input 'command' is none of 'run', 'drain', 'plan' and 'dashboard'." 2 ;;
esac

case "$RUNNER_OS-$RUNNER_ARCH" in
    Linux-X64) target=x86_64-unknown-linux-musl ;;
    Linux-ARM64) target=aarch64-unknown-linux-musl ;;
    macOS-ARM64) target=aarch64-apple-darwin ;;
    *) die "There is no build for $RUNNER_OS on $RUNNER_ARCH. Use a Linux runner (X64 or ARM64) or macOS on ARM64." ;;
esac

version=$(sed -n 's/^version = "\([0-9A-Za-z.+-]*\)"$/\1/p' "$ACTION_PATH/Cargo.toml" | head -n 1)
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.-]+)?$ ]] || die "The action's Cargo.toml names no version."

# One SHA-256 over everything that a build reads: names and contents, in an order that no file system decides.
digest=$(
    cd "$ACTION_PATH"
    for source in src .cargo build.rs Cargo.toml Cargo.lock rust-toolchain rust-toolchain.toml; do
        [[ ! -e $source ]] || find "$source" -type f -exec "${sha256[@]}" {} +
    done | LC_ALL=C sort | "${sha256[@]}" | cut -d ' ' -f 1
)

cache="${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/automata"
mkdir -p "$cache" 2>/dev/null && [[ -w $cache ]] || cache="$RUNNER_TEMP/automata"
folder="$cache/$version/$digest-$target"

work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/automata.XXXXXX")
trap 'rm -rf "$work"' EXIT

output() {
    echo "$1=$2" >>"$GITHUB_OUTPUT"
}

# Whether a binary that starts here is in the folder; what does not start is made anew.
is_kept() {
    [[ -x $folder/automata && $(GH_TOKEN='' "$folder/automata" --version 2>&1) == "automata $version" ]]
}

# From here on the folder is one of this job alone, in which nothing was kept.
use_own_folder() {
    folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/automata-own.XXXXXX")
}

# Moves a binary into the folder in one step, so that nobody finds half of it, and hands it to the next step.
keep() {
    mkdir -p "$folder"
    cp "$1" "$folder/automata.$$"
    chmod 755 "$folder/automata.$$"
    mv -f "$folder/automata.$$" "$folder/automata"
    is_kept || die "The binary does not start on this runner: $(GH_TOKEN='' "$folder/automata" --version 2>&1 || true)"
    output automata "$folder/automata"
}

# Runs a command up to three times, two and four seconds apart. Its output goes to $work/said; why it failed is in
# $why. A clear "there is none" is taken at the first word, and $is_clear tells that it was one.
try() {
    local turn
    is_clear=no
    for turn in 0 2 4; do
        [[ $turn == 0 ]] || sleep "$turn"
        "$@" >"$work/said" 2>"$work/why" && return 0
        why=$(head -n 1 "$work/why")
        why=${why:-$1 $2 failed without a word}
        case "$why" in *"HTTP 404"* | *"HTTP 422"* | *"not found"* | *"no assets"*)
            is_clear=yes
            return 1
            ;;
        esac
    done
    return 1
}

# Where the action comes from, `owner/name` and ref; empty for a checkout. The runner's folder tells it rightly
# where one composite action uses another: the context names the outer one then (actions/runner, issue 2473).
origin() {
    local place=${ACTION_PATH%/}
    repository=${ACTION_REPOSITORY-} ref=${ACTION_REF-}
    case "$place" in */_actions/*/*/*)
        place=${place##*/_actions/}
        ref=${place#*/*/}
        repository=${place%"/$ref"}
        ;;
    esac
}

# The commit that a ref of the action's repository stands for, in $work/said.
resolve() {
    local name=${1//'%'/%25}
    name=${name//'#'/%23}
    try gh api "repos/$repository/commits/$name" --jq .sha
}

# What could not be asked or fetched may be there the next time. Until then nothing stands in for it.
must_be_clear() {
    [[ $is_clear == yes ]] ||
        die "The release for $repository@$ref cannot be had now: $1. Nothing was run, and no earlier build is taken in its place; run the job again." 3
}

# Leaves the release's binary at $work/automata, or says in $why why no release stands for these sources;
# $is_plain tells whether that is as it should be or a failure, $is_fresh whether `uses:` may name a release, in whose
# place nothing that was kept is taken.
take_release() {
    local tag="v$version" asset="automata-$target.tar.gz" released commit listed found
    is_plain=yes is_fresh=no
    origin
    if [[ -z $repository || -z $ref ]]; then
        why="the action is used from a checkout"
        return 1
    fi
    local server=${GITHUB_SERVER_URL:-https://github.com}
    case "$server" in
        https://github.com | https://*.ghe.com) export GH_HOST="${server#https://}" ;;
        *)
            why="an Enterprise Server has no attestations to check a release by"
            return 1
            ;;
    esac
    is_plain=no
    commit=$(tr 'A-F' 'a-f' <<<"$ref")
    [[ ! ${ref#refs/tags/} =~ ^v[0-9] && ! $commit =~ ^[0-9a-f]{40}$ ]] || is_fresh=yes
    if ! command -v gh >/dev/null; then
        why="this runner has no gh, which checks the release's attestation"
        return 1
    fi
    if [[ $(gh attestation verify --help 2>&1) != *--source-digest* ]]; then
        why="this runner's gh is too old to check the release's attestation; update it"
        return 1
    fi
    if ! resolve "tags/$tag"; then
        why="the commit of $tag cannot be told ($why)"
        must_be_clear "$why"
        [[ ! $commit =~ ^[0-9a-f]{40}$ ]] || is_fresh=no
        return 1
    fi
    released=$(cat "$work/said")
    [[ $released =~ ^[0-9a-f]{40}$ ]] || die "GitHub gives no commit for $tag of $repository."
    if [[ $ref == "$tag" || $ref == "refs/tags/$tag" ]]; then
        commit=$released
    elif [[ ! $commit =~ ^[0-9a-f]{40}$ ]]; then
        if ! resolve "${ref#refs/}"; then
            why="the commit of $ref cannot be told ($why)"
            must_be_clear "$why"
            return 1
        fi
        commit=$(cat "$work/said")
    fi
    if [[ $commit != "$released" ]]; then
        is_plain=yes is_fresh=no
        why="$repository@$ref is not the commit of $tag, which is $released"
        return 1
    fi
    is_fresh=yes
    if ! try gh release download "$tag" --repo "$repository" --dir "$work" --clobber \
        --pattern "$asset" --pattern SHA256SUMS; then
        why="the release $tag cannot be downloaded ($why)"
        must_be_clear "$why"
        return 1
    fi
    if [[ ! -f $work/$asset ]]; then
        why="the release $tag has no $asset"
        return 1
    fi
    # From here on something was downloaded, and what is wrong with it is nothing to pass over.
    [[ -f $work/SHA256SUMS ]] || die "The release $tag has no SHA256SUMS to check $asset by; nothing was run."
    listed=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$asset\$/\1/p" "$work/SHA256SUMS")
    found=$("${sha256[@]}" "$work/$asset" | cut -d ' ' -f 1)
    [[ $listed == "$found" ]] ||
        die "The SHA-256 of $asset is $found, and the list of the release $tag says ${listed:-nothing about it}; nothing was run."
    try gh attestation verify "$work/$asset" --repo "$repository" --deny-self-hosted-runners \
        --signer-workflow "$repository/.github/workflows/release.yml" --source-digest "$released" ||
        die "$asset has no valid attestation that the release workflow of $repository built it from $released ($why); nothing was run."
    tar -xzf "$work/$asset" -C "$work" automata || die "$asset cannot be unpacked; nothing was run."
}

find_binary() {
    if take_release; then
        use_own_folder
        keep "$work/automata"
    elif [[ $is_fresh == yes ]]; then
        message warning "No release is used: $why. The action's sources are built in its place, which takes some minutes in each run, since nothing that was kept stands in for a release."
        output fresh true
    else
        if [[ $is_plain == yes ]]; then
            echo "No release stands for these sources: $why. An earlier build of them is taken, or one is made."
        else
            message warning "No release is used: $why. An earlier build of the action's sources is taken instead, or one is made, which takes some minutes."
        fi
        if is_kept; then
            output automata "$folder/automata"
            return
        fi
        output folder "$folder"
        output key "automata-$version-$target-$digest"
    fi
}

build_binary() {
    if [[ ${FRESH-} == true ]]; then
        use_own_folder
    elif is_kept; then
        echo "An earlier build of the same sources is taken."
        output automata "$folder/automata"
        return
    fi
    command -v cargo >/dev/null ||
        die "There is no Rust here to build the action with. Install it before this step (https://rustup.rs), or use the action by the tag of a release."
    if [[ ${FRESH-} == true ]]; then
        message notice "Building the action from its sources, which takes some minutes. The binary is for this run alone."
    else
        message notice "Building the action from its sources, which takes some minutes. The binary is kept for the next runs."
    fi
    # What the workflow has set for its own Rust code would change this build: what it links, and which Rust it takes.
    unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS CARGO_BUILD_TARGET RUSTUP_TOOLCHAIN
    (cd "$ACTION_PATH" && CARGO_TARGET_DIR="$work/target" cargo build --locked --release --bin automata)
    local binary
    binary=$(find "$work/target" -type f -name automata -path '*/release/automata' | head -n 1)
    [[ -n $binary ]] || die "The build left no binary."
    keep "$binary"
    [[ ${FRESH-} == true ]] || output built true
}

"$1_binary"
