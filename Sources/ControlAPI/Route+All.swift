// The whole interface: a new route is a row here and the handler that it names.
extension Route {
    static let all: [Route] = [
        Route(
            path: "/proxies", family: .toxiproxy, help: "all proxies with their toxics; makes one",
            changesProxies: true,
            handlers: [
                .get: .made { ProxyRoutes($0).list($1) },
                .post: .made { try ProxyRoutes($0).create($1) },
            ]),
        Route(
            path: "/proxies/<name>", family: .toxiproxy, help: "one of them", changesProxies: true,
            handlers: [
                .get: .made { try ProxyRoutes($0).show($1) },
                // What PATCH was before Toxiproxy 2.6.
                .post: .made { try ProxyRoutes($0).update($1) },
                .patch: .made { try ProxyRoutes($0).update($1) },
                .delete: .made { try ProxyRoutes($0).delete($1) },
            ]),
        Route(
            path: "/proxies/<name>/toxics", family: .toxiproxy, help: "its toxics; adds one",
            changesProxies: true,
            handlers: [
                .get: .made { try ToxicRoutes($0).list($1) },
                .post: .made { try ToxicRoutes($0).add($1) },
            ]),
        Route(
            path: "/proxies/<name>/toxics/<toxic>", family: .toxiproxy, help: "one of them",
            changesProxies: true,
            handlers: [
                .get: .made { try ToxicRoutes($0).show($1) },
                .post: .made { try ToxicRoutes($0).update($1) },
                .patch: .made { try ToxicRoutes($0).update($1) },
                .delete: .made { try ToxicRoutes($0).remove($1) },
            ]),
        Route(
            path: "/populate", family: .toxiproxy, help: "adds and replaces proxies",
            changesProxies: true, handlers: [.post: .made { ProxyRoutes($0).populate($1) }]),
        Route(
            path: "/reset", family: .toxiproxy, help: "back to the start",
            changesProxies: true, handlers: [.post: .made { api, _ in try api.reset() }]),
        Route(
            path: "/version", family: .toxiproxy, help: "of Toxiproxy's interface",
            handlers: [.get: .made { _, _ in ProxyRoutes.version }]),
        Route(
            path: "/metrics", family: .toxiproxy, help: "for Prometheus", takesAnyMethod: true,
            isOffered: { $0.hasMetrics }, handlers: [.get: .made { api, _ in api.metrics }]),
        Route(
            path: "/journal", family: .records,
            help: "records of exchanges, one JSON object a line; ?"
                + JournalRoutes.keys.joined(separator: "=&") + "=",
            handlers: [.get: .searched { try JournalRoutes($0).journal($1) }]),
        Route(
            path: "/journal/keys", family: .records,
            help: "what /journal?q= can ask; with ?q=, what that means",
            handlers: [.get: .made { try JournalKeysRoute().response($1.request) }]),
        Route(
            path: "/events", family: .records, help: "state, records and meters as they come",
            handlers: [.get: .searched { try JournalRoutes($0).events($1) }]),
        Route(
            path: "/concurrency", family: .records,
            help: "in flight and peak, per proxy and per client",
            handlers: [
                .get: .made { api, _ in
                    .json(200, ConcurrencyCoding.json(api.registry, api.environment))
                }
            ]),
        Route(
            path: "/running", family: .records, help: "exchanges under way, the oldest first",
            handlers: [
                .get: .made { api, _ in
                    let running = RunningCoding.find(api.registry.proxies)
                    let wallOffset = api.environment?.wallOffset
                    return .json(200, RunningCoding.json(running, wallOffset: wallOffset))
                }
            ]),
        Route(
            path: "/concurrency/reset", family: .records, help: "peaks begin again",
            handlers: [.post: .made { api, _ in api.resetPeaks() }]),
        Route(
            path: "/verify", family: .records,
            help: "{\"proxy\":\"delay\",\"count\":{\"min\":1}}: 200, or 409",
            handlers: [.post: .searched { try VerifyRoute($0).search($1.request) }]),
        Route(
            path: "/replay", family: .records,
            help: "{\"seq\":123}: asks again what a record says, and tells what came back",
            isOffered: { $0.loop != nil },
            handlers: [.post: .streamed { try ReplayRoute($0).stream($1) }]),
        Route(
            path: "/mark", family: .own,
            help: "{\"label\":\"test_login\"}: the label of the records that follow",
            handlers: [.post: .made { try MarkRoute($0).response($1.request) }]),
        Route(
            path: "/worlds", family: .own,
            help: "private servers and a control port of their own, for one test",
            isOffered: { $0.worlds != nil },
            handlers: [
                .get: .made { api, _ in try WorldRoutes(api).list() },
                .post: .made { try WorldRoutes($0).make($1) },
            ]),
        Route(
            path: "/worlds/<name>", family: .own, help: "one of them; DELETE ends it",
            isOffered: { $0.worlds != nil },
            handlers: [
                .get: .made { try WorldRoutes($0).show($1) },
                .delete: .made { try WorldRoutes($0).end($1) },
            ]),
        Route(
            path: "/behavior", family: .vaurien, help: "of Vaurien's interface",
            changesProxies: true,
            handlers: [
                .put: .made { try BehaviorRoutes($0).setBehaviour($1) },
                .get: .made { api, _ in try BehaviorRoutes(api).behaviour() },
            ]),
        Route(
            path: "/behaviors", family: .vaurien, help: "all that there are",
            handlers: [.get: .made { _, _ in BehaviorRoutes.behaviours }]),
        Route(
            path: "/backend", family: .vaurien, help: "where its connections go",
            changesProxies: true,
            handlers: [
                .put: .made { try BehaviorRoutes($0).setBackend($1) },
                .get: .made { api, _ in try BehaviorRoutes(api).backend() },
            ]),
        Route(
            path: "/livez", family: .own, help: "200",
            handlers: [.get: .made { _, _ in .text(200, "ok\n") }]),
        Route(
            path: "/readyz", family: .own, help: "200",
            handlers: [.get: .made { _, _ in .text(200, "ok\n") }]),
        Route(
            path: "/flags", family: .own, help: "whose flags there are, as JSON",
            handlers: [.get: .made { api, _ in PageRoutes(api).codes }]),
        Route(
            path: "/flags/<cc>/<file>", family: .own, help: "the flags' files, without an exchange",
            handlers: [.get: .passed { try PageRoutes($0).flag($1) }]),
        Route(
            path: "/faults", family: .own, help: "every type of toxic that there is, as JSON",
            handlers: [.get: .made { _, _ in PageRoutes.faults }]),
        Route(
            path: "/", family: .own, help: "this; the page for browsers",
            handlers: [.get: .made { api, asked in PageRoutes(api).front(asked) }]),
    ]
}
