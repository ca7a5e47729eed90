@testable import Names

/// Messages as RFCs draw them: numbers and texts behind each other.
enum Written {
    /// `br.flags.test` on the wire.
    static let brazil = name("br", "flags", "test")

    static func name(_ labels: String...) -> [UInt8] {
        labels.reduce(into: [UInt8]()) { $0 += [UInt8($1.utf8.count)] + Array($1.utf8) } + [0]
    }

    /// A header with its counts.
    static func header(
        _ flags: UInt16, _ counts: [UInt8] = [1, 0, 0, 0], number: UInt16 = 0x1234
    ) -> [UInt8] {
        [number, flags].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] } + counts.flatMap { [0, $0] }
    }

    /// A question of the Internet's class with recursion desired.
    static func query(
        _ name: [UInt8] = brazil, _ type: UInt8 = 1, options: [UInt8] = []
    ) -> [UInt8] {
        header(0x0100, [1, 0, 0, options.isEmpty ? 0 : 1]) + name + [0, type, 0, 1] + options
    }

    /// OPT with a size.
    static func options(_ size: UInt16, version: UInt8 = 0, flags: UInt8 = 0) -> [UInt8] {
        [0, 0, 41, UInt8(size >> 8), UInt8(size & 0xff), 0, version, flags, 0, 0, 0]
    }

    static func read(_ bytes: [UInt8]) throws(MessageError) -> NameMessage {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(MessageError) in try MessageReader.read(bytes) }
        }
        return try result.get()
    }

    static func bytes(of message: NameMessage) -> [UInt8] {
        var bytes: [UInt8] = []
        MessageWriter.append(message, to: &bytes)
        return bytes
    }
}
