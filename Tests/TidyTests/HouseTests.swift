import Foundation
import Testing

/// The rooms: who may know whom, what lies where, and that nothing lies about.
@Suite struct HouseTests {
    /// Targets that may ask the system.
    static let systemTargets: Set = [
        "EventLoop", "Records", "Downloading", "Sweeping", "flagserver",
    ]
    static let mostFilesInAFolder = 25
    static let mostFilesInACircle = 8
    static let mostFilesOfAFault = 4

    private let sources = SourceFile.sources
    private let tests = SourceFile.tests

    // MARK: Targets

    @Test func `a target imports only what Package.swift says`() throws {
        let manifest = try Manifest()
        for file in sources {
            let system: Set = Self.systemTargets.contains(file.target) ? ["Glibc"] : []
            let allowed = manifest.dependencies[file.target, default: []].union(system)
            #expect(manifest.dependencies[file.target] != nil, "\(file.path) is in no target")
            for module in file.imports where !allowed.contains(module) {
                Issue.record("\(file.path) imports \(module)")
            }
        }
    }

    @Test func `what Package.swift lets a target import it does import`() throws {
        let manifest = try Manifest()
        for (target, allowed) in manifest.dependencies where !target.hasSuffix("Tests") {
            let used = Set(sources.filter { $0.target == target }.flatMap(\.imports))
            guard !used.isEmpty else { continue }
            #expect(allowed.subtracting(used).isEmpty, "\(target)")
        }
    }

    // MARK: Files and folders

    @Test func `a file is named after its type, or after a type and an aspect`() {
        for file in sources {
            let name = String(file.name.dropLast(".swift".count))
            let parts = name.split(separator: "+", maxSplits: 1).map(String.init)
            let isNamed =
                parts.count == 1
                ? file.types.contains(name)
                : file.extended.contains { $0 == parts[0] || $0.hasSuffix(".\(parts[0])") }
            #expect(isNamed, "\(file.path)")
        }
    }

    @Test func `a folder has at most 25 files`() {
        let folders = Dictionary(grouping: sources, by: \.folder)
        for (folder, files) in folders {
            #expect(files.count <= Self.mostFilesInAFolder, "\(folder)")
        }
    }

    @Test func `every folder stands in the tour of the source`() throws {
        let page = SourceFile.root.appendingPathComponent("docs/source-tour.md")
        let tour = try String(contentsOf: page, encoding: .utf8)
        for folder in Set(sources.map(\.folder)) {
            let room = folder.split(separator: "/").dropFirst().last ?? ""
            let isTarget = folder.split(separator: "/").count == 2
            let name = isTarget ? "`\(folder)`" : "`\(room)/`"
            if !tour.contains(name) { Issue.record("\(folder): the tour lacks \(name)") }
        }
    }

    @Test func `tests lie where what they test lies`() {
        let folders = Set(sources.map(\.folder))
        for file in tests {
            let parts = file.folder.split(separator: "/").dropFirst().map(String.init)
            guard parts.count > 1, parts[0].hasSuffix("Tests") else { continue }
            let target = parts[0] == "FlagServerTests" ? "flagserver" : String(parts[0].dropLast(5))
            let mirrored = (["Sources", target] + parts.dropFirst()).joined(separator: "/")
            #expect(folders.contains(mirrored), "\(file.path)")
        }
    }

    // MARK: Knowledge

    @Test func `no more than 8 files know each other in a circle`() {
        for (target, files) in Dictionary(grouping: sources, by: \.target) {
            for circle in FileGraph(files).circles where circle.count > Self.mostFilesInACircle {
                Issue.record("\(target) has a circle of \(circle.count): \(circle)")
            }
        }
    }

