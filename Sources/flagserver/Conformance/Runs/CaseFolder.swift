import Glibc
import Records

/// A fresh folder for one case, gone with it: where the command runs, what it saves and what it
/// says.
final class CaseFolder {
    struct Failure: Error, CustomStringConvertible {
        let description: String

        /// Of the last call.
        init() { description = String(cString: strerror(errno)) }
    }

    /// Bytes of its last words that are read.
    private static let maximumWords = 8192
    /// Lines of them that are kept.
    private static let maximumLines = 12
    /// Other files that are noticed.
    private static let maximumOthers = 64

    /// Without a slash at its end.
    private let path: String
    /// For nothing, and what it prints to its two outputs.
    private(set) var streams: [Int32] = []

    /// Where the command runs.
    var work: String { "\(path)/work" }
    var out: String { "\(work)/flag.gif" }
    var out2: String { "\(work)/flag2.gif" }
    private var output: String { "\(path)/stdout" }
    private var errors: String { "\(path)/stderr" }

    /// - Parameter parent: where temporary folders are.
    init(in parent: String) throws(Failure) {
        var template = Array("\(parent)/flagserver-conformance-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure() }
        path = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard mkdir("\(path)/work", 0o700) == 0 else { throw Failure() }
        let writing = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
        streams = [
            open("/dev/null", O_RDONLY | O_CLOEXEC), open("\(path)/stdout", writing, 0o600),
            open("\(path)/stderr", writing, 0o600),
        ]
        guard streams.allSatisfy({ $0 >= 0 }) else { throw Failure() }
    }

    /// The command has been started: what it reads and writes is its own.
    func closeStreams() {
        for stream in streams where stream >= 0 { close(stream) }
        streams = []
    }

    deinit {
        closeStreams()
        Self.remove(path)
    }

    // MARK: Before

    /// What lies under the final name before the command begins.
    func give(_ bytes: [UInt8]) throws(Failure) { try Self.write(bytes, to: out) }

    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Failure() }
        defer { close(file) }
        var position = 0
        while position < bytes.count {
            let count = bytes[position...].withUnsafeBytes {
                Glibc.write(file, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure() }
            position += count
        }
    }

    // MARK: After

    /// - Parameter limit: more is not read: it is wrong anyway.
    /// - Returns: nil if there is no file.
    private static func read(_ path: String, limit: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var (bytes, piece) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
        while bytes.count < limit {
            let count = Glibc.read(file, &piece, min(piece.count, limit - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        return bytes
    }

    func saved(limit: Int) -> [UInt8]? { Self.read(out, limit: limit) }
    func saved2(limit: Int) -> [UInt8]? { Self.read(out2, limit: limit) }

    /// Nothing is as good as no file.
    func printed(limit: Int) -> [UInt8]? {
        Self.read(output, limit: limit).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Of what it has printed, as far as it can be shown.
    var firstLine: String {
        let bytes = printed(limit: 1024) ?? []
        let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first
        return line.map { $0.printable.cut(to: 200) } ?? ""
    }

    /// Its last lines, those of its errors last.
    ///
    /// - Parameter hasFile: whether what it prints is the file.
    func lastLines(hasFile: Bool) -> [String] {
        let printed = hasFile ? [] : Self.tail(output)
        return Array((printed + Self.tail(errors)).suffix(Self.maximumLines))
    }

    private static func tail(_ path: String) -> [String] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        let end = lseek(file, 0, SEEK_END)
        lseek(file, max(0, end - off_t(maximumWords)), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: maximumWords)
        let count = max(Glibc.read(file, &bytes, bytes.count), 0)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
            .split(whereSeparator: \.isNewline).map { $0.printable.cut(to: 400) }
    }

    /// Names of what it has left beside the files that were asked for.
    func others(hasOut: Bool) -> [String] {
        let asked = hasOut ? ["flag.gif", "flag2.gif"] : []
        return Self.names(work).filter { !asked.contains($0) }.sorted().prefix(Self.maximumOthers)
            .map(\.printable)
    }

    private static func names(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// With all that lies in it; links are removed, not followed.
    private static func remove(_ path: String) {
        guard unlink(path) != 0 else { return }
        for name in names(path) { remove("\(path)/\(name)") }
        rmdir(path)
    }
}
