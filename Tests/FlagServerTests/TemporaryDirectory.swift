import Foundation
import Testing

/// A directory of its own for a test, gone with the last reference.
final class TemporaryDirectory {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "flagserver-\(UUID().uuidString)"
        mkdir(path, 0o700)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Below the directory, whether it exists or not.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: file(name), withIntermediateDirectories: true)
        return file(name)
    }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try folder(String(name.prefix(upTo: name.lastIndex(of: "/") ?? name.startIndex)))
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }

    /// The smallest thing that passes for a flag: signature and a logical screen.
    static let gif = Array("GIF89a".utf8) + [1, 0, 1, 0, 0, 0, 0, 0x3b]

    /// A flag with its metadata.
    func country(_ code: String, _ name: String) throws {
        try write("flags/\(code)/\(code).gif", Self.gif)
        try write("flags/\(code)/metadata.json", #"{"country": "\#(name)"}"#)
    }

    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }
}
