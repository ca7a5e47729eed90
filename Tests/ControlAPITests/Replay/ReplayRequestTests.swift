import ChaosProxy
import EventLoop
import Records
import TestSupport
import Testing

@testable import ControlAPI

@Suite struct ReplayRequestTests {
    /// The words of a refusal; empty if there is none.
    private func refusal(
        _ harness: ControlHarness, _ change: (inout ExchangeRecord) -> Void = { _ in }
    ) -> String {
        var record = SampleRecords.served(7)
        change(&record)
        do throws(APIError) {
            _ = try ReplayRequest(record, harness.registry)
            return ""
        } catch {
            #expect(error.status == 409)
            return error.description
        }
    }

    @Test func `what is sent is what the record says, and who asks`() throws {
        let harness = try ControlHarness()
        let port = try #require(try harness.addSite("local").proxy.addresses.first?.port)
        var record = SampleRecords.served(7)
        record.method = "HEAD"
        let request = try ReplayRequest(record, harness.registry)
        #expect(
            String(decoding: request.message, as: UTF8.self)
                == "HEAD /flags/br/br.gif HTTP/1.1\r\nHost: localhost:\(port)\r\n"
                + "User-Agent: flagserver-replay\r\nX-Flagserver-Label: replay\r\n"
                + "Connection: close\r\n\r\n")
        #expect(request.addresses.allSatisfy { $0.isLoopback && $0.port == port })
    }

    @Test func `a listener on all interfaces is reached on the loopbacks`() throws {
        let harness = try ControlHarness()
        let site = try harness.addSite("other").proxy
        let proxy = Proxy(name: "local", upstream: site.upstream, environment: harness.environment)
        try harness.registry.add(builtIn: proxy, listen: ListenAddress(.all, port: 0))
        let request = try ReplayRequest(SampleRecords.served(7), harness.registry)
        #expect(request.addresses.first?.host == "127.0.0.1")
        #expect(request.addresses.allSatisfy { $0.isLoopback })
    }

    @Test func `other methods and what is no request are refused`() throws {
        let harness = try ControlHarness()
        try harness.addSite("local")
        #expect(refusal(harness).isEmpty)
        for method in ["POST", "get", "DELETE", "CONNECT"] {
            let words = refusal(harness) { $0.method = method }
            #expect(words.hasPrefix("record 7 is of a \(method): only GET and HEAD"))
        }
        #expect(refusal(harness) { $0.isConnection = true }.contains("of a connection"))
        #expect(refusal(harness) { $0.isMalformed = true }.contains("not understood"))
        #expect(refusal(harness) { $0.method = "" }.contains("not understood"))
        #expect(refusal(harness) { $0.target = "" }.contains("not understood"))
    }

    @Test(arguments: ["/a b", "/a\r\nX: y", "/a\u{fffd}", "/ä", "/\0", "/\u{7f}"])
    func `a target that may not be what was sent is refused`(_ target: String) throws {
        let harness = try ControlHarness()
        try harness.addSite("local")
        #expect(refusal(harness) { $0.target = target }.contains("not plain ASCII"))
    }

    @Test func `a target that was cut is refused`() throws {
        let harness = try ControlHarness()
        try harness.addSite("local")
        let long = [UInt8](repeating: 0x61, count: ExchangeRecord.maximumText + 1)
        let words = refusal(harness) {
            $0.target = long.withUnsafeBytes { ExchangeRecord.text($0) }
        }
        #expect(words.contains("was cut behind \(ExchangeRecord.maximumText) bytes"))
    }

    @Test func `a proxy that is gone, disabled or of another protocol is named`() throws {
        let harness = try ControlHarness()
        #expect(refusal(harness).contains("proxy 'local', which is no more"))
        try harness.create("local")
        #expect(refusal(harness).contains("with protocol tcp: only requests over http"))
        #expect(try harness.send("DELETE /proxies/local").status == 204)
        try harness.create("local", #","protocol":"http","enabled":false"#)
        #expect(refusal(harness).hasPrefix("proxy 'local' is disabled: enable it"))
    }
}
