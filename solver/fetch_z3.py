#!/usr/bin/env python3
"""Puts the pinned Z3 library into a directory: usage `fetch_z3.py DIRECTORY SYSTEM MACHINE`.

The library is taken out of the wheel `z3-solver`, whose hash is checked, and so is the library's own.
The wheel comes from the file that PAXPROVE_Z3_WHEEL names, or else from the package index that pip is
configured for: through pip where there is one, and otherwise by reading the index ourselves, since a bare
Python may come without pip. Only the standard library is used. Nothing is left behind on failure.
"""

import configparser
import hashlib
import html.parser
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import zipfile

VERSION = "4.16.0.0"
DEFAULT_INDEX = "https://pypi.org/simple"

# (system, machine) -> platform tag of the wheel, hash of the wheel, file of the library
WHEELS = {
    ("linux", "x86_64"): (
        "manylinux_2_27_x86_64",
        "afae2551f795670f0522cfce82132d129c408a2694adff71eb01ba0f2ece44f9",
        "libz3.so",
    ),
    ("linux", "aarch64"): (
        "manylinux_2_38_aarch64",
        "358648c3b5ef82b9ec9a25711cf4fc498c7881f03a9f4a2ea6ffa9304ca65d94",
        "libz3.so",
    ),
    ("macos", "aarch64"): (
        "macosx_15_0_arm64",
        "cc52843cfdd3d3f2cd24bedc62e71c18af8c8b7b23fb05e639ab60b01b5f8f2f",
        "libz3.dylib",
    ),
    ("macos", "x86_64"): (
        "macosx_15_0_x86_64",
        "e292df40951523e4ecfbc8dee549d93dee00a3fe4ee4833270d19876b713e210",
        "libz3.dylib",
    ),
}


class Failure(Exception):
    """What the user is told, without a traceback."""


def main():
    directory, system, machine = sys.argv[1:4]
    if (system, machine) not in WHEELS:
        raise Failure(f"there is no prebuilt Z3 for {system} on {machine}")
    tag, expected, library = WHEELS[system, machine]
    os.makedirs(directory, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=directory) as scratch:
        wheel = obtain(scratch, tag, expected)
        install(wheel, library, directory, scratch)


def obtain(scratch, tag, expected):
    """The path of a wheel whose hash is the expected one."""
    given = os.environ.get("PAXPROVE_Z3_WHEEL")
    if given:
        if not os.path.isfile(given):
            raise Failure(f"PAXPROVE_Z3_WHEEL names {given}, which is not a file")
        verify(given, expected)
        return given
    name = f"z3_solver-{VERSION}-py3-none-{tag}.whl"
    problems = []
    for way in (with_pip, without_pip):
        try:
            wheel = way(scratch, tag, name)
        except (Failure, OSError, ValueError, subprocess.SubprocessError) as error:
            problems.append(f"{way.__name__.replace('_', ' ')}: {error}")
            continue
        verify(wheel, expected)
        return wheel
    raise Failure(f"could not get {name}: " + "; ".join(problems))


def verify(path, expected):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    if digest.hexdigest() != expected:
        raise Failure(f"{path} has sha256 {digest.hexdigest()}, but {expected} is expected")


def with_pip(scratch, tag, name):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--platform", tag, "--dest", scratch, f"z3-solver=={VERSION}"]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    path = os.path.join(scratch, name)
    if done.returncode != 0 or not os.path.isfile(path):
        lines = done.stderr.strip().splitlines() or ["no wheel"]
        raise Failure(lines[-1])
    return path


def without_pip(scratch, _tag, name):
    """Reads the index by itself, as pip would."""
    settings = pip_settings()
    context = ssl.create_default_context(cafile=settings.get("cert") or None)
    timeout = float(settings.get("timeout", "60"))
    problems = []
    for page in pages(settings):
        try:
            link = find(page, name, context, timeout)
            path = os.path.join(scratch, name)
            with open_url(link, context, timeout) as source, open(path, "wb") as target:
                shutil.copyfileobj(source, target)
            return path
        except (Failure, OSError, ValueError) as error:
            problems.append(f"{without_secret(page)}: {error}")
    raise Failure("; ".join(problems) or "no package index is configured")


