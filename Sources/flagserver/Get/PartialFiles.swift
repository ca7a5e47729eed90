import Downloading
import Glibc

/// What `--resume` keeps beside the files: `BR.gif.part`, and in `BR.gif.part.etag` what says that
/// the rest still belongs to it.
struct PartialFiles {
    /// Of one that is gone on with, in bytes.
    private static let maximum = 64 << 20

    let folder: String

    private func path(_ code: String) -> String { "\(folder)/\(FlagFileNames.plain(code))" }

    private func parts(_ code: String) -> (content: String, validator: String) {
        ("\(path(code)).part", "\(path(code)).part.etag")
    }

    /// nil: there is none that can be used.
    func read(_ code: String) -> PartialContent? {
        let (part, tag) = parts(code)
        guard let content = Self.bytes(part), !content.isEmpty,
            let line = Self.bytes(tag)?.prefix(while: { $0 != 0x0a && $0 != 0x0d }),
            !line.isEmpty, line.count <= 1024, line.allSatisfy({ $0 >= 0x20 && $0 < 0x7f })
        else { return nil }
        return PartialContent(content, validator: String(decoding: line, as: UTF8.self))
    }

    /// - Parameter completion: called when both are written.
    func save(
        _ partial: PartialContent, of code: String, by saver: FileSaver,
        completion: @escaping () -> Void
    ) {
        saver.save(partial.content, as: path(code), isPart: true) { _ in }
        let line = Array("\(partial.validator)\n".utf8)
        saver.save(line, as: parts(code).validator) { _ in completion() }
    }

    /// What a whole file leaves behind.
    func remove(_ code: String) {
        unlink(parts(code).content)
        unlink(parts(code).validator)
    }

    private static func bytes(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG,
            facts.st_size <= maximum
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
        let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        return count == bytes.count ? bytes : nil
    }
}
