import Foundation
import Testing

/// The house rules, so that reviewers can talk about ideas.
@Suite struct TidyTests {
    /// What each target may import: the table that `Package.swift` draws.
    static let allowedImports: [String: Set<String>] = [
        "EventLoop": ["CLibevent", "Glibc"],
        "HTTPWire": [],
        "Faults": ["HTTPWire"],
        "FlagSite": ["HTTPWire"],
        "Records": ["EventLoop", "HTTPWire", "Faults", "Glibc"],
        "ChaosProxy": ["EventLoop", "HTTPWire", "Faults", "Records"],
        "ControlAPI": ["EventLoop", "HTTPWire", "Faults", "Records", "ChaosProxy"],
        "flagserver": [
            "EventLoop", "HTTPWire", "Faults", "FlagSite", "Records", "ChaosProxy", "ControlAPI",
            "ArgumentParser", "CProgram", "CYAML", "Glibc",
        ],
    ]
    /// Targets that know no socket, clock or randomness.
    static let pureTargets: Set = ["HTTPWire", "Faults", "FlagSite"]

    private let sources = SourceFile.all(below: "Sources")
    private let tests = SourceFile.all(below: "Tests")

    @Test func `there is source to look at`() {
        #expect(sources.count > 40)
        #expect(Set(sources.map(\.target)) == Set(Self.allowedImports.keys))
    }

    @Test func `a target imports only what the table allows`() {
        for file in sources {
            let allowed = Self.allowedImports[file.target] ?? []
            for module in file.imports where !allowed.contains(module) {
                Issue.record("\(file.path) imports \(module)")
            }
        }
    }

    @Test(arguments: ["CLibevent", "CYAML"])
    func `a C library is imported internally, so that it cannot leak`(module: String) {
        let users = sources.filter { $0.imports.contains(module) }
        #expect(!users.isEmpty)
        for file in users {
            #expect(file.lines.contains("internal import \(module)"), "\(file.path)")
        }
    }

    @Test func `pure targets have no clock and no randomness`() {
        let banned = [
            "clock_gettime", "ContinuousClock", "SuspendingClock", " Date()", ".random(in:",
            "SystemRandomNumberGenerator", " Hasher(", ".hashValue", "Task.sleep", "usleep",
        ]
        for file in sources where Self.pureTargets.contains(file.target) {
            for (number, text) in file.code {
                for word in banned where text.contains(word) {
                    Issue.record("\(file.path):\(number) has \(word)")
                }
            }
        }
    }

    @Test func `lines have at most 100 columns`() {
        for file in sources + tests {
            for (index, line) in file.lines.enumerated() where line.count > 100 {
                Issue.record("\(file.path):\(index + 1) has \(line.count) columns")
            }
        }
    }

    @Test func `functions have at most 70 lines and files at most 400`() {
        for file in sources + tests {
            #expect(file.lines.count <= 401, "\(file.path)")
            for function in file.functions where function.count > 70 {
                Issue.record("\(file.path):\(function.number) has \(function.count) lines")
            }
        }
    }

    @Test func `what the compiler cannot check is explained above`() {
        for file in sources {
            for (number, text) in file.code {
                let words = ["@unchecked Sendable", "nonisolated(unsafe)"]
                guard let word = words.first(where: text.contains) else { continue }
                let above = file.lines[max(0, number - 6)..<number - 1].joined()
                #expect(above.contains(word), "\(file.path):\(number) does not explain \(word)")
            }
        }
    }

    @Test func `force unwraps have their reason beside them`() {
        for file in sources {
            for (index, line) in file.lines.enumerated() {
                let isForced = line.contains("try!") || line.contains("as!") || line.contains(")!")
                let isExplained = line.contains("//")
                #expect(!isForced || isExplained, "\(file.path):\(index + 1)")
            }
        }
    }

    @Test func `every stage has a test of its name`() {
        let names = Set(tests.map(\.name))
        let stages = sources.filter { $0.path.contains("/Catalogue/") }
        #expect(!stages.isEmpty)
        for stage in stages {
            let test = stage.name.replacingOccurrences(of: ".swift", with: "Tests.swift")
            #expect(names.contains(test), "\(stage.path) has no \(test)")
        }
    }

    @Test func `no file is a drawer for everything`() {
        for file in sources {
            for word in ["Util", "Helper", "Common", "Manager", "Misc"] {
                #expect(!file.name.contains(word), "\(file.path)")
            }
        }
    }

    @Test func `pure tests never sleep`() {
        for file in tests where !file.path.contains("EndToEnd") && !file.path.contains("Tidy") {
            for (number, text) in file.code {
                for word in ["Task.sleep", "usleep(", " sleep(", "Thread.sleep"] {
                    #expect(!text.contains(word), "\(file.path):\(number)")
                }
            }
        }
    }
}
