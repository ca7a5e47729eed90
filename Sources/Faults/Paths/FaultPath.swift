import HTTPWire

/// The faults that a URL names in the first segment of its path: `/truncate;at=50%/flags/…`,
/// several with commas between them.
///
/// Structure comes first, then names and values are percent-decoded once; a `%` without two
/// hexadecimal digits behind it means itself.
public struct FaultPath: Equatable, Sendable {
    /// The longest segment, in bytes.
    public static let maximumSegment = 4096
    /// How many faults a URL may name.
    public static let maximumFaults = 16
    /// The segment that names no fault.
    public static let control = "ok"

    /// In the order in which they are written; none for the control. Each is called as its fault.
    public let toxics: [Toxic]

    /// The segment of the URL that comes next where a fault counts down in `n`: this one with one
    /// less, at 0 the control. Empty where none does.
    public let next: String

    /// - Parameter segment: what stands between the first two slashes.
    public init(_ segment: some Collection<UInt8>) throws(FaultPathError) {
        guard segment.count <= Self.maximumSegment else {
            throw FaultPathError(
                414, "the faults in a URL have at most \(Self.maximumSegment) bytes.")
        }
        guard String(decoding: segment, as: UTF8.self).lowercased() != Self.control else {
            (toxics, next) = ([], "")
            return
        }
        let parts = try FaultSegment.all(segment)
        var toxics: [Toxic] = []
        for part in parts {
            let count = parts.prefix(toxics.count).count { $0.type == part.type }
            toxics.append(try part.toxic(count: count + 1))
        }
        try Self.checkAnswers(toxics)
        self.toxics = toxics
        next = Self.next(parts, toxics)
    }

    /// How many bytes the first segment of a path has, without the slash before it.
    ///
    /// - Parameter path: begins with a slash.
    public static func segmentCount(_ path: UnsafeRawBufferPointer) -> Int {
        let rest = path.dropFirst()
        return (rest.firstIndex(of: UInt8(ascii: "/")) ?? path.count) - rest.startIndex
    }

    /// One answer is all that a request gets.
    private static func checkAnswers(_ toxics: [Toxic]) throws(FaultPathError) {
        let answers = toxics.map(\.fault.type).filter { $0.place == .exchange }
            .map(\.rawValue)
        guard answers.count > 1 else { return }
        throw FaultPathError(
            400,
            "only one fault can give the answer, and here are \(FaultError.listed(answers)). "
                + "Keep one of them.")
    }

    private static func next(_ parts: [FaultSegment], _ toxics: [Toxic]) -> String {
        let counts = toxics.map { toxic in
            toxic.fault.attributes.first { $0.name == FaultSegment.countdown }?.value
        }
        guard let index = counts.firstIndex(where: { $0 != nil }),
            case .number(let count)?? = counts[index] as Quantity??
        else { return "" }
        guard count > 1 else { return control }
        return parts.indices.map { place in
            place == index ? parts[place].counting(count - 1) : parts[place].text
        }.joined(separator: ",")
    }
}
