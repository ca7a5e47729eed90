import CTexts

/// The program's own scripts, as they lie in it.
enum ScriptLibrary {
    /// Below Sources/Faults/Scripts, in the order of the list: `body/truncate.fault`.
    static let texts: [(path: String, text: String)] = {
        var texts: [(path: String, text: String)] = []
        var file = scripts_first()
        while let name = file.pointee.name {
            let content = UnsafeRawBufferPointer(
                start: file.pointee.content, count: file.pointee.count)
            texts.append((String(cString: name), String(decoding: content, as: UTF8.self)))
            file += 1
        }
        return texts
    }()

    /// `truncate` of `body/truncate.fault`.
    static func name(of path: String) -> String {
        let file = path.split(separator: "/").last ?? ""
        return String(file.prefix { $0 != "." })
    }

    /// In the order of the groups.
    static var scripts: [Script] {
        let all = texts.flatMap { path, text -> [Script] in
            do throws(ScriptError) {
                return try Script.read(text, name: name(of: path), isOwn: true)
            } catch {
                // A mistake of ours, which a test finds: it reads all of them.
                preconditionFailure("\(path):\(error)")
            }
        }
        return FaultNote.Group.allCases.flatMap { group in all.filter { $0.note.group == group } }
    }
}
