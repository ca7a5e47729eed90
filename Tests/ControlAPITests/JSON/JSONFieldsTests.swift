import Testing

@testable import ControlAPI

@Suite struct JSONFieldsTests {
    private func fields(_ text: String) throws -> JSONFields {
        let value = try Array(text.utf8).withUnsafeBytes { try JSONReader.read($0) }
        return try JSONFields(value, type: "Proxy")
    }

    private func refusal(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func `names match in any case and the last one wins`() throws {
        let fields = try fields(#"{"NAME":"a","Name":"b","name":null,"other":1}"#)
        #expect(try fields.string("name") == "b")
        #expect(try fields.string("listen") == nil)
        #expect(fields.has("other") && !fields.has("listen"))
    }

    @Test func `objects of one name are merged`() throws {
        let fields = try fields(#"{"a":{"x":1,"y":2},"A":{"X":3},"a":null}"#)
        let merged = try fields.object("a", type: "T")
        #expect(try merged?.integer("x") == 3)
        #expect(try merged?.integer("y") == 2)
    }

    @Test func `null is an object without members`() throws {
        #expect(try fields("null").string("name") == nil)
    }

    @Test func `other types are refused in Go's words`() throws {
        #expect(
            refusal { _ = try fields("{\"enabled\":\"yes\"}").bool("enabled") }
                == "json: cannot unmarshal string into Go struct field Proxy.enabled of type bool")
        #expect(
            refusal { _ = try fields("{\"name\":5}").string("name") }
                == "json: cannot unmarshal number into Go struct field Proxy.name of type string")
        #expect(
            refusal { _ = try fields("[]") }
                == "json: cannot unmarshal array into Go value of type toxiproxy.Proxy")
    }

    @Test(arguments: ["1.5", "1e3", "9223372036854775808", "1.0"])
    func `only whole numbers of 64 bits are integers`(_ text: String) {
        #expect(
            refusal { _ = try fields("{\"n\":\(text)}").integer("n") }
                == "json: cannot unmarshal number \(text) into Go struct field Proxy.n "
                + "of type int64")
    }

    @Test func `integers reach to both ends of 64 bits`() throws {
        #expect(try fields("{\"n\":9223372036854775807}").integer("n") == .max)
        #expect(try fields("{\"n\":-9223372036854775808}").integer("n") == .min)
    }

    @Test func `a fraction must be finite`() throws {
        #expect(try fields("{\"n\":1e-400}").fraction("n") == 0)
        #expect(refusal { _ = try fields("{\"n\":1e400}").fraction("n") } != nil)
    }
}
