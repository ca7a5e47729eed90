import Testing

@testable import HTTPWire

@Suite struct HostFieldTests {
    private func isValid(_ text: String, needsHost: Bool = false, needsPort: Bool = false) -> Bool {
        Array(text.utf8).withUnsafeBytes {
            HostField.isValid($0, needsHost: needsHost, needsPort: needsPort)
        }
    }

    @Test(arguments: [
        "", "localhost", "localhost:8001", "127.0.0.1:80", "a%41b:8", "a.b-c_d~!$&'()*+,;=",
        "[::1]", "[::1]:80", "[::]", "[1:2:3:4:5:6:7:8]", "[1::8]", "[::ffff:1.2.3.4]",
        "[1:2:3:4:5:6:1.2.3.4]", "[fe80::a:0]:", "[v1.a:b]", "host:",
    ])
    func `a host is a name or an address, with or without port`(text: String) {
        #expect(isValid(text))
    }

    @Test(arguments: [
        "%", "%4", "%zz", "[zz]", "[::g]", "[1.2.3.4]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]",
        "[1::2::3]", "[:1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:]", "[:::]", "[::1", "::1]", "[]", "[v1]",
        "[v.a]", "[::1]x", "a b", "a/b", "a@b", "a:b", "a:123456", "[12345::]", "[::1.2.3.256]",
        "[::01.2.3.4]", "a[b]", "[::ffff:1.2.3]",
    ])
    func `everything else is refused`(text: String) {
        #expect(!isValid(text))
    }

    @Test func `a URL needs a host and CONNECT a port`() {
        #expect(!isValid(":80", needsHost: true) && !isValid("", needsHost: true))
        #expect(isValid("a:80", needsHost: true, needsPort: true))
        for text in ["a", "a:", ":80", "[::1]"] {
            #expect(!isValid(text, needsHost: true, needsPort: true))
        }
    }
}