    @Test func `every fault has a test of its name`() {
        let names = Set(tests.map(\.name))
        let faults = sources.filter { $0.folder == "Sources/Faults/Catalogue" }
        #expect(faults.count > 5)
        for fault in faults where !fault.name.contains("+") {
            let test = fault.name.replacingOccurrences(of: ".swift", with: "Tests.swift")
            #expect(names.contains(test), "\(fault.path) has no \(test)")
        }
    }

    @Test func `a fault is named in at most four files`() {
        let faults = sources.filter { $0.folder == "Sources/Faults/Catalogue" }.map {
            String($0.name.dropLast(".swift".count))
        }
        // The errors of the flag servers and of Vaurien's behaviours are settings, too.
        for fault in faults where fault != "Respond" {
            let files = sources.filter { $0.code.names[fault] != nil }.map(\.path)
            #expect(files.count <= Self.mostFilesOfAFault, "\(fault): \(files)")
        }
    }

    @Test func `nothing is declared that is never named`() {
        var named: [String: Int] = [:]
        for file in sources { named.merge(file.code.names, uniquingKeysWith: +) }
        var declared: [String: [String]] = [:]
        for file in sources {
            for (name, number) in file.declarations {
                declared[name, default: []].append("\(file.path):\(number)")
            }
        }
        for (name, places) in declared where named[name, default: 0] <= places.count {
            guard !Self.namedByOthers.contains(name) else { continue }
            Issue.record("\(name) is never named: \(places.joined(separator: ", "))")
        }
    }

    /// What libraries and the language call.
    private static let namedByOthers: Set = [
        "_", "main", "configuration", "CodingKeys", "FlagserverCommand",
    ]

    @Test func `a flag is both set and looked at`() {
        let lines = sources.flatMap(\.code.lines)
        for (flag, place) in flags {
            let uses = lines.filter { line in
                line.contains(".\(flag)") && SourceCode.names(in: line).contains(flag)
            }
            let isSet = uses.contains(where: Self.sets)
            let isRead = uses.contains(where: Self.looks)
            #expect(isSet, "\(place): \(flag) is never set")
            #expect(isRead, "\(place): \(flag) is never looked at")
        }
    }

    private static let reads = [
        ".contains(", ".isDisjoint(", ".isSuperset(", ".isSubset(", ").inserted",
    ]
    private static let writes = [".insert(", ".formUnion(", ".remove(", ".subtract(", "= [."]

    private static func has(_ line: String, _ words: [String]) -> Bool {
        words.contains { line.contains($0) }
    }

    // A line that does neither for sure passes the flag on: it may do both.
    private static func sets(_ line: String) -> Bool { has(line, writes) || !has(line, reads) }
    private static func looks(_ line: String) -> Bool { has(line, reads) || !has(line, writes) }

    /// The members of option sets.
    private var flags: [(name: String, place: String)] {
        sources.flatMap { file in
            file.numbered.compactMap { number, text in
                guard text.contains("static let "), text.contains("(rawValue:") else { return nil }
                let words = text.split(separator: " ")
                guard let position = words.firstIndex(of: "let") else { return nil }
                return (String(words[position + 1]), "\(file.path):\(number)")
            }
        }
    }

    /// There will be no others, so that whatever is not wanted may be the rest.
    private static let kindsOfJSON: Set = ["null", "bool", "number", "string", "array", "object"]

    @Test func `a switch over an enum of ours names all its cases`() {
        var cases: Set<String> = []
        for file in sources {
            for line in file.code.lines {
                let words = line.drop { $0 == " " }
                guard words.hasPrefix("case "), SourceFile.isDeclaration(ofCase: line) else {
                    continue
                }
                for part in words.dropFirst(5).split(separator: ",") {
                    if let name = SourceCode.names(in: String(part)).first { cases.insert(name) }
                }
            }
        }
        for file in sources {
            for found in file.switchesWithDefault where found.cases.allSatisfy(cases.contains) {
                if found.cases.allSatisfy(Self.kindsOfJSON.contains) { continue }
                Issue.record("\(file.path):\(found.number) has a default")
            }
        }
    }
}
