import ChaosProxy
import Faults
import TestSupport
import Testing

@testable import ControlAPI

@Suite struct HostileInputTests {
    private static let values = [
        "-1", "-9223372036854775808", "9223372036854775807", "4611686018427387904", "1e308",
        "1e400", "1.5", "-0", "0", "1", "99999999999999999999999", "\"5\"", "true", "[]", "{}",
        "null", "\"\"", "2147483648", "4294967296", "9007199254740993",
    ]

    /// Every attribute of every fault with every one of those: more than four hundred.
    private static var bodies: [(type: FaultType, body: String)] {
        let core = FaultType.core.filter { !$0.needsNames }
        return (core + FaultType.all(named: "truncate")).flatMap { type in
            let names = type.attributes.map(\.name) + ["418", "toxicity", "latency", "999", "name"]
            return names.flatMap { name in
                values.map { (type, "{\"attributes\":{\"\(name)\":\($0)},\"\(name)\":\($0)}") }
            }
        }
    }

    @Test func `no attribute value breaks anything or changes half of it`() throws {
        let harness = try ControlHarness()
        try harness.create("p", #","protocol":"http""#)
        #expect(Self.bodies.count > 400)
        for (type, body) in Self.bodies {
            let made = "{\"type\":\"\(type.rawValue)\",\"name\":\"t\"}"
            #expect(try harness.send("POST /proxies/p/toxics", made).status == 200)
            let before = try harness.state
            let answer = try harness.send("PATCH /proxies/p/toxics/t", body)
            #expect(answer.status == 200 || answer.status == 400)
            if answer.status == 400 { #expect(try harness.state == before) }
            #expect(try harness.send("DELETE /proxies/p/toxics/t").status == 204)
            let direct = "{\"type\":\"\(type.rawValue)\",\"stream\":\"x\",\(body.dropFirst())"
            #expect(try harness.send("POST /proxies/p/toxics", direct).status == 400)
        }
    }

    @Test func `mutated calls are answered and never half done`() throws {
        let harness = try ControlHarness()
        try harness.create("p", #","protocol":"http","toxics":[{"type":"latency","name":"t"}]"#)
        let calls = [
            (
                "PATCH /proxies/p/toxics/t",
                #"{"attributes":{"latency":5,"jitter":1},"toxicity":0.5}"#
            ),
            ("POST /proxies/p/toxics", #"{"type":"slicer","name":"t","attributes":{"delay":1}}"#),
            ("PATCH /proxies/p", #"{"enabled":true,"upstream":"127.0.0.1:9","toxics":[]}"#),
            ("POST /populate", #"[{"name":"p","upstream":"","toxics":[{"type":"noop"}]}]"#),
            ("PUT /behavior", #"{"name":"50:delay","sleep":1,"before":false}"#),
        ]
        let alphabet = Array("{}[]\",:\\u019eE+-. tfn\0".utf8) + [0xff]
        var generator = TestGenerator(seed: 3)
        for round in 0..<1000 {
            let (line, body) = calls[round % calls.count]
            var bytes = Array(body.utf8)
            for _ in 0...generator.next(below: 3) {
                let byte = alphabet[generator.next(below: alphabet.count)]
                bytes[generator.next(below: bytes.count)] = byte
            }
            let before = try harness.state
            let answer = try harness.send(line, bytes)
            #expect(answer.status < 500, "\(line) \(String(decoding: bytes, as: UTF8.self))")
            if answer.status >= 400 { #expect(try harness.state == before) }
        }
    }

    @Test func `long texts are refused`() throws {
        let harness = try ControlHarness()
        let long = String(repeating: "x", count: 1025)
        for body in [
            #"{"name":"\#(long)","upstream":"h:1"}"#, #"{"name":"a","upstream":"\#(long):1"}"#,
            #"{"name":"a","upstream":"h:1","listen":"\#(long)","enabled":false}"#,
            #"{"name":"a","upstream":"h:1","toxics":[{"type":"noop","name":"\#(long)"}]}"#,
        ] {
            #expect(try harness.send("POST /proxies", body).status == 400)
        }
        #expect(harness.registry.proxies.isEmpty)
    }

    @Test func `there are at most a thousand proxies`() throws {
        let harness = try ControlHarness()
        let many = (0..<1000).map {
            "{\"name\":\"\($0)\",\"upstream\":\"h:1\",\"enabled\":false}"
        }
        let all = "[\(many.joined(separator: ","))]"
        #expect(try harness.send("POST /populate", all).status == 201)
        let one = #"{"name":"x","upstream":"h:1","enabled":false}"#
        #expect(try harness.send("POST /proxies", one).status == 400)
        #expect(try harness.send("POST /populate", "[\(one)]").status == 400)
        #expect(try harness.send("DELETE /proxies/7").status == 204)
        #expect(try harness.send("POST /proxies", one).status == 201)
    }
}
