import HTTPWire

/// The attributes of one fault, checked against the schema, with the defaults filled in.
struct AttributeValues {
    private var values: [String: Quantity] = [:]
    /// Those that are given, by their names, in the order of these.
    private(set) var weights: [(name: String, weight: UInt32)] = []

    /// - Parameters:
    ///   - owner: the name of the fault.
    ///   - attributes: its schema.
    ///   - find: the attribute of a name.
    init(
        of owner: String, _ attributes: [Attribute], named find: (String) -> Attribute?,
        _ given: [String: Quantity]
    ) throws(FaultError) {
        for attribute in attributes where attribute.unit != .weight && attribute.unit != .text {
            values[attribute.name] = attribute.defaultQuantity
        }
        for (name, value) in given.sorted(by: { $0.key < $1.key }) {
            guard let attribute = find(name) else {
                throw Self.unknown(name, owner, attributes.map(\.name))
            }
            let value = try attribute.checked(value)
            if attribute.unit == .weight, case .number(let weight) = value {
                weights.append((attribute.name, UInt32(weight)))
            } else {
                values[attribute.name] = value
            }
        }
    }

    func number(_ name: String) -> Int64 {
        guard case .number(let number) = values[name] else { return 0 }
        return number
    }

    func time(_ name: String) -> Nanoseconds { Nanoseconds(number(name)) }

    func probability(_ name: String) -> Probability {
        guard case .fraction(let fraction) = values[name] else { return .never }
        return Probability(fraction) ?? .never
    }

    func word(_ name: String) -> String {
        if case .word(let word) = values[name] { word } else { "" }
    }

    /// nil if there is none.
    func text(_ name: String) -> String? {
        if case .text(let text) = values[name] { text } else { nil }
    }

    func fields(_ name: String) -> [HTTPField] {
        if case .fields(let fields) = values[name] { fields } else { [] }
    }

    /// All but the weights, by their names.
    var all: [String: Quantity] { values }

    private static func unknown(
        _ name: String, _ owner: String, _ names: [String]
    ) -> FaultError {
        let known =
            names.isEmpty
            ? "It has none."
            : "There \(names.count == 1 ? "is" : "are") \(FaultError.listed(names))."
        return FaultError("\(owner) has no attribute '\(name)'. \(known)")
    }
}