def pages(settings):
    """Where links to wheels may stand, in the order in which they are tried."""
    found = settings.get("find-links", "").split()
    if settings.get("no-index", "").lower() not in ("1", "true", "yes", "on"):
        indexes = [settings.get("index-url", DEFAULT_INDEX)] + settings.get("extra-index-url", "").split()
        found += [index.rstrip("/") + "/z3-solver/" for index in indexes]
    return found


def find(page, name, context, timeout):
    """The address of the wheel `name` as `page` gives it."""
    folder = page[len("file://") :] if page.startswith("file://") else page
    if os.path.isdir(folder):
        if not os.path.isfile(os.path.join(folder, name)):
            raise Failure("the wheel is not there")
        return "file://" + urllib.request.pathname2url(os.path.abspath(os.path.join(folder, name)))
    if "://" not in page:
        raise Failure("no such folder")
    with open_url(page, context, timeout) as answer:
        base, text = answer.geturl(), answer.read().decode("utf-8", "replace")
    links = Links()
    links.feed(text)
    for link in links.found:
        target = urllib.parse.urljoin(base, link)
        if urllib.parse.unquote(urllib.parse.urlparse(target).path).endswith("/" + name):
            return target.split("#")[0]
    raise Failure("the wheel is not there")


class Links(html.parser.HTMLParser):
    """Gathers the targets of all links of a page."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for key, value in attrs if tag == "a" and key == "href" and value]


def open_url(url, context, timeout):
    """Opens `url`; a user and password in it are sent as basic authentication."""
    parts = urllib.parse.urlsplit(url)
    headers = {"Accept": "text/html, */*"}
    if parts.username:
        import base64

        pair = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    request = urllib.request.Request(without_secret(url), headers=headers)
    return urllib.request.urlopen(request, timeout=timeout, context=context)


def without_secret(url):
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def pip_settings():
    """pip's settings that concern downloads; later sources override earlier ones."""
    settings = {}
    chosen = os.environ.get("PIP_CONFIG_FILE")
    home = os.path.expanduser("~")
    config_home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    config_dirs = (os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
    files = [os.path.join(folder, "pip", "pip.conf") for folder in reversed(config_dirs)]
    files += ["/etc/pip.conf", os.path.join("/Library", "Application Support", "pip", "pip.conf")]
    files += [os.path.join(home, ".pip", "pip.conf"), os.path.join(config_home, "pip", "pip.conf")]
    files += [os.path.join(home, "Library", "Application Support", "pip", "pip.conf")]
    if chosen:
        files = [] if chosen == os.devnull else files + [chosen]
    for file in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read(file, encoding="utf-8")
        except configparser.Error as error:
            raise Failure(f"{file}: {error}") from error
        for section in ("global", "download"):
            if parser.has_section(section):
                settings.update((key.replace("_", "-"), value) for key, value in parser.items(section))
    for key, value in os.environ.items():
        if key.startswith("PIP_"):
            settings[key[len("PIP_") :].lower().replace("_", "-")] = value
    if "default-timeout" in settings:
        settings.setdefault("timeout", settings["default-timeout"])
    return settings


def install(wheel, library, directory, scratch):
    """Takes the library out of the wheel and moves it into place in one step."""
    member = f"z3/lib/{library}"
    fresh = os.path.join(scratch, library)
    with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(fresh, "wb") as target:
        shutil.copyfileobj(source, target)
    os.chmod(fresh, 0o755)
    # The linker looks for the plain name, the loader for the name that the library calls itself.
    stem, suffix = library.split(".", 1)
    loaded = f"{library}.4.16" if suffix == "so" else f"{stem}.4.16.{suffix}"
    alias = os.path.join(scratch, loaded)
    os.symlink(library, alias)
    os.replace(alias, os.path.join(directory, loaded))
    os.replace(fresh, os.path.join(directory, library))


if __name__ == "__main__":
    try:
        main()
    except (Failure, OSError, KeyError, zipfile.BadZipFile) as failure:
        sys.exit(f"{failure}")
