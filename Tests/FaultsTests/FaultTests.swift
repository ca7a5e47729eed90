import HTTPWire
import TestSupport
import Testing

@testable import Faults

struct FaultTests {
    private func refusal(_ type: FaultType, _ attributes: [String: Quantity]) -> String {
        do {
            return "\(try Fault(type, attributes))"
        } catch {
            return error.description
        }
    }

    @Test func `absent attributes have their default`() throws {
        let defaults: [Fault] = [
            .noop(Noop()), .latency(Latency(latency: 0, jitter: 0)), .bandwidth(Bandwidth(rate: 0)),
            .slicer(Slicer(averageSize: 0, sizeVariation: 0, delay: 0)),
            .limitData(LimitData(bytes: 0)),
            .slowClose(SlowClose(delay: 0)), .timeout(Timeout(timeout: 0)),
            .resetPeer(ResetPeer(timeout: 0)),
            .packetLoss(PacketLoss(lossRate: .never, correlation: .never)),
            .corrupt(Corrupt(bytes: 1000, inject: false)),
            .respond(
                Respond(statuses: [(418, 1), (503, 1)], retryAfter: 1_000_000_000)),
            .refuse(Refuse(time: 0)), .acceptStall(AcceptStall(backlog: 0, time: 0)),
            .v6Blackhole(V6Blackhole(time: 0)), .v4Only(V4Only(time: 0)),
            .v6Only(V6Only(time: 0)), .acceptDelay(AcceptDelay(delay: 1_000_000_000)),
            .acceptReset(AcceptReset()), .acceptClose(AcceptClose()),
            .keepaliveRace(KeepaliveRace()), .closeAfter(CloseAfter(requests: 1)),
            .idleClose(IdleClose(time: 1_000_000_000)), .lyingKeepAlive(LyingKeepAlive()),
            .connectionCloseStays(ConnectionCloseStays(time: 10_000_000_000)),
            .nameError(NameError()), .serverFailure(ServerFailure()),
            .refusedQuery(RefusedQuery()), .droppedQuery(DroppedQuery()),
            .truncatedAnswer(TruncatedAnswer()), .wrongIdentifier(WrongIdentifier()),
            .wrongQuestion(WrongQuestion()), .wrongSource(WrongSource()),
            .canonicalLoop(CanonicalLoop()), .noAddress6(NoAddress6()),
            .slowStream(SlowStream(pause: 100_000_000)), .manyRecords(ManyRecords(count: 200)),
            .zeroTimeToLive(ZeroTimeToLive()), .garbageAnswer(GarbageAnswer()),
        ]
        #expect(try FaultType.core.map { try Fault($0, [:]) } == defaults)
        #expect(defaults.map(\.type) == FaultType.core)
    }

