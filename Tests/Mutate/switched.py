"""Many changes in one program, of which an environment variable wakes one.

A program for each change is a minute of compiling for seconds of tests. What stands at the place
of a change here is either the old or the new, and asks which whenever it is reached. An operator
becomes one of its own, whose two characters are its number: where its operands begin and end, only
the compiler knows.
"""
from mutations import Mutation

VARIABLE = "MUTANT"
# The file that each target gets.
FILE = "Mutants.swift"
# Operators of Swift may begin with them: arrows, mathematical and technical signs.
SIGNS = [chr(code) for code in range(0x2190, 0x2300)]

COMMON = f"""\
import Glibc

private let awake = getenv("{VARIABLE}").flatMap {{ Int(String(cString: $0)) }} ?? 0

func isAwake(_ number: Int) -> Bool {{ awake == number }}

func mutatedNot(_ number: Int, _ old: Bool) -> Bool {{ isAwake(number) != old }}

func mutatedNumber<T: ExpressibleByIntegerLiteral>(_ number: Int, _ old: T, _ new: T) -> T {{
    isAwake(number) ? new : old
}}

func mutatedMin<T: Comparable>(_ number: Int, _ a: T, _ b: T, _ others: T...) -> T {{
    isAwake(number) ? others.reduce(max(a, b), max) : others.reduce(min(a, b), min)
}}

func mutatedMax<T: Comparable>(_ number: Int, _ a: T, _ b: T, _ others: T...) -> T {{
    isAwake(number) ? others.reduce(min(a, b), min) : others.reduce(max(a, b), max)
}}

extension BidirectionalCollection {{
    func mutatedFirst(_ number: Int) -> Element? {{ isAwake(number) ? last : first }}
}}

extension Collection {{
    func mutatedIsEmpty(_ number: Int) -> Bool {{ isAwake(number) != isEmpty }}
}}
"""

# What stands before it, its type parameters, operands and result, for each kind of operand.
LESSER = "@_disfavoredOverload "
STRIDE = "<T: Strideable>"
NUMBERS = LESSER, "<A: BinaryInteger, B: BinaryInteger>", "A", "B", "Bool"
COMPARED = [("", "<T: Comparable>", "T", "T", "Bool"), NUMBERS]
EQUATED = [("", "<T: Equatable>", "T", "T", "Bool"), NUMBERS,
           (LESSER, "<T>", "T?", "_OptionalNilComparisonType", "Bool")]
LOGICAL = [("", "", "Bool", "@autoclosure () throws -> Bool", "Bool")]
SUMS = [("", "<T: AdditiveArithmetic>", "T", "T", "T"),
        (LESSER, STRIDE, "T", "T.Stride", "T")]
PRODUCTS = [("", f"<T: {kind}>", "T", "T", "T") for kind in ("BinaryInteger", "FloatingPoint")]
WRAPPED = [("", "<T: FixedWidthInteger>", "T", "T", "T")]
ASSIGNED = [("", "<T: AdditiveArithmetic>", "inout T", "T", "Void")]
RANGE = [("", STRIDE, "T", "T", "Range<T> where T.Stride: SignedInteger")]
OPERATORS = {
    **dict.fromkeys(("<", "<=", ">", ">="), ("Comparison", COMPARED)),
    **dict.fromkeys(("==", "!="), ("Comparison", EQUATED)),
    "&&": ("LogicalConjunction", LOGICAL), "||": ("LogicalDisjunction", LOGICAL),
    **dict.fromkeys(("+", "-"), ("Addition", SUMS)),
    **dict.fromkeys(("&+", "&-"), ("Addition", WRAPPED)),
    "*": ("Multiplication", PRODUCTS),
    **dict.fromkeys(("+=", "-="), ("Assignment", ASSIGNED)),
    "..<": ("RangeFormation", RANGE),
}
# What is not written as `a + b`, and the range that is like `...`, of the same type as `..<`.
SPELT = {("+", STRIDE): "a.advanced(by: b)", ("-", STRIDE): "a.advanced(by: -b)",
         ("...", STRIDE): "a..<b.advanced(by: 1)"}
FUNCTIONS = {
    "min(": "mutatedMin({}, ", "max(": "mutatedMax({}, ", "first": "mutatedFirst({})",
    "isEmpty": "mutatedIsEmpty({})", "true": "mutatedNot({}, true)", "false": "mutatedNot({}, false)",
}


def switched(mutation, number):
    """The change that puts both there."""
    old = mutation.old
    if old.strip() in OPERATORS:
        both = old.replace(old.strip(), sign(number))
    elif old in FUNCTIONS:
        both = FUNCTIONS[old].format(number)
    elif old[0].isdigit():
        both = f"mutatedNumber({number}, {old}, {mutation.new})"
    else:
        both = f"mutatedNot({number}, {old})"
    return Mutation(mutation.path, mutation.line, mutation.column, old, both)


def sign(number):
    return SIGNS[number // len(SIGNS)] + SIGNS[number % len(SIGNS)]


def operator(mutation, number):
    """The operator that the change has; nothing if it is none of an operator."""
    old, new = mutation.old.strip(), mutation.new.strip()
    if old not in OPERATORS:
        return ""
    precedence, forms = OPERATORS[old]
    words = [f"infix operator {sign(number)}: {precedence}Precedence"]
    for before, parameters, a, b, result in forms:
        throws, tries, called = (" rethrows", "try ", "()") if "throws" in b else ("", "", "")
        awake, asleep = (SPELT.get((name, parameters), f"a {name} b{called}") for name in (new, old))
        words.append(
            f"{before}func {sign(number)} {parameters}(a: {a}, b: {b}){throws} -> {result} {{\n"
            f"    if isAwake({number}) {{ return {tries}{awake} }}\n"
            f"    return {tries}{asleep}\n}}")
    return "\n".join(words) + "\n"
