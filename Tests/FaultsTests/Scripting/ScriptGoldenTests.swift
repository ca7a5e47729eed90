import Foundation
import Testing

@testable import Faults

/// What each script of the catalogue sends and when, for ever: who has a bug report with its name
/// meets the same bytes with every later version. What a new script sends comes into the file with
/// `WRITE_GOLDEN=1 swift test --filter ScriptGoldenTests`.
struct ScriptGoldenTests {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Golden")

    /// So that floods can be read.
    private static let bounds: [String: Int64] = [
        "max": 2000, "mib": 2, "count": 20, "zeros": 100,
    ]

    /// With little of what floods have.
    private static func small(_ script: Script) -> ScriptTrace {
        let large = script.parameters.filter { $0.defaultValue > bounds[$0.name] ?? .max }
        return trace(
            script,
            Dictionary(
                uniqueKeysWithValues: large.map { ($0.name, .number(bounds[$0.name] ?? 0)) }))
    }

    static func trace(_ script: Script, _ arguments: [String: Quantity] = [:]) -> ScriptTrace {
        ScriptTrace(
            script, arguments, first: script.note.needs.contains(.range) ? 40 : nil,
            isHead: script.note.needs.contains(.head))
    }

    @Test(arguments: FaultNote.Group.allCases)
    func `a script sends the same bytes at the same times for ever`(
        _ group: FaultNote.Group
    ) throws {
        let scripts = Script.catalogue.filter { $0.note.group == group }
        guard !scripts.isEmpty else { return }
        let text = scripts.map { "\($0.name)\n\(Self.small($0).text)" }
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