    @Test func `attributes are base units`() throws {
        #expect(
            try Fault(Latency.type, ["latency": .number(7), "jitter": .number(3)])
                == .latency(Latency(latency: 7, jitter: 3)))
        #expect(
            try Fault(Bandwidth.type, ["rate": .number(1234)])
                == .bandwidth(Bandwidth(thousandths: 1234)))
        #expect(
            try Fault(PacketLoss.type, ["loss_rate": .fraction(0.5), "correlation": .number(1)])
                == .packetLoss(
                    PacketLoss(
                        lossRate: try #require(Probability(0.5)), correlation: .always)))
        #expect(
            try Fault(Corrupt.type, ["bytes": .number(5), "inject": .number(1)])
                == .corrupt(Corrupt(bytes: 5, inject: true)))
        #expect(
            try Fault(Latency.type, ["latency": .number(-5)])
                == .latency(Latency(latency: 0, jitter: 0)))
    }

    @Test func `every fault comes back from its attributes, which are all there`() throws {
        let faults: [Fault] = [
            .noop(Noop()), .latency(Latency(latency: 5_000_001, jitter: 2)),
            .bandwidth(Bandwidth(thousandths: 1001)),
            .slicer(Slicer(averageSize: 9, sizeVariation: 9, delay: 1)),
            .limitData(LimitData(bytes: 1 << 53)),
            .slowClose(SlowClose(delay: 1)), .timeout(Timeout(timeout: 2)),
            .resetPeer(ResetPeer(timeout: 3)),
            .packetLoss(
                PacketLoss(
                    lossRate: try #require(Probability(0.1)),
                    correlation: try #require(Probability(0.2)))),
            .corrupt(Corrupt(bytes: 1 << 20, inject: true)),
            .respond(Respond(statuses: [(404, 7), (503, 1)], retryAfter: nil)),
        ]
        for fault in faults {
            let attributes = fault.attributes
            let given = Dictionary(uniqueKeysWithValues: attributes.map { ($0.name, $0.value) })
            #expect(try Fault(fault.type, given) == fault)
            if fault.type == Respond.type { continue }
            #expect(
                attributes.map(\.name)
                    == fault.type.attributes.filter { !$0.isShownWhenSet }.map(\.name))
        }
        #expect(faults.last?.attributes.map(\.name) == ["404", "503", "retry_after"])
        #expect(faults.last?.attributes.map(\.value) == [.number(7), .number(1), .number(0)])
    }

    @Test func `respond answers what has a weight`() throws {
        let fault = try Fault(
            Respond.type, ["503": .number(2), "404": .number(0), "retry_after": .number(0)])
        #expect(fault == .respond(Respond(statuses: [(503, 2)], retryAfter: nil)))
        #expect(
            refusal(Respond.type, ["503": .number(0)])
                == "respond needs a status that is answered. Give one the weight 1, as in 503=1.")
        let other = Respond(statuses: [(503, 3)], retryAfter: nil)
        #expect(fault != .respond(other))
    }

    @Test func `a refusal says why and what there is`() {
        #expect(
            refusal(Latency.type, ["delay": .number(1)])
                == "latency has no attribute 'delay'. There are latency, jitter, distribution and "
                + "per_in_flight."
        )
        #expect(
            refusal(Bandwidth.type, ["speed": .number(1)])
                == "bandwidth has no attribute 'speed'. There are rate and shared.")
        #expect(
            refusal(Noop.type, ["speed": .number(1)])
                == "noop has no attribute 'speed'. It has none.")
        #expect(
            refusal(Respond.type, ["600": .number(1)])
                == "respond has no attribute '600'. There are <status>, retry_after, headers and "
                + "body."
        )
        #expect(
            refusal(Bandwidth.type, ["rate": .number(-1_000_000)])
                == "rate -1 is out of range. It lies from 0 to 1000000000000 kB/s.")
        #expect(
            refusal(Bandwidth.type, ["rate": .fraction(0.5)])
                == "rate 0.5 is not a whole number of kB/s.")
    }

    // MARK: Hostile values

    private static let numbers: [Int64] = [
        .min, .min + 1, -1, 0, 1, 2, 3, 999, 1 << 20, (1 << 20) + 1, 1 << 31, 1 << 53, 1 << 62,
        1_000_000_000_000, 1_000_000_000_001, 1_000_000_000_000_000_000, .max - 1, .max,
    ]

    private func value(_ generator: inout TestGenerator) -> Quantity {
        switch generator.next(below: 4) {
        case 0: .number(Int64(bitPattern: generator.next()))
        case 1: .number(generator.element(of: Self.numbers))
        case 2: .number(Int64(generator.next(below: 100)))
        default:
            .fraction(
                generator.element(of: [
                    0, 0.25, 1, -1, 1.5, .nan, .infinity, 1e300, .leastNonzeroMagnitude,
                ]))
        }
    }

    @Test func `no attribute value can crash, spin or grow`() throws {
        var generator = TestGenerator(seed: 77)
        let names = FaultType.allCases.flatMap { $0.attributes.map(\.name) } + ["418", "503", "x"]
        var made = 0
        for _ in 0..<20_000 {
            let type = generator.element(of: FaultType.allCases)
            var attributes: [String: Quantity] = [:]
            for attribute in type.attributes {
                attributes[attribute.name] = value(&generator)
                if attribute.name == "<status>" { attributes[attribute.name] = nil }
            }
            if generator.next(below: 10) == 0 {
                attributes[generator.element(of: names)] = value(&generator)
            }
            guard let fault = try? Fault(type, attributes) else { continue }
            made += 1
            drive(fault, &generator)
            let given = fault.attributes.map { ($0.name, $0.value) }
            let again = try Fault(type, Dictionary(uniqueKeysWithValues: given))
            if again != fault { Issue.record("\(fault) came back as \(again)") }
        }
        #expect(made > 2000)
    }

    /// Flows through its stage, whose number of actions and memory stay within what came.
    private func drive(_ fault: Fault, _ generator: inout TestGenerator) {
        var pipeline = Pipeline([fault])
        var actions = Actions()
        let flows: [Flow] = [.bytes(Bytes("abcdefghij")), .boundary, .bytes(Bytes("k")), .end]
        pipeline.begin(at: Instant(nanoseconds: 0))
        var now: UInt64 = 0
        for flow in flows {
            pipeline.receive(flow, at: Instant(nanoseconds: now), into: &actions)
            if pipeline.heldBytes > 11 + 4 * 128 { Issue.record("\(fault) holds too much") }
            now += UInt64(generator.next(below: 1_000_000_000))
            pipeline.wake(at: Instant(nanoseconds: now), into: &actions)
        }
        var wakes = 0
        while let due = pipeline.deadline, wakes < 100 {
            pipeline.wake(at: due, into: &actions)
            wakes += 1
        }
        if wakes == 100 { Issue.record("\(fault) spins") }
        pipeline.replace(
            with: [], stream: .downstream, credits: nil, at: Instant(nanoseconds: now),
            into: &actions)
        if !pipeline.isEmpty || actions.forwarded.count > 20 { Issue.record("\(fault) grows") }
    }
}
