import HTTPWire
import TestSupport
import Testing

@testable import ControlAPI

@Suite struct QueryFieldsTests {
    private func fields(_ target: String) throws -> QueryFields {
        try withRequest("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n") { try QueryFields($0) }
    }

    /// The words of a refusal; empty if there is none.
    private func refusal(_ target: String, known: [String]) throws -> String {
        let fields = try fields(target)
        do throws(APIError) {
            try fields.check(known)
            return ""
        } catch {
            #expect(error.status == 400)
            return error.description
        }
    }

    @Test(arguments: [
        ("x", ""), ("qq", ""), ("b", " Did you mean 'ab'?"), ("ax", " Did you mean 'ab'?"),
        ("limt", " Did you mean 'limit'?"),
    ])
    func `a name of one letter is not what another was meant to be`(
        _ name: String, _ hint: String
    ) throws {
        let known = ["q", "ab", "limit"]
        #expect(try refusal("/?\(name)=1", known: known) == "unknown parameter '\(name)'.\(hint)")
        #expect(try refusal("/?q=1&\(name)", known: known + [name]).isEmpty)
    }

    @Test func `fields stand in their order, each with what is behind its first sign`() throws {
        let query = try fields("/path?a=1=2&b&&c=+%26&d=&%61b?=x")
        #expect(query.fields.map { $0.name } == ["a", "b", "c", "d", "ab?"])
        #expect(query.fields.map { $0.value } == ["1=2", "", " &", "", "x"])
        #expect(query["c"] == " &" && query["b"]?.isEmpty == true && query["e"] == nil)
        for target in ["/path", "/path?", "/path?&"] {
            #expect(try fields(target).fields.isEmpty)
        }
    }
}
