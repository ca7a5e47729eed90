/// Decodes a chunked body as it arrives, in pieces of any length (RFC 9112 §7.1).
///
/// It is strict, so as not to see another body than the servers in front of it do: lines end with
/// CRLF only and sizes are bare hexadecimal digits. Chunk extensions and trailer fields are checked
/// and dropped.
public struct ChunkedDecoder: Sendable {
    /// How much a body may have beside its data, in bytes unless it says otherwise.
    enum Limit {
        /// The digits of a chunk size, with leading zeros.
        static let sizeDigits = 16
        /// A chunk-size line without its CRLF.
        static let line = 4096
        /// The extensions of all chunks (RFC 9112 §7.1.1 asks to limit their total).
        static let extensions = 65_536
        /// The trailer section with all its line ends.
        static let trailers = 32_768
        /// The number of trailer fields.
        static let trailerFields = 100
    }

    /// What comes next.
    private enum State: UInt8 {
        case size
        case sizeSpace
        case chunkExtension
        case sizeLineFeed
        case data
        case dataCarriageReturn
        case dataLineFeed
        case trailerStart
        case trailerName
        case trailerValue
        case trailerLineFeed
        case lastLineFeed
        case complete
    }

    /// How many bytes of data have been decoded so far.
    public private(set) var bodyBytes = 0
    /// The size of the chunk as read so far, then how much of its data is still to come.
    private var chunkBytes = 0
    private var extensionBytes: UInt32 = 0
    private var lineBytes: UInt16 = 0
    private var trailerBytes: UInt16 = 0
    private var sizeDigits: UInt8 = 0
    private var trailerFields: UInt8 = 0
    private var state = State.size
    private var failure: ChunkedCodingError?

    /// A decoder at the beginning of a body.
    public init() {}

    /// Whether the whole body with its trailer section has been consumed.
    public var isComplete: Bool { state == .complete }

    /// Consumes the next bytes of the connection up to the end of the body.
    ///
    /// - Parameters:
    ///   - bytes: What has arrived, if anything.
    ///   - body: Called with each run of data in order, never an empty one. It is a view into
    ///     `bytes`, valid during the call.
    /// - Returns: How many bytes were consumed, fewer than given only if the body is complete.
    /// - Throws: ``ChunkedCodingError`` at the first byte no valid body could have there, and again
    ///   at every later call. Data before it may already have been given to `body`.
    public mutating func consume(
        _ bytes: UnsafeRawBufferPointer, body: (UnsafeRawBufferPointer) -> Void
    ) throws(ChunkedCodingError) -> Int {
        if let failure { throw failure }
        var position = 0
        while position < bytes.count, state != .complete {
            if state == .data {
                let count = min(chunkBytes, bytes.count - position)
                body(UnsafeRawBufferPointer(rebasing: bytes[position..<position + count]))
                passData(count)
                position += count
            } else {
                try step(bytes[position])
                position += 1
            }
        }
        return position
    }

    private mutating func passData(_ count: Int) {
        bodyBytes += count
        chunkBytes -= count
        if chunkBytes == 0 { state = .dataCarriageReturn }
    }

    /// Takes in one byte that is not data.
    private mutating func step(_ byte: UInt8) throws(ChunkedCodingError) {
        switch state {
        case .size: try stepSize(byte)
        case .sizeSpace: try stepSizeSpace(byte)
        case .chunkExtension: try stepExtension(byte)
        case .sizeLineFeed:
            try expect(UInt8(ascii: "\n"), byte, orFail: .missingLineFeed)
            endSizeLine()
        case .dataCarriageReturn:
            try expect(UInt8(ascii: "\r"), byte, orFail: .missingDataEnd)
            state = .dataLineFeed
        case .dataLineFeed:
            try expect(UInt8(ascii: "\n"), byte, orFail: .missingDataEnd)
            state = .size
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed, .lastLineFeed:
            try stepTrailer(byte)
        case .data, .complete:
            preconditionFailure("consume steps over neither data nor what follows the body")
        }
    }

