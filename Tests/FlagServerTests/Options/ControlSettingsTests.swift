import EventLoop
import Testing

@testable import flagserver

struct ControlSettingsTests {
    private func control(_ arguments: [String]) throws -> ControlSettings {
        try settings(arguments).control
    }

    @Test func `by default it is 8474 on the loopbacks for everybody there`() throws {
        let control = try control([])
        #expect(control.port == 8474)
        #expect(control.bind == .loopback)
        #expect(control.token == nil)
        #expect(control.allowedHosts.isEmpty)
    }

    @Test func `free ports for all are one for the control port as well`() throws {
        #expect(try control(["--ports", "0"]).port == 0)
        #expect(try control(["--ports", "0", "--control", "8474"]).port == 8474)
        #expect(try control(["--ports", "1,2,3"]).port == 8474)
        #expect(try control(["--ports", "1,2,3,4"]).port == 8474)
        #expect(try control(["--ports", "error=0"]).port == 8474)
    }

    @Test func `a port, a free one, or off`() throws {
        #expect(try control(["--control", "9999"]).port == 9999)
        #expect(try control(["--control", "0"]).port == 0)
        #expect(try control(["--control", "off"]).port == nil)
        for text in ["", "on", "65536", "-1", "8474/"] {
            #expect(
                refusal { try control(["--control", text]) }?.description
                    == "--control \(text) is no port (0 to 65535) or off.")
        }
    }

    @Test(arguments: ["loopback", "localhost", "127.0.0.1", "127.0.0.2", "::1"])
    func `on a loopback nobody is asked for a token`(text: String) throws {
        #expect(try control(["--control-bind", text]).token == nil)
    }

    @Test(arguments: ["all", "0.0.0.0", "::", "192.0.2.7", "2001:db8::7"])
    func `elsewhere a token is needed`(text: String) throws {
        let error = refusal { try control(["--control-bind", text]) }
        #expect(error?.status == .usage)
        #expect(
            error?.description == "--control-bind \(text) lets other machines change the servers. "
                + "Say who may with --control-token <token>.")
        let arguments = ["--control-bind", text, "--control-token", "secret"]
        #expect(try control(arguments).token == "secret")
        #expect(try control(["--control-bind", text, "--control", "off"]).port == nil)
    }

    @Test func `an address that is none is refused under its option's name`() {
        #expect(
            refusal { try control(["--control-bind", "here"]) }?.description
                == "--control-bind here is no address. Write loopback, all, or one like 192.0.2.7.")
    }

    @Test(arguments: ["", "a b", "a\n", "é", "\u{7f}"])
    func `a token that cannot be sent is refused`(text: String) {
        #expect(
            refusal { try control(["--control-token", text]) }?.description
                == "--control-token must be visible ASCII characters without blanks.")
    }

    @Test func `hosts are names without port, in any case, any number of times`() throws {
        let hosts = ["--allowed-host", "My-Laptop.local", "--allowed-host", "192.0.2.7"]
        #expect(try control(hosts).allowedHosts == ["my-laptop.local", "192.0.2.7"])
        #expect(try control(["--allowed-host", "[::1]"]).allowedHosts == ["[::1]"])
        for text in ["", "a:80", "http://a", "a/b", "*"] {
            #expect(
                refusal { try control(["--allowed-host", text]) }?.description
                    == "--allowed-host \(text) is no host name. Write it without port: "
                    + "my-laptop.local.")
        }
    }

    @Test func `it cannot share a port with a flag server`() {
        #expect(
            refusal { try control(["--control", "8001"]) }?.description
                == "local and the control port cannot share port 8001. Use --control with another "
                + "port, or off.")
        #expect(
            refusal { try control(["--ports", "1,2,8474"]) }?.description
                == "error and the control port cannot share port 8474. Use --control with another "
                + "port, or off.")
    }
}
