import Faults
import TestSupport

@testable import ChaosProxy

/// What happens to a town from one seed.
struct WitnessScript {
    private var random: TestGenerator
    let plan: WitnessPlan
    let town: WitnessTown
    private let verdict: WitnessVerdict
    private var hasLeft = false

    /// - Parameter log: hears of every step.
    init(seed: UInt64, _ twins: WitnessTwins, log: ((String) -> Void)? = nil) throws {
        random = TestGenerator(seed: seed &* 0x9e37_79b9_7f4a_7c15 | 1)
        plan = WitnessPlan(&random)
        let toxics = plan.toxics(&random)
        town = try WitnessTown(plan.kind, isSite: plan.isSite, toxics, plan.limits, twins)
        verdict = WitnessVerdict(town: town)
        town.onSettled = { [verdict] in verdict.afterStep() }
        town.ledger.log = log
        town.dialsAtOnce = plan.dialsAtOnce
        log?("\(plan.words), \(Self.words(toxics)) \(Self.words(plan.limits))")
    }

    static func words(_ toxics: [Toxic]) -> String {
        toxics.map { "[\($0.name) \($0.fault.words) \($0.toxicity.probability.fraction)]" }
            .joined(separator: " ")
    }

    private static func words(_ limits: RequestLimits) -> String {
        guard limits != RequestLimits() else { return "" }
        let (requests, connections) = (limits.maxConcurrency ?? 0, limits.maxConnections ?? 0)
        let over = limits.overLimit.map { "\($0)" } ?? ""
        return "limits: \(requests) requests, \(connections) connections, \(over)"
    }

    private func say(_ text: @autoclosure () -> String) {
        guard let log = town.ledger.log else { return }
        let time = Double(town.clock.now - WitnessTown.start) / 1e6
        log("\(time) ms  \(text())")
    }

    private mutating func number(_ bound: Int) -> Int { random.next(below: bound) }

    // MARK: The whole of it

    mutating func run() -> [(check: String, detail: String)] {
        let crowd = plan.depth == .alone ? 1 : 2 + number(2)
        for _ in 0..<crowd { joins() }
        for _ in 0..<(8 + number(12)) {
            step()
            town.settle()
        }
        if number(3) > 0 { goesWell() }
        everybodyLeaves()
        verdict.atEnd()
        return town.ledger.wrongs
    }

    private mutating func joins() {
        let via: WitnessClient.Via? = random.element(of: [nil, nil, nil, nil, .counted, .plain])
        let client = town.join(via: via)
        let words = via.map { ", \($0)" } ?? ""
        say("client \(client.number) comes\(client.isSurplus ? ", one too many" : "")\(words)")
        client.waitedForBackend = !town.dialsAtOnce
        guard plan.kind == .http else { return }
        for index in 0..<(1 + number(plan.depth == .alone ? 2 : 3)) {
            let start = client.requests.last?.end ?? 0
            let request = WitnessRequest(
                client: client.index, index: index, start: start, kinds: plan.answers, &random)
            client.requests.append(request)
            if request.closes { break }
        }
    }

    /// Everybody takes what there is, and nothing stands in the way.
    private mutating func goesWell() {
        say("all goes well from here")
        town.dialsAtOnce = true
        for client in town.clients {
            client.socket.peerAcknowledges(true)
            town.doing(for: client) { client.socket.peerTakes(nil) }
        }
        for _ in 0..<6 {
            for client in town.clients { sends(client) }
            for backend in town.backends { speaks(backend, all: true) }
            town.advance(by: 40_000_000)
            town.settle()
        }
    }

    private mutating func everybodyLeaves() {
        say("everybody leaves")
        for client in town.clients {
            town.doing(for: client) { client.socket.peerResets() }
            town.settle()
        }
        for client in town.clients where town.isDialing(client) {
            town.connect(client, refused: true)
        }
        for backend in town.backends {
            town.doing(for: backend.client) { backend.socket.peerResets() }
        }
        town.advance(by: 3_000_000_000)
        town.settle()
    }

    // MARK: What happens

    private mutating func step() {
        let client = random.element(of: town.clients)
        switch number(24) {
        case 0...6: sends(client)
        case 7...12: speaks(client)
        case 13...17: waits()
        case 18: leaves(client)
        case 19: backendEnds(client)
        case 20: stalls(client)
        case 21: takes(client)
        case 22: changes()
        case 23 where plan.depth != .alone && town.clients.count < 5: joins()
        default: dials(client)
        }
    }

    private mutating func waits() {
        let rare = number(30) == 0
        let isCalm = town.clients.allSatisfy { !$0.isMidRequest }
        let longest = rare && isCalm ? 40_000_000_000 : number(2) == 0 ? 3_000_000 : 30_000_000
        let time = UInt64(1 + number(longest))
        say("\(time) ns go by")
        town.advance(by: time)
    }

