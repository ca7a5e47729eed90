"""What the clients in Python have in common: URL OUT [URL2 OUT2], and --version."""
import sys

SECONDS = 2


def main(version, fetch):
    """`fetch` gets pairs of a URL and a place, and returns the content of each in its turn."""
    if sys.argv[1:] == ["--version"]:
        return print(version)
    words = sys.argv[1:]
    pairs = list(zip(words[0::2], words[1::2]))
    try:
        for (_, out), content in zip(pairs, fetch([url for url, _ in pairs])):
            with open(out, "wb") as file:
                file.write(content)
    except Exception as error:  # whatever it is: that is how it is reported
        sys.exit(f"{type(error).__name__}: {error}")
    return None
