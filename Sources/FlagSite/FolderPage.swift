import HTTPWire

/// The page of a folder: what lies in it, as links.
struct FolderPage {
    /// With a slash at the end; empty for the root.
    let folder: String
    /// All that there are, wherever they lie.
    let files: [String]

    /// Every folder with files somewhere below it, the root first: `""`, `a/`, `a/b/`.
    static func folders(of files: [String]) -> [String] {
        var seen: Set<[UInt8]> = []
        var folders = [""]
        for file in files {
            let bytes = Array(file.utf8)
            for end in bytes.indices where bytes[end] == slash {
                let folder = Array(bytes[...end])
                if seen.insert(folder).inserted {
                    folders.append(String(decoding: folder, as: UTF8.self))
                }
            }
        }
        return folders
    }

    private static let slash = UInt8(ascii: "/")

    func file(_ loadedAt: Int64) -> FlagStore.File {
        FlagStore.File(name: "index.html", content: Bytes(html), lastModified: loadedAt)
    }

    /// What lies in it: folders first, each once.
    var entries: [String] {
        // Byte by byte: Swift's own comparison takes some different spellings for one.
        var seen: Set<[UInt8]> = []
        var (folders, others): ([String], [String]) = ([], [])
        for file in files where file.utf8.starts(with: folder.utf8) {
            let rest = Array(file.utf8.dropFirst(folder.utf8.count))
            guard let end = rest.firstIndex(of: Self.slash) else {
                others.append(String(decoding: rest, as: UTF8.self))
                continue
            }
            let name = Array(rest[...end])
            if seen.insert(name).inserted { folders.append(String(decoding: name, as: UTF8.self)) }
        }
        return folders + others
    }

    private var html: String {
        let title = "/\(folder)".asHTML
        let links = (folder.isEmpty ? [] : ["../"]) + entries
        return HTMLPage.text(
            title: title,
            main: """
                <h1>\(title)</h1>
                <ul>
                \(links.map(link).joined(separator: "\n"))
                </ul>
                """)
    }

    /// By the whole path: a name may have a colon in it.
    private func link(_ entry: String) -> String {
        let path = entry == "../" ? parent : FlagStore.path(folder + entry, below: .files)
        return "<li><a href=\"\(path)\">\(entry.asHTML)</a></li>"
    }

    private var parent: String {
        let last = folder.utf8.dropLast().lastIndex(of: Self.slash)
        let name = last.map { String(decoding: folder.utf8[...$0], as: UTF8.self) } ?? ""
        return FlagStore.path(name, below: .files)
    }
}
