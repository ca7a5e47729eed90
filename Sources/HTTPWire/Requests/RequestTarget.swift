/// The four forms of a request target (RFC 9112 §3.2).
enum RequestTarget {
    /// The path without query, still percent-encoded; `*` for the asterisk-form, empty for CONNECT.
    static func path(
        of target: UnsafeRawBufferPointer, method: HTTPMethod, traits: inout HTTPRequest.Traits
    ) throws(HTTPParseError) -> UnsafeRawBufferPointer {
        if target[0] == 0x2f, method != .connect { return withoutQuery(target, from: 0) }
        traits.insert(.otherForm)
        if method == .connect { return try authorityForm(target) }
        if target.count == 1, target[0] == 0x2a, method == .options { return target }
        return try absoluteForm(target)
    }

    private static func withoutQuery(_ target: UnsafeRawBufferPointer, from start: Int)
        -> UnsafeRawBufferPointer
    {
        var end = start
        while end < target.count, target[end] != 0x3f { end += 1 }
        return target.view(start..<end)
    }

    /// `http://host/path`: the authority is ours, whatever it says (we have no virtual hosts).
    private static func absoluteForm(_ target: UnsafeRawBufferPointer) throws(HTTPParseError)
        -> UnsafeRawBufferPointer
    {
        guard target.count > 7, target.view(0..<7).equalsIgnoringCase("http://") else {
            throw HTTPParseError(400, "the request target is no path and no http:// URL")
        }
        var end = 7
        while end < target.count, target[end] != 0x2f, target[end] != 0x3f { end += 1 }
        guard HostField.isValid(target.view(7..<end), needsHost: true) else {
            throw HTTPParseError(400, "the request target has no valid host")
        }
        if end == target.count || target[end] == 0x3f { return root }
        return withoutQuery(target, from: end)
    }

    private static var root: UnsafeRawBufferPointer {
        let text: StaticString = "/"
        return UnsafeRawBufferPointer(start: text.utf8Start, count: 1)
    }

    private static func authorityForm(_ target: UnsafeRawBufferPointer) throws(HTTPParseError)
        -> UnsafeRawBufferPointer
    {
        guard HostField.isValid(target, needsHost: true, needsPort: true) else {
            throw HTTPParseError(400, "CONNECT needs a target of the form host:port")
        }
        return target.view(0..<0)
    }
}
