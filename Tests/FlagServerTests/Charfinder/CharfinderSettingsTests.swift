import Charfinder
import Testing

@testable import flagserver

struct CharfinderSettingsTests {
    private func described(_ arguments: String...) throws -> String? {
        try settings(LoneOptions.filled(arguments)).charfinder.map { "\($0)" }
    }

    @Test func `it is off unless it is asked for`() throws {
        #expect(try settings([]).charfinder == nil)
        #expect(try settings(["--charfinder=off"]).charfinder == nil)
        #expect(try settings(["--charfinder=Off"]).charfinder == nil)
    }

    @Test(arguments: [
        ("on", "tcp=2323,http=8888,edition=2"), ("0", "tcp=0,http=0,edition=2"),
        ("tcp=0,http=0", "tcp=0,http=0,edition=2"), ("tcp=99", "tcp=99,http=8888,edition=2"),
        ("http=off", "tcp=2323,http=off,edition=2"), ("edition=1", "tcp=2323,http=8888,edition=1"),
        ("HTTP=1,Edition=1e,tcp=off", "tcp=off,http=1,edition=1"),
        ("tcp=5, http=OFF", "tcp=5,http=off,edition=2"), ("ON", "tcp=2323,http=8888,edition=2"),
    ])
    func `what is typed is where it listens`(_ text: String, _ ports: String) throws {
        #expect(try described("--charfinder=\(text)") == ports)
        #expect(try described("--charfinder", text) == ports)
        // As it could be typed.
        #expect(try described("--charfinder=\(ports)") == ports)
    }

