import Foundation
import Testing

/// The house rules, so that reviewers can talk about ideas.
@Suite struct TidyTests {
    /// Targets that know no socket, clock or randomness.
    static let pureTargets: Set = ["HTTPWire", "Faults", "FlagSite", "Names"]

    private let sources = SourceFile.sources
    private let tests = SourceFile.tests

    @Test func `there is source to look at`() {
        #expect(sources.count > 40)
        #expect(tests.count > 40)
    }

    @Test func `libevent is imported internally, so that it cannot leak`() {
        for file in sources where file.imports.contains("CLibevent") {
            #expect(file.lines.contains("internal import CLibevent"), "\(file.path)")
        }
    }

    @Test func `pure targets have no clock and no randomness`() {
        let banned = [
            "clock_gettime", "ContinuousClock", "SuspendingClock", " Date()", ".random(in:",
            "SystemRandomNumberGenerator", " Hasher(", ".hashValue", "Task.sleep", "usleep",
        ]
        for file in sources where Self.pureTargets.contains(file.target) {
            for (number, text) in file.numbered {
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

    @Test func `functions have at most 40 lines, of tests 70, and files at most 400`() {
        for file in sources + tests {
            #expect(file.lines.count <= 401, "\(file.path)")
            let most = file.path.hasPrefix("Sources/") ? 40 : 70
            for function in file.functions where function.count > most {
                Issue.record("\(file.path):\(function.number) has \(function.count) lines")
            }
        }
    }

    @Test func `what the compiler cannot check is explained above`() {
        for file in sources {
            for (number, text) in file.numbered {
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

    @Test func `no file is a drawer for everything`() {
        for file in sources {
            for word in ["Util", "Helper", "Common", "Manager", "Misc"] {
                #expect(!file.name.contains(word), "\(file.path)")
            }
        }
    }

    @Test func `pure tests never sleep`() {
        for file in tests where !file.path.contains("EndToEnd") && !file.path.contains("Tidy") {
            for (number, text) in file.numbered {
                for word in ["Task.sleep", "usleep(", " sleep(", "Thread.sleep"] {
                    #expect(!text.contains(word), "\(file.path):\(number)")
                }
            }
        }
    }
}
