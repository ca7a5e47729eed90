import ControlAPI
import Faults

/// A toxic as a control port tells of it.
struct RemoteToxic {
    let name: String
    let type: String
    let stream: String
    /// From 0 to 1.
    let toxicity: Double
    /// In the units of Toxiproxy's interface, as they are spelled.
    let attributes: [(name: String, value: String)]
    /// nil if it is of a type that only another program knows.
    let toxic: Toxic?

    /// - Returns: nil if it is none.
    init?(_ json: JSONValue) {
        guard let name = json["name"]?.text, let type = json["type"]?.text else { return nil }
        (self.name, self.type) = (name, type)
        stream = json["stream"]?.text ?? ""
        toxicity = json["toxicity"]?.digits.flatMap(Double.init) ?? 1
        attributes = (json["attributes"]?.members ?? []).map { member in
            (member.name, member.value.digits ?? member.value.text ?? JSONWriter.text(member.value))
        }
        toxic = try? ToxicCoding.toxic(json)
    }

    /// With its share and its conditions.
    var words: String {
        let share = Notation.shortest(toxicity * 100)
        return toxic?.wordsWithShare ?? "\(share) % → \(type) \(stream)"
    }

    /// A line as toxiproxy-cli prints it.
    var line: String {
        let attributes = attributes.sorted { $0.name < $1.name }.map { "\t\($0.name)=\($0.value)" }
        return "\(name)\ttype=\(type)\tstream=\(stream)\ttoxicity=\(Self.hundredths(toxicity))\t"
            + "attributes=[\(attributes.joined())\t]\n"
    }

    /// With two digits behind the point.
    private static func hundredths(_ value: Double) -> String {
        let whole = Int((min(max(value, 0), 1e6) * 100).rounded())
        return "\(whole / 100).\(String(100 + whole % 100).dropFirst())"
    }
}
