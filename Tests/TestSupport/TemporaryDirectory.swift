import Foundation

/// A directory of its own for a test, gone with the last reference.
public final class TemporaryDirectory {
    public let path: String

    public init() {
        path = NSTemporaryDirectory() + "flagserver-\(UUID().uuidString)"
        mkdir(path, 0o700)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Below the directory, whether it exists or not.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    public func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: file(name), withIntermediateDirectories: true)
        return file(name)
    }

    @discardableResult
    public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try folder(String(name.prefix(upTo: name.lastIndex(of: "/") ?? name.startIndex)))
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    @discardableResult
    public func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }

    public var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }
}
