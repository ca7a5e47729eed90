import HTTPWire

/// What an answer says before its content.
struct AnswerHead {
    let status: UInt16
    let fields: AnswerFields
    /// Of the content, in bytes, if it says so.
    let length: Int?
    /// Whether the server lets the connection go on.
    let keepsAlive: Bool
    private let isFramedByEnd: Bool
    private let minorVersion: UInt8

    /// - Parameter bytes: the head's.
    init(_ head: HTTPResponseHead, _ bytes: UnsafeRawBufferPointer) {
        status = head.status
        fields = AnswerFields(bytes)
        minorVersion = bytes.count > 7 ? bytes[7] &- 0x30 : 0
        var length: Int?
        if case .length(let count) = head.body { length = count }
        self.length = head.isBodyless ? 0 : length
        isFramedByEnd = !head.isBodyless && head.body == .untilEnd
        keepsAlive = !isFramedByEnd && fields.keepsAlive(minorVersion: minorVersion)
    }

    /// Why the content cannot be taken for what was asked for; nil if it can.
    func failure(asksForPart: Bool) -> DownloadFailure? {
        if fields.hasStrangeLine {
            return DownloadFailure(
                .malformed, status: Int(status), "a line of the answer's head is no field")
        }
        if fields.hasTwoLocations {
            return DownloadFailure(.redirect, status: Int(status), "two different Locations")
        }
        if let coding = fields.transferEncoding, !coding.isEmpty,
            coding.lowercased() != "chunked"
        {
            return DownloadFailure(
                .coding, status: Int(status), "the answer has Transfer-Encoding \(coding)")
        }
        if fields.transferEncoding?.isEmpty == false, minorVersion == 0 {
            return DownloadFailure(
                .malformed, status: Int(status), "an HTTP/1.0 answer has a Transfer-Encoding")
        }
        // What has no content has no coding either.
        if let coding = fields.contentEncoding, coding.lowercased() != "identity", length != 0 {
            return DownloadFailure(
                .coding, status: Int(status),
                "the answer has Content-Encoding \(coding), which was not asked for")
        }
        if !asksForPart, status == 206 || status == 304 {
            return DownloadFailure(
                .malformed, status: Int(status), "status \(status), which was not asked for")
        }
        return nil
    }
}
