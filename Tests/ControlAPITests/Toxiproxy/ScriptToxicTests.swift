import ChaosProxy
import Faults
import TestSupport
import Testing

@testable import ControlAPI

/// Scripts as toxics of the API: what strict clients of Toxiproxy read of them, and what they
/// write.
@Suite struct ScriptToxicTests {
    private static let steps =
        #"The end comes early.\nparam at 40% position\nparam w \"a b\" word\n\n"#
        + #"head\nbody ..$at\nfin\n"#

    private func harness() throws -> ControlHarness {
        let harness = try ControlHarness()
        try harness.create("p", #","protocol":"http""#)
        try harness.create("q", #","protocol":"http""#)
        return harness
    }

    private func add(_ body: String, _ harness: ControlHarness) throws -> ControlHarness.Answer {
        try harness.send("POST /proxies/p/toxics", body)
    }

    @Test func `attributes are whole numbers, in the unit of the default or with their own`() throws
    {
        let harness = try harness()
        let made = try add(#"{"type":"truncate","attributes":{"at":50}}"#, harness)
        #expect(made.status == 200)
        let shown =
            #"{"attributes":{"at":50},"name":"truncate","type":"truncate","stream":"upstream","#
            + #""toxicity":1}"#
        #expect(made.body == shown)
        let changed = try harness.send(
            "PATCH /proxies/p/toxics/truncate", #"{"attributes":{"at_bytes":4096}}"#)
        #expect(changed.body.hasPrefix(#"{"attributes":{"at_bytes":4096},"name":"truncate""#))
        let text = try harness.send("PATCH /proxies/p/toxics/truncate", #"{"at":"12.5%"}"#)
        #expect(text.body.hasPrefix(#"{"attributes":{},"name":"truncate""#))
        #expect(text.body.contains(#""at":"12.5%""#))
        #expect(try harness.send("GET /proxies/p/toxics/truncate").body == text.body)
    }

    @Test(arguments: [
        #"{"type":"truncate","attributes":{"at":50},"toxicity":0.5,"exchanges":"1...2"}"#,
        #"{"type":"truncate","at":"12.5%","name":"t"}"#,
        #"{"type":"reset_mid_body","attributes":{"at_kib":4}}"#,
        #"{"type":"MALFORMED_RESPONSE_CHUNK"}"#,
        #"{"type":"script","steps":"\#(ScriptToxicTests.steps)","w":"c d"}"#,
        #"{"type":"script","steps":"\#(ScriptToxicTests.steps)","attributes":{"at_bytes":1}}"#,
        #"{"type":"script","steps":"Two.\n\nvariant a\n\nfin\n\nvariant b\n\nrst\n","variant":"b"}"#,
    ])
    func `what is shown can be written back and means the same`(body: String) throws {
        let harness = try harness()
        let shown = try add(body, harness).body
        let name = try #require(harness.registry["p"]?.proxy.toxics.first).name
        #expect(try harness.send("POST /proxies/q/toxics", shown).body == shown)
        #expect(harness.registry["q"]?.proxy.toxics == harness.registry["p"]?.proxy.toxics)
        #expect(try harness.send("PATCH /proxies/p/toxics/\(name)", shown).body == shown)
        #expect(harness.registry["q"]?.proxy.toxics == harness.registry["p"]?.proxy.toxics)
        let all = try harness.send("GET /proxies").body
        #expect(all.contains(shown))
    }

    @Test func `a script of one's own is shown as it was sent`() throws {
        let harness = try harness()
        let made = try add(#"{"type":"script","steps":"\#(Self.steps)"}"#, harness)
        #expect(made.body.contains(#""name":"script","type":"script""#))
        #expect(made.body.contains(#""w":"a b","steps":"\#(Self.steps)""#))
    }

    @Test(arguments: [
        (
            #"{"type":"script","file":"/etc/passwd"}"#,
            "invalid file can be given on the command line and in configuration files only. "
                + "Send the text of the script as steps."
        ),
        (#"{"type":"script"}"#, "invalid steps: a script needs its text: send it as steps."),
        (#"{"type":"script","steps":"One.\n\nhead\n  explode\n"}"#, "invalid steps:4:3: "),
        (#"{"type":"truncate","steps":"x"}"#, "unknown key 'steps': truncate has no 'steps'."),
        (#"{"type":"truncate","attributes":{"at_s":1}}"#, "invalid attribute: at has no unit 's'."),
        (#"{"type":"truncate","stream":"downstream"}"#, "invalid stream: truncate answers in"),
        (#"{"type":"hang"}"#, "invalid toxic type"),
    ])
    func `what cannot be is refused`(body: String, message: String) throws {
        let harness = try harness()
        let before = try harness.state
        let answer = try add(body, harness)
        #expect(answer.status == 400)
        #expect(answer.body.contains(message), "\(answer.body)")
        #expect(try harness.state == before)
    }

    @Test func `a text that is too long is refused`() throws {
        let harness = try harness()
        let long = String(repeating: "#", count: Script.maximumText + 1)
        let answer = try add(#"{"type":"script","steps":"\#(long)"}"#, harness)
        #expect(answer.status == 400)
        #expect(answer.body.contains("steps has 65537 bytes. A script has at most 65536"))
    }
}
