import ControlAPI

/// What a control port has answered.
struct ControlAnswer {
    let status: Int
    let body: [UInt8]

    var isSuccess: Bool { (200..<300).contains(status) }

    /// nil if the content is no JSON.
    var json: JSONValue? {
        body.withUnsafeBytes { try? JSONReader.read($0, isWhole: true) }
    }

    /// Why the request was refused, in the words of the control port; nil if it does not say.
    var error: String? { json?["error"]?.text }

    /// The first line of a text, for people.
    var firstLine: String {
        let line = body.prefix { $0 != 0x0a && $0 != 0x0d }.prefix(200)
        return String(decoding: line.filter { $0 >= 0x20 && $0 != 0x7f }, as: UTF8.self)
    }
}
