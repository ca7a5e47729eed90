import Testing

@testable import Faults

struct DoorTests {
    private let http = ProtocolAbilities(name: "http", hasHeads: true, withErrors: ["http"])
    private let tcp = ProtocolAbilities(name: "tcp", hasHeads: false, withErrors: ["http"])

    private func plan(_ faults: Fault...) -> FaultPlan {
        let toxics = faults.enumerated().map { index, fault in
            Toxic(fault, stream: fault.type.stream, name: "\(index)")
        }
        return FaultPlan(toxics, proxy: "p", seed: 1)
    }

    private func doors(_ faults: Fault...) -> [Door] {
        let plan = FaultPlan(
            faults.enumerated().map {
                Toxic($1, stream: $1.type.stream, name: "\($0)")
            }, proxy: "p", seed: 1)
        return [plan.door(isIPv6: false), plan.door(isIPv6: true)]
    }

    @Test func `each listener's fault treats the families as it says`() {
        #expect(doors() == [.open, .open])
        #expect(doors(.refuse(Refuse(time: 0))) == [.refusing, .refusing])
        let stalled = Door.stalled(backlog: 3)
        #expect(doors(.acceptStall(AcceptStall(backlog: 3, time: 0))) == [stalled, stalled])
        #expect(doors(.v6Blackhole(V6Blackhole(time: 0))) == [.open, .stalled(backlog: nil)])
        #expect(doors(.v4Only(V4Only(time: 0))) == [.open, .refusing])
        #expect(doors(.v6Only(V6Only(time: 0))) == [.refusing, .open])
    }

    @Test func `of several the hardest holds`() {
        let stall = Fault.acceptStall(AcceptStall(backlog: 3, time: 0))
        let hole = Fault.v6Blackhole(V6Blackhole(time: 0))
        #expect(doors(stall, hole) == [.stalled(backlog: 3), .stalled(backlog: 3)])
        #expect(doors(stall, .v6Only(V6Only(time: 0))) == [.refusing, .stalled(backlog: 3)])
        #expect(doors(hole, .noop(Noop())) == [.open, .stalled(backlog: nil)])
    }

    @Test func `what acts at the door is drawn for a connection as it comes, and nothing else is`()
    {
        let plan = plan(
            .refuse(Refuse(time: 0)), .acceptReset(AcceptReset()),
            .latency(Latency(latency: 1, jitter: 0)))
        let key = DrawKey(connection: 3)
        #expect(plan.draw(key, isArrival: true).map(\.toxic.name) == ["1"])
        #expect(plan.draw(key).map(\.toxic.name) == ["2"])
        #expect(plan.draw(DrawKey(target: 1, attempt: 1, number: 1)).map(\.toxic.name) == ["2"])
        #expect(plan.hasArrivals && !plan.isEmpty)
    }

    // MARK: What they take

    private func refusal(_ words: String, _ abilities: ProtocolAbilities) -> String? {
        do throws(ToxicError) {
            try ToxicReading(words: words).toxic().check(on: abilities)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: ["refuse", "accept-stall backlog=2", "v6-blackhole", "v4-only", "v6-only"])
    func `a listener's fault takes its time only`(words: String) {
        for abilities in [http, tcp] {
            #expect(refusal("\(words) for=5s ttl=1h schedule=1s/3s", abilities) == nil)
            #expect(refusal("\(words) toxicity=1", abilities) == nil)
            for more in [
                "toxicity=0.5", "mode=exact", "exchanges=1", "client=10.0.0.0/8", "path=/a",
                "exchanges=2 per=client",
            ] {
                #expect(
                    refusal("\(words) \(more)", abilities)?.contains("for, ttl and schedule only")
                        == true, "\(more)")
            }
            #expect(refusal("\(words) stream=upstream", abilities)?.contains("downstream") == true)
        }
        #expect(refusal("\(words) delay=1s", http)?.contains("has no 'delay'") == true)
    }

    @Test(arguments: ["accept-delay delay=1s", "accept-reset", "accept-close"])
    func `a connection's fault takes what is known of a connection`(words: String) {
        for abilities in [http, tcp] {
            for more in ["toxicity=0.5", "exchanges=1...2", "client=::1", "mode=exact", "ttl=1s"] {
                #expect(refusal("\(words) \(more)", abilities) == nil, "\(more)")
            }
        }
        for more in ["path=/a", "method=GET", "header=x", "request=2"] {
            #expect(refusal("\(words) \(more)", http)?.contains("only client") == true, "\(more)")
        }
    }

    @Test(arguments: [
        "keepalive-race", "close-after requests=2", "idle-close after=1s", "lying-keep-alive",
        "connection-close-stays for=2s",
    ])
    func `what is about requests that follow each other needs http`(words: String) {
        #expect(refusal(words, http) == nil)
        #expect(refusal(words, tcp)?.contains("needs protocol http") == true)
    }

    @Test func `every one of them says what a client should make of it`() {
        let types = FaultType.allCases.filter { $0.place == .listener || $0.place == .connection }
        #expect(types.count == 13)
        for type in types {
            #expect(type.note.group != nil && type.note.expect != nil && type.note.level != nil)
            #expect(!type.rawValue.contains("_"))
        }
    }
}
