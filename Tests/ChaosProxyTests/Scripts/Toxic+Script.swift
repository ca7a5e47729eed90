import Faults
import Testing

extension Toxic {
    /// A toxic of a script.
    ///
    /// - Parameter steps: what stands behind the empty line.
    static func script(_ steps: String, match: Match? = nil) throws -> Toxic {
        let script = try #require(try Script.read("What a test wants.\n\n\(steps)\n").first)
        return Toxic(.script(ScriptFault(script, [:])), stream: .upstream, match: match)
    }
}
