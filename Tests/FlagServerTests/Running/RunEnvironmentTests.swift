import Testing

@testable import flagserver

struct RunEnvironmentTests {
    private func place(_ name: String, _ url: String) -> ReadyFile.Place {
        ReadyFile.Place(name: name, url: url, port: 1)
    }

    private func variables(_ inherited: [String], _ places: [ReadyFile.Place]) -> [String] {
        RunEnvironment.variables(
            inherited: inherited.map { Array($0.utf8CString) }, places: places, seed: 42
        ).map { entry in
            String(decoding: entry.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    @Test func `flag servers and the control port are told, proxies are not`() {
        let places = [
            place("local", "http://localhost:1/flags"), place("delay", "http://localhost:2/flags"),
            place("error", "http://localhost:3/flags"), place("chaos", "http://localhost:4/flags"),
            place("fault", "http://localhost:7"),
            place("db", "tcp://localhost:5"), place("control", "http://localhost:6"),
        ]
        #expect(
            variables([], places) == [
                "FLAGS_LOCAL_URL=http://localhost:1/flags",
                "FLAGS_DELAY_URL=http://localhost:2/flags",
                "FLAGS_ERROR_URL=http://localhost:3/flags",
                "FLAGS_CHAOS_URL=http://localhost:4/flags",
                "FLAGS_FAULT_URL=http://localhost:7",
                "FLAGS_CONTROL_URL=http://localhost:6", "TOXIPROXY_URL=http://localhost:6",
                "FLAGSERVER_SEED=42",
            ])
    }

    @Test func `of the name server the address is told, as it can be asked`() {
        let places = [place("dns", "dns://localhost:53")]
        #expect(
            variables(["FLAGS_DNS_ADDRESS=x"], places)
                == ["FLAGS_DNS_ADDRESS=127.0.0.1:53", "FLAGSERVER_SEED=42"])
        #expect(variables([], [place("dns", "tcp://localhost:53")]) == ["FLAGSERVER_SEED=42"])
        #expect(variables([], [place("dns", "dns://[::1]:53")])[0] == "FLAGS_DNS_ADDRESS=[::1]:53")
    }

    @Test func `what is inherited stays in its order, and comes first`() {
        let inherited = ["B=2", "A=1", "PATH=/bin", "FLAGSERVER_DELAY=1", "EMPTY=", "A=again"]
        #expect(variables(inherited, []) == inherited + ["FLAGSERVER_SEED=42"])
    }

    @Test func `another run's servers and our line to systemd are not handed on`() {
        let inherited = [
            "FLAGS_LOCAL_URL=x", "FLAGS_DELAY_URL=x", "FLAGS_ERROR_URL=x", "FLAGS_CHAOS_URL=x",
            "FLAGS_FAULT_URL=x",
            "FLAGS_CONTROL_URL=x", "TOXIPROXY_URL=x", "FLAGSERVER_SEED=7", "NOTIFY_SOCKET=/x",
        ]
        #expect(variables(inherited, []) == ["FLAGSERVER_SEED=42"])
    }

    @Test func `the control port's token is handed on only if that is wanted`() {
        let inherited = ["FLAGSERVER_CONTROL_TOKEN=secret", "FLAGSERVER_CONTROL_TOKENS=1"]
        #expect(variables(inherited, []) == [inherited[1], "FLAGSERVER_SEED=42"])
        let found = RunEnvironment.variables(
            inherited: inherited.map { Array($0.utf8CString) }, places: [], seed: 42,
            token: "other")
        #expect(
            found.map { String(decoding: $0.dropLast().map(UInt8.init), as: UTF8.self) }
                == [inherited[1], "FLAGSERVER_SEED=42", "FLAGSERVER_CONTROL_TOKEN=other"])
    }

    @Test func `variables whose names only begin alike are somebody else's`() {
        let inherited = ["FLAGSERVER_SEEDS=1", "MY_TOXIPROXY_URL=x", "NOTIFY_SOCKETS=1"]
        #expect(variables(inherited, []) == inherited + ["FLAGSERVER_SEED=42"])
    }

    @Test func `what is not UTF-8 stays as it is`() {
        let odd = [CChar(bitPattern: 0x41), 0x3d, CChar(bitPattern: 0xff), 0]
        let found = RunEnvironment.variables(inherited: [odd], places: [], seed: 1)
        #expect(found.first == odd)
    }
}
