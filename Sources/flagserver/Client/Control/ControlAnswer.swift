import ControlAPI

/// What a control port has answered.
struct ControlAnswer {
    let status: Int
    let body: [UInt8]
    /// With its fields, as it came.
    var head: [UInt8] = []

    var isSuccess: Bool { (200..<300).contains(status) }

    /// nil if the content is no JSON.
    var json: JSONValue? {
        body.withUnsafeBytes { try? JSONReader.read($0, isWhole: true) }
    }

    /// Why the request was refused, in the words of the control port; nil if it does not say.
    var error: String? { json?["error"]?.text }

    /// The value of a field; nil if there is none.
    ///
    /// - Parameter name: in lower case.
    func field(_ name: String) -> String? {
        for line in head.split(separator: 0x0a) {
            let text = String(decoding: line, as: UTF8.self)
            guard let colon = text.firstIndex(of: ":"), text[..<colon].lowercased() == name else {
                continue
            }
            return text[text.index(after: colon)...].filter { $0 != "\r" && $0 != "\r\n" }.trimmed
        }
        return nil
    }

    /// The first line of a text, for people.
    var firstLine: String {
        let line = body.prefix { $0 != 0x0a && $0 != 0x0d }.prefix(200)
        return String(decoding: line.filter { $0 >= 0x20 && $0 != 0x7f }, as: UTF8.self)
    }
}