    private mutating func sends(_ client: WitnessClient) {
        guard !client.isSilent else { return }
        guard plan.kind == .http else { return sendsBytes(client) }
        guard let request = client.requests.first(where: { $0.end > client.sent }) else { return }
        let isNew = client.sent == request.start
        if isNew, plan.depth == .alone, !client.underWay.isEmpty { return }
        // Whether the connection goes on behind nonsense nobody can tell.
        if client.underWay.contains(where: town.ledger.isDisturbed) { return }
        if isNew, mayMerge(client), sendsTwo(client) { return }
        // What is no HTTP any more is not read as such.
        let isConfused = client.underWay.contains {
            $0.request?.answer.kind == .nonsense && $0.down.inCount > 0
        }
        if isConfused, isNew { return }
        let left = request.end - client.sent
        let count = number(4) == 0 ? 1 + number(left) : left
        let start = client.sent - request.start
        say(
            "client \(client.number) sends \(count) of \(request.words), "
                + "to be answered \(plan.isSite ? request.size : request.answer.content) bytes")
        client.sent += count
        client.socket.peerSends(Array(request.bytes[start..<(start + count)]))
    }

    /// Where nothing depends on which of two requests is there first.
    private mutating func mayMerge(_ client: WitnessClient) -> Bool {
        let isCalm = town.proxy.toxics.allSatisfy { !WitnessActs.alters($0.fault) }
        return plan.depth == .wild && plan.limits.maxConcurrency == nil && isCalm
            && !client.isSurplus && number(3) == 0
    }

    /// - Returns: whether there were two more.
    private func sendsTwo(_ client: WitnessClient) -> Bool {
        let next = client.requests.filter { $0.start >= client.sent }.prefix(2)
        guard next.count == 2 else { return false }
        say("client \(client.number) sends \(next.map(\.target)) in one piece")
        client.sent = next[1].end
        client.socket.peerSends(next[0].bytes + next[1].bytes)
        return true
    }

    private mutating func sendsBytes(_ client: WitnessClient) {
        let bytes = [UInt8](repeating: 0x2b, count: 1 + number(60))
        say("client \(client.number) sends \(bytes.count)")
        client.socket.peerSends(bytes)
    }

    private mutating func speaks(_ client: WitnessClient) {
        guard let backend = client.backends.last else { return }
        speaks(backend, all: number(2) == 0)
    }

    private mutating func speaks(_ backend: WitnessBackend, all: Bool) {
        guard backend.socket.isOpen, !backend.hasEnded else { return }
        if plan.kind == .http {
            backend.reads(&random)
        } else if let exchange = backend.client.exchanges.first {
            let bytes = [UInt8](repeating: 0x80, count: 1 + number(60))
            exchange.honest += bytes
            backend.cut(bytes, exchange, &random)
        }
        var count = all ? backend.words.count : min(1, backend.words.count)
        if count > 0 { say("backend of \(backend.client.number) says \(count) pieces") }
        while count > 0, !backend.words.isEmpty {
            count -= 1
            town.doing(for: backend.client) { backend.speaks() }
        }
    }

    private mutating func leaves(_ client: WitnessClient) {
        guard !client.isSilent, plan.depth != .alone || number(2) == 0 else { return }
        let how = number(5)
        if how > 1, !client.isMidRequest {
            let gone: [Bool?] =
                plan.kind == .http ? [true, true, false, nil] : [true, false, false]
            client.socket.peerHasGone = random.element(of: gone)
            let words = client.socket.peerHasGone.map { "\($0)" } ?? "nobody knows"
            say("client \(client.number) ends, gone: \(words)")
            client.socket.peerEnds()
        } else if how == 0 {
            say("client \(client.number) is dead")
            client.socket.isDead = true
        } else {
            say("client \(client.number) resets")
            town.doing(for: client) { client.socket.peerResets() }
        }
    }

    private mutating func backendEnds(_ client: WitnessClient) {
        guard let backend = client.backends.last, backend.socket.isOpen, !backend.hasEnded else {
            return
        }
        let resets = number(2) == 0
        say("backend of \(client.number) \(resets ? "resets" : "ends")")
        town.doing(for: client) { resets ? backend.resets() : backend.ends() }
    }

    private mutating func stalls(_ client: WitnessClient) {
        guard client.socket.isOpen else { return }
        client.wasStalled = true
        let count = number(2) == 0 ? 0 : number(100)
        if number(3) == 0 { client.socket.peerAcknowledges(false) }
        say(
            "client \(client.number) takes \(count) more, "
                + "acknowledges: \(client.socket.acknowledges)"
        )
        client.socket.peerStalls(after: count)
    }

    private mutating func takes(_ client: WitnessClient) {
        guard client.socket.isOpen, client.socket.room != .max else { return }
        let count = number(2) == 0 ? nil : 1 + number(80)
        say("client \(client.number) takes \(count.map(String.init) ?? "all")")
        client.socket.peerAcknowledges(true)
        town.doing(for: client) { client.socket.peerTakes(count) }
    }

    private mutating func changes() {
        guard plan.depth == .wild || number(3) == 0 else { return }
        var toxics = town.proxy.toxics
        if number(2) == 0, !toxics.isEmpty {
            toxics.remove(at: number(toxics.count))
        } else {
            toxics = plan.toxics(&random)
        }
        say("toxics: \(Self.words(toxics))")
        town.set(toxics)
    }

    private mutating func dials(_ client: WitnessClient) {
        guard town.isDialing(client) else { return }
        let refuses = number(3) == 0
        say("backend of \(client.number) \(refuses ? "refuses" : "is there")")
        town.connect(client, refused: refuses)
    }
}
