import Faults
import TestSupport
import Testing

@testable import flagserver

/// `script file=my.fault`, and what the API shows of it.
struct ScriptFileTests {
    private static let good =
        "The end comes early.\nparam at 40% position\n\nhead\nbody ..$at\nfin\n"
    private static let bad = "The end comes early.\n\nhead\n  explode\n"

    private let targets = [
        ToxicOption.Target(name: "p", protocol: .http, toxics: []),
        ToxicOption.Target(name: "db", protocol: .tcp, toxics: []),
    ]

    private func toxic(_ text: String) throws -> Toxic {
        try ToxicOption(text, targets: targets).toxic
    }

    /// A configuration with one toxic beside a script.
    private func configured(_ folder: TemporaryDirectory, _ toxic: String) throws -> Toxic? {
        let path = folder.file("flagserver.yaml")
        try folder.write("flagserver.yaml", "proxies: [{name: error, toxics: [\(toxic)]}]\n")
        return try Configuration(path: path).proxies.first?.toxics?.first
    }

    @Test func `a script of a file is a toxic with its parameters`() throws {
        let folder = TemporaryDirectory()
        try folder.write("my.fault", Self.good)
        let toxic = try toxic("p:script file=\(folder.file("my.fault")) at=4096B toxicity=10%")
        #expect(toxic.name == "script")
        #expect(toxic.fault.type == .script)
        #expect(toxic.fault.attributes.map(\.name) == ["at"])
        #expect(toxic.fault.attributes.first?.value == .number(4096))
        #expect(toxic.fault.type.script?.text == Self.good)
    }

    @Test func `a configuration's files are seen from its folder`() throws {
        let folder = TemporaryDirectory()
        try folder.write("my.fault", Self.good)
        let found = try configured(folder, "{type: script, file: my.fault, at: 50%}")
        #expect(found == (try toxic("p:script file=\(folder.file("my.fault")) at=50%")))
        let absolute = try configured(
            folder, "{type: script, file: \(folder.file("my.fault")), attributes: {at: 50}}")
        #expect(absolute == found)
        try folder.write("flagserver.yaml", "toxic: [\"local:script file=my.fault at=50%\"]\n")
        let settings = try Settings(
            OptionSources(
                ["--config=\(folder.file("flagserver.yaml"))"], variable: { _ in nil },
                parse: { try ServeOptions.parse($0) }))
        #expect(settings.addedToxics[.local] == found.map { [$0] })
    }

    @Test func `a mistake in a script has its place there`() throws {
        let folder = TemporaryDirectory()
        try folder.write("my.fault", Self.bad)
        let path = folder.file("my.fault")
        for refused in [
            refusal { try toxic("p:script file=\(path)") },
            refusal { try configured(folder, "{type: script, file: my.fault}") },
        ] {
            #expect(refused?.status == .configuration)
            #expect(
                refused?.line.hasPrefix("\(path):4:3: error: ") == true, "\(refused?.line ?? "")")
        }
    }

    @Test func `a file that is not there is met with the nearest`() throws {
        let folder = TemporaryDirectory()
        try folder.write("my.fault", Self.good)
        let missing = refusal { try toxic("p:script file=\(folder.file("my.fualt"))") }
        #expect(missing?.status == .missingInput)
        #expect(
            missing?.reason
                == "script '\(folder.file("my.fualt"))' does not exist. Did you mean 'my.fault'?")
        let placed = refusal { try configured(folder, "{type: script, file: mine.fault}") }
        #expect(placed?.place?.path == folder.file("flagserver.yaml"))
        #expect(refusal { try toxic("p:script file=\(folder.path)") }?.status == .missingInput)
    }

    @Test func `what is too long, no text or given twice is refused`() throws {
        let folder = TemporaryDirectory()
        let path = folder.file("my.fault")
        try folder.write("my.fault", Self.good + String(repeating: "#", count: 65_536))
        #expect(
            refusal { try toxic("p:script file=\(path)") }?.line
                == "\(path):1:1: error: this has \(Self.good.utf8.count + 65_536) bytes. A script "
                + "has at most 65536.")
        try folder.write("my.fault", [0x61, 0xff, 0x0a])
        #expect(
            refusal { try toxic("p:script file=\(path)") }?.reason
                == "this is no UTF-8 text. Write other bytes as \"\\xff\" or with hex.")
        try folder.write("my.fault", Self.good)
        #expect(
            refusal { try toxic("p:script file=\(path) steps=x") }?.reason
                == "a script has a file or steps, not both. Keep one.")
    }

    @Test func `a world names no files`() throws {
        let folder = TemporaryDirectory()
        try folder.write("my.fault", Self.good)
        let path = folder.file("my.fault")
        let daemon = try Settings(ServeOptions.parse([]))
        for body in [
            #"{"toxic":["local:script file=\#(path)"]}"#,
            #"{"proxies":[{"name":"error","toxics":[{"type":"script","file":"\#(path)"}]}]}"#,
        ] {
            let refused = refusal { try WorldRequest(Array(body.utf8), daemon: daemon) }
            #expect(refused?.reason.contains("Send the text of the script as steps.") == true)
        }
        let steps = Self.good.replacing("\n", with: "\\n")
        let body =
            #"{"proxies":[{"name":"error","toxics":[{"type":"script","steps":"\#(steps)"}]}]}"#
        let world = try WorldRequest(Array(body.utf8), daemon: daemon)
        #expect(world.settings.flagServers[.error]?.toxics?.first?.fault.type == .script)
    }

    @Test func `a script needs protocol http`() {
        #expect(
            refusal { try toxic("db:truncate") }?.reason
                == "--toxic 'db:truncate': truncate changes an answer of HTTP: it needs protocol "
                + "http, not tcp.")
    }
}
