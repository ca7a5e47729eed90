import Records
import Testing

@testable import ControlAPI

@Suite struct JournalKeysRouteTests {
    @Test func `all keys are listed with what helps to write them`() throws {
        let answer = try ControlHarness().send("GET /journal/keys")
        #expect((answer.status, answer["Content-Type"]) == (200, "application/json"))
        let json = try JSONValue(text: answer.body)
        #expect(json["sentence"] == nil)
        for (index, key) in QueryKey.allCases.enumerated() {
            #expect(json["keys"]?[index]?["key"] == .string(key.rawValue))
        }
        #expect(json["keys"]?[QueryKey.allCases.count] == nil)
        #expect(
            answer.body.contains(
                #"{"key":"delay","other_name":"delay_ms","means":"the latency that was drawn, "#
                    + #"in ms","example":"delay\u003e400ms","compared":true,"values":[]}"#))
        #expect(answer.body.contains(#""values":["true","false"]"#))
    }

    @Test func `a filter is told what it means, or what is wrong`() throws {
        let harness = try ControlHarness()
        for (query, sentence) in [
            ("", "all exchanges"),
            (
                "proxy:error+-path:*.json",
                "exchanges of proxy error, whose path does not match *.json"
            ),
        ] {
            let answer = try harness.send("GET /journal/keys?q=\(query)")
            #expect(try JSONValue(text: answer.body)["sentence"] == .string(sentence))
        }
        let wrong = try harness.send("GET /journal/keys?q=proxi:a")
        #expect(wrong.status == 400 && wrong.body.contains("Did you mean 'proxy'?"))
        let unknown = try harness.send("GET /journal/keys?query=a")
        #expect(unknown.status == 400 && unknown.body.contains("unknown parameter 'query'"))
    }
}
