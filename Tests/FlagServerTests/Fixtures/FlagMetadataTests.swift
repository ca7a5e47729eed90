import Testing

@testable import flagserver

/// The country of a flag, as its `metadata.json` names it.
@Suite struct FlagMetadataTests {
    private func country(_ text: String) throws -> String {
        try Array(text.utf8).withUnsafeBytes { try FlagMetadata($0).country }
    }

    @Test(arguments: [
        (#"{"country":"Fiji"}"#, "Fiji"), (" {\n\"country\" : \"\" }\r\n", ""),
        (#"{"a":[{}],"country":"C\u00f4te","b":-1.5e3}"#, "Côte"),
        (#"{"country":1,"country":"Fiji"}"#, "Fiji"), (#"{"Country":1,"country":"Fiji"}"#, "Fiji"),
    ])
    func `the country is found among anything else`(text: String, name: String) throws {
        #expect(try country(text) == name)
    }

    @Test(arguments: ["", "{", "{]", "{\"country\":\"Fiji\"}}", "{country:1}"])
    func `what is no JSON`(text: String) {
        #expect(throws: FlagMetadata.Failure.noObject) { try country(text) }
    }

    @Test(arguments: ["{}", "[]", "3", "null", #"{"country":"Fiji","country":null}"#])
    func `JSON without a country`(text: String) {
        #expect(throws: FlagMetadata.Failure.noCountry) { try country(text) }
    }
}
