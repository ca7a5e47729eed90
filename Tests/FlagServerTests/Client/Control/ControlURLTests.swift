import Testing

@testable import flagserver

struct ControlURLTests {
    @Test(arguments: [
        ("http://localhost:9000", "http://localhost:9000"),
        ("localhost:9000/", "http://localhost:9000"),
        ("localhost", "http://localhost:8474"), ("http://toxi", "http://toxi:80"),
        ("HTTP://[::1]:8474/", "http://[::1]:8474"), ("127.0.0.1:1", "http://127.0.0.1:1"),
        ("http://a:1/base/", "http://a:1/base"), ("[::1]", "http://[::1]:8474"),
    ])
    func `a URL is one with or without scheme, port and path`(text: String, wanted: String) throws {
        #expect(try ControlURL(text, from: "--url").description == wanted)
    }

    @Test(arguments: [
        "", "http://", "ftp://a", "a:99999", "http://a:b", "http://u@a", "a b", "http://a/x y",
        "http://a/?x", "http://a:1:2", "/path",
    ])
    func `another text is none`(text: String) {
        let error = refusal { try ControlURL(text, from: "FLAGS_CONTROL_URL") }
        #expect(error?.status == .usage)
        #expect(
            error?.reason
                == "FLAGS_CONTROL_URL \(text) is no control port's URL. Write "
                + "http://localhost:8474.")
    }

    @Test func `TLS is not spoken there`() {
        #expect(
            refusal { try ControlURL("https://a:1", from: "--url") }?.reason
                == "--url https://a:1: a control port speaks http, not TLS.")
    }

    @Test func `what is typed comes before the variables, in their order`() throws {
        func found(_ typed: String?, _ variables: [String: String]) throws -> String {
            try ControlURL.find(
                typed, as: "--url", variables: ClientManner.flagserver.variables
            ) { variables[$0] }.description
        }
        let both = ["FLAGS_CONTROL_URL": "http://a:1/", "TOXIPROXY_URL": "b:2"]
        #expect(try found("c:3", both) == "http://c:3")
        #expect(try found(nil, both) == "http://a:1")
        #expect(try found(nil, ["FLAGS_CONTROL_URL": "", "TOXIPROXY_URL": "b:2"]) == "http://b:2")
        #expect(try found(nil, [:]) == "http://localhost:8474")
        let wrong = refusal { try found(nil, ["TOXIPROXY_URL": "::"]) }
        #expect(wrong?.reason.hasPrefix("TOXIPROXY_URL :: is no") == true)
    }
}
