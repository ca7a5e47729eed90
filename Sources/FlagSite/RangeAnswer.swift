import HTTPWire

/// 206 and 416 (RFC 9110 §14 and §15.3.7).
struct RangeAnswer {
    let resource: FlagStore.Resource
    let extraFields: [HTTPField]

    private var body: Bytes { resource.response.body }

    func answer(_ field: UnsafeRawBufferPointer) -> SiteAnswer {
        switch ByteRange.select(field, size: body.count) {
        case .whole: .prepared(resource.response)
        case .unsatisfiable: .made(unsatisfiable)
        case .ranges(let ranges): .made(ranges.count == 1 ? single(ranges[0]) : multiple(ranges))
        }
    }

    private var unsatisfiable: HTTPResponse {
        HTTPResponse(
            416, text: "The file has \(body.count) bytes.",
            fields: [HTTPField("Content-Range", ByteRange.unsatisfied(size: body.count))]
                + extraFields)
    }

    private var validators: [HTTPField] {
        [
            HTTPField("Last-Modified", HTTPDate.string(resource.lastModified)),
            HTTPField("ETag", "\(resource.entityTag)"),
            HTTPField("Accept-Ranges", "bytes"),
        ] + extraFields
    }

    private func single(_ range: ByteRange) -> HTTPResponse {
        let fields = [
            HTTPField("Content-Type", resource.contentType),
            HTTPField("Content-Range", range.contentRange(of: body.count)),
        ]
        return HTTPResponse(206, fields: fields + validators, body: [part(range)])
    }

    /// multipart/byteranges, in the order asked. The boundary comes from the content's own hash.
    private func multiple(_ ranges: [ByteRange]) -> HTTPResponse {
        let boundary = "flagserver-\(String(decoding: resource.entityTag.opaque, as: UTF8.self))"
        var parts: [Bytes] = []
        for range in ranges {
            let head = """
                \r\n--\(boundary)\r\nContent-Type: \(resource.contentType)\r\n\
                Content-Range: \(range.contentRange(of: body.count))\r\n\r\n
                """
            parts += [Bytes(head), part(range)]
        }
        parts.append(Bytes("\r\n--\(boundary)--\r\n"))
        let type = HTTPField("Content-Type", "multipart/byteranges; boundary=\(boundary)")
        return HTTPResponse(206, fields: [type] + validators, body: parts)
    }

    private func part(_ range: ByteRange) -> Bytes {
        body[range.lowerBound..<range.lowerBound + range.count]
    }
}
