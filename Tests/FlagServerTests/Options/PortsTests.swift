import Testing

@testable import flagserver

struct PortsTests {
    private func ports(_ text: String, defaults: Ports = .firstEdition) throws -> [UInt16?] {
        let ports = try Ports(text, defaults: defaults)
        return FlagServer.allCases.map { ports[$0] }
    }

    @Test func `the editions have the book's ports`() {
        #expect(FlagServer.allCases == [.local, .delay, .error, .chaos, .fault])
        #expect(
            FlagServer.allCases.map { Ports.firstEdition[$0] } == [8001, 8002, 8003, 8004, 8005])
        #expect(
            FlagServer.allCases.map { Ports.secondEdition[$0] } == [8000, 8001, 8002, 8003, 8005])
    }

    @Test(
        arguments: [
            ("9001,9002,9003", [9001, 9002, 9003, 8004, 8005]), ("0", [0, 0, 0, 0, 0]),
            ("0,0,0", [0, 0, 0, 0, 0]), ("0,0,0,0", [0, 0, 0, 0, 0]),
            ("0,0,0,0,0", [0, 0, 0, 0, 0]),
            ("9001,9002,9003,9004", [9001, 9002, 9003, 9004, 8005]),
            ("1,2,3,4,5", [1, 2, 3, 4, 5]), ("1,2,3,off", [1, 2, 3, nil, 8005]),
            ("1,2,3,4,off", [1, 2, 3, 4, nil]), ("1,2,3,off,0", [1, 2, 3, nil, 0]),
            ("0,8002,0", [0, 8002, 0, 8004, 8005]), ("off,9002,off", [nil, 9002, nil, nil, 8005]),
            ("off,2,3,off", [nil, 2, 3, nil, 8005]), ("1,65535,2", [1, 65535, 2, 8004, 8005]),
            ("local=9001", [9001, 8002, 8003, 8004, 8005]),
            ("error=0", [8001, 8002, 0, 8004, 8005]), ("fault=0", [8001, 8002, 8003, 8004, 0]),
            ("Fault=off", [8001, 8002, 8003, 8004, nil]),
            ("delay=off", [8001, nil, 8003, 8004, 8005]),
            ("local=9001,error=0,delay=off", [9001, nil, 0, 8004, 8005]),
            ("local=9001,error=0,chaos=off", [9001, 8002, 0, nil, 8005]),
            ("LOCAL=1,Error=off", [1, 8002, nil, 8004, 8005]),
            ("Chaos=0", [8001, 8002, 8003, 0, 8005]),
            ("local=8002,delay=8001", [8002, 8001, 8003, 8004, 8005]),
            ("local=0,delay=0,error=0", [0, 0, 0, 8004, 8005]),
            ("local=off", [nil, 8002, 8003, nil, 8005]),
            ("local=off,chaos=off", [nil, 8002, 8003, nil, 8005]),
            ("off", [nil, nil, nil, nil, nil]), ("off,off,off", [nil, nil, nil, nil, 8005]),
            ("off,off,off,off,off", [nil, nil, nil, nil, nil]),
            ("local=off,delay=off,error=off", [nil, nil, nil, nil, 8005]),
        ] as [(String, [UInt16?])])
    func `ports are a list, a zero or changes`(text: String, expected: [UInt16?]) throws {
        #expect(try ports(text) == expected)
    }

    @Test func `changes are made to the edition's ports`() throws {
        #expect(try ports("delay=off", defaults: .secondEdition) == [8000, nil, 8002, 8003, 8005])
        #expect(try ports("error=9", defaults: .secondEdition) == [8000, 8001, 9, 8003, 8005])
        #expect(try ports("1,2,3", defaults: .secondEdition) == [1, 2, 3, 8003, 8005])
    }

    @Test(arguments: [
        "", "8001", "8001,8002", "1,2,3,4,5,6", ",", "0,0", "0,0,0,0,0,0", "nan", "local",
    ])
    func `a list has three to five entries`(text: String) {
        let error = refusal { try ports(text) }
        #expect(error?.status == .usage)
        #expect(
            error?.description
                == "--ports \(text): there are five servers. Write 8001,8002,8003,8004,8005, or 0 "
                + "for free ports, or off, or name those that differ: local=9001,error=off.")
    }

    @Test(arguments: [
        ("1,2,", ""), (",,", ""), ("1,2,x", "x"), ("1,-2,3", "-2"), ("1,2,65536", "65536"),
        ("1,2,1e3", "1e3"), ("1,0x10,3", "0x10"), ("1,２,3", "２"), ("1, 2,3", " 2"),
        ("1,2,3 ", "3 "), ("1.5,2,3", "1.5"), ("1,2,99999999999999999999", "99999999999999999999"),
        ("local=", ""), ("local=x", "x"), ("error=-1", "-1"), ("error=65536", "65536"),
        ("delay=1=2", "1=2"), ("delay=OFF", "OFF"), ("delay=http", "http"),
    ])
    func `what is no port is named`(text: String, entry: String) {
        let error = refusal { try ports(text) }
        #expect(error?.status == .usage)
        #expect(
            error?.description == "--ports \(text): '\(entry)' is no port (0 to 65535) or off.")
    }

    @Test(arguments: [
        ("locl=1", "locl=1", " Did you mean 'local'?"),
        ("errors=1", "errors=1", " Did you mean 'error'?"), ("web=1", "web=1", ""),
        ("local=1,origin=2", "origin=2", ""), ("=1", "=1", ""),
        (" local=1", " local=1", " Did you mean 'local'?"),
        ("local=1,", "", ""),
    ])
    func `a name that no server has is met with the nearest`(
        text: String, entry: String, hint: String
    ) {
        let error = refusal { try ports(text) }
        #expect(error?.status == .usage)
        #expect(
            error?.description
                == "--ports \(text): '\(entry)' does not name a server "
                + "(local, delay, error, chaos, fault).\(hint)")
    }

    @Test func `a server without a port is not asked whether it meant itself`() throws {
        let error = try #require(refusal { try ports("local,error=0") })
        #expect(!error.description.contains("Did you mean 'local'?"))
    }

    @Test(arguments: [
        ("1,1,2", "local and delay", 1), ("1,2,1", "local and error", 1),
        ("1,2,2", "delay and error", 2), ("local=8002", "local and delay", 8002),
        ("error=8001", "local and error", 8001), ("chaos=8001", "local and chaos", 8001),
        ("1,2,3,3", "error and chaos", 3), ("1,2,3,4,2", "delay and fault", 2),
        ("fault=8003", "error and fault", 8003),
    ])
    func `two servers cannot share a port`(text: String, names: String, port: Int) {
        let error = refusal { try ports(text) }
        #expect(error?.status == .usage)
        #expect(error?.description == "--ports \(text): \(names) cannot share port \(port).")
    }

    @Test(arguments: [("8004,2,3", "local"), ("1,2,8004", "error"), ("delay=8004", "delay")])
    func `who takes CHAOS's default port is told to give it another`(text: String, name: String) {
        let error = refusal { try ports(text) }
        #expect(
            error?.description == "--ports \(text): \(name) and chaos cannot share port 8004. "
                + "Give chaos another one too, or off.")
    }

    @Test(arguments: [("8005,2,3", "local"), ("1,2,3,8005", "chaos"), ("error=8005", "error")])
    func `who takes FAULT's default port is told the same`(text: String, name: String) {
        let error = refusal { try ports(text) }
        #expect(
            error?.description == "--ports \(text): \(name) and fault cannot share port 8005. "
                + "Give fault another one too, or off.")
    }

    @Test func `CHAOS goes with LOCAL, unless it is asked for`() throws {
        #expect(try Ports("local=off", defaults: .firstEdition).lacksLocal)
        #expect(try Ports("off,2,3", defaults: .firstEdition).lacksLocal)
        #expect(try !Ports("local=off,chaos=off", defaults: .firstEdition).lacksLocal)
        #expect(try !Ports("0", defaults: .firstEdition).lacksLocal)
        for text in ["local=off,chaos=1", "off,2,3,4", "chaos=0,local=off"] {
            let error = refusal { try ports(text) }
            #expect(error?.status == .usage)
            #expect(
                error?.description == "--ports \(text): chaos leads to local, which is off. Switch "
                    + "chaos off too, or use --proxy for another backend.")
        }
    }

    @Test func `only zeros are free ports for everything`() throws {
        for text in ["0", "0,0,0", "0,0,0,0", "0,0,0,0,0"] {
            #expect(try Ports(text, defaults: .firstEdition).areAllFree)
        }
        for text in ["0,0,1", "local=0,delay=0,error=0,chaos=0", "0,0,0,off"] {
            #expect(try !Ports(text, defaults: .firstEdition).areAllFree)
        }
    }

    @Test func `all may be off`() throws {
        for text in [
            "off", "off,off,off,off,off", "local=off,delay=off,error=off,fault=off",
        ] {
            let ports = try Ports(text, defaults: .secondEdition)
            #expect(ports.areAllOff && !ports.lacksLocal)
            #expect("\(ports)" == "local=off,delay=off,error=off,chaos=off,fault=off")
            #expect(try Ports("\(ports)", defaults: .firstEdition) == ports)
        }
        #expect(!Ports.firstEdition.areAllOff)
    }
}
