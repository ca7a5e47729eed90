import EventLoop
import Testing

@testable import ControlAPI

@Suite struct RouteTests {
    /// What each path takes, in the order of `Allow`.
    private static let allowed = [
        ("/proxies", "GET, POST"), ("/proxies/a", "GET, POST, PATCH, DELETE"),
        ("/proxies/a/toxics", "GET, POST"), ("/proxies/a/toxics/t", "GET, POST, PATCH, DELETE"),
        ("/populate", "POST"), ("/reset", "POST"), ("/version", "GET"), ("/journal", "GET, HEAD"),
        ("/journal/keys", "GET, HEAD"), ("/events", "GET, HEAD"), ("/concurrency", "GET, HEAD"),
        ("/running", "GET, HEAD"), ("/concurrency/reset", "POST"),
        ("/verify", "POST"), ("/replay", "POST"), ("/behavior", "PUT, GET, HEAD"),
        ("/behaviors", "GET, HEAD"),
        ("/backend", "PUT, GET, HEAD"), ("/livez", "GET, HEAD"), ("/readyz", "GET, HEAD"),
        ("/", "GET, HEAD"),
    ]

    private func find(
        _ path: String, _ options: APIOptions = APIOptions()
    ) -> (Route, names: [String])? {
        let path = Array(path.utf8).withUnsafeBytes { RequestPath($0) }
        return path.flatMap { Route.find($0.segments, options) }
    }

    @Test(arguments: allowed)
    func `a path takes its methods and no others`(_ path: String, _ methods: String) throws {
        let harness = try ControlHarness()
        let all = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]
        let taken = try all.filter { try harness.send("\($0) \(path)").status != 405 }
        #expect(Set(taken) == Set(methods.split(separator: ", ").map(String.init)))
        let refused = try harness.send("BREW \(path)")
        #expect(refused["Allow"] == methods)
        let isToxiproxy = find(path)?.0.family == .toxiproxy
        #expect(refused.body == (isToxiproxy ? "" : "405 Method Not Allowed\n"))
    }

    @Test(arguments: ["GET", "HEAD", "POST", "DELETE", "BREW"])
    func `the metrics take every method`(_ method: String) throws {
        #expect(try ControlHarness().send("\(method) /metrics").status == 200)
    }

    @Test func `names in a path are any text but none`() throws {
        let found = try #require(find("/proxies/a%2Fb/toxics/%3Ctoxic%3E"))
        #expect(found.0.path == "/proxies/<name>/toxics/<toxic>")
        #expect(found.names == ["a/b", "<toxic>"])
        for path in ["/proxies/", "/proxies//toxics", "/proxies/a/toxics/", "/proxies/a/toxic"] {
            #expect(find(path) == nil)
        }
    }

    @Test func `the page for people has a line for each route`() throws {
        let answer = try ControlHarness().send("GET /")
        let lines = answer.body.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.prefix(2) == ["flagserver, the control port", ""] && lines.last == "")
        #expect(lines.count == Route.all.count + 3)
        #expect(
            lines.contains(
                "GET, POST               /proxies/<name>/toxics        its toxics; adds one"))
        #expect(lines.allSatisfy { !$0.contains("HEAD") })
    }

    /// Keeps none.
    private final class NoWorlds: WorldKeeper {
        func make(_ body: [UInt8]) throws(WorldRefusal) -> String { "{}" }
        var list: [String] { [] }
        func find(_ name: String) -> String? { nil }
        func end(_ name: String) throws(WorldRefusal) -> String { "{}" }
    }

    @Test func `every route is found by its own path`() throws {
        let worlds = NoWorlds()
        var options = APIOptions()
        (options.worlds, options.loop) = (worlds, try EventLoop())
        for route in Route.all {
            #expect(find(route.path, options)?.0.path == route.path)
        }
    }
}
