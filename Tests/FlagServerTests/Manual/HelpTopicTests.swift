import Faults
import Testing

@testable import flagserver

struct HelpTopicTests {
    @Test(arguments: HelpTopic.sections)
    func `a topic is one screen with its options`(topic: HelpTopic) throws {
        let program = try Program(["help", topic.rawValue])
        #expect(program.status == 0)
        #expect(program.lines.count > 3)
        #expect(program.lines.count < 40)
        #expect(program.lines.allSatisfy { $0.count <= 80 })
        #expect(program.lines[1].hasPrefix("  -"))
    }

    @Test(arguments: [HelpTopic.dns, .charfinder])
    func `a server that is off has a screen of its own`(topic: HelpTopic) throws {
        let program = try Program(["help", topic.rawValue])
        #expect(program.status == 0 && program.lines.count < 24)
        #expect(program.lines.allSatisfy { $0.count <= 80 }, "\(program.output)")
        #expect(program.output.contains("flagserver --\(topic.rawValue)"))
        for type in FaultType.core where type.needsNames {
            #expect(program.output.contains(type.rawValue) == (topic == .dns), "\(type)")
        }
    }

    @Test func `every option stands in a topic`() throws {
        let screens = try HelpTopic.allCases.map { try Program(["help", $0.rawValue]).output }
            .joined()
        let serve = try #require(CommandReference.program().subcommand("serve"))
        for option in serve.options where !option.section.isEmpty {
            #expect(
                screens.contains("  \(option.names.joined(separator: ", ")) "), "\(option.names)")
        }
    }

    @Test func `-h is short, and says where the rest is`() throws {
        let program = try Program(["-h"])
        #expect(program.status == 0)
        #expect(program.lines.count <= 24)
        #expect(program.lines.allSatisfy { $0.count <= 80 })
        for word in ["USAGE: flagserver", "--error-rate <p>", "flagserver --help", "help limits"] {
            #expect(program.output.contains(word))
        }
    }
}
