@testable import ChaosProxy
@testable import ControlAPI
@testable import Faults

/// Toxics and proxies as JSON: what is shown of one is read back as the same.
enum FuzzToxics {
    static func check(_ bytes: UnsafeRawBufferPointer) throws {
        guard let value = try taken({ try JSONReader.read(bytes) }) else { return }
        for mode in [APIOptions.Mode.flagserver, .toxiproxy] { try check(value, mode) }
        try checkProxies(value)
    }

    private static func check(_ value: JSONValue, _ mode: APIOptions.Mode) throws {
        let unknown: JSONFields.UnknownKeys =
            mode == .toxiproxy ? .told { precondition(!$0.isEmpty) } : .refused
        let toxic = try taken {
            let fields = try JSONFields(value, type: "Toxic", unknown: unknown)
            return try ToxicCoding.toxic(fields, mode)
        }
        guard let toxic else { return }
        let shown = ToxicCoding.json(toxic)
        // What the peer takes beyond our own rules, it alone can be given again.
        let fields = try JSONFields(shown, type: "Toxic")
        let again = try ToxicCoding.toxic(fields, mode)
        let text = JSONWriter.text(shown)
        let textAgain = JSONWriter.text(ToxicCoding.json(again))
        try hold(text == textAgain, "\(text) is read as \(textAgain)")
        // Shares of scripts are shown rounded.
        try hold(again == toxic || toxic.fault.type.isScript, "\(text) is read as another one")
        let changed = try ToxicCoding.changed(toxic, fields, mode)
        try hold(
            JSONWriter.text(ToxicCoding.json(changed)) == text,
            "\(text) is changed by itself")
        try FuzzPipelines.draw(toxic)
    }

    private static func checkProxies(_ value: JSONValue) throws {
        let specifications = try taken {
            try ProxyCoding.specifications(value, APIOptions(), .refused)
        }
        for specification in specifications ?? [] {
            guard let mix = specification.mix else { continue }
            try FuzzMixes.checkAgain(mix)
        }
        _ = try taken { try LimitsCoding.changes(try JSONFields(value, type: "Proxy")) }
    }
}
