import Records

/// Families of metrics in Prometheus' text format 0.0.4.
struct MetricText {
    enum Kind: String { case counter, gauge, histogram }

    /// A thousand proxies have some thirty thousand samples: that is no place for interpolation.
    private(set) var bytes: [UInt8] = []

    /// Begins a family; its samples follow.
    mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        bytes += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n".utf8
    }

    /// - Parameters:
    ///   - labels: made by `label`, in the order of their names.
    ///   - value: a number as JSON has it.
    mutating func sample(_ name: String, _ labels: [String], _ value: String) {
        begin(sample: name, labels)
        bytes += value.utf8
        bytes.append(0x0a)
    }

    mutating func sample(_ name: String, _ labels: [String], _ value: UInt64) {
        begin(sample: name, labels)
        bytes.append(decimal: value)
        bytes.append(0x0a)
    }

    private mutating func begin(sample name: String, _ labels: [String]) {
        bytes += name.utf8
        for (index, label) in labels.enumerated() {
            bytes.append(index == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
            bytes += label.utf8
        }
        if !labels.isEmpty { bytes.append(UInt8(ascii: "}")) }
        bytes.append(0x20)
    }

    /// `proxy="a"`
    static func label(_ name: String, _ value: String) -> String {
        "\(name)=\"\(escaped(value))\""
    }

    private static func escaped(_ label: String) -> String {
        guard label.utf8.contains(where: { $0 == 0x5c || $0 == 0x22 || $0 == 0x0a }) else {
            return label
        }
        var text = ""
        for scalar in label.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// In seconds, exactly.
    static func seconds(_ nanoseconds: UInt64) -> String {
        let rest = "\(nanoseconds % 1_000_000_000 + 1_000_000_000)".dropFirst()
        let digits = String(rest.reversed().drop { $0 == "0" }.reversed())
        return "\(nanoseconds / 1_000_000_000)" + (digits.isEmpty ? "" : ".\(digits)")
    }
}
