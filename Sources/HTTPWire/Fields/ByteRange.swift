/// A run of bytes of a representation (RFC 9110 §14.1.2).
public struct ByteRange: Equatable, Sendable {
    /// The position of the first byte, from 0.
    public var lowerBound: Int

    /// How many bytes, at least one.
    public var count: Int

    /// The most range-specs one Range field may have.
    static let maximumRanges = 64

    /// What a Range field asks for.
    public enum Selection: Equatable, Sendable {
        /// The field is invalid, of another unit or abusive: answer 200 as if it were absent.
        case whole
        /// Satisfiable ranges in the order asked, at least one: answer 206.
        case ranges([ByteRange])
        /// Not one of the ranges has a byte in the representation: answer 416.
        case unsatisfiable
    }

    /// A range of `count` bytes, at least one, from `lowerBound`, at least 0.
    public init(lowerBound: Int, count: Int) {
        precondition(lowerBound >= 0 && count >= 1, "no byte range is empty or starts before 0")
        self.lowerBound = lowerBound
        self.count = count
    }

    /// The ranges that a Range field selects from a representation (RFC 9110 §14.2).
    ///
    /// A field with more than 64 ranges, or whose ranges together have more bytes than the
    /// representation, is a way to make the server send more than it has (RFC 9110 §17.15), and
    /// therefore ignored.
    ///
    /// - Parameters:
    ///   - field: The value of the only Range field line.
    ///   - size: The length of the representation in bytes, at least 0.
    public static func select(_ field: UnsafeRawBufferPointer, size: Int) -> Selection {
        var cursor = FieldCursor(field)
        // RFC 9110 §14.1: range unit names are case-insensitive.
        guard cursor.skipIgnoringCase("bytes"), cursor.skip("=") else { return .whole }
        var selector = Selector(size: size)
        let isWellFormed = cursor.forEachElement { cursor in
            guard let spec = readSpec(&cursor) else { return false }
            return selector.add(spec)
        }
        return isWellFormed ? selector.selection : .whole
    }

    /// The Content-Range value for this range, as in `bytes 0-99/1234` (RFC 9110 §14.4).
    ///
    /// - Parameter size: The length of the whole representation in bytes.
    public func contentRange(of size: Int) -> String {
        "bytes \(lowerBound)-\(lowerBound + (count - 1))/\(size)"
    }

    /// The Content-Range value of a 416 response, as in `bytes */1234` (RFC 9110 §14.4).
    ///
    /// - Parameter size: The length of the whole representation in bytes.
    public static func unsatisfied(size: Int) -> String {
        "bytes */\(size)"
    }

    /// One element of the range-set, before it meets a representation.
    private enum Spec {
        case interval(first: Int, last: Int)
        case suffix(Int)
    }

    /// Reads an int-range or a suffix-range; nil if it is neither, or ends before it starts.
    private static func readSpec(_ cursor: inout FieldCursor) -> Spec? {
        if cursor.skip("-") {
            return cursor.saturatingDecimal().map(Spec.suffix)
        }
        guard let first = cursor.saturatingDecimal(), cursor.skip("-") else { return nil }
        let last = cursor.saturatingDecimal() ?? .max
        // RFC 9110 §14.1.1: an int-range whose last-pos is less than its first-pos is invalid.
        return first <= last ? .interval(first: first, last: last) : nil
    }

    /// Gathers the ranges of one field.
    private struct Selector {
        let size: Int
        private var ranges: [ByteRange] = []
        private var specCount = 0
        private var selectedBytes = 0
        private var hasSuffixOfNothing = false

        init(size: Int) {
            self.size = size
        }

        /// Takes in the next element; false if the field turns out to be abusive.
        mutating func add(_ spec: Spec) -> Bool {
            specCount += 1
            guard specCount <= ByteRange.maximumRanges else { return false }
            guard let range = resolve(spec) else { return true }
            // The sum stays at or below the size, so this cannot overflow.
            guard range.count <= size - selectedBytes else { return false }
            selectedBytes += range.count
            ranges.append(range)
            return true
        }

        var selection: Selection {
            if !ranges.isEmpty { return .ranges(ranges) }
            // A range-set has at least one element. And the suffix of an empty representation is
            // satisfiable (RFC 9110 §14.1.2), but no Content-Range can say "no bytes" in a 206.
            return specCount == 0 || hasSuffixOfNothing ? .whole : .unsatisfiable
        }

        /// The part of an element that lies in the representation; nil if none does.
        private mutating func resolve(_ spec: Spec) -> ByteRange? {
            switch spec {
            case .interval(let first, let last):
                guard first < size else { return nil }
                return ByteRange(lowerBound: first, count: min(last, size - 1) - first + 1)
            case .suffix(let length):
                let count = min(length, size)
                hasSuffixOfNothing = hasSuffixOfNothing || (size == 0 && length > 0)
                return count > 0 ? ByteRange(lowerBound: size - count, count: count) : nil
            }
        }
    }
}
