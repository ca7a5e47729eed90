import TestSupport

typealias TemporaryDirectory = TestSupport.TemporaryDirectory

extension TemporaryDirectory {
    /// The smallest thing that passes for a flag: signature and a logical screen.
    static let gif = Array("GIF89a".utf8) + [1, 0, 1, 0, 0, 0, 0, 0x3b]

    /// A flag with its metadata.
    func country(_ code: String, _ name: String) throws {
        try write("flags/\(code)/\(code).gif", Self.gif)
        try write("flags/\(code)/metadata.json", #"{"country": "\#(name)"}"#)
    }
}