    @Test func `its name alone has the book's ports, or free ones if all are free`() throws {
        #expect(try described("--charfinder") == "tcp=2323,http=8888,edition=2")
        #expect(try described("--charfinder", "--seed", "1") == "tcp=2323,http=8888,edition=2")
        #expect(try described("--ports", "0", "--charfinder") == "tcp=0,http=0,edition=2")
        #expect(
            try described("--ports=0", "--charfinder=tcp=2323") == "tcp=2323,http=0,edition=2")
    }

    @Test(arguments: [
        ("tcp=x", "'x' is no port (0 to 65535) or off. Write tcp=2323."),
        ("tcp", "tcp has no port. Write tcp=2323."),
        ("http=", "'' is no port (0 to 65535) or off. Write http=8888."),
        ("tcpp=1", "'tcpp=1' is none of \(Self.words). Did you mean 'tcp'?"),
        ("8888", "'8888' is none of \(Self.words)."),
        ("edition=3", "'3' is no edition. Write edition=1 or edition=2."),
        ("tcp=1,tcp=2", "'tcp' is given twice."),
        ("tcp=5,http=5", "tcp and http cannot share port 5."),
    ])
    func `what is wrong is told, with what to write`(_ text: String, _ reason: String) {
        let refused = refusal { try settings(["--charfinder=\(text)"]) }
        #expect(refused?.reason == "--charfinder \(text): \(reason)")
        #expect(refused?.status == .usage)
    }

    private static let words = "tcp=2323, http=8888 and edition=2; on, off and 0 stand alone"

    @Test func `its ports are not another server's`() {
        #expect(
            refusal { try settings(["--charfinder=http=8001"]) }?.reason
                == "--charfinder: http and another server cannot share port 8001.")
        #expect(
            refusal { try settings(["--charfinder=on", "--control=2323"]) }?.reason.contains(
                "charfinder-tcp and the control port cannot share port 2323") == true)
        #expect(
            refusal { try settings(["--charfinder=on", "--proxy=a=8888=b:1"]) }?.reason
                == "--proxy: a and charfinder-http cannot share port 8888.")
        #expect(refusal { try settings(["--charfinder=tcp=off,http=off"]) } != nil)
    }

    @Test func `without flag servers it is enough`() throws {
        let alone = ["--ports=off", "--control=off", "--charfinder=0"]
        #expect(try settings(alone).charfinder != nil)
    }

    @Test func `its proxies take toxics, by their names`() throws {
        let both = try settings([
            "--charfinder=0", "--toxic=charfinder-tcp:respond 503=1",
            "--toxic=Charfinder-HTTP:latency latency=1s",
        ])
        #expect(
            CharfinderServer.allCases.map { both.charfinderProxies[$0]?.toxics.map(\.name) }
                == [["respond_upstream"], ["latency_downstream"]])
        #expect(
            refusal { try settings(["--toxic=charfinder-tcp:respond 503=1"]) }?.reason.hasSuffix(
                "proxy 'charfinder-tcp' is off (see --charfinder).") == true)
        #expect(
            refusal { try settings(["--proxy=charfinder-tcp=1=a:2"]) }?.reason.hasSuffix(
                "'charfinder-tcp' is the name of a server of --charfinder.") == true)
    }

    @Test func `what it draws is foretold`() throws {
        let some = try settings([
            "--charfinder=0", "--seed=42", "--toxic=charfinder-tcp:respond 503=1 toxicity=0.5",
        ])
        var proxy = try DrawnProxy("charfinder-tcp", some)
        let fates = try (1...40).map { attempt in
            try proxy.fate(target: "chess black", attempt: attempt, number: attempt).status
        }
        #expect(Set(fates) == ["503", nil])
        #expect(throws: CommandLineError.self) {
            _ = try DrawnProxy("charfinder-tcp", try settings([]))
        }
    }

    // MARK: Files, worlds and commands

    private func file(_ text: String) throws -> Settings { try Settings(configured: text) }

    @Test func `a file has it in its own words, with toxics and limits`() throws {
        #expect(try file("charfinder: on").charfinder?[.tcp] == 2323)
        #expect(try file("charfinder: off").charfinder == nil)
        #expect(try file("charfinder: 0").charfinder?[.http] == 0)
        let whole = try file(
            """
            charfinder: {tcp: 0, http: off, edition: 1}
            proxies:
              - name: charfinder-tcp
                toxics: [{type: latency, latency: 5ms}]
                max-concurrency: 2
            """)
        #expect(whole.charfinder.map { "\($0)" } == "tcp=0,http=off,edition=1")
        let own = try #require(whole.charfinderProxies[.tcp])
        #expect((own.toxics.count, own.limits.maxConcurrency) == (1, 2))
        #expect(own.protocol == .charfinder && whole.proxies.isEmpty)
    }

    @Test func `what is said of one that is off has no effect, and that is told`() throws {
        let said = "proxies: [{name: charfinder-tcp, toxics: [{type: noop}]}]"
        #expect(
            try file(said).notes == [
                "what the configuration says of charfinder-tcp has no effect: it is off"
            ])
        #expect(try file("charfinder: on\n" + said).notes == [])
    }

    @Test(arguments: ["listen: 9000", "upstream: a:1", "protocol: tcp", "enabled: false"])
    func `where it listens is not for its proxy to say`(_ key: String) {
        let refused = refusal {
            try file("charfinder: on\nproxies: [{name: charfinder-http, \(key)}]")
        }
        #expect(refused?.reason.contains("cannot be said of charfinder-http") == true)
        #expect(refused?.reason.contains("charfinder: {http: ") == true)
    }

    @Test func `what GET /proxies prints can be written back`() throws {
        let listing = try file(
            """
            {"charfinder-tcp": {"listen": "127.0.0.1:4000", "upstream": "127.0.0.1:33211"},
             "charfinder-http": {"listen": "127.0.0.1:4001", "upstream": "characters"}}
            """)
        #expect(listing.charfinder.map { "\($0)" } == "tcp=4000,http=4001,edition=2")
        #expect(listing.proxies.isEmpty && listing.ports.areAllOff)
    }

    @Test func `a world has what the daemon has, on free ports`() throws {
        let daemon = try settings(["--charfinder=tcp=4000,http=off,edition=1"])
        let world = try WorldRequest([], daemon: daemon).settings
        #expect(world.charfinder.map { "\($0)" } == "tcp=0,http=off,edition=1")
        #expect(try WorldRequest([], daemon: settings([])).settings.charfinder == nil)
        #expect(throws: CommandLineError.self) {
            _ = try WorldRequest(Array("charfinder: on".utf8), daemon: daemon)
        }
    }

    @Test func `a command finds both`() {
        let places = [
            ReadyFile.Place(
                name: "charfinder-tcp", url: "charfinder://localhost:4000", port: 4000),
            ReadyFile.Place(name: "charfinder-http", url: "http://localhost:4001", port: 4001),
        ]
        let inherited = [Array("FLAGS_CHARFINDER_URL=old".utf8CString)]
        let variables = RunEnvironment.variables(inherited: inherited, places: places, seed: 1)
            .map { String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) }
        #expect(
            variables == [
                "FLAGS_CHARFINDER_ADDRESS=localhost:4000",
                "FLAGS_CHARFINDER_URL=http://localhost:4001", "FLAGSERVER_SEED=1",
            ])
    }
}
