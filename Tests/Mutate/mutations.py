"""Small changes of Swift source that a test should notice."""
import re
from collections import namedtuple

# `column`: from 0; `old` is what stands there.
Mutation = namedtuple("Mutation", "path line column old new")

# Operators stand between blanks here (swift-format), and `<` of generics does not.
SWAPS = {
    " < ": [" <= "], " <= ": [" < "], " > ": [" >= "], " >= ": [" > "], " == ": [" != "],
    " != ": [" == "], " && ": [" || "], " || ": [" && "], " + ": [" - "], " - ": [" + "],
    " * ": [" / "], " &+ ": [" &- "], " &- ": [" &+ "], " += ": [" -= "], " -= ": [" += "],
    " ..< ": [" ... "], "..<": ["..."], "min(": ["max("], "max(": ["min("],
    "true": ["false"], "false": ["true"], "first": ["last"], "isEmpty": ["isEmpty == false"],
}
WORDS = re.compile("|".join(
    (r"(?<![\w.])" + re.escape(old) if old[0].isalpha() and old not in ("first", "isEmpty")
     else r"(?<=\.)" + re.escape(old) if old in ("first", "isEmpty") else re.escape(old))
    + (r"(?![\w(])" if old[-1].isalpha() else "")
    for old in sorted(SWAPS, key=len, reverse=True)))
NUMBER = re.compile(r"(?<![\w.$\"])(\d[\d_]*)(?![\w.]|\.\d)")
CONDITION = re.compile(r"^(\s*(?:\} else )?(?:if|guard|while) )([^{}]+?)( \{| else \{)")
LEFT_OUT = re.compile(r"^\s*(import|@|#|//|precondition|assert|case \.?\w+ = )")


def mutations(path, text):
    """All that can be changed in a file, one at a time."""
    found = []
    written = text.splitlines()
    for number, line in enumerate(code_only(text).splitlines(), 1):
        if LEFT_OUT.match(line) or "precondition(" in line or "fatalError(" in line:
            continue
        changes = [(match.start(), match[0], new)
                   for match in WORDS.finditer(line) for new in SWAPS[match[0]]]
        changes += [(match.start(1), match[1], str(other(int(match[1]))))
                    for match in NUMBER.finditer(line)]
        condition = CONDITION.match(line)
        if condition and not re.search(r"\b(let|var|case|await|try|#available)\b|,", condition[2]):
            start, end = condition.span(2)
            whole = written[number - 1][start:end]   # with what its texts say
            changes.append((start, whole, f"!({whole})"))
        found += [Mutation(path, number, column, old, new) for column, old, new in changes
                  if written[number - 1].startswith(old, column)]
    return found


def other(number):
    """One more; half of whole thousands, which are times: a nanosecond more is seen by nobody."""
    return number // 2 if number and number % 1000 == 0 else number + 1


def apply(text, mutation):
    lines = text.splitlines(keepends=True)
    line = lines[mutation.line - 1]
    end = mutation.column + len(mutation.old)
    if line[mutation.column:end] != mutation.old:
        raise ValueError(f"{mutation} is not there")
    lines[mutation.line - 1] = line[:mutation.column] + mutation.new + line[end:]
    return "".join(lines)


def code_only(text):
    """The same with blanks in place of comments and of what strings say, each where it was."""
    kept, at, depth = [], 0, 0
    patterns = re.compile(r'//[^\n]*|/\*|\*/|#?"""|#?"')
    while match := patterns.search(text, at):
        kept.append(text[at:match.start()] if not depth else blank(text[at:match.start()]))
        token, start = match[0], match.start()
        at = match.end()
        if token == "/*" or token == "*/":
            depth = max(0, depth + (1 if token == "/*" else -1))
        elif not depth and token.endswith('"'):
            at = end_of_string(text, at, token)
        kept.append(blank(text[start:at]))
    return "".join(kept) + text[at:]


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def end_of_string(text, at, token):
    """Behind the closing quotes; what is interpolated counts as part of the string."""
    quotes = token.lstrip("#")
    closing = quotes + ("#" if token.startswith("#") else "")
    inner = 0
    while at < len(text):
        if text.startswith("\\(", at):
            inner, at = inner + 1, at + 2
        elif inner:
            inner += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
        elif text[at] == "\\" and not token.startswith("#"):
            at += 2
        elif text.startswith(closing, at):
            return at + len(closing)
        else:
            at += 1
    return at
