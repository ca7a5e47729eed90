import Foundation
import Testing

@testable import Faults

/// What each script of the catalogue sends and when, for ever: who has a bug report with its name
/// meets the same bytes with every later version.
struct ScriptGoldenTests {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Golden")

    /// So that floods can be read.
    private static let bounds: [String: Quantity] = [
        "max": .number(2000), "mib": .number(2), "count": .number(20), "zeros": .number(100),
    ]

    /// - Parameter arguments: of those that it has.
    static func trace(_ script: Script, _ arguments: [String: Quantity] = [:]) -> ScriptTrace {
        let names = script.parameters.map(\.name)
        return ScriptTrace(
            script, arguments.filter { names.contains($0.key) },
            first: script.note.needs.contains(.range) ? 40 : nil,
            isHead: script.note.needs.contains(.head))
    }

    @Test(arguments: FaultNote.Group.allCases)
    func `a script sends the same bytes at the same times for ever`(
        _ group: FaultNote.Group
    ) throws {
        let scripts = Script.catalogue.filter { $0.note.group == group }
        guard !scripts.isEmpty else { return }
        let text = scripts.map { "\($0.name)\n\(Self.trace($0, Self.bounds).text)" }
            .joined(separator: "\n")
        let file = Self.folder.appendingPathComponent("scripts-\(group.rawValue).txt")
        if ProcessInfo.processInfo.environment["WRITE_GOLDEN"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        let (here, there) = (blocks(text), blocks(golden))
        for (name, block) in here { #expect(block == there[name], "\(name)") }
        #expect(Set(here.keys) == Set(there.keys))
    }

    /// By the script's name.
    private func blocks(_ text: String) -> [String: String] {
        let blocks = text.components(separatedBy: "\n\n").map { block in
            let lines = block.split(separator: "\n", maxSplits: 1)
            return (String(lines[0]), lines.count > 1 ? String(lines[1]) : "")
        }
        return Dictionary(blocks) { first, _ in first }
    }
}