    // MARK: Chunk-size lines

    private mutating func stepSize(_ byte: UInt8) throws(ChunkedCodingError) {
        if let digit = Hexadecimal.value(of: byte) {
            let isTooLong = sizeDigits == Limit.sizeDigits
            if isTooLong || chunkBytes > Int.max >> 4 { throw fail(.sizeTooLarge) }
            chunkBytes = chunkBytes << 4 | Int(digit)
            sizeDigits += 1
            lineBytes += 1
            return
        }
        if sizeDigits == 0 { throw fail(.missingSize) }
        if byte == UInt8(ascii: "\r") {
            state = .sizeLineFeed
        } else {
            try stepSizeSpace(byte)
        }
    }

    /// RFC 9112 §7.1.1: whitespace may stand before the semicolon of an extension, nowhere else.
    private mutating func stepSizeSpace(_ byte: UInt8) throws(ChunkedCodingError) {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"): state = .sizeSpace
        case UInt8(ascii: ";"): state = .chunkExtension
        default: throw fail(.invalidSize)
        }
        try countExtensionByte()
    }

    private mutating func stepExtension(_ byte: UInt8) throws(ChunkedCodingError) {
        if byte == UInt8(ascii: "\r") {
            state = .sizeLineFeed
            return
        }
        if byte.isControl { throw fail(.controlInExtension) }
        try countExtensionByte()
    }

    private mutating func countExtensionByte() throws(ChunkedCodingError) {
        lineBytes += 1
        extensionBytes += 1
        if lineBytes > Limit.line { throw fail(.lineTooLong) }
        if extensionBytes > Limit.extensions { throw fail(.extensionsTooLong) }
    }

    private mutating func endSizeLine() {
        state = chunkBytes > 0 ? .data : .trailerStart
        sizeDigits = 0
        lineBytes = 0
    }

    // MARK: The trailer section, RFC 9112 §7.1.2

    private mutating func stepTrailer(_ byte: UInt8) throws(ChunkedCodingError) {
        trailerBytes += 1
        if trailerBytes > Limit.trailers { throw fail(.trailersTooLong) }
        if state == .trailerStart {
            try stepTrailerStart(byte)
        } else if state == .trailerName {
            try stepTrailerName(byte)
        } else if state == .trailerValue {
            if byte == UInt8(ascii: "\r") {
                state = .trailerLineFeed
            } else if byte.isControl {
                throw fail(.controlInTrailer)
            }
        } else {
            try expect(UInt8(ascii: "\n"), byte, orFail: .missingLineFeed)
            state = state == .lastLineFeed ? .complete : .trailerStart
        }
    }

    private mutating func stepTrailerStart(_ byte: UInt8) throws(ChunkedCodingError) {
        if byte == UInt8(ascii: "\r") {
            state = .lastLineFeed
            return
        }
        // RFC 9112 §5.2: a line that begins with whitespace continues the one before it, obs-fold.
        if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { throw fail(.foldedTrailer) }
        if !byte.isToken { throw fail(.invalidTrailerName) }
        if trailerFields == Limit.trailerFields { throw fail(.tooManyTrailers) }
        trailerFields += 1
        state = .trailerName
    }

    /// RFC 9112 §5.1: no whitespace between the name and the colon.
    private mutating func stepTrailerName(_ byte: UInt8) throws(ChunkedCodingError) {
        if byte == UInt8(ascii: ":") {
            state = .trailerValue
        } else if !byte.isToken {
            throw fail(.invalidTrailerName)
        }
    }

    // MARK: Bytes

    private mutating func expect(
        _ expected: UInt8, _ byte: UInt8, orFail error: ChunkedCodingError
    ) throws(ChunkedCodingError) {
        if byte != expected { throw fail(error) }
    }

    /// Remembers the error, so that the decoder does not go on after it.
    private mutating func fail(_ error: ChunkedCodingError) -> ChunkedCodingError {
        failure = error
        return error
    }
}
