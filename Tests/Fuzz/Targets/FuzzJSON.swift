import Records

@testable import ControlAPI
@testable import flagserver

/// JSON: what is read and written is read again as the same, and the journal's lines are JSON.
enum FuzzJSON {
    static func check(_ bytes: UnsafeRawBufferPointer) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        try checkLine(text)
        try checkString(text)
        guard let value = try taken({ try JSONReader.read(bytes) }) else { return }
        let written = JSONWriter.bytes(value)
        try checkAgain(written)
        guard case .array(let elements) = value else { return }
        let parts = EventReader.elements(written)
        let own = elements.map { JSONWriter.bytes($0) }
        try hold(parts == own, "the elements of \(JSONWriter.text(value)) are others")
    }

    private static func checkAgain(_ written: [UInt8]) throws {
        let again = try written.withUnsafeBytes { bytes in
            try taken { try JSONReader.read(bytes, isWhole: true) }
        }
        try hold(
            again.map { JSONWriter.bytes($0) } == written,
            "it is read as something else: \(String(decoding: written, as: UTF8.self))"
        )
    }

    private static func checkString(_ text: String) throws {
        let written = Array(text.asJSON.utf8)
        let back = try written.withUnsafeBytes { try JSONReader.read($0, isWhole: true) }
        guard case .string(let read) = back, read.utf8.elementsEqual(text.utf8) else {
            throw FuzzFinding(description: "a text is read as another one: \(text.asJSON)")
        }
    }

    /// - Parameter text: what a client may have sent for a target.
    private static func checkLine(_ text: String) throws {
        var record = ExchangeRecord(proxy: "local")
        (record.target, record.method) = (text, "GET")
        var (line, bytes) = (JournalLine(seed: 1), [UInt8]())
        line.append(record, to: &bytes)
        try hold(bytes.filter { $0 == 0x0a }.count == 1, "a record has more than one line")
        let value = try bytes.withUnsafeBytes { try JSONReader.read($0, isWhole: true) }
        guard case .object(let members) = value,
            let target = members.first(where: { $0.name == "target" })?.value
        else { throw FuzzFinding(description: "a line without a target") }
        if text.isEmpty { return try hold(target == .null, "no target is not null") }
        guard case .string(let shown) = target, shown.utf8.elementsEqual(text.utf8) else {
            throw FuzzFinding(description: "the journal tells of another target")
        }
    }
}
